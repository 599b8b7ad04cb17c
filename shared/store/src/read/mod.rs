//! Reading: one query for every list.

mod audit;
mod purge;
pub(crate) mod records;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::Select};
use intake::{
    Result,
    types::{Page, PageRequest},
};
use serde::de::DeserializeOwned;

use crate::{
    DynamoStore, fault,
    item::{self, Item, text, text_of},
    keys::Key,
    page,
};

/// A page ends after so many bytes of items, however many are asked for: what others write decides how large an item is.
/// DynamoDB itself ends a query after 1 MB (Query, "LastEvaluatedKey"), so that a page holds at most 1.5 MB.
const ENOUGH: usize = 512 * 1024;
/// How many items are read at once behind an index: an item has up to 400 KB, and a batch read 16 MB.
const AT_ONCE: usize = 25;

/// What a query asks for.
pub(crate) struct List<'a> {
    /// The index; None for the base table.
    index: Option<u8>,
    partition: String,
    /// Only sort keys that begin so.
    prefix: Option<&'a str>,
    /// Only sort keys from the first to the second.
    between: Option<(String, String)>,
    newest_first: bool,
}

impl<'a> List<'a> {
    /// Of an index, newest first.
    pub(crate) fn index(n: u8, partition: impl Into<String>) -> Self {
        Self { index: Some(n), partition: partition.into(), prefix: None, between: None, newest_first: true }
    }

    /// Of the base table, oldest first.
    pub(crate) fn base(partition: impl Into<String>, prefix: Option<&'a str>) -> Self {
        Self { index: None, partition: partition.into(), prefix, between: None, newest_first: false }
    }

    pub(crate) fn oldest_first(self) -> Self {
        Self { newest_first: false, ..self }
    }

    /// Only sort keys from the first to the second.
    pub(crate) fn between(self, first: String, last: String) -> Self {
        Self { between: Some((first, last)), ..self }
    }

    pub(crate) fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// The names of its partition and sort key.
    fn names(&self) -> (String, String) {
        match self.index {
            Some(n) => (format!("gsi{n}pk"), format!("gsi{n}sk")),
            None => ("pk".to_owned(), "sk".to_owned()),
        }
    }

    fn bounds<'b>(&'b self, names: (&'b str, &'b str)) -> page::Bounds<'b> {
        let between = self.between.as_ref().map(|(first, last)| (first.as_str(), last.as_str()));
        page::Bounds { names, partition: &self.partition, prefix: self.prefix, between }
    }
}

impl DynamoStore {
    /// The record of one item, or nothing.
    pub(crate) async fn object<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        self.record(key, item::carried).await
    }

    /// The same of a record that is read in its own way.
    pub(crate) async fn record<T>(&self, key: &Key, read: impl Fn(&Item) -> Result<T>) -> Result<Option<T>> {
        self.get(key).await?.as_ref().map(read).transpose()
    }

    /// The items of one page: as many as are asked for, or fewer where they are large.
    pub(crate) async fn items(&self, list: &List<'_>, request: &PageRequest) -> Result<Page<Item>> {
        let (pk, sk) = list.names();
        let bounds = list.bounds((&pk, &sk));
        let mut start = request.cursor.as_deref().map(|c| page::from_cursor(c, &bounds)).transpose()?;
        let limit = usize::try_from(request.limit).unwrap_or(200);
        let (mut items, mut bytes) = (Vec::new(), 0);
        loop {
            let rest = i32::try_from(limit - items.len()).unwrap_or(200);
            let behind_key = start.is_some();
            let query = self.query(list, (&pk, &sk)).limit(rest).set_exclusive_start_key(start.take());
            let answer = query.send().await.map_err(|error| {
                if behind_key { fault::meaning_behind_key(&error) } else { fault::meaning(&error) }
            })?;
            let entries = answer.items.unwrap_or_default();
            let mut last = answer.last_evaluated_key;
            if list.index.is_none() {
                bytes += entries.iter().map(size).sum::<usize>();
                items.extend(entries);
            } else {
                // An index has keys alone: how large the items are shows when they are read.
                for (n, some) in entries.chunks(AT_ONCE).enumerate() {
                    let found = self.behind(some, &pk).await?;
                    bytes += found.iter().map(size).sum::<usize>();
                    items.extend(found);
                    if bytes >= ENOUGH && (n + 1) * AT_ONCE < entries.len() {
                        last = some.last().map(|entry| page::key_of(entry, ["pk", "sk", &pk, &sk]));
                        break;
                    }
                }
            }
            match last {
                Some(key) if items.len() < limit && bytes < ENOUGH => start = Some(key),
                last => return Ok(Page { items, next: last.as_ref().map(page::to_cursor) }),
            }
        }
    }

    /// How many entries a list has, counted to `most` and to where DynamoDB ends a query.
    pub(crate) async fn count(&self, list: &List<'_>, most: u32) -> Result<u64> {
        let (pk, sk) = list.names();
        let query =
            self.query(list, (&pk, &sk)).select(Select::Count).limit(i32::try_from(most).unwrap_or(200));
        let answer = query.send().await.map_err(|error| fault::meaning(&error))?;
        Ok(u64::try_from(answer.count).unwrap_or(0))
    }

    fn query(&self, list: &List<'_>, (pk, sk): (&str, &str)) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&*self.table).scan_index_forward(!list.newest_first);
        let query = match list.index {
            Some(n) => query.index_name(format!("gsi{n}")),
            None => query.consistent_read(true),
        };
        let query = query
            .expression_attribute_names("#pk", pk)
            .expression_attribute_values(":pk", text(&list.partition));
        match (&list.between, list.prefix) {
            (Some((first, last)), _) => query
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
                .expression_attribute_names("#sk", sk)
                .expression_attribute_values(":first", text(first))
                .expression_attribute_values(":last", text(last)),
            (None, Some(prefix)) => query
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                .expression_attribute_names("#sk", sk)
                .expression_attribute_values(":prefix", text(prefix)),
            (None, None) => query.key_condition_expression("#pk = :pk"),
        }
    }

    /// The items of the table that entries of an index stand for, in their order. An index lags: what has gone meanwhile,
    /// or belongs elsewhere, is left out, and what is there is as it is now.
    async fn behind(&self, entries: &[Item], partition: &str) -> Result<Vec<Item>> {
        let keys: Vec<Key> = entries.iter().filter_map(key_of).collect();
        let there = self.get_all(&keys).await?;
        let mut there: BTreeMap<Key, Item> =
            there.into_iter().filter_map(|item| Some((key_of(&item)?, item))).collect();
        let now = entries.iter().filter_map(|entry| {
            let item = there.remove(&key_of(entry)?)?;
            (item.get(partition) == entry.get(partition)).then_some(item)
        });
        Ok(now.collect())
    }

    /// The records of one page.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        list: &List<'_>,
        request: &PageRequest,
    ) -> Result<Page<T>> {
        self.records(list, request, item::carried).await
    }

    /// The same of records that are read in their own way.
    pub(crate) async fn records<T>(
        &self,
        list: &List<'_>,
        request: &PageRequest,
        read: impl Fn(&Item) -> Result<T>,
    ) -> Result<Page<T>> {
        let page = self.items(list, request).await?;
        Ok(Page { items: page.items.iter().map(read).collect::<Result<_>>()?, next: page.next })
    }
}

/// About its bytes: of its texts, which are nearly all of it.
fn size(item: &Item) -> usize {
    item.values().filter_map(|value| value.as_s().ok()).map(String::len).sum()
}

fn key_of(item: &Item) -> Option<Key> {
    Some(Key::new(text_of(item, "pk")?, text_of(item, "sk")?))
}

//! The audit, which lies in a partition a month. It is read, and nothing else: entries are added by the transaction of
//! what they tell of (`changes`), and nothing changes or deletes one.

use async_trait::async_trait;
use intake::{
    Error, Result, Timestamp,
    ports::Trail,
    types::{
        Page, PageRequest,
        audit::{AuditEntry, AuditFilter},
        ids::AuditId,
    },
};

use super::List;
use crate::{
    DynamoStore,
    item::{self, Item},
    keys::{self, Key},
    page,
};

/// The first month in which an audit entry can lie.
const FIRST_MONTH: &str = "AUDIT#2026-11";
/// The most entries that one call looks at: what is rare is found over several pages.
const LOOKED_AT: usize = 2_000;
/// How many are read at once.
const AT_ONCE: u32 = 200;
/// The random part of an identifier is at most this.
const HIGHEST: u128 = (1 << 80) - 1;

#[async_trait]
impl Trail for DynamoStore {
    /// Newest first, month by month.
    async fn audit(
        &self,
        filter: &AuditFilter,
        now: Timestamp,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>> {
        let limit = usize::try_from(request.limit).unwrap_or(200);
        let mut found = Page { items: Vec::new(), next: None };
        let Some((first, last)) = bounds(filter) else { return Ok(found) };
        let (mut month, mut cursor) = match &request.cursor {
            Some(cursor) => split(cursor)?,
            None => (keys::audit_month(filter.until.unwrap_or(Timestamp::MAX).min(now)), None),
        };
        let oldest = filter.since.map_or_else(|| FIRST_MONTH.to_owned(), keys::audit_month);
        let mut looked_at = 0;
        while month.as_str() >= FIRST_MONTH && month >= oldest {
            let list = List::base(month.clone(), None).between(first.clone(), last.clone()).newest_first();
            let part = self.items(&list, &PageRequest { limit: AT_ONCE, cursor: cursor.take() }).await?;
            for item in &part.items {
                let entry: AuditEntry = item::carried(item)?;
                looked_at += 1;
                let full = {
                    if filter.wants(&entry) {
                        found.items.push(entry);
                    }
                    found.items.len() >= limit || looked_at >= LOOKED_AT
                };
                if full {
                    found.next = Some(joined(&month, &place(item)));
                    return Ok(found);
                }
            }
            match (part.next, month_before(&month)) {
                (Some(next), _) => cursor = Some(next),
                (None, Some(before)) => month = before,
                (None, None) => break,
            }
        }
        Ok(found)
    }
}

/// Identifiers sort by time. None where nothing can lie in between.
fn bounds(filter: &AuditFilter) -> Option<(String, String)> {
    let first = filter.since.unwrap_or(Timestamp::UNIX_EPOCH);
    let last = filter
        .until
        .map_or_else(|| "aud_~".to_owned(), |until| AuditId::from_parts(until, HIGHEST).to_string());
    let first = AuditId::from_parts(first, 0).to_string();
    (first <= last).then_some((first, last))
}

/// A cursor: the month, and the place in it.
fn joined(month: &str, place: &str) -> String {
    format!("{}.{place}", month.trim_start_matches("AUDIT#"))
}

fn split(cursor: &str) -> Result<(String, Option<String>)> {
    let (month, rest) = cursor.split_once('.').ok_or_else(Error::invalid_cursor)?;
    let month = format!("AUDIT#{month}");
    if !is_month(&month) || rest.is_empty() {
        return Err(Error::invalid_cursor());
    }
    Ok((month, Some(rest.to_owned())))
}

/// Whether entries can lie in a partition.
fn is_month(month: &str) -> bool {
    let at_end = month.strip_prefix("AUDIT#").map(|month| format!("{month}-01T00:00:00Z"));
    let is_time = at_end.and_then(|time| time.parse::<Timestamp>().ok());
    is_time.is_some_and(|time| keys::audit_month(time) == month) && month >= FIRST_MONTH
}

fn place(item: &Item) -> String {
    let part = |name| item::text_of(item, name).unwrap_or_default().to_owned();
    let key = Key::new(part("pk"), part("sk"));
    page::to_cursor(&[("pk".to_owned(), item::text(key.pk)), ("sk".to_owned(), item::text(key.sk))].into())
}

/// The partition of the month before; None before the first.
fn month_before(month: &str) -> Option<String> {
    let (year, of_year) = month.strip_prefix("AUDIT#")?.split_once('-')?;
    let (year, of_year): (u32, u32) = (year.parse().ok()?, of_year.parse().ok()?);
    let (year, of_year) = if of_year <= 1 { (year.checked_sub(1)?, 12) } else { (year, of_year - 1) };
    let before = format!("AUDIT#{year:04}-{of_year:02}");
    (before.as_str() >= FIRST_MONTH).then_some(before)
}

//! The store port: reads, and the few writes that are no transactions.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use intake::{
    Error, Result, Timestamp,
    ports::{
        Change, IssueFilter, Lease, LeaseOutcome, LeaseTarget, Lookup, LookupHits, MessageFilter, Remembered,
        Store, StoreError, ThreadKey,
    },
    types::{
        Page, PageRequest,
        attempt::{Attempt, AttemptStatus, Opening},
        audit::AuditEntry,
        grant::Grant,
        ids::{AttachmentId, AttemptId, GrantId, IntegrationId, MailboxId, MessageId, TokenId},
        integration::Integration,
        issue::{Attachment, Comment, Issue},
        mailbox::{Mailbox, MailboxStatus, Run, ScheduleRow},
        message::Message,
        project::{IssueKey, Project, ProjectKey},
        token::{ApiToken, Session},
    },
};
use serde::de::DeserializeOwned;

use crate::{
    DynamoStore, fault,
    item::{self, Item, number, number_of, text, text_of},
    keys::{self, Key},
    page,
};

/// The first month in which an audit entry can lie.
const FIRST_MONTH: &str = "AUDIT#2026-11";

/// What a query asks for.
struct List<'a> {
    /// The index; None for the base table.
    index: Option<u8>,
    partition: String,
    /// Only sort keys that begin so.
    prefix: Option<&'a str>,
    newest_first: bool,
}

impl<'a> List<'a> {
    fn index(n: u8, partition: impl Into<String>) -> Self {
        Self { index: Some(n), partition: partition.into(), prefix: None, newest_first: true }
    }

    fn base(partition: impl Into<String>, prefix: Option<&'a str>) -> Self {
        Self { index: None, partition: partition.into(), prefix, newest_first: false }
    }

    fn oldest_first(self) -> Self {
        Self { newest_first: false, ..self }
    }
}

impl DynamoStore {
    async fn object<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        self.get(key).await?.as_ref().map(item::carried).transpose()
    }

    async fn items(&self, list: &List<'_>, request: &PageRequest) -> Result<Page<Item>> {
        let (pk, sk) = match list.index {
            Some(n) => (format!("gsi{n}pk"), format!("gsi{n}sk")),
            None => ("pk".to_owned(), "sk".to_owned()),
        };
        let mut start =
            request.cursor.as_deref().map(|c| page::from_cursor(c, (&pk, &list.partition))).transpose()?;
        let limit = usize::try_from(request.limit).unwrap_or(200);
        let mut items = Vec::new();
        loop {
            let rest = i32::try_from(limit - items.len()).unwrap_or(200);
            let mut query = self
                .client
                .query()
                .table_name(&*self.table)
                .limit(rest)
                .scan_index_forward(!list.newest_first);
            query = match list.index {
                Some(n) => query.index_name(format!("gsi{n}")),
                None => query.consistent_read(true),
            };
            query = query
                .expression_attribute_names("#pk", &pk)
                .expression_attribute_values(":pk", text(&list.partition));
            query = match list.prefix {
                Some(prefix) => query
                    .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                    .expression_attribute_names("#sk", &sk)
                    .expression_attribute_values(":prefix", text(prefix)),
                None => query.key_condition_expression("#pk = :pk"),
            };
            let answer = query
                .set_exclusive_start_key(start.take())
                .send()
                .await
                .map_err(|error| fault::meaning(&error))?;
            items.extend(answer.items.unwrap_or_default());
            match answer.last_evaluated_key {
                Some(key) if items.len() < limit => start = Some(key),
                last => return Ok(Page { items, next: last.as_ref().map(page::to_cursor) }),
            }
        }
    }

    async fn list<T: DeserializeOwned>(&self, list: &List<'_>, request: &PageRequest) -> Result<Page<T>> {
        let page = self.items(list, request).await?;
        let items = page.items.iter().map(item::carried).collect::<Result<_>>()?;
        Ok(Page { items, next: page.next })
    }
}

fn issue(item: &Item, with_body: bool) -> Result<Issue> {
    let mut issue: Issue = item::carried(item)?;
    issue.comment_count = number_of(item, "comment_count").unwrap_or(0);
    issue.attachment_count = number_of(item, "attachment_count").unwrap_or(0);
    if let Some(at) = text_of(item, "updated_at").and_then(|at| at.parse().ok()) {
        issue.updated_at = at;
    }
    if with_body {
        issue.body = item::field(item, "body")?;
    }
    Ok(issue)
}

fn time(item: &Item, name: &str) -> Option<Timestamp> {
    text_of(item, name)?.parse().ok()
}

fn optional<T: DeserializeOwned>(item: &Item, name: &str) -> Result<Option<T>> {
    if item.contains_key(name) { item::field(item, name) } else { Ok(None) }
}

fn run(id: MailboxId, item: &Item) -> Result<Run> {
    let small = |name| number_of(item, name).and_then(|n| u32::try_from(n).ok());
    Ok(Run {
        mailbox_id: id,
        epoch: small("epoch").unwrap_or(1),
        cursor: optional(item, "cursor")?,
        status: optional(item, "status")?.unwrap_or(MailboxStatus::New),
        last_poll_at: time(item, "last_poll_at"),
        last_success_at: time(item, "last_success_at"),
        last_error: optional(item, "last_error")?,
        consecutive_failures: small("consecutive_failures").unwrap_or(0),
        oldest_unprocessed_at: time(item, "oldest_unprocessed_at"),
        fence: number_of(item, "fence").unwrap_or(0),
        leased: item.get("leased") == Some(&AttributeValue::Bool(true)),
        lease_expires_at: number_of(item, "lease_until")
            .and_then(|ms| Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()),
    })
}

fn schedule_row(item: &Item) -> Option<ScheduleRow> {
    Some(ScheduleRow {
        mailbox_id: text_of(item, "sk")?.parse().ok()?,
        interval_seconds: u32::try_from(number_of(item, "interval_seconds")?).ok()?,
        host: intake::types::host::MailHost::new(text_of(item, "host")?).ok()?,
        not_before: time(item, "not_before")?,
        enabled: item.get("enabled") == Some(&AttributeValue::Bool(true)),
    })
}

/// The items that are there, by key.
fn by_key(items: Vec<Item>) -> std::collections::BTreeMap<String, Item> {
    items.into_iter().filter_map(|item| Some((text_of(&item, "pk")?.to_owned(), item))).collect()
}

#[async_trait]
impl Store for DynamoStore {
    async fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        self.commit_changes(changes).await
    }

    async fn integration(&self, id: IntegrationId) -> Result<Option<Integration>> {
        self.object(&Key::alone("INTEGRATION", id)).await
    }

    async fn integrations(&self, page: &PageRequest) -> Result<Page<Integration>> {
        self.list(&List::index(1, "INTEGRATION"), page).await
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>> {
        self.object(&Key::alone("GRANT", id)).await
    }

    async fn grants(&self, of: Option<IntegrationId>, page: &PageRequest) -> Result<Page<Grant>> {
        match of {
            Some(id) => self.list(&List::index(2, format!("GRANT#{id}")), page).await,
            None => self.list(&List::index(1, "GRANT"), page).await,
        }
    }

    async fn due_grants(&self, now: Timestamp, limit: u32) -> Result<Vec<GrantId>> {
        let query = self
            .client
            .query()
            .table_name(&*self.table)
            .index_name("gsi3")
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let query = query.key_condition_expression("gsi3pk = :refresh AND gsi3sk <= :now");
        let query = query
            .expression_attribute_values(":refresh", text(keys::REFRESH))
            .expression_attribute_values(":now", text(keys::sortable(now)));
        let answer = query.send().await.map_err(|error| fault::meaning(&error))?;
        let id = |item: &Item| text_of(item, "pk")?.strip_prefix("GRANT#")?.parse().ok();
        Ok(answer.items().iter().filter_map(id).collect())
    }

    async fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>> {
        self.object(&Key::mailbox(id)).await
    }

    async fn mailboxes(&self, page: &PageRequest) -> Result<Page<Mailbox>> {
        self.list(&List::index(1, "MAILBOX"), page).await
    }

    async fn run(&self, id: MailboxId) -> Result<Option<Run>> {
        self.get(&Key::run(id)).await?.map(|item| run(id, &item)).transpose()
    }

    async fn mailbox_and_run(&self, id: MailboxId) -> Result<Option<(Mailbox, Run)>> {
        let both = self
            .items(&List::base(Key::mailbox(id).pk, Some(keys::CONFIG)), &PageRequest::first(2))
            .await?
            .items;
        let [config, moving] = both.as_slice() else { return Ok(None) };
        Ok(Some((item::carried(config)?, run(id, moving)?)))
    }

    async fn schedule(&self) -> Result<Vec<ScheduleRow>> {
        let mut request = PageRequest::first(1000);
        let mut rows = Vec::new();
        loop {
            let page = self.items(&List::base(keys::SCHEDULE, None), &request).await?;
            rows.extend(page.items.iter().filter_map(schedule_row));
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => return Ok(rows),
            }
        }
    }

    async fn project(&self, key: &ProjectKey) -> Result<Option<Project>> {
        self.object(&Key::alone("PROJECT", key)).await
    }

    async fn projects(&self, page: &PageRequest) -> Result<Page<Project>> {
        self.list(&List::index(1, "PROJECT").oldest_first(), page).await
    }

    async fn issue(&self, key: &IssueKey) -> Result<Option<Issue>> {
        self.get(&Key::issue(key)).await?.map(|item| issue(&item, true)).transpose()
    }

    async fn issues(&self, filter: &IssueFilter, request: &PageRequest) -> Result<Page<Issue>> {
        let list = match filter {
            IssueFilter::Project(project, None) => List::index(1, keys::issues_of_project(project)),
            IssueFilter::Project(project, Some(status)) => {
                List::index(2, keys::issues_by_status(project, &format!("{status:?}")))
            }
            IssueFilter::Mailbox(mailbox) => List::index(3, keys::issues_of_mailbox(*mailbox)),
        };
        let page = self.items(&list, request).await?;
        Ok(Page {
            items: page.items.iter().map(|item| issue(item, false)).collect::<Result<_>>()?,
            next: page.next,
        })
    }

    async fn comments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Comment>> {
        self.list(&List::base(Key::issue(of).pk, Some("COMMENT#")), page).await
    }

    async fn attachments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Attachment>> {
        self.list(&List::index(1, keys::attachments_of(of)).oldest_first(), page).await
    }

    async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        self.object(&Key::alone("ATTACHMENT", id)).await
    }

    async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        self.object(&Key::alone("MESSAGE", id)).await
    }

    async fn messages(&self, filter: &MessageFilter, page: &PageRequest) -> Result<Page<Message>> {
        let list = match filter.state {
            None => List::index(1, keys::messages_of(filter.mailbox_id)),
            Some(state) => List::index(2, keys::messages_by_state(filter.mailbox_id, state)),
        };
        self.list(&list, page).await
    }

    async fn known(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let keys: Vec<Key> = ids.iter().map(|id| Key::alone("MESSAGE", id)).collect();
        self.get_all(&keys).await?.iter().map(item::carried).collect()
    }

    async fn lookup(&self, wanted: &Lookup) -> Result<LookupHits> {
        let threads = wanted.threads.iter().map(Key::thread);
        let all: Vec<Key> = threads
            .chain(wanted.awaited.iter().map(Key::awaited))
            .chain(wanted.seen.iter().map(Key::seen))
            .collect();
        let found = by_key(self.get_all(&all).await?);
        let issue_of = |key: &ThreadKey, at: Key| {
            Some((key.clone(), text_of(found.get(&at.pk)?, "issue")?.parse().ok()?))
        };
        let made_by = |marker| {
            Some((Clone::clone(marker), text_of(found.get(&Key::seen(marker).pk)?, "by")?.parse().ok()?))
        };
        Ok(LookupHits {
            threads: wanted.threads.iter().filter_map(|key| issue_of(key, Key::thread(key))).collect(),
            awaited: wanted.awaited.iter().filter_map(|key| issue_of(key, Key::awaited(key))).collect(),
            seen: wanted.seen.iter().filter_map(made_by).collect(),
        })
    }

    async fn take_numbers(&self, project: &ProjectKey, count: u64) -> Result<u64> {
        let update = self
            .update(&Key::alone("PROJECT", project))
            .update_expression("ADD numbers :count")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":count", number(count))
            .return_values(ReturnValue::UpdatedNew);
        let answer =
            fault::unless_refused(update.send().await)?.ok_or_else(|| Error::not_found("project"))?;
        let last = answer.attributes.as_ref().and_then(|item| number_of(item, "numbers"));
        last.map(|last| last + 1 - count)
            .ok_or_else(|| Error::internal("the counter of a project gave no number"))
    }

    async fn take_lease(&self, target: LeaseTarget, now: Timestamp, ttl: Duration) -> Result<LeaseOutcome> {
        self.lease_take(target, now, ttl).await
    }

    async fn renew_lease(&self, lease: &Lease, expires_at: Timestamp) -> Result<bool> {
        self.lease_set(lease, Some(expires_at)).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.lease_set(lease, None).await.map(|_| ())
    }

    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        let Some(found) = self.get(&Key::alone("ATTEMPT", id)).await? else { return Ok(None) };
        let mut attempt: Attempt = item::carried(&found)?;
        if found.contains_key("outcome") {
            attempt.status = item::field::<AttemptStatus>(&found, "outcome")?;
        }
        Ok(Some(attempt))
    }

    async fn take_opening(&self, state_hash: &str, now: Timestamp) -> Result<Option<Opening>> {
        let delete = self
            .delete(&Key::alone("OPENING", state_hash))
            .condition_expression("attribute_exists(pk) AND #ttl > :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", number(now.as_second()))
            .return_values(ReturnValue::AllOld);
        let answer = fault::unless_refused(delete.send().await)?;
        answer.and_then(|answer| answer.attributes).as_ref().map(item::carried).transpose()
    }

    async fn remembered(&self, key: &str, now: Timestamp) -> Result<Option<Remembered>> {
        let found = self.get(&Key::alone("ONCE", key)).await?.filter(|item| !item::is_expired(item, now));
        let part = |item: &Item, name| text_of(item, name).unwrap_or_default().to_owned();
        Ok(found.map(|item| Remembered { request: part(&item, "request"), object: part(&item, "object") }))
    }

    async fn token(&self, hash: &str) -> Result<Option<ApiToken>> {
        let Some(found) = self.get(&Key::alone("TOKEN", hash)).await? else { return Ok(None) };
        let token: ApiToken = item::carried(&found)?;
        Ok(Some(ApiToken { last_used_at: time(&found, "last_used_at"), ..token }))
    }

    async fn tokens(&self, page: &PageRequest) -> Result<Page<ApiToken>> {
        let page = self.items(&List::index(1, "TOKEN"), page).await?;
        let token = |item: &Item| {
            let token: ApiToken = item::carried(item)?;
            Ok(ApiToken { last_used_at: time(item, "last_used_at"), ..token })
        };
        Ok(Page { items: page.items.iter().map(token).collect::<Result<_>>()?, next: page.next })
    }

    async fn token_used(&self, _: TokenId, hash: &str, at: Timestamp) -> Result<()> {
        let update = self
            .update(&Key::alone("TOKEN", hash))
            .update_expression("SET last_used_at = :at")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":at", text(at.to_string()));
        // A token that is gone needs no date.
        fault::unless_refused(update.send().await)?;
        Ok(())
    }

    async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>> {
        let found = self.get(&Key::alone("SESSION", hash)).await?.filter(|item| !item::is_expired(item, now));
        found.as_ref().map(item::carried).transpose()
    }

    async fn end_session(&self, hash: &str) -> Result<()> {
        let deleted = self.delete(&Key::alone("SESSION", hash)).send().await;
        deleted.map_err(|error| fault::meaning(&error))?;
        Ok(())
    }

    async fn audit(&self, request: &PageRequest) -> Result<Page<AuditEntry>> {
        self.audit_page(request).await
    }

    async fn purge_messages(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<MessageId>> {
        self.purge(mailbox, limit).await
    }

    async fn check(&self) -> Result<()> {
        let table = self.client.describe_table().table_name(&*self.table).send().await;
        table.map_err(|error| fault::meaning(&error))?;
        Ok(())
    }
}

impl DynamoStore {
    /// Newest first, month by month.
    async fn audit_page(&self, request: &PageRequest) -> Result<Page<AuditEntry>> {
        let (mut month, mut cursor) = match request.cursor.as_deref().and_then(|c| c.split_once('.')) {
            Some((month, rest)) => (format!("AUDIT#{month}"), (!rest.is_empty()).then(|| rest.to_owned())),
            None => (keys::audit_month(Timestamp::now()), None),
        };
        let limit = usize::try_from(request.limit).unwrap_or(200);
        let mut items = Vec::new();
        while month.as_str() >= FIRST_MONTH {
            let rest = PageRequest {
                limit: u32::try_from(limit - items.len()).unwrap_or(200),
                cursor: cursor.take(),
            };
            let list = List { index: None, partition: month.clone(), prefix: None, newest_first: true };
            let page: Page<AuditEntry> = self.list(&list, &rest).await?;
            items.extend(page.items);
            let name = month.trim_start_matches("AUDIT#").to_owned();
            if items.len() >= limit {
                let next = page.next.map_or_else(
                    || month_before(&month).map(|m| format!("{}.", m.trim_start_matches("AUDIT#"))),
                    |c| Some(format!("{name}.{c}")),
                );
                return Ok(Page { items, next });
            }
            match month_before(&month) {
                Some(before) => month = before,
                None => break,
            }
        }
        Ok(Page { items, next: None })
    }

    async fn purge(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<MessageId>> {
        let page = self
            .items(&List::index(1, keys::messages_of(mailbox)), &PageRequest::first(limit.min(100)))
            .await?;
        let mut gone = Vec::new();
        for found in &page.items {
            let message: Message = item::carried(found)?;
            let mut doomed = vec![Key::alone("MESSAGE", message.id)];
            if let Some(identity) = text_of(found, "identity") {
                doomed.push(Key::alone("SEEN", format_args!("{mailbox}#{identity}")));
            }
            for key in doomed {
                self.delete(&key).send().await.map_err(|error| fault::meaning(&error))?;
            }
            gone.push(message.id);
        }
        Ok(gone)
    }
}

/// The partition of the month before; None before the first.
fn month_before(month: &str) -> Option<String> {
    let (year, of_year) = month.strip_prefix("AUDIT#")?.split_once('-')?;
    let (year, of_year): (u32, u32) = (year.parse().ok()?, of_year.parse().ok()?);
    let (year, of_year) = if of_year <= 1 { (year.checked_sub(1)?, 12) } else { (year, of_year - 1) };
    let before = format!("AUDIT#{year:04}-{of_year:02}");
    (before.as_str() >= FIRST_MONTH).then_some(before)
}

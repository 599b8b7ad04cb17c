//! The roles of the store: reads, and the few writes that are no transactions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use futures::{TryStreamExt, future::ready};
use intake::{
    Date, Error, Result, Timestamp, lists,
    ports::{
        Access, Consents, IssueFilter, Issues, Lookup, LookupHits, Mails, MessageFilter, Registry, ThreadKey,
        Threaded,
    },
    types::{
        Page, PageRequest,
        attempt::{Attempt, Opening},
        errand::Errand,
        grant::{Grant, LONGEST_REFRESH_PAUSE},
        ids::{AttachmentId, AttemptId, CommentId, GrantId, IntegrationId, MailboxId, MessageId},
        integration::Integration,
        issue::{Attachment, Comment, Issue},
        mailbox::{Mailbox, Run, ScheduleRow},
        message::Message,
        project::{IssueKey, Project, ProjectKey, Ties},
        tally,
        token::{ApiToken, Session},
    },
};

use crate::{
    DynamoStore, fault,
    item::{self, Item, number, number_of, text, text_of},
    keys::{self, Key},
    read::{List, records},
};

#[async_trait]
impl Registry for DynamoStore {
    async fn integration(&self, id: IntegrationId) -> Result<Option<Integration>> {
        self.object(&Key::alone("INTEGRATION", id)).await
    }

    async fn integrations(&self, page: &PageRequest) -> Result<Page<Integration>> {
        self.list(&List::index(1, "INTEGRATION"), page).await
    }

    async fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>> {
        self.object(&Key::mailbox(id)).await
    }

    async fn mailboxes(&self, page: &PageRequest) -> Result<Page<Mailbox>> {
        self.list(&List::index(1, "MAILBOX"), page).await
    }

    async fn run(&self, id: MailboxId) -> Result<Option<Run>> {
        self.record(&Key::run(id), |item| records::run(id, item)).await
    }

    async fn mailbox_and_run(&self, id: MailboxId) -> Result<Option<(Mailbox, Run)>> {
        let both = self
            .items(&List::base(Key::mailbox(id).pk, Some(keys::CONFIG)), &PageRequest::first(2))
            .await?
            .items;
        let [config, moving] = both.as_slice() else { return Ok(None) };
        Ok(Some((item::carried(config)?, records::run(id, moving)?)))
    }

    async fn schedule(&self) -> Result<Vec<ScheduleRow>> {
        let list = &List::base(keys::SCHEDULE, None);
        let rows = lists::entries(1000, |page| async move { self.items(list, &page).await });
        rows.try_filter_map(|item| ready(Ok(records::schedule_row(&item)))).try_collect().await
    }

    async fn project(&self, key: &ProjectKey) -> Result<Option<Project>> {
        self.object(&Key::alone("PROJECT", key)).await
    }

    async fn project_and_ties(&self, key: &ProjectKey) -> Result<Option<(Project, Ties)>> {
        self.record(&Key::alone("PROJECT", key), |item| Ok((item::carried(item)?, records::ties(item)))).await
    }

    async fn projects(&self, page: &PageRequest) -> Result<Page<Project>> {
        self.list(&List::index(1, "PROJECT").oldest_first(), page).await
    }
}

#[async_trait]
impl Consents for DynamoStore {
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
        let mut due = self.grants_due("gsi3sk <= :at", now, limit).await?;
        let left = limit.saturating_sub(u32::try_from(due.len()).unwrap_or(limit));
        // What lies further ahead than anything sets it was written by a clock that was wrong.
        if let (1.., Ok(beyond)) = (left, now.checked_add(LONGEST_REFRESH_PAUSE)) {
            due.extend(self.grants_due("gsi3sk > :at", beyond, left).await?);
        }
        Ok(due)
    }

    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        self.record(&Key::alone("ATTEMPT", id), records::attempt).await
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
}

#[async_trait]
impl Mails for DynamoStore {
    async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        self.record(&Key::alone("MESSAGE", id), records::message).await
    }

    async fn messages(&self, filter: &MessageFilter, page: &PageRequest) -> Result<Page<Message>> {
        let list = match filter.state {
            None => List::index(1, keys::messages_of(filter.mailbox_id)),
            Some(state) => List::index(2, keys::messages_by_state(filter.mailbox_id, state)),
        };
        self.records(&list, page, records::message).await
    }

    async fn known(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let keys: Vec<Key> = ids.iter().map(|id| Key::alone("MESSAGE", id)).collect();
        self.get_all(&keys).await?.iter().map(records::message).collect()
    }

    async fn errands(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<Errand>> {
        let list = List::base(keys::errands_of(mailbox), None);
        let page: Page<Errand> = self.list(&list, &PageRequest::first(limit)).await?;
        Ok(page.items)
    }

    async fn tallies(&self, day: Date) -> Result<Vec<tally::Day>> {
        let list = List::base(keys::tallies_of(day), None);
        let list = &list;
        lists::all(|page| async move { self.records(list, &page, |item| records::tally(item, day)).await })
            .await
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
        let threaded = |key: &ThreadKey| {
            let at = Key::thread(key);
            let likeness = text_of(found.get(&at.pk)?, "likeness").map(str::to_owned);
            let (key, issue) = issue_of(key, at)?;
            Some((key, Threaded { issue, likeness }))
        };
        let made_by = |marker| {
            Some((Clone::clone(marker), text_of(found.get(&Key::seen(marker).pk)?, "by")?.parse().ok()?))
        };
        Ok(LookupHits {
            threads: wanted.threads.iter().filter_map(threaded).collect(),
            awaited: wanted.awaited.iter().filter_map(|key| issue_of(key, Key::awaited(key))).collect(),
            seen: wanted.seen.iter().filter_map(made_by).collect(),
        })
    }

    async fn purge_messages(&self, mailbox: MailboxId, ids: &[MessageId]) -> Result<()> {
        self.purge(mailbox, ids).await
    }
}

#[async_trait]
impl Issues for DynamoStore {
    async fn issue(&self, key: &IssueKey) -> Result<Option<Issue>> {
        self.record(&Key::issue(key), |item| records::issue(item, true)).await
    }

    async fn issues(&self, filter: &IssueFilter, request: &PageRequest) -> Result<Page<Issue>> {
        self.records(&list_of(filter), request, |item| records::issue(item, false)).await
    }

    async fn whole_issues(&self, filter: &IssueFilter, request: &PageRequest) -> Result<Page<Issue>> {
        self.records(&list_of(filter), request, |item| records::issue(item, true)).await
    }

    async fn count_issues(&self, filter: &IssueFilter, most: u32) -> Result<u64> {
        self.count(&list_of(filter), most).await
    }

    async fn comment(&self, of: &IssueKey, id: CommentId) -> Result<Option<Comment>> {
        self.object(&Key::comment(of, id)).await
    }

    async fn comments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Comment>> {
        self.list(&List::base(Key::issue(of).pk, Some("COMMENT#")), page).await
    }

    async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        self.object(&Key::alone("ATTACHMENT", id)).await
    }

    async fn attachments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Attachment>> {
        self.list(&List::index(1, keys::attachments_of(of)).oldest_first(), page).await
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
}

/// Where issues are listed.
fn list_of(filter: &IssueFilter) -> List<'static> {
    match filter {
        IssueFilter::Project(project, None) => List::index(1, keys::issues_of_project(project)),
        IssueFilter::Project(project, Some(status)) => {
            List::index(2, keys::issues_by_status(project, *status))
        }
        IssueFilter::Mailbox(mailbox) => List::index(3, keys::issues_of_mailbox(*mailbox)),
    }
}

#[async_trait]
impl Access for DynamoStore {
    async fn token(&self, hash: &str) -> Result<Option<ApiToken>> {
        self.record(&Key::alone("TOKEN", hash), records::token).await
    }

    async fn tokens(&self, page: &PageRequest) -> Result<Page<ApiToken>> {
        self.records(&List::index(1, "TOKEN"), page, records::token).await
    }

    async fn token_used(&self, hash: &str, at: Timestamp) -> Result<()> {
        self.note_use(&Key::alone("TOKEN", hash), at).await
    }

    async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>> {
        let found = self.get(&Key::alone("SESSION", hash)).await?.filter(|item| !item::is_expired(item, now));
        found.as_ref().map(records::session).transpose()
    }

    async fn sessions(&self, now: Timestamp, page: &PageRequest) -> Result<Page<Session>> {
        let page = self.items(&List::index(1, "SESSION"), page).await?;
        let there = page.items.iter().filter(|item| !item::is_expired(item, now));
        Ok(Page { items: there.map(records::session).collect::<Result<_>>()?, next: page.next })
    }

    async fn session_used(&self, hash: &str, at: Timestamp) -> Result<()> {
        self.note_use(&Key::alone("SESSION", hash), at).await
    }
}

impl DynamoStore {
    /// Grants by when they are due, with a condition on that.
    async fn grants_due(&self, condition: &str, at: Timestamp, limit: u32) -> Result<Vec<GrantId>> {
        let query = self
            .client
            .query()
            .table_name(&*self.table)
            .index_name("gsi3")
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let query = query.key_condition_expression(format!("gsi3pk = :refresh AND {condition}"));
        let query = query
            .expression_attribute_values(":refresh", text(keys::REFRESH))
            .expression_attribute_values(":at", text(keys::sortable(at)));
        let answer = query.send().await.map_err(|error| fault::meaning(&error))?;
        let id = |item: &Item| text_of(item, "pk")?.strip_prefix("GRANT#")?.parse().ok();
        Ok(answer.items().iter().filter_map(id).collect())
    }

    /// What is gone needs no date.
    async fn note_use(&self, key: &Key, at: Timestamp) -> Result<()> {
        let update = self
            .update(key)
            .update_expression("SET last_used_at = :at")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":at", text(at.to_string()));
        fault::unless_refused(update.send().await)?;
        Ok(())
    }
}

/// The items that are there, by key.
fn by_key(items: Vec<Item>) -> BTreeMap<String, Item> {
    items.into_iter().filter_map(|item| Some((text_of(&item, "pk")?.to_owned(), item))).collect()
}

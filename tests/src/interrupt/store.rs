//! Records.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use intake::{
    Date, Result, Timestamp,
    ports::{
        Access, Change, Consents, IssueFilter, Issues, Lease, LeaseOutcome, LeaseTarget, Leases, Lookup,
        LookupHits, Mails, MessageFilter, Registry, Remembered, Store, StoreError, Trail,
    },
    types::{
        Page, PageRequest,
        attempt::{Attempt, Opening},
        audit::{AuditEntry, AuditFilter},
        errand::Errand,
        grant::Grant,
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

use super::Breaker;

pub(super) struct Breakable {
    inner: Arc<dyn Store>,
    breaker: Arc<Breaker>,
}

impl Breakable {
    pub(super) fn new(inner: Arc<dyn Store>, breaker: Arc<Breaker>) -> Self {
        Self { inner, breaker }
    }
}

#[async_trait]
impl Registry for Breakable {
    async fn integration(&self, id: IntegrationId) -> Result<Option<Integration>> {
        self.breaker.call("store.integration", self.inner.integration(id)).await
    }

    async fn integrations(&self, page: &PageRequest) -> Result<Page<Integration>> {
        self.breaker.call("store.integrations", self.inner.integrations(page)).await
    }

    async fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>> {
        self.breaker.call("store.mailbox", self.inner.mailbox(id)).await
    }

    async fn mailboxes(&self, page: &PageRequest) -> Result<Page<Mailbox>> {
        self.breaker.call("store.mailboxes", self.inner.mailboxes(page)).await
    }

    async fn run(&self, id: MailboxId) -> Result<Option<Run>> {
        self.breaker.call("store.run", self.inner.run(id)).await
    }

    async fn mailbox_and_run(&self, id: MailboxId) -> Result<Option<(Mailbox, Run)>> {
        self.breaker.call("store.mailbox_and_run", self.inner.mailbox_and_run(id)).await
    }

    async fn schedule(&self) -> Result<Vec<ScheduleRow>> {
        self.breaker.call("store.schedule", self.inner.schedule()).await
    }

    async fn project(&self, key: &ProjectKey) -> Result<Option<Project>> {
        self.breaker.call("store.project", self.inner.project(key)).await
    }

    async fn project_and_ties(&self, key: &ProjectKey) -> Result<Option<(Project, Ties)>> {
        self.breaker.call("store.project_and_ties", self.inner.project_and_ties(key)).await
    }

    async fn projects(&self, page: &PageRequest) -> Result<Page<Project>> {
        self.breaker.call("store.projects", self.inner.projects(page)).await
    }
}

#[async_trait]
impl Consents for Breakable {
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>> {
        self.breaker.call("store.grant", self.inner.grant(id)).await
    }

    async fn grants(&self, of: Option<IntegrationId>, page: &PageRequest) -> Result<Page<Grant>> {
        self.breaker.call("store.grants", self.inner.grants(of, page)).await
    }

    async fn due_grants(&self, now: Timestamp, limit: u32) -> Result<Vec<GrantId>> {
        self.breaker.call("store.due_grants", self.inner.due_grants(now, limit)).await
    }

    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        self.breaker.call("store.attempt", self.inner.attempt(id)).await
    }

    async fn take_opening(&self, state_hash: &str, now: Timestamp) -> Result<Option<Opening>> {
        self.breaker.call("store.take_opening", self.inner.take_opening(state_hash, now)).await
    }
}

#[async_trait]
impl Mails for Breakable {
    async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        self.breaker.call("store.message", self.inner.message(id)).await
    }

    async fn messages(&self, filter: &MessageFilter, page: &PageRequest) -> Result<Page<Message>> {
        self.breaker.call("store.messages", self.inner.messages(filter, page)).await
    }

    async fn known(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        self.breaker.call("store.known", self.inner.known(ids)).await
    }

    async fn errands(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<Errand>> {
        self.breaker.call("store.errands", self.inner.errands(mailbox, limit)).await
    }

    async fn tallies(&self, day: Date) -> Result<Vec<tally::Day>> {
        self.breaker.call("store.tallies", self.inner.tallies(day)).await
    }

    async fn lookup(&self, keys: &Lookup) -> Result<LookupHits> {
        self.breaker.call("store.lookup", self.inner.lookup(keys)).await
    }

    async fn purge_messages(&self, mailbox: MailboxId, ids: &[MessageId]) -> Result<()> {
        self.breaker.call("store.purge_messages", self.inner.purge_messages(mailbox, ids)).await
    }
}

#[async_trait]
impl Issues for Breakable {
    async fn issue(&self, key: &IssueKey) -> Result<Option<Issue>> {
        self.breaker.call("store.issue", self.inner.issue(key)).await
    }

    async fn issues(&self, filter: &IssueFilter, page: &PageRequest) -> Result<Page<Issue>> {
        self.breaker.call("store.issues", self.inner.issues(filter, page)).await
    }

    async fn whole_issues(&self, filter: &IssueFilter, page: &PageRequest) -> Result<Page<Issue>> {
        self.breaker.call("store.whole_issues", self.inner.whole_issues(filter, page)).await
    }

    async fn count_issues(&self, filter: &IssueFilter, most: u32) -> Result<u64> {
        self.breaker.call("store.count_issues", self.inner.count_issues(filter, most)).await
    }

    async fn comment(&self, of: &IssueKey, id: CommentId) -> Result<Option<Comment>> {
        self.breaker.call("store.comment", self.inner.comment(of, id)).await
    }

    async fn comments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Comment>> {
        self.breaker.call("store.comments", self.inner.comments(of, page)).await
    }

    async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        self.breaker.call("store.attachment", self.inner.attachment(id)).await
    }

    async fn attachments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Attachment>> {
        self.breaker.call("store.attachments", self.inner.attachments(of, page)).await
    }

    async fn take_numbers(&self, project: &ProjectKey, count: u64) -> Result<u64> {
        self.breaker.call("store.take_numbers", self.inner.take_numbers(project, count)).await
    }
}

#[async_trait]
impl Leases for Breakable {
    async fn take_lease(&self, target: LeaseTarget, now: Timestamp, ttl: Duration) -> Result<LeaseOutcome> {
        self.breaker.call("store.take_lease", self.inner.take_lease(target, now, ttl)).await
    }

    async fn renew_lease(&self, lease: &Lease, expires_at: Timestamp) -> Result<bool> {
        self.breaker.call("store.renew_lease", self.inner.renew_lease(lease, expires_at)).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.breaker.call("store.release_lease", self.inner.release_lease(lease)).await
    }
}

#[async_trait]
impl Access for Breakable {
    async fn token(&self, hash: &str) -> Result<Option<ApiToken>> {
        self.breaker.call("store.token", self.inner.token(hash)).await
    }

    async fn tokens(&self, page: &PageRequest) -> Result<Page<ApiToken>> {
        self.breaker.call("store.tokens", self.inner.tokens(page)).await
    }

    async fn token_used(&self, hash: &str, at: Timestamp) -> Result<()> {
        self.breaker.call("store.token_used", self.inner.token_used(hash, at)).await
    }

    async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>> {
        self.breaker.call("store.session", self.inner.session(hash, now)).await
    }

    async fn sessions(&self, now: Timestamp, page: &PageRequest) -> Result<Page<Session>> {
        self.breaker.call("store.sessions", self.inner.sessions(now, page)).await
    }

    async fn session_used(&self, hash: &str, at: Timestamp) -> Result<()> {
        self.breaker.call("store.session_used", self.inner.session_used(hash, at)).await
    }
}

#[async_trait]
impl Trail for Breakable {
    async fn audit(
        &self,
        filter: &AuditFilter,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>> {
        self.breaker.call("store.audit", self.inner.audit(filter, now, page)).await
    }
}

#[async_trait]
impl Store for Breakable {
    async fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        self.breaker.call("store.commit", self.inner.commit(changes)).await
    }

    async fn remembered(&self, key: &str, now: Timestamp) -> Result<Option<Remembered>> {
        self.breaker.call("store.remembered", self.inner.remembered(key, now)).await
    }

    async fn check(&self) -> Result<()> {
        self.breaker.call("store.check", self.inner.check()).await
    }
}

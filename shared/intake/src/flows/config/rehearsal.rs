//! Changes that are tried out: the flows run as they are, over a store that keeps what they write in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{
    App, Date, Error, Result, Timestamp,
    ports::{
        Access, Change, Consents, IssueFilter, Issues, Lease, LeaseOutcome, LeaseTarget, Leases, Lookup,
        LookupHits, Mails, MessageFilter, Registry, Remembered, Store, StoreError, Trail, Vault, Write,
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
        secret::{SecretName, SecretVersion},
        tally,
        token::{ApiToken, Session},
    },
};

/// An installation like the real one, whose changes are forgotten: nothing reaches the store or the vault.
/// Projects, integrations and mailboxes that were written can be read again. Flows that delete are not for it, because
/// they talk to others than store and vault.
pub struct Rehearsal {
    /// For the flows that create and change.
    pub app: App,
}

impl Rehearsal {
    /// Begins with what is there.
    pub fn of(app: &App) -> Self {
        let store = Arc::new(Sketch { inner: app.store.clone(), written: Mutex::default() });
        let vault = Arc::new(NoSecrets(app.vault.clone()));
        Self { app: App { store, vault, ..app.clone() } }
    }
}

/// What was written.
#[derive(Default)]
struct Written {
    projects: BTreeMap<ProjectKey, Project>,
    integrations: BTreeMap<IntegrationId, Integration>,
    mailboxes: BTreeMap<MailboxId, Mailbox>,
}

struct Sketch {
    inner: Arc<dyn Store>,
    written: Mutex<Written>,
}

impl Sketch {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_rehearsed<T>() -> Result<T> {
    Err(Error::internal("a rehearsal was asked to change what it does not keep"))
}

/// Takes every secret, and keeps none.
struct NoSecrets(Arc<dyn Vault>);

#[async_trait]
impl Vault for NoSecrets {
    async fn put(&self, _: SecretName, _: &SecretVersion, _: &SecretString) -> Result<Vec<SecretVersion>> {
        Ok(Vec::new())
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.0.get(name, version).await
    }

    async fn settled(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.0.settled(name).await
    }

    async fn settle(&self, _: SecretName, _: &SecretVersion, _: &[SecretVersion]) -> Result<()> {
        Ok(())
    }

    async fn discard(&self, _: SecretName, _: &SecretVersion) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, _: SecretName) -> Result<()> {
        Ok(())
    }

    async fn writable(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Registry for Sketch {
    async fn integration(&self, id: IntegrationId) -> Result<Option<Integration>> {
        let written = self.written().integrations.get(&id).cloned();
        if written.is_some() { Ok(written) } else { self.inner.integration(id).await }
    }

    async fn integrations(&self, page: &PageRequest) -> Result<Page<Integration>> {
        self.inner.integrations(page).await
    }

    async fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>> {
        let written = self.written().mailboxes.get(&id).cloned();
        if written.is_some() { Ok(written) } else { self.inner.mailbox(id).await }
    }

    async fn mailboxes(&self, page: &PageRequest) -> Result<Page<Mailbox>> {
        self.inner.mailboxes(page).await
    }

    async fn run(&self, id: MailboxId) -> Result<Option<Run>> {
        self.inner.run(id).await
    }

    async fn mailbox_and_run(&self, id: MailboxId) -> Result<Option<(Mailbox, Run)>> {
        let there = self.inner.mailbox_and_run(id).await?;
        let written = self.written().mailboxes.get(&id).cloned();
        Ok(match (written, there) {
            (Some(mailbox), Some((_, run))) => Some((mailbox, run)),
            (Some(mailbox), None) => Some((mailbox, Run::new(id))),
            (None, there) => there,
        })
    }

    async fn schedule(&self) -> Result<Vec<ScheduleRow>> {
        self.inner.schedule().await
    }

    async fn project(&self, key: &ProjectKey) -> Result<Option<Project>> {
        let written = self.written().projects.get(key).cloned();
        if written.is_some() { Ok(written) } else { self.inner.project(key).await }
    }

    async fn project_and_ties(&self, key: &ProjectKey) -> Result<Option<(Project, Ties)>> {
        self.inner.project_and_ties(key).await
    }

    async fn projects(&self, page: &PageRequest) -> Result<Page<Project>> {
        self.inner.projects(page).await
    }
}

#[async_trait]
impl Consents for Sketch {
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>> {
        self.inner.grant(id).await
    }

    async fn grants(&self, of: Option<IntegrationId>, page: &PageRequest) -> Result<Page<Grant>> {
        self.inner.grants(of, page).await
    }

    async fn due_grants(&self, now: Timestamp, limit: u32) -> Result<Vec<GrantId>> {
        self.inner.due_grants(now, limit).await
    }

    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        self.inner.attempt(id).await
    }

    async fn take_opening(&self, _: &str, _: Timestamp) -> Result<Option<Opening>> {
        not_rehearsed()
    }
}

#[async_trait]
impl Mails for Sketch {
    async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        self.inner.message(id).await
    }

    async fn messages(&self, filter: &MessageFilter, page: &PageRequest) -> Result<Page<Message>> {
        self.inner.messages(filter, page).await
    }

    async fn known(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        self.inner.known(ids).await
    }

    async fn errands(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<Errand>> {
        self.inner.errands(mailbox, limit).await
    }

    async fn tallies(&self, day: Date) -> Result<Vec<tally::Day>> {
        self.inner.tallies(day).await
    }

    async fn lookup(&self, keys: &Lookup) -> Result<LookupHits> {
        self.inner.lookup(keys).await
    }

    async fn purge_messages(&self, _: MailboxId, _: &[MessageId]) -> Result<()> {
        not_rehearsed()
    }
}

#[async_trait]
impl Issues for Sketch {
    async fn issue(&self, key: &IssueKey) -> Result<Option<Issue>> {
        self.inner.issue(key).await
    }

    async fn issues(&self, filter: &IssueFilter, page: &PageRequest) -> Result<Page<Issue>> {
        self.inner.issues(filter, page).await
    }

    async fn whole_issues(&self, filter: &IssueFilter, page: &PageRequest) -> Result<Page<Issue>> {
        self.inner.whole_issues(filter, page).await
    }

    async fn count_issues(&self, filter: &IssueFilter, most: u32) -> Result<u64> {
        self.inner.count_issues(filter, most).await
    }

    async fn comment(&self, of: &IssueKey, id: CommentId) -> Result<Option<Comment>> {
        self.inner.comment(of, id).await
    }

    async fn comments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Comment>> {
        self.inner.comments(of, page).await
    }

    async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        self.inner.attachment(id).await
    }

    async fn attachments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Attachment>> {
        self.inner.attachments(of, page).await
    }

    async fn take_numbers(&self, _: &ProjectKey, _: u64) -> Result<u64> {
        not_rehearsed()
    }
}

#[async_trait]
impl Leases for Sketch {
    async fn take_lease(&self, _: LeaseTarget, _: Timestamp, _: Duration) -> Result<LeaseOutcome> {
        not_rehearsed()
    }

    async fn renew_lease(&self, _: &Lease, _: Timestamp) -> Result<bool> {
        not_rehearsed()
    }

    async fn release_lease(&self, _: &Lease) -> Result<()> {
        not_rehearsed()
    }
}

#[async_trait]
impl Access for Sketch {
    async fn token(&self, hash: &str) -> Result<Option<ApiToken>> {
        self.inner.token(hash).await
    }

    async fn tokens(&self, page: &PageRequest) -> Result<Page<ApiToken>> {
        self.inner.tokens(page).await
    }

    async fn token_used(&self, _: &str, _: Timestamp) -> Result<()> {
        not_rehearsed()
    }

    async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>> {
        self.inner.session(hash, now).await
    }

    async fn sessions(&self, now: Timestamp, page: &PageRequest) -> Result<Page<Session>> {
        self.inner.sessions(now, page).await
    }

    async fn session_used(&self, _: &str, _: Timestamp) -> Result<()> {
        not_rehearsed()
    }
}

#[async_trait]
impl Trail for Sketch {
    async fn audit(
        &self,
        filter: &AuditFilter,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>> {
        self.inner.audit(filter, now, page).await
    }
}

#[async_trait]
impl Store for Sketch {
    async fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut written = self.written();
        for change in changes {
            match change {
                Change::Project(Write::Create(new) | Write::Replace { new, .. }) => {
                    written.projects.insert(new.key.clone(), new.clone());
                }
                Change::Integration(Write::Create(new) | Write::Replace { new, .. }) => {
                    written.integrations.insert(new.id, new.clone());
                }
                Change::Mailbox(Write::Create(new) | Write::Replace { new, .. }) => {
                    written.mailboxes.insert(new.id, new.clone());
                }
                // What goes along with them: consents that end, runs that begin again, the audit trail.
                _ => {}
            }
        }
        Ok(())
    }

    async fn remembered(&self, key: &str, now: Timestamp) -> Result<Option<Remembered>> {
        self.inner.remembered(key, now).await
    }

    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }
}

use std::time::Duration;

use async_trait::async_trait;

use super::{Change, Lease, LeaseOutcome, LeaseTarget, Remembered, StoreError, ThreadKey};
use crate::{
    Date, Timestamp,
    error::Error,
    types::{
        Page, PageRequest,
        attempt::{Attempt, Opening},
        audit::{AuditEntry, AuditFilter},
        errand::Errand,
        grant::Grant,
        ids::{AttachmentId, AttemptId, CommentId, GrantId, IntegrationId, MailboxId, MessageId},
        integration::Integration,
        issue::{Attachment, Comment, Issue, IssueStatus},
        mailbox::{Mailbox, Run, ScheduleRow},
        message::{Message, MessageState, SeenMarker},
        project::{IssueKey, Project, ProjectKey, Ties},
        tally,
        token::{ApiToken, Session},
    },
};

/// Keys to look up in one batch read, for decisions: strongly consistent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lookup {
    /// Message-IDs that may belong to issues.
    pub threads: Vec<ThreadKey>,
    /// Message-IDs that answers may have been waiting for.
    pub awaited: Vec<ThreadKey>,
    /// Duplicate markers.
    pub seen: Vec<SeenMarker>,
}

/// To which issue a Message-ID leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threaded {
    /// The issue.
    pub issue: IssueKey,
    /// What the mail looks like that has the Message-ID ([`mail::identity::likeness`]): a mail of another likeness is
    /// another mail, whose program writes the same Message-ID each time. None: not known.
    pub likeness: Option<String>,
}

/// What of a [`Lookup`] is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LookupHits {
    /// Message-ID → issue.
    pub threads: Vec<(ThreadKey, Threaded)>,
    /// Awaited Message-ID → issue of the mail that waited.
    pub awaited: Vec<(ThreadKey, IssueKey)>,
    /// Marker → message that made it.
    pub seen: Vec<(SeenMarker, MessageId)>,
}

/// Which issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueFilter {
    /// Of a project, newest first, by status where given.
    Project(ProjectKey, Option<IssueStatus>),
    /// Made from mails of a mailbox, newest first.
    Mailbox(MailboxId),
}

/// Which messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFilter {
    /// Whose.
    pub mailbox_id: MailboxId,
    /// In this state only.
    pub state: Option<MessageState>,
}

/// What is configured, and how it runs.
#[async_trait]
pub trait Registry: Send + Sync {
    /// An integration.
    async fn integration(&self, id: IntegrationId) -> Result<Option<Integration>, Error>;
    /// All integrations, newest first.
    async fn integrations(&self, page: &PageRequest) -> Result<Page<Integration>, Error>;
    /// A mailbox.
    async fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>, Error>;
    /// All mailboxes, newest first.
    async fn mailboxes(&self, page: &PageRequest) -> Result<Page<Mailbox>, Error>;
    /// A mailbox's run.
    async fn run(&self, id: MailboxId) -> Result<Option<Run>, Error>;
    /// A mailbox with its run, in one read.
    async fn mailbox_and_run(&self, id: MailboxId) -> Result<Option<(Mailbox, Run)>, Error>;
    /// Everything that the plan looks at.
    async fn schedule(&self) -> Result<Vec<ScheduleRow>, Error>;
    /// A project.
    async fn project(&self, key: &ProjectKey) -> Result<Option<Project>, Error>;
    /// A project with what is tied to it.
    async fn project_and_ties(&self, key: &ProjectKey) -> Result<Option<(Project, Ties)>, Error>;
    /// All projects, by key.
    async fn projects(&self, page: &PageRequest) -> Result<Page<Project>, Error>;
}

/// Grants, and the way to them.
#[async_trait]
pub trait Consents: Send + Sync {
    /// A grant.
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, Error>;
    /// All grants, or those of an integration, newest first.
    async fn grants(&self, of: Option<IntegrationId>, page: &PageRequest) -> Result<Page<Grant>, Error>;
    /// Grants whose refresh is due, most urgent first; `pending` and `revoked` ones too, for the sweep.
    async fn due_grants(&self, now: Timestamp, limit: u32) -> Result<Vec<GrantId>, Error>;
    /// An attempt.
    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, Error>;
    /// Takes an opening: exactly one caller gets it, and only before it expires.
    async fn take_opening(&self, state_hash: &str, now: Timestamp) -> Result<Option<Opening>, Error>;
}

/// Records of mails, and what decisions about them need.
#[async_trait]
pub trait Mails: Send + Sync {
    /// A message.
    async fn message(&self, id: MessageId) -> Result<Option<Message>, Error>;
    /// A mailbox's messages, newest first.
    async fn messages(&self, filter: &MessageFilter, page: &PageRequest) -> Result<Page<Message>, Error>;
    /// Which of these have a record already. One batch. Identifiers are derived from the place on the server.
    async fn known(&self, ids: &[MessageId]) -> Result<Vec<Message>, Error>;
    /// A mailbox's errands, those of the oldest mails first. Strongly consistent.
    async fn errands(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<Errand>, Error>;
    /// The tallies of a day (UTC), of all mailboxes that have some. Kept for [`tally::KEPT_DAYS`].
    async fn tallies(&self, day: Date) -> Result<Vec<tally::Day>, Error>;
    /// Keys that decisions need. One batch.
    async fn lookup(&self, keys: &Lookup) -> Result<LookupHits, Error>;
    /// Deletes message records, with their marks in the mailbox and their errands, of a mailbox that is being deleted.
    /// What is gone already is no error.
    async fn purge_messages(&self, mailbox: MailboxId, ids: &[MessageId]) -> Result<(), Error>;
}

/// What mails became.
#[async_trait]
pub trait Issues: Send + Sync {
    /// An issue.
    async fn issue(&self, key: &IssueKey) -> Result<Option<Issue>, Error>;
    /// Issues, newest first, with bodies left out.
    async fn issues(&self, filter: &IssueFilter, page: &PageRequest) -> Result<Page<Issue>, Error>;
    /// The same with bodies.
    async fn whole_issues(&self, filter: &IssueFilter, page: &PageRequest) -> Result<Page<Issue>, Error>;
    /// How many issues there are, counted to `most`.
    async fn count_issues(&self, filter: &IssueFilter, most: u32) -> Result<u64, Error>;
    /// A comment of an issue.
    async fn comment(&self, of: &IssueKey, id: CommentId) -> Result<Option<Comment>, Error>;
    /// An issue's comments, oldest first.
    async fn comments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Comment>, Error>;
    /// An attachment.
    async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>, Error>;
    /// An issue's attachments, those of its comments included, in order.
    async fn attachments(&self, of: &IssueKey, page: &PageRequest) -> Result<Page<Attachment>, Error>;
    /// The next `count` issue numbers of a project: the first of them. Unique and rising, also when they are not used.
    async fn take_numbers(&self, project: &ProjectKey, count: u64) -> Result<u64, Error>;
}

/// Who may write for a mailbox or grant.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes a lease for this long, where it is free or has run out.
    async fn take_lease(
        &self,
        target: LeaseTarget,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<LeaseOutcome, Error>;
    /// Makes a lease longer. False: it was lost.
    async fn renew_lease(&self, lease: &Lease, expires_at: Timestamp) -> Result<bool, Error>;
    /// Gives a lease back. A lost one is not touched.
    async fn release_lease(&self, lease: &Lease) -> Result<(), Error>;
}

/// Who may come in.
#[async_trait]
pub trait Access: Send + Sync {
    /// A token by the hash of its value.
    async fn token(&self, hash: &str) -> Result<Option<ApiToken>, Error>;
    /// All tokens.
    async fn tokens(&self, page: &PageRequest) -> Result<Page<ApiToken>, Error>;
    /// Notes that a token was used, to the nearest quarter of an hour.
    async fn token_used(&self, hash: &str, at: Timestamp) -> Result<(), Error>;
    /// A session by the hash of its cookie.
    async fn session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>, Error>;
    /// Sessions that have not ended, newest first.
    async fn sessions(&self, now: Timestamp, page: &PageRequest) -> Result<Page<Session>, Error>;
    /// Notes that a session was used, to the nearest quarter of an hour.
    async fn session_used(&self, hash: &str, at: Timestamp) -> Result<(), Error>;
}

/// What people did.
#[async_trait]
pub trait Trail: Send + Sync {
    /// The audit trail, newest first. A page may be shorter than asked for, or empty, with more behind it: one call
    /// looks at no more than a few thousand entries.
    async fn audit(
        &self,
        filter: &AuditFilter,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, Error>;
}

/// Records: one table. Reads of single objects are strongly consistent, lists may lag a second. `expires_at` is
/// honoured in every read, whether or not the item was swept already.
#[async_trait]
pub trait Store: Registry + Consents + Mails + Issues + Leases + Access + Trail {
    /// Writes all or nothing. At most 80 actions and 2 MB after folding; conflicts and throttling are retried inside.
    async fn commit(&self, changes: &[Change]) -> Result<(), StoreError>;
    /// What an Idempotency-Key stands for.
    async fn remembered(&self, key: &str, now: Timestamp) -> Result<Option<Remembered>, Error>;
    /// Refuses with a sentence where the table is not there or was written by a newer Maildocket.
    async fn check(&self) -> Result<(), Error>;
}

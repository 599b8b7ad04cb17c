//! What is written, part by part.

use super::{CursorMove, RunChange};
use crate::{
    Timestamp,
    types::{
        attempt::{Attempt, AttemptStatus, Opening},
        audit::AuditEntry,
        errand::{AfterImport, Errand},
        grant::Grant,
        ids::{AttachmentId, AttemptId, MessageId},
        integration::Integration,
        issue::{Attachment, Comment, Issue},
        mailbox::Mailbox,
        message::{Message, MessageState, SeenMarker},
        project::{IssueKey, Project, ProjectKey},
        tally,
        token::{ApiToken, Session},
    },
};

/// A change of one configured object. `old` is what the caller read: the write is refused when it is no longer so.
#[derive(Debug, Clone, PartialEq)]
pub enum Write<T> {
    /// It must not exist.
    Create(T),
    /// It must have the version of `old`.
    Replace {
        /// After.
        new: T,
        /// Before, as read.
        old: T,
    },
    /// It must have the version of `old`.
    Delete {
        /// Before, as read.
        old: T,
    },
}

impl<T> Write<T> {
    /// What is there afterwards.
    pub fn after(&self) -> Option<&T> {
        match self {
            Self::Create(new) | Self::Replace { new, .. } => Some(new),
            Self::Delete { .. } => None,
        }
    }
}

/// One part of a transaction: [`Store::commit`](super::Store::commit).
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a commit holds a few dozen of them, and not for long")]
pub enum Change {
    /// An integration and its unique name. Delete is refused while a mailbox or grant uses it.
    Integration(Write<Integration>),
    /// A grant. Counts as a use of its integration, except while `revoked`. Delete is refused while a mailbox uses it.
    Grant(Write<Grant>),
    /// A mailbox, its unique name and its schedule row; with Create also its run item. Counts as a use of its
    /// integration, grant and project; demands that the project and those that its handlers begin to name exist.
    Mailbox(Write<Mailbox>),
    /// A project. Delete is refused by the store: see [`Self::ProjectGone`].
    Project(Write<Project>),
    /// A project that goes. It must have the version of what was read, and no ties but that handlers began to name it as often
    /// as was seen: what they name now was looked at since. Otherwise [`Why::InUse`](super::Why::InUse).
    ProjectGone {
        /// As read.
        old: Project,
        /// [`Ties::named`](crate::types::project::Ties::named), as read.
        named: u64,
    },
    /// Notes that mails are imported into a project from files; it must be there.
    ImportInto(ProjectKey),
    /// An issue, by a person's hand or by a mail. Delete is refused by the store.
    Issue(Box<Write<Issue>>),
    /// A comment that must not exist; its issue must. With `touch` folded into the issue.
    Comment(Box<Comment>),
    /// A comment as it is now, in the place of what is there.
    ReplaceComment(Box<Comment>),
    /// A file that must not exist.
    Attachment(Attachment),
    /// A file as it is now, in the place of what is there.
    ReplaceAttachment(Attachment),
    /// A file that its mail has no more; it must exist.
    AttachmentGone(AttachmentId),
    /// Counters and time of an issue that a comment came to: several of one commit are folded into one action.
    TouchIssue(IssueTouch),
    /// A message record. With `expected` None it must not exist; else its state must be this.
    Message {
        /// The record.
        message: Box<Message>,
        /// The state that it must have before.
        expected: Option<MessageState>,
    },
    /// A duplicate marker that must not exist, or was made by the same message: [`Why::Seen`](super::Why::Seen) names
    /// the other.
    Seen {
        /// The marker.
        marker: SeenMarker,
        /// Who makes it.
        by: MessageId,
    },
    /// A thread key: this Message-ID belongs to this issue. Must not exist, or name the same issue:
    /// [`Why::Threaded`](super::Why::Threaded).
    Thread {
        /// The Message-ID.
        key: ThreadKey,
        /// The issue.
        issue: IssueKey,
        /// See [`Threaded::likeness`](super::Threaded::likeness).
        likeness: Option<String>,
    },
    /// A mail that answers this unknown Message-ID became this issue. The first one stays; no condition.
    Awaited {
        /// The unknown parent.
        key: ThreadKey,
        /// The issue.
        issue: IssueKey,
    },
    /// Notes what is to be done to a mail on its server, or that it was begun once more; the mailbox's run says that there
    /// are errands.
    Errand(Box<Errand>),
    /// Takes an errand back.
    ErrandOver {
        /// Which.
        errand: Box<Errand>,
        /// How it ended, for the mail's record, which must be there. None where it is not.
        outcome: Option<AfterImport>,
    },
    /// Adds to the tally of an hour. No condition: it is in the transaction that writes the records it counts.
    Tally(Box<tally::Step>),
    /// Moves a mailbox's cursor under its lease: [`Why::FenceLost`](super::Why::FenceLost).
    Cursor(CursorMove),
    /// Changes what people see of a mailbox's run, and its schedule's times.
    Run(RunChange),
    /// A new attempt.
    CreateAttempt(Box<Attempt>),
    /// The end of an attempt that must not be done yet; one that failed may still be done, or fail again.
    FinishAttempt {
        /// Which.
        id: AttemptId,
        /// Done or failed.
        status: AttemptStatus,
    },
    /// An opening of an attempt.
    Opening(Opening),
    /// A token and its unique name.
    Token(Write<ApiToken>),
    /// A token that must still be there.
    TokenStays(ApiToken),
    /// A console session.
    Session(Write<Session>),
    /// An audit entry that must not exist: nothing changes or deletes one.
    Audit(AuditEntry),
    /// An Idempotency-Key that must not exist: [`Why::Remembered`](super::Why::Remembered).
    Remember {
        /// Keyed hash of the caller, the call and the key.
        key: String,
        /// What to remember.
        what: Remembered,
        /// For 24 hours.
        expires_at: Timestamp,
    },
}

/// What an Idempotency-Key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Keyed hash of the request's body.
    pub request: String,
    /// The identifier or key of what was made.
    pub object: String,
}

/// A Message-ID in a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadKey {
    /// Where.
    pub project: ProjectKey,
    /// Without angle brackets; stored as a hash.
    pub internet_message_id: String,
}

/// Counters of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueTouch {
    /// Which; must exist.
    pub key: IssueKey,
    /// More comments.
    pub comments: u64,
    /// More attachments, or fewer.
    pub attachments: i64,
    /// The new `updated_at`.
    pub at: Timestamp,
}

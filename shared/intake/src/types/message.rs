//! Messages: our record of one mail seen, and the marks by which a mail is known again.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use super::{
    server_id::{InvalidServerId, ServerId},
    trace::TraceStep,
};
use crate::{
    Timestamp,
    types::{
        errand::AfterImport,
        ids::{CommentId, MailboxId, MessageId},
        project::IssueKey,
        time::Written,
        trace,
        words::words,
    },
};

words! {
    /// What became of a mail.
    pub enum MessageState {
        /// Not yet decided; its raw bytes are kept, unless the reason is that they did not come so far.
        Stored = "stored",
        /// It is an issue or a comment.
        Applied = "applied",
        /// On purpose nothing; the reason says why.
        Skipped = "skipped",
        /// A person has to release it; the reason says why.
        Held = "held",
        /// It could not be processed; the reason says why.
        Failed = "failed",
    }
}

words! {
    /// Why a message is in its state, as a stable word.
    pub enum Reason {
        /// A new issue.
        Created = "created",
        /// A comment on an issue.
        Commented = "commented",
        /// The same mail is there already; the trace names the first.
        Duplicate = "duplicate",
        /// An automatic reply that belongs to no thread.
        AutoReply = "auto_reply",
        /// A bounce of something that is not ours.
        Bounce = "bounce",
        /// A read receipt, abuse report or the like.
        Report = "report",
        /// The server numbered its mails anew and this one is not new.
        Renumbered = "renumbered",
        /// Older than the mailbox's start.
        BeforeStart = "before_start",
        /// Listed, but gone before it could be read.
        Gone = "gone",
        /// Listed, but the server gives no bytes.
        UnreadableOnServer = "unreadable_on_server",
        /// Larger than the limit; only its headers are kept.
        TooLarge = "too_large",
        /// Parsing or deciding failed, also after further attempts.
        Unprocessable = "unprocessable",
        /// A handler says so.
        ByHandler = "by_handler",
        /// The receiving server found the sender forged, or nothing is known of it, and the mailbox holds such mail.
        UnverifiedSender = "unverified_sender",
        /// It was sent by this installation itself.
        Loop = "loop",
        /// More mails came within an hour than the mailbox takes for ordinary.
        Flood = "flood",
        /// It was sent to many, and a handler treats such mail so.
        Bulk = "bulk",
        /// It was held, and a person decided that it becomes nothing.
        Dismissed = "dismissed",
        /// Waiting for its turn.
        Pending = "pending",
    }
}

/// How far the download of a large mail came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Download {
    /// So many bytes of it, from its beginning, lie in its raw blob.
    pub bytes: u64,
    /// So many long polls since brought no more.
    pub stalls: u32,
}

/// Our record of one mail seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Our identifier: derived from mailbox, epoch and server id.
    pub id: MessageId,
    /// Whose.
    pub mailbox_id: MailboxId,
    /// The mailbox's epoch when it was seen.
    pub epoch: u32,
    /// Where it lies on the server.
    pub server_id: ServerId,
    /// What became of it.
    pub state: MessageState,
    /// Why.
    pub reason: Reason,
    /// The mail's own Message-ID, without angle brackets.
    pub internet_message_id: Option<String>,
    /// The subject, decoded, at most 250 characters.
    pub subject: String,
    /// The sender's address, where there is one.
    pub from: Option<String>,
    /// Size in bytes, as read (or as announced, where it was not read).
    pub size: u64,
    /// The issue it became or belongs to.
    pub issue_key: Option<IssueKey>,
    /// The comment it became.
    pub comment_id: Option<CommentId>,
    /// How often it was tried.
    pub attempts: u32,
    /// In how many polls the server listed it and did not give it.
    #[serde(default)]
    pub failed_readings: u32,
    /// How far its download came, while that goes on over several polls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<Download>,
    /// When the server received it (INTERNALDATE).
    pub received_at: Timestamp,
    /// It arrived while the mailbox was connected: limits of rate count it, unlike what a first import brings.
    #[serde(default)]
    pub arrived: bool,
    /// Why it was held before a person dismissed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_for: Option<Reason>,
    /// What was decided and why.
    #[serde(with = "trace::stored")]
    pub trace: Vec<TraceStep>,
    /// What is done to it on the server. None: nothing.
    #[serde(default)]
    pub after_import: Option<AfterImport>,
    /// When it was last written.
    #[serde(skip)]
    pub written: Written,
}

impl Message {
    /// When the record was last changed; what was written before that was noted has the mail's own time.
    pub fn changed_at(&self) -> Timestamp {
        self.written.0.unwrap_or(self.received_at)
    }

    /// Whether nothing more happens to it by itself.
    pub fn is_final(&self) -> bool {
        self.state != MessageState::Stored
    }
}

/// A duplicate marker: this mail, in this scope, was made into something by that message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeenMarker {
    /// The mailbox's id or the project's key.
    pub scope: SeenScope,
    /// [`mail::identity::Identity::marker`].
    pub identity: String,
}

/// Within what a mail must not appear twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenScope {
    /// One mailbox, across epochs.
    Mailbox(MailboxId),
    /// One project, across mailboxes.
    Project(crate::types::project::ProjectKey),
}

impl fmt::Display for SeenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mailbox(id) => write!(f, "{id}"),
            Self::Project(key) => write!(f, "{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_ids_survive_their_text_and_sort_by_number() {
        let uid = |uid| ServerId::Imap { uid };
        assert_eq!(uid(7).to_string().parse(), Ok(uid(7)));
        assert!(uid(9).to_string() < uid(10).to_string());
        assert!("imap:x".parse::<ServerId>().is_err());
    }
}

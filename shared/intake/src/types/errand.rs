//! What is done to a mail on its server after it was imported.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::{
        Problem,
        ahead::{LONGEST_PAUSE, is_ahead},
        ids::{MailboxId, MessageId},
        server_id::ServerId,
        words::words,
    },
};

/// What is done to imported mails on their server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum MailAction {
    /// They get the flag `\Seen`. IMAP only.
    MarkSeen,
    /// They go to another folder, which is created when it is missing. IMAP only.
    Move {
        /// Its name, in Unicode.
        folder: String,
    },
    /// They are deleted for good.
    Delete,
}

impl MailAction {
    /// The word used in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::MarkSeen => "mark_seen",
            Self::Move { .. } => "move",
            Self::Delete => "delete",
        }
    }

    /// The folder that a mail goes to.
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::Move { folder } => Some(folder),
            Self::MarkSeen | Self::Delete => None,
        }
    }

    /// Whether they are the same but for the folder.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// An action that is to be done to one imported mail: noted in the mail's own transaction, carried out later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Whose mail.
    pub mailbox_id: MailboxId,
    /// Its record.
    pub message_id: MessageId,
    /// The mailbox's epoch when it was imported.
    pub epoch: u32,
    /// The folder's UIDVALIDITY then.
    pub uid_validity: u64,
    /// Where it lay.
    pub server_id: ServerId,
    /// What is to be done.
    pub action: MailAction,
    /// The mail's own Message-ID, by which it is known again.
    pub internet_message_id: Option<String>,
    /// The size that the server announced, in bytes; with the date it stands for a missing Message-ID.
    pub size: u64,
    /// When the server received it.
    pub received_at: Timestamp,
    /// How often it was begun: where it was, the mail may be gone because of that.
    pub tries: u32,
}

/// How the action on one mail stands, for people: a part of the mail's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterImport {
    /// What is or was to be done.
    pub action: MailAction,
    /// Whether it was.
    pub status: ErrandStatus,
    /// One sentence, where it was given up; else empty.
    pub detail: String,
}

impl AfterImport {
    /// Still to be done.
    pub fn pending(action: MailAction) -> Self {
        Self { action, status: ErrandStatus::Pending, detail: String::new() }
    }
}

words! {
    /// How the action on one mail stands.
    pub enum ErrandStatus {
        /// To be done.
        Pending = "pending",
        /// Done.
        Done = "done",
        /// It cannot or may not be done; the mail stays as it is.
        GivenUp = "given_up",
    }
}

/// What a mailbox's run knows of its errands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Errands {
    /// There may be some. False: there are none, and nobody need look.
    pub pending: bool,
    /// Why they wait.
    pub trouble: Option<ErrandTrouble>,
}

impl Errands {
    /// Whether some may be carried out now.
    pub fn are_due(&self, now: Timestamp) -> bool {
        let waits = |trouble: &ErrandTrouble| is_ahead(trouble.not_before, now, LONGEST_PAUSE);
        self.pending && !self.trouble.as_ref().is_some_and(waits)
    }
}

/// Why a mailbox's errands wait: the server could not, or would not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrandTrouble {
    /// Failures in a row.
    pub failures: u32,
    /// Not tried again before.
    pub not_before: Timestamp,
    /// What went wrong.
    pub problem: Problem,
}

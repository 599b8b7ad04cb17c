//! Changes of the moving half of a mailbox.

use crate::{
    Timestamp,
    types::{
        Problem,
        errand::ErrandTrouble,
        ids::MailboxId,
        mailbox::{Cursor, MailboxStatus},
        watch::Watch,
    },
};

/// How far a mailbox came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorMove {
    /// Whose.
    pub mailbox_id: MailboxId,
    /// The lease's fence.
    pub fence: u64,
    /// Under which epoch the cursor holds.
    pub epoch: u32,
    /// The new cursor.
    pub cursor: Cursor,
    /// INTERNALDATE of the oldest mail known but not yet final; None when there is none.
    pub oldest_unprocessed_at: Option<Timestamp>,
}

/// Changes of a run's shown state. Fields that are None stay.
#[derive(Debug, Clone, PartialEq)]
pub struct RunChange {
    /// Whose.
    pub mailbox_id: MailboxId,
    /// Only under this fence; None where no lease is held (then only shown state is written).
    pub fence: Option<u64>,
    /// The new status.
    pub status: Option<MailboxStatus>,
    /// The new time of the last poll.
    pub last_poll_at: Option<Timestamp>,
    /// The new time of the last complete import.
    pub last_success_at: Option<Timestamp>,
    /// The new time of the last rescan.
    pub rescanned_at: Option<Timestamp>,
    /// The new error: `Some(None)` removes it.
    pub last_error: Option<Option<Problem>>,
    /// The new end of the pause that the mail server asks for: `Some(None)` removes it.
    pub throttled_until: Option<Option<Timestamp>>,
    /// The new number of failures in a row.
    pub consecutive_failures: Option<u32>,
    /// A new epoch, which forgets the cursor.
    pub epoch: Option<u32>,
    /// When the schedule may poll again.
    pub not_before: Option<Timestamp>,
    /// Whether the schedule polls at all.
    pub scheduled: Option<bool>,
    /// Whether there may be errands.
    pub errands_pending: Option<bool>,
    /// Why errands wait: `Some(None)` removes it.
    pub errands_trouble: Option<Option<ErrandTrouble>>,
    /// What the daily look found.
    pub watch: Option<Box<Watch>>,
}

impl RunChange {
    /// No change yet, of this mailbox's run.
    pub fn of(mailbox_id: MailboxId) -> Self {
        Self {
            mailbox_id,
            fence: None,
            status: None,
            last_poll_at: None,
            last_success_at: None,
            rescanned_at: None,
            last_error: None,
            throttled_until: None,
            consecutive_failures: None,
            epoch: None,
            not_before: None,
            scheduled: None,
            errands_pending: None,
            errands_trouble: None,
            watch: None,
        }
    }
}

//! Which of the mails that were in a mailbox before we came are imported.

use std::time::Duration;

use crate::{
    Timestamp,
    types::{
        mailbox::{Mailbox, Run, Start},
        message::Reason,
    },
};

/// Mails of a renumbered mailbox are taken from this long before the last complete poll.
const OVERLAP: Duration = Duration::from_secs(3 * 24 * 3600);

/// The rule for mails below the first UIDNEXT of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// First import: those received at or after this time. Others leave no record.
    First(Timestamp),
    /// The server numbered its mails anew, or it is another account or folder: those received since the last complete
    /// poll (less three days), unless they are known. Others are recorded, so that they can be redriven.
    Renumbered(Timestamp),
}

impl Rule {
    pub(super) fn of(mailbox: &Mailbox, run: &Run) -> Self {
        // Before the first complete poll nothing can be known by its date: the first import still goes on.
        if let Some(last) = run.last_success_at.filter(|_| run.epoch > 1) {
            return Self::Renumbered(last.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN));
        }
        Self::first(mailbox)
    }

    /// The rule for a first import.
    pub(super) fn first(mailbox: &Mailbox) -> Self {
        match mailbox.start {
            Start::All => Self::First(Timestamp::MIN),
            Start::Since { since } => Self::First(since),
            // Servers keep whole seconds: a mail of the second of creation may be a new one, so it is taken.
            Start::NewOnly => Self::First(
                Timestamp::from_second(mailbox.created_at.as_second()).unwrap_or(mailbox.created_at),
            ),
        }
    }

    /// Mails from this time on are wanted.
    pub(super) fn since(self) -> Timestamp {
        let (Self::First(since) | Self::Renumbered(since)) = self;
        since
    }

    pub(super) fn wants(self, received_at: Timestamp) -> bool {
        received_at >= self.since()
    }

    /// How mails that are not wanted are recorded; None: not at all.
    pub(super) fn record(self) -> Option<(Reason, &'static str)> {
        match self {
            Self::First(_) => None,
            Self::Renumbered(_) => Some((
                Reason::Renumbered,
                "The server numbered its mails anew, and this one is older than the last poll.",
            )),
        }
    }
}

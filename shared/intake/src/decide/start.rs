//! Which of the mails that were in a mailbox before we came are imported.

use crate::{
    Timestamp,
    limits::OVERLAP,
    types::{
        mailbox::{Mailbox, Run, Start},
        message::Reason,
        renumbering::Renewed,
    },
};

/// The rule for mails below the first UIDNEXT of an epoch that are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartRule {
    /// Those received at or after this time. Others leave no record.
    From(Timestamp),
    /// The same after a person chose another server, account or folder. Others are recorded, so that people see them.
    Others(Timestamp),
}

impl StartRule {
    pub(crate) fn of(mailbox: &Mailbox, run: &Run) -> Self {
        let first = Self::first(mailbox);
        match run.cursor.map(|cursor| cursor.renewed) {
            Some(Some(Renewed { since: Some(since), last: None, .. })) => Self::Others(since),
            // A renumbering says nothing of mails: wanted are those that were wanted before.
            Some(Some(Renewed { since, .. })) => {
                Self::From(since.map_or(first.since(), |since| since.max(first.since())))
            }
            // Written before it was noted how an epoch began.
            _ => match run.last_success_at.filter(|_| run.epoch > 1) {
                Some(last) => Self::Others(last.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN)),
                None => first,
            },
        }
    }

    /// The rule for a first import.
    pub(crate) fn first(mailbox: &Mailbox) -> Self {
        match mailbox.start {
            Start::All => Self::From(Timestamp::MIN),
            Start::Since { since } => Self::From(since),
            // Servers keep whole seconds: a mail of the second of creation may be a new one, so it is taken.
            Start::NewOnly => Self::From(
                Timestamp::from_second(mailbox.created_at.as_second()).unwrap_or(mailbox.created_at),
            ),
        }
    }

    /// Mails from this time on are wanted.
    pub(crate) fn since(self) -> Timestamp {
        let (Self::From(since) | Self::Others(since)) = self;
        since
    }

    pub(crate) fn wants(self, received_at: Timestamp) -> bool {
        received_at >= self.since()
    }

    /// How mails that are not wanted are recorded, and the key of the sentence that says why; None: not at all.
    pub(crate) fn record(self) -> Option<(Reason, &'static str)> {
        match self {
            Self::From(_) => None,
            Self::Others(_) => Some((Reason::Renumbered, "trace.read.another_place")),
        }
    }
}

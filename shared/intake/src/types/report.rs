//! What a poll did, in numbers.

use std::ops::AddAssign;

use serde::Serialize;

use super::message::{MessageState, Reason};

/// What a poll did. The answer of `POST /mailboxes/{id}/poll`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PollReport {
    /// Mails seen for the first time.
    pub fetched: u64,
    /// Issues made.
    pub created: u64,
    /// Comments made.
    pub commented: u64,
    /// Mails that became nothing, on purpose.
    pub skipped: u64,
    /// Mails that wait for a person.
    pub held: u64,
    /// Mails that could not be processed.
    pub failed: u64,
    /// There is more to import than the time allowed.
    pub more: bool,
    /// Another poll of this mailbox was under way the whole time.
    pub busy: bool,
}

impl PollReport {
    /// Counts one mail that reached this state.
    pub(crate) fn count(&mut self, state: MessageState, reason: Reason) {
        self.fetched += 1;
        match (state, reason) {
            (MessageState::Applied, Reason::Commented) => self.commented += 1,
            (MessageState::Applied, _) => self.created += 1,
            (MessageState::Skipped, _) => self.skipped += 1,
            (MessageState::Held, _) => self.held += 1,
            (MessageState::Failed, _) => self.failed += 1,
            (MessageState::Stored, _) => {}
        }
    }
}

impl AddAssign for PollReport {
    fn add_assign(&mut self, other: Self) {
        self.fetched += other.fetched;
        self.created += other.created;
        self.commented += other.commented;
        self.skipped += other.skipped;
        self.held += other.held;
        self.failed += other.failed;
        self.more |= other.more;
        self.busy |= other.busy;
    }
}

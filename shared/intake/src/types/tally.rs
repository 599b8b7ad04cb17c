//! How many mails came, hour by hour, and what became of them: what charts and figures are made of. Counted in the
//! transaction that writes the records, so that no mail counts twice.

use jiff::civil::Date;

use super::{
    ids::MailboxId,
    message::{Message, MessageState, Reason},
};
use crate::Timestamp;

/// For how many days tallies are kept.
pub const KEPT_DAYS: i64 = 92;
/// The upper ends of what is counted together of delays, in seconds; longer ones are counted behind them.
pub const DELAYS: [u64; 9] = [5, 15, 30, 60, 120, 300, 900, 3_600, 21_600];

/// What is added in one hour of one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whose mails.
    pub mailbox_id: MailboxId,
    /// When they were decided on.
    pub at: Timestamp,
    /// How many, and what became of them.
    pub counts: Counts,
    /// How many of them took so long from their arrival: at most [`DELAYS`] seconds, the last one longer.
    pub delays: [u64; DELAYS.len() + 1],
}

/// Mails, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All of them.
    pub mails: u64,
    /// Became issues.
    pub issues: u64,
    /// Became comments.
    pub comments: u64,
    /// Became nothing, on purpose.
    pub skipped: u64,
    /// Wait for review.
    pub held: u64,
    /// Could not be processed.
    pub failed: u64,
}

impl Counts {
    /// The same with what another hour or mailbox has.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            mails: self.mails + other.mails,
            issues: self.issues + other.issues,
            comments: self.comments + other.comments,
            skipped: self.skipped + other.skipped,
            held: self.held + other.held,
            failed: self.failed + other.failed,
        }
    }
}

impl Step {
    /// Nothing yet.
    pub fn new(mailbox_id: MailboxId, at: Timestamp) -> Self {
        Self { mailbox_id, at, counts: Counts::default(), delays: Default::default() }
    }

    /// Counts a mail that reached its first state that is final; delays only of those that arrived while the mailbox was
    /// connected: what a first import brings was not waited for.
    pub fn count(&mut self, message: &Message) {
        let counts = &mut self.counts;
        counts.mails += 1;
        match (message.state, message.reason) {
            (MessageState::Applied, Reason::Commented) => counts.comments += 1,
            (MessageState::Applied, _) => counts.issues += 1,
            (MessageState::Skipped, _) => counts.skipped += 1,
            (MessageState::Held, _) => counts.held += 1,
            (MessageState::Failed, _) => counts.failed += 1,
            (MessageState::Stored, _) => {}
        }
        if message.state == MessageState::Applied && message.arrived {
            let seconds = self.at.as_second().saturating_sub(message.received_at.as_second());
            let seconds = u64::try_from(seconds).unwrap_or(0);
            let at = DELAYS.iter().position(|end| seconds <= *end).unwrap_or(DELAYS.len());
            self.delays[at] += 1;
        }
    }

    /// The day and the hour in which it counts (UTC).
    pub fn hour(&self) -> (Date, usize) {
        let time = jiff::tz::Offset::UTC.to_datetime(self.at);
        (time.date(), usize::try_from(time.hour()).unwrap_or(0))
    }
}

/// One day of one mailbox, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Whose mails.
    pub mailbox_id: MailboxId,
    /// Which day.
    pub day: Date,
    /// Hour by hour.
    pub hours: [Counts; 24],
    /// See [`Step::delays`].
    pub delays: [u64; DELAYS.len() + 1],
}

impl Day {
    /// The whole day.
    pub fn counts(&self) -> Counts {
        self.hours.iter().copied().fold(Counts::default(), Counts::and)
    }
}

/// Within how many seconds this part (0 to 1) of the mails became something: the end of what is counted together. None where
/// there is no mail, or where it took longer than is told apart.
pub fn within(delays: &[u64; DELAYS.len() + 1], part: f64) -> Option<u64> {
    let all: u64 = delays.iter().sum();
    #[allow(clippy::cast_precision_loss, reason = "counts of mails, far below 2^52")]
    let wanted = all as f64 * part;
    let mut so_far = 0;
    for (count, end) in delays.iter().zip(DELAYS) {
        so_far += count;
        #[allow(clippy::cast_precision_loss, reason = "counts of mails, far below 2^52")]
        if all > 0 && so_far as f64 >= wanted {
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_ends_of_what_is_counted_together() {
        let mut delays = [0; DELAYS.len() + 1];
        assert_eq!(within(&delays, 0.5), None);
        (delays[0], delays[3], delays[9]) = (90, 8, 2);
        assert_eq!(
            (within(&delays, 0.5), within(&delays, 0.95), within(&delays, 0.99)),
            (Some(5), Some(60), None)
        );
    }

    #[test]
    fn an_hour_is_told_in_utc() {
        let step = Step::new(
            MailboxId::from_parts(Timestamp::UNIX_EPOCH, 1),
            "2026-11-30T23:59:59Z".parse().unwrap(),
        );
        assert_eq!(step.hour(), (jiff::civil::date(2026, 11, 30), 23));
    }
}

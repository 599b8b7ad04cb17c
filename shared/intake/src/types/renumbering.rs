//! How a numbering of mails began that is not the mailbox's first.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, types::words::words};

/// For so long a renumbering is worth a warning.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How the numbering under a cursor began. The mailbox's first has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Renewed {
    /// A person chose another server, account or folder: of what was there before, mails from this time on are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When the server numbered its mails anew the last time, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Renumbering>,
    /// When it did so before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
}

/// A renumbering by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renumbering {
    /// When it was seen.
    pub at: Timestamp,
    /// How it showed itself.
    pub sign: RenumberingSign,
}

words! {
    /// How a renumbering shows itself.
    pub enum RenumberingSign {
        /// Another UIDVALIDITY (RFC 3501 section 2.3.1.1), or other unique-ids (POP3).
        Told = "told",
        /// UIDNEXT went back under the same UIDVALIDITY, which RFC 3501 forbids.
        WentBack = "went_back",
    }
}

/// What of it a person should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenumberingAlarm {
    /// Twice within a day: perhaps at each sign-in.
    Often,
    /// UIDNEXT went back.
    WentBack,
}

impl Renewed {
    /// After the server numbered its mails anew once more.
    pub fn renumbered(self, at: Timestamp, sign: RenumberingSign) -> Self {
        Self { last: Some(Renumbering { at, sign }), before: self.last.map(|last| last.at), ..self }
    }

    /// For a day after what it is about.
    pub fn alarm(&self, now: Timestamp) -> Option<RenumberingAlarm> {
        let within_a_day = |from: Timestamp, to: Timestamp| to.duration_since(from).abs() <= DAY;
        let last = self.last.filter(|last| within_a_day(last.at, now))?;
        if self.before.is_some_and(|before| within_a_day(before, last.at)) {
            return Some(RenumberingAlarm::Often);
        }
        (last.sign == RenumberingSign::WentBack).then_some(RenumberingAlarm::WentBack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_within_a_day_are_an_alarm_for_a_day() {
        let hour = |n: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(n);
        let once = Renewed::default().renumbered(hour(0), RenumberingSign::Told);
        assert_eq!(once.alarm(hour(1)), None);
        let twice = once.renumbered(hour(20), RenumberingSign::Told);
        assert_eq!(twice.alarm(hour(21)), Some(RenumberingAlarm::Often));
        assert_eq!(twice.alarm(hour(45)), None);
        assert_eq!(twice.renumbered(hour(60), RenumberingSign::Told).alarm(hour(61)), None);
        let back = Renewed::default().renumbered(hour(0), RenumberingSign::WentBack);
        assert_eq!(back.alarm(hour(1)), Some(RenumberingAlarm::WentBack));
        assert_eq!(back.alarm(hour(25)), None);
    }
}

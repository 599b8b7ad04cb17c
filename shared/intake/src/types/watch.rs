//! The daily look at what a mail server holds, by other commands than imports use: one misreading cannot hide itself.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::{
        Problem,
        ahead::{LONGEST_PAUSE, is_ahead},
    },
};

/// Mails that are named; of the others only the number is told.
const NAMED: usize = 10;
/// Failures in a row that nobody need know of.
const QUIET: u32 = 2;

/// What a mailbox's run knows of its looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// When the last look came to its end; at first, when there was something to look at.
    pub at: Timestamp,
    /// The epoch of which the rest tells.
    pub epoch: u32,
    /// Mails that the last look saw.
    #[serde(default)]
    pub seen: u64,
    /// What it found.
    #[serde(default)]
    pub found: Differences,
    /// A look that goes on with the next poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
    /// Why the look could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<WatchTrouble>,
}

/// A look of which a part is done. It goes from the end of the folder to its beginning: whatever is deleted meanwhile, what
/// it has not seen keeps a lower place than what it has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnderWay {
    /// It goes on below this place in the folder's order (IMAP: sequence number).
    pub below: u32,
    /// Polls in which it went on.
    #[serde(default)]
    pub polls: u32,
    /// Mails that it saw.
    pub seen: u64,
    /// What it found.
    pub found: Differences,
}

/// Where a server contradicts itself or our records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Differences {
    /// Mails that lie there, should have a record, and have none, also after they were asked for once more.
    #[serde(default)]
    pub unrecorded: Named,
    /// Mails that are counted, or shown by one command, and not shown by another.
    #[serde(default)]
    pub unlisted: Named,
}

/// Some mails, the first of them by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Named {
    /// How many.
    pub count: u64,
    /// The first few: `UID 7`, `unique-id 0a1b…`, `message 3`.
    pub first: Vec<String>,
}

/// Why a look could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchTrouble {
    /// Failures in a row.
    pub failures: u32,
    /// Not tried again before.
    pub not_before: Timestamp,
    /// What went wrong.
    pub problem: Problem,
}

impl Watch {
    /// Before the first look.
    pub fn new(at: Timestamp, epoch: u32) -> Self {
        Self { at, epoch, seen: 0, found: Differences::default(), under_way: None, trouble: None }
    }

    /// Whether a look is to be made now, where each day's begins at `turn`, the last one that has passed.
    pub fn is_due(&self, turn: Timestamp, now: Timestamp) -> bool {
        let waits = |trouble: &WatchTrouble| is_ahead(trouble.not_before, now, LONGEST_PAUSE);
        let goes_on = self.under_way.is_some() || self.trouble.is_some();
        (goes_on || self.at < turn || self.at > now) && !self.trouble.as_ref().is_some_and(waits)
    }

    /// What people have to know of its failures; a short one mends itself.
    pub fn told_trouble(&self) -> Option<&WatchTrouble> {
        self.trouble.as_ref().filter(|trouble| trouble.failures > QUIET)
    }
}

impl Named {
    /// One more.
    pub fn add(&mut self, name: impl ToString) {
        self.count += 1;
        self.name(name);
    }

    /// Names one of those that are counted.
    pub fn name(&mut self, name: impl ToString) {
        if self.first.len() < NAMED {
            self.first.push(name.to_string());
        }
    }

    /// `UID 3, UID 7, …`; empty where none is known by name.
    pub fn list(&self) -> String {
        let more = !self.first.is_empty() && self.count > self.first.len() as u64;
        let more = more.then(|| "…".to_owned());
        self.first.iter().cloned().chain(more).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_look_is_due_once_a_turn_and_goes_on_until_its_end() {
        let watch = Watch::new(at(100), 1);
        assert!(!watch.is_due(at(100), at(200)) && watch.is_due(at(150), at(200)));
        assert!(watch.is_due(at(10), at(50)), "a clock that was wrong");
        let under_way = Watch { under_way: Some(UnderWay::default()), ..watch.clone() };
        assert!(under_way.is_due(at(10), at(200)));
        let trouble = WatchTrouble { failures: 1, not_before: at(300), problem: Problem::default() };
        let failed = Watch { trouble: Some(trouble), ..under_way };
        assert!(!failed.is_due(at(150), at(200)) && failed.is_due(at(150), at(301)));
        assert_eq!(failed.told_trouble(), None);
    }

    #[test]
    fn the_first_are_named() {
        let mut named = Named::default();
        assert_eq!(named.list(), "");
        (1..=12).for_each(|n| named.add(format!("UID {n}")));
        assert_eq!(named.count, 12);
        assert!(named.list().ends_with("UID 10, …"), "{}", named.list());
    }
}

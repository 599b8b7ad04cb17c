//! How many mails came, and what became of them.

use std::time::Duration;

use intake::{
    Error, Result,
    types::tally::{self, Counts},
};

use super::Actions;
use crate::{
    action::{Action, Verb},
    item::{FORMAT, number, text},
    keys::Key,
};

/// Where a count is.
type Place = fn(&mut Counts) -> &mut u64;

/// The names under which the counts of an hour are stored, and where they are.
pub(crate) const COUNTS: [(&str, Place); 6] = [
    ("mails", |counts| &mut counts.mails),
    ("issues", |counts| &mut counts.issues),
    ("comments", |counts| &mut counts.comments),
    ("skipped", |counts| &mut counts.skipped),
    ("held", |counts| &mut counts.held),
    ("failed", |counts| &mut counts.failed),
];

/// `mails_07`: an hour's count of a day's item.
pub(crate) fn of_hour(name: &str, hour: usize) -> String {
    format!("{name}_{hour:02}")
}

/// `delay_3`.
pub(crate) fn of_delay(at: usize) -> String {
    format!("delay_{at}")
}

impl Actions {
    /// One item a mailbox and day.
    pub(super) fn tally(&mut self, step: &tally::Step) -> Result<()> {
        let (day, hour) = step.hour();
        let mut verb = Verb::update().set("type", text("tally")).set("v", number(FORMAT));
        let kept = Duration::from_secs(u64::try_from(tally::KEPT_DAYS).unwrap_or(92) * 24 * 3600);
        let end = step.at.checked_add(kept).unwrap_or(step.at);
        verb = verb.set_once("ttl", number(end.as_second()));
        let mut counts = step.counts;
        let counts = COUNTS.map(|(name, place)| (of_hour(name, hour), *place(&mut counts)));
        let delays = step.delays.iter().enumerate().map(|(at, count)| (of_delay(at), *count));
        for (name, n) in counts.into_iter().chain(delays).filter(|(_, n)| *n > 0) {
            verb = verb.add(name, i64::try_from(n).map_err(Error::internal)?);
        }
        self.push(Action::new(Key::tally(day, step.mailbox_id), verb))
    }
}

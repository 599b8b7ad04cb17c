//! The plan: which mailboxes are due in this minute. Computed, not stored: an idle poll writes nothing.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    App, Timestamp,
    error::{Error, Kind, Result},
    failed,
    limits::{A_PLAN, HINT_LIFE, NOTE_EVERY},
    types::{
        ahead::{LONGEST_PAUSE, is_ahead},
        host::MailHost,
        ids::MailboxId,
        mailbox::ScheduleRow,
    },
};

use super::state;

/// A hint that a mailbox should be polled. Too old, it is dropped; doubled, it is harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Which mailbox.
    pub mailbox_id: MailboxId,
    /// When the plan was made.
    pub planned_at: Timestamp,
    /// Also compare the newest 200 mails with the records, because some servers show lower UIDs late; whether or not that
    /// was done within the hour. Plans leave it to the poll, which knows when it was done.
    pub rescan: bool,
}

impl Hint {
    /// Whether it has become too old.
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        self.planned_at.checked_add(HINT_LIFE).is_ok_and(|end| end < now)
    }
}

/// The hints of this minute, by host.
pub async fn plan(app: &App) -> Result<BTreeMap<MailHost, Vec<Hint>>> {
    let now = app.now();
    let rows = app.store.schedule().await?;
    let late = rows.iter().filter(|row| is_late(row, now)).count();
    if late > 0 {
        let error = Error::told(Kind::Retry { after: None }, "mailbox_not_polled.some");
        failed!(warn, error, count = late, "Mailboxes were not polled for three intervals.");
    }
    let mut by_host: BTreeMap<MailHost, Vec<Hint>> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| is_due(row, now)) {
        let hint = Hint { mailbox_id: row.mailbox_id, planned_at: now, rescan: false };
        by_host.entry(row.host).or_default().push(hint);
    }
    Ok(by_host)
}

/// In its minute, by which the polls of many mailboxes are spread, and whenever that was missed.
fn is_due(row: &ScheduleRow, now: Timestamp) -> bool {
    may_be_polled(row, now)
        && (slot(row.mailbox_id, now, u64::from(row.interval_seconds.div_ceil(60))) || is_overdue(row, now))
}

fn may_be_polled(row: &ScheduleRow, now: Timestamp) -> bool {
    row.enabled && !is_ahead(row.not_before, now, LONGEST_PAUSE)
}

/// Whether it was polled too long ago, or a time has come at which a poll was wanted. A mailbox of which nothing is known
/// waits for its minute, and is noted then.
fn is_overdue(row: &ScheduleRow, now: Timestamp) -> bool {
    let Some(last) = row.last_poll_at else { return false };
    row.not_before > last || last > now || is_past(last, row, 1, now)
}

/// Whether it should have been polled at least twice since.
pub(in crate::flows) fn is_late(row: &ScheduleRow, now: Timestamp) -> bool {
    let since = row.last_poll_at.map(|last| last.max(row.not_before));
    may_be_polled(row, now) && since.is_some_and(|since| is_past(since, row, 3, now))
}

/// Whether so many intervals have passed, as far as polls are noted, and one plan more.
fn is_past(since: Timestamp, row: &ScheduleRow, intervals: u32, now: Timestamp) -> bool {
    let interval = Duration::from_secs(row.interval_seconds.into());
    let unnoted = if state::is_each_noted(interval) { Duration::ZERO } else { NOTE_EVERY };
    since.checked_add(interval * intervals + unnoted + A_PLAN).is_ok_and(|end| end <= now)
}

/// Whether this minute is the mailbox's turn in a rhythm of `every` minutes; spread by a hash of its id.
fn slot(mailbox: MailboxId, now: Timestamp, every: u64) -> bool {
    let minute = u64::try_from(now.as_second() / 60).unwrap_or(0);
    (minute + mailbox.spread("poll")).is_multiple_of(every.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(interval_seconds: u32) -> ScheduleRow {
        ScheduleRow {
            mailbox_id: MailboxId::from_parts(Timestamp::from_second(1_790_000_000).unwrap(), 5),
            interval_seconds,
            host: MailHost::new("imap.example.com").unwrap(),
            not_before: Timestamp::from_second(1_790_000_000).unwrap(),
            last_poll_at: None,
            enabled: true,
        }
    }

    fn turns(row: &ScheduleRow) -> usize {
        let start = 1_790_000_040;
        (0..120).filter(|m| is_due(row, Timestamp::from_second(start + m * 60).unwrap())).count()
    }

    #[test]
    fn every_interval_has_its_turn_exactly_once() {
        assert_eq!(turns(&row(60)), 120);
        assert_eq!(turns(&row(300)), 24);
        assert_eq!(turns(&row(90)), 60);
        assert_eq!(turns(&ScheduleRow { enabled: false, ..row(60) }), 0);
        let later = Timestamp::from_second(1_790_000_040 + 60 * 60).unwrap();
        assert_eq!(turns(&ScheduleRow { not_before: later, ..row(60) }), 60);
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    /// The minutes of a day in which it is due, where each poll is noted as polls note themselves.
    fn polls(mut row: ScheduleRow, misses: impl Fn(i64) -> bool) -> Vec<i64> {
        let mut polls = Vec::new();
        for minute in 0..3 * 24 * 60 {
            let now = at(minute * 60);
            if is_due(&row, now) && !misses(minute) {
                polls.push(minute);
                row.last_poll_at = Some(now);
            }
        }
        polls
    }

    #[test]
    fn a_missed_minute_is_caught_up_at_once() {
        const DAY: u32 = 24 * 60 * 60;
        let known = ScheduleRow { last_poll_at: Some(at(0)), ..row(DAY) };
        let turn = polls(known.clone(), |_| false)[0];
        let down = turn - 5..turn + 60;
        let seen = polls(known.clone(), |minute| down.contains(&minute));
        assert!(seen.windows(2).all(|two| two[1] - two[0] <= 24 * 60 + 1), "{seen:?}");
        // Down for longer than its interval: polled as soon as there are plans again.
        let back = 24 * 60 + 700;
        assert_eq!(polls(known, |minute| minute < back)[0], back);
    }

    #[test]
    fn a_poll_that_failed_is_tried_again_when_its_pause_is_over() {
        let failed = ScheduleRow { last_poll_at: Some(at(0)), not_before: at(61), ..row(86_400) };
        assert!(!is_due(&failed, at(60)) && is_due(&failed, at(62)));
    }

    #[test]
    fn times_of_a_clock_that_was_wrong_count_as_past() {
        const YEAR: i64 = 365 * 24 * 3600;
        for (last, not_before) in [(YEAR, 0), (YEAR, YEAR + 60), (0, YEAR), (-YEAR, YEAR)] {
            let wrong =
                ScheduleRow { last_poll_at: Some(at(last)), not_before: at(not_before), ..row(86_400) };
            assert!(is_due(&wrong, at(120)), "{last} {not_before}");
        }
    }

    #[test]
    fn a_mailbox_is_late_after_three_intervals() {
        let late = |interval, minute: i64| {
            let row = ScheduleRow { last_poll_at: Some(at(0)), not_before: at(0), ..row(interval) };
            is_late(&row, at(minute * 60))
        };
        assert_eq!((late(60, 18), late(60, 19)), (false, true));
        assert_eq!((late(3600, 180), late(3600, 181)), (false, true));
        let paused = ScheduleRow { enabled: false, last_poll_at: Some(at(0)), ..row(60) };
        assert!(!is_late(&paused, at(86_400)));
    }
}

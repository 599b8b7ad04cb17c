//! The plan: which mailboxes are due in this minute. Computed, not stored: an idle poll writes nothing.

use std::collections::BTreeMap;

use aws_lc_rs::digest;

use crate::{
    App, Timestamp,
    error::Result,
    types::{host::MailHost, ids::MailboxId, mailbox::ScheduleRow},
};

/// A hint that a mailbox should be polled. Too old, it is dropped; doubled, it is harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Which mailbox.
    pub mailbox_id: MailboxId,
    /// When the plan was made.
    pub planned_at: Timestamp,
    /// Also compare the newest 200 mails with the records, because some servers show lower UIDs late.
    pub rescan: bool,
}

/// The hints of this minute, by host: a host's list is worked on with its connection limit.
pub async fn plan(app: &App) -> Result<BTreeMap<MailHost, Vec<Hint>>> {
    let now = app.now();
    let mut by_host: BTreeMap<MailHost, Vec<Hint>> = BTreeMap::new();
    for row in app.store.schedule().await? {
        if is_due(&row, now) {
            let rescan = slot(row.mailbox_id, "rescan", now, 60);
            by_host.entry(row.host).or_default().push(Hint {
                mailbox_id: row.mailbox_id,
                planned_at: now,
                rescan,
            });
        }
    }
    Ok(by_host)
}

fn is_due(row: &ScheduleRow, now: Timestamp) -> bool {
    row.enabled
        && row.not_before <= now
        && slot(row.mailbox_id, "poll", now, u64::from(row.interval_seconds.div_ceil(60)))
}

/// Whether this minute is the mailbox's turn in a rhythm of `every` minutes; spread by a hash of its id.
fn slot(mailbox: MailboxId, rhythm: &str, now: Timestamp, every: u64) -> bool {
    let minute = u64::try_from(now.as_second() / 60).unwrap_or(0);
    let hash = digest::digest(&digest::SHA256, format!("{rhythm}#{mailbox}").as_bytes());
    let spread = hash.as_ref().iter().take(4).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    (minute + spread).is_multiple_of(every.max(1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn row(interval_seconds: u32) -> ScheduleRow {
        ScheduleRow {
            mailbox_id: MailboxId::from_parts(Timestamp::from_second(1_790_000_000).unwrap(), 5),
            interval_seconds,
            host: MailHost::new("imap.example.com").unwrap(),
            not_before: Timestamp::from_second(1_790_000_000).unwrap(),
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
}

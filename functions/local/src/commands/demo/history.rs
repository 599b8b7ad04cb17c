//! Three weeks of the pretend web shop, as if the demo had run all the time.
//!
//! Each mail is received when it would have been and imported by a real poll a moment later, by a clock that is set back to
//! then: tallies, delays, issues and the audit trail come of the flows that everybody's come of, and nothing is written by
//! hand into the store.

use std::time::Duration;

use bytes::Bytes;
use intake::{App, Timestamp, flows::poll, types::ids::MailboxId};
use jiff::{SignedDuration, ToSpan};
use playground::Playground;

use crate::{failure::Outcome, process::wire::at};

/// A poll of the past may take this long.
const POLL_TIME: Duration = Duration::from_secs(10);
/// A mailbox is polled so often.
const INTERVAL: SignedDuration = SignedDuration::from_secs(60);
/// How long a mail waited for its poll, seconds, in turn.
const WAITS: [i64; 7] = [9, 21, 34, 12, 48, 27, 105];

/// So many days before now.
pub(super) fn days_ago(app: &App, days: i64) -> Timestamp {
    app.now().checked_sub((days * 24).hours()).unwrap_or(Timestamp::MIN)
}

/// Delivers each mail at its time, and imports it then; those of a minute together.
pub(super) async fn live(
    app: &App,
    playground: &Playground,
    mailbox: MailboxId,
    address: &str,
    mails: Vec<(Timestamp, Bytes)>,
) -> Outcome {
    let mut waits = WAITS.into_iter().cycle();
    let mut mails = mails.into_iter().peekable();
    while let Some((received, raw)) = mails.next() {
        playground.deliver_at(address, raw, received);
        let next = mails.peek().map(|(next, _)| *next);
        if next.is_some_and(|next| next.duration_since(received) <= INTERVAL) {
            continue;
        }
        let wait = waits.next().unwrap_or_default();
        let then = received.checked_add(wait.seconds()).unwrap_or(received);
        poll::poll_now(&at(app, then), mailbox, POLL_TIME).await?;
    }
    Ok(())
}

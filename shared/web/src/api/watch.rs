//! The daily look at what a mail server holds.

use intake::types::watch::Watch;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Time;

/// What the last look found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxWatch)]
pub(super) struct WatchView {
    /// When it ended; before the first one, since when looks are due.
    looked_at: Time,
    /// Mails that it saw.
    seen: u64,
    /// Mails that should have a record and have none.
    without_record: u64,
    /// Mails that are counted, or shown by one command, and not shown by another.
    not_listed: u64,
}

impl From<Watch> for WatchView {
    fn from(watch: Watch) -> Self {
        Self {
            looked_at: Time(watch.at),
            seen: watch.seen,
            without_record: watch.found.unrecorded.count,
            not_listed: watch.found.unlisted.count,
        }
    }
}

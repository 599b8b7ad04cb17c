//! The playground's own time, which a test can move without sleeping.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// The machine's time plus what a script added.
#[derive(Default)]
pub(crate) struct Clock {
    ahead_seconds: AtomicI64,
}

impl Clock {
    /// Seconds since 1970.
    #[expect(clippy::disallowed_methods, reason = "the playground's one look at the machine's clock")]
    pub(crate) fn seconds(&self) -> i64 {
        Timestamp::now().as_second().saturating_add(self.ahead_seconds.load(Ordering::Relaxed))
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds()).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX / 4);
        self.ahead_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

//! Whole mails, as others send them, in one program.

mod cost;
mod fixtures;
mod growth;
mod kinds;
mod properties;
mod round_trip;
mod senders;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The processor time of this thread that a work takes: other tests run beside it.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a time since the start");
    let begun = now();
    let done = work();
    (done, now().saturating_sub(begun))
}

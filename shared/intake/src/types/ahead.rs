//! Stored times that lie ahead, where the clock may have gone wrong in between.

use std::time::Duration;

use crate::Timestamp;

/// The longest pause between two polls of a mailbox: an interval, a back-off, or what its server asks for.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a stored time lies ahead. Nothing sets it further ahead than `longest`: one that lies beyond was written by a
/// clock that was wrong, and counts as past, so that what waits for it does not wait for years.
pub fn is_ahead(at: Timestamp, now: Timestamp, longest: Duration) -> bool {
    at > now && now.checked_add(longest).is_ok_and(|limit| at <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_too_far_ahead_counts_as_past() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let ahead = |second| is_ahead(at(second), at(1000), Duration::from_secs(60));
        assert_eq!(
            [0, 1000, 1001, 1060, 1061, 9_000_000].map(ahead),
            [false, false, true, true, false, false]
        );
        assert!(!is_ahead(Timestamp::MAX, at(1000), Duration::from_secs(60)));
    }
}

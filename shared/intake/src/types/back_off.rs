//! Pauses between tries.

use std::time::Duration;

/// How long to wait before something that failed is tried again: doubled with each failure, within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// After the first failure.
    pub first: Duration,
    /// However many there were.
    pub longest: Duration,
}

impl BackOff {
    /// The pause where so many pauses lie behind already.
    pub fn after(self, pauses: u32) -> Duration {
        self.first.saturating_mul(1 << pauses.min(30)).min(self.longest)
    }

    /// Half to whole of the pause, by a random byte, so that two who met do not meet again.
    pub fn spread(self, pauses: u32, random: u8) -> Duration {
        self.after(pauses).mul_f64(0.5 + f64::from(random) / 512.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses = BackOff { first: Duration::from_secs(60), longest: Duration::from_secs(30 * 60) };
        let seconds = |pauses: Duration| pauses.as_secs();
        assert_eq!([0, 1, 4, 5, 400].map(|n| seconds(pauses.after(n))), [60, 120, 960, 1800, 1800]);
        assert_eq!([0, 128, 255].map(|random| seconds(pauses.spread(1, random))), [60, 90, 119]);
    }
}

//! How long to wait before the next connection, in words of failures: 1 to 60 s, doubling, with jitter, for ever.

use std::time::Duration;

/// Shortest and longest wait.
const LEAST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(60);

/// The waits of one sensor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct BackOff {
    failures: u32,
}

impl BackOff {
    /// The wait after one more failure; `dice` lies in 0..1 and keeps two receivers from trying in step.
    pub(super) fn next(&mut self, dice: f64) -> Duration {
        let doubled = LEAST.saturating_mul(1 << self.failures.min(6)).min(MOST);
        self.failures = self.failures.saturating_add(1);
        doubled.mul_f64(0.5 + 0.5 * dice.clamp(0.0, 1.0)).max(LEAST)
    }

    /// A connection has proved itself.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub(super) fn failures(self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_double_from_one_second_to_a_minute_and_stay_there() {
        let mut back_off = BackOff::default();
        let waits: Vec<u64> = (0..9).map(|_| back_off.next(1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        back_off.reset();
        assert_eq!(back_off.next(1.0), LEAST);
    }

    proptest! {
        #[test]
        fn every_wait_is_1_to_60_s(failures in 0_u32..100, dice in 0.0..1.0_f64) {
            let wait = BackOff { failures }.next(dice);
            prop_assert!((LEAST..=MOST).contains(&wait));
        }
    }
}

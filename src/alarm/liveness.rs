//! Whether valid samples still arrive.

use serde::{Deserialize, Serialize};

use crate::units::UtcMicros;

/// Follows the age of the newest valid samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Liveness {
    stale_after_s: f64,
    newest: Option<UtcMicros>,
    stale: bool,
}

impl Liveness {
    /// Samples older than `stale_after_s` seconds are stale.
    pub(super) fn new(stale_after_s: f64) -> Self {
        Self { stale_after_s, newest: None, stale: false }
    }

    /// Valid samples that end at `at` arrived.
    pub(super) fn data(&mut self, at: UtcMicros) {
        // Samples that come late make the newest ones no older.
        self.newest = self.newest.max(Some(at));
        self.stale = false;
    }

    /// Time has come to `now`.
    pub(super) fn time(&mut self, now: UtcMicros) {
        // Before the first sample there is nothing to lose; from then on silence counts.
        let since = *self.newest.get_or_insert(now);
        self.stale |= now.seconds_since(since) > self.stale_after_s;
    }

    /// End of the newest valid samples, or when time was first known if there were none.
    pub(super) fn newest(&self) -> Option<UtcMicros> {
        self.newest
    }

    /// Samples older than this many seconds are stale from now on.
    pub(super) fn set_stale_after_s(&mut self, stale_after_s: f64) {
        self.stale_after_s = stale_after_s;
    }

    /// Moves the newest samples by `micros`: for time that must not count as silence.
    pub(super) fn shift(&mut self, micros: i64) {
        self.newest = self.newest.map(|newest| newest.plus_micros(micros));
    }

    /// Whether valid samples are stale.
    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcMicros {
        UtcMicros(seconds * 1_000_000)
    }

    #[test]
    fn silence_is_stale_until_valid_samples_come() {
        let mut liveness = Liveness::new(10.0);
        let stale_at = |liveness: &mut Liveness, seconds| {
            liveness.time(at(seconds));
            liveness.is_stale()
        };
        liveness.data(at(0));
        assert!(!stale_at(&mut liveness, 10));
        assert!(stale_at(&mut liveness, 11) && stale_at(&mut liveness, 50));
        liveness.data(at(60));
        assert!(!liveness.is_stale() && !stale_at(&mut liveness, 61));
    }

    #[test]
    fn a_sensor_that_never_sends_is_stale_too() {
        let mut liveness = Liveness::new(10.0);
        liveness.time(at(0));
        assert!(!liveness.is_stale());
        liveness.time(at(12));
        assert!(liveness.is_stale());
    }
}

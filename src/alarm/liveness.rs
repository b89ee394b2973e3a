//! Whether valid samples still arrive.

use serde::{Deserialize, Serialize};

use crate::units::UtcMicros;

/// Follows the age of the newest valid samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Liveness {
    stale_after_s: f64,
    newest: Option<UtcMicros>,
    stale: bool,
    /// Since when nothing can come, as far as was said.
    #[serde(default)]
    cut_at: Option<UtcMicros>,
}

impl Liveness {
    /// Samples older than `stale_after_s` seconds are stale.
    pub(super) fn new(stale_after_s: f64) -> Self {
        Self { stale_after_s, newest: None, stale: false, cut_at: None }
    }

    /// Valid samples that end at `at` arrived.
    pub(super) fn data(&mut self, at: UtcMicros) {
        // Samples that come late make the newest ones no older.
        self.newest = self.newest.max(Some(at));
        // What was on its way when the link was cut does not make it whole.
        if self.cut_at.is_none_or(|cut_at| at > cut_at) {
            (self.stale, self.cut_at) = (false, None);
        }
    }

    /// From `at` on nothing can come: no need to wait until samples are stale.
    pub(super) fn cut(&mut self, at: UtcMicros) {
        (self.stale, self.cut_at) = (true, Some(at));
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
        self.cut_at = self.cut_at.map(|cut_at| cut_at.plus_micros(micros));
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
    fn a_link_that_is_cut_is_stale_at_once_until_newer_samples_come() {
        let mut liveness = Liveness::new(10.0);
        liveness.data(at(0));
        liveness.cut(at(5));
        assert!(liveness.is_stale());
        liveness.data(at(4));
        assert!(liveness.is_stale(), "what was on its way");
        liveness.data(at(9));
        assert!(!liveness.is_stale());
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

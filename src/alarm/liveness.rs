//! Whether valid samples still arrive.

use serde::{Deserialize, Serialize};

use crate::units::UtcMicros;

/// A change that somebody has to hear of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LivenessChange {
    /// No valid samples for too long; the newest is from `since`.
    Fault {
        /// End of the newest valid samples.
        since: UtcMicros,
    },
    /// Valid samples arrive again after this many seconds.
    Restored {
        /// Seconds without valid samples.
        silent_s: f64,
    },
}

/// Follows the age of the newest valid samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Liveness {
    stale_after_s: f64,
    newest: Option<UtcMicros>,
    fault: bool,
}

impl Liveness {
    /// Samples older than `stale_after_s` seconds are stale.
    pub fn new(stale_after_s: f64) -> Self {
        Self { stale_after_s, newest: None, fault: false }
    }

    /// Valid samples that end at `at` arrived.
    pub fn data(&mut self, at: UtcMicros) -> Option<LivenessChange> {
        let before = self.newest.unwrap_or(at);
        // Samples that come late make the newest ones no older.
        self.newest = Some(before.max(at));
        let silent_s = at.seconds_since(before).max(0.0);
        std::mem::take(&mut self.fault).then_some(LivenessChange::Restored { silent_s })
    }

    /// Time has come to `now`.
    pub fn time(&mut self, now: UtcMicros) -> Option<LivenessChange> {
        // Before the first sample there is nothing to lose; from then on silence counts.
        let since = *self.newest.get_or_insert(now);
        let stale = now.seconds_since(since) > self.stale_after_s;
        (stale && !std::mem::replace(&mut self.fault, stale)).then_some(LivenessChange::Fault { since })
    }

    /// End of the newest valid samples, or when time was first known if there were none.
    pub fn newest(&self) -> Option<UtcMicros> {
        self.newest
    }

    /// Samples older than this many seconds are stale from now on.
    pub fn set_stale_after_s(&mut self, stale_after_s: f64) {
        self.stale_after_s = stale_after_s;
    }

    /// Moves the newest samples by `micros`: for time that must not count as silence.
    pub fn shift(&mut self, micros: i64) {
        self.newest = self.newest.map(|newest| newest.plus_micros(micros));
    }

    /// Whether valid samples are stale.
    pub fn is_stale(&self) -> bool {
        self.fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcMicros {
        UtcMicros(seconds * 1_000_000)
    }

    #[test]
    fn silence_is_told_once_and_its_end_once() {
        let mut liveness = Liveness::new(10.0);
        assert_eq!(liveness.data(at(0)), None);
        assert_eq!(liveness.time(at(10)), None);
        assert_eq!(liveness.time(at(11)), Some(LivenessChange::Fault { since: at(0) }));
        assert_eq!(liveness.time(at(50)), None);
        assert!(liveness.is_stale());
        assert_eq!(liveness.data(at(60)), Some(LivenessChange::Restored { silent_s: 60.0 }));
        assert_eq!(liveness.data(at(61)), None);
    }

    #[test]
    fn a_sensor_that_never_sends_is_a_fault_too() {
        let mut liveness = Liveness::new(10.0);
        assert_eq!(liveness.time(at(0)), None);
        assert!(liveness.time(at(12)).is_some());
    }
}

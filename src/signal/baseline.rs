//! The running quiet level of one channel: a low percentile of what was heard lately (noise-floor-adjusted thresholds,
//! after the principle of S-PLMAD, Moore 2014).

use serde::{Deserialize, Serialize};

/// Bins an octave of the level histogram.
const BINS_PER_OCTAVE: f64 = 8.0;
/// Level of the first bin's lower edge, in µV.
const LOWEST_UV: f64 = 0.125;
/// Bins: 0.125 µV to 8192 µV.
const BINS: usize = 128;
/// Share of the quarters that are below the quiet level.
const PERCENTILE: f64 = 0.15;
/// What was heard this long ago counts half, in quarters (10 min).
const HALF_LIFE_QUARTERS: f64 = 2400.0;
/// Quarters (60 s) needed before a quiet level is given.
const NEEDED_QUARTERS: u64 = 240;
/// Quarters that a level known from elsewhere weighs: after a minute of another level, what was heard has overruled it,
/// and that minute is what learning without it would have taken (0.15 · (42 + 240) > 42).
const KNOWN_QUARTERS: f64 = 42.0;

/// A decaying histogram of quarter-second RMS in logarithmic bins. Constant memory.
#[derive(Debug, Clone)]
pub struct Baseline {
    weights: [f64; BINS],
    total: f64,
    heard_quarters: u64,
    quiet_uv: Option<f64>,
}

/// What of a [`Baseline`] survives a restart of the daemon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineState {
    /// Histogram weights, lowest level first.
    pub weights: Vec<f64>,
    /// Valid quarters heard.
    pub heard_quarters: u64,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { weights: [0.0; BINS], total: 0.0, heard_quarters: 0, quiet_uv: None }
    }
}

impl Baseline {
    /// Takes the RMS of a valid quarter second, in µV.
    pub fn add(&mut self, rms_uv: f64) {
        let decay = 0.5_f64.powf(1.0 / HALF_LIFE_QUARTERS);
        for weight in &mut self.weights {
            *weight *= decay;
        }
        let bin = ((rms_uv.max(LOWEST_UV) / LOWEST_UV).log2() * BINS_PER_OCTAVE) as usize;
        self.weights[bin.min(BINS - 1)] += 1.0;
        self.total = self.total * decay + 1.0;
        self.heard_quarters += 1;
        self.quiet_uv = (self.heard_quarters >= NEEDED_QUARTERS).then(|| self.percentile_uv());
    }

    /// A baseline whose quiet level is known, in µV RMS. It gives way to what is heard within a minute.
    pub(crate) fn known(quiet_uv: f64) -> Self {
        let mut baseline = Self::default();
        // The percentile lies so far into the bin that holds all of the weight.
        let place = (quiet_uv.max(LOWEST_UV) / LOWEST_UV).log2() * BINS_PER_OCTAVE - PERCENTILE;
        baseline.weights[(place.round().max(0.0) as usize).min(BINS - 1)] = KNOWN_QUARTERS;
        baseline.total = KNOWN_QUARTERS;
        baseline.heard_quarters = NEEDED_QUARTERS;
        baseline.quiet_uv = Some(baseline.percentile_uv());
        baseline
    }

    /// The quiet level in µV RMS, once a minute of valid signal was heard.
    pub fn quiet_uv(&self) -> Option<f64> {
        self.quiet_uv
    }

    fn percentile_uv(&self) -> f64 {
        let mut left = PERCENTILE * self.total;
        for (bin, weight) in self.weights.iter().enumerate() {
            if *weight >= left && *weight > 0.0 {
                // Interpolated within the bin, so that the level moves smoothly.
                return LOWEST_UV * ((bin as f64 + left / weight) / BINS_PER_OCTAVE).exp2();
            }
            left -= weight;
        }
        LOWEST_UV
    }

    /// For the store.
    pub fn state(&self) -> BaselineState {
        BaselineState { weights: self.weights.to_vec(), heard_quarters: self.heard_quarters }
    }

    /// From the store; `None` if the state is of another shape or not finite.
    pub fn restore(state: &BaselineState) -> Option<Self> {
        let weights: [f64; BINS] = state.weights.as_slice().try_into().ok()?;
        if weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
            return None;
        }
        let total = weights.iter().sum();
        let mut baseline = Self { weights, total, heard_quarters: state.heard_quarters, quiet_uv: None };
        baseline.quiet_uv =
            (baseline.heard_quarters >= NEEDED_QUARTERS && total > 0.0).then(|| baseline.percentile_uv());
        Some(baseline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(levels: &[(u32, f64)]) -> Baseline {
        let mut baseline = Baseline::default();
        for (n, level) in levels {
            for _ in 0..*n {
                baseline.add(*level);
            }
        }
        baseline
    }

    #[test]
    fn nothing_is_said_before_a_minute() {
        assert_eq!(heard(&[(239, 5.0)]).quiet_uv(), None);
        assert!((heard(&[(240, 5.0)]).quiet_uv().unwrap() / 5.0 - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_long_cramp_does_not_lift_the_quiet_level() {
        let quiet = heard(&[(2400, 5.0), (2400, 100.0)]).quiet_uv().unwrap();
        assert!((4.5..5.5).contains(&quiet), "{quiet}");
    }

    #[test]
    fn a_new_noise_floor_is_learned_within_half_an_hour() {
        let quiet = heard(&[(7200, 5.0), (9000, 12.0)]).quiet_uv().unwrap();
        assert!((11.0..13.0).contains(&quiet), "{quiet}");
    }

    #[test]
    fn a_known_level_is_there_at_once_and_gives_way_to_what_is_heard_within_a_minute() {
        for known_uv in [0.5, 2.0, 4.8, 11.0] {
            let mut baseline = Baseline::known(known_uv);
            assert!((baseline.quiet_uv().unwrap() / known_uv - 1.0).abs() < 0.05, "{known_uv}");
            for _ in 0..NEEDED_QUARTERS {
                baseline.add(3.0 * known_uv);
            }
            assert!((baseline.quiet_uv().unwrap() / known_uv / 3.0 - 1.0).abs() < 0.1, "{known_uv}");
        }
        // One that was too high gives way at once.
        let mut baseline = Baseline::known(10.0);
        (0..10).for_each(|_| baseline.add(4.0));
        assert!(baseline.quiet_uv().unwrap() < 4.5);
        assert!(Baseline::restore(&baseline.state()).is_some());
    }

    #[test]
    fn a_restored_baseline_goes_on_where_it_was() {
        let baseline = heard(&[(500, 7.0)]);
        let restored = Baseline::restore(&baseline.state()).unwrap();
        assert!((restored.quiet_uv().unwrap() - baseline.quiet_uv().unwrap()).abs() < 1e-6);
        assert!(Baseline::restore(&BaselineState { weights: vec![1.0], heard_quarters: 1 }).is_none());
    }
}

//! How unsteady the envelope of one channel is on several time scales: a regular train of pulses fills its dips, a wandering
//! one leaves them.
//!
//! In a cramp the intervals of a motor unit vary by 45 %, in a hold by 10 to 25 % (Minetto 2009), so that at one and the same
//! level the envelope dips deeper and longer. The measure is half the mean squared difference of neighbouring ln powers
//! (the Allan variance), which a slow change of level hardly touches.

use super::quarter::{EmgQuarter, SUB_BLOCKS};

/// Least block power in µV², so that a logarithm is finite.
const LEAST_POWER_UV2: f64 = 1e-3;

/// Time steps within a quarter.
pub(crate) const N_STEPS: usize = 4;

/// Half squared differences of ln power within one quarter.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Unsteady {
    /// Between neighbours of 16, 31, 62 and 125 ms (a 64th, 32nd, 16th and eighth second).
    pub(crate) steps: [f64; N_STEPS],
    /// ln RMS of the quarter.
    pub(crate) ln_rms: f64,
    /// ln of fourth power over that of Gaussian noise.
    pub(crate) ln_peakiness: f64,
    /// ln of the mean frequency as a share of the sample rate, times π (Hjorth mobility, corrected as in the features).
    pub(crate) ln_turn: f64,
}

impl Unsteady {
    /// Of a quarter.
    pub(crate) fn of(quarter: &EmgQuarter) -> Self {
        let power = quarter.power_uv2.max(1e-6);
        Self {
            steps: [
                half_squared_difference::<SUB_BLOCKS>(&quarter.block_power_uv2),
                half_squared_difference::<{ SUB_BLOCKS / 2 }>(&quarter.block_power_uv2),
                half_squared_difference::<{ SUB_BLOCKS / 4 }>(&quarter.block_power_uv2),
                half_squared_difference::<2>(&quarter.block_power_uv2),
            ],
            ln_rms: 0.5 * power.max(0.0025).ln(),
            ln_peakiness: (quarter.fourth_uv4.max(1e-9) / (3.0 * power * power)).ln(),
            ln_turn: ((quarter.difference_power_uv2 / power).sqrt() / 2.0).clamp(1e-3, 1.0).asin().ln(),
        }
    }
}

/// Half the mean squared difference of neighbours among `N` equal parts, as ln power.
fn half_squared_difference<const N: usize>(blocks: &[f64; SUB_BLOCKS]) -> f64 {
    let each = SUB_BLOCKS / N;
    let ln_power: [f64; N] = std::array::from_fn(|part| {
        let sum: f64 = blocks[part * each..(part + 1) * each].iter().sum();
        (sum / each as f64).max(LEAST_POWER_UV2).ln()
    });
    let differences = ln_power.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0]));
    differences.sum::<f64>() / (2 * (N - 1)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_level_has_none_and_the_shortest_dips_are_seen_at_the_shortest_step_alone() {
        let with = |blocks: [f64; SUB_BLOCKS]| {
            Unsteady::of(&EmgQuarter { power_uv2: 5.0, block_power_uv2: blocks, ..EmgQuarter::default() })
        };
        let steady = with([5.0; SUB_BLOCKS]);
        assert_eq!(steady.steps, [0.0; N_STEPS]);
        let dips = with(std::array::from_fn(|b| if b % 2 == 0 { 1.0 } else { 9.0 }));
        assert!(dips.steps[0] > 2.0 && dips.steps[1] < 1e-12, "{dips:?}");
    }

    #[test]
    fn nothing_but_zeros_is_still_finite() {
        let zero = Unsteady::of(&EmgQuarter::default());
        assert!(zero.ln_rms.is_finite() && zero.ln_peakiness.is_finite() && zero.ln_turn.is_finite());
    }
}

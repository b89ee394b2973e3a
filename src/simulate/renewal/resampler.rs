//! From finely made samples to those of the night's rate.

use std::f64::consts::PI;

/// Finely made samples have this rate.
pub(super) const FINE_HZ: f64 = 8000.0;
/// Places between two samples of the night at which something may begin.
pub(super) const PHASES: usize = 4;
/// Samples before the beginning that the band limit needs, at the night's rate.
pub(super) const GUARD: usize = 6;

/// Takes out what the night's rate cannot hold: a sinc under a Hann window, up to 0.45 of the rate.
#[derive(Debug)]
pub(super) struct Resampler {
    /// For each phase, for each sample of it: the first fine sample that counts, and the weights.
    rows: Vec<(usize, Vec<f64>)>,
    length: usize,
}

impl Resampler {
    /// For `fine_count` fine samples and `length` samples at the night's rate, the first [`GUARD`] of them before the
    /// beginning.
    pub(super) fn new(rate_hz: usize, fine_count: usize, length: usize) -> Self {
        let ratio = FINE_HZ / rate_hz as f64;
        let (half, band) = (GUARD as f64 * ratio, 0.9 / ratio);
        let weight = |away: f64| {
            let x = PI * band * away;
            let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
            band * sinc * (0.5 + 0.5 * (PI * away / half).cos())
        };
        let row = |number: usize| {
            let late = (number / length) as f64 / PHASES as f64 + GUARD as f64;
            let middle = ((number % length) as f64 - late) * ratio;
            let from = ((middle - half).ceil().max(0.0) as usize).min(fine_count);
            let to = ((middle + half).floor() + 1.0).max(0.0) as usize;
            let weights = (from..to.min(fine_count)).map(|index| weight(index as f64 - middle)).collect();
            (from, weights)
        };
        Self { rows: (0..PHASES * length).map(row).collect(), length }
    }

    /// Samples of each phase.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// All phases one after the other.
    pub(super) fn resampled(&self, fine: &[f64]) -> impl Iterator<Item = f64> {
        self.rows.iter().map(|(from, weights)| {
            let rest = fine.get(*from..).unwrap_or_default();
            rest.iter().zip(weights).map(|(value, weight)| value * weight).sum()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn what_is_slow_stays_and_what_is_fast_goes() {
        let resampler = Resampler::new(1000, 800, 100);
        let wave =
            |hz: f64| -> Vec<f64> { (0..800).map(|index| (TAU * hz * f64::from(index) / FINE_HZ).sin()).collect() };
        let middle = |hz: f64| resampler.resampled(&wave(hz)).skip(100 + GUARD + 20).take(50).collect::<Vec<_>>();
        for (index, value) in middle(100.0).into_iter().enumerate() {
            // The second phase is a quarter of a sample late.
            let at_s = (index as f64 + 20.0 - 0.25) / 1000.0;
            assert!((value - (TAU * 100.0 * at_s).sin()).abs() < 0.01, "{index}: {value}");
        }
        assert!(middle(700.0).into_iter().all(|value| value.abs() < 0.02));
    }
}

//! Courses over time: smooth steps, bumps, and noise between two frequencies.

use crate::simulate::dice::Dice;
use std::f64::consts::{PI, TAU};

/// Step of all courses of drive, in seconds.
pub(super) const STEP_S: f64 = 0.01;

/// Number of steps of a course of this length.
pub(super) fn steps(duration_s: f64, least: usize) -> usize {
    ((duration_s / STEP_S) as usize).max(least)
}

/// From 0 to 1 with least jerk (Flash & Hogan 1985), for `at` from 0 to 1.
pub(super) fn least_jerk(at: f64) -> f64 {
    let at = at.clamp(0.0, 1.0);
    at * at * at * (10.0 + at * (6.0 * at - 15.0))
}

/// A raised cosine over `count` places, 0 just before the first and just after the last.
pub(super) fn bump(index: usize, count: usize) -> f64 {
    0.5 - 0.5 * (TAU * (index + 1) as f64 / (count + 1) as f64).cos()
}

/// Multiplies the first `rise` and the last `fall` places of a course by smooth steps.
pub(super) fn edges(course: &mut [f64], rise: usize, fall: usize) {
    let count = course.len();
    for (index, value) in course.iter_mut().enumerate() {
        *value *= least_jerk((index as f64 + 0.5) / rise.max(1) as f64);
        *value *= least_jerk((count - index) as f64 / fall.max(1) as f64);
    }
}

/// A course of few values at any place from 0 to 1, linear in between.
pub(super) fn between(values: &[f64], at: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = at.clamp(0.0, 1.0) * last as f64;
    let left = (place as usize).min(last);
    let right = (left + 1).min(last);
    values[left] + (values[right] - values[left]) * (place - left as f64)
}

/// Noise of unit variance between two frequencies: many waves of random frequency and phase.
#[derive(Debug, Clone)]
pub(super) struct Band {
    /// Cosine and sine of the phase now, and of its step.
    waves: Vec<[f64; 4]>,
    gain: f64,
}

impl Band {
    /// Noise from `low_hz` to `high_hz`, asked `rate_hz` times a second for `duration_s`.
    pub(super) fn new(low_hz: f64, high_hz: f64, rate_hz: f64, duration_s: f64, dice: &mut Dice) -> Self {
        let high_hz = high_hz.min(0.45 * rate_hz).max(low_hz);
        // Enough that the sum neither repeats nor beats over the course.
        let count = (2.0 * (high_hz - low_hz) * duration_s).clamp(12.0, 48.0) as usize;
        let wave = |_| {
            let (phase, step) = (TAU * dice.unit(), TAU * dice.uniform(low_hz, high_hz) / rate_hz);
            [phase.cos(), phase.sin(), step.cos(), step.sin()]
        };
        let waves: Vec<[f64; 4]> = (0..count).map(wave).collect();
        Self { gain: (2.0 / count as f64).sqrt(), waves }
    }

    /// The next value.
    pub(super) fn next(&mut self) -> f64 {
        let mut sum = 0.0;
        for [cos, sin, step_cos, step_sin] in &mut self.waves {
            sum += *cos;
            (*cos, *sin) = (*cos * *step_cos - *sin * *step_sin, *sin * *step_cos + *cos * *step_sin);
        }
        sum * self.gain
    }
}

/// Butterworth low-pass of first or second order (bilinear transform) over `samples`, in place.
pub(super) fn low_pass(samples: &mut [f64], order: usize, corner: f64) {
    // `corner` is in cycles per sample.
    let warped = (PI * corner.min(0.49)).tan();
    if order < 2 {
        let (gain, keep) = (warped / (1.0 + warped), (1.0 - warped) / (1.0 + warped));
        let (mut input, mut output) = (0.0, 0.0);
        for sample in samples {
            output = gain * (*sample + input) + keep * output;
            input = *sample;
            *sample = output;
        }
        return;
    }
    let scale = 1.0 / (1.0 + 2.0_f64.sqrt() * warped + warped * warped);
    let gain = warped * warped * scale;
    let (one, two) = (2.0 * (warped * warped - 1.0) * scale, (1.0 - 2.0_f64.sqrt() * warped + warped * warped) * scale);
    let (mut input, mut output) = ([0.0; 2], [0.0; 2]);
    for sample in samples {
        let next = gain * (*sample + 2.0 * input[0] + input[1]) - one * output[0] - two * output[1];
        input = [*sample, input[0]];
        output = [next, output[0]];
        *sample = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_between_two_frequencies_has_unit_variance() {
        let mut dice = Dice::new(5, 0);
        let power = |_| {
            let mut band = Band::new(0.5, 2.0, 100.0, 60.0, &mut dice);
            (0..6000).map(|_| band.next().powi(2)).sum::<f64>() / 6000.0
        };
        let mean = (0..40).map(power).sum::<f64>() / 40.0;
        assert!((mean - 1.0).abs() < 0.1, "{mean}");
    }

    #[test]
    fn the_low_passes_keep_what_is_slow_and_halve_the_power_at_their_corner() {
        for order in [1, 2] {
            let mut step = vec![1.0; 400];
            low_pass(&mut step, order, 0.05);
            assert!((step[399] - 1.0).abs() < 1e-6);
            let mut wave: Vec<f64> = (0..4000).map(|index| (TAU * 0.05 * f64::from(index)).sin()).collect();
            low_pass(&mut wave, order, 0.05);
            let power = wave[2000..].iter().map(|value| value * value).sum::<f64>() / 2000.0;
            assert!((power - 0.25).abs() < 0.01, "{order}: {power}");
        }
    }
}

//! Drives: how hard a muscle is asked to pull, and how that wanders.

use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// A drive of 0 to 1 over time, smooth between corner points.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    /// Seconds from the start and drive, ascending.
    points: Vec<(f64, f64)>,
}

impl Course {
    /// Up, hold with a slow trend, down.
    pub(super) fn hold(rise_s: f64, hold_s: f64, fall_s: f64, trend: f64) -> Self {
        let end = (1.0 + trend).clamp(0.2, 1.3);
        Self { points: vec![(0.0, 0.0), (rise_s, 1.0), (rise_s + hold_s, end), (rise_s + hold_s + fall_s, 0.0)] }
    }

    /// Jerky: bursts of random height and length with pauses, until `duration_s`.
    pub(super) fn bursts(duration_s: f64, dice: &mut Dice) -> Self {
        let mut points = vec![(0.0, 0.0)];
        let (mut at, mut first) = (0.0, true);
        while at < duration_s {
            let rise = dice.uniform(0.05, 0.4);
            let hold = dice.log_uniform(0.1, 2.5);
            let fall = dice.uniform(0.08, 0.6);
            let height = if first { 1.0 } else { dice.uniform(0.15, 1.0) };
            points.extend([(at + rise, height), (at + rise + hold, height * dice.uniform(0.5, 1.0))]);
            at += rise + hold + fall;
            points.push((at, dice.uniform(0.0, 0.15) * height));
            at += dice.log_uniform(0.05, 2.0);
            points.push((at, 0.0));
            first = false;
        }
        Self { points }
    }

    /// Bursts in a rhythm, as in walking and in foot tremor. `duty` is the active share of a period.
    pub(super) fn rhythm(duration_s: f64, period_s: f64, duty: f64, jitter: f64, dice: &mut Dice) -> Self {
        let mut points = vec![(0.0, 0.0)];
        let mut at = 0.3 * period_s;
        while at < duration_s {
            let period = period_s * (1.0 + jitter * dice.normal()).clamp(0.6, 1.6);
            let active = duty * period * dice.uniform(0.85, 1.15);
            let height = (1.0 + 0.15 * dice.normal()).clamp(0.4, 1.3);
            let peak = dice.uniform(0.35, 0.75);
            points.extend([(at, 0.0), (at + peak * active, height), (at + active, 0.0)]);
            at += period.max(1.1 * active);
        }
        Self { points }
    }

    /// Seconds until it is over.
    pub(super) fn duration_s(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.0)
    }

    /// The drive at `at_s`; `cursor` remembers the place, so times must not go back.
    pub(super) fn at(&self, at_s: f64, cursor: &mut usize) -> f64 {
        while self.points.get(*cursor + 1).is_some_and(|next| next.0 <= at_s) {
            *cursor += 1;
        }
        match (self.points.get(*cursor), self.points.get(*cursor + 1)) {
            (Some(from), Some(to)) => {
                let share = ((at_s - from.0) / (to.0 - from.0).max(1e-9)).clamp(0.0, 1.0);
                from.1 + (to.1 - from.1) * share * share * (3.0 - 2.0 * share)
            }
            _ => 0.0,
        }
    }
}

/// A slow wander of zero mean and unit variance: a few sines without a common period.
#[derive(Debug, Clone)]
pub(super) struct Sway {
    waves: [(f64, f64, f64); 6],
}

impl Sway {
    /// Between two frequencies.
    pub(super) fn new(low_hz: f64, high_hz: f64, dice: &mut Dice) -> Self {
        let mut waves: [(f64, f64, f64); 6] = std::array::from_fn(|_| {
            (TAU * dice.log_uniform(low_hz, high_hz), TAU * dice.unit(), dice.uniform(0.3, 1.0))
        });
        let power: f64 = waves.iter().map(|wave| 0.5 * wave.2 * wave.2).sum();
        waves.iter_mut().for_each(|wave| wave.2 /= power.sqrt());
        Self { waves }
    }

    /// The value at a time in seconds.
    pub(super) fn at(&self, at_s: f64) -> f64 {
        self.waves.iter().map(|(speed, phase, weight)| weight * (speed * at_s + phase).sin()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_reaches_its_drive_and_ends() {
        let course = Course::hold(1.0, 10.0, 2.0, 0.0);
        let mut cursor = 0;
        let values: Vec<f64> = (0..140).map(|k| course.at(f64::from(k) * 0.1, &mut cursor)).collect();
        assert!(values[0] == 0.0 && (values[50] - 1.0).abs() < 1e-9 && values[135] == 0.0);
        assert!((course.duration_s() - 13.0).abs() < 1e-9);
    }

    #[test]
    fn sway_has_unit_variance() {
        let mut total = 0.0;
        for seed in 0..20 {
            let sway = Sway::new(0.1, 2.0, &mut Dice::new(seed, 0));
            total += (0..20_000).map(|k| sway.at(f64::from(k) * 0.01).powi(2)).sum::<f64>() / 20_000.0;
        }
        assert!((total / 20.0 - 1.0).abs() < 0.1, "{total}");
    }
}

//! Potentials of motor units as the electrode hears them, at the night's own rate.

use super::course::low_pass;
use super::person::Person;
use super::resampler::{FINE_HZ, GUARD, PHASES, Resampler};
use crate::simulate::dice::Dice;

/// Length of a potential with what the filter leaves behind it, seconds.
const LENGTH_S: f64 = 0.032;
/// The same in fine samples.
const FINE_COUNT: usize = (LENGTH_S * FINE_HZ) as usize;
/// Stretched and squeezed versions of each potential: the muscle's length changes it.
const STRETCHES: [f64; 6] = [0.82, 0.90, 0.98, 1.07, 1.16, 1.26];
/// The version in which the energy counts.
const MIDDLE: usize = 2;

/// The potentials of one unit: versions and phases one after the other, each of the same length.
#[derive(Debug)]
pub(super) struct Potential {
    samples: Vec<f32>,
    length: usize,
    /// Energy of one discharge in the middle version, µV² s, with what the night's rate cannot hold.
    energy: f64,
}

/// Samples by which a potential may reach beyond its discharge.
pub(super) fn reach(rate_hz: usize) -> usize {
    (LENGTH_S * rate_hz as f64) as usize + 2 * GUARD + 2
}

/// What brings potentials to the night's rate.
pub(super) fn resampler(rate_hz: usize) -> Resampler {
    Resampler::new(rate_hz, FINE_COUNT, reach(rate_hz))
}

impl Potential {
    /// Of two or three phases, `duration_ms` long, `height` high in its middle version, for the unit's own seed.
    pub(super) fn random(
        person: &Person,
        duration_ms: f64,
        height: f64,
        resampler: &Resampler,
        dice: &mut Dice,
    ) -> Self {
        let shape = Shape::random(dice);
        let length = resampler.length();
        let mut samples = Vec::with_capacity(STRETCHES.len() * PHASES * length);
        let mut energy = 0.0;
        for (version, stretch) in STRETCHES.into_iter().enumerate() {
            let mut fine = shape.at(duration_ms * stretch);
            low_pass(&mut fine, person.low_pass_order, person.low_pass_hz / FINE_HZ);
            let highest = fine.iter().fold(1e-9_f64, |most, value| most.max(value.abs()));
            let scale = height / highest / stretch.sqrt();
            if version == MIDDLE {
                energy = fine.iter().map(|value| (scale * value).powi(2)).sum::<f64>() / FINE_HZ;
            }
            samples.extend(resampler.resampled(&fine).map(|value| (scale * value) as f32));
        }
        Self { samples, length, energy }
    }

    /// Adds the potential of a discharge at sample `at` of `out`; parts before its beginning are lost.
    pub(super) fn add(&self, at: f64, version: f64, strength: f32, out: &mut [f32]) {
        let version = (version.max(0.0) as usize).min(STRETCHES.len() - 1);
        let whole = at.floor();
        let phase = (((at - whole) * PHASES as f64) as usize).min(PHASES - 1);
        let begin = (version * PHASES + phase) * self.length;
        let mut samples = &self.samples[begin..begin + self.length];
        let mut from = whole as i64 - GUARD as i64;
        if from < 0 {
            samples = samples.get(from.unsigned_abs() as usize..).unwrap_or(&[]);
            from = 0;
        }
        let from = (from as usize).min(out.len());
        for (sum, sample) in out[from..].iter_mut().zip(samples) {
            *sum += strength * sample;
        }
    }

    /// Energy of one discharge, µV² s, in the middle version.
    pub(super) fn energy(&self) -> f64 {
        self.energy
    }

    /// The same of what the night's rate holds.
    pub(super) fn held_energy(&self, rate_hz: usize) -> f64 {
        let begin = MIDDLE * PHASES * self.length;
        let square: f64 =
            self.samples[begin..begin + self.length].iter().map(|sample| f64::from(sample * sample)).sum();
        square / rate_hz as f64
    }

    pub(super) fn scale(&mut self, gain: f64) {
        self.samples.iter_mut().for_each(|sample| *sample *= gain as f32);
        self.energy *= gain * gain;
    }
}

/// What is a unit's own in its potential: two or three phases of Gaussian form and a late wave.
#[derive(Debug)]
struct Shape {
    /// Place (0 to 1), width and height of each phase.
    phases: Vec<[f64; 3]>,
    late: f64,
    late_ms: f64,
}

impl Shape {
    fn random(dice: &mut Dice) -> Self {
        let has_three = dice.chance(0.6);
        let count = if has_three { 3 } else { 2 };
        let mut place = 0.0;
        let mut places: Vec<f64> = Vec::new();
        for _ in 0..count {
            places.push(place);
            place += dice.uniform(0.75, 1.25);
        }
        let span = places[count - 1];
        let sign = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let heights = if has_three {
            vec![dice.uniform(0.35, 0.9), -1.0, dice.uniform(0.3, 0.9)]
        } else {
            vec![1.0, -dice.uniform(0.6, 1.0)]
        };
        let mut phases: Vec<[f64; 3]> =
            (0..count).map(|index| [places[index] / span, dice.uniform(0.8, 1.2), sign * heights[index]]).collect();
        // No mean: nothing of it reaches far away.
        let others: f64 = phases.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, [_, w, h])| w * h).sum();
        phases[1][2] = -others / phases[1][1];
        let late_sign = if dice.chance(0.5) { 1.0 } else { -1.0 };
        Self { phases, late: late_sign * dice.uniform(0.0, 0.15), late_ms: dice.uniform(2.0, 6.0) }
    }

    fn at(&self, duration_ms: f64) -> Vec<f64> {
        let width_ms = duration_ms / if self.phases.len() == 3 { 6.4 } else { 5.6 };
        let bell = |at_ms: f64, middle: f64, width: f64| (-0.5 * ((at_ms - middle) / width).powi(2)).exp();
        let middle = |place: f64| 2.0 + 1.2 * width_ms + place * (duration_ms - 2.6 * width_ms);
        let last_ms = middle(1.0) + self.late_ms;
        let value = |index: usize| {
            let at_ms = index as f64 * 1000.0 / FINE_HZ;
            let main: f64 = self.phases.iter().map(|[p, w, h]| h * bell(at_ms, middle(*p), width_ms * w)).sum();
            let wide = 1.3 * width_ms;
            main + self.late * (bell(at_ms, last_ms, wide) - bell(at_ms, last_ms + 2.0 * width_ms, wide))
        };
        (0..FINE_COUNT).map(value).collect()
    }
}

//! What the recording adds to the muscle: noise, mains, heart; and its high-pass.

use super::contact::Contact;
use super::course::between;
use super::heart::Heart;
use super::noise::Noise;
use super::person::Person;
use crate::simulate::dice::Dice;
use std::f64::consts::{PI, TAU};

/// One value a step, straight lines between them.
#[derive(Debug)]
struct Knots {
    step_s: f64,
    values: Vec<f64>,
}

/// The recording's own voltages, second by second.
#[derive(Debug)]
pub(super) struct Wire {
    rate_hz: usize,
    noise: Noise,
    /// How sweat changes the level of the noise (logarithm), and the share of it that lowers the gain.
    sweat: Knots,
    sweat_noise: f64,
    sweat_gain: f64,
    /// Logarithm of the mains' level, and its frequency beside the nominal one in Hz.
    mains_level: Knots,
    mains_drift: Knots,
    /// Number and height of each harmonic that the rate holds.
    harmonics: Vec<(f64, f64)>,
    mains_phase: f64,
    heart: Heart,
    high_pass: HighPass,
}

impl Wire {
    pub(super) fn new(person: &Person, rate_hz: usize, seconds: u32, seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0x3173);
        let dice = &mut dice;
        let (minutes, spans) = (seconds / 60 + 2, seconds / 600 + 2);
        let sweat = Knots { step_s: 60.0, values: walk(minutes, dice) };
        let (sweat_noise, sweat_gain) = (0.07 * dice.uniform(0.2, 1.3), dice.uniform(0.0, 1.2));
        let level = (0..minutes).map(|_| 0.15 * dice.normal()).collect();
        let drift = (0..spans).map(|_| 0.015 * dice.normal()).collect();
        let heights = [(2.0, 0.1), (3.0, 0.35), (5.0, 0.2)].map(|(number, most)| (number, dice.uniform(0.0, most)));
        let holds = |(number, _): &(f64, f64)| number * person.mains_hz <= 0.45 * rate_hz as f64;
        Self {
            rate_hz,
            sweat,
            sweat_noise,
            sweat_gain,
            mains_level: Knots { step_s: 60.0, values: level },
            mains_drift: Knots { step_s: 600.0, values: drift },
            harmonics: std::iter::once((1.0, 1.0)).chain(heights).filter(holds).collect(),
            mains_phase: 0.0,
            heart: Heart::new(person, rate_hz, dice),
            high_pass: HighPass::new(person.high_pass_hz / rate_hz as f64),
            noise: Noise::new(person.quiet_uv, rate_hz, dice),
        }
    }

    /// Makes of a second of muscle in `out` (µV) what is recorded; `artefact` holds what motion adds.
    pub(super) fn second(&mut self, second: u32, person: &Person, contact: Contact, artefact: &[f32], out: &mut [f32]) {
        let sweat = self.sweat.at(f64::from(second));
        let gain = (-0.08 * (self.sweat_gain * sweat).clamp(-2.5, 2.5)).exp() * contact.muscle;
        let level = (self.sweat_noise * sweat).exp() * contact.noise;
        for (sample, artefact) in out.iter_mut().zip(artefact) {
            *sample = gain as f32 * *sample + artefact + level as f32 * self.noise.next();
        }
        self.heart.add(second, self.rate_hz, out);
        self.mains(second, person, contact.mains, out);
        for sample in out.iter_mut() {
            *sample = self.high_pass.next(*sample);
        }
        if contact.is_off {
            out.iter_mut().for_each(|sample| *sample *= 0.02);
        }
    }

    fn mains(&mut self, second: u32, person: &Person, factor: f64, out: &mut [f32]) {
        let at_s = f64::from(second);
        let level_uv = person.mains_uv * 2.0_f64.sqrt() * factor * self.mains_level.at(at_s).exp();
        let hz = person.mains_hz + self.mains_drift.at(at_s);
        let step = TAU * hz / self.rate_hz as f64;
        for (number, height) in &self.harmonics {
            // A turning pointer, started anew each second: a sine costs more.
            let (mut sin, mut cos) = (number * (self.mains_phase + 1.0)).sin_cos();
            let (step_sin, step_cos) = (number * step).sin_cos();
            for sample in out.iter_mut() {
                *sample += (level_uv * height * sin) as f32;
                (sin, cos) = (sin * step_cos + cos * step_sin, cos * step_cos - sin * step_sin);
            }
        }
        self.mains_phase = (self.mains_phase + TAU * hz).rem_euclid(TAU);
    }
}

impl Knots {
    fn at(&self, at_s: f64) -> f64 {
        let last = self.values.len().saturating_sub(1).max(1) as f64;
        between(&self.values, at_s / self.step_s / last)
    }
}

/// A random walk of unit deviation, part of whose trend is taken out.
fn walk(count: u32, dice: &mut Dice) -> Vec<f64> {
    let mut sum = 0.0;
    let mut values: Vec<f64> = (0..count)
        .map(|_| {
            sum += dice.normal();
            sum
        })
        .collect();
    let (first, last) = (values[0], sum);
    let trend = dice.uniform(0.0, 1.0);
    for (index, value) in values.iter_mut().enumerate() {
        *value -= trend * (first + (last - first) * index as f64 / f64::from(count - 1).max(1.0));
    }
    let mean = values.iter().sum::<f64>() / f64::from(count);
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / f64::from(count);
    values.iter_mut().for_each(|value| *value /= variance.sqrt() + 1e-9);
    values
}

/// A first-order Butterworth high-pass.
#[derive(Debug)]
struct HighPass {
    gain: f64,
    keep: f64,
    input: f64,
    output: f64,
}

impl HighPass {
    /// `corner` in cycles per sample.
    fn new(corner: f64) -> Self {
        let warped = (PI * corner).tan();
        Self { gain: 1.0 / (1.0 + warped), keep: (1.0 - warped) / (1.0 + warped), input: 0.0, output: 0.0 }
    }

    fn next(&mut self, sample: f32) -> f32 {
        let input = f64::from(sample);
        self.output = self.gain * (input - self.input) + self.keep * self.output;
        self.input = input;
        self.output as f32
    }
}

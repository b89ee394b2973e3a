//! What the recording adds to the muscle: noise, mains, heart; and its high-pass.

use super::contact::Contact;
use super::course::between;
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
    off: bool,
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
            off: false,
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
        self.off = contact.is_off;
        if self.off {
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

/// Noise with two shelves: louder below some Hz, and again below some tens of Hz.
#[derive(Debug)]
struct Noise {
    /// Poles and zeros as shares kept from sample to sample.
    poles: [f32; 2],
    zeros: [f32; 2],
    gain: f32,
    inputs: [f32; 2],
    outputs: [f32; 2],
    dice: Dice,
}

impl Noise {
    /// Of this RMS above 20 Hz.
    fn new(quiet_uv: f64, rate_hz: usize, dice: &mut Dice) -> Self {
        let rate = rate_hz as f64;
        let keep = |hz: f64| (-TAU * hz.min(0.4 * rate) / rate).exp();
        let (poles, zeros) =
            ([dice.uniform(1.0, 3.0), dice.uniform(15.0, 40.0)], [dice.uniform(3.0, 9.0), dice.uniform(40.0, 120.0)]);
        let (poles, zeros) = (poles.map(keep), zeros.map(keep));
        let count = 4096;
        let power = |index: usize| {
            let hz = 0.5 * rate * index as f64 / f64::from(count);
            let turn = TAU * hz / rate;
            let square = |kept: &f64| 1.0 - 2.0 * kept * turn.cos() + kept * kept;
            if hz < 20.0 {
                0.0
            } else {
                zeros.iter().map(square).product::<f64>() / poles.iter().map(square).product::<f64>()
            }
        };
        let mean = (0..count as usize).map(power).sum::<f64>() / f64::from(count);
        Self {
            poles: poles.map(|pole| pole as f32),
            zeros: zeros.map(|zero| zero as f32),
            gain: (quiet_uv / mean.sqrt()) as f32,
            inputs: [0.0; 2],
            outputs: [0.0; 2],
            dice: Dice::new(dice.seed(), 0x3174),
        }
    }

    fn next(&mut self) -> f32 {
        let mut value = self.gain * self.dice.normal_f32();
        for stage in 0..2 {
            let output = value - self.zeros[stage] * self.inputs[stage] + self.poles[stage] * self.outputs[stage];
            (self.inputs[stage], self.outputs[stage]) = (value, output);
            value = output;
        }
        value
    }
}

/// The heart as the calf's electrodes hear it.
#[derive(Debug)]
struct Heart {
    beat: Vec<f32>,
    beat_s: f64,
    interval_s: f64,
    breath: f64,
    next_s: f64,
    /// Beats that go on: their first samples (they may lie in an earlier second) and heights.
    going: Vec<(i64, f32)>,
    dice: Dice,
}

impl Heart {
    fn new(person: &Person, rate_hz: usize, dice: &mut Dice) -> Self {
        let height = if dice.chance(0.5) { person.heart_uv } else { -person.heart_uv };
        let wave = |at_s: f64, middle_s: f64, width_s: f64| (-0.5 * ((at_s - middle_s) / width_s).powi(2)).exp();
        let beat = |index: usize| {
            let at_s = index as f64 / rate_hz as f64;
            let sum = wave(at_s, 0.06, 0.009) - 0.3 * wave(at_s, 0.035, 0.008) - 0.35 * wave(at_s, 0.085, 0.01)
                + 0.18 * wave(at_s, 0.32, 0.05);
            (height * sum) as f32
        };
        let interval_s = 60.0 / person.heart_per_min;
        Self {
            beat: if person.heart_uv > 0.0 { (0..rate_hz / 2).map(beat).collect() } else { Vec::new() },
            beat_s: 0.5,
            interval_s,
            breath: 0.0,
            next_s: interval_s,
            going: Vec::new(),
            dice: Dice::new(dice.seed(), 0x3175),
        }
    }

    fn add(&mut self, second: u32, rate_hz: usize, out: &mut [f32]) {
        if self.beat.is_empty() {
            return;
        }
        let begin = i64::from(second) * rate_hz as i64;
        while self.next_s < f64::from(second + 1) {
            let height = 1.0 + 0.1 * self.dice.normal_f32();
            self.going.push(((self.next_s * rate_hz as f64) as i64, height));
            self.breath += TAU * 0.25 * self.interval_s;
            let wavers = 1.0 + 0.03 * self.breath.sin() + 0.03 * self.dice.normal();
            self.next_s += (self.interval_s * wavers).max(0.5 * self.beat_s);
        }
        for (first, height) in &self.going {
            let (skipped, at) = ((begin - first).max(0) as usize, (first - begin).max(0) as usize);
            let rest = self.beat.iter().skip(skipped);
            out.iter_mut().skip(at).zip(rest).for_each(|(sample, value)| *sample += height * value);
        }
        let length = self.beat.len() as i64;
        self.going.retain(|(first, _)| first + length > begin + rate_hz as i64);
    }
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

//! What is always there: amplifier and skin noise of a constant level, mains, the heart; then the high-pass.

use super::body::Body;
use crate::simulate::dice::Dice;
use std::f64::consts::{SQRT_2, TAU};

/// The background of one night.
#[derive(Debug, Clone)]
pub(super) struct Background {
    dice: Dice,
    /// Shares of white and of low-passed noise, and the low-pass.
    white: f32,
    pink: f32,
    keep: f32,
    slow: f32,
    /// How often and how much a sample sticks out.
    spikes: f64,
    spike_gain: f32,
    mains: Mains,
    heart: Heart,
    high_pass: HighPass,
}

impl Background {
    pub(super) fn new(body: &Body, person_seed: u64, night_seed: u64, rate_hz: usize) -> Self {
        let rate = rate_hz as f64;
        // The noise's colour is the person's and their sensor's; only its samples belong to the night.
        let person = &mut Dice::new(person_seed, 0xbac6);
        let corner_hz = person.log_uniform(15.0, 120.0).min(0.3 * rate);
        let pink_share = person.uniform(0.1, 0.8);
        let keep = (-TAU * corner_hz / rate).exp();
        let pink_gain = ((1.0 + keep) / (1.0 - keep)).sqrt();
        let (spikes, spike_gain) = (person.log_uniform(0.001, 0.04), person.uniform(1.5, 3.5));
        let mut background = Self {
            mains: Mains::new(body, rate, person),
            heart: Heart { height_uv: body.ecg_uv, rate_hz: body.heart_hz, ..Heart::default() },
            high_pass: HighPass::new(body.high_pass_hz, rate, person.chance(0.5)),
            white: (1.0 - pink_share).sqrt() as f32,
            pink: (pink_share.sqrt() * pink_gain) as f32,
            keep: keep as f32,
            slow: 0.0,
            spikes,
            spike_gain: spike_gain as f32,
            dice: Dice::new(person_seed, 0xbac8),
        };
        background.scale(body.quiet_uv, rate_hz);
        background.dice = Dice::new(person_seed ^ night_seed.rotate_left(29), 0xbac7);
        background
    }

    /// Makes the noise behind the high-pass `quiet_uv` strong; some seconds of it tell more than a formula would.
    fn scale(&mut self, quiet_uv: f64, rate_hz: usize) {
        let mut power = 0.0;
        for second in 0..12 {
            let mut noise = vec![0.0; rate_hz];
            self.noise(&mut noise);
            self.high_pass.run(&mut noise);
            if second > 1 {
                power += noise.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
            }
        }
        let gain = (quiet_uv / (power / (10 * rate_hz) as f64).sqrt()) as f32;
        self.white *= gain;
        self.pink *= gain;
    }

    /// Adds the background to a second of `wire`; what else is there goes through the high-pass with it.
    pub(super) fn second(&mut self, wire: &mut [f32]) {
        let rate = wire.len() as f64;
        self.noise(wire);
        self.mains.wander(&mut self.dice);
        wire.iter_mut().for_each(|sample| *sample += self.mains.next());
        self.heart.second(wire, rate, &mut self.dice);
        self.high_pass.run(wire);
    }

    /// Adds coloured, heavy-tailed noise.
    fn noise(&mut self, wire: &mut [f32]) {
        let mut next_spike = self.dice.exponential(1.0 / self.spikes);
        for (index, sample) in wire.iter_mut().enumerate() {
            let mut first = self.dice.normal_f32();
            if index as f64 >= next_spike {
                first *= self.spike_gain;
                next_spike += self.dice.exponential(1.0 / self.spikes).max(1.0);
            }
            self.slow += (1.0 - self.keep) * (self.dice.normal_f32() - self.slow);
            *sample += self.white * first + self.pink * self.slow;
        }
    }
}

/// The mains hum with its harmonics, by rotating vectors.
#[derive(Debug, Clone)]
struct Mains {
    waves: [(f64, f64, f64, f64); 5],
    heights: [f64; 5],
    level: f64,
}

impl Mains {
    fn new(body: &Body, rate: f64, dice: &mut Dice) -> Self {
        let mains_hz = body.mains_hz + 0.02 * dice.normal();
        let orders = [1.0, 2.0, 3.0, 5.0, 7.0];
        let heights = orders.map(|order: f64| {
            let share = if order == 1.0 { 1.0 } else { dice.log_uniform(0.03, 0.6) / order.sqrt() };
            // Nothing passes the anti-aliasing filter near half the rate.
            if order * mains_hz < 0.42 * rate { SQRT_2 * body.mains_uv * share } else { 0.0 }
        });
        let waves = orders.map(|order| {
            let (step, phase) = (TAU * order * mains_hz / rate, TAU * dice.unit());
            (phase.cos(), phase.sin(), step.cos(), step.sin())
        });
        Self { waves, heights, level: 1.0 }
    }

    /// The level wanders slowly; the vectors are brought back to length 1.
    fn wander(&mut self, dice: &mut Dice) {
        self.level = (self.level + 0.02 * dice.normal() + 0.02 * (1.0 - self.level)).clamp(0.4, 1.8);
        for wave in &mut self.waves {
            let length = wave.0.hypot(wave.1);
            wave.0 /= length;
            wave.1 /= length;
        }
    }

    fn next(&mut self) -> f32 {
        let mut sum = 0.0;
        for (wave, height) in self.waves.iter_mut().zip(&self.heights) {
            *wave = (wave.0 * wave.2 - wave.1 * wave.3, wave.0 * wave.3 + wave.1 * wave.2, wave.2, wave.3);
            sum += height * wave.1;
        }
        (self.level * sum) as f32
    }
}

/// QRS complexes with a breathing heart rate.
#[derive(Debug, Clone, Default)]
struct Heart {
    height_uv: f64,
    rate_hz: f64,
    /// R peaks in and near the running second, in seconds from its start, ascending.
    beats_s: Vec<f64>,
}

impl Heart {
    fn second(&mut self, wire: &mut [f32], rate: f64, dice: &mut Dice) {
        if self.height_uv <= 0.0 {
            return;
        }
        // Beats just outside reach into this second.
        self.beats_s.retain(|beat| *beat > -0.1);
        while self.beats_s.last().is_none_or(|beat| *beat < 1.1) {
            let gap_s = (1.0 + 0.04 * dice.normal()).clamp(0.8, 1.25) / self.rate_hz;
            let next = self.beats_s.last().map_or(0.0, |beat| beat + gap_s);
            self.beats_s.push(next);
        }
        for beat in &mut self.beats_s {
            let near = |at_s: f64| (at_s.clamp(0.0, 1.0) * rate) as usize;
            let from = near(*beat - 0.08);
            for (index, sample) in wire.iter_mut().enumerate().take(near(*beat + 0.08)).skip(from) {
                let at_s = index as f64 / rate - *beat;
                let bump = |middle: f64, width: f64| (-((at_s - middle) / width).powi(2)).exp();
                let shape = bump(0.0, 0.011) - 0.25 * bump(-0.025, 0.010) - 0.4 * bump(0.026, 0.012);
                *sample += (self.height_uv * shape) as f32;
            }
            *beat -= 1.0;
        }
    }
}

/// The amplifier's high-pass: one or two poles.
#[derive(Debug, Clone)]
struct HighPass {
    keep: f32,
    low: [f32; 2],
    twice: bool,
}

impl HighPass {
    fn new(corner_hz: f64, rate: f64, twice: bool) -> Self {
        Self { keep: (-TAU * corner_hz / rate).exp() as f32, low: [0.0; 2], twice }
    }

    fn run(&mut self, samples: &mut [f32]) {
        for sample in samples {
            for low in &mut self.low[..if self.twice { 2 } else { 1 }] {
                *low += (1.0 - self.keep) * (*sample - *low);
                *sample -= *low;
            }
        }
    }
}

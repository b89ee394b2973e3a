//! What the amplifier adds and takes: noise, mains, heart, baseline, high-pass.

use super::artefact::Piece;
use super::contact::Contact;
use super::person::Person;
use super::slow::{Drift, FRAME_S, FRAMES};
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// The recording's own voltages, second by second.
#[derive(Debug)]
pub(super) struct Wire {
    rate_hz: usize,
    /// Pole and zero of the noise, its gain and last values.
    noise: [f64; 3],
    last_noise: [f64; 2],
    flicker: [Drift; 2],
    /// The noise's level at the end of the quarter second before.
    level: f64,
    mains_drift: Drift,
    mains_hz: f64,
    phase: f64,
    heart: Vec<f32>,
    beat: Vec<f32>,
    next_beat_s: f64,
    pulse: Drift,
    wander: Drift,
    baseline: f64,
    /// The last four values of the slow voltages.
    slow: [f64; 4],
    high_pass: [f64; 3],
    dice: Dice,
}

impl Wire {
    pub(super) fn new(person: &Person, rate_hz: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0x3173);
        let [pole, mix] = person.noise_colour;
        let zero = pole * (1.0 - mix);
        let deviation = ((1.0 + zero * zero - 2.0 * pole * zero) / (1.0 - pole * pole)).sqrt();
        let wave = |at_s: f64, middle: f64, width: f64| (-0.5 * ((at_s - middle) / width).powi(2)).exp();
        let beat = |index: usize| {
            let at = index as f64 / rate_hz as f64;
            let sum = 0.1 * wave(at, 0.05, 0.02) - 0.2 * wave(at, 0.13, 0.009) + wave(at, 0.15, 0.011)
                - 0.35 * wave(at, 0.175, 0.01)
                + 0.22 * wave(at, 0.38, 0.04);
            (person.heart_uv * sum) as f32
        };
        let (fast, lasting) = (dice.uniform(0.02, 0.10), dice.uniform(0.02, 0.12));
        Self {
            rate_hz,
            noise: [pole, zero, person.quiet_uv / deviation],
            last_noise: [0.0; 2],
            flicker: [Drift::new(0.7, fast, &mut dice), Drift::new(0.9998, lasting, &mut dice)],
            level: 1.0,
            mains_drift: Drift::new(0.9995, 0.35, &mut dice),
            mains_hz: person.mains_hz,
            phase: 0.0,
            heart: vec![0.0; rate_hz + rate_hz / 2 + 1],
            beat: (0..rate_hz / 2).map(beat).collect(),
            next_beat_s: 0.3,
            pulse: Drift::new(0.999, 0.07, &mut dice),
            wander: Drift::new((-TAU * 0.15 * FRAME_S).exp(), person.wander_uv, &mut dice),
            baseline: 0.0,
            slow: [0.0; 4],
            high_pass: [(-TAU * person.high_pass_hz / rate_hz as f64).exp(), 0.0, 0.0],
            dice,
        }
    }

    /// The amplitude of mains in the next second, µV, before anything changes it.
    pub(super) fn mains_uv(&mut self, person: &Person) -> f64 {
        person.mains_uv * self.mains_drift.next(&mut self.dice).exp()
    }

    /// Adds a second's voltages to the muscle's in `out`, then high-passes all.
    pub(super) fn second(
        &mut self,
        second: u32,
        person: &Person,
        contact: (Contact, Contact),
        pieces: &[Piece],
        out: &mut [f32],
    ) {
        if person.heart_uv > 0.0 {
            self.beats(second, person, out);
        }
        self.noise(contact.0.noise, out);
        self.mains(person, (contact.0.mains_uv, contact.1.mains_uv), out);
        self.baseline(second, contact.0.wander, pieces, out);
        let [keep, mut input, mut output] = self.high_pass;
        for sample in out {
            let next = 0.5 * (1.0 + keep) * (f64::from(*sample) - input) + keep * output;
            input = f64::from(*sample);
            output = next;
            *sample = next as f32;
        }
        self.high_pass = [keep, input, output];
    }

    fn beats(&mut self, second: u32, person: &Person, out: &mut [f32]) {
        self.heart.copy_within(self.rate_hz.., 0);
        let tail = self.heart.len() - self.rate_hz;
        self.heart[tail..].fill(0.0);
        let end_s = f64::from(second) + 1.0;
        let slow = self.pulse.next(&mut self.dice);
        while self.next_beat_s < end_s {
            let at = ((self.next_beat_s - f64::from(second)).max(0.0) * self.rate_hz as f64) as usize;
            self.heart[at..].iter_mut().zip(&self.beat).for_each(|(sum, value)| *sum += value);
            let breath = person.arrhythmia * (TAU * 0.24 * self.next_beat_s).sin();
            let factor = 1.0 + slow + breath + 0.01 * self.dice.normal();
            self.next_beat_s += 60.0 / person.heart_per_min * factor.max(0.4);
        }
        out.iter_mut().zip(&self.heart).for_each(|(sum, value)| *sum += value);
    }

    /// White noise with a coloured part, whose level flickers four times a second.
    fn noise(&mut self, level: f64, out: &mut [f32]) {
        let [pole, zero, gain] = self.noise;
        let [mut input, mut output] = self.last_noise;
        let count = out.len();
        for quarter in 0..4 {
            let flicker = self.flicker.iter_mut().map(|drift| drift.next(&mut self.dice)).sum::<f64>();
            let (from, to) = (self.level, level * flicker.exp());
            self.level = to;
            let part = &mut out[quarter * count / 4..(quarter + 1) * count / 4];
            let step = gain * (to - from) / part.len().max(1) as f64;
            let mut loudness = gain * from;
            for sample in part {
                let white = f64::from(self.dice.normal_f32());
                output = white - zero * input + pole * output;
                input = white;
                *sample += (loudness * output) as f32;
                loudness += step;
            }
        }
        self.last_noise = [input, output];
    }

    fn mains(&mut self, person: &Person, level_uv: (f64, f64), out: &mut [f32]) {
        self.mains_hz += 0.004 * self.dice.normal() - 0.02 * (self.mains_hz - person.mains_hz);
        let rate = self.rate_hz as f64;
        let turn = TAU * self.mains_hz / rate;
        if level_uv.0.max(level_uv.1) > 0.002 {
            let heard = |harmonic: f64| f64::from(u8::from(harmonic * person.mains_hz < 0.45 * rate));
            let harmonics = [person.harmonics[0] * heard(3.0), person.harmonics[1] * heard(5.0)];
            for (index, sample) in out.iter_mut().enumerate() {
                let phase = self.phase + turn * index as f64;
                let level = level_uv.0 + (level_uv.1 - level_uv.0) * index as f64 / rate;
                let wave =
                    phase.sin() + harmonics[0] * (3.0 * phase + 0.7).sin() + harmonics[1] * (5.0 * phase + 2.1).sin();
                *sample += (level * wave) as f32;
            }
        }
        self.phase = (self.phase + turn * rate) % TAU;
    }

    /// Slow voltages at the frame rate, two frames late, between frames by Catmull and Rom's cubic (1974).
    fn baseline(&mut self, second: u32, wander: f64, pieces: &[Piece], out: &mut [f32]) {
        let per_sample = FRAMES as f64 / self.rate_hz as f64;
        let mut made = 0;
        for (index, sample) in out.iter_mut().enumerate() {
            let place = index as f64 * per_sample;
            while made <= place as usize {
                let frame = i64::from(second) * FRAMES as i64 + made as i64;
                self.baseline += 0.2 * (wander * self.wander.next(&mut self.dice) - self.baseline);
                let pieces: f32 = pieces.iter().map(|piece| piece.at(frame)).sum();
                self.slow = [self.slow[1], self.slow[2], self.slow[3], self.baseline + f64::from(pieces)];
                made += 1;
            }
            let x = place.fract();
            let [a, b, c, d] = self.slow;
            let cubic =
                2.0 * b + x * ((c - a) + x * ((2.0 * a - 5.0 * b + 4.0 * c - d) + x * (3.0 * b - a - 3.0 * c + d)));
            *sample += (0.5 * cubic) as f32;
        }
        // At the lowest rates some frames lie behind the last sample.
        while made < FRAMES {
            made += 1;
            self.slow = [self.slow[1], self.slow[2], self.slow[3], self.baseline];
        }
    }
}

//! Slow random processes, most of them asked once per control frame.

use crate::simulate::dice::Dice;
use std::f64::consts::{PI, TAU};

/// Control frames per second: drives, excitability and artefacts are made at this rate.
pub(super) const FRAMES: usize = 200;
/// Length of a control frame in seconds.
pub(super) const FRAME_S: f64 = 1.0 / FRAMES as f64;

/// A first-order autoregressive process, stationary from its first value on.
#[derive(Debug, Clone)]
pub(super) struct Drift {
    keep: f64,
    kick: f64,
    value: f64,
}

impl Drift {
    /// Keeps the share `keep` (0 to 1) of each value to the next; standard deviation `deviation`.
    pub(super) fn new(keep: f64, deviation: f64, dice: &mut Dice) -> Self {
        Self { keep, kick: deviation * (1.0 - keep * keep).max(0.0).sqrt(), value: deviation * dice.normal() }
    }

    /// Unit deviation and a memory of `memory_s` seconds at the frame rate.
    pub(super) fn lasting(memory_s: f64, dice: &mut Dice) -> Self {
        Self::new((-FRAME_S / memory_s).exp(), 1.0, dice)
    }

    /// The next value.
    pub(super) fn next(&mut self, dice: &mut Dice) -> f64 {
        self.value = self.keep * self.value + self.kick * f64::from(dice.normal_f32());
        self.value
    }
}

/// Noise of unit variance around one frequency: a pair of poles `width_hz` wide, asked once per frame.
#[derive(Debug, Clone)]
pub(super) struct Resonance {
    feedback: [f64; 2],
    gain: f64,
    last: [f64; 2],
}

impl Resonance {
    pub(super) fn new(centre_hz: f64, width_hz: f64, dice: &mut Dice) -> Self {
        let radius = (-PI * width_hz * FRAME_S).exp();
        let angle = TAU * centre_hz * FRAME_S;
        let square = radius * radius;
        // Variance of a second-order process with such poles, driven by unit white noise.
        let variance = (1.0 + square) / ((1.0 - square) * (1.0 - 2.0 * square * (2.0 * angle).cos() + square * square));
        let mut resonance =
            Self { feedback: [2.0 * radius * angle.cos(), -square], gain: 1.0 / variance.sqrt(), last: [0.0; 2] };
        // Ten seconds, so that it does not begin at rest.
        for _ in 0..2000 {
            resonance.next(dice);
        }
        resonance
    }

    /// The next value.
    pub(super) fn next(&mut self, dice: &mut Dice) -> f64 {
        let value = f64::from(dice.normal_f32()) + self.feedback[0] * self.last[0] + self.feedback[1] * self.last[1];
        self.last = [value, self.last[0]];
        value * self.gain
    }
}

/// What all units of a voluntary contraction share below 2 Hz (De Luca 1982): low-passed noise and some slow oscillation
/// of wandering phase.
#[derive(Debug, Clone)]
pub(super) struct CommonDrive {
    noise: Drift,
    smoothed: f64,
    noise_gain: f64,
    swing_gain: f64,
    swing_hz: f64,
    phase: f64,
    phase_noise: Drift,
}

/// Share of the smoothed noise kept from frame to frame.
const SMOOTHED: f64 = 0.94;

impl CommonDrive {
    /// Standard deviation about `depth` (a share of the drive), nothing above `highest_hz`.
    pub(super) fn new(depth: f64, highest_hz: f64, dice: &mut Dice) -> Self {
        let keep = (-TAU * highest_hz * 0.35 * FRAME_S).exp();
        let variance = (1.0 - SMOOTHED) / (1.0 + SMOOTHED) * (1.0 + keep * SMOOTHED) / (1.0 - keep * SMOOTHED);
        let mix = dice.uniform(0.0, 0.5);
        let mut drive = Self {
            noise: Drift::new(keep, 1.0, dice),
            smoothed: 0.0,
            noise_gain: depth * (1.0 - mix * mix).sqrt() / variance.sqrt(),
            swing_gain: depth * 1.3 * mix,
            swing_hz: dice.uniform(0.15, highest_hz.min(1.9)),
            phase: dice.uniform(0.0, TAU),
            phase_noise: Drift::new(0.99, 1.0, dice),
        };
        for _ in 0..100 {
            drive.next(dice);
        }
        drive
    }

    /// The next value, around 0.
    pub(super) fn next(&mut self, dice: &mut Dice) -> f64 {
        self.smoothed += (1.0 - SMOOTHED) * (self.noise.next(dice) - self.smoothed);
        self.phase += FRAME_S * (TAU * self.swing_hz + 2.7 * self.phase_noise.next(dice));
        self.noise_gain * self.smoothed + self.swing_gain * self.phase.sin()
    }
}

/// Random values at even intervals with straight lines between them.
#[derive(Debug, Clone)]
pub(super) struct Knots {
    step_s: f64,
    number: i64,
    pair: [f64; 2],
}

impl Knots {
    /// A standard normal value every `step_s` seconds.
    pub(super) fn new(step_s: f64, dice: &mut Dice) -> Self {
        Self { step_s, number: 0, pair: [dice.normal(), dice.normal()] }
    }

    /// The value at `at_s` from the beginning; times must not go back.
    pub(super) fn at(&mut self, at_s: f64, dice: &mut Dice) -> f64 {
        let place = at_s / self.step_s;
        while place >= (self.number + 1) as f64 {
            self.number += 1;
            self.pair = [self.pair[1], dice.normal()];
        }
        let share = (place - self.number as f64).clamp(0.0, 1.0);
        self.pair[0] + (self.pair[1] - self.pair[0]) * share
    }
}

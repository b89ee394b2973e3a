//! Movement of the shank beside gravity.

use std::f64::consts::TAU;

use super::dice::{Dice, Wander};
use super::frame::Frame;
use super::gait::{Cadence, stride};

/// One kind of movement.
#[derive(Debug, Clone)]
pub(crate) enum Motion {
    /// Irregular movement below `cutoff_hz`.
    Restless { rms_g: f64, cutoff_hz: f64 },
    /// Walking.
    Gait { cadence: Cadence, strength_g: f64 },
    /// To and fro in one direction.
    Rhythm { cadence: Cadence, amplitude_g: f64 },
    /// One damped swing from the start on.
    Jerk { amplitude_g: f64, swing_hz: f64, decay_s: f64 },
}

/// A movement in its own direction.
#[derive(Debug, Clone)]
pub(crate) struct Shake {
    motion: Motion,
    direction: [f64; 3],
    wander: Option<[Wander; 3]>,
}

impl Shake {
    /// A movement in a random direction.
    pub(crate) fn new(motion: Motion, dice: &mut Dice) -> Self {
        Self { motion, direction: dice.direction(), wander: None }
    }

    /// Adds this second of the movement, which lasts from `start_s` to `end_s`.
    pub(crate) fn step(&mut self, start_s: f64, end_s: f64, frame: &mut Frame, dice: &mut Dice) {
        let rate = frame.shake_g.len() as f64;
        let frame_start_s = frame.start_s;
        for (index, sample) in frame.shake_g.iter_mut().enumerate() {
            let now_s = frame_start_s + index as f64 / rate;
            if now_s < start_s || now_s >= end_s {
                continue;
            }
            let edge = ((now_s - start_s) / 0.3).min((end_s - now_s) / 0.3).min(1.0);
            let along = |amount: f64, direction: [f64; 3]| direction.map(|axis| axis * amount);
            let added = match &self.motion {
                Motion::Restless { rms_g, cutoff_hz } => {
                    let fresh = || Wander::new(cutoff_hz.min(0.3 * rate), rate);
                    let wander = self.wander.get_or_insert_with(|| [fresh(), fresh(), fresh()]);
                    [0, 1, 2].map(|axis| wander[axis].next(dice) * rms_g * edge)
                }
                Motion::Gait { cadence, strength_g } => {
                    let jitter = 1.0 + 0.1 * dice.normal();
                    stride(cadence.cycles(now_s).rem_euclid(1.0), strength_g * edge * jitter)
                }
                Motion::Rhythm { cadence, amplitude_g } => {
                    let phase = TAU * cadence.cycles(now_s);
                    along(amplitude_g * edge * (phase.sin() + 0.3 * (2.0 * phase).sin()), self.direction)
                }
                Motion::Jerk { amplitude_g, swing_hz, decay_s } => {
                    let since_s = now_s - start_s;
                    let swing = (TAU * swing_hz * since_s).sin() * (-since_s / decay_s).exp();
                    along(amplitude_g * swing, self.direction)
                }
            };
            for (axis, value) in sample.iter_mut().zip(added) {
                *axis += value as f32;
            }
        }
    }
}

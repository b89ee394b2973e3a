//! What shakes the accelerometer besides gravity.

use super::course::smooth_step;
use super::slow::Knots;
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// How it shakes.
#[derive(Debug)]
pub(super) enum Motion {
    /// One ballistic sub-movement: a bell of speed. `power` shapes it, `knock` is the bump that some end in (g).
    Bell { power: f64, knock_g: f64 },
    /// A tremor whose strength and frequency waver.
    Tremor { hz: f64, phase: f64, last_s: f64, strength: Knots, pace: Knots },
    /// A stride: heel strike of this strength in g, and the swing of the shank in radians.
    Stride { heel_g: f64, swing: f64 },
}

/// Something that shakes for a while.
#[derive(Debug)]
pub(super) struct Shake {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    pub(super) strength_g: f64,
    pub(super) direction: [f64; 3],
    pub(super) motion: Motion,
    pub(super) dice: Dice,
}

/// How long a knock lasts, s.
const KNOCK_S: f64 = 0.25;

impl Shake {
    pub(super) fn tremor(start_s: f64, duration_s: f64, strength_g: f64, hz: f64, mut dice: Dice) -> Self {
        let direction = dice.direction();
        let motion = Motion::Tremor {
            hz,
            phase: 0.0,
            last_s: 0.0,
            strength: Knots::new(1.0, &mut dice),
            pace: Knots::new(0.5, &mut dice),
        };
        Self { start_s, duration_s, strength_g, direction, motion, dice }
    }

    pub(super) fn end_s(&self) -> f64 {
        self.start_s + self.duration_s + KNOCK_S
    }

    /// Acceleration in g at a time, and what it adds to the pitch in radians. Times must not go back.
    pub(super) fn at(&mut self, at_s: f64) -> ([f64; 3], f64) {
        let within_s = at_s - self.start_s;
        if within_s < 0.0 || at_s >= self.end_s() {
            return ([0.0; 3], 0.0);
        }
        let dice = &mut self.dice;
        let duration_s = self.duration_s;
        match &mut self.motion {
            Motion::Bell { power, knock_g } => {
                let x = 2.0 * within_s / duration_s - 1.0;
                // The largest value of x(1-x²)^p.
                let top = 1.0 / (1.0 + 2.0 * *power);
                let largest = top.sqrt() * (1.0 - top).powf(*power);
                let bell = if x < 1.0 { -x * (1.0 - x * x).powf(*power) / largest } else { 0.0 };
                let after_s = within_s - 0.5 * duration_s;
                let knock = if *knock_g > 0.0 && (0.0..KNOCK_S).contains(&after_s) {
                    *knock_g * dice.normal() * (-after_s / 0.04).exp()
                } else {
                    0.0
                };
                (self.direction.map(|part| part * (self.strength_g * bell + knock)), 0.0)
            }
            Motion::Tremor { hz, phase, last_s, strength, pace } => {
                let edge_s = (duration_s / 3.0).min(1.0);
                let edges = smooth_step(within_s / edge_s) * smooth_step((duration_s - within_s) / edge_s);
                let level = edges * (1.0 + 0.5 * strength.at(within_s, dice)).abs();
                *phase += TAU * *hz * (1.0 + 0.08 * pace.at(within_s, dice)) * (within_s - *last_s);
                *last_s = within_s;
                let value = self.strength_g * level * phase.sin();
                (self.direction.map(|part| part * value), 0.0)
            }
            Motion::Stride { heel_g, swing } => {
                let share = within_s / duration_s;
                let heel = if within_s < 0.2 {
                    *heel_g * (-within_s / 0.025).exp() * (TAU * 14.0 * within_s).cos()
                } else {
                    0.0
                };
                if share >= 1.0 {
                    return ([heel, 0.0, 0.0], 0.0);
                }
                let turn = TAU * share;
                let along = heel + 0.25 * (2.0 * turn + 0.4).sin() + 0.1 * dice.normal();
                let pitch = *swing * (turn.sin() + 0.35 * (2.0 * turn + 1.0).sin());
                ([along, 0.0, 0.35 * (turn + 2.0).sin()], pitch)
            }
        }
    }
}

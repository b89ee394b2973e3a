//! How the shank lies or stands: each change of pose replaces the one before.

use super::course::least_jerk;
use crate::simulate::dice::Dice;
use std::f64::consts::{FRAC_PI_2, PI};

/// Where a change leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    /// Any way of lying.
    Lying,
    /// Upright.
    Standing,
    /// A little elsewhere.
    Near(f64),
}

/// A change of pose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) at_s: f64,
    pub(super) duration_s: f64,
    pub(super) goal: Goal,
}

/// Pitch (0 level, π/2 upright) and roll of the shank, radians.
#[derive(Debug)]
pub(super) struct Pose {
    from: [f64; 2],
    to: [f64; 2],
    start_s: f64,
    duration_s: f64,
    /// By time, last first.
    coming: Vec<Change>,
    dice: Dice,
}

impl Pose {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0x905e);
        let lying = lying(&mut dice);
        Self { from: lying, to: lying, start_s: 0.0, duration_s: 0.1, coming: Vec::new(), dice }
    }

    /// Forgets what is to come, where nobody asks.
    pub(super) fn clear(&mut self) {
        self.coming.clear();
    }

    pub(super) fn change(&mut self, change: Change) {
        let place = self.coming.partition_point(|other| other.at_s > change.at_s);
        self.coming.insert(place, change);
    }

    /// Gravity at a time, to be asked in turn: along the shank, and across it; `swing` adds to the pitch.
    pub(super) fn gravity(&mut self, at_s: f64, swing: f64) -> [f64; 3] {
        while let Some(change) = self.coming.pop_if(|change| change.at_s <= at_s) {
            let from = self.angles(at_s);
            let dice = &mut self.dice;
            self.to = match change.goal {
                Goal::Lying => lying(dice),
                Goal::Standing => [1.45 + 0.06 * dice.normal(), from[1]],
                Goal::Near(far) => [from[0] + 0.5 * far * dice.normal(), from[1] + 0.8 * far * dice.normal()],
            };
            (self.from, self.start_s, self.duration_s) = (from, at_s, change.duration_s.max(0.02));
        }
        let [pitch, roll] = self.angles(at_s);
        let pitch = pitch + swing;
        [pitch.sin(), pitch.cos() * roll.cos(), pitch.cos() * roll.sin()]
    }

    fn angles(&self, at_s: f64) -> [f64; 2] {
        let share = least_jerk((at_s - self.start_s) / self.duration_s);
        std::array::from_fn(|axis| self.from[axis] + share * (self.to[axis] - self.from[axis]))
    }
}

fn lying(dice: &mut Dice) -> [f64; 2] {
    let side = super::person::pick(&[0.0, FRAC_PI_2, PI, -FRAC_PI_2], &[0.35, 0.3, 0.25, 0.1], dice);
    [0.12 * dice.normal(), side + 0.25 * dice.normal()]
}

//! How the shank lies or stands: the direction of gravity.

use super::course::smooth_step;
use crate::simulate::dice::Dice;

/// What becomes of a tilt.
#[derive(Debug, Clone, Copy)]
pub(super) enum TiltCourse {
    /// There and back with edges of this many seconds.
    Back(f64),
    /// For good.
    Stays,
    /// A bump.
    Bump,
}

/// A rotation of the shank, in radians.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tilt {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    pub(super) pitch: f64,
    pub(super) roll: f64,
    pub(super) course: TiltCourse,
}

impl Tilt {
    fn share(&self, at_s: f64) -> f64 {
        let within_s = at_s - self.start_s;
        if within_s <= 0.0 {
            return 0.0;
        }
        let left_s = self.duration_s - within_s;
        match self.course {
            TiltCourse::Stays => smooth_step(within_s / self.duration_s),
            _ if left_s <= 0.0 => 0.0,
            TiltCourse::Back(edge_s) => smooth_step(within_s / edge_s) * smooth_step(left_s / edge_s),
            TiltCourse::Bump => {
                let x = 2.0 * within_s / self.duration_s - 1.0;
                (1.0 - x * x).powi(2)
            }
        }
    }
}

/// A time on the feet.
#[derive(Debug)]
pub(super) struct Upright {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    pub(super) up_s: f64,
    pub(super) down_s: f64,
    /// Pitch when standing, and the deviation of the sway around it, radians.
    pub(super) pitch: f64,
    pub(super) sway: f64,
    pub(super) swaying: f64,
}

/// The pose now, and what changes it.
#[derive(Debug)]
pub(super) struct Pose {
    /// Radians.
    pitch: f64,
    roll: f64,
    pub(super) tilts: Vec<Tilt>,
    pub(super) uprights: Vec<Upright>,
    dice: Dice,
}

impl Pose {
    pub(super) fn new(mut dice: Dice) -> Self {
        Self {
            pitch: (7.0 * dice.normal() - 2.0).to_radians(),
            roll: dice.uniform(-180.0, 180.0).to_radians(),
            tilts: Vec::new(),
            uprights: Vec::new(),
            dice,
        }
    }

    /// The lying leg's pitch in radians, without what passes.
    pub(super) fn pitch(&self) -> f64 {
        self.pitch
    }

    /// Gravity in g in the frame of the shank at a time; asked `rate_hz` times a second. `swing` is added to the pitch.
    pub(super) fn gravity(&mut self, at_s: f64, rate_hz: f64, swing: f64) -> [f64; 3] {
        let (mut pitch, mut roll) = (self.pitch, self.roll);
        for tilt in &self.tilts {
            let share = tilt.share(at_s);
            pitch += share * tilt.pitch;
            roll += share * tilt.roll;
        }
        for upright in &mut self.uprights {
            let within_s = at_s - upright.start_s;
            let left_s = upright.duration_s - within_s;
            if within_s > 0.0 && left_s > 0.0 {
                let share = smooth_step(within_s / upright.up_s) * smooth_step(left_s / upright.down_s);
                let keep = (-1.5 / rate_hz).exp();
                upright.swaying = keep * upright.swaying + (1.0 - keep * keep).sqrt() * self.dice.normal();
                pitch += share * (upright.pitch + upright.sway * upright.swaying - pitch);
            }
        }
        let (sin, cos) = (pitch + swing).sin_cos();
        [sin, cos * roll.sin(), cos * roll.cos()]
    }

    /// Forgets what is over; a tilt that stays becomes the pose.
    pub(super) fn settle(&mut self, now_s: f64) {
        let (pitch, roll) = (&mut self.pitch, &mut self.roll);
        self.tilts.retain(|tilt| {
            let over = tilt.start_s + tilt.duration_s <= now_s;
            if over && matches!(tilt.course, TiltCourse::Stays) {
                *pitch += tilt.pitch;
                *roll += tilt.roll;
            }
            !over
        });
        self.uprights.retain(|upright| upright.start_s + upright.duration_s > now_s);
    }
}

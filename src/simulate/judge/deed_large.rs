//! Movements of the whole leg, worked out.

use super::artefact::Piece;
use super::course::Envelope;
use super::deed::{Moving, Stage, What};
use super::effort::{Effort, Texture};
use super::person::Person;
use super::pool::Pool;
use super::pose::{Tilt, TiltCourse, Upright};
use super::shake::{Motion, Shake};
use super::slow::CommonDrive;
use crate::simulate::dice::Dice;

impl Stage {
    pub(super) fn moving(&mut self, start_s: f64, moving: Moving, person: &Person, dice: &mut Dice) {
        let per_s = moving.per_s.unwrap_or_else(|| dice.uniform(0.8, 2.2));
        let base_uv = dice.log_uniform(0.03, 0.35) * person.mvc_uv;
        let mut at_s = start_s + 0.05;
        while at_s < start_s + moving.duration_s - 0.3 {
            let level_uv = dice.chance(moving.muscle).then(|| dice.log_normal(base_uv, 0.7).min(0.9 * person.mvc_uv));
            let what = What::Submove {
                width_s: dice.uniform(0.2, 0.9),
                strength_g: moving.strength_g * (0.6 * dice.normal() - 0.2).exp(),
                tilt_deg: moving.tilt_deg,
                level_uv,
                artefact: moving.artefact,
            };
            self.plan(at_s, what, dice);
            at_s += dice.exponential(1.0 / per_s) + 0.08;
        }
    }

    /// Turning over in one to three goes.
    pub(super) fn turn(&mut self, start_s: f64, duration_s: f64, person: &Person, dice: &mut Dice) {
        let goes = 1 + dice.index(3);
        let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let roll_deg = side * [60.0, 90.0, 90.0, 130.0, 180.0][dice.index(5)] + 12.0 * dice.normal();
        let pitch_deg = 8.0 * dice.normal() - 0.6 * self.pose.pitch().to_degrees();
        let parts: Vec<f64> = (0..goes).map(|_| dice.gamma(2.0, 0.5_f64.sqrt())).collect();
        let sum: f64 = parts.iter().sum();
        for part in parts {
            self.pose.tilts.push(Tilt {
                start_s: start_s + dice.uniform(0.05, 0.55) * duration_s,
                duration_s: dice.uniform(0.6, 2.5).min(0.4 * duration_s).max(0.5),
                pitch: (pitch_deg * part / sum).to_radians(),
                roll: (roll_deg * part / sum).to_radians(),
                course: TiltCourse::Stays,
            });
        }
        let strength_g = dice.log_uniform(0.06, 0.35);
        self.moving(
            start_s,
            Moving { muscle: 0.7, tilt_deg: 7.0, ..Moving::new(duration_s, strength_g) },
            person,
            dice,
        );
    }

    /// Up, on the feet with weight on the leg, and down again.
    pub(super) fn upright(&mut self, start_s: f64, duration_s: f64, person: &Person, pool: &Pool, dice: &mut Dice) {
        let (up_s, down_s) = (dice.uniform(2.0, 4.0), dice.uniform(2.0, 5.0));
        self.pose.uprights.push(Upright {
            start_s,
            duration_s,
            up_s,
            down_s,
            pitch: (84.0 + 6.0 * dice.normal()).to_radians(),
            sway: 0.5 * dice.uniform(0.15, 0.8).to_radians(),
            swaying: 0.0,
        });
        let edge = |duration_s: f64| Moving { tilt_deg: 6.0, ..Moving::new(duration_s, 0.25) };
        self.moving(start_s, edge(up_s + 0.5), person, dice);
        self.moving(start_s + duration_s - down_s, edge(down_s), person, dice);
        let level_uv = dice.log_uniform(0.03, 0.18) * person.mvc_uv;
        let envelope = Envelope::Hold { rise_s: 0.6, fall_s: 0.6 };
        let stands_s = duration_s - up_s - down_s;
        if stands_s > 1.0 {
            let mut effort = Effort::new(start_s + up_s, stands_s, level_uv, envelope, dice);
            let common = CommonDrive::new(dice.uniform(0.12, 0.45), dice.uniform(0.5, 1.9), dice);
            effort.texture = Texture::common(common, 0.05, 2.2);
            effort.fatigue = 0.3;
            self.contract(effort, pool, dice);
        }
    }

    pub(super) fn walk(&mut self, start_s: f64, duration_s: f64, person: &Person, pool: &Pool, dice: &mut Dice) {
        let (hz, share) = (dice.uniform(0.7, 1.05), dice.uniform(0.3, 0.5));
        let level_uv = dice.log_uniform(0.12, 0.6) * person.mvc_uv;
        let swing = dice.uniform(15.0, 28.0).to_radians();
        let mut at_s = start_s;
        while at_s < start_s + duration_s - 1.0 / hz {
            let stride_s = (1.0 + 0.05 * dice.normal()).max(0.5) / hz;
            self.shakes.push(Shake {
                start_s: at_s,
                duration_s: stride_s,
                strength_g: 1.0,
                direction: [1.0, 0.0, 0.0],
                motion: Motion::Stride { heel_g: dice.uniform(0.5, 1.3), swing },
                dice: Dice::new(dice.seed(), 3),
            });
            let own_uv = dice.log_normal(level_uv, 0.12);
            let mut effort = Effort::new(at_s + 0.12 * stride_s, share * stride_s, own_uv, Envelope::Stride, dice);
            (effort.region, effort.version) = (None, 2);
            self.contract(effort, pool, dice);
            self.pieces.push(Piece::step(at_s, 0.6 * person.artefact_uv, dice));
            at_s += stride_s;
        }
    }
}

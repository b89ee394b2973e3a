//! Movements in bed: bursts of muscle, a shake, an artefact and often another pose.

use super::contraction::Way;
use super::course::{Band, STEP_S, bump, edges, least_jerk, steps};
use super::pose::{Change, Goal};
use super::stage::{Shaking, Stage, Strip};
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// A course that is as strong from beginning to end.
pub(super) const EVEN: [f64; 2] = [1.0, 1.0];

/// A raised cosine.
pub(super) fn hill(count: usize) -> Vec<f64> {
    (0..count).map(|index| bump(index, count)).collect()
}

/// A movement of the whole leg.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moving {
    pub(super) duration_s: f64,
    /// Ends in another way of lying.
    pub(super) turns: bool,
    /// Otherwise, ends in a pose near by.
    pub(super) shifts: bool,
    /// Factor on the muscle.
    pub(super) muscle: f64,
}

impl Stage {
    /// The muscle of a natural movement: a few bursts, in µV.
    fn bursts(&self, duration_s: f64, share: (f64, f64), per_s: f64, dice: &mut Dice) -> Vec<f64> {
        let mut course = vec![0.0; steps(duration_s, 0) + 1];
        for _ in 0..dice.poisson(duration_s * per_s).max(1) {
            let width_s = dice.log_uniform(0.2, 2.5).min(duration_s);
            let at_s = dice.uniform(0.0, (duration_s - width_s).max(0.01));
            let count = steps(width_s, 6);
            let (rise, fall) = (dice.uniform(0.1, 0.5), dice.uniform(0.15, 0.5));
            let mut burst = vec![dice.log_uniform(share.0, share.1) * self.person.mvc_uv; count];
            edges(&mut burst, ((rise * count as f64) as usize).max(2), ((fall * count as f64) as usize).max(2));
            for (place, value) in course.iter_mut().skip((at_s / STEP_S) as usize).zip(burst) {
                *place = value.max(*place);
            }
        }
        course
    }

    pub(super) fn moves(&mut self, at_s: f64, moving: Moving, dice: &mut Dice) {
        let duration_s = moving.duration_s;
        let mut levels = self.bursts(duration_s, (0.05, 0.7), 0.5, dice);
        // Often a push that lasts.
        let push = if dice.chance(0.35) { dice.log_uniform(0.03, 0.4) * self.person.mvc_uv } else { 0.0 };
        let count = levels.len();
        for (index, level) in levels.iter_mut().enumerate() {
            *level = moving.muscle * level.max(push * bump(index, count).powf(0.3));
        }
        self.contract(at_s, &levels, Way::default(), dice);
        let course: Vec<f64> = hill(50).into_iter().map(|value| value * (0.3 + dice.unit()) + 0.05).collect();
        let strength_g = dice.log_uniform(0.03, 0.35);
        self.shake(at_s, Shaking { duration_s, strength_g, low_hz: 0.5, high_hz: 6.0, course: &course }, dice);
        let level_uv = self.person.artefact_uv * dice.log_uniform(0.2, 3.0);
        self.artefact(at_s, duration_s, level_uv, &course, None, dice);
        let (late, long, far) = (dice.uniform(0.05, 0.3), dice.uniform(0.3, 0.6), dice.log_uniform(0.02, 0.5));
        if moving.turns {
            let (at_s, duration_s) = (at_s + duration_s * late, duration_s * long);
            self.pose.change(Change { at_s, duration_s, goal: Goal::Lying });
        } else if moving.shifts {
            self.pose.change(Change { at_s, duration_s, goal: Goal::Near(far) });
        }
    }

    /// A stretch as after waking.
    pub(super) fn stretch(&mut self, at_s: f64, duration_s: f64, dice: &mut Dice) {
        let count = steps(duration_s, 4);
        let (rise, fall) = (dice.uniform(0.2, 0.5), dice.uniform(0.1, 0.35));
        let level_uv = dice.uniform(0.25, 0.8) * self.person.mvc_uv;
        let mut band = Band::new(0.1, 2.0, 1.0 / STEP_S, duration_s, dice);
        let mut levels: Vec<f64> = (0..count).map(|_| level_uv * (1.0 + 0.06 * band.next()).max(0.0)).collect();
        edges(&mut levels, (rise * count as f64) as usize, (fall * count as f64) as usize);
        let way = Way { tremor: dice.uniform(0.0, 0.06), ..Way::default() };
        self.contract(at_s, &levels, way, dice);
        let goal = Goal::Near(dice.uniform(0.03, 0.25));
        self.pose.change(Change { at_s, duration_s: 0.4 * duration_s, goal });
        let strength_g = dice.log_uniform(0.01, 0.08);
        self.shake(at_s, Shaking { duration_s, strength_g, low_hz: 0.3, high_hz: 4.0, course: &hill(40) }, dice);
        let level_uv = self.person.artefact_uv * dice.log_uniform(0.1, 1.0);
        self.artefact(at_s, duration_s, level_uv, &hill(40), None, dice);
    }

    /// The toes are pulled up by force, the whole calf answers.
    pub(super) fn forced_stretch(&mut self, at_s: f64, duration_s: f64, dice: &mut Dice) {
        let count = steps(duration_s, 4);
        let level_uv = dice.uniform(0.15, 0.8) * self.person.mvc_uv;
        let levels: Vec<f64> = (0..count).map(|index| level_uv * bump(index, count).sqrt()).collect();
        self.contract(at_s, &levels, Way::default(), dice);
        let goal = Goal::Near(dice.uniform(0.05, 0.4));
        self.pose.change(Change { at_s, duration_s, goal });
        let strength_g = dice.log_uniform(0.03, 0.3);
        self.shake(at_s, Shaking { duration_s, strength_g, low_hz: 0.5, high_hz: 6.0, course: &hill(40) }, dice);
        let level_uv = self.person.artefact_uv * dice.log_uniform(0.3, 2.0);
        self.artefact(at_s, duration_s, level_uv, &hill(40), None, dice);
    }

    /// A hand rubs the calf.
    pub(super) fn rub(&mut self, at_s: f64, duration_s: f64, dice: &mut Dice) {
        let hz = dice.uniform(1.0, 3.0);
        let course: Vec<f64> =
            hill(40).into_iter().map(|value| (4.0 * value).min(1.0) * dice.uniform(0.5, 1.2)).collect();
        let mut own = Dice::new(dice.seed(), 0x2b);
        if self.acc_rate_hz > 0 {
            let rate_hz = self.acc_rate_hz as f64;
            let count = (duration_s * rate_hz) as usize;
            let (direction, strength_g) = (own.direction(), own.log_uniform(0.02, 0.25));
            let mut phase = 0.0;
            let samples = (0..count)
                .map(|index| {
                    phase += TAU * hz / rate_hz + 0.15 * own.normal() * (50.0 / rate_hz).sqrt();
                    let loud = super::course::between(&course, (index as f64 + 0.5) / count as f64);
                    let value = strength_g * loud * (phase.sin() + 0.4 * (2.0 * phase + 1.0).sin());
                    direction.map(|axis| (value * axis) as f32)
                })
                .collect();
            self.shakes.push(Strip { start: (at_s * rate_hz).round() as i64, samples });
        }
        let level_uv = self.person.artefact_uv * dice.log_uniform(0.5, 4.0);
        self.artefact(at_s, duration_s, level_uv, &course, Some(hz), dice);
        if dice.chance(0.5) {
            let levels = self.bursts(duration_s, (0.02, 0.3), 0.4, dice);
            self.contract(at_s, &levels, Way::default(), dice);
        }
    }

    /// The bed shakes.
    pub(super) fn vibrate(&mut self, at_s: f64, duration_s: f64, dice: &mut Dice) {
        let (low_hz, strength_g) = (dice.uniform(2.0, 8.0), dice.log_uniform(0.003, 0.06));
        let course: Vec<f64> = (0..12).map(|_| dice.normal().abs() + 0.1).collect();
        let high_hz = low_hz + dice.uniform(1.0, 8.0);
        self.shake(at_s, Shaking { duration_s, strength_g, low_hz, high_hz, course: &course }, dice);
    }

    /// What the accelerometer feels of tension without movement, the same for cramps and for voluntary tension.
    pub(super) fn tension_shows(&mut self, at_s: f64, duration_s: f64, level_uv: f64, dice: &mut Dice) {
        let share = level_uv / self.person.mvc_uv;
        if dice.chance(0.8) {
            let goal = Goal::Near(dice.uniform(0.003, 0.06) * (0.3 + share));
            self.pose.change(Change { at_s, duration_s: dice.uniform(1.0, 6.0), goal });
        }
        let strength_g = dice.log_uniform(0.0003, 0.006) * (0.2 + share);
        let (low_hz, high_hz) = (dice.uniform(4.0, 7.0), dice.uniform(9.0, 14.0));
        self.shake(at_s, Shaking { duration_s, strength_g, low_hz, high_hz, course: &EVEN }, dice);
    }
}

/// From 0 to 1 within `width` places from `from` on.
pub(super) fn step_at(index: usize, from: usize, width: usize) -> f64 {
    least_jerk(index.saturating_sub(from) as f64 / width.max(1) as f64)
}

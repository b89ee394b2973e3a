//! Twitches and tremors, worked out.

use super::course::Envelope;
use super::cramp_units::Territory;
use super::deed::{Discharge, Stage, What};
use super::effort::Effort;
use super::person::Person;
use super::pool::Pool;
use super::potential::VERSIONS;
use crate::simulate::dice::Dice;

impl Stage {
    fn twitch(&mut self, at_s: f64, duration_s: f64, level_uv: f64, dice: &mut Dice) {
        let effort = Effort::new(at_s, duration_s + 0.02, level_uv, Envelope::Bell, dice);
        self.plan(at_s, What::Contraction(Box::new(effort)), dice);
    }

    fn nudge(&mut self, at_s: f64, width_s: f64, strength_g: f64, tilt_deg: f64, dice: &mut Dice) {
        self.plan(at_s, What::Submove { width_s, strength_g, tilt_deg, level_uv: None, artefact: true }, dice);
    }

    /// Hypnagogic foot tremor: bursts at 0.8 to 2.2 a second.
    pub(super) fn foot_tremor(&mut self, start_s: f64, duration_s: f64, person: &Person, _: &Pool, dice: &mut Dice) {
        let (hz, burst_s) = (dice.uniform(0.8, 2.2), dice.uniform(0.25, 0.65));
        let level_uv = dice.log_uniform(3.0 * person.quiet_uv, 0.25 * person.mvc_uv);
        let mut at_s = start_s;
        while at_s < start_s + duration_s {
            let own_uv = dice.log_normal(level_uv, 0.25);
            self.twitch(at_s, burst_s, own_uv, dice);
            if dice.chance(0.9) {
                let strength_g = dice.log_uniform(0.01, 0.1);
                self.nudge(at_s, 0.25, strength_g, 3.0, dice);
            }
            at_s += (1.15 * burst_s).max((1.0 + 0.12 * dice.normal()) / hz);
        }
    }

    /// Bursts of up to six twitches.
    pub(super) fn rem(&mut self, start_s: f64, duration_s: f64, pause_s: f64, person: &Person, dice: &mut Dice) {
        let mut at_s = start_s;
        loop {
            at_s += dice.exponential(pause_s);
            if at_s > start_s + duration_s {
                return;
            }
            for _ in 0..1 + dice.index(6) {
                let width_s = dice.log_normal(0.35, 0.8).clamp(0.1, 4.5);
                let quiet_uv = person.quiet_uv;
                let level_uv = dice.log_uniform(3.0 * quiet_uv, (0.12 * person.mvc_uv).max(5.0 * quiet_uv));
                self.twitch(at_s, width_s, level_uv, dice);
                if dice.chance(0.35) {
                    let strength_g = dice.log_uniform(0.005, 0.08);
                    self.nudge(at_s, 0.2, strength_g, 2.0, dice);
                }
                at_s += width_s + dice.uniform(0.1, 3.0);
            }
        }
    }

    /// Fragmentary myoclonus: single short twitches.
    pub(super) fn myoclonus(&mut self, start_s: f64, duration_s: f64, per_min: f64, person: &Person, dice: &mut Dice) {
        let mut at_s = start_s;
        while at_s < start_s + duration_s {
            let width_s = dice.uniform(0.03, 0.14);
            let level_uv = dice.log_uniform(8.0, 60.0) * (person.mvc_uv / 200.0).min(1.0);
            self.twitch(at_s, width_s, level_uv, dice);
            at_s += dice.exponential(60.0 / per_min) + 0.15;
        }
    }

    /// Single discharges, of the units of a cramp or of any few; a few people's come in groups.
    pub(super) fn fasciculate(
        &mut self,
        start_s: f64,
        duration_s: f64,
        count: usize,
        of: Option<&Territory>,
        pool: &Pool,
        dice: &mut Dice,
    ) {
        let units: Vec<usize> = match of {
            Some(territory) => territory.units.iter().map(|(index, _)| *index).collect(),
            None => (0..1 + dice.index(4)).map(|_| dice.index(pool.units.len())).collect(),
        };
        let mut discharge = |at_s: f64, unit: usize, strength: f64, dice: &mut Dice| {
            let version = dice.index(VERSIONS);
            self.discharges.push(Discharge { at_s, unit, strength: strength as f32, version });
        };
        for _ in 0..count {
            let at_s = start_s + duration_s * dice.unit();
            let (unit, strength) = (units[dice.index(units.len())], dice.uniform(0.3, 1.7));
            discharge(at_s, unit, strength, dice);
        }
        if of.is_none() && dice.chance(0.1) {
            for _ in 0..=count / 3 {
                let at_s = start_s + duration_s * dice.unit();
                for place in 0..2 + dice.index(5) {
                    let own_s = at_s + 0.02 * place as f64 + 0.006 * dice.unit();
                    discharge(own_s, units[0], 1.0, dice);
                }
            }
        }
    }
}

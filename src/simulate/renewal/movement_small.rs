//! Movements of sleep and single discharges.

use super::contraction::Way;
use super::course::{Band, STEP_S, bump, edges, steps};
use super::movement::hill;
use super::pose::{Change, Goal};
use super::stage::{Shaking, Stage, Strip};
use crate::simulate::dice::Dice;

impl Stage {
    /// A leg movement of sleep, periodic or alone.
    pub(super) fn leg_movement(&mut self, at_s: f64, duration_s: f64, level_uv: f64, shows: bool, dice: &mut Dice) {
        let count = steps(duration_s, 8);
        let (rise, fall) = (dice.uniform(0.1, 0.4), dice.uniform(0.15, 0.5));
        let mut band = Band::new(0.3, 5.0, 1.0 / STEP_S, duration_s, dice);
        let mut levels: Vec<f64> = (0..count).map(|_| level_uv * (0.25 * band.next()).exp()).collect();
        edges(&mut levels, ((rise * count as f64) as usize).max(3), ((fall * count as f64) as usize).max(3));
        self.contract(at_s, &levels, Way::default(), dice);
        if shows {
            let strength_g = dice.log_uniform(0.01, 0.15);
            let shaking =
                Shaking { duration_s: duration_s + 0.3, strength_g, low_hz: 0.8, high_hz: 8.0, course: &hill(40) };
            self.shake(at_s, shaking, dice);
            let goal = Goal::Near(dice.log_uniform(0.003, 0.06));
            self.pose.change(Change { at_s, duration_s, goal });
            if dice.chance(0.5) {
                let level_uv = self.person.artefact_uv * dice.log_uniform(0.05, 1.0);
                self.artefact(at_s, duration_s + 0.2, level_uv, &hill(40), None, dice);
            }
        }
    }

    /// One jerk; `strength_g` is 0 where the accelerometer does not feel it.
    pub(super) fn twitch(&mut self, at_s: f64, duration_s: f64, level_uv: f64, strength_g: f64, dice: &mut Dice) {
        let count = steps(duration_s, 5);
        let levels: Vec<f64> = (0..count).map(|index| level_uv * bump(index, count)).collect();
        let way = Way { speed: dice.uniform(1.3, 2.6), ..Way::default() };
        self.contract(at_s, &levels, way, dice);
        if strength_g > 0.0 {
            self.shake(
                at_s,
                Shaking { duration_s: 0.5, strength_g, low_hz: 2.0, high_hz: 12.0, course: &hill(20) },
                dice,
            );
        }
    }

    /// Hypnagogic foot tremor: a train of bursts.
    pub(super) fn foot_tremor(&mut self, at_s: f64, duration_s: f64, level_uv: f64, dice: &mut Dice) {
        let hz = dice.uniform(0.5, 3.0);
        let mut into_s = 0.0;
        while into_s < duration_s {
            let burst_s = dice.uniform(0.25, 0.9).min(0.65 / hz);
            let count = steps(burst_s, 0) + 6;
            let strength_uv = level_uv * dice.log_normal(1.0, 0.25);
            let levels: Vec<f64> = (0..count).map(|index| strength_uv * bump(index, count)).collect();
            let way = Way { speed: dice.uniform(1.0, 1.4), ..Way::default() };
            self.contract(at_s + into_s, &levels, way, dice);
            let strength_g = dice.log_uniform(0.005, 0.06);
            let shaking =
                Shaking { duration_s: burst_s + 0.2, strength_g, low_hz: 1.0, high_hz: 6.0, course: &hill(20) };
            self.shake(at_s + into_s, shaking, dice);
            into_s += dice.log_normal(1.0 / hz, 0.08);
        }
    }

    /// Single motor units that fire by themselves.
    pub(super) fn fasciculate(&mut self, at_s: f64, dice: &mut Dice) {
        let count = self.pool.units.len();
        let unit = &self.pool.units[count / 3 + dice.index(count - count / 3)];
        let (strength, version) = (dice.log_uniform(0.5, 2.5) as f32, 1.0 + dice.index(3) as f64);
        let mut samples = vec![0.0; self.rate_hz / 10 + super::potential::reach(self.rate_hz)];
        unit.potential.add(8.0, version, strength, &mut samples);
        if dice.chance(0.15) {
            unit.potential.add(8.0 + dice.uniform(0.01, 0.06) * self.rate_hz as f64, version, strength, &mut samples);
        }
        self.muscle.push(Strip { start: self.sample(at_s), samples });
    }
}

//! Out of bed: getting up, standing, walking.

use super::contraction::Way;
use super::course::{Band, STEP_S, bump, edges, steps};
use super::movement::{EVEN, Moving};
use super::pose::{Change, Goal};
use super::stage::{Shaking, Stage, Strip};
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

impl Stage {
    /// Gets up, or lies down.
    pub(super) fn rise(&mut self, at_s: f64, duration_s: f64, up: bool, dice: &mut Dice) {
        self.moves(at_s, Moving { duration_s, turns: false, shifts: false, muscle: 1.0 }, dice);
        let goal = if up { Goal::Standing } else { Goal::Lying };
        self.pose.change(Change { at_s, duration_s: 0.7 * duration_s, goal });
    }

    /// Stands still with weight on the leg.
    pub(super) fn stand(&mut self, at_s: f64, duration_s: f64, dice: &mut Dice) {
        let count = steps(duration_s, 8);
        let level_uv = dice.log_uniform(0.03, 0.3) * self.person.mvc_uv;
        let spread = dice.uniform(0.15, 0.45);
        let mut sway = Band::new(0.08, dice.uniform(0.5, 1.5), 1.0 / STEP_S, duration_s, dice);
        let mut levels: Vec<f64> = (0..count).map(|_| level_uv * (spread * sway.next()).exp()).collect();
        if dice.chance(0.35) {
            // Weight moves to the other leg and back.
            let mut shift = Band::new(0.02, 0.15, 1.0 / STEP_S, duration_s, dice);
            let mut weight = 1.0;
            for level in &mut levels {
                let wanted = if shift.next() > -0.6 { 1.0 } else { 0.0 };
                weight += (wanted - weight) / 15.0;
                *level *= weight;
            }
        }
        let edge = (count / 4).min(80);
        edges(&mut levels, edge, edge);
        let way = Way { tremor: dice.uniform(0.0, 0.04), ..Way::default() };
        self.contract(at_s, &levels, way, dice);
        let strength_g = dice.log_uniform(0.003, 0.02);
        self.shake(at_s, Shaking { duration_s, strength_g, low_hz: 0.2, high_hz: 3.0, course: &EVEN }, dice);
    }

    /// Walks; with a limp after a cramp.
    pub(super) fn walk(&mut self, at_s: f64, duration_s: f64, limps: bool, dice: &mut Dice) {
        let hz = dice.uniform(0.72, 1.05) * if limps { 0.75 } else { 1.0 };
        let (duty, level_uv) = (dice.uniform(0.3, 0.5), dice.log_uniform(0.12, 0.6) * self.person.mvc_uv);
        let mut levels = vec![0.0; steps(duration_s, 8)];
        let (mut into_s, mut strikes_s) = (dice.uniform(0.0, 0.5), Vec::new());
        while into_s < duration_s - 0.2 {
            let period_s = (1.0 + 0.06 * dice.normal()) / hz;
            let count = steps(duty * period_s, 8);
            let (power, strength) = (dice.uniform(0.6, 1.2), level_uv * dice.uniform(0.7, 1.3));
            let from = ((into_s + 0.12 * period_s) / STEP_S) as usize;
            for (index, level) in levels.iter_mut().skip(from).take(count).enumerate() {
                *level = strength * bump(index, count).powf(power);
            }
            strikes_s.push(into_s);
            into_s += period_s.max(0.3);
        }
        self.contract(at_s, &levels, Way::default(), dice);
        self.gait(at_s, duration_s, &strikes_s, dice);
        let level_uv = self.person.artefact_uv * dice.log_uniform(0.3, 2.0);
        self.artefact(at_s, duration_s, level_uv, &EVEN, Some(hz), dice);
    }

    /// The shank swings and the heel strikes.
    fn gait(&mut self, at_s: f64, duration_s: f64, strikes_s: &[f64], dice: &mut Dice) {
        let mut dice = Dice::new(dice.seed(), 0x6a17);
        if self.acc_rate_hz == 0 || strikes_s.len() < 3 {
            return;
        }
        let rate_hz = self.acc_rate_hz as f64;
        let count = (duration_s * rate_hz) as usize;
        let swing = 0.8 * dice.uniform(0.25, 0.6);
        let mut knocks = vec![0.0_f64; count];
        for strike_s in strikes_s {
            let strength = dice.uniform(0.4, 1.4);
            let from = (strike_s * rate_hz) as usize;
            for (index, knock) in knocks.iter_mut().skip(from).take((0.25 * rate_hz) as usize).enumerate() {
                let later_s = index as f64 / rate_hz;
                *knock += strength * (-later_s / 0.04).exp() * (TAU * 11.0 * later_s).cos();
            }
        }
        let phase = |index: usize| {
            let at_s = index as f64 / rate_hz;
            let next = strikes_s.partition_point(|strike_s| *strike_s <= at_s).clamp(1, strikes_s.len() - 1);
            let (before, after) = (strikes_s[next - 1], strikes_s[next]);
            TAU * ((next - 1) as f64 + ((at_s - before) / (after - before)).clamp(0.0, 1.0))
        };
        let start = (at_s * rate_hz).round() as i64;
        let swings = (0..count).map(|index| (swing * phase(index).sin()) as f32).collect();
        let shakes = knocks
            .iter()
            .enumerate()
            .map(|(index, knock)| [*knock as f32, (0.5 * knock + 0.25 * (phase(index) + 0.7).sin()) as f32, 0.0]);
        self.shakes.push(Strip { start, samples: shakes.collect() });
        self.swings.push(Strip { start, samples: swings });
    }
}

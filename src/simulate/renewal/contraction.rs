//! Voluntary contraction: the pool, recruited by size until it is as loud as asked.

use super::course::{Band, STEP_S};
use super::potential::reach;
use super::stage::{Stage, Strip};
use super::train::discharges;
use crate::simulate::dice::Dice;

/// How a contraction is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Share of the potentials that the electrode hears: a contraction may lie in a part of the muscle.
    pub(super) gain: f64,
    /// Factor on rates: above 1 for jerks.
    pub(super) speed: f64,
    /// Deviation of the drive by tremor.
    pub(super) tremor: f64,
    /// At least so many units take part; weaker contractions are of a part that is heard less.
    pub(super) least_units: usize,
}

impl Default for Way {
    fn default() -> Self {
        Self { gain: 1.0, speed: 1.0, tremor: 0.0, least_units: 0 }
    }
}

impl Stage {
    /// Plays a contraction that follows `levels_uv` (RMS in µV, one a step).
    pub(super) fn contract(&mut self, at_s: f64, levels_uv: &[f64], way: Way, dice: &mut Dice) {
        let most_uv = levels_uv.iter().copied().fold(0.0, f64::max);
        if levels_uv.len() < 4 || most_uv <= 0.0 {
            return;
        }
        let pool = &self.pool;
        let mut gain = way.gain;
        let least_uv = if way.least_units > 0 { pool.level_of(way.least_units) } else { 0.0 };
        if least_uv * gain > most_uv {
            gain = (most_uv / least_uv).max(0.02);
        }
        let duration_s = levels_uv.len() as f64 * STEP_S;
        let tremor_hz = dice.uniform(6.0, 11.0);
        let mut tremor = Band::new(tremor_hz - 1.2, tremor_hz + 1.2, 1.0 / STEP_S, duration_s, dice);
        let drive = |level_uv: &f64| {
            let level_uv = (level_uv / gain).min(pool.loudest_uv());
            let shaken = if way.tremor > 0.0 { 1.0 + way.tremor * tremor.next() } else { 1.0 };
            if level_uv < 0.3 * pool.softest_uv() { 0.0 } else { pool.drive(level_uv) * shaken }
        };
        let mut drives: Vec<f64> = levels_uv.iter().map(drive).collect();
        let thresholds: Vec<f64> = pool.units.iter().map(|unit| unit.threshold * dice.log_normal(1.0, 0.06)).collect();
        let least = thresholds.iter().copied().fold(f64::INFINITY, f64::min);
        let most = drives.iter().copied().fold(0.0, f64::max);
        if most > 0.0 && most < least {
            // One unit at least.
            drives.iter_mut().filter(|drive| **drive > 0.0).for_each(|drive| *drive += 1.5);
        }
        let most = most.max(least);
        let rate_hz = self.rate_hz as f64;
        let mut samples = vec![0.0; (duration_s * rate_hz) as usize + reach(self.rate_hz)];
        let (version, lengthening) = (dice.uniform(0.8, 3.2), dice.uniform(0.0, 0.012));
        let fastest = (0.8 * way.speed).max(1.0);
        for (unit, threshold) in pool.units.iter().zip(thresholds) {
            if threshold > most {
                continue;
            }
            let strength = (gain * dice.log_normal(1.0, 0.05)) as f32;
            let variation = unit.variation * if way.speed > 1.0 { 1.3 } else { 1.0 };
            let rates = drives.iter().map(|drive| way.speed * unit.rate_hz(*drive, threshold, fastest));
            let mut own = Dice::new(dice.seed(), 0x7a11);
            let mut other = Dice::new(dice.seed(), 0x7a12);
            discharges(rates, variation, 0.0, &mut own, |at_s| {
                let version = version + lengthening * at_s + other.unit();
                unit.potential.add(at_s * rate_hz, version, strength, &mut samples);
            });
        }
        self.muscle.push(Strip { start: self.sample(at_s), samples });
    }
}

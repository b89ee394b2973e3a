//! The motor units of a calf.
//!
//! Thresholds are spread exponentially as in Fuglevand's pool (1993), but rates saturate instead of growing in a straight
//! line, small units stay faster than large ones ("onion skin", De Luca & Hostage 2010), and a contraction may favour one
//! side of the muscle.

use super::person::Person;
use super::potential::{Potential, Skin, Source};
use crate::simulate::dice::Dice;

/// One motor unit.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Drive at which it joins; the strongest contraction is 1.
    pub(super) threshold: f64,
    /// Rates when it joins and at most, per second.
    pub(super) lowest_hz: f64,
    pub(super) highest_hz: f64,
    /// Variation of its intervals in steady firing, 0.10 to 0.25.
    pub(super) variation: f64,
    /// Where it lies: beside the electrodes and below the skin's fat, mm.
    pub(super) lateral_mm: f64,
    pub(super) depth_mm: f64,
    pub(super) potential: Potential,
}

/// All units, and how their rates grow.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) units: Vec<Unit>,
    /// Excess of the drive at which a rate is two thirds up.
    pub(super) saturation: f64,
}

/// Half the muscle's width, mm.
const HALF_WIDTH_MM: f64 = 24.0;
/// Most of a pool's power that one unit may carry.
const LARGEST_SHARE: f64 = 0.03;
/// The potential's usual width.
const USUAL: usize = 2;

impl Unit {
    /// Its threshold in a contraction that favours the place `region` (0 to 1 across the muscle), if any.
    pub(super) fn threshold_in(&self, region: Option<f64>) -> f64 {
        let across = (self.lateral_mm + HALF_WIDTH_MM) / (2.0 * HALF_WIDTH_MM);
        self.threshold * region.map_or(1.0, |place| 1.0 + 0.9 * (across - place).abs())
    }
}

impl Pool {
    /// The person's units, with potentials for a night at `rate_hz`.
    pub(super) fn random(person: &Person, person_seed: u64, rate_hz: usize) -> Self {
        let dice = &mut Dice::new(person_seed, 0x9001);
        let count = 220 + dice.index(180);
        let skin = Skin { low_pass_hz: dice.log_uniform(180.0, 700.0), rate_hz };
        let fat_mm = dice.uniform(2.0, 8.0);
        let (range, top) = (dice.uniform(50.0, 120.0), dice.uniform(0.55, 0.9));
        let (fastest_hz, slowest_hz) = (dice.uniform(13.5, 18.5), dice.uniform(6.0, 7.5));
        let steadiness = dice.uniform(0.12, 0.19);
        let growth = dice.uniform(1.3, 2.1);
        let electrodes_mm = [10.0, 15.0, 20.0][dice.index(3)];
        let zone_mm = dice.uniform(12.0, 26.0);
        let saturation = dice.uniform(0.08, 0.3);
        let unit = |index: usize| {
            // From the smallest to the largest.
            let rank = (index as f64 + dice.unit()) / count as f64;
            let lateral_mm = dice.uniform(-HALF_WIDTH_MM, HALF_WIDTH_MM);
            let depth_mm = 1.5 + 20.0 * beta(1.3, 1.6, dice);
            let zone_mm = zone_mm + 4.0 * dice.normal();
            // A unit is spread over some millimetres.
            let distance_mm = ((0.5 * lateral_mm).powi(2) + (depth_mm + fat_mm).powi(2) + 4.5_f64.powi(2)).sqrt();
            let source = Source {
                velocity_mm_ms: (4.2 + 0.45 * dice.normal()).clamp(3.0, 5.6) * (0.92 + 0.16 * rank),
                length_mm: dice.uniform(2.2, 4.6),
                asymmetry: dice.uniform(0.45, 0.75),
                zone_mm,
                end_mm: zone_mm + dice.uniform(9.0, 40.0),
                spread_ms: dice.uniform(0.2, 0.7),
                offset_mm: dice.uniform(-2.5, 2.5),
                distance_mm,
                electrodes_mm,
                // The sign tells on which side of the end-plate zone the electrodes lie.
                size: if dice.chance(0.35) { -1.0 } else { 1.0 } * (growth * rank + 0.25 * dice.normal()).exp(),
            };
            Unit {
                threshold: top * ((rank - 1.0) * range.ln() + 0.12 * dice.normal()).exp(),
                lowest_hz: (slowest_hz + 0.5 * dice.normal()).clamp(5.5, 8.0),
                highest_hz: (fastest_hz - 4.5 * rank.powf(1.5) + dice.normal()).clamp(8.5, 18.5),
                variation: (steadiness + 0.03 * dice.normal()).clamp(0.10, 0.25),
                lateral_mm,
                depth_mm,
                potential: Potential::new(&source, skin),
            }
        };
        let mut pool = Self { units: (0..count).map(unit).collect(), saturation };
        pool.limit();
        let factor = person.mvc_uv / pool.power(1.0, None, USUAL).sqrt().max(1e-12);
        pool.units.iter_mut().for_each(|unit| unit.potential.scale(factor));
        pool
    }

    /// The least drive that moves any unit.
    pub(super) fn least(&self) -> f64 {
        self.units.iter().map(|unit| unit.threshold).fold(f64::INFINITY, f64::min)
    }

    /// The drive at which the contraction has the RMS `level_uv`, at most 2.2.
    pub(super) fn drive_for(&self, level_uv: f64, region: Option<f64>, version: usize) -> f64 {
        let (mut low, mut high) = (self.least().ln(), 2.2_f64.ln());
        for _ in 0..9 {
            let middle = 0.5 * (low + high);
            if self.power(middle.exp(), region, version) < level_uv * level_uv { low = middle } else { high = middle }
        }
        high.exp()
    }

    /// Mean square in µV² of a steady contraction: rates times energies (Campbell's theorem).
    fn power(&self, drive: f64, region: Option<f64>, version: usize) -> f64 {
        let of = |unit: &Unit| {
            let excess = drive - unit.threshold_in(region);
            if excess < 0.0 { 0.0 } else { self.rate_hz(unit, excess) * unit.potential.energy[version] }
        };
        self.units.iter().map(of).sum()
    }

    /// Rate of a unit whose threshold the drive exceeds by `excess`.
    pub(super) fn rate_hz(&self, unit: &Unit, excess: f64) -> f64 {
        unit.lowest_hz + (unit.highest_hz - unit.lowest_hz) * (1.0 - (-excess / self.saturation).exp())
    }

    /// Weakens units that would outshout the rest.
    fn limit(&mut self) {
        for _ in 0..4 {
            let sum: f64 = self.units.iter().map(|unit| unit.potential.energy[USUAL]).sum();
            for unit in &mut self.units {
                let share = unit.potential.energy[USUAL] / sum.max(1e-300);
                if share > LARGEST_SHARE {
                    unit.potential.scale((LARGEST_SHARE / share).sqrt());
                }
            }
        }
    }
}

/// A beta distribution as the share of one gamma variable in two.
fn beta(first: f64, second: f64, dice: &mut Dice) -> f64 {
    let (one, other) = (dice.gamma(first, first.powf(-0.5)), dice.gamma(second, second.powf(-0.5)));
    one / (one + other).max(1e-300)
}

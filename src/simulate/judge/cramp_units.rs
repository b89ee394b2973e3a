//! Which units take part in a cramp, and when each may fire.

use super::cramp::CrampPlan;
use super::person::CrampHabit;
use super::pool::Pool;
use super::potential::VERSIONS;
use super::slow::{Drift, FRAME_S};
use crate::simulate::dice::Dice;

/// A part of the muscle in which units lie together, whatever their size.
#[derive(Debug, Clone)]
pub(super) struct Territory {
    /// Indices of units, with the mean rate of each.
    pub(super) units: Vec<(usize, f64)>,
    lateral_mm: f64,
    depth_mm: f64,
    radius_mm: f64,
    /// Where it creeps, mm/s.
    creep_mm_s: [f64; 2],
    /// Mean nearness over units and time, so that creeping changes who is active, not how many.
    mean: f64,
    /// Width of the potentials at the start.
    pub(super) version: usize,
}

impl Territory {
    /// The place of a planned cramp: the one of many whose units give the wanted level by themselves.
    pub(super) fn draw(plan: &CrampPlan, pool: &Pool, habit: &CrampHabit) -> Self {
        let dice = &mut Dice::new(plan.seed, 0x7e44);
        let version = dice.index(VERSIONS);
        let rates_hz: Vec<f64> =
            pool.units.iter().map(|_| (habit.rate_hz + 3.2 * dice.normal()).clamp(14.0, 25.0)).collect();
        let mut best: Option<(f64, Self)> = None;
        for _ in 0..80 {
            let (lateral_mm, depth_mm) = (dice.uniform(-22.0, 22.0), dice.uniform(1.0, 22.0));
            let radius_mm = dice.log_uniform(2.5, 16.0);
            let mut units = Vec::new();
            let mut power = 0.0;
            for (index, (unit, rate_hz)) in pool.units.iter().zip(&rates_hz).enumerate() {
                let away_mm = (unit.lateral_mm - lateral_mm).hypot(unit.depth_mm - depth_mm);
                if away_mm < radius_mm + 2.0 && dice.chance(0.75) {
                    units.push((index, *rate_hz));
                    // About so many of them are active at a time.
                    power += 0.62 * rate_hz * unit.potential.energy[version];
                }
            }
            if units.len() < 7 {
                continue;
            }
            let off = (plan.level_uv / power.sqrt().max(1e-12)).ln().abs();
            if best.as_ref().is_none_or(|(least, _)| off < *least) {
                let place = Self { units, lateral_mm, depth_mm, radius_mm, creep_mm_s: [0.0; 2], mean: 0.0, version };
                best = Some((off, place));
            }
            if off < 0.47 {
                break;
            }
        }
        let mut territory = best.map_or_else(
            || Self {
                units: rates_hz.iter().copied().enumerate().collect(),
                lateral_mm: 0.0,
                depth_mm: 12.0,
                radius_mm: 24.0,
                creep_mm_s: [0.0; 2],
                mean: 0.0,
                version,
            },
            |(_, place)| place,
        );
        // Cramps creep through the muscle (Roeleveld 2000).
        let (sin, cos) = dice.uniform(0.0, std::f64::consts::TAU).sin_cos();
        let speed_mm_s = dice.uniform(0.02, 0.35);
        territory.creep_mm_s = [speed_mm_s * cos, speed_mm_s * sin];
        let seconds = plan.length_s.ceil() as usize + 2;
        let all = territory.units.iter().flat_map(|(index, _)| (0..seconds).map(|second| (*index, second as f64)));
        let sum: f64 = all.map(|(index, at_s)| territory.nearness(pool, index, at_s)).sum();
        territory.mean = sum / (seconds * territory.units.len()).max(1) as f64;
        territory
    }

    /// How much easier (above 0) or harder it is for a unit than for the average one, at a time from the cramp's start.
    pub(super) fn nearness(&self, pool: &Pool, index: usize, at_s: f64) -> f64 {
        let unit = &pool.units[index];
        let lateral_mm = unit.lateral_mm - self.lateral_mm - self.creep_mm_s[0] * at_s;
        let depth_mm = unit.depth_mm - self.depth_mm - self.creep_mm_s[1] * at_s;
        let away = lateral_mm.hypot(depth_mm) / (self.radius_mm + 4.0);
        (0.35 * (1.0 - away)).clamp(-0.5, 0.35) - self.mean
    }
}

/// A unit's turn to be active: it fires while this value lies below the active share.
#[derive(Debug, Clone)]
pub(super) enum Excitability {
    /// Wanders up and down.
    Wandering { slow: Drift, smoothed: f64 },
    /// Jumps from time to time.
    Jumping { value: f64, until_s: f64, mean_s: f64 },
}

impl Excitability {
    pub(super) fn new(jumps: bool, mean_s: f64, dice: &mut Dice) -> Self {
        if jumps {
            return Self::Jumping { value: 0.0, until_s: 0.0, mean_s };
        }
        let mut slow = Drift::lasting(dice.uniform(8.0, 22.0), dice);
        Self::Wandering { smoothed: slow.next(dice), slow }
    }

    /// The value at a time from the cramp's start, about even between 0 and 1. To be asked once per frame.
    pub(super) fn at(&mut self, at_s: f64, dice: &mut Dice) -> f64 {
        match self {
            Self::Wandering { slow, smoothed } => {
                *smoothed += 2.0 * FRAME_S * (slow.next(dice) - *smoothed);
                0.5 * (1.0 + (0.8 * *smoothed).tanh())
            }
            Self::Jumping { value, until_s, mean_s } => {
                if at_s >= *until_s {
                    *value = dice.unit();
                    *until_s = at_s + 0.3 + dice.exponential(*mean_s);
                }
                *value
            }
        }
    }
}

//! Which units fire when and how fast in a cramp.

use super::course::{Band, STEP_S};
use super::cramp::CrampPlan;
use super::pool::Pool;
use super::territory::{Territory, nearness};
use crate::simulate::dice::Dice;

/// How the units of a cramp fire.
#[derive(Debug)]
pub(super) struct Discharge {
    pub(super) rate_hz: f64,
    spread_hz: f64,
    /// A unit is active for about so long, then others are for a while.
    active_s: f64,
    pause_s: f64,
    /// The shared slow drift of rates, one value a step, and how strongly each unit follows.
    drift: Vec<f64>,
    pub(super) drift_depth: f64,
    follows: Vec<f64>,
    fade: f64,
}

impl Discharge {
    pub(super) fn random(duration_s: f64, steps: usize, pool: &Pool, dice: &mut Dice) -> Self {
        // A drift near 1.4 Hz that cramping units share, on a slower one.
        let hz = (1.4 + 0.35 * dice.normal()).clamp(0.6, 2.2);
        let mut shared = Band::new((hz - 0.5).max(0.15), hz + 0.5, 1.0 / STEP_S, duration_s, dice);
        let mut slow = Band::new(0.05, 0.8, 1.0 / STEP_S, duration_s, dice);
        let drift = (0..steps).map(|_| 0.85 * shared.next() + 0.5 * slow.next()).collect();
        let follows = |_: &super::pool::Unit| {
            if dice.chance(0.6) { dice.uniform(0.5, 1.2) } else { dice.uniform(0.0, 0.3) }
        };
        let follows = pool.units.iter().map(follows).collect();
        Self {
            rate_hz: dice.uniform(14.5, 24.0),
            spread_hz: dice.uniform(2.0, 4.0),
            active_s: dice.uniform(12.0, 38.0),
            pause_s: dice.uniform(1.5, 8.0),
            drift,
            drift_depth: dice.uniform(0.15, 0.33),
            follows,
            fade: dice.uniform(-0.05, 0.25),
        }
    }

    /// Share of the time in which a place in the cramp is active.
    pub(super) fn duty(&self) -> f64 {
        self.active_s / (self.active_s + self.pause_s)
    }

    /// Rates of all units, Hz, one a step; none for units that never fire. Each place in the cramp is handed from
    /// unit to unit.
    pub(super) fn rates(
        &self,
        plan: &CrampPlan,
        steps: usize,
        territory: Territory,
        pool: &Pool,
        dice: &mut Dice,
    ) -> Vec<Vec<f32>> {
        let duration_s = plan.duration_s;
        let ramp_s = dice.uniform(1.0, 10.0).min(0.45 * duration_s);
        let decay_s = if plan.is_abrupt { 0.3 } else { dice.log_uniform(2.0, 25.0).min(0.5 * duration_s) };
        let creep = [0.25 * dice.normal(), 0.25 * dice.normal()];
        let own_hz: Vec<f64> =
            pool.units.iter().map(|_| (self.rate_hz + self.spread_hz * dice.normal()).clamp(8.0, 32.0)).collect();
        let mut rates: Vec<Vec<f32>> = vec![Vec::new(); pool.units.len()];
        let mut free_s = vec![0.0; pool.units.len()];
        for place in 0..territory.units {
            // Something fires from the first moment on.
            let mut at_s = if place < 2 { dice.uniform(0.0, 0.4) } else { dice.uniform(0.0, ramp_s) };
            let end_s = duration_s - if plan.is_abrupt { dice.uniform(0.0, 0.3) } else { decay_s * dice.unit() };
            let mut shorter = dice.uniform(0.3, 1.0);
            while at_s < end_s - 0.2 {
                let [across, along, below] = territory.middle_mm;
                let middle_mm = [across + creep[0] * at_s, along, below + creep[1] * at_s];
                let weight = |unit: usize| {
                    let is_free = free_s[unit] <= at_s;
                    let near = nearness(pool.units[unit].place_mm, middle_mm, territory.radius_mm);
                    if is_free { near + 1e-9 } else { 0.0 }
                };
                let Some(unit) = drawn((0..pool.units.len()).map(weight), dice) else {
                    at_s += 1.0;
                    continue;
                };
                let active_s = dice.log_normal(self.active_s * 0.78, 0.7) * shorter;
                shorter = 1.0;
                let stop_s = (at_s + active_s).min(end_s);
                free_s[unit] = stop_s + 0.5;
                let wakes_s = dice.uniform(0.3, 3.0);
                let course = &mut rates[unit];
                course.resize(steps, 0.0);
                let (from, to) = ((at_s / STEP_S) as usize, ((stop_s / STEP_S) as usize).min(steps));
                for (index, rate) in course[from.min(to)..to].iter_mut().enumerate() {
                    let into_s = index as f64 * STEP_S;
                    let begin = 0.55 + 0.45 * (into_s / wakes_s).min(1.0);
                    let end = (0.5 + (stop_s - at_s - into_s) / 3.0).min(1.0);
                    let fade = 1.0 - self.fade * (at_s + into_s) / duration_s;
                    let drift = (self.drift_depth * self.follows[unit] * self.drift[from + index]).exp();
                    let hz = own_hz[unit] * begin * end * fade * drift;
                    *rate = if hz > 0.0 { hz.clamp(4.0, 34.0) as f32 } else { 0.0 };
                }
                at_s = stop_s + dice.exponential(self.pause_s);
            }
        }
        rates
    }
}

/// A place drawn by weight; none where all weights are zero.
fn drawn(weights: impl Iterator<Item = f64>, dice: &mut Dice) -> Option<usize> {
    let weights: Vec<f64> = weights.collect();
    let mut left = dice.unit() * weights.iter().sum::<f64>();
    let mut last = None;
    for (index, weight) in weights.into_iter().enumerate() {
        if weight > 0.0 {
            last = Some(index);
            if left < weight {
                break;
            }
            left -= weight;
        }
    }
    last
}

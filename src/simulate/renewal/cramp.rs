//! A cramp: activity that goes from unit to unit within a wandering territory.

use super::contact::SECONDS_OF_A_NIGHT;
use super::course::{Band, STEP_S};
use super::person::Person;
use super::pool::{Pool, middle};
use super::potential::reach;
use super::train::discharges;
use crate::simulate::dice::Dice;

/// A cramp as planned.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrampPlan {
    pub(super) duration_s: f64,
    /// RMS that four tenths of its seconds exceed, µV.
    pub(super) level_uv: f64,
    /// Ends at once, not by and by.
    pub(super) is_abrupt: bool,
    pub(super) seed: u64,
}

/// A cramp worked out: muscle in µV, and its truth in seconds from its start.
#[derive(Debug)]
pub(super) struct Cramp {
    pub(super) samples: Vec<f32>,
    pub(super) onset_s: f64,
    pub(super) end_s: f64,
    pub(super) highest_uv: f64,
}

/// Where a cramp lies, and how many units fire in it at a time.
#[derive(Debug, Clone, Copy)]
struct Territory {
    /// Across, along, below: mm.
    middle_mm: [f64; 3],
    radius_mm: f64,
    /// Share of the potentials that the electrode hears.
    gain: f64,
    units: f64,
    /// Fewest and most units that fit.
    bounds: [f64; 2],
}

/// How the units of a cramp fire.
#[derive(Debug)]
struct Discharge {
    rate_hz: f64,
    spread_hz: f64,
    /// A unit is active for about so long, then others are for a while.
    active_s: f64,
    pause_s: f64,
    /// The shared slow drift of rates, one value a step, and how strongly each unit follows.
    drift: Vec<f64>,
    drift_depth: f64,
    follows: Vec<f64>,
    fade: f64,
}

impl Cramp {
    /// None if it nowhere becomes twice as loud as quiet.
    pub(super) fn make(plan: &CrampPlan, pool: &Pool, person: &Person, rate_hz: usize) -> Option<Self> {
        let mut dice = Dice::new(plan.seed, 0xc2a3);
        let dice = &mut dice;
        let steps = ((plan.duration_s.min(SECONDS_OF_A_NIGHT) / STEP_S) as usize).max(100);
        let mut discharge = Discharge::random(plan.duration_s, steps, pool, dice);
        let mut territory = Territory::random(pool, plan.level_uv, &discharge, dice);
        let [fewest, most] = territory.bounds;
        // Where the fewest are more than there are, the most count.
        let count = territory.units.round().max(fewest).min(most.max(4.0)).floor();
        territory.gain *= (territory.units / count).sqrt();
        let variation = (0.45 + 0.08 * dice.normal()).clamp(0.30, 0.65);
        let rates = discharge.rates(plan, steps, count as usize, territory, pool, dice);
        discharge.drift = Vec::new();
        // What the drift adds to the variation is no part of the intervals' own.
        let own = (variation * variation - 0.6 * discharge.drift_depth.powi(2)).max(0.0625).sqrt();
        let doublets = dice.uniform(0.0, 0.09);
        let (version, lengthening) = (dice.uniform(0.8, 3.2), dice.uniform(0.0, 0.012));
        let mut samples = vec![0.0; (plan.duration_s * rate_hz as f64) as usize + reach(rate_hz)];
        for (unit, rates) in pool.units.iter().zip(&rates) {
            if rates.is_empty() {
                continue;
            }
            let strength = (territory.gain * dice.log_normal(1.0, 0.05)) as f32;
            let variation = (own + 0.05 * dice.normal()).clamp(0.2, 0.7);
            let mut other = Dice::new(dice.seed(), 0xc2a4);
            discharges(rates.iter().map(|rate| f64::from(*rate)), variation, doublets, dice, |at_s| {
                if at_s < plan.duration_s {
                    let version = version + lengthening * at_s + other.unit();
                    unit.potential.add(at_s * rate_hz as f64, version, strength, &mut samples);
                }
            });
        }
        Self::scaled(samples, plan.level_uv, 2.0 * person.quiet_uv, rate_hz)
    }

    /// As loud as planned, with its truth.
    fn scaled(mut samples: Vec<f32>, level_uv: f64, threshold_uv: f64, rate_hz: usize) -> Option<Self> {
        let loudness = |span: &[f32]| {
            (span.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / span.len() as f64).sqrt()
        };
        let seconds: Vec<f64> = samples.chunks_exact(rate_hz).map(loudness).collect();
        let scale = (level_uv / middle(&seconds, 0.6).max(1e-6)).clamp(0.4, 2.5) as f32;
        samples.iter_mut().for_each(|sample| *sample *= scale);
        let quarters: Vec<f64> = samples.chunks_exact(rate_hz / 4).map(loudness).collect();
        let quarter_s = (rate_hz / 4) as f64 / rate_hz as f64;
        let first = quarters.iter().position(|rms_uv| *rms_uv > threshold_uv)?;
        let last = quarters.iter().rposition(|rms_uv| *rms_uv > threshold_uv)?;
        let highest_uv = quarters.iter().copied().fold(0.0, f64::max);
        Some(Self { samples, onset_s: first as f64 * quarter_s, end_s: (last + 1) as f64 * quarter_s, highest_uv })
    }
}

impl Territory {
    /// Of a few dozen places the first in which some units, but not all, make the level.
    fn random(pool: &Pool, level_uv: f64, discharge: &Discharge, dice: &mut Dice) -> Self {
        let duty = discharge.active_s / (discharge.active_s + discharge.pause_s);
        let mut best: Option<(f64, Self)> = None;
        for _ in 0..60 {
            let place = |dice: &mut Dice| pool.units[dice.index(pool.units.len())].place_mm;
            let middle_mm = [place(dice)[0], dice.uniform(-30.0, 30.0), place(dice)[2]];
            let (radius_mm, gain) = (dice.uniform(5.0, 18.0), dice.log_uniform(0.3, 1.0));
            let near = |place_mm: [f64; 3]| nearness(place_mm, middle_mm, radius_mm);
            let weights = pool.units.iter().map(|unit| (near(unit.place_mm), unit.potential.energy()));
            let (mut sum, mut energy, mut effective) = (1e-12, 0.0, 0.0);
            for (weight, unit_energy) in weights {
                sum += weight;
                energy += weight * unit_energy;
                effective += f64::from(u8::from(weight > 0.2));
            }
            let units = level_uv * level_uv / (energy / sum * discharge.rate_hz * duty * gain * gain).max(1e-9);
            let bounds = [dice.uniform(6.0, 18.0), 0.75 * effective];
            let penalty = (bounds[0] / units).ln().max(0.0) + (units / bounds[1].max(3.0)).ln().max(0.0);
            if best.as_ref().is_none_or(|(least, _)| penalty < *least) {
                best = Some((penalty, Self { middle_mm, radius_mm, gain, units, bounds }));
            }
            if penalty <= 0.0 {
                break;
            }
        }
        best.map_or(Self { middle_mm: [0.0; 3], radius_mm: 10.0, gain: 1.0, units: 6.0, bounds: [6.0, 6.0] }, |b| b.1)
    }
}

fn nearness(place_mm: [f64; 3], middle_mm: [f64; 3], radius_mm: f64) -> f64 {
    let away: [f64; 3] = std::array::from_fn(|axis| place_mm[axis] - middle_mm[axis]);
    // Fibres are long: distance along them counts little.
    let square = away[0] * away[0] + 0.15 * away[1] * away[1] + away[2] * away[2];
    (-0.5 * square / (radius_mm * radius_mm)).exp()
}

impl Discharge {
    fn random(duration_s: f64, steps: usize, pool: &Pool, dice: &mut Dice) -> Self {
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

    /// Rates of all units, Hz, one a step; none for units that never fire. `count` places in the cramp are each handed from
    /// unit to unit.
    fn rates(
        &self,
        plan: &CrampPlan,
        steps: usize,
        count: usize,
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
        for place in 0..count {
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

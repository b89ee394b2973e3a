//! A cramp: activity that goes from unit to unit within a wandering territory.

use super::course::steps;
use super::cramp_units::Discharge;
use super::person::Person;
use super::pool::{Pool, middle};
use super::potential::reach;
use super::territory::Territory;
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

impl Cramp {
    /// None if it nowhere becomes twice as loud as quiet.
    pub(super) fn make(plan: &CrampPlan, pool: &Pool, person: &Person, rate_hz: usize) -> Option<Self> {
        let mut dice = Dice::new(plan.seed, 0xc2a3);
        let dice = &mut dice;
        let steps = steps(plan.duration_s, 100);
        let discharge = Discharge::random(plan.duration_s, steps, pool, dice);
        let territory = Territory::random(pool, plan.level_uv, &discharge, dice);
        let variation = (0.45 + 0.08 * dice.normal()).clamp(0.30, 0.65);
        let rates = discharge.rates(plan, steps, territory, pool, dice);
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
        // What the rate cannot hold counts in the level, as it does for contractions.
        Self::scaled(samples, plan.level_uv * pool.held, 2.0 * person.quiet_uv, rate_hz)
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

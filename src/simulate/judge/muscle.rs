//! The pool under all contractions of the moment: the strongest drive counts.

use super::effort::{Demand, RunningEffort};
use super::pool::Pool;
use super::slow::{FRAME_S, FRAMES};
use crate::simulate::dice::Dice;

/// A unit stops when the drive falls below this share of its threshold.
const RELEASE: f64 = 0.88;

/// A firing unit's clock.
#[derive(Debug, Clone, Copy)]
struct Firing {
    /// Share of the present interval that is over, and its planned length (1: the mean interval).
    phase: f64,
    planned: f64,
    /// Slow noise of the unit's own rate.
    wobble: f64,
}

/// The firing of all units.
#[derive(Debug)]
pub(super) struct Muscle {
    firing: Vec<Option<Firing>>,
    least: f64,
    dice: Dice,
}

impl Muscle {
    pub(super) fn new(pool: &Pool, seed: u64) -> Self {
        Self { firing: vec![None; pool.units.len()], least: pool.least(), dice: Dice::new(seed, 0x305c) }
    }

    /// Adds the discharges of second number `second` to `out` (µV).
    pub(super) fn second(
        &mut self,
        second: u32,
        pool: &Pool,
        efforts: &mut [RunningEffort],
        rate_hz: usize,
        out: &mut [f32],
    ) {
        for frame in 0..FRAMES {
            let within_s = frame as f64 * FRAME_S;
            let mut strongest: Option<Demand> = None;
            for effort in efforts.iter_mut() {
                if let Some(demand) = effort.demand(f64::from(second) + within_s)
                    && strongest.is_none_or(|other| demand.drive > other.drive)
                {
                    strongest = Some(demand);
                }
            }
            match strongest {
                Some(demand) if demand.drive > 0.8 * self.least => {
                    self.frame(demand, pool, |unit, into, gain| {
                        let at = (within_s + into * FRAME_S) * rate_hz as f64;
                        pool.units[unit].potential.add(at, demand.version, gain, out);
                    });
                }
                _ => self.firing.fill(None),
            }
        }
    }

    /// One frame; `emit` gets the unit, the share of the frame at which it fires, and its strength.
    fn frame(&mut self, demand: Demand, pool: &Pool, mut emit: impl FnMut(usize, f64, f32)) {
        let dice = &mut self.dice;
        for (index, (unit, state)) in pool.units.iter().zip(&mut self.firing).enumerate() {
            let threshold = unit.threshold_in(demand.region);
            let needed = if state.is_some() { RELEASE * threshold } else { threshold };
            if demand.drive < needed {
                *state = None;
                continue;
            }
            let firing =
                state.get_or_insert_with(|| Firing { phase: 0.0, planned: 0.45 * dice.unit(), wobble: dice.normal() });
            firing.wobble = 0.992 * firing.wobble + 0.126 * f64::from(dice.normal_f32());
            let excess = (demand.drive - threshold).max(0.0);
            let step = pool.rate_hz(unit, excess) * (1.0 + 0.04 * firing.wobble) * FRAME_S;
            firing.phase += step;
            if firing.phase >= firing.planned {
                let back = (firing.phase - firing.planned) / step;
                emit(index, (1.0 - back).max(0.0), 1.0 + 0.04 * dice.normal_f32());
                firing.phase -= firing.planned;
                // A unit is less steady close to its threshold.
                let variation = unit.variation * (1.0 + 0.35 * (-excess / (0.3 * pool.saturation)).exp());
                let spread = (1.0 + variation.min(0.25).powi(2)).ln().sqrt();
                firing.planned = (spread * dice.normal() - 0.5 * spread * spread).exp();
            }
        }
    }
}

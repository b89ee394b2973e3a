//! The irregular intervals of a unit in a cramp.

use super::slow::FRAME_S;
use crate::simulate::dice::Dice;

/// Turns a rate into discharges.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrampClock {
    /// Law of the intervals: 0 log-normal, 1 gamma, 2 inverse Gaussian (a random walk to a threshold).
    law: usize,
    /// Interval variation at 18 discharges per second.
    variation: f64,
    /// Share of doublets.
    doublets: f64,
    phase: f64,
    /// The present interval as a share of the mean one.
    planned: f64,
}

impl CrampClock {
    pub(super) fn new(law: usize, variation: f64, doublets: f64, dice: &mut Dice) -> Self {
        Self { law, variation, doublets, phase: 0.0, planned: dice.unit() }
    }

    /// The unit does not fire in this frame.
    pub(super) fn rest(&mut self, dice: &mut Dice) {
        if self.phase != 0.0 || self.planned > 0.6 {
            self.planned = 0.6 * dice.unit();
        }
        self.phase = 0.0;
    }

    /// The share of this frame at which the unit fires, if it does.
    pub(super) fn tick(&mut self, rate_hz: f64, dice: &mut Dice) -> Option<f64> {
        self.phase += rate_hz * FRAME_S;
        if self.phase < self.planned {
            return None;
        }
        let back = (self.phase - self.planned) / (rate_hz * FRAME_S);
        self.phase -= self.planned;
        // The deviation of intervals rises faster than their mean (Matthews 1996).
        let variation = (self.variation * (18.0 / rate_hz.max(6.0)).sqrt()).min(0.65);
        self.planned = if dice.chance(self.doublets) {
            (dice.uniform(0.005, 0.015) * rate_hz).max(0.01)
        } else {
            self.interval(variation, dice)
        };
        if self.planned < 0.1 {
            self.planned = self.planned.max(0.004 * rate_hz);
        }
        Some((1.0 - back).max(0.0))
    }

    /// An interval of mean 1.
    fn interval(&self, variation: f64, dice: &mut Dice) -> f64 {
        match self.law {
            0 => {
                let spread = (1.0 + variation * variation).ln().sqrt();
                (spread * dice.normal() - 0.5 * spread * spread).exp()
            }
            1 => dice.gamma(1.0, variation),
            _ => {
                // Michael, Schucany & Haas (1976).
                let shape = 1.0 / (variation * variation);
                let square = dice.normal().powi(2);
                let root = (4.0 * shape * square + square * square).sqrt();
                let value = 1.0 + (square - root) / (2.0 * shape);
                if dice.unit() <= 1.0 / (1.0 + value) { value } else { 1.0 / value.max(1e-3) }
            }
        }
    }
}

//! When one motor unit fires in a cramp.

use super::course::CrampCourse;
use super::dice::Dice;

/// No unit fires faster than this interval allows, in seconds.
const REFRACTORY_S: f64 = 0.004;

/// The discharge of one unit in a cramp.
#[derive(Debug, Clone)]
pub(crate) struct CrampTrain {
    /// Mean rate in pulses per second before drift and decay.
    pub(crate) rate_pps: f64,
    /// Variation of the unit's own intervals; common drift comes on top.
    own_variation: f64,
    follows_drift: bool,
    doublets: f64,
}

impl CrampTrain {
    /// A unit of this cramp.
    pub(crate) fn random(course: &CrampCourse, dice: &mut Dice) -> Self {
        let follows_drift = dice.chance(course.drift.2);
        let shared = if follows_drift { course.drift.1 } else { 0.0 };
        // Drift and doublets (short by four fifths) add to the variation; what is left is the unit's own.
        let others = 1.2 * shared.powi(2) + 0.64 * course.doublets;
        let own_variation = (course.interval_variation.powi(2) - others).max(0.03).sqrt();
        let rate_pps = (course.rate_pps.0 + course.rate_pps.1 * dice.normal()).clamp(6.0, 34.0);
        Self { rate_pps, own_variation, follows_drift, doublets: course.doublets }
    }

    /// The next interval in seconds when the common drift stands at `drift` (about −1–1) and the unit has been active
    /// for `active_s`: rates decay slowly.
    pub(crate) fn interval_s(&self, drift: f64, active_s: f64, dice: &mut Dice) -> f64 {
        if dice.chance(self.doublets) {
            return dice.uniform(0.006, 0.015);
        }
        let common = if self.follows_drift { (1.0 + drift).clamp(0.3, 2.0) } else { 1.0 };
        let decay = 1.0 - 0.25 * (active_s / 60.0).min(1.0);
        dice.gamma(1.0 / (self.rate_pps * common * decay), self.own_variation).max(REFRACTORY_S)
    }
}

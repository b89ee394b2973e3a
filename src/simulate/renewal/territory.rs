//! Where in the muscle a cramp lies.

use super::cramp_units::Discharge;
use super::pool::Pool;
use crate::simulate::dice::Dice;

/// Where a cramp lies, and how many units fire in it at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Territory {
    /// Across, along, below: mm.
    pub(super) middle_mm: [f64; 3],
    pub(super) radius_mm: f64,
    /// Share of the potentials that the electrode hears.
    pub(super) gain: f64,
    pub(super) units: usize,
}

impl Territory {
    /// Of a few dozen places the first in which some units, but not all, make the level.
    pub(super) fn random(pool: &Pool, level_uv: f64, discharge: &Discharge, dice: &mut Dice) -> Self {
        let mut best = Self { middle_mm: [0.0; 3], radius_mm: 10.0, gain: 1.0, units: 6 };
        let mut least = f64::INFINITY;
        for _ in 0..60 {
            let place = |dice: &mut Dice| pool.units[dice.index(pool.units.len())].place_mm;
            let middle_mm = [place(dice)[0], dice.uniform(-30.0, 30.0), place(dice)[2]];
            let (radius_mm, gain) = (dice.uniform(5.0, 18.0), dice.log_uniform(0.3, 1.0));
            let (mut sum, mut energy, mut effective) = (1e-12, 0.0, 0.0);
            for unit in &pool.units {
                let weight = nearness(unit.place_mm, middle_mm, radius_mm);
                sum += weight;
                energy += weight * unit.potential.energy();
                effective += f64::from(u8::from(weight > 0.2));
            }
            let power = energy / sum * discharge.rate_hz * discharge.duty() * gain * gain;
            let wanted = level_uv * level_uv / power.max(1e-9);
            let (fewest, most) = (dice.uniform(6.0, 18.0), 0.75 * effective);
            let penalty = (fewest / wanted).ln().max(0.0) + (wanted / most.max(3.0)).ln().max(0.0);
            if penalty < least {
                // Where the fewest are more than there are, the most count.
                let units = wanted.round().max(fewest).min(most.max(4.0)).floor();
                best = Self { middle_mm, radius_mm, gain: gain * (wanted / units).sqrt(), units: units as usize };
                least = penalty;
            }
            if penalty <= 0.0 {
                break;
            }
        }
        best
    }
}

/// How much a unit is part of the territory, 0 to 1.
pub(super) fn nearness(place_mm: [f64; 3], middle_mm: [f64; 3], radius_mm: f64) -> f64 {
    let away: [f64; 3] = std::array::from_fn(|axis| place_mm[axis] - middle_mm[axis]);
    // Fibres are long: distance along them counts little.
    let square = away[0] * away[0] + 0.15 * away[1] * away[1] + away[2] * away[2];
    (-0.5 * square / (radius_mm * radius_mm)).exp()
}

//! A simple volume conductor: an action potential as a current tripole that runs from the innervation zone to the tendon in
//! an infinite medium, seen by two electrodes on the skin (after Merletti, Lo Conte, Avignone & Guglielminotti 1999).

use super::dice::Dice;
use super::frame::RENDER_HZ;

/// Middle charge of the tripole relative to the first is −(1 + this); the last is this.
const LAST_CHARGE: f64 = 0.3;
/// Fibres of a unit that stand for all, evenly spread in the place of their end plates.
const FIBRES: i32 = 5;

/// The geometry of one motor unit's fibres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Travelling {
    /// Distance of the fibres from the line of the electrodes in mm: fat, depth and offset to the side.
    pub(crate) distance_mm: f64,
    /// Conduction velocity in m/s (mm/ms), 3–5.
    pub(crate) velocity_m_s: f64,
    /// From the innervation zone to the middle of the electrodes in mm.
    pub(crate) electrodes_mm: f64,
    /// Distance between the two electrodes in mm, 15–30.
    pub(crate) electrode_distance_mm: f64,
    /// From the innervation zone to the tendon in mm.
    pub(crate) half_fibre_mm: f64,
    /// From the first to the middle charge in mm, 1.2–2.5.
    pub(crate) front_mm: f64,
    /// Half the spread of end plates in mm.
    pub(crate) spread_mm: f64,
}

impl Travelling {
    /// The potential at 2000 Hz from the discharge on, in arbitrary units; the time scale multiplied by `factor`.
    pub(crate) fn samples(&self, factor: f64) -> Vec<f64> {
        let velocity = self.velocity_m_s / factor;
        let back_mm = self.front_mm * (1.0 + LAST_CHARGE) / LAST_CHARGE;
        let last_ms = (self.half_fibre_mm + back_mm + 2.0 * self.spread_mm) / velocity;
        let count = (last_ms / 1000.0 * f64::from(RENDER_HZ)).ceil() as usize + 1;
        let sample = |index: usize| {
            let travelled_mm = index as f64 * 1000.0 / f64::from(RENDER_HZ) * velocity;
            (-FIBRES / 2..=FIBRES / 2).map(|fibre| self.seen(travelled_mm, fibre, back_mm)).sum()
        };
        (0..count).map(sample).collect()
    }

    /// What one fibre shows when its front has gone `travelled_mm`.
    fn seen(&self, travelled_mm: f64, fibre: i32, back_mm: f64) -> f64 {
        let plate_mm = self.spread_mm * f64::from(fibre) / f64::from(FIBRES / 2);
        let charges = [(0.0, 1.0), (self.front_mm, -1.0 - LAST_CHARGE), (back_mm, LAST_CHARGE)];
        let mut seen = 0.0;
        for (behind_mm, charge) in charges {
            // A charge that has not left the end plate yet, or has reached the tendon, stands still: all three together
            // are nothing.
            let at_mm = (travelled_mm - behind_mm).clamp(0.0, self.half_fibre_mm);
            for direction in [1.0, -1.0] {
                let position_mm = plate_mm + direction * at_mm - self.electrodes_mm;
                for (electrode, sign) in [(0.5, 1.0), (-0.5, -1.0)] {
                    let along_mm = position_mm - electrode * self.electrode_distance_mm;
                    seen += sign * charge / along_mm.hypot(self.distance_mm);
                }
            }
        }
        seen
    }
}

/// What all units under one pair of electrodes share, with room for their own variation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conductor {
    /// Mean conduction velocity in m/s, 3.2–4.8.
    pub velocity_m_s: f64,
    /// From the innervation zone to the middle of the electrodes in mm, 8–25.
    pub electrodes_mm: f64,
    /// Distance between the two electrodes of a pair in mm, 15–30.
    pub electrode_distance_mm: f64,
    /// From the innervation zone to the tendon in mm, 20–40.
    pub half_fibre_mm: f64,
}

impl Conductor {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        Self {
            velocity_m_s: dice.uniform(3.2, 4.8),
            electrodes_mm: dice.uniform(8.0, 25.0),
            electrode_distance_mm: dice.uniform(15.0, 30.0),
            half_fibre_mm: dice.uniform(20.0, 40.0),
        }
    }

    /// A unit whose fibres are `distance_mm` away.
    pub(crate) fn unit(&self, distance_mm: f64, dice: &mut Dice) -> Travelling {
        Travelling {
            distance_mm: distance_mm.max(2.0),
            velocity_m_s: (self.velocity_m_s * (1.0 + 0.08 * dice.normal())).clamp(2.5, 6.0),
            electrodes_mm: self.electrodes_mm + 3.0 * dice.normal(),
            electrode_distance_mm: self.electrode_distance_mm,
            half_fibre_mm: (self.half_fibre_mm + 2.0 * dice.normal()).max(15.0),
            front_mm: dice.uniform(1.2, 2.5),
            spread_mm: dice.uniform(0.5, 5.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(distance_mm: f64) -> Travelling {
        Conductor { velocity_m_s: 4.0, electrodes_mm: 15.0, electrode_distance_mm: 20.0, half_fibre_mm: 28.0 }
            .unit(distance_mm, &mut Dice::new(3, 3))
    }

    /// Centroid of the spectrum in Hz by the mobility of the samples.
    fn mean_frequency_hz(samples: &[f64]) -> f64 {
        let power: f64 = samples.iter().map(|x| x * x).sum();
        let change: f64 = samples.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        ((change / power).sqrt() / 2.0).asin() * f64::from(RENDER_HZ) / std::f64::consts::PI
    }

    #[test]
    fn it_begins_and_ends_at_nothing_and_lasts_under_35_ms() {
        let samples = unit(8.0).samples(1.0);
        let peak = samples.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        assert!(
            samples.len() <= 70 && samples[0].abs() < 0.02 * peak && samples[samples.len() - 1].abs() < 0.02 * peak
        );
    }

    #[test]
    fn fat_makes_potentials_slower_and_a_factor_below_one_faster() {
        let near = mean_frequency_hz(&unit(5.0).samples(1.0));
        assert!(mean_frequency_hz(&unit(11.0).samples(1.0)) < near);
        assert!(mean_frequency_hz(&unit(5.0).samples(0.7)) > near);
    }
}

//! The motor units of both heads of gastrocnemius and what each leaves on the electrodes.

use super::dice::Dice;
use super::muap::{Shape, widened_ms};
use super::person::{Anatomy, Person};

/// Points of the table from excitation to level.
const LEVELS: usize = 256;

/// One motor unit.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// Excitation at which it begins to fire.
    pub(crate) threshold: f64,
    /// Highest voluntary rate in pulses per second.
    pub(crate) peak_rate_pps: f64,
    /// Unit-energy potential at 2000 Hz.
    pub(crate) potential: Vec<f32>,
    /// Where the potential comes from.
    pub(crate) shape: Shape,
    /// Gain on the medial and the lateral channel in µV·√s.
    pub(crate) gain: [f32; 2],
    /// Centre of its territory: across the head from the electrodes, and depth below the skin, in mm.
    pub(crate) place_mm: [f64; 2],
}

/// One head: units from small to large.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// The units in the order of recruitment.
    pub(crate) units: Vec<Unit>,
    /// Level (RMS as a fraction of the strongest contraction) at evenly spaced excitations.
    levels: Vec<f64>,
    max_excitation: f64,
    min_rate_pps: f64,
}

/// Both heads, medial first.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    /// The heads.
    pub(crate) heads: [Head; 2],
}

impl Pool {
    /// The pool of a person; the same person always has the same pool.
    pub(crate) fn new(person: &Person) -> Self {
        let mut dice = Dice::new(person.seed, 2);
        Self { heads: [0, 1].map(|head| Head::new(&person.anatomy, head, &mut dice)) }
    }
}

impl Head {
    fn new(anatomy: &Anatomy, head: usize, dice: &mut Dice) -> Self {
        let count = anatomy.units[head];
        let rank = |index: usize| (index + 1) as f64 / count as f64;
        let mut units: Vec<Unit> = (0..count).map(|index| random_unit(anatomy, head, rank(index), dice)).collect();
        let last_peak = units.last().map_or(anatomy.peak_rate_pps, |unit| unit.peak_rate_pps);
        let max_excitation = anatomy.recruitment_range + (last_peak - anatomy.min_rate_pps).max(1.0);
        let power = |excitation: f64, units: &[Unit]| -> f64 {
            let of =
                |unit: &Unit| rate_pps(unit, excitation, anatomy.min_rate_pps) * f64::from(unit.gain[head]).powi(2);
            units.iter().map(of).sum()
        };
        // The strongest contraction has the person's own RMS on the head's own channel.
        let scale = (anatomy.mvc_uv[head] / power(max_excitation, &units).sqrt()) as f32;
        units.iter_mut().for_each(|unit| unit.gain = unit.gain.map(|gain| gain * scale));
        let excitation = |index: usize| max_excitation * index as f64 / (LEVELS - 1) as f64;
        let level = |index: usize| power(excitation(index), &units).sqrt() / anatomy.mvc_uv[head];
        let levels = (0..LEVELS).map(level).collect();
        Self { units, levels, max_excitation, min_rate_pps: anatomy.min_rate_pps }
    }

    /// The excitation that gives `level` (RMS as a fraction of the strongest contraction, 0–1).
    pub(crate) fn excitation(&self, level: f64) -> f64 {
        let step = self.max_excitation / (LEVELS - 1) as f64;
        let above = self.levels.partition_point(|&known| known < level);
        let (Some(&low), Some(&high)) = (self.levels.get(above.saturating_sub(1)), self.levels.get(above)) else {
            return if above == 0 { 0.0 } else { self.max_excitation };
        };
        let share = if high > low { (level - low) / (high - low) } else { 0.0 };
        step * (above.saturating_sub(1) as f64 + share)
    }

    /// Rate of a unit of this head at `excitation`; 0 below its threshold.
    pub(crate) fn rate_pps(&self, unit: &Unit, excitation: f64) -> f64 {
        rate_pps(unit, excitation, self.min_rate_pps)
    }
}

/// Fuglevand 1993: clamp(minimum + (E − threshold), minimum, peak), 0 below the threshold.
fn rate_pps(unit: &Unit, excitation: f64, min_rate_pps: f64) -> f64 {
    if excitation < unit.threshold {
        return 0.0;
    }
    (min_rate_pps + excitation - unit.threshold).min(unit.peak_rate_pps)
}

/// The unit of relative rank `rank` (0–1, small to large); its gain is not yet scaled to the person's level.
fn random_unit(anatomy: &Anatomy, head: usize, rank: f64, dice: &mut Dice) -> Unit {
    let threshold = (anatomy.recruitment_range.ln() * rank).exp();
    let peak_rate_pps = anatomy.peak_rate_pps - anatomy.peak_rate_drop_pps * threshold / anatomy.recruitment_range;
    let size = (anatomy.size_range.ln() * rank).exp().sqrt();
    let place_mm = [dice.uniform(-25.0, 25.0), anatomy.fat_mm + dice.uniform(2.0, 16.0)];
    let own_mm = place_mm[0].hypot(place_mm[1]);
    let other_mm = (anatomy.electrode_gap_mm - place_mm[0]).hypot(place_mm[1]);
    let seen = |distance_mm: f64| size * (10.0 / distance_mm).powf(anatomy.decay_exponent);
    let sign = if dice.chance(0.5) { 1.0 } else { -1.0 };
    let mut gain = [0.0; 2];
    gain[head] = (sign * seen(own_mm)) as f32;
    gain[1 - head] = (sign * anatomy.crosstalk * seen(other_mm)) as f32;
    let shape = match &anatomy.conductor {
        Some(conductor) => Shape::Travelling(conductor.unit(own_mm, dice)),
        None => {
            let shallow_ms = dice.log_normal(anatomy.potential_ms, anatomy.potential_spread);
            let triphasic = (anatomy.triphasic_share + 0.2 * dice.normal()).clamp(0.0, 1.0);
            Shape::Hermite { scale_ms: widened_ms(shallow_ms, own_mm), triphasic }
        }
    };
    let peak_rate_pps = peak_rate_pps.max(anatomy.min_rate_pps + 1.0);
    Unit { threshold, peak_rate_pps, potential: shape.potential(1.0), shape, gain, place_mm }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_table_inverts_itself() {
        let head = &Pool::new(&Person::random(4)).heads[0];
        for level in [0.1, 0.3, 0.7, 0.95] {
            let excitation = head.excitation(level);
            let power = |unit: &Unit| head.rate_pps(unit, excitation) * f64::from(unit.gain[0]).powi(2);
            let rms = head.units.iter().map(power).sum::<f64>().sqrt();
            let mvc = Person::random(4).anatomy.mvc_uv[0];
            assert!((rms / mvc - level).abs() < 0.1, "{level}: {}", rms / mvc);
        }
        assert!(head.excitation(0.0) <= 0.0);
        assert!(head.excitation(2.0) >= head.excitation(1.0));
    }

    #[test]
    fn small_units_are_recruited_first() {
        let head = &Pool::new(&Person::random(9)).heads[1];
        assert!(head.units.windows(2).all(|pair| pair[0].threshold < pair[1].threshold));
    }
}

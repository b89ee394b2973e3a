//! A person: body, sensor and habits in numbers, from the person's seed alone.

use crate::simulate::dice::Dice;

/// Everything about a person but the motor units.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// RMS of the noise in µV, 1 to 6.
    pub(super) quiet_uv: f64,
    /// RMS of the strongest voluntary contraction in µV, 60 to 480.
    pub(super) mvc_uv: f64,
    pub(super) mains_hz: f64,
    /// Usual amplitude of mains in µV, 0.02 to 8.
    pub(super) mains_uv: f64,
    /// Third and fifth harmonic as shares of the mains.
    pub(super) harmonics: [f64; 2],
    /// Height of the R wave in µV; 0 in most people.
    pub(super) heart_uv: f64,
    pub(super) heart_per_min: f64,
    /// Depth of the respiratory sinus arrhythmia, a share of the interval.
    pub(super) arrhythmia: f64,
    /// Pole of the noise's coloured part, and the share of that part.
    pub(super) noise_colour: [f64; 2],
    /// The amplifier's high-pass in Hz, 0.7 to 10.
    pub(super) high_pass_hz: f64,
    /// How much motion shows in the EMG, µV.
    pub(super) artefact_uv: f64,
    /// Standard deviation of the baseline's wander, µV.
    pub(super) wander_uv: f64,
    /// Has periodic leg movements.
    pub(super) plms: bool,
    /// Has excessive fragmentary myoclonus.
    pub(super) myoclonus: bool,
    /// Some units idle on at times.
    pub(super) idles: bool,
    /// Factors on how often the person moves and twitches.
    pub(super) mover: f64,
    pub(super) twitcher: f64,
    /// Accelerometer: noise in g, offsets in g, resolution in g (0: finer than the noise), orientation.
    pub(super) acc_noise_g: f64,
    pub(super) acc_bias_g: [f64; 3],
    pub(super) acc_step_g: f64,
    pub(super) mount: [[f64; 3]; 3],
    /// What breathing and heart beat shake: g along an axis of the shank, breaths per second.
    pub(super) breath_g: [f64; 3],
    pub(super) breath_hz: f64,
    pub(super) cramps: CrampHabit,
}

/// How a person's cramps discharge.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrampHabit {
    /// Units come and go in jumps, not gradually.
    pub(super) jumps: bool,
    /// Law of the intervals: log-normal, gamma or inverse Gaussian.
    pub(super) law: usize,
    /// A unit's own interval variation, 0.2 to 0.34.
    pub(super) variation: f64,
    /// Standard deviation of the slow drift of rates.
    pub(super) drift: f64,
    /// Mean rate of a unit per second, 16 to 21.
    pub(super) rate_hz: f64,
}

impl Person {
    /// The person of a seed.
    pub(super) fn random(person_seed: u64) -> Self {
        let dice = &mut Dice::new(person_seed, 0x10d6e);
        let quiet_uv = dice.log_uniform(1.0, 6.0);
        let breath = dice.log_uniform(0.0002, 0.003);
        Self {
            quiet_uv,
            mvc_uv: dice.log_normal(200.0, 0.5).clamp((18.0 * quiet_uv).max(60.0), 480.0),
            mains_hz: if dice.chance(0.6) { 50.0 } else { 60.0 },
            mains_uv: if dice.chance(0.6) { dice.log_uniform(0.02, 0.4) } else { dice.log_uniform(0.4, 8.0) },
            harmonics: [dice.uniform(0.0, 0.4), dice.uniform(0.0, 0.25)],
            heart_uv: if dice.chance(0.4) { dice.log_uniform(0.5, 10.0) } else { 0.0 },
            heart_per_min: dice.uniform(48.0, 72.0),
            arrhythmia: dice.uniform(0.01, 0.06),
            noise_colour: [dice.uniform(0.3, 0.9), dice.uniform(0.2, 0.8)],
            high_pass_hz: dice.log_uniform(0.7, 10.0),
            artefact_uv: dice.log_uniform(15.0, 350.0),
            wander_uv: dice.log_uniform(1.0, 20.0),
            plms: dice.chance(0.15),
            myoclonus: dice.chance(0.09),
            idles: dice.chance(0.2),
            mover: dice.log_normal(1.0, 0.45),
            twitcher: dice.log_normal(1.0, 0.8),
            acc_noise_g: dice.uniform(0.002, 0.008),
            acc_bias_g: std::array::from_fn(|_| 0.015 * dice.normal()),
            acc_step_g: if dice.chance(0.3) { [1.0 / 256.0, 1.0 / 512.0][dice.index(2)] } else { 0.0 },
            mount: any_orientation(dice),
            breath_g: std::array::from_fn(|_| breath * dice.normal()),
            breath_hz: dice.uniform(0.2, 0.3),
            cramps: CrampHabit {
                jumps: dice.chance(0.5),
                law: dice.index(3),
                variation: dice.uniform(0.20, 0.34),
                drift: dice.uniform(0.15, 0.34),
                rate_hz: dice.uniform(16.0, 21.0),
            },
        }
    }
}

/// Three axes at right angles, any way around.
fn any_orientation(dice: &mut Dice) -> [[f64; 3]; 3] {
    let first = dice.direction();
    loop {
        let other = dice.direction();
        let along: f64 = first.iter().zip(other).map(|(a, b)| a * b).sum();
        let second: [f64; 3] = std::array::from_fn(|axis| other[axis] - along * first[axis]);
        let length = second.iter().map(|part| part * part).sum::<f64>().sqrt();
        if length > 0.1 {
            let second = second.map(|part| part / length);
            let third = [
                first[1] * second[2] - first[2] * second[1],
                first[2] * second[0] - first[0] * second[2],
                first[0] * second[1] - first[1] * second[0],
            ];
            return [first, second, third];
        }
    }
}

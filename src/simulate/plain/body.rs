//! A person with a sensor on one calf: what stays the same from night to night.

use crate::simulate::dice::Dice;

/// What lies between the muscle fibres and the amplifier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tissue {
    /// Fat and skin between muscle and electrode, mm.
    pub(super) fat_mm: f64,
    /// Mean conduction velocity of the fibres, m/s.
    pub(super) velocity_m_s: f64,
    /// Distance between the two electrodes, mm.
    pub(super) electrode_distance_mm: f64,
    /// Where the fibres are innervated, mm along the fibre from the middle between the electrodes.
    pub(super) innervation_mm: f64,
    /// Half the length of a fibre, mm.
    pub(super) half_length_mm: f64,
    /// Ratio of the conductivities along and across the fibres.
    pub(super) anisotropy: f64,
    /// Potentials are three damped lobes instead of a travelling tripole.
    pub(super) lobes: bool,
    /// Corner of the sensor's anti-aliasing filter as a share of the rate.
    pub(super) band: f64,
}

/// How often this person does what, before the factor of the options.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    pub(super) turns_per_h: f64,
    pub(super) movements_per_h: f64,
    pub(super) stretches_per_h: f64,
    pub(super) holds_per_h: f64,
    pub(super) bracings_per_h: f64,
    /// Periodic leg movements per hour of sleep; 0 for most people.
    pub(super) plms_per_h: f64,
    pub(super) walks_per_night: f64,
    pub(super) tremor: bool,
    pub(super) myoclonus: bool,
    pub(super) jerks: bool,
    pub(super) fasciculation_bouts_per_h: f64,
    /// Probability that a cramp makes this person act within 90 s.
    pub(super) relief: f64,
    /// Standard deviation of the common drive in a steady contraction, a share of the drive.
    pub(super) unsteadiness: f64,
}

/// The person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body {
    pub(super) tissue: Tissue,
    pub(super) habits: Habits,
    /// RMS of the background noise, µV.
    pub(super) quiet_uv: f64,
    /// RMS of a maximal voluntary contraction, µV.
    pub(super) mvc_uv: f64,
    /// 50 or 60.
    pub(super) mains_hz: f64,
    /// RMS of the mains hum that is always there, µV.
    pub(super) mains_uv: f64,
    /// Height of the R peak, µV; 0 for most people.
    pub(super) ecg_uv: f64,
    pub(super) heart_hz: f64,
    /// Corner of the amplifier's high-pass, Hz.
    pub(super) high_pass_hz: f64,
    /// Rows are the sensor's axes in the frame of the shank (z from heel to knee).
    pub(super) mount: [[f64; 3]; 3],
    pub(super) acc_noise_g: f64,
    pub(super) acc_bias_g: [f64; 3],
    pub(super) breathing_hz: f64,
    pub(super) breathing_g: f64,
}

impl Body {
    pub(super) fn random(person_seed: u64) -> Self {
        let dice = &mut Dice::new(person_seed, 0x91a1);
        let quiet_uv = dice.log_uniform(1.5, 8.0);
        let tissue = tissue(dice);
        let thin = (8.0 / tissue.fat_mm).powf(0.4);
        // Published RMS of the medial gastrocnemius in a maximal effort is 0.1 to 0.5 mV.
        let mvc_uv = (dice.log_normal(240.0, 0.4) * thin).clamp(90.0, 700.0).max(14.0 * quiet_uv);
        Self {
            tissue,
            habits: habits(dice),
            quiet_uv,
            mvc_uv,
            mains_hz: if dice.chance(0.7) { 50.0 } else { 60.0 },
            mains_uv: quiet_uv * dice.log_uniform(0.03, 1.2),
            ecg_uv: if dice.chance(0.3) { quiet_uv * dice.log_uniform(0.7, 5.0) } else { 0.0 },
            heart_hz: dice.uniform(0.75, 1.25),
            high_pass_hz: dice.log_uniform(1.0, 20.0),
            mount: rotation(dice),
            acc_noise_g: dice.log_uniform(0.001, 0.008),
            acc_bias_g: std::array::from_fn(|_| 0.012 * dice.normal()),
            breathing_hz: dice.uniform(0.18, 0.32),
            breathing_g: dice.log_uniform(0.0003, 0.004),
        }
    }
}

fn tissue(dice: &mut Dice) -> Tissue {
    let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
    Tissue {
        fat_mm: dice.log_uniform(3.0, 15.0),
        velocity_m_s: dice.uniform(3.2, 4.8),
        electrode_distance_mm: dice.uniform(20.0, 30.0),
        innervation_mm: side * dice.uniform(4.0, 30.0),
        half_length_mm: dice.uniform(22.0, 55.0),
        anisotropy: dice.uniform(1.0, 2.2),
        lobes: dice.chance(0.25),
        band: dice.uniform(0.33, 0.45),
    }
}

fn habits(dice: &mut Dice) -> Habits {
    Habits {
        turns_per_h: dice.gamma(1.6, 0.44),
        // Median 6.8 per hour with quartiles of 4.5 and 10.8.
        movements_per_h: dice.log_normal(6.8, 0.65).clamp(1.0, 25.0),
        stretches_per_h: dice.log_normal(0.4, 0.7).clamp(0.05, 2.5),
        holds_per_h: dice.uniform(0.0, 0.4),
        bracings_per_h: dice.uniform(0.0, 1.0),
        plms_per_h: if dice.chance(0.25) { dice.log_uniform(15.0, 60.0) } else { 0.0 },
        walks_per_night: dice.uniform(0.0, 3.0),
        tremor: dice.chance(0.15),
        myoclonus: dice.chance(0.09),
        jerks: dice.chance(0.7),
        fasciculation_bouts_per_h: dice.log_normal(0.5, 0.8).clamp(0.05, 4.0),
        relief: dice.uniform(0.6, 1.0),
        unsteadiness: dice.uniform(0.04, 0.20),
    }
}

/// A rotation drawn uniformly: three axes out of two random directions.
pub(super) fn rotation(dice: &mut Dice) -> [[f64; 3]; 3] {
    let first = dice.direction();
    loop {
        let other = dice.direction();
        let along: f64 = first.iter().zip(&other).map(|(a, b)| a * b).sum();
        if along.abs() < 0.95 {
            let length = (1.0 - along * along).sqrt();
            let second: [f64; 3] = std::array::from_fn(|axis| (other[axis] - along * first[axis]) / length);
            let third = [
                first[1] * second[2] - first[2] * second[1],
                first[2] * second[0] - first[0] * second[2],
                first[0] * second[1] - first[1] * second[0],
            ];
            return [first, second, third];
        }
    }
}

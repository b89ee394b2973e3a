//! A simulated person: everything that stays the same from night to night.
//!
//! Ranges come from the project's evidence notes where there are numbers (sections 1, 2 and 4) and are drawn wider than
//! those, because a detector must not learn the assumptions of one simulator.

use super::dice::Dice;
use super::person_draw::{random_anatomy, random_habits, random_mounting, random_noise};
use super::travelling::Conductor;

/// Noise of skin, electrodes and amplifier.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseHabit {
    /// Floor of each channel in µV RMS below 500 Hz, 2–10.
    pub floor_uv: [f64; 2],
    /// Lag-one correlation of the floor at 2000 Hz, 0–0.5: how much it leans to low frequencies.
    pub colour: f64,
    /// How much the floor's level jitters from 25 ms to 25 ms (standard deviation of its logarithm): heavy tails, 0–0.4.
    pub jitter: f64,
    /// Mains frequency in Hz, near 50 or 60.
    pub mains_hz: f64,
    /// Amplitude of the mains fundamental of each channel in µV, 0.2–12.
    pub mains_uv: [f64; 2],
    /// Amplitudes of the third and fifth harmonic relative to the fundamental.
    pub mains_harmonics: [f64; 2],
    /// Amplitude of the ECG at the calf in µV; 0 in most people.
    pub ecg_uv: f64,
    /// Heart beats a minute.
    pub heart_rate_bpm: f64,
    /// Motion artefact of a brisk movement in µV RMS, 10–400.
    pub artefact_uv: f64,
}

/// The two heads of gastrocnemius, their motor units and the electrodes above them. Index 0 is the medial head.
#[derive(Debug, Clone, PartialEq)]
pub struct Anatomy {
    /// RMS of the strongest voluntary contraction on each head's own channel in µV, 100–500.
    pub mvc_uv: [f64; 2],
    /// Skin and fat between electrode and muscle in mm, 2–12.
    pub fat_mm: f64,
    /// Distance between the electrode pairs in mm, 40–70.
    pub electrode_gap_mm: f64,
    /// Exponent with which potentials fall with distance, 1.5–2.5.
    pub decay_exponent: f64,
    /// Factor on what one head's units leave on the other head's electrodes, 0.2–2.5.
    pub crosstalk: f64,
    /// Motor units of each head, 15–250.
    pub units: [usize; 2],
    /// Ratio of the last to the first recruitment threshold, 8–60 (Fuglevand 1993: 30).
    pub recruitment_range: f64,
    /// Ratio of the largest to the smallest twitch, 6–150; potentials grow with its square root.
    pub size_range: f64,
    /// Rate at recruitment in pulses per second, 5–10.
    pub min_rate_pps: f64,
    /// Peak rate of the first unit in pulses per second, 18–40.
    pub peak_rate_pps: f64,
    /// How much lower the peak rate of the last unit is, 0–12 pulses per second.
    pub peak_rate_drop_pps: f64,
    /// Coefficient of variation of voluntary interspike intervals, 0.10–0.25.
    pub interval_variation: f64,
    /// Fibres and electrodes in a volume conductor; without, potentials are Hermite–Rodriguez functions.
    pub conductor: Option<Conductor>,
    /// Time scale of a shallow unit's potential in ms, 1.2–3.2.
    pub potential_ms: f64,
    /// Standard deviation of the logarithm of that time scale over units.
    pub potential_spread: f64,
    /// Share of the second-order (triphasic) form in the potentials, 0–1.
    pub triphasic_share: f64,
}

/// How the sensor sits and what it adds to the acceleration.
#[derive(Debug, Clone, PartialEq)]
pub struct Mounting {
    /// Rotation from the shank (x forward, y outward, z up along the shank) to the sensor, any in three dimensions.
    pub rotation: [[f64; 3]; 3],
    /// Sensor noise in g RMS per sample and axis.
    pub noise_g: f64,
    /// Offset of each axis in g.
    pub offset_g: [f64; 3],
    /// Breathing seen at the shank in g.
    pub breathing_g: f64,
    /// Breaths per second.
    pub breathing_hz: f64,
}

/// How often this person does what, per hour unless said otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Habits {
    /// Turning over (published mean 1.6, SD 0.7).
    pub turns_per_h: f64,
    /// Large movements without turning (published median with turns 6.8, quartiles 4.5–10.8).
    pub large_movements_per_h: f64,
    /// Short stretches.
    pub stretches_per_h: f64,
    /// Deliberate holds of 10–60 s.
    pub holds_per_h: f64,
    /// Tonic bracing.
    pub bracing_per_h: f64,
    /// Trips to the bathroom in eight hours.
    pub walks_per_night: f64,
    /// Bouts of standing still without walking.
    pub standing_per_h: f64,
    /// Bouts of hypnagogic foot tremor; 0 in most people.
    pub tremor_per_h: f64,
    /// Minutes-long bouts of myoclonus or REM twitches.
    pub myoclonus_per_h: f64,
    /// Hypnic jerks at sleep onset, per night.
    pub hypnic_jerks_per_night: f64,
    /// Bouts of fasciculation.
    pub fasciculation_per_h: f64,
    /// Rubbing of the calf or the blanket.
    pub rubs_per_h: f64,
    /// Shaking of the bed by others.
    pub vibrations_per_h: f64,
    /// Jumps of mains interference.
    pub mains_jumps_per_h: f64,
    /// Slow sweat episodes.
    pub sweats_per_h: f64,
    /// Series of periodic leg movements; 0 in most people.
    pub plms_series_per_h: f64,
    /// Interval between periodic leg movements in seconds, 10–60.
    pub plms_interval_s: f64,
}

/// How this person cramps.
#[derive(Debug, Clone, PartialEq)]
pub struct CrampHabit {
    /// Mean cramps in eight hours, 0.1–2 (trial participants: 2.6–8.5 a week).
    pub per_night: f64,
    /// Median of the untreated length in seconds, 45–110.
    pub median_length_s: f64,
    /// Probability that a cramp sits in the lateral head.
    pub lateral_share: f64,
    /// Probability that this person acts against a cramp.
    pub relief_probability: f64,
    /// Probability that another cramp follows within an hour.
    pub cluster_probability: f64,
    /// Probability that the sensor's button is pressed in a cramp.
    pub marker_probability: f64,
}

/// A simulated person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The seed this person came from.
    pub seed: u64,
    /// Noise of the recording.
    pub noise: NoiseHabit,
    /// Muscle and electrodes.
    pub anatomy: Anatomy,
    /// Accelerometer.
    pub mounting: Mounting,
    /// Movements.
    pub habits: Habits,
    /// Cramps.
    pub cramps: CrampHabit,
}

impl Person {
    /// The person of this seed: the same seed always gives the same person.
    pub fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 1);
        let (noise, anatomy) = (random_noise(&mut dice), random_anatomy(&mut dice));
        let (mounting, habits) = (random_mounting(&mut dice), random_habits(&mut dice));
        let cramps = CrampHabit {
            per_night: dice.log_uniform(0.15, 2.0),
            median_length_s: dice.uniform(45.0, 110.0),
            lateral_share: dice.uniform(0.0, 0.4),
            relief_probability: dice.uniform(0.55, 0.95),
            cluster_probability: dice.uniform(0.1, 0.5),
            marker_probability: dice.uniform(0.0, 0.7),
        };
        Self { seed, noise, anatomy, mounting, habits, cramps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_stay_within_the_published_ranges_and_differ() {
        for seed in 0..300 {
            let person = Person::random(seed);
            assert_eq!(person, Person::random(seed));
            assert_ne!(person.anatomy, Person::random(seed + 1).anatomy);
            assert!(person.anatomy.mvc_uv.iter().all(|mvc| (100.0..=500.0).contains(mvc)));
            assert!(person.noise.floor_uv.iter().all(|floor| (2.0..=10.0).contains(floor)));
        }
    }

    #[test]
    fn mountings_are_rotations() {
        let rotation = Person::random(5).mounting.rotation;
        for (row, axis) in rotation.iter().enumerate() {
            for (other_row, other) in rotation.iter().enumerate() {
                let dot: f64 = axis.iter().zip(other).map(|(a, b)| a * b).sum();
                assert!((dot - f64::from(u8::from(row == other_row))).abs() < 1e-9);
            }
        }
    }
}

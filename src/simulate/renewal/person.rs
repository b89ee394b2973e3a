//! A person: what the sensor hears and how much this person moves.

use crate::simulate::dice::Dice;

/// One person. Drawn widely; nothing here was measured on anybody.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// RMS of the amplifier's and the skin's noise above 20 Hz, µV.
    pub(super) quiet_uv: f64,
    /// RMS of the strongest voluntary contraction, µV.
    pub(super) mvc_uv: f64,
    /// Corner and order of what skin and electrode let pass.
    pub(super) low_pass_hz: f64,
    pub(super) low_pass_order: usize,
    pub(super) high_pass_hz: f64,
    pub(super) mains_hz: f64,
    /// RMS of mains at the fundamental, µV.
    pub(super) mains_uv: f64,
    /// Height of the heart's R wave, µV; 0 where it is not heard.
    pub(super) heart_uv: f64,
    pub(super) heart_per_min: f64,
    pub(super) acc_noise_g: f64,
    /// Artefacts of motion, µV.
    pub(super) artefact_uv: f64,
    /// Factors on how often this person moves and twitches.
    pub(super) moves: f64,
    pub(super) twitches: f64,
    pub(super) has_plms: bool,
    pub(super) has_myoclonus: bool,
    pub(super) has_foot_tremor: bool,
    /// Fasciculations in an hour.
    pub(super) fasciculations_per_h: f64,
    /// How the sensor sits: rows turn the shank's axes into the sensor's.
    pub(super) mount: [[f64; 3]; 3],
}

impl Person {
    pub(super) fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0x9e12);
        let quiet_uv = dice.log_uniform(1.0, 6.0);
        let has_little_mains = dice.chance(0.8);
        Self {
            quiet_uv,
            mvc_uv: dice.log_normal(190.0, 0.5).clamp(60.0, 600.0).max(14.0 * quiet_uv),
            low_pass_hz: dice.uniform(130.0, 420.0),
            low_pass_order: 1 + dice.index(2),
            high_pass_hz: pick(&[0.5, 1.0, 5.0, 10.0, 20.0], &[0.2, 0.2, 0.25, 0.25, 0.1], &mut dice),
            mains_hz: if dice.chance(0.65) { 50.0 } else { 60.0 },
            mains_uv: if has_little_mains { dice.log_normal(0.25, 1.1) } else { dice.uniform(2.0, 12.0) },
            heart_uv: if dice.chance(0.45) { 0.0 } else { dice.log_uniform(0.5, 10.0) },
            heart_per_min: dice.uniform(48.0, 72.0),
            acc_noise_g: dice.uniform(0.002, 0.008),
            artefact_uv: dice.log_normal(70.0, 0.8),
            moves: dice.log_normal(1.0, 0.35),
            twitches: dice.log_normal(1.0, 0.7),
            has_plms: dice.chance(0.15),
            has_myoclonus: dice.chance(0.09),
            has_foot_tremor: dice.chance(0.12),
            fasciculations_per_h: dice.log_normal(4.0, 1.2),
            mount: turned(&mut dice),
        }
    }
}

/// One of `values` by its share.
pub(super) fn pick<T: Copy>(values: &[T], shares: &[f64], dice: &mut Dice) -> T {
    let mut left = dice.unit();
    for (value, share) in values.iter().zip(shares) {
        if left < *share {
            return *value;
        }
        left -= share;
    }
    values[values.len() - 1]
}

/// Any rotation.
fn turned(dice: &mut Dice) -> [[f64; 3]; 3] {
    let first = dice.direction();
    loop {
        let other = dice.direction();
        let along: f64 = (0..3).map(|axis| first[axis] * other[axis]).sum();
        let rest: [f64; 3] = std::array::from_fn(|axis| other[axis] - along * first[axis]);
        let length = rest.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length > 0.1 {
            let second = rest.map(|value| value / length);
            let third = std::array::from_fn(|axis| {
                let (next, last) = ((axis + 1) % 3, (axis + 2) % 3);
                first[next] * second[last] - first[last] * second[next]
            });
            return [first, second, third];
        }
    }
}

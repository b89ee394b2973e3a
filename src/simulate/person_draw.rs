//! How people are drawn: every assumption varies widely from person to person.

use super::dice::Dice;
use super::person::{Anatomy, Habits, Mounting, NoiseHabit};
use super::travelling::Conductor;

pub(crate) fn random_noise(dice: &mut Dice) -> NoiseHabit {
    let (floor, mains) = (dice.log_uniform(2.0, 9.0), dice.log_uniform(0.2, 10.0));
    let grid = if dice.chance(0.5) { 50.0 } else { 60.0 };
    NoiseHabit {
        floor_uv: [floor, (floor * dice.log_normal(1.0, 0.15)).clamp(2.0, 10.0)],
        colour: dice.uniform(0.0, 0.5),
        jitter: if dice.chance(0.4) { dice.uniform(0.05, 0.4) } else { 0.0 },
        mains_hz: grid + 0.03 * dice.normal(),
        mains_uv: [mains, mains * dice.log_uniform(0.4, 1.2)],
        mains_harmonics: [dice.uniform(0.0, 0.5), dice.uniform(0.0, 0.25)],
        ecg_uv: if dice.chance(0.25) { dice.log_uniform(1.0, 12.0) } else { 0.0 },
        heart_rate_bpm: dice.uniform(45.0, 80.0),
        artefact_uv: dice.log_uniform(10.0, 400.0),
    }
}

pub(crate) fn random_anatomy(dice: &mut Dice) -> Anatomy {
    let mvc = dice.log_uniform(110.0, 450.0);
    let mut unit_count = || dice.log_uniform(15.0, 250.0) as usize;
    let units = [unit_count(), unit_count()];
    Anatomy {
        mvc_uv: [mvc, (mvc * dice.log_normal(0.85, 0.25)).clamp(100.0, 500.0)],
        fat_mm: dice.log_uniform(2.0, 12.0),
        electrode_gap_mm: dice.uniform(40.0, 70.0),
        decay_exponent: dice.uniform(1.5, 2.5),
        crosstalk: dice.log_uniform(0.2, 2.5),
        units,
        recruitment_range: dice.log_uniform(8.0, 60.0),
        size_range: dice.log_uniform(6.0, 150.0),
        min_rate_pps: dice.uniform(5.0, 10.0),
        peak_rate_pps: dice.uniform(18.0, 40.0),
        peak_rate_drop_pps: dice.uniform(0.0, 12.0),
        interval_variation: dice.uniform(0.10, 0.25),
        conductor: if dice.chance(0.5) { Some(Conductor::random(dice)) } else { None },
        potential_ms: dice.log_uniform(1.2, 3.2),
        potential_spread: dice.uniform(0.05, 0.25),
        triphasic_share: dice.unit(),
    }
}

pub(crate) fn random_mounting(dice: &mut Dice) -> Mounting {
    let mut offset = || 0.02 * dice.normal();
    let offset_g = [offset(), offset(), offset()];
    Mounting {
        rotation: random_rotation(dice),
        noise_g: dice.log_uniform(0.001, 0.008),
        offset_g,
        breathing_g: dice.log_uniform(0.0003, 0.004),
        breathing_hz: dice.uniform(0.18, 0.33),
    }
}

pub(crate) fn random_habits(dice: &mut Dice) -> Habits {
    let mut some = |probability: f64, low: f64, high: f64| {
        if dice.chance(probability) { dice.log_uniform(low, high) } else { 0.0 }
    };
    Habits {
        turns_per_h: some(1.0, 0.7, 3.5),
        large_movements_per_h: some(1.0, 2.5, 9.0),
        stretches_per_h: some(0.9, 0.1, 1.5),
        holds_per_h: some(0.8, 0.1, 0.8),
        bracing_per_h: some(0.8, 0.1, 1.2),
        walks_per_night: some(0.8, 0.3, 3.0),
        standing_per_h: some(0.5, 0.03, 0.2),
        tremor_per_h: some(0.1, 0.3, 2.0),
        myoclonus_per_h: some(0.6, 0.1, 1.0),
        hypnic_jerks_per_night: some(0.7, 0.5, 3.0),
        fasciculation_per_h: some(0.7, 0.1, 1.0),
        rubs_per_h: some(0.8, 0.1, 1.0),
        vibrations_per_h: some(0.6, 0.2, 3.0),
        mains_jumps_per_h: some(0.7, 0.05, 0.6),
        sweats_per_h: some(0.6, 0.05, 0.2),
        plms_series_per_h: some(0.25, 0.5, 2.0),
        plms_interval_s: dice.uniform(14.0, 45.0),
    }
}

/// A rotation, uniform over all of them: Gram–Schmidt on two random directions.
fn random_rotation(dice: &mut Dice) -> [[f64; 3]; 3] {
    let first = dice.direction();
    loop {
        let other = dice.direction();
        let along = first[0] * other[0] + first[1] * other[1] + first[2] * other[2];
        let rest = [0, 1, 2].map(|axis| other[axis] - along * first[axis]);
        let length = (rest[0] * rest[0] + rest[1] * rest[1] + rest[2] * rest[2]).sqrt();
        if length > 0.1 {
            let second = rest.map(|value| value / length);
            let third = [
                first[1] * second[2] - first[2] * second[1],
                first[2] * second[0] - first[0] * second[2],
                first[0] * second[1] - first[1] * second[0],
            ];
            return [first, second, third];
        }
    }
}

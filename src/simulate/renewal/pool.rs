//! The person's motor units: one fixed pool, recruited by size.

use super::person::Person;
use super::potential::{Potential, resampler};
use crate::simulate::dice::Dice;

/// One motor unit.
#[derive(Debug)]
pub(super) struct Unit {
    /// Drive at which it is recruited; about 1 for the smallest.
    pub(super) threshold: f64,
    /// Rates when recruited and at most, Hz, and what a unit of drive adds.
    pub(super) first_hz: f64,
    pub(super) most_hz: f64,
    pub(super) slope: f64,
    /// Coefficient of variation of voluntary intervals.
    pub(super) variation: f64,
    /// Across the leg, along it and below the fascia, mm; the electrode is above the middle.
    pub(super) place_mm: [f64; 3],
    pub(super) potential: Potential,
}

impl Unit {
    /// Rate at a drive, given the threshold of the moment; 0 below it.
    pub(super) fn rate_hz(&self, drive: f64, threshold: f64, most: f64) -> f64 {
        if drive < threshold {
            0.0
        } else {
            (self.first_hz + self.slope * (drive - threshold)).min(self.most_hz * most)
        }
    }
}

/// The pool of one person, at one sample rate.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) units: Vec<Unit>,
    /// Drive and the RMS that it gives, both rising.
    levels: Vec<(f64, f64)>,
    sorted_thresholds: Vec<f64>,
    /// Share of the RMS that the night's rate can hold.
    pub(super) held: f64,
}

impl Pool {
    pub(super) fn random(person: &Person, seed: u64, rate_hz: usize) -> Self {
        let mut dice = Dice::new(seed, 0x9001);
        let dice = &mut dice;
        let count = 70 + dice.index(150);
        let share = |index: usize| (index + 1) as f64 / count as f64;
        let range = dice.uniform(25.0, 60.0).ln();
        let mut thresholds: Vec<f64> =
            (0..count).map(|index| (range * share(index)).exp() * dice.log_normal(1.0, 0.08)).collect();
        let least = thresholds.iter().copied().fold(f64::INFINITY, f64::min);
        thresholds.iter_mut().for_each(|threshold| *threshold /= least);
        let (first_hz, most_hz, lean) = (dice.uniform(6.0, 8.0), dice.uniform(13.0, 17.0), dice.uniform(-3.0, 3.0));
        let (slope, variation) = (dice.uniform(0.35, 1.2), dice.uniform(0.12, 0.21));
        let half_mm = dice.uniform(18.0, 28.0);
        let fat_mm = dice.log_normal(5.0, 0.45).clamp(2.0, 13.0);
        let places: Vec<[f64; 3]> = (0..count)
            .map(|_| [dice.uniform(-half_mm, half_mm), dice.uniform(-40.0, 40.0), dice.uniform(0.0, 22.0)])
            .collect();
        let away: Vec<f64> = places.iter().map(|[across, _, deep]| across.hypot(deep + fat_mm + 2.0)).collect();
        let heights = heights(&away, dice);
        let middle_away = middle(&away, 0.5);
        let middle_ms = dice.uniform(6.5, 10.5);
        let resampler = resampler(rate_hz);
        let mut units: Vec<Unit> = (0..count)
            .map(|index| {
                let longer = (away[index] / middle_away).powf(0.35);
                let duration_ms = (dice.log_normal(middle_ms, 0.2) * longer).clamp(4.0, 15.0);
                let potential = Potential::random(person, duration_ms, heights[index], &resampler, dice);
                Unit {
                    threshold: thresholds[index],
                    first_hz: (first_hz + 0.7 * dice.normal()).clamp(5.0, 9.0),
                    most_hz: (most_hz + lean * (share(index) - 0.5) + 1.2 * dice.normal()).clamp(10.0, 19.0),
                    slope: slope * dice.log_normal(1.0, 0.2),
                    variation: (variation + 0.03 * dice.normal()).clamp(0.09, 0.26),
                    place_mm: places[index],
                    potential,
                }
            })
            .collect();
        let levels = calibrated(&mut units, person.mvc_uv);
        let mut sorted_thresholds = thresholds;
        sorted_thresholds.sort_by(f64::total_cmp);
        let all: f64 = units.iter().map(|unit| unit.potential.energy()).sum();
        let held: f64 = units.iter().map(|unit| unit.potential.held_energy(rate_hz)).sum();
        Self { units, levels, sorted_thresholds, held: (held / all.max(1e-12)).sqrt() }
    }

    /// Drive that makes the whole pool as loud as `level_uv`.
    pub(super) fn drive(&self, level_uv: f64) -> f64 {
        let above = self.levels.partition_point(|(_, level)| *level < level_uv);
        let Some(&(drive, level)) = self.levels.get(above) else { return self.levels[self.levels.len() - 1].0 };
        let Some(&(less, below)) = above.checked_sub(1).and_then(|at| self.levels.get(at)) else { return drive };
        less + (drive - less) * (level_uv - below) / (level - below).max(1e-12)
    }

    /// RMS in µV when the drive just recruits the unit number `rank` by size.
    pub(super) fn level_of(&self, rank: usize) -> f64 {
        let wanted = self.sorted_thresholds[rank.min(self.sorted_thresholds.len() - 1)];
        let above = self.levels.partition_point(|(drive, _)| *drive < wanted).min(self.levels.len() - 1);
        self.levels[above].1
    }

    /// RMS at full drive.
    pub(super) fn loudest_uv(&self) -> f64 {
        self.levels[self.levels.len() - 1].1
    }

    /// RMS of the weakest activity, one unit at its first rate.
    pub(super) fn softest_uv(&self) -> f64 {
        self.levels[1].1
    }
}

/// Heights of the units' potentials: larger with size, smaller with distance, and no giants.
fn heights(away_mm: &[f64], dice: &mut Dice) -> Vec<f64> {
    let count = away_mm.len();
    let nearest = away_mm.iter().copied().fold(f64::INFINITY, f64::min);
    let (range, power, fall) = (dice.uniform(40.0, 110.0).ln(), dice.uniform(0.4, 0.6), dice.uniform(1.5, 2.3));
    let height = |(index, away): (usize, &f64)| {
        (range * power * (index + 1) as f64 / count as f64).exp()
            * (nearest / away).powf(fall)
            * dice.log_normal(1.0, 0.25)
    };
    let mut heights: Vec<f64> = away_mm.iter().enumerate().map(height).collect();
    let most = dice.uniform(1.1, 2.0) * middle(&heights, 0.85);
    for height in &mut heights {
        if *height > 0.6 * most {
            *height = most * (0.6 + 0.4 * ((*height / most - 0.6) / 0.4).tanh());
        }
    }
    heights
}

/// Scales all potentials so that full drive is as loud as the person's strongest contraction; gives drives and levels.
fn calibrated(units: &mut [Unit], mvc_uv: f64) -> Vec<(f64, f64)> {
    let fullest = |unit: &Unit| unit.threshold + (unit.most_hz - unit.first_hz) / unit.slope;
    let most = units.iter().map(fullest).fold(1.0, f64::max);
    let drives = std::iter::once(0.0).chain((0..=500).map(|step| (most.ln() * f64::from(step) / 500.0).exp()));
    let power = |drive: f64| {
        units.iter().map(|unit| unit.rate_hz(drive, unit.threshold, 1.0) * unit.potential.energy()).sum::<f64>()
    };
    let mut levels: Vec<(f64, f64)> = drives.map(|drive| (drive, power(drive).max(0.0).sqrt())).collect();
    let gain = mvc_uv / levels[levels.len() - 1].1.max(1e-9);
    let mut highest = 0.0_f64;
    for (_, level) in &mut levels {
        highest = highest.max(*level * gain);
        *level = highest;
    }
    for unit in units {
        unit.potential.scale(gain);
    }
    levels
}

/// The value below which this share of the values lies.
pub(super) fn middle(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len().saturating_sub(1)) as f64 * share).round() as usize).copied().unwrap_or(0.0)
}

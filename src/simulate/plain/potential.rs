//! The potential of one motor unit under two electrodes.
//!
//! Three point currents without net current or dipole moment (a tripole) run from the innervation zone to both ends of
//! the fibres; a point source in an infinite anisotropic conductor is seen as 1/√(k·r² + z²) (Rosenfalck 1969; the
//! tripole after McGill 2004 and Dimitrov 1998, here with free numbers). Poles that have not left yet or have arrived
//! stand still and cancel, so generation and end-of-fibre effects come for free. The rest is sampled at the night's
//! own rate behind an anti-aliasing filter.

use super::body::Tissue;
use crate::simulate::dice::Dice;
use std::f64::consts::PI;

/// Sub-sample delays at which a potential is kept.
const PHASES: usize = 4;
/// Half the width of the anti-aliasing kernel in samples of the night.
const HALF_WIDTH: usize = 4;
/// Nothing lasts longer than this, s.
const LONGEST_S: f64 = 0.034;

/// The rate of the night and its anti-aliasing filter.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    rate_hz: usize,
    /// Fine samples per sample.
    oversampling: usize,
    /// Low-pass on the fine grid, centred.
    kernel: Vec<f64>,
}

impl Grid {
    /// For `rate_hz` samples a second and a corner of `band` × rate.
    pub(super) fn new(rate_hz: usize, band: f64) -> Self {
        let oversampling = PHASES * 8000_usize.div_ceil(PHASES * rate_hz);
        let half = (HALF_WIDTH * oversampling) as f64;
        let tap = |index: usize| {
            let at = index as f64 - half;
            let angle = 2.0 * PI * band * at / oversampling as f64;
            let sinc = if at == 0.0 { 1.0 } else { angle.sin() / angle };
            sinc * (0.5 + 0.5 * (PI * at / (half + 1.0)).cos())
        };
        let mut kernel: Vec<f64> = (0..=2 * HALF_WIDTH * oversampling).map(tap).collect();
        let sum: f64 = kernel.iter().sum();
        kernel.iter_mut().for_each(|tap| *tap /= sum);
        Self { rate_hz, oversampling, kernel }
    }

    /// Samples that a potential may reach beyond a second, with a doublet that begins up to 16 ms late.
    pub(super) fn reach(&self) -> usize {
        ((LONGEST_S + 0.016) * self.rate_hz as f64).ceil() as usize + 2 * HALF_WIDTH + 3
    }
}

/// Where units of one event lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Territory {
    /// Middle, mm beside the electrodes.
    pub(super) lateral_mm: f64,
    /// Radius, mm.
    pub(super) radius_mm: f64,
}

/// A potential, sampled.
#[derive(Debug, Clone)]
pub(super) struct Potential {
    taps: Vec<f32>,
    length: usize,
    /// ∫ u² dt of the potential.
    pub(super) energy: f64,
    /// Largest absolute value.
    pub(super) peak: f64,
}

impl Potential {
    /// A unit somewhere in `territory`, `size` times as strong as a small one.
    pub(super) fn random(tissue: &Tissue, grid: &Grid, territory: Territory, size: f64, dice: &mut Dice) -> Self {
        let lateral = territory.lateral_mm + territory.radius_mm * dice.uniform(-1.0, 1.0);
        let depth = tissue.fat_mm + dice.uniform(1.0, 12.0);
        let distance = (lateral * lateral + depth * depth).sqrt();
        let fine_hz = (grid.rate_hz * grid.oversampling) as f64;
        let mut fine =
            if tissue.lobes { lobes(distance, fine_hz, dice) } else { tripole(tissue, distance, fine_hz, dice) };
        fine.truncate((LONGEST_S * fine_hz) as usize);
        fine.iter_mut().for_each(|value| *value *= size);
        Self::sampled(&fine, grid)
    }

    fn sampled(fine: &[f64], grid: &Grid) -> Self {
        let (over, step) = (grid.oversampling, grid.oversampling / PHASES);
        let length = fine.len() / over + 2 * HALF_WIDTH + 2;
        let mut taps = vec![0.0_f32; PHASES * length];
        for (phase, row) in taps.chunks_exact_mut(length).enumerate() {
            for (sample, tap) in row.iter_mut().enumerate() {
                // Sample n of the potential delayed by phase/PHASES, looking through the kernel's whole width.
                let newest = (sample * over) as isize - (phase * step) as isize;
                let from = (newest - (grid.kernel.len() as isize - 1)).max(0);
                let to = newest.min(fine.len() as isize - 1);
                let sum: f64 = (from..=to).map(|at| fine[at as usize] * grid.kernel[(newest - at) as usize]).sum();
                *tap = sum as f32;
            }
        }
        let energy = taps.iter().map(|tap| f64::from(*tap).powi(2)).sum::<f64>() / (PHASES * grid.rate_hz) as f64;
        let peak = f64::from(taps.iter().fold(0.0_f32, |most, tap| most.max(tap.abs())));
        Self { taps, length, energy, peak }
    }

    /// Makes it weaker where it has more energy than `most`.
    pub(super) fn limit(&mut self, most: f64) {
        if self.energy > most {
            let factor = (most / self.energy).sqrt();
            self.taps.iter_mut().for_each(|tap| *tap *= factor as f32);
            self.energy = most;
            self.peak *= factor;
        }
    }

    /// Adds the potential of a discharge at sample `at` (≥ 0, with a fraction) of `out`.
    pub(super) fn add(&self, at: f64, gain: f32, out: &mut [f32]) {
        let steps = (at.max(0.0) * PHASES as f64).round() as usize;
        let row = &self.taps[(steps % PHASES) * self.length..][..self.length];
        let Some(target) = out.get_mut(steps / PHASES..) else { return };
        for (sum, tap) in target.iter_mut().zip(row) {
            *sum += gain * tap;
        }
    }
}

/// The travelling tripole: three bundles of fibres, two directions, two electrodes.
fn tripole(tissue: &Tissue, distance_mm: f64, fine_hz: f64, dice: &mut Dice) -> Vec<f64> {
    let velocity_mm_s = 1000.0 * tissue.velocity_m_s * dice.uniform(0.88, 1.12);
    let (first_gap, second_gap) = (dice.uniform(1.5, 3.5), dice.uniform(4.0, 9.0));
    // No net current and no dipole moment.
    let poles = [
        (second_gap / first_gap, 0.0),
        (-(first_gap + second_gap) / first_gap, first_gap),
        (1.0, first_gap + second_gap),
    ];
    let middle = tissue.innervation_mm + 3.0 * dice.normal();
    let bundles: [(f64, [f64; 2]); 3] = std::array::from_fn(|_| {
        let end = tissue.half_length_mm;
        (middle + 1.5 * dice.normal(), [end * dice.uniform(0.85, 1.1), end * dice.uniform(0.85, 1.1)])
    });
    let across = tissue.anisotropy * distance_mm * distance_mm;
    let half = 0.5 * tissue.electrode_distance_mm;
    let seen = |z: f64| 1.0 / (across + (z - half).powi(2)).sqrt() - 1.0 / (across + (z + half).powi(2)).sqrt();
    let last_s = (1.1 * tissue.half_length_mm + first_gap + second_gap) / velocity_mm_s;
    let count = (last_s.min(LONGEST_S) * fine_hz) as usize + 1;
    let at = |index: usize| {
        let front = velocity_mm_s * index as f64 / fine_hz;
        let mut sum = 0.0;
        for (zone, ends) in &bundles {
            for (amplitude, behind) in poles {
                let way = front - behind;
                sum += amplitude * seen(zone + way.clamp(0.0, ends[0]));
                sum += amplitude * seen(zone - way.clamp(0.0, ends[1]));
            }
        }
        sum
    };
    (0..count).map(at).collect()
}

/// Three damped lobes of alternating sign without mean, wider for units farther away.
fn lobes(distance_mm: f64, fine_hz: f64, dice: &mut Dice) -> Vec<f64> {
    let stretch = (distance_mm / 12.0).powf(0.6);
    let mut lobe = |low: f64, high: f64| (dice.uniform(low, high) * 1e-3 * stretch, dice.uniform(0.6, 2.5));
    let shapes = [lobe(2.0, 4.5), lobe(2.0, 5.0), lobe(3.0, 8.0)];
    let bump = |(width_s, damping): (f64, f64), at_s: f64| {
        let share = at_s / width_s;
        if (0.0..1.0).contains(&share) { (PI * share).sin().powi(2) * (-damping * share).exp() } else { 0.0 }
    };
    let area = |shape: (f64, f64)| shape.0 * (0..64).map(|k| bump(shape, shape.0 * f64::from(k) / 64.0)).sum::<f64>();
    let first = dice.uniform(0.2, 0.9) * area(shapes[1]) / area(shapes[0]);
    let last = (area(shapes[1]) - first * area(shapes[0])) / area(shapes[2]);
    let starts = [0.0, 0.8 * shapes[0].0, 0.8 * shapes[0].0 + 0.8 * shapes[1].0];
    let gain = 0.01 * (12.0 / distance_mm).powf(1.7);
    let count = ((starts[2] + shapes[2].0) * fine_hz) as usize + 1;
    let at = |index: usize| {
        let at_s = index as f64 / fine_hz;
        gain * (first * bump(shapes[0], at_s) - bump(shapes[1], at_s - starts[1])
            + last * bump(shapes[2], at_s - starts[2]))
    };
    (0..count).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::super::body::Body;
    use super::*;

    #[test]
    fn a_potential_has_no_mean_and_the_same_energy_at_every_rate() {
        for person in 0..20 {
            let tissue = Body::random(person).tissue;
            let make = |rate_hz: usize| {
                let territory = Territory { lateral_mm: 0.0, radius_mm: 8.0 };
                Potential::random(&tissue, &Grid::new(rate_hz, 0.45), territory, 1.0, &mut Dice::new(person, 1))
            };
            let (slow, fast) = (make(1000), make(2000));
            assert!((slow.energy / fast.energy - 1.0).abs() < 0.1, "{} {}", slow.energy, fast.energy);
            let sum: f32 = fast.taps.iter().sum();
            let power: f32 = fast.taps.iter().map(|tap| tap.abs()).sum();
            assert!(sum.abs() < 0.05 * power, "{sum} of {power}");
            assert!(fast.length <= Grid::new(2000, 0.45).reach());
        }
    }
}

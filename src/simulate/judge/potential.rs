//! The potential of a motor unit under two electrodes.
//!
//! A source and its two sinks travel from the end-plate zone to the fibres' end, seen as 1/distance by both electrodes
//! (Rosenfalck 1969). Fibres of a unit do not arrive at once, tissue takes away high frequencies, and the whole is kept
//! at several widths: a tired or otherwise placed muscle conducts more slowly (Lindström 1970).

use super::course::smooth_step;
use std::f64::consts::PI;

/// Widths at which each potential is kept.
pub(super) const VERSIONS: usize = 5;
const WIDTHS: [f64; VERSIONS] = [0.78, 0.87, 0.96, 1.06, 1.18];
/// Delays within a sample at which it is kept.
const PHASES: usize = 8;
/// A potential is drawn at this rate first, for this long.
const FINE_HZ: f64 = 16_000.0;
const LENGTH_S: f64 = 0.018;
const FINE_COUNT: usize = (LENGTH_S * FINE_HZ) as usize;
/// Zeros around it for the anti-aliasing filter.
const PADDING: usize = 64;

/// What shapes one unit's potential.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Conduction velocity, mm/ms.
    pub(super) velocity_mm_ms: f64,
    /// From the source to the first sink, mm.
    pub(super) length_mm: f64,
    /// How much of the source's return current comes from the far sink, 0.45 to 0.75.
    pub(super) asymmetry: f64,
    /// From the end-plate zone to the electrodes' middle, mm.
    pub(super) zone_mm: f64,
    /// From the end-plate zone to the fibres' end, mm.
    pub(super) end_mm: f64,
    /// Spread of the fibres' arrival, ms.
    pub(super) spread_ms: f64,
    /// Shift along the fibres, mm.
    pub(super) offset_mm: f64,
    /// From the fibres to the electrodes, mm; beyond 16 mm only the strength falls.
    pub(super) distance_mm: f64,
    /// Between the electrodes, mm.
    pub(super) electrodes_mm: f64,
    /// Strength.
    pub(super) size: f64,
}

/// The filters between muscle and samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skin {
    /// Fat and electrode pass less above this, Hz.
    pub(super) low_pass_hz: f64,
    /// Samples per second of the night.
    pub(super) rate_hz: usize,
}

/// One unit's potential at all widths and delays.
#[derive(Debug, Clone)]
pub(super) struct Potential {
    taps: Vec<f32>,
    length: usize,
    /// ∫ u² dt at each width, µV²·s.
    pub(super) energy: [f64; VERSIONS],
}

impl Potential {
    pub(super) fn new(source: &Source, skin: Skin) -> Self {
        let length = reach(skin.rate_hz);
        let mut taps = Vec::with_capacity(VERSIONS * PHASES * length);
        let mut energy = [0.0; VERSIONS];
        for (width, energy) in WIDTHS.iter().zip(&mut energy) {
            let fine = fine(source, *width, skin);
            *energy = fine.iter().map(|value| value * value).sum::<f64>() / FINE_HZ;
            for phase in 0..PHASES {
                let delay = 1.0 + phase as f64 / PHASES as f64;
                let at = |index: usize| between(&fine, (index as f64 - delay) / skin.rate_hz as f64 * FINE_HZ);
                taps.extend((0..length).map(|index| at(index) as f32));
            }
        }
        Self { taps, length, energy }
    }

    /// Makes it `factor` times as strong.
    pub(super) fn scale(&mut self, factor: f64) {
        self.taps.iter_mut().for_each(|tap| *tap *= factor as f32);
        self.energy.iter_mut().for_each(|energy| *energy *= factor * factor);
    }

    /// Adds a discharge at sample `at` (with a fraction) of `out`, at the width `version` (below [`VERSIONS`]).
    #[inline]
    pub(super) fn add(&self, at: f64, version: usize, gain: f32, out: &mut [f32]) {
        let steps = (at.max(0.0) * PHASES as f64) as usize;
        let row = (version.min(VERSIONS - 1) * PHASES + steps % PHASES) * self.length;
        let Some(target) = out.get_mut(steps / PHASES..) else { return };
        for (sum, tap) in target.iter_mut().zip(&self.taps[row..row + self.length]) {
            *sum += gain * tap;
        }
    }
}

/// Samples of a potential, and how far one may reach beyond a second.
pub(super) fn reach(rate_hz: usize) -> usize {
    (LENGTH_S * rate_hz as f64) as usize + 4
}

fn between(values: &[f64], place: f64) -> f64 {
    if place < 0.0 {
        return 0.0;
    }
    let index = place as usize;
    let Some(pair) = values.get(index..index + 2) else { return 0.0 };
    pair[0] + (pair[1] - pair[0]) * (place - index as f64)
}

fn fine(source: &Source, width: f64, skin: Skin) -> Vec<f64> {
    let distance = source.distance_mm.min(16.0);
    let half = 0.5 * source.electrodes_mm;
    let sinks = [
        (1.0, 0.0),
        (-(1.0 + source.asymmetry), -source.length_mm),
        (source.asymmetry, -source.length_mm * (1.0 + 1.0 / source.asymmetry)),
    ];
    let seen = |z: f64| 1.0 / (z * z + distance * distance).sqrt();
    let raw = |index: usize| {
        // The middle of the potential is 8.5 ms after the discharge.
        let place = source.velocity_mm_ms * (index as f64 / FINE_HZ * 1e3 - 8.5) / width;
        let alive = smooth_step((place + source.zone_mm) / 6.0 + 0.5)
            * smooth_step((source.end_mm - source.zone_mm - place) / 8.0 + 0.5);
        let sum = sinks.iter().map(|(strength, behind)| {
            let z = place + behind + 2.0 * source.length_mm + source.offset_mm;
            strength * (seen(z + half) - seen(z - half))
        });
        alive * sum.sum::<f64>()
    };
    let all: Vec<f64> = (0..FINE_COUNT).map(raw).collect();
    let mut fine = spread(&all, source.spread_ms * 2.5e-3 * FINE_HZ * width);
    without_mean(&mut fine);
    low_pass(&mut fine, skin.low_pass_hz.min(0.45 * FINE_HZ));
    fine = anti_alias(&fine, (0.40 * skin.rate_hz as f64).min(0.45 * FINE_HZ));
    let strength = source.size * (source.distance_mm / distance).powf(-1.5);
    fine.iter_mut().for_each(|value| *value *= strength);
    fine
}

/// Convolves with a raised cosine of `width` fine samples.
fn spread(values: &[f64], width: f64) -> Vec<f64> {
    let count = (width as usize) | 1;
    let kernel: Vec<f64> = (1..=count).map(|k| 0.5 - 0.5 * (2.0 * PI * k as f64 / (count + 1) as f64).cos()).collect();
    let sum: f64 = kernel.iter().sum();
    let padded = [&vec![0.0; count / 2][..], values, &vec![0.0; count / 2][..]].concat();
    let weighted = |window: &[f64]| window.iter().zip(&kernel).map(|(value, tap)| value * tap).sum::<f64>() / sum;
    padded.windows(count).map(weighted).collect()
}

/// Fades both ends and takes the mean away: no unit leaves a direct current behind.
fn without_mean(values: &mut [f64]) {
    let window = |index: usize| {
        let at_ms = index as f64 / FINE_HZ * 1e3;
        smooth_step((at_ms - 0.6) / 2.5) * smooth_step((17.2 - at_ms) / 3.0)
    };
    let weights: Vec<f64> = (0..values.len()).map(window).collect();
    let mean =
        values.iter().zip(&weights).map(|(value, weight)| value * weight).sum::<f64>() / weights.iter().sum::<f64>();
    values.iter_mut().zip(&weights).for_each(|(value, weight)| *value = (*value - mean) * weight);
}

/// A first-order Butterworth low-pass.
fn low_pass(values: &mut [f64], corner_hz: f64) {
    let k = (PI * corner_hz / FINE_HZ).tan();
    let (b, a) = (k / (1.0 + k), (k - 1.0) / (k + 1.0));
    let (mut input, mut output) = (0.0, 0.0);
    for value in values {
        let next = b * (*value + input) - a * output;
        (input, output) = (*value, next);
        *value = next;
    }
}

/// A fourth-order Butterworth low-pass forwards and backwards, so that nothing folds at the night's rate.
fn anti_alias(values: &[f64], corner_hz: f64) -> Vec<f64> {
    let zeros = [0.0; PADDING];
    let mut padded = [&zeros[..], values, &zeros[..]].concat();
    for _ in 0..2 {
        for quality in [0.541_196_1, 1.306_563] {
            section(&mut padded, corner_hz, quality);
        }
        padded.reverse();
    }
    padded[PADDING..PADDING + values.len()].to_vec()
}

fn section(values: &mut [f64], corner_hz: f64, quality: f64) {
    let omega = 2.0 * PI * corner_hz / FINE_HZ;
    let alpha = omega.sin() / (2.0 * quality);
    let b = (1.0 - omega.cos()) / (2.0 * (1.0 + alpha));
    let a = [-2.0 * omega.cos() / (1.0 + alpha), (1.0 - alpha) / (1.0 + alpha)];
    let (mut x, mut y) = ([0.0; 2], [0.0; 2]);
    for value in values {
        let next = b * (*value + 2.0 * x[0] + x[1]) - a[0] * y[0] - a[1] * y[1];
        x = [*value, x[0]];
        y = [next, y[0]];
        *value = next;
    }
}

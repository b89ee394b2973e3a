//! Features of what has been held since the activity began, over up to ten seconds: long means are steady enough to tell a
//! cramp's discharge from that of a hold.

use super::context::Context;
use super::envelope_spectrum::{N_BANDS, N_BINS, SHARP, SIGNAL, SPIKES, swing};
use super::unsteady::N_STEPS;

/// Where these features stand in a row, in order.
pub(crate) const HELD_NAMES: [&str; N_HELD] = [
    "dips_31ms_3s",
    "dips_125ms_3s",
    "dips_16ms",
    "dips_31ms",
    "dips_62ms",
    "dips_125ms",
    "dips_250ms",
    "dips_1s",
    "wandering",
    "wandering_30s",
    "peakiness_held",
    "spectrum_variation",
    "mean_frequency_held",
    "envelope_1hz",
    "envelope_3hz",
    "envelope_5hz",
    "envelope_7hz",
    "envelope_9hz",
    "envelope_11hz",
    "envelope_14hz",
    "envelope_18hz",
    "envelope_24hz",
    "discharge_peak",
    "discharge_rate",
    "discharge_valley",
    "discharge_peak_3s",
    "discharge_valley_3s",
    "envelope_2hz_20s",
    "discharge_peak_20s",
    "discharge_valley_20s",
    "sharp_dips_16ms",
    "sharp_dips_31ms",
    "sharp_dips_62ms",
    "sharp_dips_125ms",
    "sharp_1hz",
    "sharp_3hz",
    "sharp_5hz",
    "sharp_9hz",
    "sharp_14hz",
    "sharp_24hz",
    "sharp_peak",
    "sharp_rate",
    "sharp_valley",
    "sharp_peak_3s",
    "sharp_valley_3s",
    "spikes_1hz",
    "spikes_3hz",
    "spikes_5hz",
    "spikes_9hz",
    "spikes_14hz",
    "spikes_peak",
    "spikes_rate",
    "spikes_valley",
    "spikes_peak_3s",
    "spikes_valley_3s",
];
/// Their number.
pub(crate) const N_HELD: usize = 55;

/// Bands that are enough where there are many spectra: from 1, 3, 5, 9 and 14 Hz.
pub(crate) const SHORT_BANDS: [usize; 5] = [0, 1, 2, 4, 6];

/// Quarters looked back on at most (10 s), in longer looks at discharge (20 s) and level (30 s) and in the short mean (3 s).
const LONG: usize = 40;
const LONGER: usize = 80;
const LONGEST: usize = 120;
const SHORT: usize = 12;
/// Fewest quarters in a mean.
const FEWEST: usize = 4;

/// Fills `out` for channel `c`; the activity has lasted `active_quarters` so far.
pub(crate) fn held_features(context: &Context, sample_rate_hz: f64, c: usize, active_quarters: usize, out: &mut [f64]) {
    // The first quarter of an activity is only partly active.
    let long = active_quarters.saturating_sub(1).clamp(FEWEST, LONG);
    let short = active_quarters.saturating_sub(1).clamp(FEWEST, SHORT);
    let mut sums = Sums::default();
    let mut short_steps = ([0.0; N_STEPS], 0.0);
    // Newest first, quarters behind each other in time: differences need a neighbour that is there.
    let mut later: Option<f64> = None;
    let mut seconds = Seconds::default();
    for (back, past) in context.newest(long).enumerate() {
        if !past.valid {
            later = None;
            seconds = Seconds::default();
            continue;
        }
        let unsteady = &past.unsteady[c];
        sums.add(back as f64, unsteady.ln_rms, &unsteady.steps);
        for (sum, step) in sums.sharp_steps.iter_mut().zip(unsteady.sharp_steps) {
            *sum += step;
        }
        sums.peakiness += unsteady.ln_peakiness;
        sums.turn += unsteady.ln_turn;
        sums.turn_square += unsteady.ln_turn * unsteady.ln_turn;
        if back < short {
            add_to(&mut short_steps, &unsteady.steps);
        }
        if let Some(later) = later {
            let difference = later - unsteady.ln_rms;
            sums.quarter_difference += difference * difference / 2.0;
            sums.quarter_differences += 1.0;
        }
        later = Some(unsteady.ln_rms);
        if let Some(difference) = seconds.add(past.emg[c].power_uv2) {
            sums.second_difference += difference * difference / 2.0;
            sums.second_differences += 1.0;
        }
    }
    let n = sums.n.max(1.0);
    let mean_turn = sums.turn / n;
    out[0] = half_ln(short_steps.0[1], short_steps.1);
    out[1] = half_ln(short_steps.0[3], short_steps.1);
    for (slot, sum) in out[2..6].iter_mut().zip(sums.steps) {
        *slot = half_ln(sum, n);
    }
    out[6] = half_ln(sums.quarter_difference, sums.quarter_differences);
    out[7] = if sums.second_differences > 0.0 {
        half_ln(sums.second_difference, sums.second_differences)
    } else {
        SECONDS_UNKNOWN
    };
    out[8] = sums.detrended();
    out[9] = longest_wandering(context, c, active_quarters);
    out[10] = sums.peakiness / n;
    out[11] = half_ln((sums.turn_square / n - mean_turn * mean_turn).max(0.0), 1.0);
    out[12] = mean_turn + (sample_rate_hz / std::f64::consts::PI).ln();
    let held = swing(&mean_spectrum(context, c, long, SIGNAL));
    out[13..13 + N_BANDS].copy_from_slice(&held.bands);
    let now = swing(&mean_spectrum(context, c, short, SIGNAL));
    let longer = swing(&mean_spectrum(context, c, active_quarters.saturating_sub(1).clamp(FEWEST, LONGER), SIGNAL));
    let rest = [held.peak, held.peak_hz.ln(), held.valley, now.peak, now.valley];
    out[22..27].copy_from_slice(&rest);
    out[27..30].copy_from_slice(&[longer.bands[0], longer.peak, longer.valley]);
    for (slot, sum) in out[30..34].iter_mut().zip(sums.sharp_steps) {
        *slot = half_ln(sum, n);
    }
    let held = swing(&mean_spectrum(context, c, long, SHARP));
    let now = swing(&mean_spectrum(context, c, short, SHARP));
    for (slot, band) in out[34..40].iter_mut().zip([0, 1, 2, 4, 6, 8]) {
        *slot = held.bands[band];
    }
    out[40..45].copy_from_slice(&[held.peak, held.peak_hz.ln(), held.valley, now.peak, now.valley]);
    let held = swing(&mean_spectrum(context, c, long, SPIKES));
    let now = swing(&mean_spectrum(context, c, short, SPIKES));
    out[45..50].copy_from_slice(&SHORT_BANDS.map(|band| held.bands[band]));
    out[50..55].copy_from_slice(&[held.peak, held.peak_hz.ln(), held.valley, now.peak, now.valley]);
}

/// Mean envelope spectrum of channel `c` over the newest `n` quarters that have one.
fn mean_spectrum(context: &Context, c: usize, n: usize, which: usize) -> [f64; N_BINS] {
    let mut sums = ([0.0; N_BINS], 0.0);
    for spectrum in context.newest(n).filter_map(|past| past.spectrum[c].as_ref()) {
        for (sum, value) in sums.0.iter_mut().zip(&spectrum[which]) {
            *sum += f64::from(*value);
        }
        sums.1 += 1.0;
    }
    sums.0.map(|sum| sum / f64::max(sums.1, 1.0))
}

/// Adds a value to each sum and one to their number.
fn add_to<const N: usize>((sums, n): &mut ([f64; N], f64), values: &[f64; N]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
    *n += 1.0;
}

/// [`Sums::detrended`] over up to 30 s of the activity.
fn longest_wandering(context: &Context, c: usize, active_quarters: usize) -> f64 {
    let longest = active_quarters.saturating_sub(1).clamp(FEWEST, LONGEST);
    let mut sums = Sums::default();
    for (back, past) in context.newest(longest).enumerate().filter(|(_, past)| past.valid) {
        sums.add(back as f64, past.unsteady[c].ln_rms, &[0.0; N_STEPS]);
    }
    sums.detrended()
}

/// Stands for differences between seconds before there are two: a middling value (ln 0.15).
const SECONDS_UNKNOWN: f64 = -1.9;

/// ln of the root of a mean, bounded below.
pub(crate) fn half_ln(sum: f64, n: f64) -> f64 {
    0.5 * (sum / f64::max(n, 1.0)).max(1e-5).ln()
}

/// Means of four quarters' power and the difference of ln RMS to the four that follow.
#[derive(Default)]
struct Seconds {
    sum: f64,
    n: u32,
    later: Option<f64>,
}

impl Seconds {
    fn add(&mut self, power_uv2: f64) -> Option<f64> {
        self.sum += power_uv2;
        self.n += 1;
        if self.n < 4 {
            return None;
        }
        let ln_rms = 0.5 * (self.sum / 4.0).max(1e-3).ln();
        let difference = self.later.map(|later| later - ln_rms);
        *self = Self { later: Some(ln_rms), ..Self::default() };
        difference
    }
}

#[derive(Default)]
struct Sums {
    n: f64,
    steps: [f64; N_STEPS],
    sharp_steps: [f64; N_STEPS],
    ln_rms: f64,
    ln_rms_square: f64,
    back: f64,
    back_square: f64,
    product: f64,
    peakiness: f64,
    turn: f64,
    turn_square: f64,
    quarter_difference: f64,
    quarter_differences: f64,
    second_difference: f64,
    second_differences: f64,
}

impl Sums {
    fn add(&mut self, back: f64, ln_rms: f64, steps: &[f64; N_STEPS]) {
        self.n += 1.0;
        for (sum, step) in self.steps.iter_mut().zip(steps) {
            *sum += step;
        }
        self.ln_rms += ln_rms;
        self.ln_rms_square += ln_rms * ln_rms;
        self.back += back;
        self.back_square += back * back;
        self.product += back * ln_rms;
    }

    /// Standard deviation of ln RMS around its straight line.
    fn detrended(&self) -> f64 {
        let n = self.n.max(1.0);
        let (level, time) = (self.ln_rms / n, self.back / n);
        let variance = self.ln_rms_square / n - level * level;
        let spread = self.back_square / n - time * time;
        let slope_part = self.product / n - level * time;
        let explained = if spread > 0.0 { slope_part * slope_part / spread } else { 0.0 };
        (variance - explained).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rise_is_no_wandering_and_a_swing_is() {
        let wandering = |level: fn(f64) -> f64| {
            let mut sums = Sums::default();
            (0..40).for_each(|i| sums.add(f64::from(i), level(f64::from(i)), &[0.0; N_STEPS]));
            sums.detrended()
        };
        assert!(wandering(|i| 0.05 * i) < 1e-6);
        assert!(wandering(|i| (i / 2.0).sin()) > 0.5);
    }

    #[test]
    fn seconds_are_compared_with_the_seconds_beside_them() {
        let mut seconds = Seconds::default();
        let differences: Vec<f64> =
            (0..12).filter_map(|i| seconds.add(if i < 4 { 1.0 } else { std::f64::consts::E.powi(2) })).collect();
        assert_eq!(differences.len(), 2);
        assert!((differences[0] + 1.0).abs() < 1e-9 && differences[1].abs() < 1e-9, "{differences:?}");
    }
}

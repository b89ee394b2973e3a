//! What the activity under way has been like since its onset: means over a minute tell a held contraction from a cramp where
//! ten seconds do not, and a hold of some minutes has many tens of seconds, each a chance to be taken for a cramp.

use super::context::Past;
use super::envelope_spectrum::{N_BINS, N_ENVELOPES, swing};
use super::features_held::{SHORT_BANDS, half_ln};
use super::unsteady::N_STEPS;

/// The names of these features, in order.
pub(crate) const SINCE_NAMES: [&str; N_SINCE] = [
    "onset_envelope_1hz",
    "onset_envelope_3hz",
    "onset_envelope_5hz",
    "onset_envelope_9hz",
    "onset_envelope_14hz",
    "onset_discharge_peak",
    "onset_discharge_rate",
    "onset_discharge_valley",
    "onset_sharp_1hz",
    "onset_sharp_3hz",
    "onset_sharp_5hz",
    "onset_sharp_9hz",
    "onset_sharp_14hz",
    "onset_sharp_peak",
    "onset_sharp_rate",
    "onset_sharp_valley",
    "onset_spikes_1hz",
    "onset_spikes_3hz",
    "onset_spikes_5hz",
    "onset_spikes_9hz",
    "onset_spikes_14hz",
    "onset_spikes_peak",
    "onset_spikes_rate",
    "onset_spikes_valley",
    "onset_dips_16ms",
    "onset_dips_31ms",
    "onset_dips_62ms",
    "onset_dips_125ms",
    "onset_sharp_dips_16ms",
    "onset_sharp_dips_31ms",
    "onset_sharp_dips_62ms",
    "onset_sharp_dips_125ms",
    "onset_level",
    "onset_wandering",
];
/// Their number.
pub(crate) const N_SINCE: usize = N_ENVELOPES * A_SPECTRUM + 2 * N_STEPS + 2;
/// Features of one mean spectrum: five bands, peak, rate, valley.
const A_SPECTRUM: usize = SHORT_BANDS.len() + 3;

/// What each quarter leaves of the sums: their memory is a minute.
const KEPT: f64 = 1.0 - 1.0 / 240.0;

/// Sums over one channel since the onset; what is older than a minute fades.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SinceOnset {
    spectra: [[f64; N_BINS]; N_ENVELOPES],
    n_spectra: f64,
    steps: [f64; N_STEPS],
    sharp_steps: [f64; N_STEPS],
    ln_rms: f64,
    ln_rms_square: f64,
    n: f64,
}

impl SinceOnset {
    /// Before the first quarter.
    pub(crate) const START: Self = Self {
        spectra: [[0.0; N_BINS]; N_ENVELOPES],
        n_spectra: 0.0,
        steps: [0.0; N_STEPS],
        sharp_steps: [0.0; N_STEPS],
        ln_rms: 0.0,
        ln_rms_square: 0.0,
        n: 0.0,
    };

    /// Adds a quarter of channel `c`.
    pub(crate) fn add(&mut self, past: &Past, c: usize) {
        if !past.valid {
            return;
        }
        if let Some(spectra) = &past.spectrum[c] {
            for (sums, spectrum) in self.spectra.iter_mut().zip(spectra) {
                sums.iter_mut().zip(spectrum).for_each(|(sum, value)| add(sum, f64::from(*value)));
            }
            add(&mut self.n_spectra, 1.0);
        }
        let unsteady = &past.unsteady[c];
        self.steps.iter_mut().zip(unsteady.steps).for_each(|(sum, step)| add(sum, step));
        self.sharp_steps.iter_mut().zip(unsteady.sharp_steps).for_each(|(sum, step)| add(sum, step));
        add(&mut self.ln_rms, unsteady.ln_rms);
        add(&mut self.ln_rms_square, unsteady.ln_rms * unsteady.ln_rms);
        add(&mut self.n, 1.0);
    }

    /// Fills `out`, as long as [`SINCE_NAMES`]; `ln_rms` is that of the newest quarter.
    pub(crate) fn features(&self, ln_rms: f64, out: &mut [f64]) {
        let (spectra, rest) = out.split_at_mut(N_ENVELOPES * A_SPECTRUM);
        let n_spectra = self.n_spectra.max(1.0);
        for (slots, sums) in spectra.chunks_exact_mut(A_SPECTRUM).zip(&self.spectra) {
            let mean = swing(&sums.map(|sum| sum / n_spectra));
            let bands = SHORT_BANDS.map(|band| mean.bands[band]);
            slots[..bands.len()].copy_from_slice(&bands);
            slots[bands.len()..].copy_from_slice(&[mean.peak, mean.peak_hz.ln(), mean.valley]);
        }
        for (slot, sum) in rest.iter_mut().zip(self.steps.iter().chain(&self.sharp_steps)) {
            *slot = half_ln(*sum, self.n);
        }
        let n = self.n.max(1.0);
        let mean = self.ln_rms / n;
        rest[2 * N_STEPS] = ln_rms - mean;
        rest[2 * N_STEPS + 1] = (self.ln_rms_square / n - mean * mean).max(0.0).sqrt();
    }
}

fn add(sum: &mut f64, value: f64) {
    *sum = *sum * KEPT + value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::context::Context;
    use crate::signal::{EmgQuarter, Quality, Quarter};

    /// Features after quarters of these powers in µV².
    fn after(powers_uv2: impl Iterator<Item = f64>) -> [f64; N_SINCE] {
        let (mut context, mut since) = (Context::new(), SinceOnset::START);
        for (index, power_uv2) in (0..).zip(powers_uv2) {
            let mut emg = [EmgQuarter::default(); 4];
            emg[0].power_uv2 = power_uv2;
            let quarter = Quarter { index, emg, acc: None, quality: Quality::Good, marker: false };
            context.add(&quarter, 1, 4.0);
            context.newest(1).for_each(|past| since.add(past, 0));
        }
        let mut out = [0.0; N_SINCE];
        let ln_rms = context.newest(1).map(|past| past.unsteady[0].ln_rms).sum();
        since.features(ln_rms, &mut out);
        out
    }

    fn named(features: &[f64; N_SINCE], name: &str) -> f64 {
        features[SINCE_NAMES.iter().position(|known| *known == name).unwrap()]
    }

    #[test]
    fn a_held_level_does_not_wander_and_a_sudden_rise_stands_above_what_was() {
        let held = after((0..200).map(|_| 100.0));
        assert!(named(&held, "onset_wandering") < 1e-6 && named(&held, "onset_level").abs() < 1e-9);
        let risen = after((0..200).map(|i| if i < 199 { 100.0 } else { 400.0 }));
        assert!((named(&risen, "onset_level") - 2.0_f64.ln()).abs() < 0.02, "{}", named(&risen, "onset_level"));
    }

    #[test]
    fn what_is_minutes_old_is_forgotten() {
        let long_ago = after((0..2400).map(|i| if i < 240 { 1.0 } else { 100.0 }));
        assert!(named(&long_ago, "onset_wandering") < 0.05, "{}", named(&long_ago, "onset_wandering"));
    }
}

//! How fast the envelope of one channel swings: the spectrum of the rectified EMG below 32 Hz, over one second.
//!
//! Superposed motor units leave their discharge rates in the rectified EMG (Myers 2003): regular trains put a peak at their
//! rate and quieten what lies below it, irregular ones (interspike intervals varying by 45 % in a cramp, Minetto 2009) fill
//! everything from 2 Hz on (Bartlett 1963: at low frequencies a renewal train's spectrum falls to the square of its
//! variation). The sharpened signal (first differences) whitens the EMG, so that its envelope tells single discharges apart
//! better where the muscle is well above the noise (Clancy & Hogan 1994). The power of each block's highest peak weighs the
//! largest units by far the most, so that few trains are left to overlap. Bands are shares of the mean envelope, so that
//! neither level nor sample rate matters.

use super::context::Past;
use super::quarter::SUB_BLOCKS;

/// Envelope samples in a second: 64, so that bins are 1 Hz apart up to 31 Hz.
const POINTS: usize = 4 * SUB_BLOCKS;
/// Bins: 1 to 31 Hz.
pub(crate) const N_BINS: usize = 31;
/// First bin (Hz) of each band, and the bin after the last band.
const EDGES: [usize; N_BANDS + 1] = [1, 3, 5, 7, 9, 11, 14, 18, 24, 32];
/// Number of bands.
pub(crate) const N_BANDS: usize = 9;
/// Where the discharge rates of a voluntary contraction lie, in Hz.
const RATES_HZ: std::ops::RangeInclusive<usize> = 5..=18;
/// Where nothing but the interference of many potentials is left, in Hz.
const INTERFERENCE_HZ: std::ops::RangeInclusive<usize> = 20..=31;

/// Squared swing of the envelope at 1 to 31 Hz, relative to its squared mean.
pub(crate) type Spectrum = [f32; N_BINS];
/// Spectra of the envelopes of a channel: [`SIGNAL`], [`SHARP`], [`SPIKES`].
pub(crate) type Spectra = [Spectrum; N_ENVELOPES];
/// Number of envelopes.
pub(crate) const N_ENVELOPES: usize = 3;
/// The rectified signal.
pub(crate) const SIGNAL: usize = 0;
/// The rectified sharpened signal.
pub(crate) const SHARP: usize = 1;
/// The power of the highest peaks: the largest units count most.
pub(crate) const SPIKES: usize = 2;

/// What a mean spectrum tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Swing {
    /// ln of the swing (amplitude) in each band.
    pub(crate) bands: [f64; N_BANDS],
    /// ln of the strongest swing among discharge rates over that of the interference.
    pub(crate) peak: f64,
    /// Its frequency in Hz.
    pub(crate) peak_hz: f64,
    /// ln of the swing at 2–4 Hz over the strongest: regular trains leave a valley there.
    pub(crate) valley: f64,
}

/// Reads a spectrum, the mean over some time.
pub(crate) fn swing(spectrum: &[f64; N_BINS]) -> Swing {
    let mean =
        |from_hz: usize, to_hz: usize| spectrum[from_hz - 1..to_hz].iter().sum::<f64>() / (to_hz + 1 - from_hz) as f64;
    let half_ln = |power: f64| 0.5 * power.max(1e-6).ln();
    // Three neighbours smoothed; the first of equals.
    let (peak_hz, peak) = RATES_HZ
        .map(|hz| (hz, mean(hz - 1, hz + 1)))
        .fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best });
    Swing {
        bands: std::array::from_fn(|band| half_ln(mean(EDGES[band], EDGES[band + 1] - 1))),
        peak: half_ln(peak) - half_ln(mean(*INTERFERENCE_HZ.start(), *INTERFERENCE_HZ.end())),
        peak_hz: peak_hz as f64,
        valley: half_ln(mean(2, 4)) - half_ln(peak),
    }
}

/// Cosines, sines and the window of the transform, made once.
#[derive(Debug, Clone)]
pub(crate) struct EnvelopeSpectrum {
    window: [f64; POINTS],
    /// cos and sin of 2π·n/64.
    turn: [(f64, f64); POINTS],
}

impl EnvelopeSpectrum {
    pub(crate) fn new() -> Self {
        let angle = |n: usize| std::f64::consts::TAU * n as f64 / POINTS as f64;
        Self {
            // Hann, scaled to unit power.
            window: std::array::from_fn(|n| (1.0 - angle(n).cos()) / 1.5_f64.sqrt()),
            turn: std::array::from_fn(|n| (angle(n).cos(), angle(n).sin())),
        }
    }

    /// The spectra of channel `c` over the newest four quarters, newest first; `None` unless all four are valid.
    pub(crate) fn of<'a>(&self, newest: impl Iterator<Item = &'a Past>, c: usize) -> Option<Spectra> {
        let mut envelopes = [[0.0; POINTS]; N_ENVELOPES];
        let mut filled = 0;
        for past in newest.take(POINTS / SUB_BLOCKS) {
            if !past.valid {
                return None;
            }
            let end = POINTS - filled;
            let emg = &past.emg[c];
            for block in 0..SUB_BLOCKS {
                let at = end - SUB_BLOCKS + block;
                envelopes[SIGNAL][at] = emg.block_power_uv2[block].max(0.0).sqrt();
                envelopes[SHARP][at] = emg.block_difference_uv2[block].max(0.0).sqrt();
                envelopes[SPIKES][at] = emg.block_peak_uv2[block];
            }
            filled += SUB_BLOCKS;
        }
        (filled == POINTS).then(|| envelopes.map(|envelope| self.transform(&envelope)))
    }

    fn transform(&self, envelope: &[f64; POINTS]) -> Spectrum {
        let mean = (envelope.iter().sum::<f64>() / POINTS as f64).max(1e-6);
        let swing: [f64; POINTS] = std::array::from_fn(|n| (envelope[n] / mean - 1.0) * self.window[n]);
        std::array::from_fn(|index| {
            let bin = index + 1;
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (n, value) in swing.iter().enumerate() {
                let (cosine, sine) = self.turn[n * bin % POINTS];
                real += value * cosine;
                imaginary += value * sine;
            }
            ((real * real + imaginary * imaginary) / POINTS as f64) as f32
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(envelope: impl Fn(f64) -> f64) -> Swing {
        let wave = std::array::from_fn(|n| envelope(n as f64 / POINTS as f64));
        swing(&EnvelopeSpectrum::new().transform(&wave).map(f64::from))
    }

    #[test]
    fn a_swing_lands_in_its_band_whatever_the_level() {
        for (hz, band) in [(1.5, 0), (3.5, 1), (5.5, 2), (7.5, 3), (9.5, 4), (12.0, 5), (16.0, 6), (20.0, 7), (28.0, 8)]
        {
            let at = |level: f64| of(|t| level * (1.0 + 0.3 * (std::f64::consts::TAU * hz * t).sin()));
            let bands = at(1.0).bands;
            let strongest = (0..N_BANDS).max_by(|a, b| bands[*a].total_cmp(&bands[*b])).unwrap();
            assert_eq!(strongest, band, "{hz} Hz");
            for (one, other) in bands.iter().zip(at(300.0).bands) {
                assert!((one - other).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn a_regular_train_has_a_peak_at_its_rate_and_a_valley_below() {
        let regular = of(|t| 1.0 + 0.4 * (std::f64::consts::TAU * 10.0 * t).sin());
        assert!(regular.peak > 2.0 && (regular.peak_hz - 10.0).abs() < 1.1 && regular.valley < -2.0, "{regular:?}");
    }

    #[test]
    fn a_steady_envelope_has_no_swing_and_silence_is_finite() {
        assert!(of(|_| 5.0).bands.iter().all(|band| *band < -6.0));
        assert!(of(|_| 0.0).bands.iter().all(|band| band.is_finite()));
    }
}

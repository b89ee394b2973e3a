//! How fast the envelope of one channel swings: the spectrum of the rectified EMG below 32 Hz, over one second.
//!
//! Superposed motor units leave their discharge rates in the rectified EMG (Myers 2003): regular trains put a peak at their
//! rate and quieten what lies below it, irregular ones (interspike intervals varying by 45 % in a cramp, Minetto 2009) fill
//! everything from 2 Hz on (Bartlett 1963: at low frequencies a renewal train's spectrum falls to the square of its
//! variation). Bands are shares of the mean envelope, so that neither level nor sample rate matters.

use super::context::Past;
use super::quarter::SUB_BLOCKS;

/// Envelope samples in a second: 64, so that bins are 1 Hz apart up to 31 Hz.
const POINTS: usize = 4 * SUB_BLOCKS;
/// First bin (Hz) of each band, and the bin after the last band.
const EDGES: [usize; N_BANDS + 1] = [1, 3, 5, 8, 12, 17, 24, 32];
/// Number of bands: 1–2, 3–4, 5–7, 8–11, 12–16, 17–23 and 24–31 Hz.
pub(crate) const N_BANDS: usize = 7;

/// Mean squared swing of the envelope in each band, relative to its squared mean.
pub(crate) type Bands = [f64; N_BANDS];

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

    /// The bands of channel `c` over the newest four quarters, newest first; `None` unless all four are valid.
    pub(crate) fn of<'a>(&self, newest: impl Iterator<Item = &'a Past>, c: usize) -> Option<Bands> {
        let mut envelope = [0.0; POINTS];
        let mut filled = 0;
        for past in newest.take(POINTS / SUB_BLOCKS) {
            if !past.valid {
                return None;
            }
            let end = POINTS - filled;
            for (sample, power) in envelope[end - SUB_BLOCKS..end].iter_mut().zip(past.emg[c].block_power_uv2) {
                *sample = power.max(0.0).sqrt();
            }
            filled += SUB_BLOCKS;
        }
        (filled == POINTS).then(|| self.bands(&envelope))
    }

    fn bands(&self, envelope: &[f64; POINTS]) -> Bands {
        let mean = (envelope.iter().sum::<f64>() / POINTS as f64).max(1e-6);
        let swing: [f64; POINTS] = std::array::from_fn(|n| (envelope[n] / mean - 1.0) * self.window[n]);
        let power = |bin: usize| {
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (n, value) in swing.iter().enumerate() {
                let (cosine, sine) = self.turn[n * bin % POINTS];
                real += value * cosine;
                imaginary += value * sine;
            }
            (real * real + imaginary * imaginary) / POINTS as f64
        };
        std::array::from_fn(|band| {
            let bins = EDGES[band]..EDGES[band + 1];
            let width = bins.len() as f64;
            bins.map(power).sum::<f64>() / width
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(envelope: impl Fn(f64) -> f64) -> Bands {
        EnvelopeSpectrum::new().bands(&std::array::from_fn(|n| envelope(n as f64 / POINTS as f64)))
    }

    fn strongest(bands: &Bands) -> usize {
        (0..N_BANDS).max_by(|a, b| bands[*a].total_cmp(&bands[*b])).unwrap()
    }

    #[test]
    fn a_swing_lands_in_its_band_whatever_the_level() {
        for (hz, band) in [(1.5, 0), (4.0, 1), (6.0, 2), (10.0, 3), (14.0, 4), (20.0, 5), (28.0, 6)] {
            let swing = |level: f64| bands(|t| level * (1.0 + 0.3 * (std::f64::consts::TAU * hz * t).sin()));
            assert_eq!(strongest(&swing(1.0)), band, "{hz} Hz");
            for (one, other) in swing(1.0).iter().zip(swing(300.0)) {
                assert!((one - other).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_steady_envelope_has_no_swing_and_silence_is_finite() {
        assert!(bands(|_| 5.0).iter().all(|band| *band < 1e-20));
        assert!(bands(|_| 0.0).iter().all(|band| band.is_finite()));
    }
}

//! The last half minute of quarters, in a ring: what features look back on.

use super::envelope_spectrum::Spectra;
use super::quarter::{MAX_EMG_CHANNELS, Quarter};
use super::unsteady::{N_STEPS, Unsteady};
use super::{Quality, quarter::EmgQuarter};

/// Quarters kept: 30 s.
pub(crate) const KEPT: usize = 120;

/// One quarter as features need it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past {
    pub(crate) emg: [EmgQuarter; MAX_EMG_CHANNELS],
    pub(crate) unsteady: [Unsteady; MAX_EMG_CHANNELS],
    pub(crate) valid: bool,
    /// RMS over the quiet level, of the channel where it is highest; 0 without a quiet level.
    pub(crate) ratio: f64,
    /// Envelope spectra of the second that ends here, where something happened.
    pub(crate) spectrum: [Option<Spectra>; MAX_EMG_CHANNELS],
    /// Gravity and movement, where known.
    pub(crate) acc: Option<([f64; 3], f64)>,
}

/// A ring of the last [`KEPT`] quarters; missing ones are invalid.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    ring: Vec<Past>,
    /// Index after the newest quarter.
    next: u64,
}

const NOTHING: Past = Past {
    emg: [EMPTY_EMG; MAX_EMG_CHANNELS],
    unsteady: [STEADY; MAX_EMG_CHANNELS],
    valid: false,
    ratio: 0.0,
    spectrum: [None; MAX_EMG_CHANNELS],
    acc: None,
};
const STEADY: Unsteady =
    Unsteady { steps: [0.0; N_STEPS], sharp_steps: [0.0; N_STEPS], ln_rms: 0.0, ln_peakiness: 0.0, ln_turn: 0.0 };
const EMPTY_EMG: EmgQuarter = EmgQuarter {
    power_uv2: 0.0,
    difference_power_uv2: 0.0,
    curvature_power_uv2: 0.0,
    fourth_uv4: 0.0,
    block_power_uv2: [0.0; super::SUB_BLOCKS],
    block_difference_uv2: [0.0; super::SUB_BLOCKS],
    block_peak_uv2: [0.0; super::SUB_BLOCKS],
    mains_share: 0.0,
};

impl Context {
    pub(crate) fn new() -> Self {
        Self { ring: vec![NOTHING; KEPT], next: 0 }
    }

    /// Appends a quarter; those that its index skips become invalid.
    pub(crate) fn add(&mut self, quarter: &Quarter, n_channels: usize, ratio: f64) {
        let skipped = quarter.index.saturating_sub(self.next).min(KEPT as u64);
        for back in 0..skipped {
            let slot = ((quarter.index - 1 - back) % KEPT as u64) as usize;
            self.ring[slot] = NOTHING;
        }
        self.ring[(quarter.index % KEPT as u64) as usize] = Past {
            unsteady: std::array::from_fn(|c| if c < n_channels { Unsteady::of(&quarter.emg[c]) } else { STEADY }),
            emg: quarter.emg,
            valid: quarter.quality == Quality::Good,
            ratio,
            spectrum: [None; MAX_EMG_CHANNELS],
            acc: quarter.acc.map(|acc| (acc.mean_g, acc.dynamic_rms_g)),
        };
        self.next = quarter.index + 1;
    }

    /// Keeps the envelope spectrum of the second that ends with the newest quarter.
    pub(crate) fn set_spectrum(&mut self, spectrum: [Option<Spectra>; MAX_EMG_CHANNELS]) {
        if let Some(newest) = self.next.checked_sub(1) {
            self.ring[(newest % KEPT as u64) as usize].spectrum = spectrum;
        }
    }

    /// The newest `n` quarters, newest first, as far as the stream goes back.
    pub(crate) fn newest(&self, n: usize) -> impl Iterator<Item = &Past> {
        let n = (n.min(KEPT) as u64).min(self.next);
        (1..=n).map(move |back| &self.ring[((self.next - back) % KEPT as u64) as usize])
    }

    /// The newest `n` quarters that can be believed, newest first.
    pub(crate) fn valid(&self, n: usize) -> impl Iterator<Item = &Past> {
        self.newest(n).filter(|past| past.valid)
    }
}

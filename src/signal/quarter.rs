//! What is kept of a quarter second: sums that every feature is made from, so that no window is filtered twice.

use super::Quality;

/// Most EMG channels of one leg.
pub const MAX_EMG_CHANNELS: usize = 4;
/// Envelope blocks in a quarter second, 15.625 ms each: 64 a second, so that scales and spectra are powers of two.
pub const SUB_BLOCKS: usize = 16;

/// One EMG channel over a quarter second, after the filters.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EmgQuarter {
    /// Mean square in µV².
    pub power_uv2: f64,
    /// Mean square of first differences in µV².
    pub difference_power_uv2: f64,
    /// Mean square of second differences in µV².
    pub curvature_power_uv2: f64,
    /// Mean fourth power in µV⁴.
    pub fourth_uv4: f64,
    /// Mean square in each of the blocks of a 64th second, µV².
    pub block_power_uv2: [f64; SUB_BLOCKS],
    /// Mean square of first differences in each of those blocks, µV²: the envelope of a sharpened signal.
    pub block_difference_uv2: [f64; SUB_BLOCKS],
    /// Highest square in each of those blocks, µV²: the tallest potential of the block.
    pub block_peak_uv2: [f64; SUB_BLOCKS],
    /// Share of the band-passed power that the mains notches took away, 0 to 1.
    pub mains_share: f64,
}

impl EmgQuarter {
    /// Root mean square in µV.
    pub fn rms_uv(&self) -> f64 {
        self.power_uv2.sqrt()
    }
}

/// Acceleration over a quarter second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AccQuarter {
    /// Mean vector in g: gravity while still.
    pub mean_g: [f64; 3],
    /// Root mean square around the mean, in g.
    pub dynamic_rms_g: f64,
}

/// A quarter second of one leg.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quarter {
    /// Number of the quarter since the stream's sample 0.
    pub index: u64,
    /// EMG channels; those beyond the layout's count are zero.
    pub emg: [EmgQuarter; MAX_EMG_CHANNELS],
    /// Acceleration, if the sensor has it and enough samples came.
    pub acc: Option<AccQuarter>,
    /// Whether the EMG means anything.
    pub quality: Quality,
    /// The wearer marked "cramp now".
    pub marker: bool,
}

//! Samples of some EMG channels, filtered and summed up into quarter seconds.

use super::cascade::{BandPass, Notches};
use super::filter::Section;
use super::quality::Evidence;
use super::quarter::{EmgQuarter, MAX_EMG_CHANNELS, SUB_BLOCKS};
use crate::chunk::ChannelScale;

/// Most samples of a channel that are filtered at a time: a quarter second at 1 kHz.
const STRETCH: usize = 256;

#[derive(Debug, Clone, Copy, Default)]
struct EmgSums {
    band: f64,
    curvature: f64,
    fourth: f64,
    blocks: [f64; SUB_BLOCKS],
    differences: [f64; SUB_BLOCKS],
    peaks: [f64; SUB_BLOCKS],
    clipped: u64,
    repeated: u64,
}

#[derive(Debug)]
pub(super) struct EmgChain<const C: usize> {
    band: BandPass<C>,
    notches: Notches<C>,
    /// µV of a digital step, times the gain of the band-pass.
    gain: [f64; C],
    limits: [(i16, i16); C],
    /// First raw value after a restart: taken off, so that an electrode offset makes no transient.
    origin: Option<[i16; C]>,
    last_raw: [i16; C],
    last: [f64; C],
    last_difference: [f64; C],
    sums: [EmgSums; C],
    n: u64,
    block_n: [u64; SUB_BLOCKS],
}

impl<const C: usize> EmgChain<C> {
    pub(super) fn new(band: &[Section; 4], notches: &[Section], scales: &[ChannelScale]) -> Self {
        let band = BandPass::new(band);
        let mut gain = [1.0; C];
        let mut limits = [(i16::MIN, i16::MAX); C];
        for (c, scale) in scales.iter().enumerate().take(C) {
            gain[c] = scale.gain() * band.gain();
            limits[c] = (scale.digital_min, scale.digital_max);
        }
        Self {
            band,
            notches: Notches::new(notches),
            gain,
            limits,
            origin: None,
            last_raw: [0; C],
            last: [0.0; C],
            last_difference: [0.0; C],
            sums: [EmgSums::default(); C],
            n: 0,
            block_n: [0; SUB_BLOCKS],
        }
    }

    pub(super) fn restart(&mut self) {
        self.band.reset();
        self.notches.reset();
        self.origin = None;
        self.last = [0.0; C];
        self.last_difference = [0.0; C];
    }

    /// Adds interleaved samples that begin `offset` samples into a quarter of `length` samples.
    pub(super) fn run(&mut self, samples: &[i16], offset: u64, length: u64) {
        let (frames, _) = samples.as_chunks::<C>();
        let Some(first) = frames.first() else { return };
        if self.origin.is_none() {
            self.origin = Some(*first);
            self.last_raw = first.map(|v| v.wrapping_add(1));
        }
        self.count_bad(frames);
        // One filter after the other over a stretch, not both for each sample: states and coefficients of one fit the
        // processor's registers, which saves a quarter of the time.
        let mut scratch = [[0.0; C]; STRETCH];
        let mut position = offset;
        for stretch in frames.chunks(STRETCH) {
            let filtered = &mut scratch[..stretch.len()];
            self.filter(stretch, filtered);
            let mut rest = &*filtered;
            while !rest.is_empty() {
                // Block b holds positions [b·length/16, (b+1)·length/16), rounded up.
                let block = ((position * SUB_BLOCKS as u64) / length.max(1)).min(SUB_BLOCKS as u64 - 1);
                let block_end = ((block + 1) * length).div_ceil(SUB_BLOCKS as u64).max(position + 1);
                let (now, later) = rest.split_at(((block_end - position) as usize).min(rest.len()));
                self.sum_block(now, block as usize);
                position += now.len() as u64;
                rest = later;
            }
        }
    }

    /// Scales, band-passes and notches samples; what the band-pass let through is summed up between.
    fn filter(&mut self, frames: &[[i16; C]], filtered: &mut [[f64; C]]) {
        let origin = self.origin.unwrap_or([0; C]);
        // Copies that the compiler may keep in registers, here and below.
        let (mut band_pass, gain) = (self.band.clone(), self.gain);
        let mut band_power: [f64; C] = std::array::from_fn(|c| self.sums[c].band);
        for (frame, out) in frames.iter().zip(&mut *filtered) {
            let mut x = [0.0; C];
            for c in 0..C {
                x[c] = f64::from(i32::from(frame[c]) - i32::from(origin[c])) * gain[c];
            }
            let band = band_pass.step(x);
            for c in 0..C {
                band_power[c] += band[c] * band[c];
            }
            *out = band;
        }
        self.band = band_pass;
        for (sums, power) in self.sums.iter_mut().zip(band_power) {
            sums.band = power;
        }
        let mut notches = self.notches.clone();
        for x in filtered {
            *x = notches.step(*x);
        }
        self.notches = notches;
    }

    fn sum_block(&mut self, frames: &[[f64; C]], block: usize) {
        self.n += frames.len() as u64;
        self.block_n[block] += frames.len() as u64;
        // Loaded and stored whole, so that sums are the same to the last bit however chunks are cut.
        let mut power: [f64; C] = std::array::from_fn(|c| self.sums[c].blocks[block]);
        let mut difference_power: [f64; C] = std::array::from_fn(|c| self.sums[c].differences[block]);
        let mut curvature_power: [f64; C] = std::array::from_fn(|c| self.sums[c].curvature);
        let mut peak: [f64; C] = std::array::from_fn(|c| self.sums[c].peaks[block]);
        let mut fourth: [f64; C] = std::array::from_fn(|c| self.sums[c].fourth);
        let (mut last, mut last_difference) = (self.last, self.last_difference);
        for y in frames {
            for c in 0..C {
                let square = y[c] * y[c];
                let difference = y[c] - last[c];
                let curvature = difference - last_difference[c];
                power[c] += square;
                fourth[c] += square * square;
                peak[c] = if square > peak[c] { square } else { peak[c] };
                difference_power[c] += difference * difference;
                curvature_power[c] += curvature * curvature;
                last[c] = y[c];
                last_difference[c] = difference;
            }
        }
        (self.last, self.last_difference) = (last, last_difference);
        for c in 0..C {
            let sums = &mut self.sums[c];
            sums.blocks[block] = power[c];
            sums.differences[block] = difference_power[c];
            sums.curvature = curvature_power[c];
            sums.fourth = fourth[c];
            sums.peaks[block] = peak[c];
        }
    }

    /// Counts samples at a limit and samples equal to their predecessor; apart from the filters, so that it runs on whole
    /// vectors of samples.
    fn count_bad(&mut self, frames: &[[i16; C]]) {
        let mut clipped = [0_u32; C];
        let mut repeated = [0_u32; C];
        let mut last = self.last_raw;
        for frame in frames {
            for c in 0..C {
                let (low, high) = self.limits[c];
                clipped[c] += u32::from((frame[c] <= low) | (frame[c] >= high));
                repeated[c] += u32::from(frame[c] == last[c]);
            }
            last = *frame;
        }
        self.last_raw = last;
        for c in 0..C {
            self.sums[c].clipped += u64::from(clipped[c]);
            self.sums[c].repeated += u64::from(repeated[c]);
        }
    }

    pub(super) fn take(&mut self) -> ([EmgQuarter; MAX_EMG_CHANNELS], Evidence) {
        let mut out = [EmgQuarter::default(); MAX_EMG_CHANNELS];
        let mut evidence = Evidence { n_samples: self.n, ..Evidence::default() };
        let n = self.n.max(1) as f64;
        for (quarter, sums) in out.iter_mut().zip(&self.sums) {
            let power: f64 = sums.blocks.iter().sum();
            let difference: f64 = sums.differences.iter().sum();
            let mean = |blocks: &[f64; SUB_BLOCKS]| std::array::from_fn(|b| blocks[b] / self.block_n[b].max(1) as f64);
            let mains_share = if sums.band > 0.0 { (1.0 - power / sums.band).clamp(0.0, 1.0) } else { 0.0 };
            *quarter = EmgQuarter {
                power_uv2: power / n,
                difference_power_uv2: difference / n,
                curvature_power_uv2: sums.curvature / n,
                fourth_uv4: sums.fourth / n,
                block_power_uv2: mean(&sums.blocks),
                block_difference_uv2: mean(&sums.differences),
                block_peak_uv2: sums.peaks,
                mains_share,
            };
            evidence.n_clipped = evidence.n_clipped.max(sums.clipped);
            evidence.n_repeated = evidence.n_repeated.max(sums.repeated);
            if mains_share * sums.band / n >= evidence.mains_share * evidence.mains_power_uv2 {
                evidence.mains_share = mains_share;
                evidence.mains_power_uv2 = sums.band / n;
            }
        }
        self.sums = [EmgSums::default(); C];
        self.n = 0;
        self.block_n = [0; SUB_BLOCKS];
        (out, evidence)
    }
}

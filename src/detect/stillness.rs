//! A sensor that nobody wears, told from what a leg cannot do: lie as still as a table.
//!
//! Sleepers lie without a visible movement for half an hour and longer, so the rules of actigraphy (a standard deviation
//! below 13 mg over an hour) would call them not worn. A shank is never as still as that: breathing, pulse, a mattress that
//! gives way and muscles that let go turn it by fractions of a degree, where a table leaves nothing but the sensor's own
//! noise. So everything here is measured against that noise, over half an hour: no turn by more than
//! 0.17°, no shaking beyond the noise, nothing slow beyond it, and no muscle. Whatever of that is
//! unsure counts as worn.

use std::collections::VecDeque;

use super::Hop;
use crate::chunk::{Chunk, StreamLayout};
use crate::signal::Quality;

/// So long must everything be still, in seconds.
const WINDOW_S: f64 = 1800.0;
/// Gravity on an axis may change by so much, in g: a turn by 0.17°.
const MOST_TURN_G: f64 = 0.003;
/// A block in seconds, each of whole seconds, and their number in the window.
const BLOCK_S: u64 = 10;
const BLOCKS: usize = (WINDOW_S as u64 / BLOCK_S) as usize;
/// The noise of one block over that of the quietest: estimates of the same noise differ by less.
const MOST_SHAKE: f64 = 1.4;
/// Slow movement in g that some sensor's own wander may have.
const OWN_WANDER_G: f64 = 0.000_25;
/// A hole of so many seconds makes the window begin anew.
const LONGEST_HOLE_S: f64 = 60.0;

/// Ten seconds of acceleration.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    mean_g: [f64; 3],
    /// Standard deviation of the noise of a sample, from differences of neighbours.
    noise_g: f64,
    /// Variance of the means of its seconds.
    slow_g2: f64,
}

/// Sums of the block under way.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    samples: u64,
    second: [f64; 3],
    total: [f64; 3],
    means2: [f64; 3],
    differences2: f64,
}

/// Guesses whether the sensor lies about unworn. Constant memory.
#[derive(Debug, Clone)]
pub struct Stillness {
    gain: [f64; 3],
    offset: [f64; 3],
    /// Acceleration samples a second, whole; 0 without acceleration, which means no guess.
    rate: u64,
    /// Index of the sample that is expected next.
    expected: Option<u64>,
    before: Option<[f64; 3]>,
    sums: Sums,
    blocks: VecDeque<Block>,
    still: bool,
}

impl Stillness {
    /// So long it looks back, in seconds.
    pub const WINDOW_S: f64 = WINDOW_S;

    /// For a stream of this layout; without acceleration it never guesses.
    pub fn new(layout: &StreamLayout) -> Self {
        let acc = layout.acc.as_ref().filter(|group| group.channels.len() >= 3);
        let scale = |of: fn(&crate::chunk::ChannelScale) -> f64| {
            acc.map_or([0.0; 3], |group| std::array::from_fn(|axis| of(&group.channels[axis].scale)))
        };
        Self {
            gain: scale(crate::chunk::ChannelScale::gain),
            offset: scale(crate::chunk::ChannelScale::offset),
            rate: acc.map_or(0, |group| group.rate.as_hz().round() as u64),
            expected: None,
            before: None,
            sums: Sums::default(),
            blocks: VecDeque::with_capacity(BLOCKS),
            still: false,
        }
    }

    /// Whether everything says that nobody wears it.
    pub fn is_still(&self) -> bool {
        self.still
    }

    /// Takes the chunk's acceleration.
    pub fn chunk(&mut self, chunk: &Chunk) {
        if self.rate == 0 || chunk.acc.is_empty() {
            return;
        }
        if let Some(expected) = self.expected.filter(|expected| *expected != chunk.acc_first) {
            (self.sums, self.before) = (Sums::default(), None);
            if expected.abs_diff(chunk.acc_first) as f64 / self.rate as f64 > LONGEST_HOLE_S {
                self.blocks.clear();
            }
        }
        let samples = chunk.acc.as_chunks::<3>().0;
        self.expected = Some(chunk.acc_first + samples.len() as u64);
        for sample in samples {
            let g = std::array::from_fn(|axis| f64::from(sample[axis]) * self.gain[axis] + self.offset[axis]);
            self.sample(g);
        }
    }

    /// Takes what the muscle did: any activity, and the wearer's own mark, say at once that it is worn.
    pub fn hop(&mut self, hop: &Hop) {
        if hop.row.marker || (hop.quality == Quality::Good && hop.row.valid && hop.row.active) {
            self.signs_of_life();
        }
    }

    fn signs_of_life(&mut self) {
        self.still = false;
        self.blocks.clear();
    }

    fn sample(&mut self, g: [f64; 3]) {
        let sums = &mut self.sums;
        if let Some(before) = self.before.replace(g) {
            sums.differences2 += (0..3).map(|axis| (g[axis] - before[axis]).powi(2)).sum::<f64>();
        }
        for (sum, value) in sums.second.iter_mut().zip(g) {
            *sum += value;
        }
        sums.samples += 1;
        if !sums.samples.is_multiple_of(self.rate) {
            return;
        }
        for axis in 0..3 {
            let mean = sums.second[axis] / self.rate as f64;
            sums.total[axis] += mean;
            sums.means2[axis] += mean * mean;
        }
        sums.second = [0.0; 3];
        if sums.samples == BLOCK_S * self.rate {
            let sums = std::mem::take(sums);
            self.block(sums);
        }
    }

    fn block(&mut self, sums: Sums) {
        if sums.differences2 == 0.0 {
            // No sensor is without noise: this one is stuck, or its place was filled. That says nothing.
            return self.signs_of_life();
        }
        let seconds = BLOCK_S as f64;
        let mean_g = sums.total.map(|total| total / seconds);
        let slow_g2 = (0..3).map(|axis| sums.means2[axis] / seconds - mean_g[axis].powi(2)).sum::<f64>() / 3.0;
        let block = Block {
            mean_g,
            noise_g: (sums.differences2 / (6.0 * sums.samples as f64)).sqrt(),
            slow_g2: slow_g2.max(0.0) * seconds / (seconds - 1.0),
        };
        if self.blocks.len() == BLOCKS {
            self.blocks.pop_front();
        }
        self.blocks.push_back(block);
        // Once still it stays so over a hole, until something speaks for a leg.
        self.still = (self.still || self.blocks.len() == BLOCKS) && self.is_nothing_but_noise();
    }

    /// Whether no block holds more than what a sensor makes up by itself.
    fn is_nothing_but_noise(&self) -> bool {
        let noises = self.blocks.iter().map(|block| block.noise_g);
        let (least, most) =
            noises.fold((f64::MAX, 0.0_f64), |(least, most), noise| (least.min(noise), most.max(noise)));
        let of_a_second = least / (self.rate as f64).sqrt();
        let of_a_block = of_a_second / (BLOCK_S as f64).sqrt();
        let slow_g2 = self.blocks.iter().map(|block| block.slow_g2).sum::<f64>() / self.blocks.len().max(1) as f64;
        let is_turned = (0..3).any(|axis| {
            let means = self.blocks.iter().map(|block| block.mean_g[axis]);
            let (low, high) = means.fold((f64::MAX, f64::MIN), |(low, high), mean| (low.min(mean), high.max(mean)));
            high - low > MOST_TURN_G + 6.0 * of_a_block
        });
        most <= MOST_SHAKE * least && slow_g2 <= OWN_WANDER_G.powi(2) + 2.0 * of_a_second.powi(2) && !is_turned
    }
}

#[cfg(test)]
mod tests;

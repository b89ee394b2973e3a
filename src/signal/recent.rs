//! The last tenth of a second of raw EMG, to bridge short gaps with.

use crate::units::Rate;

/// A ring of interleaved samples, a tenth of a second long. Its default holds nothing and is never full.
#[derive(Debug, Default)]
pub(super) struct Recent {
    samples: Vec<i16>,
    channels: usize,
    /// Where the oldest sample is once the ring is full.
    next: usize,
    filled: usize,
}

impl Recent {
    pub(super) fn new(rate: Rate, channels: usize) -> Self {
        let frames = (rate.as_hz() / 10.0).round() as usize;
        Self { samples: vec![0; frames * channels], channels, next: 0, filled: 0 }
    }

    /// Length in frames (one sample of each channel).
    pub(super) fn frames(&self) -> u64 {
        (self.samples.len() / self.channels.max(1)) as u64
    }

    pub(super) fn full(&self) -> bool {
        !self.samples.is_empty() && self.filled == self.samples.len()
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Takes interleaved samples; only the newest are kept.
    pub(super) fn push(&mut self, samples: &[i16]) {
        let len = self.samples.len();
        let mut rest = &samples[samples.len().saturating_sub(len)..];
        self.filled = (self.filled + rest.len()).min(len);
        while !rest.is_empty() && len > 0 {
            let take = rest.len().min(len - self.next);
            let (now, later) = rest.split_at(take);
            self.samples[self.next..self.next + take].copy_from_slice(now);
            self.next = (self.next + take) % len;
            rest = later;
        }
    }

    /// The oldest `frames` frames of a full ring, in two parts.
    pub(super) fn oldest(&self, frames: u64) -> (&[i16], &[i16]) {
        let n = (frames as usize * self.channels).min(self.samples.len());
        let first = n.min(self.samples.len() - self.next);
        (&self.samples[self.next..self.next + first], &self.samples[..n - first])
    }

    /// Makes the oldest `frames` frames the newest, as if they had been pushed again.
    pub(super) fn rotate(&mut self, frames: u64) {
        if !self.samples.is_empty() {
            self.next = (self.next + frames as usize * self.channels) % self.samples.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_oldest_frames_are_those_a_tenth_of_a_second_ago(lengths in prop::collection::vec(0_usize..60, 0..12), ask in 0_u64..25) {
            let mut ring = Recent::new(Rate::hz(250), 2);
            let mut all: Vec<i16> = Vec::new();
            for length in lengths {
                let more: Vec<i16> = (0..2 * length).map(|k| (all.len() + k) as i16).collect();
                ring.push(&more);
                all.extend(more);
            }
            prop_assert_eq!(ring.full(), all.len() >= 50);
            if ring.full() {
                let (first, second) = ring.oldest(ask);
                let tail = &all[all.len() - 50..];
                prop_assert_eq!([first, second].concat(), &tail[..2 * ask as usize]);
                let repeated = [first, second].concat();
                ring.rotate(ask);
                all.extend(repeated);
                let (first, second) = ring.oldest(25);
                prop_assert_eq!([first, second].concat(), &all[all.len() - 50..]);
            }
        }
    }
}

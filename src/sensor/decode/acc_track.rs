//! Acceleration on its way to the chunks: numbered samples in, the nearest to each index wanted out.

use std::collections::VecDeque;

/// Samples kept: more than any sensor sends in the time that EMG is held back.
const MOST_KEPT: usize = 512;

/// A short run of acceleration samples. Indices only grow, both when put in and when asked for.
#[derive(Debug, Clone)]
pub(super) struct AccTrack {
    kept: VecDeque<(u64, [i16; 3])>,
    /// The newest sample ever, for when nothing is kept.
    newest: [i16; 3],
}

impl AccTrack {
    pub(super) fn new() -> Self {
        Self { kept: VecDeque::with_capacity(MOST_KEPT), newest: [0; 3] }
    }

    /// Takes sample `index`; one that is not beyond the newest is dropped.
    pub(super) fn put(&mut self, index: u64, sample: [i16; 3]) {
        if self.kept.back().is_some_and(|(newest, _)| *newest >= index) {
            return;
        }
        if self.kept.len() == MOST_KEPT {
            self.kept.pop_front();
        }
        self.newest = sample;
        self.kept.push_back((index, sample));
    }

    /// The kept sample nearest to `index`, and whether it is that very one. Forgets what lies before.
    pub(super) fn at(&mut self, index: u64) -> ([i16; 3], bool) {
        while let (Some((first, _)), Some((second, _))) = (self.kept.front(), self.kept.get(1))
            && second.abs_diff(index) <= first.abs_diff(index)
        {
            self.kept.pop_front();
        }
        self.kept.front().map_or((self.newest, false), |(found, sample)| (*sample, *found == index))
    }

    /// Whether every sample before `end` is there or given up.
    pub(super) fn covers(&self, end: u64) -> bool {
        self.kept.back().is_some_and(|(newest, _)| newest + 1 >= end)
    }

    /// Forgets all but the newest value: indices begin anew.
    pub(super) fn begin_anew(&mut self) {
        self.kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_sample_stands_in_for_a_missing_one() {
        let mut track = AccTrack::new();
        assert_eq!(track.at(0), ([0; 3], false));
        for (index, value) in [(2, 2), (3, 3), (3, 9), (7, 7)] {
            track.put(index, [value; 3]);
        }
        let found: Vec<_> = (0..9).map(|index| track.at(index)).map(|(sample, exact)| (sample[0], exact)).collect();
        let expected =
            [(2, false), (2, false), (2, true), (3, true), (3, false), (7, false), (7, false), (7, true), (7, false)];
        assert_eq!(found, expected);
        assert!(track.covers(8) && !track.covers(9));
    }
}

//! What of a night can be spoken about: judged time, and the gaps with their reasons.

use crate::chunk::GapReason;
use crate::signal::Quality;

/// A stretch of quarters that says nothing, `[from, to)` in quarters of a second since the stream's sample 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First quarter.
    pub from: u64,
    /// Quarter after the last.
    pub to: u64,
    /// Why.
    pub reason: GapReason,
}

impl Stretch {
    /// Begin and end in seconds.
    pub fn seconds(&self) -> (f64, f64) {
        (self.from as f64 / 4.0, self.to as f64 / 4.0)
    }
}

/// A second has this many quarters: with fewer between two gaps no window fits there, and they are one.
const BRIDGED: u64 = 4;

/// Counts coverage quarter by quarter and joins bad quarters to gaps.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    next: u64,
    judged_quarters: u64,
    good_quarters: u64,
    open: Option<Stretch>,
}

impl Coverage {
    /// Takes a quarter (indices grow) and whether its window was judged; gives each gap that is over.
    pub fn add(&mut self, index: u64, quality: Quality, judged: bool, mut sink: impl FnMut(Stretch)) {
        if index > self.next {
            self.extend(self.next, index, GapReason::NoData, &mut sink);
        }
        self.next = index + 1;
        self.judged_quarters += u64::from(judged);
        self.good_quarters += u64::from(quality == Quality::Good);
        match (reason(quality), &mut self.open) {
            (Some(reason), _) => self.extend(index, index + 1, reason, &mut sink),
            // The half second after a gap cannot be judged either: it belongs to the gap.
            (None, Some(open)) if quality == Quality::WarmUp => open.to = index + 1,
            (None, Some(open)) if index < open.to + BRIDGED => {}
            (None, open) => {
                if let Some(gap) = open.take() {
                    sink(gap);
                }
            }
        }
    }

    fn extend(&mut self, from: u64, to: u64, reason: GapReason, sink: &mut impl FnMut(Stretch)) {
        match &mut self.open {
            Some(open) if open.reason == reason && from < open.to + BRIDGED => open.to = to,
            open => {
                if let Some(gap) = open.replace(Stretch { from, to, reason }) {
                    sink(gap);
                }
            }
        }
    }

    /// The gap under way, if any.
    pub fn open_gap(&self) -> Option<Stretch> {
        self.open
    }

    /// Seconds that were judged.
    pub fn judged_s(&self) -> f64 {
        self.judged_quarters as f64 / 4.0
    }

    /// Seconds of usable signal, judged or not yet (before the quiet level was known).
    pub fn good_s(&self) -> f64 {
        self.good_quarters as f64 / 4.0
    }

    /// Seconds from the stream's sample 0 to the newest quarter.
    pub fn elapsed_s(&self) -> f64 {
        self.next as f64 / 4.0
    }
}

fn reason(quality: Quality) -> Option<GapReason> {
    match quality {
        Quality::Good | Quality::WarmUp => None,
        Quality::Incomplete => Some(GapReason::NoData),
        Quality::LeadOff | Quality::Clipped | Quality::Flat | Quality::Mains => Some(GapReason::LeadOff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(coverage: &mut Coverage, quarters: &[(u64, Quality)]) -> Vec<Stretch> {
        let mut gaps = Vec::new();
        for (index, quality) in quarters {
            coverage.add(*index, *quality, *quality == Quality::Good, |gap| gaps.push(gap));
        }
        gaps
    }

    #[test]
    fn a_jump_of_the_index_is_a_gap_and_its_warm_up_belongs_to_it() {
        let mut coverage = Coverage::default();
        let quarters = [
            (0, Quality::Good),
            (1, Quality::Good),
            (20, Quality::Incomplete),
            (21, Quality::WarmUp),
            (22, Quality::Good),
            (23, Quality::Good),
            (24, Quality::Good),
            (25, Quality::Good),
            (26, Quality::Good),
        ];
        assert_eq!(gaps(&mut coverage, &quarters), [Stretch { from: 2, to: 22, reason: GapReason::NoData }]);
        assert_eq!((coverage.judged_s(), coverage.good_s(), coverage.elapsed_s()), (1.75, 1.75, 6.75));
    }

    #[test]
    fn no_gap_is_lost_where_two_reasons_meet() {
        let mut coverage = Coverage::default();
        let mut quarters = vec![(0, Quality::LeadOff), (9, Quality::LeadOff)];
        quarters.extend((10..16).map(|index| (index, Quality::Good)));
        let reasons: Vec<_> = gaps(&mut coverage, &quarters).iter().map(|gap| (gap.from, gap.to, gap.reason)).collect();
        use GapReason::{LeadOff, NoData};
        assert_eq!(reasons, [(0, 1, LeadOff), (1, 9, NoData), (9, 10, LeadOff)]);
    }

    #[test]
    fn gaps_with_less_than_a_second_between_them_are_one() {
        let mut coverage = Coverage::default();
        let flicker = |index: u64| (index, if index % 3 == 1 && index < 20 { Quality::Mains } else { Quality::Good });
        let quarters: Vec<_> = (0..30).map(flicker).collect();
        let expected = Stretch { from: 1, to: 20, reason: GapReason::LeadOff };
        assert_eq!(gaps(&mut coverage, &quarters), [expected]);
    }
}

//! Stretches of samples, kept in order.

/// Samples `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
}

/// Disjoint spans in rising order; spans that touch are one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spans(Vec<Span>);

impl Spans {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds the samples of `span`; an empty span adds none.
    pub(super) fn add(&mut self, mut span: Span) {
        if span.from >= span.to {
            return;
        }
        let first = self.0.partition_point(|other| other.to < span.from);
        let last = self.0.partition_point(|other| other.from <= span.to);
        for other in self.0.drain(first..last.max(first)) {
            span = Span { from: span.from.min(other.from), to: span.to.max(other.to) };
        }
        self.0.insert(first, span);
    }

    pub(super) fn contains(&self, at: u64) -> bool {
        let after = self.0.partition_point(|span| span.to <= at);
        self.0.get(after).is_some_and(|span| span.from <= at)
    }

    /// Both ends of every span.
    pub(super) fn ends(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().flat_map(|span| [span.from, span.to])
    }

    /// Drops what lies before `at`, also of a span that goes on after it.
    pub(super) fn forget_before(&mut self, at: u64) {
        self.0.retain(|span| span.to > at);
        if let Some(first) = self.0.first_mut() {
            first.from = first.from.max(at);
        }
    }

    /// Index of the span after which the shortest break comes, with that break's length.
    pub(super) fn shortest_break(&self) -> Option<(usize, u64)> {
        let breaks = self.0.windows(2).map(|pair| pair[1].from - pair[0].to).enumerate();
        breaks.min_by_key(|(_, length)| *length)
    }

    /// Makes span `index` and the next one into one that covers the break between them.
    pub(super) fn bridge(&mut self, index: usize) {
        if index + 1 < self.0.len() {
            self.0[index].to = self.0.remove(index + 1).to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(from: u64, to: u64) -> Span {
        Span { from, to }
    }

    #[test]
    fn the_shortest_break_is_bridged_first() {
        let mut spans = Spans(vec![span(0, 2), span(9, 12), span(13, 20)]);
        assert_eq!(spans.shortest_break(), Some((1, 1)));
        spans.bridge(1);
        assert_eq!(spans, Spans(vec![span(0, 2), span(9, 20)]));
    }

    proptest! {
        #[test]
        fn spans_hold_just_the_samples_that_were_added(adds in proptest::collection::vec((0_u64..60, 0_u64..9), 0..20), cut in 0_u64..60) {
            let mut spans = Spans::default();
            let mut expected = [false; 80];
            for (from, length) in adds {
                spans.add(span(from, from + length));
                expected[from as usize..(from + length) as usize].fill(true);
            }
            for at in 0..80 {
                prop_assert_eq!(spans.contains(at), expected[at as usize]);
            }
            prop_assert!(spans.0.windows(2).all(|pair| pair[0].to < pair[1].from));
            spans.forget_before(cut);
            for at in 0..80 {
                prop_assert_eq!(spans.contains(at), at >= cut && expected[at as usize]);
            }
        }
    }
}

//! The least delay of the last seconds: the line that lateness is measured from.

/// Length of a half; the least of the last one to two halves counts. Short against the drift of an RC oscillator.
const HALF_MICROS: u64 = 4_000_000;

/// Least difference of arrival time and stream time, in microseconds, over the last 4 to 8 s of arrivals.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LeastDelay {
    older: Option<i64>,
    newer: Option<i64>,
    half_began: u64,
}

impl LeastDelay {
    /// The least difference; none before the first arrival.
    pub(super) fn get(&self) -> Option<i64> {
        match (self.older, self.newer) {
            (Some(older), Some(newer)) => Some(older.min(newer)),
            (older, newer) => older.or(newer),
        }
    }

    pub(super) fn add(&mut self, arrival_micros: u64, difference_micros: i64) {
        if arrival_micros.saturating_sub(self.half_began) >= HALF_MICROS {
            self.older = self.newer.take();
            self.half_began = arrival_micros;
        }
        self.newer = Some(self.newer.map_or(difference_micros, |least| least.min(difference_micros)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_arrivals_do_not_move_it_and_old_ones_are_forgotten() {
        let mut least = LeastDelay::default();
        assert_eq!(least.get(), None);
        for (second, difference) in [(0, 10), (1, 500), (3, 12), (5, 40)] {
            least.add(second * 1_000_000, difference);
        }
        assert_eq!(least.get(), Some(10));
        least.add(10_000_000, 30);
        assert_eq!(least.get(), Some(30));
    }
}

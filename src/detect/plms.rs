//! Series of periodic leg movements and their index: how many an hour belong to a series.
//!
//! An index from 15 an hour is the clinical limit in adults. It is defined for sleep with the stages scored; over time in bed
//! it also counts movements awake, so it is an estimate for researchers and never a finding.

use super::leg_movements::{LegMovement, LegMovementRules};

/// Movements that make a series.
const SERIES_LEAST: u64 = 4;
/// Onsets at most this far apart belong to one series, in seconds.
const LONGEST_INTERVAL_S: f64 = 90.0;
/// Onsets lie on a grid of 25 ms; a difference this small is rounding, in seconds.
const ROUNDING_S: f64 = 1e-6;

/// Counts the movements of one leg and those in series. Constant memory.
///
/// No data ends a series. By WASM 2016 so does an interval below 10 s, one above 90 s, and a movement that is no candidate;
/// a candidate that ends a series by its interval is the first of the next. The AASM says nothing of what ends a series: here
/// a movement less than 5 s after one of the series is not of it and does not end it, and one longer than 10 s, being no leg
/// movement, is as if it were not there.
#[derive(Debug, Clone)]
pub struct PlmsCounter {
    rules: LegMovementRules,
    /// Movements of the series so far, from 0.
    run: u64,
    last_onset_s: f64,
    movements: u64,
    series: u64,
    periodic: u64,
}

impl PlmsCounter {
    /// A counter that has heard nothing. The rules must be those of the scorer.
    pub fn new(rules: LegMovementRules) -> Self {
        Self { rules, run: 0, last_onset_s: 0.0, movements: 0, series: 0, periodic: 0 }
    }

    /// Takes the next movement, in order of onset.
    pub fn push(&mut self, movement: LegMovement) {
        if movement.after_gap {
            self.run = 0;
        }
        match self.rules {
            LegMovementRules::Aasm if !movement.candidate => return,
            LegMovementRules::Wasm2016 if !movement.candidate => {
                self.movements += 1;
                self.run = 0;
                return;
            }
            _ => self.movements += 1,
        }
        let interval_s = movement.onset_s - self.last_onset_s;
        let too_soon = interval_s < self.shortest_interval_s() - ROUNDING_S;
        if self.run > 0 && too_soon && self.rules == LegMovementRules::Aasm {
            return;
        }
        let goes_on = self.run > 0 && !too_soon && interval_s <= LONGEST_INTERVAL_S + ROUNDING_S;
        self.run = if goes_on { self.run + 1 } else { 1 };
        self.last_onset_s = movement.onset_s;
        if self.run == SERIES_LEAST {
            self.series += 1;
            self.periodic += SERIES_LEAST;
        } else if self.run > SERIES_LEAST {
            self.periodic += 1;
        }
    }

    fn shortest_interval_s(&self) -> f64 {
        match self.rules {
            LegMovementRules::Aasm => 5.0,
            LegMovementRules::Wasm2016 => 10.0,
        }
    }

    /// Leg movements; by the AASM only those up to 10 s.
    pub fn movements(&self) -> u64 {
        self.movements
    }

    /// Series of at least four.
    pub fn series(&self) -> u64 {
        self.series
    }

    /// Movements in a series.
    pub fn periodic(&self) -> u64 {
        self.periodic
    }

    /// Movements in a series an hour of `scored_s` ([`super::LegMovementScorer::scored_s`]); `None` without any time.
    pub fn index_per_hour(&self, scored_s: f64) -> Option<f64> {
        (scored_s > 0.0).then(|| self.periodic as f64 * 3600.0 / scored_s)
    }
}

#[cfg(test)]
mod tests {
    use super::LegMovementRules::{Aasm, Wasm2016};
    use super::*;
    use proptest::prelude::*;

    fn movement(onset_s: f64) -> LegMovement {
        LegMovement { onset_s, end_s: onset_s + 2.0, candidate: true, after_gap: false }
    }

    /// (movements, series, periodic movements).
    fn count(rules: LegMovementRules, movements: &[LegMovement]) -> (u64, u64, u64) {
        let mut counter = PlmsCounter::new(rules);
        movements.iter().for_each(|movement| counter.push(*movement));
        (counter.movements(), counter.series(), counter.periodic())
    }

    /// Movements that follow each other in these intervals.
    fn spaced(intervals_s: &[f64]) -> Vec<LegMovement> {
        let onsets = intervals_s.iter().scan(7.3, |at, interval| {
            *at += interval;
            Some(movement(*at))
        });
        std::iter::once(movement(7.3)).chain(onsets).collect()
    }

    #[test]
    fn three_movements_are_no_series_and_four_are_one() {
        for rules in [Aasm, Wasm2016] {
            assert_eq!(count(rules, &spaced(&[20.0, 20.0])), (3, 0, 0));
            assert_eq!(count(rules, &spaced(&[20.0, 20.0, 20.0])), (4, 1, 4));
            assert_eq!(count(rules, &spaced(&[20.0; 9])), (10, 1, 10));
        }
    }

    #[test]
    fn intervals_of_exactly_5_10_and_90_s_still_belong() {
        assert_eq!(count(Aasm, &spaced(&[5.0, 90.0, 5.0])), (4, 1, 4));
        assert_eq!(count(Wasm2016, &spaced(&[10.0, 90.0, 10.0])), (4, 1, 4));
        assert_eq!(count(Wasm2016, &spaced(&[0.1 * 100.0 - 1e-9, 90.0 + 1e-9, 10.0])), (4, 1, 4));
    }

    #[test]
    fn an_interval_above_90_s_ends_a_series_and_begins_another() {
        for rules in [Aasm, Wasm2016] {
            assert_eq!(count(rules, &spaced(&[20.0, 90.025, 20.0])), (4, 0, 0));
            assert_eq!(count(rules, &spaced(&[20.0, 20.0, 20.0, 90.025, 20.0, 20.0, 20.0])), (8, 2, 8));
        }
    }

    #[test]
    fn by_wasm_an_interval_below_10_s_ends_a_series_and_its_movement_is_the_first_of_the_next() {
        assert_eq!(count(Wasm2016, &spaced(&[20.0, 20.0, 9.975])), (4, 0, 0));
        assert_eq!(count(Wasm2016, &spaced(&[20.0, 20.0, 20.0, 9.975, 20.0, 20.0, 20.0])), (8, 2, 8));
        assert_eq!(count(Aasm, &spaced(&[20.0, 20.0, 9.975])), (4, 1, 4));
    }

    #[test]
    fn by_the_aasm_a_movement_within_5_s_is_not_of_the_series_and_does_not_end_it() {
        assert_eq!(count(Aasm, &spaced(&[20.0, 4.975, 15.0, 20.0])), (5, 1, 4));
        // Measured from the last one of the series: 4 s and 4 s are 8 s.
        assert_eq!(count(Aasm, &spaced(&[4.0, 4.0, 20.0, 20.0])), (5, 1, 4));
    }

    #[test]
    fn a_movement_that_is_no_candidate_ends_a_series_by_wasm_and_is_nothing_to_the_aasm() {
        let mut movements = spaced(&[20.0; 4]);
        movements[2].candidate = false;
        assert_eq!(count(Wasm2016, &movements), (5, 0, 0));
        assert_eq!(count(Aasm, &movements), (4, 1, 4));
    }

    #[test]
    fn no_data_ends_a_series_even_before_a_movement_that_does_not_count() {
        for rules in [Aasm, Wasm2016] {
            let mut movements = spaced(&[20.0; 4]);
            movements[2].after_gap = true;
            assert_eq!(count(rules, &movements), (5, 0, 0));
        }
        let mut movements = spaced(&[20.0; 4]);
        (movements[2].after_gap, movements[2].candidate) = (true, false);
        assert_eq!(count(Aasm, &movements), (4, 0, 0));
    }

    #[test]
    fn the_index_is_an_hour_of_scored_time() {
        let mut counter = PlmsCounter::new(Wasm2016);
        spaced(&[30.0; 29]).into_iter().for_each(|movement| counter.push(movement));
        assert_eq!(counter.index_per_hour(7200.0), Some(15.0));
        assert_eq!(counter.index_per_hour(0.0), None);
    }

    proptest! {
        #[test]
        fn a_series_has_at_least_four_and_no_movement_counts_twice(
            steps in proptest::collection::vec((0.5..120.0_f64, proptest::bool::weighted(0.9), proptest::bool::weighted(0.05)), 0..200),
        ) {
            let mut at = 0.0;
            let movements: Vec<LegMovement> = steps.iter().map(|(step, candidate, after_gap)| {
                at += step;
                LegMovement { candidate: *candidate, after_gap: *after_gap, ..movement(at) }
            }).collect();
            for rules in [Aasm, Wasm2016] {
                let (all, series, periodic) = count(rules, &movements);
                prop_assert!(4 * series <= periodic && periodic <= all && all <= movements.len() as u64);
                prop_assert_eq!(series == 0, periodic == 0);
            }
        }
    }
}

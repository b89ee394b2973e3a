//! Times of day: a window that comes back each day, and instants of the clock on the wall.

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::units::UtcMicros;

/// A stretch of each day in local time, such as 21:00 to 10:00. `until` at or before `from` is of the next day, so that the same
/// time twice is round the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyWindow {
    /// Begins at (inclusive).
    pub from: Time,
    /// Ends at (exclusive).
    pub until: Time,
}

impl DailyWindow {
    /// A window between two times of day.
    pub const fn new(from: Time, until: Time) -> Self {
        Self { from, until }
    }

    /// Whether `at` lies in the window.
    pub fn contains(&self, at: UtcMicros, zone: &TimeZone) -> bool {
        self.begin_of(at, zone).is_some()
    }

    /// When the window that `at` lies in began; none if it lies in none.
    pub fn begin_of(&self, at: UtcMicros, zone: &TimeZone) -> Option<UtcMicros> {
        self.around(at, zone).find(|(begin, end)| *begin <= at && at < *end).map(|(begin, _)| begin)
    }

    /// The first end of the window after `at`: of the one that `at` lies in, else of the next one.
    pub fn next_end(&self, at: UtcMicros, zone: &TimeZone) -> UtcMicros {
        self.around(at, zone).map(|(_, end)| end).find(|end| *end > at).unwrap_or_else(|| at.plus_seconds(86_400.0))
    }

    /// The windows that begin on the day before, on the day of `at` and on the two days after it.
    fn around(&self, at: UtcMicros, zone: &TimeZone) -> impl Iterator<Item = (UtcMicros, UtcMicros)> {
        let today = local_date(at, zone);
        let first = today.yesterday().unwrap_or(today);
        let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(4);
        dates.map(move |date| {
            let last = if self.until > self.from { date } else { date.tomorrow().unwrap_or(date) };
            (instant_of(date, self.from, zone), instant_of(last, self.until, zone))
        })
    }
}

/// Local date of `at`.
pub(super) fn local_date(at: UtcMicros, zone: &TimeZone) -> Date {
    zone.to_datetime(at.timestamp()).date()
}

/// When the clock on the wall first shows `time` on `date`. A time that the clock change skips is the moment of the change, so
/// that later times never come earlier; of a time that comes twice the first one counts.
pub(super) fn instant_of(date: Date, time: Time, zone: &TimeZone) -> UtcMicros {
    let ambiguous = zone.to_ambiguous_timestamp(date.to_datetime(time));
    let skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let instant = if skipped {
        let before = ambiguous.earlier();
        before.map(|before| zone.following(before).next().map_or(before, |change| change.timestamp()))
    } else {
        ambiguous.compatible()
    };
    // Only the first and the last day that jiff can name fail; they are clamped to its range.
    UtcMicros::from_timestamp(instant.unwrap_or(if date.year() < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use proptest::prelude::*;
    use rstest::rstest;

    pub(crate) fn berlin() -> TimeZone {
        // The rule of Europe/Berlin itself stands in on a machine without a time zone database.
        TimeZone::get("Europe/Berlin").unwrap_or_else(|_| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
    }

    pub(crate) fn utc(text: &str) -> UtcMicros {
        UtcMicros::from_timestamp(text.parse().unwrap())
    }

    fn window(from: i8, until: i8) -> DailyWindow {
        DailyWindow::new(time(from, 0, 0, 0), time(until, 0, 0, 0))
    }

    #[rstest]
    #[case("2026-11-22T19:59:59Z", false)]
    #[case("2026-11-22T20:00:00Z", true)]
    #[case("2026-11-23T01:00:00Z", true)]
    #[case("2026-11-23T08:59:59Z", true)]
    #[case("2026-11-23T09:00:00Z", false)]
    fn a_window_over_midnight_belongs_to_two_days(#[case] at: &str, #[case] inside: bool) {
        assert_eq!(window(21, 10).contains(utc(at), &berlin()), inside);
    }

    #[test]
    fn the_end_is_that_of_this_window_or_of_the_next_one() {
        let morning = utc("2026-11-23T09:00:00Z");
        assert_eq!(window(21, 10).next_end(utc("2026-11-22T22:00:00Z"), &berlin()), morning);
        assert_eq!(window(21, 10).next_end(utc("2026-11-22T14:00:00Z"), &berlin()), morning);
        assert_eq!(window(21, 10).next_end(morning, &berlin()), utc("2026-11-24T09:00:00Z"));
        assert_eq!(window(22, 23).next_end(utc("2026-11-22T23:30:00Z"), &berlin()), utc("2026-11-23T22:00:00Z"));
    }

    #[test]
    fn a_skipped_time_is_the_moment_of_the_change_and_a_doubled_one_its_first() {
        let (spring, autumn) = (date(2026, 3, 29), date(2026, 10, 25));
        assert_eq!(instant_of(spring, time(2, 0, 0, 0), &berlin()), utc("2026-03-29T01:00:00Z"));
        assert_eq!(instant_of(spring, time(2, 30, 0, 0), &berlin()), utc("2026-03-29T01:00:00Z"));
        assert_eq!(instant_of(spring, time(3, 0, 0, 0), &berlin()), utc("2026-03-29T01:00:00Z"));
        assert_eq!(instant_of(autumn, time(2, 30, 0, 0), &berlin()), utc("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn a_window_over_the_clock_change_keeps_its_local_ends() {
        assert_eq!(window(21, 10).next_end(utc("2026-03-28T22:00:00Z"), &berlin()), utc("2026-03-29T08:00:00Z"));
        assert_eq!(window(21, 10).next_end(utc("2026-10-24T22:00:00Z"), &berlin()), utc("2026-10-25T09:00:00Z"));
        let over_the_gap = DailyWindow::new(time(2, 30, 0, 0), time(3, 10, 0, 0));
        assert!(over_the_gap.contains(utc("2026-03-29T01:05:00Z"), &berlin()));
    }

    proptest! {
        #[test]
        fn round_the_clock_has_no_hole(seconds in 1_700_000_000_i64..2_000_000_000, hour in 0_i8..24) {
            let at = UtcMicros(seconds * 1_000_000);
            prop_assert!(window(hour, hour).contains(at, &berlin()));
            let end = window(hour, hour).next_end(at, &berlin());
            prop_assert!(end > at && end.seconds_since(at) <= 25.0 * 3600.0);
        }

        #[test]
        fn a_window_and_the_rest_of_the_day_never_overlap(seconds in 1_700_000_000_i64..2_000_000_000, from in 0_i8..24, length in 1_i8..24) {
            let at = UtcMicros(seconds * 1_000_000);
            let until = (from + length) % 24;
            prop_assert!(window(from, until).contains(at, &berlin()) != window(until, from).contains(at, &berlin()));
        }

        #[test]
        fn no_instant_panics(micros: i64, from in 0_i8..24, until in 0_i8..24) {
            let _ = window(from, until).contains(UtcMicros(micros), &berlin());
            let _ = window(from, until).next_end(UtcMicros(micros), &berlin());
        }
    }
}

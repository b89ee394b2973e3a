//! Nights (noon to noon) and diary days (04:00 to 04:00), local time, each named by the date on which it begins.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::units::UtcMicros;

const NIGHT_BEGINS_HOUR: i8 = 12;
const DIARY_DAY_BEGINS_HOUR: i8 = 4;

/// The night that `utc` belongs to: noon to noon local time, named by the date on which it begins.
pub fn night_of(utc: UtcMicros, zone: &TimeZone) -> Date {
    day_of(utc, zone, NIGHT_BEGINS_HOUR)
}

/// Begin (inclusive) and end (exclusive) of night `date`: 24 h, or 23 or 25 h at a clock change.
pub fn night_bounds(date: Date, zone: &TimeZone) -> (UtcMicros, UtcMicros) {
    bounds(date, zone, NIGHT_BEGINS_HOUR)
}

/// The diary day that `utc` belongs to: 04:00 to 04:00 local time, named by the date on which it begins.
pub fn diary_day_of(utc: UtcMicros, zone: &TimeZone) -> Date {
    day_of(utc, zone, DIARY_DAY_BEGINS_HOUR)
}

/// Begin (inclusive) and end (exclusive) of diary day `date`: 24 h, or 23 or 25 h at a clock change.
pub fn diary_day_bounds(date: Date, zone: &TimeZone) -> (UtcMicros, UtcMicros) {
    bounds(date, zone, DIARY_DAY_BEGINS_HOUR)
}

fn day_of(utc: UtcMicros, zone: &TimeZone, begins_hour: i8) -> Date {
    let date = zone.to_datetime(utc.timestamp()).date();
    // Compared as instants, not as wall-clock hours: an hour that a clock change repeats must not fall out of its day.
    if utc < begin(date, zone, begins_hour) { date.yesterday().unwrap_or(date) } else { date }
}

fn bounds(date: Date, zone: &TimeZone, begins_hour: i8) -> (UtcMicros, UtcMicros) {
    let next = date.tomorrow().unwrap_or(date);
    (begin(date, zone, begins_hour), begin(next, zone, begins_hour))
}

fn begin(date: Date, zone: &TimeZone, hour: i8) -> UtcMicros {
    let local = date.at(hour, 0, 0, 0);
    // Only the first and the last day that jiff can name fail here; they are clamped to its range.
    let instant = zone.to_ambiguous_timestamp(local).compatible();
    UtcMicros::from_timestamp(instant.unwrap_or(if date.year() < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn berlin() -> TimeZone {
        // The rule of Europe/Berlin itself stands in on a machine without a time zone database.
        TimeZone::get("Europe/Berlin").unwrap_or_else(|_| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
    }

    fn utc(text: &str) -> UtcMicros {
        UtcMicros::from_timestamp(text.parse().unwrap())
    }

    fn hours((begin, end): (UtcMicros, UtcMicros)) -> f64 {
        end.seconds_since(begin) / 3600.0
    }

    #[test]
    fn a_night_runs_from_noon_to_noon_and_is_named_by_its_evening() {
        assert_eq!(night_of(utc("2025-11-22T10:59:59.999999Z"), &berlin()), date(2025, 11, 21));
        assert_eq!(night_of(utc("2025-11-22T11:00:00Z"), &berlin()), date(2025, 11, 22));
        assert_eq!(night_of(utc("2025-11-23T02:14:00Z"), &berlin()), date(2025, 11, 22));
        assert_eq!(hours(night_bounds(date(2025, 11, 22), &berlin())), 24.0);
    }

    #[test]
    fn the_spring_night_has_23_hours_and_the_autumn_night_25() {
        assert_eq!(hours(night_bounds(date(2025, 3, 29), &berlin())), 23.0);
        assert_eq!(hours(night_bounds(date(2025, 3, 30), &berlin())), 24.0);
        assert_eq!(hours(night_bounds(date(2025, 10, 25), &berlin())), 25.0);
        // 02:30 exists twice; both belong to the night of the 25th.
        assert_eq!(night_of(utc("2025-10-26T00:30:00Z"), &berlin()), date(2025, 10, 25));
        assert_eq!(night_of(utc("2025-10-26T01:30:00Z"), &berlin()), date(2025, 10, 25));
    }

    #[test]
    fn a_diary_day_runs_from_four_to_four_and_takes_the_clock_change_before_it_ends() {
        assert_eq!(hours(diary_day_bounds(date(2025, 3, 29), &berlin())), 23.0);
        assert_eq!(hours(diary_day_bounds(date(2025, 10, 25), &berlin())), 25.0);
        assert_eq!(hours(diary_day_bounds(date(2025, 10, 26), &berlin())), 24.0);
        assert_eq!(diary_day_of(utc("2025-10-26T02:59:59Z"), &berlin()), date(2025, 10, 25));
        assert_eq!(diary_day_of(utc("2025-10-26T03:00:00Z"), &berlin()), date(2025, 10, 26));
        assert_eq!(diary_day_of(utc("2025-03-30T01:59:59Z"), &berlin()), date(2025, 3, 29));
        assert_eq!(diary_day_of(utc("2025-03-30T02:00:00Z"), &berlin()), date(2025, 3, 30));
    }

    proptest! {
        #[test]
        fn every_instant_lies_within_the_bounds_of_its_night_and_diary_day(seconds in 0_i64..4_000_000_000, zone in 0..3_usize) {
            let zone = [berlin(), TimeZone::UTC, TimeZone::posix("NZST-12NZDT,M9.5.0,M4.1.0/3").unwrap()][zone].clone();
            let instant = UtcMicros(seconds * 1_000_000 + 1);
            let (begin, end) = night_bounds(night_of(instant, &zone), &zone);
            prop_assert!(begin <= instant && instant < end);
            let (begin, end) = diary_day_bounds(diary_day_of(instant, &zone), &zone);
            prop_assert!(begin <= instant && instant < end);
        }

        #[test]
        fn no_instant_panics(micros: i64) {
            let _ = night_of(UtcMicros(micros), &berlin());
            let _ = diary_day_of(UtcMicros(micros), &berlin());
        }
    }
}

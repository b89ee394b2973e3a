//! The diary day: 04:00 to 04:00 local time, so that a glass at 1 a.m. belongs to the evening before.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::units::UtcMicros;

/// Local hour at which a diary day begins.
pub const DIARY_DAY_STARTS_AT_HOUR: i8 = 4;

/// The diary day to which an instant belongs, named by the date on which it begins.
pub fn diary_day(at: UtcMicros, zone: &TimeZone) -> Date {
    let local = at.timestamp().to_zoned(zone.clone());
    let date = local.date();
    if local.hour() < DIARY_DAY_STARTS_AT_HOUR { date.yesterday().unwrap_or(date) } else { date }
}

/// First instant of a diary day and of the next one: 23, 24 or 25 h apart.
pub fn diary_day_span(day: Date, zone: &TimeZone) -> (UtcMicros, UtcMicros) {
    let start = |date: Date| {
        let local = date.at(DIARY_DAY_STARTS_AT_HOUR, 0, 0, 0);
        // `compatible` always finds an instant; only a date at the edge of the calendar has none.
        zone.to_ambiguous_zoned(local)
            .compatible()
            .map_or(UtcMicros(i64::MAX), |zoned| UtcMicros::from_timestamp(zoned.timestamp()))
    };
    (start(day), start(day.tomorrow().unwrap_or(day)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn instant(text: &str) -> UtcMicros {
        UtcMicros::from_timestamp(text.parse().unwrap())
    }

    #[test]
    fn a_glass_before_four_belongs_to_the_evening_before() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(diary_day(instant("2025-11-22T02:59:59.999Z"), &zone), date(2025, 11, 21));
        assert_eq!(diary_day(instant("2025-11-22T03:00:00Z"), &zone), date(2025, 11, 22));
    }

    #[test]
    fn days_join_without_gap_and_are_23_or_25_hours_long_at_a_clock_change() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (day, hours) in [(date(2025, 3, 29), 23.0), (date(2025, 10, 25), 25.0), (date(2025, 11, 21), 24.0)] {
            let (from, to) = diary_day_span(day, &zone);
            assert_eq!(to.seconds_since(from), hours * 3600.0, "{day}");
            assert_eq!(to, diary_day_span(day.tomorrow().unwrap(), &zone).0);
            assert_eq!((diary_day(from, &zone), diary_day(to.plus_micros(-1), &zone)), (day, day));
        }
    }
}

//! Times, lengths and counts as people read them.

use jiff::tz::TimeZone;

use crate::units::UtcMicros;

/// A length as `6 h 52`, `52 min` or `41 s`.
pub fn length(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    let minutes = (seconds / 60.0).round() as u64;
    match minutes {
        _ if seconds < 120.0 => format!("{seconds:.0} s"),
        0..60 => format!("{minutes} min"),
        _ => format!("{} h {:02}", minutes / 60, minutes % 60),
    }
}

/// The morning line: `2 cramps, watched 6 h 52 of 7 h 05`.
pub fn watched_line(cramps: i64, watched_s: f64, monitored_s: f64) -> String {
    let cramps = match cramps {
        0 if watched_s < 1.0 => "nothing watched".to_owned(),
        0 => "no cramp seen".to_owned(),
        1 => "1 cramp".to_owned(),
        n => format!("{n} cramps"),
    };
    format!("{cramps}, watched {} of {}", length(watched_s), length(monitored_s))
}

/// Local time of day, `02:14:03`.
pub fn clock_time(at: UtcMicros, zone: &TimeZone) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_rounded_to_what_matters() {
        assert_eq!(length(41.4), "41 s");
        assert_eq!(length(59.6 * 60.0), "1 h 00");
        assert_eq!(length(6.0 * 3600.0 + 52.0 * 60.0), "6 h 52");
    }

    #[test]
    fn the_morning_line_never_says_no_cramp_of_a_night_that_nobody_watched() {
        assert_eq!(watched_line(2, 24_720.0, 25_500.0), "2 cramps, watched 6 h 52 of 7 h 05");
        assert_eq!(watched_line(0, 0.0, 25_500.0), "nothing watched, watched 0 s of 7 h 05");
    }
}

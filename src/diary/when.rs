//! When something was taken, as people write it: `07:30`, `yesterday 22:10`, `2025-11-21 22:10`.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, Zoned};

use crate::units::UtcMicros;

/// Why a time was not understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WhenError {
    /// It is no time.
    #[error(
        "found the time {found:?}, expected 07:30, \"yesterday 22:10\", \"2025-11-21 22:10\" or \
         2025-11-21T22:10:00+01:00"
    )]
    NotATime {
        /// The text.
        found: String,
    },
    /// It has not come yet.
    #[error("found {found:?}, which is after now ({now}), expected a time that has passed; {hint}")]
    InFuture {
        /// The text.
        found: String,
        /// The local time now.
        now: String,
        /// What to do.
        hint: String,
    },
    /// The clocks skipped it or showed it twice.
    #[error("found {found:?}, which the clock change skipped or repeated; write it with its offset, such as {example}")]
    ClockChange {
        /// The text.
        found: String,
        /// The same time with an offset.
        example: String,
    },
}

/// Reads a time that is not after `now`. A time without a date is of the local day of `now`; a time that a clock
/// change skipped or repeated is refused rather than guessed.
pub fn parse_when(text: &str, now: &Zoned) -> Result<UtcMicros, WhenError> {
    let found = text.trim();
    let at = match found.parse::<Timestamp>() {
        Ok(timestamp) => timestamp,
        Err(_) => parse_local(found, now)?,
    };
    if at > now.timestamp() {
        let hint = if time_of_day(found).is_some() {
            format!("did you mean \"yesterday {found}\"?")
        } else {
            "check the date".to_owned()
        };
        let now = now.strftime("%Y-%m-%d %H:%M").to_string();
        return Err(WhenError::InFuture { found: found.to_owned(), now, hint });
    }
    Ok(UtcMicros::from_timestamp(at))
}

fn parse_local(found: &str, now: &Zoned) -> Result<Timestamp, WhenError> {
    let not_a_time = || WhenError::NotATime { found: found.to_owned() };
    let local = if let Some(time) = time_of_day(found) {
        now.date().to_datetime(time)
    } else if let Some((day, time)) = found.split_once(char::is_whitespace) {
        let date = match day.to_lowercase().as_str() {
            "today" => now.date(),
            "yesterday" => now.date().yesterday().map_err(|_| not_a_time())?,
            _ => day.parse::<Date>().map_err(|_| not_a_time())?,
        };
        date.to_datetime(time_of_day(time.trim()).ok_or_else(not_a_time)?)
    } else if found.contains(['T', 't']) {
        found.parse::<DateTime>().map_err(|_| not_a_time())?
    } else {
        // A bare date says no time of day, and midnight would be a guess.
        return Err(not_a_time());
    };
    let ambiguous = now.time_zone().to_ambiguous_zoned(local);
    match ambiguous.clone().unambiguous() {
        Ok(zoned) => Ok(zoned.timestamp()),
        Err(_) => {
            let example = ambiguous.compatible().map_or_else(
                |_| "2025-11-21T22:10:00+01:00".to_owned(),
                |zoned| zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            );
            Err(WhenError::ClockChange { found: found.to_owned(), example })
        }
    }
}

/// A bare time of day. The parser itself would also take the time out of a date with a time and drop the date.
fn time_of_day(text: &str) -> Option<Time> {
    if !text.contains(':') || text.contains(|c: char| !(c.is_ascii_digit() || c == ':')) {
        return None;
    }
    // 9:05 is written as often as 09:05.
    if text.find(':') == Some(1) { format!("0{text}").parse().ok() } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn now() -> Zoned {
        "2025-11-22T08:00:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    #[rstest]
    #[case("07:30", "2025-11-22T06:30:00Z")]
    #[case("today 07:30", "2025-11-22T06:30:00Z")]
    #[case("7:30", "2025-11-22T06:30:00Z")]
    #[case("yesterday 9:05", "2025-11-21T08:05:00Z")]
    #[case("2025-11-21 9:05", "2025-11-21T08:05:00Z")]
    #[case("Yesterday  22:10", "2025-11-21T21:10:00Z")]
    #[case("2025-07-01 22:10", "2025-07-01T20:10:00Z")]
    #[case("2025-07-01T22:10", "2025-07-01T20:10:00Z")]
    #[case("2025-11-21T22:10:00-05:00", "2025-11-22T03:10:00Z")]
    fn times_as_people_write_them(#[case] text: &str, #[case] utc: Timestamp) {
        assert_eq!(parse_when(text, &now()).unwrap(), UtcMicros::from_timestamp(utc));
    }

    #[rstest]
    #[case("22:10", "did you mean \"yesterday 22:10\"?")]
    #[case("2026-01-01 07:00", "check the date")]
    #[case("2025-11-22T07:00:01Z", "after now (2025-11-22 08:00)")]
    #[case("2025-11-21", "expected 07:30")]
    #[case("soon", "found the time \"soon\"")]
    #[case("25:00", "expected 07:30")]
    #[case("2025-10-26 02:30", "2025-10-26T02:30:00+02:00")]
    #[case("2025-03-30 02:30", "write it with its offset")]
    fn refusals_say_what_to_write(#[case] text: &str, #[case] part: &str) {
        let message = parse_when(text, &now()).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }

    proptest! {
        #[test]
        fn any_text_gives_a_past_instant_or_an_error(text in "\\PC{0,30}") {
            if let Ok(at) = parse_when(&text, &now()) {
                prop_assert!(at <= UtcMicros::from_timestamp(now().timestamp()));
            }
        }
    }
}

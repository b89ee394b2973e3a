//! Fields of an EDF header: fixed width, padded with spaces, more or less ASCII.

use jiff::civil::{Date, DateTime, Time};

/// The field without its padding. Real files also pad with NUL and write `µ` in Latin-1 or UTF-8.
pub(super) fn text(bytes: &[u8]) -> String {
    let decoded = match std::str::from_utf8(bytes) {
        Ok(utf8) => utf8.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    decoded.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
}

/// A finite decimal number; a decimal comma is understood.
pub(super) fn real(field: &str) -> Option<f64> {
    // Rust also reads "nan" and "infinity", which no header means.
    if field.contains(|c: char| !(c.is_ascii_digit() || "+-.,eE".contains(c))) {
        return None;
    }
    field.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite())
}

/// A whole number; `1000.0` counts as one.
pub(super) fn whole(field: &str) -> Option<i64> {
    let field = field.strip_prefix('+').unwrap_or(field);
    match field.parse() {
        Ok(value) => Some(value),
        Err(_) => real(field).filter(|value| value.fract() == 0.0 && value.abs() < 1e15).map(|value| value as i64),
    }
}

/// Start of the recording to the second, from the date and time fields and, for the century, the EDF+ `Startdate`.
/// `None` if the file does not say or says nonsense, which a reader can live with.
pub(super) fn start(date: &str, time: &str, recording: &str) -> Option<DateTime> {
    let numbers = |field: &str| -> Option<[i16; 3]> {
        let parts: Vec<i16> = field.split(['.', ':', '/', '-']).filter_map(|part| part.trim().parse().ok()).collect();
        parts.try_into().ok()
    };
    let date = startdate(recording).or_else(|| {
        let [day, month, year] = numbers(date)?;
        // EDF: years 85 to 99 are of the 20th century, 00 to 84 of the 21st.
        let year = match year {
            0..=84 => 2000 + year,
            85..=99 => 1900 + year,
            _ => year,
        };
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    })?;
    let [hour, minute, second] = numbers(time)?;
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()?;
    Some(date.to_datetime(time))
}

/// Month names of EDF+.
pub(super) const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

fn startdate(recording: &str) -> Option<Date> {
    let mut words = recording.split_whitespace();
    if words.next()? != "Startdate" {
        return None;
    }
    let mut parts = words.next()?.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
    Date::new(year.parse().ok()?, i8::try_from(month).ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_numbers_are_read_and_nonsense_is_not() {
        assert_eq!(real("-3276,7"), Some(-3276.7));
        assert_eq!(whole("1000.0"), Some(1000));
        assert_eq!(whole("+12"), Some(12));
        for nonsense in ["", "nan", "inf", "1 2", "0x10", "1e999"] {
            assert_eq!(real(nonsense), None, "{nonsense}");
        }
        assert_eq!(whole("1.5"), None);
    }

    #[test]
    fn the_start_is_read_from_either_field() {
        let expected = jiff::civil::datetime(2026, 11, 22, 2, 14, 3, 0);
        assert_eq!(start("22.11.26", "02.14.03", ""), Some(expected));
        assert_eq!(start("22/11/26", "02:14:03", ""), Some(expected));
        assert_eq!(start("22.11.yy", "02.14.03", "Startdate 22-NOV-2026 X X X"), Some(expected));
        assert_eq!(start("01.01.85", "00.00.00", "Startdate X X X X").map(DateTime::year), Some(1985));
        assert_eq!(start("", "", ""), None);
        assert_eq!(start("99.99.99", "02.14.03", ""), None);
    }

    #[test]
    fn micro_signs_of_both_codings_are_understood() {
        assert_eq!(text(b"\xb5V      "), "µV");
        assert_eq!(text("µV     ".as_bytes()), "µV");
        assert_eq!(text(b"uV\0\0    "), "uV");
    }
}

//! The length of a data record as an exact fraction.

use crate::units::Rate;

/// Length of a data record in seconds, an exact reduced fraction above zero, so that `0.0625` gives exact rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordDuration {
    numerator: u32,
    denominator: u32,
}

impl RecordDuration {
    /// `numerator / denominator` seconds; `None` if either is zero.
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        // `Rate` is the same kind of fraction and already reduces.
        Rate::new(numerator, denominator).map(|r| Self { numerator: r.samples(), denominator: r.seconds() })
    }

    /// A whole number of seconds; zero is taken as one.
    pub const fn seconds(seconds: u32) -> Self {
        Self { numerator: if seconds == 0 { 1 } else { seconds }, denominator: 1 }
    }

    /// Seconds as a float.
    pub fn as_seconds(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// Microseconds from the start of record 0 to that of record `index`, rounded to the nearest.
    pub const fn micros_of(self, index: u64) -> u64 {
        let denominator = self.denominator as u128;
        let twice = 2 * index as u128 * self.numerator as u128 * 1_000_000;
        ((twice + denominator) / (2 * denominator)) as u64
    }

    /// Rate of a signal with `samples` in each record; `None` if there are none or the fraction is beyond [`Rate`].
    pub fn rate(self, samples: usize) -> Option<Rate> {
        let (mut samples, mut seconds) = (samples as u64 * u64::from(self.denominator), u64::from(self.numerator));
        let divisor = gcd(samples, seconds).max(1);
        samples /= divisor;
        seconds /= divisor;
        Rate::new(u32::try_from(samples).ok()?, u32::try_from(seconds).ok()?)
    }

    /// From an EDF field such as `1`, `0.0625` or, sloppily, `0,5`; `None` if it is no decimal number above zero.
    pub(super) fn parse(field: &str) -> Option<Self> {
        let (whole, decimals) = field.split_once(['.', ',']).unwrap_or((field, ""));
        let digits: String = whole.trim_start_matches('+').chars().chain(decimals.chars()).collect();
        if digits.len() > 9 || digits.chars().any(|c| !c.is_ascii_digit()) {
            return None;
        }
        Self::new(digits.parse().ok()?, 10_u32.checked_pow(u32::try_from(decimals.len()).ok()?)?)
    }

    /// The exact decimal form of at most eight characters, if there is one.
    pub(super) fn to_field(self) -> Option<String> {
        let decimals = (0..=7).find(|n| 10_u32.pow(*n).is_multiple_of(self.denominator))?;
        let scale = u64::from(10_u32.pow(decimals));
        let digits = u64::from(self.numerator) * (scale / u64::from(self.denominator));
        let (whole, rest) = (digits / scale, digits % scale);
        let text = if decimals == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{rest:0width$}", width = decimals as usize)
        };
        let text = if text.len() > 8 { text.trim_start_matches('0').to_owned() } else { text };
        (text.len() <= 8).then_some(text)
    }
}

const fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_durations_give_exact_rates() {
        let duration = RecordDuration::parse("0.0625").unwrap();
        assert_eq!(duration.rate(64), Some(Rate::hz(1024)));
        assert_eq!(RecordDuration::parse("3").unwrap().rate(1024), Rate::new(1024, 3));
        assert_eq!(RecordDuration::parse("0,5"), RecordDuration::new(1, 2));
        assert_eq!(RecordDuration::parse("3").unwrap().micros_of(2), 6_000_000);
    }

    #[test]
    fn what_is_no_length_is_refused() {
        for text in ["", "0", "0.0", "-1", "1e3", "one", "1.2.3", "nan", "4294967296"] {
            assert_eq!(RecordDuration::parse(text), None, "{text}");
        }
    }

    #[test]
    fn fields_are_written_exactly_or_not_at_all() {
        for text in ["1", "10", "0.0625", "2.5", ".0000001", "99999999"] {
            assert_eq!(RecordDuration::parse(text).unwrap().to_field().as_deref(), Some(text));
        }
        assert_eq!(RecordDuration::new(1, 3).unwrap().to_field(), None);
    }
}

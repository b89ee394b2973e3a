//! Quantities with their units: rational sample rates and UTC instants in microseconds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A sample rate in samples per second, as an exact fraction, so that sample positions never drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rate {
    samples: u32,
    seconds: u32,
}

impl Rate {
    /// Makes `samples` per `seconds`; `None` if either is zero. The fraction is reduced.
    pub const fn new(samples: u32, seconds: u32) -> Option<Self> {
        if samples == 0 || seconds == 0 {
            return None;
        }
        let divisor = gcd(samples, seconds);
        Some(Self { samples: samples / divisor, seconds: seconds / divisor })
    }

    /// A whole number of samples per second; zero is taken as one.
    pub const fn hz(samples: u32) -> Self {
        Self { samples: if samples == 0 { 1 } else { samples }, seconds: 1 }
    }

    /// Numerator: samples in [`Self::seconds`] seconds.
    pub const fn samples(self) -> u32 {
        self.samples
    }

    /// Denominator in seconds.
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// Samples per second as a float, for filter design and display.
    pub fn as_hz(self) -> f64 {
        f64::from(self.samples) / f64::from(self.seconds)
    }

    /// First sample of quarter second `quarter`: floor(quarter · rate / 4).
    pub const fn quarter_start(self, quarter: u64) -> u64 {
        (quarter as u128 * self.samples as u128 / (4 * self.seconds as u128)) as u64
    }

    /// The quarter second that holds sample `index`: the last one that begins at or before it.
    pub const fn quarter_at(self, index: u64) -> u64 {
        (((index as u128 + 1) * 4 * self.seconds as u128 - 1) / self.samples as u128) as u64
    }

    /// The sample at or after `micros` microseconds: ceil(micros · rate).
    pub const fn sample_at_or_after(self, micros: u64) -> u64 {
        (micros as u128 * self.samples as u128).div_ceil(self.seconds as u128 * 1_000_000) as u64
    }

    /// The sample nearest to `micros` microseconds after sample 0.
    pub const fn nearest_sample(self, micros: u64) -> u64 {
        let denominator = self.seconds as u128 * 1_000_000;
        ((2 * micros as u128 * self.samples as u128 + denominator) / (2 * denominator)) as u64
    }

    /// Microseconds from sample 0 to sample `index`, rounded to the nearest.
    pub const fn micros_of(self, index: u64) -> u64 {
        let rate = self.samples as u128;
        ((2 * index as u128 * self.seconds as u128 * 1_000_000 + rate) / (2 * rate)) as u64
    }

    /// First index at `other` rate that is not before sample `index` at this rate: ceil(index · other / self).
    /// The samples of `other` that belong to `[a, b)` of this rate are `[convert(a), convert(b))`.
    pub const fn convert(self, index: u64, other: Rate) -> u64 {
        let numerator = index as u128 * self.seconds as u128 * other.samples as u128;
        numerator.div_ceil(self.samples as u128 * other.seconds as u128) as u64
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} Hz", self.as_hz())
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// An instant in UTC, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMicros(pub i64);

impl UtcMicros {
    /// This instant moved by `seconds` (negative: earlier), rounded to a microsecond.
    pub fn plus_seconds(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * 1e6).round() as i64))
    }

    /// This instant moved by `micros` microseconds.
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Seconds from `earlier` to this instant; negative if `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 as f64 - earlier.0 as f64) / 1e6
    }

    /// The same instant as a [`jiff::Timestamp`], clamped to its range.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// From a [`jiff::Timestamp`], cut to microseconds.
    pub fn from_timestamp(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }

    /// RFC 3339 in UTC with milliseconds and `+00:00`, the form of every wire format.
    pub fn to_rfc3339(self) -> String {
        let utc = self.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
        utc.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_of_a_fractional_rate_never_drift() {
        let rate = Rate::new(1024, 3).unwrap();
        assert_eq!(rate.quarter_start(12), 1024);
        for index in [0, 84, 85, 86, 1023, 1024, 1 << 50] {
            let quarter = rate.quarter_at(index);
            assert!(rate.quarter_start(quarter) <= index && index < rate.quarter_start(quarter + 1));
        }
        assert_eq!(rate.quarter_start(13), 1024 + 85);
        assert_eq!(rate.quarter_start(12_000_000), 1_024_000_000);
    }

    #[test]
    fn acceleration_of_adjoining_stretches_is_neither_lost_nor_doubled() {
        let (emg, acc) = (Rate::hz(1000), Rate::hz(100));
        assert_eq!(emg.convert(0, acc), 0);
        assert_eq!(emg.convert(1, acc), 1);
        assert_eq!(emg.convert(1000, acc), 100);
    }

    #[test]
    fn instants_are_written_with_milliseconds_and_zone() {
        assert_eq!(UtcMicros(1_763_777_643_120_000).to_rfc3339(), "2025-11-22T02:14:03.120+00:00");
    }
}

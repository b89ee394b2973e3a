//! Which days of the diary stand before which nights. It must never count what nobody wrote down as a zero.
//!
//! Night D is paired with diary day D (04:00 to 04:00 local time), but only with things whose time lies before the first minute
//! in which the sensor was worn: what happened after going to bed cannot have caused the night.
//!
//! Silence is not "no". People write more after bad nights, so a missing answer says something about the night, and counting it as
//! "no" would make links out of diligence. `amounts.rs` and `exposures.rs` say when a day's silence is known to be a zero.

mod amounts;
mod days;
mod exposures;
mod values;

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::{Factor, NightSeen};
use crate::diary::{Exposure, Item, Nutrient};
pub use amounts::is_same_day;
use days::Days;
pub use values::{Cut, FactorValues};

/// Which nights count, and how many days a mean needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairOptions {
    /// Least coverage of a night, 0 to 1.
    pub least_coverage: f64,
    /// Least time with valid samples, in seconds.
    pub least_valid_s: f64,
    /// Least logged days of the seven of a mean.
    pub least_days_of_mean: usize,
    /// A day with less than this share of the person's usual energy was logged in part only, 0 to 1.
    pub least_share_of_energy: f64,
}

impl Default for PairOptions {
    fn default() -> Self {
        Self { least_coverage: 0.5, least_valid_s: 3.0 * 3600.0, least_days_of_mean: 4, least_share_of_energy: 0.5 }
    }
}

/// A night that counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedNight {
    /// The local date on which it begins.
    pub night: Date,
    /// Whether there was a cramp.
    pub cramp: bool,
    /// Whether there was one in the night before; `None` if that night was not seen well enough.
    pub previous: Option<bool>,
    /// Whether the next morning is a Saturday or Sunday.
    pub weekend: bool,
    /// How much it counts: its coverage, above 0 and up to 1.
    pub weight: f64,
}

impl PairedNight {
    /// A night of `date`; the weekend follows from the date.
    pub fn new(night: Date, cramp: bool, previous: Option<bool>, weight: f64) -> Self {
        let weekend = matches!(night.weekday(), Weekday::Friday | Weekday::Saturday);
        Self { night, cramp, previous, weekend, weight }
    }
}

/// Nights that do not count, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// The sensor was never worn, so that nobody knows what came before.
    pub never_worn: u32,
    /// Too little of the monitored time was valid.
    pub low_coverage: u32,
    /// Enough of it, but too few hours.
    pub too_short: u32,
    /// Nothing was written down that day before the night.
    pub no_log: u32,
    /// All that was written down of the day was for a time after the sensor was put on.
    pub logged_late: u32,
}

impl LeftOut {
    /// All of them.
    pub const fn total(&self) -> u32 {
        self.never_worn + self.low_coverage + self.too_short + self.no_log + self.logged_late
    }
}

/// Nights with what came before each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paired {
    /// The nights that count, by date, each date once.
    pub nights: Vec<PairedNight>,
    /// Every factor that was there on at least one of their days; each has a value for each night.
    pub factors: Vec<FactorValues>,
    /// The nights that do not count.
    pub left_out: LeftOut,
}

/// Pairs nights with the diary.
///
/// Amounts and exposures of the same day count for fluid, sodium, fibre, alcohol, caffeine and everything that was done;
/// for minerals and vitamins that the body stores the mean of this day and the six before, over those that were logged.
/// Of two nights of one date the one with more valid time counts.
pub fn pair(nights: &[NightSeen], items: &[Item], zone: &TimeZone, options: &PairOptions) -> Paired {
    let mut left_out = LeftOut::default();
    let mut seen: BTreeMap<Date, &NightSeen> = BTreeMap::new();
    for night in nights {
        let kept = seen.entry(night.night).or_insert(night);
        if night.valid_s > kept.valid_s {
            *kept = night;
        }
    }
    seen.retain(|_, night| watched_enough(night, options, &mut left_out));

    let days = Days::new(items, zone, options);
    let mut paired = Paired::default();
    let mut rows = Vec::with_capacity(seen.len());
    for (&date, night) in &seen {
        let Some(before) = night.first_worn_at.and_then(|worn| days.before(date, worn)) else {
            *(if days.has(date) { &mut left_out.logged_late } else { &mut left_out.no_log }) += 1;
            continue;
        };
        let previous = date.checked_sub(1.day()).ok().and_then(|date| seen.get(&date));
        let previous = previous.map(|night| night.cramps > 0);
        paired.nights.push(PairedNight::new(date, night.cramps > 0, previous, night.coverage()));
        rows.push(days.values(date, &before));
    }
    paired.left_out = left_out;
    let nutrients = Nutrient::ALL.into_iter().map(Factor::Nutrient);
    let factors = nutrients.chain(Exposure::ALL.into_iter().map(Factor::Exposure));
    for (place, factor) in factors.enumerate() {
        let values: Vec<Option<f64>> = rows.iter().map(|row| row[place]).collect();
        if values.iter().flatten().any(|&value| value > 0.0) {
            paired.factors.push(FactorValues { factor, values });
        }
    }
    paired
}

fn watched_enough(night: &NightSeen, options: &PairOptions, left_out: &mut LeftOut) -> bool {
    // Written so that a time that is not a number leaves the night out.
    let covered = night.coverage() >= options.least_coverage && night.coverage() > 0.0;
    let long = night.valid_s >= options.least_valid_s;
    match (night.first_worn_at, covered, long) {
        (None, ..) => left_out.never_worn += 1,
        (_, false, _) => left_out.low_coverage += 1,
        (.., false) => left_out.too_short += 1,
        _ => return true,
    }
    false
}

#[cfg(test)]
mod tests;

//! The diary cut into its days.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::PairOptions;
use super::amounts::{DayAmounts, is_same_day};
use super::exposures::{Asked, DayExposures};
use crate::clock::{diary_day_bounds, diary_day_of};
use crate::diary::{Exposure, Item, Nutrient};
use crate::units::UtcMicros;

/// Places of a row: nutrients in their order, then exposures in theirs.
pub(super) const PLACES: usize = Nutrient::ALL.len() + Exposure::ALL.len();

const DAYS_OF_MEAN: i64 = 7;

/// All days of a diary.
pub(super) struct Days<'items> {
    items: BTreeMap<Date, Vec<&'items Item>>,
    whole: BTreeMap<Date, DayAmounts>,
    asked: Asked,
    least_energy: f64,
    least_days: usize,
}

/// What was written down of a day before its night.
pub(super) struct Before {
    amounts: DayAmounts,
    exposures: DayExposures,
}

impl<'items> Days<'items> {
    pub(super) fn new(items: &'items [Item], zone: &TimeZone, options: &PairOptions) -> Self {
        let mut sorted: Vec<&Item> = items.iter().collect();
        sorted.sort_by_key(|item| item.at);
        let mut days: BTreeMap<Date, Vec<&Item>> = BTreeMap::new();
        // Time zone arithmetic is the slow part: once a day, not once an item.
        let mut current: Option<(Date, UtcMicros)> = None;
        for item in sorted {
            let (date, end) = match current {
                Some((date, end)) if item.at < end => (date, end),
                _ => {
                    let date = diary_day_of(item.at, zone);
                    (date, diary_day_bounds(date, zone).1)
                }
            };
            current = Some((date, end));
            days.entry(date).or_default().push(item);
        }
        let whole: BTreeMap<Date, DayAmounts> =
            days.iter().map(|(&date, items)| (date, DayAmounts::of(items.iter().copied()))).collect();
        let mut energies: Vec<f64> = whole.values().map(DayAmounts::energy).filter(|&energy| energy > 0.0).collect();
        energies.sort_by(f64::total_cmp);
        let usual = energies.get(energies.len() / 2).copied().unwrap_or(0.0);
        Self {
            asked: Asked::of(items),
            items: days,
            whole,
            least_energy: usual * options.least_share_of_energy,
            least_days: options.least_days_of_mean,
        }
    }

    /// What was written down of `date` for a time before `worn`; `None` if nothing was.
    pub(super) fn before(&self, date: Date, worn: UtcMicros) -> Option<Before> {
        let items = self.items.get(&date)?;
        let items = &items[..items.partition_point(|item| item.at < worn)];
        (!items.is_empty()).then(|| Before {
            amounts: DayAmounts::of(items.iter().copied()),
            exposures: DayExposures::of(items.iter().copied()),
        })
    }

    /// Whether anything was written down of `date`, also for a time after the sensor was put on.
    pub(super) fn has(&self, date: Date) -> bool {
        self.items.contains_key(&date)
    }

    /// The value of every factor for the night of `date`, in the order of [`PLACES`].
    pub(super) fn values(&self, date: Date, before: &Before) -> [Option<f64>; PLACES] {
        let mut row = [None; PLACES];
        for (place, nutrient) in Nutrient::ALL.into_iter().enumerate() {
            // Energy follows from everything eaten and no remedy asks for it: it would only take from the others.
            row[place] = if nutrient == Nutrient::Energy {
                None
            } else if is_same_day(nutrient) {
                self.amount(date, &before.amounts, nutrient)
            } else {
                self.mean(date, &before.amounts, nutrient)
            };
        }
        for (place, exposure) in Exposure::ALL.into_iter().enumerate() {
            row[Nutrient::ALL.len() + place] = before.exposures.answer(exposure, &self.asked);
        }
        row
    }

    /// An amount of `date`, if the day was logged well enough to say.
    fn amount(&self, date: Date, amounts: &DayAmounts, nutrient: Nutrient) -> Option<f64> {
        // Whether the day was logged in full is judged on all of it, also on what came after going to bed.
        let energy = self.whole.get(&date).map_or(0.0, DayAmounts::energy);
        amounts.known(nutrient, energy >= self.least_energy)
    }

    fn mean(&self, date: Date, today: &DayAmounts, nutrient: Nutrient) -> Option<f64> {
        let first = date.checked_sub((DAYS_OF_MEAN - 1).days()).unwrap_or(date);
        let earlier = self.whole.range(first..date);
        let earlier = earlier.filter_map(|(&date, amounts)| self.amount(date, amounts, nutrient));
        let known: Vec<f64> = earlier.chain(self.amount(date, today, nutrient)).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        // Rounded, so that the same pill each day is the same mean each day.
        (known.len() >= self.least_days.max(1)).then(|| (mean * 1e6).round() / 1e6)
    }
}

//! How well the plan was kept: from the person's own marks, else from the diary. A day that says nothing is unknown.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Habit, Plan};
use crate::clock::diary_day_of;
use crate::diary::{Exposure, IntakeSource, Item, ItemKind};

/// Days by whether they went as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Adherence {
    /// The habit was kept on a day with it, or left on a day without.
    pub as_planned: u32,
    /// The other way round.
    pub otherwise: u32,
    /// Nobody said.
    pub unknown: u32,
}

impl Adherence {
    /// Share of the days that are known, 0 to 1; `None` if none is.
    pub fn share(&self) -> Option<f64> {
        let known = self.as_planned + self.otherwise;
        (known > 0).then(|| f64::from(self.as_planned) / f64::from(known))
    }
}

impl Plan {
    /// How the days up to and with `until` went. `marks` say whether the habit was kept on a day and go before the diary; a
    /// supplement counts as left on a day that names other food, drink or pills, anything else only on an answered "no".
    pub fn adherence(&self, items: &[Item], marks: &BTreeMap<Date, bool>, zone: &TimeZone, until: Date) -> Adherence {
        let mut kept: BTreeMap<Date, bool> = BTreeMap::new();
        for item in items {
            if let Some(done) = self.habit.done(item) {
                *kept.entry(diary_day_of(item.at, zone)).or_default() |= done;
            }
        }
        kept.extend(marks);
        let mut adherence = Adherence::default();
        for date in self.days_until(until) {
            let Some(block) = self.block_of(date) else { continue };
            match kept.get(&date) {
                Some(&done) if done == block.with => adherence.as_planned += 1,
                Some(_) => adherence.otherwise += 1,
                None => adherence.unknown += 1,
            }
        }
        adherence
    }
}

impl Habit {
    /// Whether a thing of the diary says that the habit was kept, or that it was not; `None` if it says neither.
    fn done(&self, item: &Item) -> Option<bool> {
        match (self, &item.kind) {
            (Self::Supplement { name: own }, ItemKind::Intake { source, name, .. }) => match source {
                IntakeSource::Water => None,
                IntakeSource::Supplement => Some(same_name(own, name)),
                IntakeSource::Food | IntakeSource::Drink => Some(false),
            },
            (Self::Stretching, ItemKind::Exposure { exposure: Exposure::Stretch, amount })
            | (Self::Massage, ItemKind::Exposure { exposure: Exposure::Massage, amount })
            | (Self::Warmth, ItemKind::Exposure { exposure: Exposure::Heat, amount }) => Some(*amount > 0.0),
            _ => None,
        }
    }
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

//! What was done on one day, and when its silence is a "no".
//!
//! An answer counts as it was given. A day without one is unknown, with one exception: if the person never answered "no" to this
//! exposure (it is not among the questions of the evening), but answered "no" to another one on that day, somebody went through
//! the day and left this out: then it is a "no". A day without any check-in stays unknown, whatever else was logged.

use crate::diary::{Exposure, Item, ItemKind};

/// Exposures that this person has ever answered with "no".
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked([bool; Exposure::ALL.len()]);

impl Asked {
    pub(super) fn of(items: &[Item]) -> Self {
        let mut asked = Self::default();
        for (exposure, amount) in items.iter().filter_map(answer_of) {
            asked.0[exposure as usize] |= amount == 0.0;
        }
        asked
    }
}

/// The answers of one day before its night.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DayExposures {
    answers: [Option<f64>; Exposure::ALL.len()],
    checked_in: bool,
}

impl DayExposures {
    pub(super) fn of<'items>(items: impl Iterator<Item = &'items Item>) -> Self {
        let mut day = Self::default();
        for (exposure, amount) in items.filter_map(answer_of) {
            day.checked_in |= amount == 0.0;
            *day.answers[exposure as usize].get_or_insert(0.0) += amount;
        }
        day
    }

    /// Minutes, or 1 and 0 for yes and no; `None` if nobody knows.
    pub(super) fn answer(&self, exposure: Exposure, asked: &Asked) -> Option<f64> {
        match self.answers[exposure as usize] {
            Some(amount) if exposure.in_minutes() => Some(amount).filter(|amount| amount.is_finite()),
            Some(amount) => Some(f64::from(u8::from(amount > 0.0))),
            None => (self.checked_in && !asked.0[exposure as usize]).then_some(0.0),
        }
    }
}

fn answer_of(item: &Item) -> Option<(Exposure, f64)> {
    match item.kind {
        ItemKind::Exposure { exposure, amount } if amount.is_finite() && amount >= 0.0 => Some((exposure, amount)),
        _ => None,
    }
}

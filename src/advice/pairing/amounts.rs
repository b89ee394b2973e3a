//! What was taken in on one day, and when its silence is a zero.
//!
//! A nutrient of a day is known if at least half of the things that could bring it say how much they bring, and if the day was
//! logged for it at all:
//! * water: something was drunk;
//! * alcohol and caffeine: a food or drink that says how much it brings, also if that is nothing. Plain water and pills do not
//!   count: writing down a glass of water does not say that no wine was drunk;
//! * what comes with alcohol (the water and energy of wine) counts for alcohol alone, or it would share, or steal, its effect;
//! * all others: the day has at least half of the person's usual energy. Someone who logs pills only has no energy at all, and
//!   then each day with a log counts.

use crate::diary::{ALCOHOL_NOT_SAID, IntakeSource, Item, ItemKind, NO_ALCOHOL, Nutrient};

/// What an evening's "yes" to alcohol counts, in g: more than none, as a "yes" to exercise counts one minute.
const ALCOHOL_OF_A_YES_G: f64 = 1.0;

/// Whether the night is set against this day alone; otherwise against the mean of seven days.
pub const fn is_same_day(nutrient: Nutrient) -> bool {
    matches!(
        nutrient,
        Nutrient::Energy
            | Nutrient::Water
            | Nutrient::Sodium
            | Nutrient::Fibre
            | Nutrient::Alcohol
            | Nutrient::Caffeine
    )
}

#[derive(Debug, Clone, Copy, Default)]
struct Told {
    amount: f64,
    say: u32,
    silent: u32,
    /// Whether something was taken in that makes the day one that was logged for this nutrient.
    logged: bool,
}

/// The amounts of one day, or of its part before the night.
#[derive(Debug, Clone, Default)]
pub(super) struct DayAmounts([Told; Nutrient::ALL.len()]);

impl DayAmounts {
    pub(super) fn of<'items>(items: impl Iterator<Item = &'items Item>) -> Self {
        let mut day = Self::default();
        for item in items {
            let ItemKind::Intake { source, brings, name } = &item.kind else { continue };
            let said_yes = name == ALCOHOL_NOT_SAID && brings.get(Nutrient::Alcohol).is_none();
            let brings = if said_yes { brings.with(Nutrient::Alcohol, Some(ALCOHOL_OF_A_YES_G)) } else { *brings };
            let alcoholic = said_yes || name == NO_ALCOHOL || brings.get(Nutrient::Alcohol).is_some_and(|g| g > 0.0);
            for (told, nutrient) in day.0.iter_mut().zip(Nutrient::ALL) {
                let of_something_else = (*source == IntakeSource::Water && nutrient != Nutrient::Water)
                    || (alcoholic && nutrient != Nutrient::Alcohol);
                if of_something_else {
                    continue;
                }
                match brings.get(nutrient).filter(|amount| amount.is_finite() && *amount >= 0.0) {
                    Some(amount) => {
                        told.amount += amount;
                        told.say += 1;
                        told.logged |= logs(*source, nutrient);
                    }
                    None => told.silent += 1,
                }
            }
        }
        day
    }

    /// Known energy, in kcal.
    pub(super) fn energy(&self) -> f64 {
        self.0[Nutrient::Energy as usize].amount
    }

    /// The amount, if it is known; `full` says whether the day was logged in full.
    pub(super) fn known(&self, nutrient: Nutrient, full: bool) -> Option<f64> {
        let told = self.0[nutrient as usize];
        let judged_by_energy = !matches!(nutrient, Nutrient::Water | Nutrient::Alcohol | Nutrient::Caffeine);
        let known = told.logged && told.say >= told.silent && (full || !judged_by_energy) && told.amount.is_finite();
        known.then_some(told.amount)
    }
}

const fn logs(source: IntakeSource, nutrient: Nutrient) -> bool {
    match nutrient {
        Nutrient::Water => matches!(source, IntakeSource::Water | IntakeSource::Drink),
        Nutrient::Alcohol | Nutrient::Caffeine => matches!(source, IntakeSource::Food | IntakeSource::Drink),
        _ => true,
    }
}

//! What one entry can bring at most, only to catch slips of the unit or the decimal point. What is too much for a person is
//! for the safety rules to say.

use super::amount;
use super::entry::EntryKind;
use super::nutrient::{Nutrient, Nutrients};
use super::supplements::most_of;

/// Why an entry was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// More of a nutrient than any food, drink or supplement brings at once.
    #[error(
        "found {amount:.0} {unit} of {nutrient} in one entry, expected at most {most} {unit}; check the unit and the \
         decimal point, or log it in parts"
    )]
    Nutrient {
        /// The nutrient.
        nutrient: &'static str,
        /// How much of it, in `unit`.
        amount: f64,
        /// The nutrient's unit.
        unit: &'static str,
        /// The most that is taken for real, in `unit`.
        most: f64,
    },
    /// More than anybody drinks at once.
    #[error(
        "found {millilitres:.0} ml in one entry, expected at most {} ml; check the unit, or log it in parts",
        amount::MAX_ML
    )]
    Volume {
        /// How much, in ml.
        millilitres: f64,
    },
}

/// The most of a nutrient that one entry is taken for real with, in the nutrient's unit. An entry may stand for a whole
/// day, as an imported sum does.
pub const fn most_in_one_entry(kind: EntryKind, nutrient: Nutrient) -> f64 {
    let most = match nutrient {
        // Three kilograms of oil are 27,000 kcal.
        Nutrient::Energy => 30_000.0,
        Nutrient::Water => 20_000.0,
        Nutrient::Magnesium | Nutrient::VitaminB1 | Nutrient::VitaminB6 => 5_000.0,
        Nutrient::Potassium | Nutrient::Calcium | Nutrient::VitaminB5 => 20_000.0,
        // 127 g of salt.
        Nutrient::Sodium => 50_000.0,
        Nutrient::VitaminD => 15_000.0,
        Nutrient::VitaminB12 | Nutrient::VitaminK1 | Nutrient::VitaminK2 => 50_000.0,
        Nutrient::Fibre => 500.0,
        // Four bottles of spirits, and ten times a large day's coffee.
        Nutrient::Alcohol => 1_000.0,
        Nutrient::Caffeine => 5_000.0,
    };
    match (kind, most_of(nutrient)) {
        (EntryKind::Supplement, Some(of_supplement)) if of_supplement < most => of_supplement,
        _ => most,
    }
}

/// Checks what an entry brings, and its volume in ml if it has one.
///
/// # Errors
/// What is far beyond any entry.
pub fn check_limits(kind: EntryKind, brings: &Nutrients, millilitres: Option<f64>) -> Result<(), LimitError> {
    if let Some(millilitres) = millilitres.filter(|ml| *ml > amount::MAX_ML) {
        return Err(LimitError::Volume { millilitres });
    }
    for nutrient in Nutrient::ALL {
        let most = most_in_one_entry(kind, nutrient);
        if let Some(amount) = brings.get(nutrient).filter(|amount| *amount > most) {
            return Err(LimitError::Nutrient { nutrient: nutrient.name(), amount, unit: nutrient.unit(), most });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diary::{Foods, drinks};

    #[test]
    fn two_kilograms_of_magnesium_are_no_entry() {
        let brings = Nutrients::default().with(Nutrient::Magnesium, Some(2e6));
        let message = check_limits(EntryKind::Supplement, &brings, None).unwrap_err().to_string();
        assert!(message.contains("2000000 mg of magnesium") && message.contains("at most 5000 mg"), "{message}");
    }

    #[test]
    fn a_pound_of_any_everyday_food_and_a_litre_of_any_mild_drink_are_entries() {
        for everyday in Foods::builtin().everyday() {
            assert_eq!(check_limits(EntryKind::Food, &everyday.food.brings(500.0), None), Ok(()), "{}", everyday.name);
        }
        for drink in drinks().iter().filter(|drink| drink.caffeine_mg_per_100ml < 500.0) {
            let brings = drink.brings(1_000.0, None);
            assert_eq!(check_limits(EntryKind::Drink, &brings, Some(1_000.0)), Ok(()), "{}", drink.name);
        }
        assert!(check_limits(EntryKind::Drink, &Nutrients::default(), Some(9_999_000.0)).is_err());
    }
}

//! What was taken in, out of a phrase: which drink or supplement is meant, how much of it, and what that brings.

use super::drinks::{find_drink, suggest_drinks};
use super::nutrient::Nutrients;
use super::phrase::Phrase;
use super::quantity::{Quantity, QuantityError};
use super::supplements::{Meaning, Supplement, SupplementError};
use super::taken_food::take_food;

/// Most suggestions of a message.
const SUGGESTIONS: usize = 5;

/// What was taken in, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The name by which it is known.
    pub name: String,
    /// How much, as it was given; of a portion its count.
    pub value: f64,
    /// The unit as it was given; of a portion its name.
    pub unit: String,
    /// Volume, if it is a drink.
    pub ml: Option<f64>,
    /// What all of it brings.
    pub brings: Nutrients,
}

/// Why a food was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TakenError {
    /// Nothing of that name, or nothing that is written so.
    #[error("found the {what} {found:?}, expected one that is known{}", suggestions(.near, "did you mean one of these?"))]
    Unknown {
        /// Food, drink or supplement.
        what: &'static str,
        /// The name.
        found: String,
        /// Names that come near.
        near: Vec<String>,
    },
    /// Several foods fit.
    #[error("found {found:?}, which several foods fit, expected one of them{}", suggestions(.near, "write the name of one:"))]
    Ambiguous {
        /// The name.
        found: String,
        /// The foods.
        near: Vec<String>,
    },
    /// How much is not said, or a count without a portion.
    #[error("found no amount of {name:?}, expected a mass such as 100g{}", suggestions(.portions, "or one of its portions:"))]
    NoAmount {
        /// The food.
        name: String,
        /// Its portions.
        portions: Vec<String>,
    },
    /// A volume of something whose density is unknown.
    #[error(
        "found the volume {found} of {name:?}, of which nobody knows what a millilitre weighs, expected a mass such as 100g"
    )]
    NoDensity {
        /// The volume.
        found: String,
        /// The food.
        name: String,
    },
    /// Nobody weighs food in mg: it was meant as a supplement, or as something else.
    #[error(
        "found {found} of {name:?}, expected g, ml or a portion: mg are for supplements (crampwatch log supplement NAME \
         {found}); check the unit"
    )]
    Milligrams {
        /// The amount.
        found: String,
        /// The food.
        name: String,
    },
    /// More than anybody eats.
    #[error("found {found} of {name:?}, which is {grams:.0} g, expected at most 3000 g in one entry; check the unit")]
    TooMuch {
        /// The amount.
        found: String,
        /// The food.
        name: String,
        /// What it is in g.
        grams: f64,
    },
    /// How much of a drink is not said, or a count.
    #[error("found no volume of {name:?}, expected one such as 150ml; a usual {serving} is {serving_ml} ml")]
    NoVolume {
        /// The drink.
        name: &'static str,
        /// What it is served in.
        serving: &'static str,
        /// What that holds, in ml.
        serving_ml: f64,
    },
    /// How much of a supplement is not said.
    #[error("found no amount of {name:?}, expected one as on the label, such as 300mg, 25µg or 800IU")]
    NoDose {
        /// The supplement.
        name: &'static str,
    },
    /// The amount is none.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// The supplement is none, or its amount does not fit it.
    #[error(transparent)]
    Supplement(#[from] SupplementError),
}

fn suggestions(near: &[String], lead: &str) -> String {
    if near.is_empty() {
        return String::new();
    }
    let lines: String = near.iter().map(|name| format!("\n  {name}")).collect();
    format!("; {lead}{lines}")
}

/// Finds the drink of a phrase and what it brings at its usual strength, or at `abv_percent`. A drink of the table of
/// foods, such as milk, will do if it is given as a volume and without a strength.
///
/// # Errors
/// An unknown drink with names that come near, or an amount that is no volume.
pub fn take_drink(phrase: &Phrase, abv_percent: Option<f64>) -> Result<Taken, TakenError> {
    let Some(drink) = find_drink(&phrase.name) else {
        let volume = phrase.given.as_ref().map(super::quantity::Given::volume_ml).transpose()?;
        if let (Some(ml), None, Ok(taken)) = (volume, abv_percent, take_food(phrase, &[])) {
            return Ok(Taken { ml: Some(ml), ..taken });
        }
        let near = suggest_drinks(&phrase.name, SUGGESTIONS).into_iter().map(str::to_owned).collect();
        return Err(TakenError::Unknown { what: "drink", found: phrase.name.chars().take(60).collect(), near });
    };
    match phrase.given.as_ref() {
        Some(given) if !matches!(given.quantity, Quantity::Pieces(_)) => {
            let ml = given.volume_ml()?;
            let brings = drink.brings(ml, abv_percent);
            Ok(Taken {
                name: drink.name.to_owned(),
                value: given.value,
                unit: given.unit.clone(),
                ml: Some(ml),
                brings,
            })
        }
        _ => Err(TakenError::NoVolume { name: drink.name, serving: drink.serving, serving_ml: drink.serving_ml }),
    }
}

/// Finds the supplement of a phrase and what it brings; with `elemental` the amount is that of the mineral in it.
///
/// # Errors
/// An unknown supplement with names that come near, or an amount that does not fit it.
pub fn take_supplement(phrase: &Phrase, elemental: bool) -> Result<Taken, TakenError> {
    let supplement = Supplement::find(&phrase.name)?;
    let given = phrase.given.as_ref().ok_or(TakenError::NoDose { name: supplement.name })?;
    let meaning = if elemental { Meaning::Elemental } else { supplement.usual_meaning() };
    let brings = supplement.brings(&given.quantity, meaning)?;
    let elemental_only = elemental && supplement.usual_meaning() == Meaning::Compound;
    let name = if elemental_only { format!("{} (elemental)", supplement.name) } else { supplement.name.to_owned() };
    Ok(Taken { name, value: given.value, unit: given.unit.clone(), ml: None, brings })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::diary::{Measures, Nutrient, split_phrase};

    fn phrase(text: &str) -> Phrase {
        split_phrase(text, &Measures::default()).unwrap()
    }

    #[test]
    fn wine_brings_its_alcohol_at_its_usual_strength_or_at_the_bottles() {
        let grams = |abv| take_drink(&phrase("wine 150ml"), abv).unwrap().brings.get(Nutrient::Alcohol).unwrap();
        assert!((grams(Some(13.0)) - 150.0 * 0.13 * 0.789).abs() < 1e-9);
        assert!(grams(None) > 10.0 && grams(None) < 20.0, "{}", grams(None));
    }

    #[test]
    fn milk_is_a_drink_too_and_keeps_its_volume() {
        let milk = take_drink(&phrase("milk 200ml"), None).unwrap();
        assert_eq!(milk.ml, Some(200.0));
        assert!(milk.brings.get(Nutrient::Calcium).unwrap() > 200.0);
    }

    #[test]
    fn of_a_compound_the_mineral_is_counted_and_elemental_is_taken_at_its_word() {
        let magnesium = |elemental| {
            let taken = take_supplement(&phrase("magnesium citrate 300mg"), elemental).unwrap();
            (taken.brings.get(Nutrient::Magnesium).unwrap(), taken.name)
        };
        assert!(magnesium(false).0 < 60.0, "{:?}", magnesium(false));
        assert_eq!(magnesium(true), (300.0, "magnesium citrate (elemental)".to_owned()));
    }

    #[rstest]
    #[case("wne 150ml", "wine")]
    #[case("wine 150g", "a volume")]
    #[case("wine", "expected one such as 150ml")]
    #[case("2 wine", "expected one such as 150ml")]
    fn drinks_that_cannot_be_told_are_refused(#[case] text: &str, #[case] says: &str) {
        let message = take_drink(&phrase(text), None).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }

    #[rstest]
    #[case("magnesium citrat 300mg", "magnesium citrate")]
    #[case("magnesium citrate", "as on the label")]
    #[case("magnesium citrate 3 h", "mg")]
    fn supplements_that_cannot_be_told_are_refused(#[case] text: &str, #[case] says: &str) {
        let message = take_supplement(&phrase(text), false).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }
}

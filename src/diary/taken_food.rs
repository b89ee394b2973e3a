//! A food out of a phrase: which one is meant, how much of it, and what that brings. It must never guess either.

use super::foods::{Foods, Portion};
use super::nutrient::Nutrients;
use super::phrase::Phrase;
use super::quantity::{Given, Quantity};
use super::taken::{Taken, TakenError};
use crate::store::OwnFoodRow;

/// Foods that fit about as well as the best one make it ambiguous.
const AMBIGUOUS_WITHIN: f64 = 0.5;
/// Most suggestions of a message.
const SUGGESTIONS: usize = 5;
/// Most food of one entry, in g.
const MOST_GRAMS: f64 = 3_000.0;

/// Finds the food of a phrase, among a person's own ones first, and what it brings.
///
/// # Errors
/// An unknown or ambiguous name with the foods that come near, or an amount that does not fit it.
pub fn take_food(phrase: &Phrase, own: &[OwnFoodRow]) -> Result<Taken, TakenError> {
    let without_portion = phrase.portion_word.as_deref().and_then(|word| phrase.name.strip_suffix(word)).map(str::trim);
    for (name, word) in [(Some(phrase.name.as_str()), None), (without_portion, phrase.portion_word.as_deref())] {
        let Some(name) = name else { continue };
        if let Some((food, word)) = own_food(own, name, word) {
            let portions: Vec<(&str, f64)> = food.portions.iter().map(|(name, g)| (name.as_str(), *g)).collect();
            let portion = word.and_then(|word| portions.iter().find(|(name, _)| same_word(name, word)).copied());
            let amount = amount(phrase.given.as_ref(), &food.name, portion, &portions, |_| None)?;
            return Ok(amount.taken(&food.name, food.per_100g));
        }
    }
    let query = phrase.name.as_str();
    let foods = Foods::builtin();
    let exact = foods.all().iter().find(|food| food.name.eq_ignore_ascii_case(query.trim()));
    let (food, portion) = match exact {
        Some(food) => (food, None),
        None => {
            let hits = foods.search(query, SUGGESTIONS);
            let names = || hits.iter().map(|hit| hit.food.name.to_owned()).collect();
            let found = || query.chars().take(60).collect();
            let Some(best) = hits.first().filter(|hit| hit.as_written) else {
                return Err(TakenError::Unknown { what: "food", found: found(), near: names() });
            };
            let rival = hits.get(1).filter(|hit| hit.as_written && best.score - hit.score < AMBIGUOUS_WITHIN);
            if rival.is_some() {
                return Err(TakenError::Ambiguous { found: found(), near: names() });
            }
            (best.food, best.portion)
        }
    };
    let pair = |portion: &Portion| (portion.name, portion.grams);
    let portions: Vec<(&str, f64)> = food.portions.iter().map(pair).collect();
    let amount = amount(phrase.given.as_ref(), food.name, portion.map(pair), &portions, |ml| food.grams_of_volume(ml))?;
    Ok(amount.taken(food.name, food.per_100g))
}

/// The own food of that name, or of that name without its last words if they name one of its portions.
fn own_food<'a, 'b>(
    own: &'a [OwnFoodRow],
    name: &'b str,
    word: Option<&'b str>,
) -> Option<(&'a OwnFoodRow, Option<&'b str>)> {
    own.iter().find_map(|food| {
        let start = name.get(..food.name.len())?;
        if !start.eq_ignore_ascii_case(&food.name) {
            return None;
        }
        let rest = name[food.name.len()..].trim();
        let names_portion = food.portions.iter().any(|(portion, _)| same_word(portion, rest));
        match rest {
            "" => Some((food, word)),
            _ if names_portion => Some((food, Some(rest))),
            _ => None,
        }
    })
}

/// `bowls` is `bowl`.
fn same_word(one: &str, other: &str) -> bool {
    let stem = |word: &str| word.trim().to_lowercase().trim_end_matches('s').to_owned();
    stem(one) == stem(other)
}

struct Mass {
    grams: f64,
    value: f64,
    unit: String,
}

impl Mass {
    fn taken(self, name: &str, per_100g: Nutrients) -> Taken {
        let brings = per_100g.scaled(self.grams / 100.0);
        Taken { name: name.to_owned(), value: self.value, unit: self.unit, ml: None, brings }
    }
}

fn amount(
    given: Option<&Given>,
    name: &str,
    portion: Option<(&str, f64)>,
    portions: &[(&str, f64)],
    grams_of_volume: impl Fn(f64) -> Option<f64>,
) -> Result<Mass, TakenError> {
    let as_given = |given: &Given, grams| Mass { grams, value: given.value, unit: given.unit.clone() };
    let mass = match (given, portion) {
        (None, Some((unit, grams))) => Mass { grams, value: 1.0, unit: unit.to_owned() },
        (Some(Given { quantity: Quantity::Pieces(count), .. }), Some((unit, grams))) => {
            Mass { grams: count * grams, value: *count, unit: unit.to_owned() }
        }
        (None | Some(Given { quantity: Quantity::Pieces(_), .. }), None) => {
            let portions = portions.iter().take(2 * SUGGESTIONS).map(|(name, grams)| format!("{name} ({grams} g)"));
            return Err(TakenError::NoAmount { name: name.to_owned(), portions: portions.collect() });
        }
        (Some(given @ Given { quantity: Quantity::Volume { ml }, .. }), _) => {
            let no_density = || TakenError::NoDensity { found: given.to_string(), name: name.to_owned() };
            as_given(given, grams_of_volume(*ml).ok_or_else(no_density)?)
        }
        (Some(given), _) if ["mg", "µg"].contains(&given.unit.as_str()) => {
            return Err(TakenError::Milligrams { found: given.to_string(), name: name.to_owned() });
        }
        (Some(given), _) => as_given(given, given.mass_mg()? / 1e3),
    };
    if mass.grams > MOST_GRAMS {
        let found = format!("{} {}", mass.value, mass.unit);
        return Err(TakenError::TooMuch { found, name: name.to_owned(), grams: mass.grams });
    }
    Ok(mass)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::diary::{Measures, Nutrient, split_phrase};

    fn take(text: &str) -> Result<Taken, TakenError> {
        let muesli = OwnFoodRow {
            name: "my muesli".to_owned(),
            per_100g: Nutrients::default().with(Nutrient::Magnesium, Some(120.0)),
            portions: vec![("bowl".to_owned(), 60.0)],
            recipe: None,
        };
        take_food(&split_phrase(text, &Measures::default()).unwrap(), &[muesli])
    }

    #[rstest]
    #[case("spinach, raw 100g", "Spinach, raw", 79.0)]
    #[case("spinach 200 g", "Spinach, raw", 158.0)]
    #[case("banana medium", "Bananas, raw", 31.86)]
    #[case("2 medium bananas", "Bananas, raw", 63.72)]
    #[case("my muesli 100g", "my muesli", 120.0)]
    #[case("my muesli 2 bowls", "my muesli", 144.0)]
    #[case("My Muesli bowl", "my muesli", 72.0)]
    fn foods_bring_what_their_amount_brings(#[case] text: &str, #[case] name: &str, #[case] magnesium_mg: f64) {
        let taken = take(text).unwrap();
        assert_eq!(taken.name, name);
        let found = taken.brings.get(Nutrient::Magnesium).unwrap();
        assert!((found - magnesium_mg).abs() < 1e-6, "{found}");
    }

    #[test]
    fn what_the_table_does_not_know_stays_unknown() {
        assert_eq!(take("my muesli 100g").unwrap().brings.get(Nutrient::VitaminD), None);
    }

    #[rstest]
    #[case("spinich 100g", "Spinach, raw")]
    #[case("xqzzy 100g", "expected one that is known")]
    #[case("banana", "medium")]
    #[case("my muesli", "bowl (60 g)")]
    #[case("3 my muesli", "bowl (60 g)")]
    #[case("my muesli 1 cup", "expected a mass")]
    #[case("spinach 3 h", "expected a mass")]
    #[case("300mg water", "log supplement")]
    fn what_cannot_be_told_is_refused_with_what_comes_near(#[case] text: &str, #[case] says: &str) {
        let message = take(text).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }
}

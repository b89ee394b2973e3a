//! A thing with its amount in one phrase, as people write it: `spinach, raw 100g`, `bread 2 slices`, `100g spinach`.

use super::amount::Measures;
use super::quantity::{Given, Quantity, QuantityError, parse_quantity};

/// Most words of an amount, such as `1 1/2 fl oz`.
const MOST_AMOUNT_WORDS: usize = 4;

/// A phrase taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// What it is of.
    pub name: String,
    /// How much, if it was said.
    pub given: Option<Given>,
    /// Of `bread 2 slices` the word that is no unit but may name a portion; it stands in the name too.
    pub portion_word: Option<String>,
}

/// Takes a phrase apart. The amount stands at the end, or else at the begin.
///
/// # Errors
/// An amount that is none, such as `-5g`, `40 l` or `1,500 g`: it must not pass for a part of the name.
///
/// ```
/// use crampwatch::diary::{Measures, split_phrase};
/// let phrase = split_phrase("spinach, raw 100g", &Measures::default())?;
/// assert_eq!((phrase.name.as_str(), phrase.given.unwrap().value), ("spinach, raw", 100.0));
/// # Ok::<(), crampwatch::diary::QuantityError>(())
/// ```
pub fn split_phrase(text: &str, measures: &Measures) -> Result<Phrase, QuantityError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let most = MOST_AMOUNT_WORDS.min(words.len().saturating_sub(1));
    let mut refused = None;
    let mut counted = None;
    for n in (1..=most).rev() {
        let (name, amount) = words.split_at(words.len() - n);
        if !begins_like_a_number(amount[0]) {
            continue;
        }
        match parse_quantity(&amount.join(" "), measures) {
            Ok(given) => return Ok(Phrase { name: name.join(" "), given: Some(given), portion_word: None }),
            Err(QuantityError::UnknownUnit { value, unit }) if unit.chars().all(char::is_alphabetic) => {
                counted = Some((name, value, unit));
            }
            Err(QuantityError::UnknownUnit { .. } | QuantityError::NoNumber { .. }) => {}
            Err(error) => refused = Some(error),
        }
    }
    if let Some(error) = refused {
        return Err(error);
    }
    if let Some((name, value, unit)) = counted {
        let given = Given { value, unit: String::new(), quantity: Quantity::Pieces(value) };
        let name = format!("{} {unit}", name.join(" "));
        return Ok(Phrase { name, given: Some(given), portion_word: Some(unit) });
    }
    for n in (1..=most).rev() {
        let (amount, name) = words.split_at(n);
        if !begins_like_a_number(amount[0]) {
            break;
        }
        match parse_quantity(&amount.join(" "), measures) {
            Ok(given) => return Ok(Phrase { name: name.join(" "), given: Some(given), portion_word: None }),
            Err(QuantityError::UnknownUnit { .. } | QuantityError::NoNumber { .. }) => {}
            Err(error) => refused = Some(error),
        }
    }
    refused.map_or_else(|| Ok(Phrase { name: words.join(" "), given: None, portion_word: None }), Err)
}

fn begins_like_a_number(word: &str) -> bool {
    let unsigned = word.strip_prefix(['-', '−', '+']).unwrap_or(word);
    unsigned.starts_with(|c: char| c.is_ascii_digit() || "½¼¾⅓⅔.,".contains(c))
        && word.contains(|c: char| !",.".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("spinach, raw 100g", "spinach, raw", "100 g")]
    #[case("spinach 100 g", "spinach", "100 g")]
    #[case("100g spinach", "spinach", "100 g")]
    #[case("100 grams of spinach", "of spinach", "100 g")]
    #[case("milk 1 1/2 cups", "milk", "1.5 cup")]
    #[case("vitamin B6 5 mg", "vitamin B6", "5 mg")]
    #[case("omega 3 1000 mg", "omega 3", "1000 mg")]
    #[case("7up 330 ml", "7up", "330 ml")]
    #[case("2 bananas", "bananas", "2")]
    #[case("2 slices bread", "slices bread", "2")]
    #[case("bread 2 slices", "bread slices", "2")]
    #[case("banana medium", "banana medium", "")]
    #[case("milk, 2% fat", "milk, 2% fat", "")]
    #[case("oats 1,5 dl", "oats", "1.5 dl")]
    fn phrases_as_people_write_them(#[case] text: &str, #[case] name: &str, #[case] amount: &str) {
        let phrase = split_phrase(text, &Measures::default()).unwrap();
        assert_eq!(phrase.name, name);
        assert_eq!(phrase.given.map_or_else(String::new, |given| given.to_string()), amount);
    }

    #[rstest]
    #[case("spinach -5g", "above zero")]
    #[case("wine 40 l", "5 l")]
    #[case("oats 1,500 g", "1500")]
    #[case("oats 1.2.3 g", "decimal point")]
    #[case("0 g spinach", "above zero")]
    fn an_amount_that_is_none_does_not_pass_for_a_name(#[case] text: &str, #[case] says: &str) {
        let message = split_phrase(text, &Measures::default()).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }

    proptest! {
        #[test]
        fn any_text_gives_a_phrase_or_an_error(text in "\\PC{0,40}|[a-z]{0,8} [-+]?[0-9.,/]{0,6} ?(g|ml|slices)?") {
            if let Ok(phrase) = split_phrase(&text, &Measures::default()) {
                prop_assert!(phrase.name.len() <= text.len() + 1);
            }
        }
    }
}

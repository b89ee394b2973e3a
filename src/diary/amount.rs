//! Amounts of a drink as people write them: `250ml`, `0,25 l`, `1 glass`, `8 fl oz`.

use std::fmt;

/// Least amount of one entry, in ml: less is a slip (`1.500 ml` meant as 1500).
const MIN_ML: f64 = 5.0;
/// Greatest amount of one entry, in ml: more than anybody drinks at once or notes for one day.
pub(super) const MAX_ML: f64 = 5_000.0;
/// US fluid ounce, exactly: 231 cubic inches / 128.
const US_FLUID_OUNCE_ML: f64 = 29.573_529_562_5;
/// Imperial fluid ounce, exactly: 4.54609 l / 160.
const IMPERIAL_FLUID_OUNCE_ML: f64 = 28.413_062_5;

const EXPECTED: &str = "a number and a unit of volume: ml, cl, dl, l, glass, cup or fl oz, such as 250ml";

/// A unit of volume in which a drink was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Millilitre.
    Millilitre,
    /// Centilitre.
    Centilitre,
    /// Decilitre.
    Decilitre,
    /// Litre.
    Litre,
    /// The person's own glass.
    Glass,
    /// The person's own cup.
    Cup,
    /// US fluid ounce.
    UsFluidOunce,
    /// Imperial fluid ounce.
    ImperialFluidOunce,
}

impl Unit {
    /// The form that is stored and shown; [`parse_amount`] reads it back.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Millilitre => "ml",
            Self::Centilitre => "cl",
            Self::Decilitre => "dl",
            Self::Litre => "l",
            Self::Glass => "glass",
            Self::Cup => "cup",
            Self::UsFluidOunce => "fl oz",
            Self::ImperialFluidOunce => "imp fl oz",
        }
    }

    pub(super) fn millilitres(self, measures: &Measures) -> f64 {
        match self {
            Self::Millilitre => 1.0,
            Self::Centilitre => 10.0,
            Self::Decilitre => 100.0,
            Self::Litre => 1_000.0,
            Self::Glass => measures.glass_ml,
            Self::Cup => measures.cup_ml,
            Self::UsFluidOunce => US_FLUID_OUNCE_ML,
            Self::ImperialFluidOunce => IMPERIAL_FLUID_OUNCE_ML,
        }
    }

    /// Reads a unit; `text` is in lower case with single spaces and without dots.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "ml" | "mls" | "milliliter" | "milliliters" | "millilitre" | "millilitres" => Self::Millilitre,
            "cl" | "centiliter" | "centiliters" | "centilitre" | "centilitres" => Self::Centilitre,
            "dl" | "deciliter" | "deciliters" | "decilitre" | "decilitres" => Self::Decilitre,
            "l" | "liter" | "liters" | "litre" | "litres" => Self::Litre,
            "glass" | "glasses" => Self::Glass,
            "cup" | "cups" => Self::Cup,
            "fl oz" | "floz" | "fluid ounce" | "fluid ounces" | "us fl oz" => Self::UsFluidOunce,
            "imp fl oz" | "uk fl oz" => Self::ImperialFluidOunce,
            _ => return None,
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How much the person's own vessels hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// One glass, in ml.
    pub glass_ml: f64,
    /// One cup, in ml.
    pub cup_ml: f64,
}

impl Default for Measures {
    /// A glass of 200 ml and a cup of 240 ml.
    fn default() -> Self {
        Self { glass_ml: 200.0, cup_ml: 240.0 }
    }
}

/// A volume as it was given and what it is in ml.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// The number that was given.
    pub value: f64,
    /// The unit that was given.
    pub unit: Unit,
    /// The volume in ml, by the measures at the time of the entry.
    pub millilitres: f64,
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.value, self.unit)
    }
}

/// Why an amount was not understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// It does not begin with a number.
    #[error("found {found:?}, expected {EXPECTED}")]
    NoNumber {
        /// The text.
        found: String,
    },
    /// The number cannot be read.
    #[error("found the number {found:?}, expected digits with at most one decimal point, such as 0.25 l")]
    BadNumber {
        /// The number's text.
        found: String,
    },
    /// A comma with three digits behind it is a thousands separator to some and a decimal comma to others.
    #[error("found {found:?}, which may mean {thousands} or {decimal}; write {thousands} or {decimal}")]
    AmbiguousComma {
        /// The number's text.
        found: String,
        /// Read with a thousands separator.
        thousands: String,
        /// Read with a decimal comma.
        decimal: String,
    },
    /// A number without a unit.
    #[error("found {found:?} without a unit, expected {EXPECTED}; did you mean {found}ml?")]
    NoUnit {
        /// The number's text.
        found: String,
    },
    /// A mass, which is no volume of a drink.
    #[error("found the mass {found:?}, expected {EXPECTED}; did you mean {number}ml?")]
    Mass {
        /// The text.
        found: String,
        /// The number's text.
        number: String,
    },
    /// A unit that means different things to different people.
    #[error("found the unit {found:?}, which is not the same everywhere; write {instead}")]
    AmbiguousUnit {
        /// The unit's text.
        found: String,
        /// What to write.
        instead: &'static str,
    },
    /// An unknown unit.
    #[error("found the unit {found:?}, expected {EXPECTED}")]
    UnknownUnit {
        /// The unit's text.
        found: String,
    },
    /// Zero or less.
    #[error("found {found:?}, expected an amount above zero; leave out what was not drunk")]
    NotPositive {
        /// The text.
        found: String,
    },
    /// Far from what one entry can be.
    #[error("found {found:?}, which is {millilitres} ml, expected {MIN_ML} to {MAX_ML} ml in one entry; {hint}")]
    Implausible {
        /// The text.
        found: String,
        /// What it is in ml.
        millilitres: f64,
        /// What to do.
        hint: &'static str,
    },
}

/// Reads an amount of a drink, 5 ml to 5 l, with a decimal point or an unambiguous decimal comma. Never guesses a unit.
///
/// ```
/// use crampwatch::diary::{Measures, parse_amount};
/// assert_eq!(parse_amount("0,25 l", &Measures::default())?.millilitres, 250.0);
/// assert!(parse_amount("300mg water", &Measures::default()).is_err());
/// # Ok::<(), crampwatch::diary::AmountError>(())
/// ```
pub fn parse_amount(text: &str, measures: &Measures) -> Result<Amount, AmountError> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(unsigned.len());
    let (number, unit_text) = unsigned.split_at(end);
    if !number.contains(|c: char| c.is_ascii_digit()) {
        return Err(AmountError::NoNumber { found: shorten(text) });
    }
    let value = parse_number(number)?;
    let unit = parse_unit(number, unit_text)?;
    if negative || value <= 0.0 {
        return Err(AmountError::NotPositive { found: shorten(text) });
    }
    let millilitres = value * unit.millilitres(measures);
    if !(MIN_ML..=MAX_ML).contains(&millilitres) {
        let hint = if millilitres > MAX_ML {
            "check the unit, or log several drinks one by one"
        } else {
            "check the unit and the decimal point"
        };
        return Err(AmountError::Implausible { found: shorten(text), millilitres, hint });
    }
    Ok(Amount { value, unit, millilitres })
}

pub(super) fn parse_number(number: &str) -> Result<f64, AmountError> {
    let bad = || AmountError::BadNumber { found: shorten(number) };
    let Some((whole, fraction)) = number.split_once(',') else {
        return number.parse().map_err(|_| bad());
    };
    if fraction.contains([',', '.']) || whole.contains('.') {
        return Err(bad());
    }
    // 0,250 can only be a decimal comma; 1,250 can be both.
    if fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') {
        let (thousands, decimal) = (format!("{whole}{fraction}"), format!("{whole}.{fraction}"));
        return Err(AmountError::AmbiguousComma { found: number.to_owned(), thousands, decimal });
    }
    format!("{whole}.{fraction}").parse().map_err(|_| bad())
}

fn parse_unit(number: &str, text: &str) -> Result<Unit, AmountError> {
    let words: Vec<String> = text.split_whitespace().map(|word| word.replace('.', "").to_lowercase()).collect();
    let unit = words.join(" ");
    if unit.is_empty() {
        return Err(AmountError::NoUnit { found: shorten(number) });
    }
    if let Some(known) = Unit::parse(&unit) {
        return Ok(known);
    }
    match words[0].as_str() {
        "mg" | "g" | "kg" | "µg" | "μg" | "ug" | "mcg" | "gram" | "grams" | "lb" | "lbs" => {
            Err(AmountError::Mass { found: shorten(&format!("{number}{text}")), number: shorten(number) })
        }
        "oz" | "ounce" | "ounces" => Err(AmountError::AmbiguousUnit {
            found: unit,
            instead: "fl oz for US fluid ounces, imp fl oz for imperial ones, or ml",
        }),
        "pint" | "pints" | "pt" => {
            Err(AmountError::AmbiguousUnit { found: unit, instead: "ml: a US pint is 473 ml, an imperial pint 568 ml" })
        }
        _ => Err(AmountError::UnknownUnit { found: shorten(&unit) }),
    }
}

/// At most 40 characters of what was found, so that a message stays readable.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(39).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("250ml", 250.0)]
    #[case(" 250 ml ", 250.0)]
    #[case("250 mL", 250.0)]
    #[case("+250ml", 250.0)]
    #[case("0.25l", 250.0)]
    #[case(".25 litres", 250.0)]
    #[case("0,25 l", 250.0)]
    #[case("0,250 l", 250.0)]
    #[case("1,5 l", 1500.0)]
    #[case("33cl", 330.0)]
    #[case("2 dl", 200.0)]
    #[case("1 glass", 200.0)]
    #[case("1.5 glasses", 300.0)]
    #[case("1 cup", 240.0)]
    #[case("8 fl oz", 236.588_236_5)]
    #[case("8 fl. oz.", 236.588_236_5)]
    #[case("8 imp fl oz", 227.304_5)]
    fn amounts_as_people_write_them(#[case] text: &str, #[case] millilitres: f64) {
        let amount = parse_amount(text, &Measures::default()).unwrap();
        assert!((amount.millilitres - millilitres).abs() < 1e-9, "{amount:?}");
    }

    #[rstest]
    #[case("300mg water", "mass", "300ml")]
    #[case("40 l", "40000 ml", "check the unit")]
    #[case("1.500 ml", "1.5 ml", "decimal point")]
    #[case("-250ml", "above zero", "-250ml")]
    #[case("0 ml", "above zero", "0 ml")]
    #[case("250", "without a unit", "250ml")]
    #[case("", "\"\"", "such as 250ml")]
    #[case("ml", "\"ml\"", "such as 250ml")]
    #[case("lots", "\"lots\"", "such as 250ml")]
    #[case("1,500 ml", "1500", "1.500")]
    #[case("1.2.3 l", "1.2.3", "at most one decimal point")]
    #[case("1,2,3 l", "1,2,3", "at most one decimal point")]
    #[case("1e3 ml", "\"e3 ml\"", "such as 250ml")]
    #[case("nan ml", "\"nan ml\"", "such as 250ml")]
    #[case("8 oz", "\"oz\"", "fl oz")]
    #[case("1 pint", "not the same everywhere", "568 ml")]
    #[case("3 buckets", "\"buckets\"", "glass, cup")]
    fn refusals_name_what_was_found_and_what_to_write(#[case] text: &str, #[case] found: &str, #[case] remedy: &str) {
        let message = parse_amount(text, &Measures::default()).unwrap_err().to_string();
        assert!(message.contains(found) && message.contains(remedy), "{message}");
    }

    #[test]
    fn glasses_have_the_size_of_the_persons_glass() {
        let measures = Measures { glass_ml: 330.0, ..Measures::default() };
        assert_eq!(parse_amount("2 glasses", &measures).unwrap().millilitres, 660.0);
    }

    #[test]
    fn a_message_about_a_long_text_stays_short() {
        assert!(parse_amount(&"x".repeat(10_000), &Measures::default()).unwrap_err().to_string().len() < 300);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_plausible_amount_or_an_error(text in "\\PC{0,40}|[-+]?[0-9.,]{0,8} ?(ml|l|cup|mg|oz)?") {
            if let Ok(amount) = parse_amount(&text, &Measures::default()) {
                prop_assert!((MIN_ML..=MAX_ML).contains(&amount.millilitres));
            }
        }

        #[test]
        fn what_is_shown_is_read_back(value in 0.01f64..5.0, litres: bool) {
            let text = if litres { format!("{value} l") } else { format!("{} ml", value * 1000.0) };
            let amount = parse_amount(&text, &Measures::default()).unwrap();
            prop_assert_eq!(parse_amount(&amount.to_string(), &Measures::default()).unwrap(), amount);
        }
    }
}

//! How much of anything, as people write it: `250ml`, `100 g`, `800 IU`, `1h30`, `2`.

use std::fmt;

use super::amount::{self, AmountError, Measures, Unit};

/// Most food that one entry can be, in mg (3 kg): a large watermelon slice is 600 g.
const MAX_MASS_MG: f64 = 3e6;
/// Least mass of one entry, in mg (0.01 µg).
const MIN_MASS_MG: f64 = 1e-5;
/// A drop, in ml.
const MIN_ML: f64 = 0.02;
/// Most international units of one entry; the largest single doses of vitamin D on sale are 300,000 IU.
const MAX_INTERNATIONAL_UNITS: f64 = 1e6;
/// Most millimoles of one entry: 1,000 mmol of sodium are 58 g of salt.
const MAX_MILLIMOLES: f64 = 1_000.0;
/// Minutes of a day.
const MAX_MINUTES: f64 = 1_440.0;
const MAX_PIECES: f64 = 100.0;
/// Tablespoon and teaspoon of food labels, in ml (US 21 CFR 101.9(b)(5)(viii)).
const TABLESPOON_ML: f64 = 15.0;
const TEASPOON_ML: f64 = 5.0;
/// Avoirdupois ounce and pound, exactly, in mg.
const OUNCE_MG: f64 = 28_349.523_125;
const POUND_MG: f64 = 453_592.37;

const EXPECTED: &str = "a number and a unit (ml, cl, dl, l, glass, cup, fl oz, tbsp, tsp; kg, g, mg, µg, oz; IU; mmol; min, h), such as 100g";

/// How much, by the kind of its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantity {
    /// A volume.
    Volume {
        /// In ml.
        ml: f64,
    },
    /// A mass.
    Mass {
        /// In mg.
        mg: f64,
    },
    /// International units; what one is depends on the substance.
    InternationalUnits(f64),
    /// Millimoles.
    Millimoles(f64),
    /// A stretch of time.
    Duration {
        /// In minutes.
        minutes: f64,
    },
    /// A bare count, such as 2 of a food's portion or 2 tablets.
    Pieces(f64),
}

impl Quantity {
    /// What it is, in words: `volume`, `mass`…
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Volume { .. } => "volume",
            Self::Mass { .. } => "mass",
            Self::InternationalUnits(_) => "amount in international units",
            Self::Millimoles(_) => "amount in mmol",
            Self::Duration { .. } => "duration",
            Self::Pieces(_) => "count",
        }
    }
}

/// A quantity with the words in which it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The number that was given; minutes where hours and minutes were given.
    pub value: f64,
    /// The unit in its stored form, such as `µg`; empty for a bare count.
    pub unit: String,
    /// What it is.
    pub quantity: Quantity,
}

impl Given {
    /// The volume in ml. `8 oz` is refused with the words for fluid ounces, other kinds with an example.
    pub fn volume_ml(&self) -> Result<f64, QuantityError> {
        match self.quantity {
            Quantity::Volume { ml } => Ok(ml),
            _ if self.unit == "oz" => Err(QuantityError::OunceOfDrink { value: self.value }),
            _ => Err(self.wrong_kind("a volume such as 250ml")),
        }
    }

    /// The mass in mg.
    pub fn mass_mg(&self) -> Result<f64, QuantityError> {
        match self.quantity {
            Quantity::Mass { mg } => Ok(mg),
            _ => Err(self.wrong_kind("a mass such as 100g or 300mg")),
        }
    }

    /// The duration in minutes.
    pub fn minutes(&self) -> Result<f64, QuantityError> {
        match self.quantity {
            Quantity::Duration { minutes } => Ok(minutes),
            _ => Err(self.wrong_kind("a duration such as 45min or 1h30")),
        }
    }

    fn wrong_kind(&self, expected: &'static str) -> QuantityError {
        QuantityError::WrongKind { found: self.to_string(), kind: self.quantity.kind(), expected }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unit.is_empty() {
            return write!(formatter, "{}", self.value);
        }
        write!(formatter, "{} {}", self.value, self.unit)
    }
}

/// Why a quantity was not understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// It does not begin with a number.
    #[error("found {found:?}, expected {EXPECTED}")]
    NoNumber {
        /// The text.
        found: String,
    },
    /// The number cannot be read, or its comma has two meanings.
    #[error(transparent)]
    Number(#[from] AmountError),
    /// An unknown unit; it may be the name of a food's portion, such as `slices`.
    #[error("found the unit {unit:?}, expected {EXPECTED}")]
    UnknownUnit {
        /// The number before it.
        value: f64,
        /// The unit's text, in lower case.
        unit: String,
    },
    /// A unit that means different things to different people.
    #[error("found the unit {found:?}, which is not the same everywhere; write {instead}")]
    AmbiguousUnit {
        /// The unit's text.
        found: String,
        /// What to write.
        instead: &'static str,
    },
    /// An ounce is a mass; of a drink it is unclear which ounce is meant.
    #[error("found {value} oz, a mass, expected a volume; write {value} fl oz, {value} imp fl oz or ml")]
    OunceOfDrink {
        /// The number.
        value: f64,
    },
    /// Zero or less.
    #[error("found {found:?}, expected an amount above zero; leave out what was not taken or done")]
    NotPositive {
        /// The text.
        found: String,
    },
    /// Far from what one entry can be.
    #[error(
        "found {found:?}, expected {expected} in one entry; check the unit and the decimal point, or log it in parts"
    )]
    Implausible {
        /// The text.
        found: String,
        /// The range.
        expected: &'static str,
    },
    /// A mass where a volume was needed, or the like.
    #[error("found {found}, a {kind}, expected {expected}")]
    WrongKind {
        /// What was given.
        found: String,
        /// What it is.
        kind: &'static str,
        /// What was needed.
        expected: &'static str,
    },
}

/// Reads a quantity with a decimal point or an unambiguous decimal comma, or a fraction (`1/2 cup`, `½ cup`). A number
/// without a unit is a count. An ounce is a mass, a fluid ounce a volume. At most 5 l, 3 kg, 24 h, 100 pieces,
/// 1,000,000 IU or 1,000 mmol.
///
/// ```
/// use crampwatch::diary::{Measures, Quantity, parse_quantity};
/// assert_eq!(parse_quantity("1h30", &Measures::default())?.quantity, Quantity::Duration { minutes: 90.0 });
/// # Ok::<(), crampwatch::diary::QuantityError>(())
/// ```
pub fn parse_quantity(text: &str, measures: &Measures) -> Result<Given, QuantityError> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (value, unit_text) = split_number(unsigned)?;
    let words: Vec<String> = unit_text.split_whitespace().map(|word| word.replace('.', "").to_lowercase()).collect();
    let unit = words.join(" ");
    let given = read(value, &unit, measures)?;
    if negative || value <= 0.0 {
        return Err(QuantityError::NotPositive { found: amount::shorten(text) });
    }
    check(given.quantity, text)?;
    Ok(given)
}

/// The number at the start and the rest.
fn split_number(text: &str) -> Result<(f64, &str), QuantityError> {
    let (number, rest) = leading(text, |c| c.is_ascii_digit() || c == '.' || c == ',');
    let whole = if number.contains(|c: char| c.is_ascii_digit()) {
        Some(amount::parse_number(number)?)
    } else if number.is_empty() {
        None
    } else {
        return Err(QuantityError::NoNumber { found: amount::shorten(text) });
    };
    let rest_trimmed = rest.trim_start();
    if let Some(vulgar) = rest_trimmed.chars().next().and_then(vulgar_fraction) {
        return Ok((
            whole.unwrap_or(0.0) + vulgar,
            &rest_trimmed[rest_trimmed.chars().next().map_or(0, char::len_utf8)..],
        ));
    }
    let Some(whole) = whole else {
        return Err(QuantityError::NoNumber { found: amount::shorten(text) });
    };
    if let Some((denominator, rest)) = denominator(rest) {
        return Ok((whole / denominator, rest));
    }
    // "1 1/2 cups"
    let (numerator, after) = leading(rest_trimmed, |c| c.is_ascii_digit());
    if let (Ok(numerator), Some((denominator, rest))) = (numerator.parse::<u8>(), denominator(after)) {
        return Ok((whole + f64::from(numerator) / denominator, rest));
    }
    Ok((whole, rest))
}

fn leading(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// The denominator after a slash, 2 to 255.
fn denominator(text: &str) -> Option<(f64, &str)> {
    let (digits, rest) = leading(text.strip_prefix(['/', '⁄'])?, |c| c.is_ascii_digit());
    let denominator: u8 = digits.parse().ok()?;
    (denominator > 1).then_some((f64::from(denominator), rest))
}

fn vulgar_fraction(sign: char) -> Option<f64> {
    Some(match sign {
        '½' => 0.5,
        '¼' => 0.25,
        '¾' => 0.75,
        '⅓' => 1.0 / 3.0,
        '⅔' => 2.0 / 3.0,
        _ => return None,
    })
}

fn read(value: f64, unit: &str, measures: &Measures) -> Result<Given, QuantityError> {
    let given = |unit: &str, quantity| Ok(Given { value, unit: unit.to_owned(), quantity });
    let volume = |unit, each_ml: f64| given(unit, Quantity::Volume { ml: value * each_ml });
    let mass = |unit, each_mg: f64| given(unit, Quantity::Mass { mg: value * each_mg });
    let duration = |unit, each_minutes: f64| given(unit, Quantity::Duration { minutes: value * each_minutes });
    if let Some(known) = Unit::parse(unit) {
        return volume(known.as_str(), known.millilitres(measures));
    }
    match unit {
        "" | "x" | "piece" | "pieces" | "pc" | "pcs" => given("", Quantity::Pieces(value)),
        "tbsp" | "tbsps" | "tablespoon" | "tablespoons" => volume("tbsp", TABLESPOON_ML),
        "tsp" | "tsps" | "teaspoon" | "teaspoons" => volume("tsp", TEASPOON_ML),
        "kg" | "kgs" | "kilogram" | "kilograms" | "kilogramme" | "kilogrammes" => mass("kg", 1e6),
        "g" | "gr" | "gram" | "grams" | "gramme" | "grammes" => mass("g", 1e3),
        "mg" | "milligram" | "milligrams" | "milligramme" | "milligrammes" => mass("mg", 1.0),
        "µg" | "μg" | "ug" | "mcg" | "microgram" | "micrograms" | "microgramme" | "microgrammes" => mass("µg", 1e-3),
        "oz" | "ounce" | "ounces" => mass("oz", OUNCE_MG),
        "lb" | "lbs" | "pound" | "pounds" => mass("lb", POUND_MG),
        "iu" | "ius" | "international unit" | "international units" => given("IU", Quantity::InternationalUnits(value)),
        "mmol" | "mmols" | "millimole" | "millimoles" => given("mmol", Quantity::Millimoles(value)),
        "s" | "sec" | "secs" | "second" | "seconds" => duration("s", 1.0 / 60.0),
        "min" | "mins" | "minute" | "minutes" => duration("min", 1.0),
        "h" | "hr" | "hrs" | "hour" | "hours" => duration("h", 60.0),
        "pint" | "pints" | "pt" => Err(QuantityError::AmbiguousUnit {
            found: unit.to_owned(),
            instead: "ml: a US pint is 473 ml, an imperial pint 568 ml",
        }),
        "meq" => Err(QuantityError::AmbiguousUnit {
            found: unit.to_owned(),
            instead: "mmol or mg: 1 mmol is 1 mEq of potassium or sodium, but 2 mEq of magnesium or calcium",
        }),
        _ => match hours_and_minutes(value, unit) {
            Some(minutes) => {
                Ok(Given { value: minutes, unit: "min".to_owned(), quantity: Quantity::Duration { minutes } })
            }
            None => Err(QuantityError::UnknownUnit { value, unit: amount::shorten(unit) }),
        },
    }
}

/// `h30`, `h 30 min`: the minutes of both together; whole hours only.
fn hours_and_minutes(hours: f64, text: &str) -> Option<f64> {
    let (hour_word, rest) = leading(text, char::is_alphabetic);
    let (digits, minute_word) = leading(rest.trim_start(), |c| c.is_ascii_digit());
    let minutes: u8 = digits.parse().ok()?;
    let hour_known = matches!(hour_word, "h" | "hr" | "hrs" | "hour" | "hours");
    let minute_known = matches!(minute_word.trim(), "" | "m" | "min" | "mins" | "minute" | "minutes");
    (hour_known && minute_known && minutes < 60 && hours.fract() == 0.0).then(|| hours * 60.0 + f64::from(minutes))
}

fn check(quantity: Quantity, text: &str) -> Result<(), QuantityError> {
    let (value, range, expected) = match quantity {
        Quantity::Volume { ml } => (ml, MIN_ML..=amount::MAX_ML, "0.02 ml (a drop) to 5 l"),
        Quantity::Mass { mg } => (mg, MIN_MASS_MG..=MAX_MASS_MG, "0.01 µg to 3 kg"),
        Quantity::InternationalUnits(units) => (units, 0.01..=MAX_INTERNATIONAL_UNITS, "0.01 to 1000000 IU"),
        Quantity::Millimoles(mmol) => (mmol, 1e-6..=MAX_MILLIMOLES, "up to 1000 mmol"),
        Quantity::Duration { minutes } => (minutes, 1.0 / 60.0..=MAX_MINUTES, "1 second to 24 hours"),
        Quantity::Pieces(count) => (count, 0.01..=MAX_PIECES, "0.01 to 100 pieces, or a unit such as g or ml"),
    };
    if range.contains(&value) {
        return Ok(());
    }
    Err(QuantityError::Implausible { found: amount::shorten(text), expected })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::Quantity::{Duration, InternationalUnits, Mass, Millimoles, Pieces, Volume};
    use super::*;

    fn parse(text: &str) -> Result<Given, QuantityError> {
        parse_quantity(text, &Measures::default())
    }

    #[rstest]
    #[case("250ml", Volume { ml: 250.0 })]
    #[case("0,25 l", Volume { ml: 250.0 })]
    #[case("2 glasses", Volume { ml: 400.0 })]
    #[case("1/2 cup", Volume { ml: 120.0 })]
    #[case("½ cup", Volume { ml: 120.0 })]
    #[case("1½ cups", Volume { ml: 360.0 })]
    #[case("1 1/2 cups", Volume { ml: 360.0 })]
    #[case("8 fl. oz.", Volume { ml: 236.588_236_5 })]
    #[case("2 tbsp", Volume { ml: 30.0 })]
    #[case("1 tsp", Volume { ml: 5.0 })]
    #[case("100 g", Mass { mg: 100_000.0 })]
    #[case("1,5 kg", Mass { mg: 1_500_000.0 })]
    #[case("300mg", Mass { mg: 300.0 })]
    #[case("25 µg", Mass { mg: 0.025 })]
    #[case("25 μg", Mass { mg: 0.025 })]
    #[case("25ug", Mass { mg: 0.025 })]
    #[case("25 mcg", Mass { mg: 0.025 })]
    #[case("2 oz", Mass { mg: 56_699.046_25 })]
    #[case("800 IU", InternationalUnits(800.0))]
    #[case("800 I.U.", InternationalUnits(800.0))]
    #[case("12 mmol", Millimoles(12.0))]
    #[case("45min", Duration { minutes: 45.0 })]
    #[case("1.5 h", Duration { minutes: 90.0 })]
    #[case("1h30", Duration { minutes: 90.0 })]
    #[case("1 h 30 min", Duration { minutes: 90.0 })]
    #[case("30 s", Duration { minutes: 0.5 })]
    #[case("2", Pieces(2.0))]
    #[case("2 x", Pieces(2.0))]
    #[case("0.5", Pieces(0.5))]
    fn quantities_as_people_write_them(#[case] text: &str, #[case] quantity: Quantity) {
        let numbers = |quantity| match quantity {
            Volume { ml: value }
            | Mass { mg: value }
            | Duration { minutes: value }
            | InternationalUnits(value)
            | Millimoles(value)
            | Pieces(value) => value,
        };
        let found = parse(text).unwrap().quantity;
        assert_eq!(found.kind(), quantity.kind());
        assert!((numbers(found) - numbers(quantity)).abs() < 1e-9, "{found:?}");
    }

    #[rstest]
    #[case("40 l", "40 l", "5 l")]
    #[case("5 kg", "5 kg", "3 kg")]
    #[case("25 h", "25 h", "24 hours")]
    #[case("250", "250", "unit such as g or ml")]
    #[case("-3g", "-3g", "above zero")]
    #[case("- 3 g", "- 3 g", "above zero")]
    #[case("0 g", "0 g", "above zero")]
    #[case("0/2 cup", "0/2 cup", "above zero")]
    #[case("1,500 mg", "1500", "1.500")]
    #[case("300mg water", "mg water", "such as 100g")]
    #[case("3 buckets", "buckets", "cup")]
    #[case("1h75", "h75", "min, h")]
    #[case("some", "some", "such as 100g")]
    #[case("", "\"\"", "such as 100g")]
    #[case("1.2.3 g", "1.2.3", "decimal point")]
    #[case("1 pint", "pint", "568 ml")]
    #[case("10 mEq", "meq", "1 mmol")]
    fn refusals_name_what_was_found_and_what_to_write(#[case] text: &str, #[case] found: &str, #[case] remedy: &str) {
        let message = parse(text).unwrap_err().to_string();
        assert!(message.contains(found) && message.contains(remedy), "{message}");
    }

    #[test]
    fn an_unknown_unit_can_be_taken_as_the_name_of_a_portion() {
        let expected = QuantityError::UnknownUnit { value: 2.0, unit: "large slices".to_owned() };
        assert_eq!(parse("2 large slices"), Err(expected));
    }

    #[test]
    fn an_ounce_is_a_mass_and_of_a_drink_it_is_asked_which_ounce() {
        let ounces = parse("8 oz").unwrap();
        assert!((ounces.mass_mg().unwrap() - 226_796.185).abs() < 1e-6);
        assert!(ounces.volume_ml().unwrap_err().to_string().contains("write 8 fl oz"));
        let message = parse("300 mg").unwrap().volume_ml().unwrap_err().to_string();
        assert_eq!(message, "found 300 mg, a mass, expected a volume such as 250ml");
        assert!(parse("2").unwrap().minutes().unwrap_err().to_string().contains("a count"));
        assert_eq!(parse("1h30").unwrap().minutes(), Ok(90.0));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_plausible_quantity_or_an_error(
            text in "\\PC{0,40}|[-+]?[0-9.,/½]{0,8} ?(ml|l|cup|mg|oz|µg|iu|h[0-9]{0,3}|min)?"
        ) {
            if let Ok(given) = parse(&text) {
                prop_assert!(check(given.quantity, &text).is_ok());
                prop_assert!(given.value > 0.0);
            }
        }

        #[test]
        fn what_is_shown_is_read_back(value in 0.05f64..3.0, unit in "ml|cl|l|glass|cup|fl oz|tbsp|tsp|kg|g|mg|µg|oz|lb|IU|mmol|s|min|h|") {
            if let Ok(given) = parse(&format!("{value} {unit}")) {
                prop_assert_eq!(parse(&given.to_string()).unwrap(), given);
            }
        }
    }
}

//! How numbers are written in advice.

use super::link::Factor;
use crate::diary::{Exposure, Nutrient};

/// An amount with its unit, rounded to what a person reads: `250 mg`, `1.2 mg`.
pub(super) fn amount(nutrient: Nutrient, value: f64) -> String {
    format!("{} {}", number(value), nutrient.unit())
}

/// A number with at most one decimal below 20 and none above.
pub(super) fn number(value: f64) -> String {
    let rounded = if value.abs() < 20.0 { (value * 10.0).round() / 10.0 } else { value.round() };
    // The sum takes away the sign of a negative zero.
    format!("{}", rounded + 0.0)
}

/// A share as whole per cent, from 0 to 100.
pub(super) fn per_cent(share: f64) -> String {
    format!("{:.0} %", share.clamp(0.0, 1.0) * 100.0)
}

/// What a factor is called after `days with`.
pub(super) fn factor_name(factor: Factor) -> String {
    let exposure = match factor {
        Factor::Nutrient(nutrient) => return nutrient.to_string(),
        Factor::Exposure(exposure) => exposure,
    };
    match exposure {
        Exposure::Stretch => "stretching".to_owned(),
        Exposure::Sweat => "heavy sweating".to_owned(),
        Exposure::Standing => "long standing".to_owned(),
        Exposure::Sitting => "much sitting".to_owned(),
        Exposure::Position => "the sleeping position that you watch".to_owned(),
        Exposure::Medicine => "the medicine that you log".to_owned(),
        other => other.to_string(),
    }
}

/// A text with its first letter large.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_what_people_read() {
        assert_eq!(amount(Nutrient::VitaminB6, 1.249), "1.2 mg");
        assert_eq!(amount(Nutrient::Magnesium, 249.7), "250 mg");
        assert_eq!(number(-0.01), "0");
        assert_eq!(per_cent(0.678), "68 %");
        assert_eq!(capitalised("after"), "After");
    }
}

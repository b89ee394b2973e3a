//! Supplements and what they bring. An amount of a compound (300 mg of magnesium citrate) is never taken for the same
//! amount of its element: the elemental part follows from the form.

mod table;

#[cfg(test)]
mod tests;

use super::amount::shorten;
use super::nutrient::{Nutrient, Nutrients};
use super::quantity::Quantity;

/// 1 µg of vitamin D is 40 IU (IOM 2011).
const VITAMIN_D_IU_PER_UG: f64 = 40.0;

/// What an amount of a supplement is an amount of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Of the element or vitamin in it, as many labels state it.
    Elemental,
    /// Of the compound as it is named, such as all of the magnesium citrate.
    Compound,
}

/// A supplement of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supplement {
    /// Its name, such as `magnesium citrate`.
    pub name: &'static str,
    /// Other names of it.
    pub other_names: &'static [&'static str],
    content: Content,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Content {
    /// The element or vitamin itself; the molar mass (g/mol) where amounts in mmol are usual.
    Itself { nutrient: Nutrient, molar_mass: Option<f64> },
    /// A compound with a mass fraction of the nutrient and perhaps of another one. A molar mass of 0 means none.
    Compound { nutrient: Nutrient, molar_mass: f64, fraction: f64, beside: Option<(Nutrient, f64)> },
}

/// Why a supplement or its amount was not understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SupplementError {
    /// Not in the table.
    #[error(
        "found the supplement {found:?}, which is not known; did you mean {}? Of a mixture log each nutrient of the \
         label by itself", suggestions.join(", ")
    )]
    Unknown {
        /// The text.
        found: String,
        /// Near names, nearest first.
        suggestions: Vec<&'static str>,
    },
    /// An amount in a unit that says nothing about this supplement.
    #[error("found an {found} of {name}, expected {expected}")]
    WrongUnit {
        /// The supplement.
        name: &'static str,
        /// The kind of what was given.
        found: &'static str,
        /// What is needed.
        expected: &'static str,
    },
    /// Far from what anybody takes at once; a slip of the unit.
    #[error(
        "found {amount} {unit} of {nutrient} in one entry, expected at most {most} {unit}; check the unit (mg or µg?) and \
         the decimal point"
    )]
    Implausible {
        /// The nutrient.
        nutrient: &'static str,
        /// How much of it, in `unit`.
        amount: f64,
        /// The nutrient's unit.
        unit: &'static str,
        /// The most that is taken for real, in `unit`.
        most: f64,
    },
}

impl Supplement {
    /// All supplements of the table.
    pub const fn all() -> &'static [Self] {
        table::ALL
    }

    /// The supplement of that name. The order of words, hyphens and words such as `tablet` do not matter; nothing is
    /// guessed: a near name is only suggested.
    pub fn find(name: &str) -> Result<&'static Self, SupplementError> {
        let asked = key(name);
        let known = |supplement: &&Self| supplement.names().any(|name| key(name) == asked);
        table::ALL
            .iter()
            .find(known)
            .ok_or_else(|| SupplementError::Unknown { found: shorten(name), suggestions: suggest(&asked) })
    }

    /// What it is taken for.
    pub const fn nutrient(&self) -> Nutrient {
        match self.content {
            Content::Itself { nutrient, .. } | Content::Compound { nutrient, .. } => nutrient,
        }
    }

    /// Mass of [`Self::nutrient`] in the mass of the compound, 0 to 1; 1 for the element or vitamin itself.
    pub const fn elemental_fraction(&self) -> f64 {
        match self.content {
            Content::Itself { .. } => 1.0,
            Content::Compound { fraction, .. } => fraction,
        }
    }

    /// What an amount means if the person does not say: of the compound where one is named (`magnesium citrate`), else
    /// of the element (`magnesium`).
    pub const fn usual_meaning(&self) -> Meaning {
        match self.content {
            Content::Itself { .. } => Meaning::Elemental,
            Content::Compound { .. } => Meaning::Compound,
        }
    }

    /// What an amount brings; all that is not in it is a known zero. Masses are of what `meaning` says; mmol are always
    /// of the element, as on labels; IU are of vitamin D only (40 IU = 1 µg).
    pub fn brings(&self, quantity: &Quantity, meaning: Meaning) -> Result<Nutrients, SupplementError> {
        let nutrient = self.nutrient();
        let elemental_mg = match (*quantity, self.content) {
            (Quantity::Mass { mg }, _) if meaning == Meaning::Elemental => mg,
            (Quantity::Mass { mg }, _) => mg * self.elemental_fraction(),
            (Quantity::InternationalUnits(units), _) if nutrient == Nutrient::VitaminD => {
                units / VITAMIN_D_IU_PER_UG / 1_000.0
            }
            (Quantity::Millimoles(mmol), Content::Itself { molar_mass: Some(molar_mass), .. }) => mmol * molar_mass,
            (Quantity::Millimoles(mmol), Content::Compound { molar_mass, .. }) if molar_mass > 0.0 => mmol * molar_mass,
            _ => return Err(self.wrong_unit(*quantity)),
        };
        let amount = elemental_mg * units_per_mg(nutrient);
        let most = most_of(nutrient).unwrap_or(100.0);
        if amount > most {
            let unit = nutrient.unit();
            return Err(SupplementError::Implausible { nutrient: nutrient.name(), amount, unit, most });
        }
        let brings = Nutrients::none_of_any().with(nutrient, Some(amount));
        let Content::Compound { fraction, beside: Some((other, of_other)), .. } = self.content else {
            return Ok(brings);
        };
        Ok(brings.with(other, Some(elemental_mg / fraction * of_other * units_per_mg(other))))
    }

    fn wrong_unit(&self, quantity: Quantity) -> SupplementError {
        let expected = match (self.nutrient(), self.content) {
            (Nutrient::VitaminD, _) => "an amount in IU or µg, such as 800 IU or 20 µg",
            (Nutrient::Fibre, _) => "a mass such as 5 g",
            (_, Content::Itself { molar_mass: None, .. }) => "a mass in mg or µg, as the label says for one piece",
            _ => "a mass such as 300 mg, or mmol of the element, as the label says for one piece",
        };
        let found = match quantity.kind() {
            "amount in international units" => "amount in IU",
            "amount in mmol" => "amount in mmol",
            "volume" => "amount by volume",
            "duration" => "amount in minutes",
            _ => "amount by count",
        };
        SupplementError::WrongUnit { name: self.name, found, expected }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.other_names.iter().copied())
    }
}

/// The nutrient's own units in 1 mg.
fn units_per_mg(nutrient: Nutrient) -> f64 {
    match nutrient.unit() {
        "µg" => 1_000.0,
        "g" => 0.001,
        _ => 1.0,
    }
}

/// More than any product or treatment holds in one dose, in the nutrient's unit: only to catch slips of the unit. What is
/// too much for a person is for the safety rules to say. `None` for what no supplement is taken for.
pub(super) const fn most_of(nutrient: Nutrient) -> Option<f64> {
    Some(match nutrient {
        Nutrient::Magnesium | Nutrient::VitaminB1 | Nutrient::VitaminB6 => 5_000.0,
        Nutrient::Calcium | Nutrient::Potassium => 10_000.0,
        Nutrient::Sodium | Nutrient::VitaminB5 => 20_000.0,
        // Single doses of 600,000 IU are 15,000 µg.
        Nutrient::VitaminD => 15_000.0,
        Nutrient::VitaminB12 | Nutrient::VitaminK1 | Nutrient::VitaminK2 => 50_000.0,
        Nutrient::Fibre => 100.0,
        _ => return None,
    })
}

/// Words in one form and order: `B-12`, `vitamin b12` and `Vit. B12 tablets` are the same.
fn key(name: &str) -> String {
    let name: String = name.chars().take(200).collect::<String>().to_lowercase();
    let mut words: Vec<String> = name
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '/'))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
        .filter(|word| {
            !matches!(word.as_str(), "" | "vitamin" | "vit" | "supplement" | "tablet" | "tablets" | "capsule")
        })
        .filter(|word| {
            !matches!(word.as_str(), "capsules" | "pill" | "pills" | "powder" | "drops" | "the" | "of" | "and")
        })
        .collect();
    words.sort();
    words.join(" ")
}

/// The three nearest names.
fn suggest(asked: &str) -> Vec<&'static str> {
    let likeness = |supplement: &Supplement| {
        let like = |name| {
            let name = key(name);
            let by_letters = strsim::normalized_damerau_levenshtein(asked, &name);
            let shared = name.split(' ').any(|word| asked.split(' ').any(|other| other == word));
            by_letters + if shared { 0.5 } else { 0.0 }
        };
        supplement.names().map(like).fold(0.0, f64::max)
    };
    let mut near: Vec<(f64, &'static str)> =
        table::ALL.iter().map(|supplement| (likeness(supplement), supplement.name)).collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

//! Reference intakes and upper levels of a person. It must never call an intake below a reference a deficiency.

mod table;
#[cfg(test)]
mod tests;

use super::person::Person;
use crate::diary::Nutrient;
use table::{Per, reference_rows, upper_rows};

/// What kind of reference an intake has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// Recommended dietary allowance: covers nearly all healthy people.
    Rda,
    /// Adequate intake: an estimate, where no allowance could be set.
    Ai,
}

impl ReferenceKind {
    /// The letters people read, `RDA` or `AI`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rda => "RDA",
            Self::Ai => "AI",
        }
    }
}

/// A reference intake a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reference {
    /// Amount a day, in the unit of the nutrient.
    pub value: f64,
    /// RDA or AI.
    pub kind: ReferenceKind,
    /// Who set it and when, such as `IOM 1997`.
    pub source: &'static str,
}

/// What counts towards an upper level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Food, drinks and supplements.
    Total,
    /// Supplements and medicines only.
    SupplementsOnly,
}

/// What being over a level means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LevelKind {
    /// Not to be exceeded for long.
    Upper,
    /// No upper level: cutting down to it lowers the risk of chronic disease.
    RiskReduction,
}

/// An amount a day that is better not exceeded for long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UpperLevel {
    /// Amount a day, in the unit of the nutrient.
    pub value: f64,
    /// What being over it means.
    pub kind: LevelKind,
    /// What counts towards it.
    pub scope: Scope,
    /// Who set it and when.
    pub source: &'static str,
    /// What it is called, such as `US upper level`.
    pub name: &'static str,
}

/// The reference intake a day for this person in `year`; of water the one of food and drink together.
///
/// `None` if there is none, or if what is unknown of the person (age, sex, pregnancy) would change it.
pub fn reference(nutrient: Nutrient, person: &Person, year: i16) -> Option<Reference> {
    references(nutrient, person, year).into_iter().next()
}

/// The reference intakes of every body that set one, the US first; empty where [`reference()`] is `None` for all.
pub fn references(nutrient: Nutrient, person: &Person, year: i16) -> Vec<Reference> {
    let mut sources: Vec<&'static str> = Vec::new();
    for row in reference_rows().iter().filter(|row| row.of.nutrient == nutrient) {
        if !sources.contains(&row.source) {
            sources.push(row.source);
        }
    }
    sources
        .into_iter()
        .filter_map(|source| {
            let mut fitting = reference_rows()
                .iter()
                .filter(|row| row.of.nutrient == nutrient && row.source == source && row.of.fits(person, year));
            let first = fitting.next()?;
            let same = fitting.all(|row| (row.value, row.kind) == (first.value, first.kind));
            same.then_some(Reference { value: first.value, kind: first.kind, source })
        })
        .collect()
}

/// Whether anybody has a reference intake of this nutrient.
pub fn has_reference(nutrient: Nutrient) -> bool {
    reference_rows().iter().any(|row| row.of.nutrient == nutrient)
}

/// The upper levels for this person in `year`: of each name the lowest that what is known of the person allows.
///
/// Somebody whose age is unknown counts as an adult. The levels of pregnancy and of lactation are for those only who said so.
pub fn upper_levels(nutrient: Nutrient, person: &Person, year: i16) -> Vec<UpperLevel> {
    let mut levels: Vec<UpperLevel> = Vec::new();
    for row in upper_rows().iter().filter(|row| row.of.nutrient == nutrient && row.of.fits_upper(person, year)) {
        let value = match (row.per, person.weight_kg) {
            (Per::Day, _) => row.value,
            (Per::KgDay, Some(weight)) if weight.is_finite() && weight > 0.0 => row.value * weight,
            (Per::KgDay, _) => continue,
        };
        let level = UpperLevel { value, kind: row.kind, scope: row.scope, source: row.source, name: row.name };
        match levels.iter_mut().find(|known| known.name == level.name) {
            Some(known) if known.value <= level.value => {}
            Some(known) => *known = level,
            None => levels.push(level),
        }
    }
    levels
}

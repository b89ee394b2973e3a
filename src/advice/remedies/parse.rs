//! Reads and checks the file of remedies.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

use super::{Claim, Direction, Grade, Group, NutrientFacts, Remedies, Remedy, Suggest, Wants};
use crate::advice::link::Factor;
use crate::diary::Nutrient;

/// What is wrong with a file of remedies.
#[derive(Debug, Error)]
pub enum RemediesError {
    /// It is not TOML of the expected form.
    #[error("the file of remedies cannot be read: {0}; correct the named line")]
    Toml(#[from] toml::de::Error),
    /// A factor or nutrient is not one.
    #[error("remedy `{remedy}`: `{found}` found, a nutrient or exposure of the diary expected; correct it")]
    Factor {
        /// Where.
        remedy: String,
        /// What was found.
        found: String,
    },
    /// An id stands twice.
    #[error("remedy `{0}` found twice, one of each id expected; rename or remove one")]
    Twice(String),
    /// Nutrient facts name a remedy that is not there.
    #[error("nutrient `{nutrient}`: remedy `{found}` is not in the file; name one that is")]
    NoSuchRemedy {
        /// Which nutrient.
        nutrient: String,
        /// What was found.
        found: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    remedy: Vec<RawRemedy>,
    nutrient: Vec<RawNutrient>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRemedy {
    id: String,
    title: String,
    group: Group,
    suggest: Suggest,
    min_age: Option<u16>,
    #[serde(default)]
    relief: bool,
    relief_step: Option<String>,
    #[serde(default)]
    factors: Vec<String>,
    wants: Option<Wants>,
    why: String,
    claims: Vec<Claim>,
    differs: String,
    grade: Grade,
    direction: Direction,
    effect: Option<String>,
    sources: Vec<String>,
    #[serde(default)]
    cautions: Vec<String>,
    #[serde(default)]
    interactions: Vec<String>,
    how_to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNutrient {
    id: String,
    remedy: String,
    role: String,
    why_low: String,
}

/// Reads the file of remedies.
///
/// # Errors
/// It is no TOML of the expected form, a factor is unknown, or an id stands twice or nowhere.
pub(super) fn parse(text: &str) -> Result<Remedies, RemediesError> {
    let file: File = toml::from_str(text)?;
    let mut seen = BTreeSet::new();
    let remedies = file.remedy.into_iter().map(typed).collect::<Result<Vec<_>, _>>()?;
    for remedy in &remedies {
        if !seen.insert(remedy.id.as_str()) {
            return Err(RemediesError::Twice(remedy.id.clone()));
        }
    }
    let mut nutrients = Vec::new();
    for raw in file.nutrient {
        let Some(nutrient) = Nutrient::parse(&raw.id) else {
            return Err(RemediesError::Factor { remedy: raw.remedy, found: raw.id });
        };
        if !seen.contains(raw.remedy.as_str()) {
            return Err(RemediesError::NoSuchRemedy { nutrient: raw.id, found: raw.remedy });
        }
        nutrients.push(NutrientFacts { nutrient, remedy: raw.remedy, role: raw.role, why_low: raw.why_low });
    }
    Ok(Remedies { remedies, nutrients })
}

fn typed(raw: RawRemedy) -> Result<Remedy, RemediesError> {
    let factor = |text: &String| {
        Factor::parse(text).ok_or_else(|| RemediesError::Factor { remedy: raw.id.clone(), found: text.clone() })
    };
    let factors = raw.factors.iter().map(factor).collect::<Result<Vec<_>, _>>()?;
    Ok(Remedy {
        factors,
        id: raw.id,
        title: raw.title,
        group: raw.group,
        suggest: raw.suggest,
        min_age: raw.min_age,
        wants: raw.wants,
        why: raw.why,
        claims: raw.claims,
        differs: raw.differs,
        grade: raw.grade,
        direction: raw.direction,
        effect: raw.effect,
        sources: raw.sources,
        cautions: raw.cautions,
        interactions: raw.interactions,
        how_to: raw.how_to,
        relief_step: raw.relief_step.filter(|_| raw.relief),
    })
}

//! What is known of each remedy. It must never hold an amount to take, except where a claim or trial is quoted.

mod parse;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use super::link::Factor;
use crate::diary::Nutrient;

/// What sort of thing a remedy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Something taken in.
    Nutrient,
    /// Something done.
    Habit,
    /// Something done while a cramp lasts.
    Relief,
    /// Something bought or prescribed.
    Treatment,
    /// Not a remedy but an explanation that articles give.
    Explanation,
}

/// When a remedy may be suggested at all; safety rules can only take away from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suggest {
    /// To anybody.
    Always,
    /// If this person's nights point to its factor.
    Link,
    /// If the log averages less than the reference.
    BelowReference,
    /// If the person takes a medicine that is associated with cramps.
    AssociatedMedicine,
    /// Never.
    Never,
}

/// How certain the evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
pub enum Grade {
    /// High certainty.
    A,
    /// Moderate certainty.
    B,
    /// Low certainty.
    C,
    /// Very low certainty, or no trial.
    D,
}

impl Grade {
    /// What the person reads.
    pub const fn words(self) -> &'static str {
        match self {
            Self::A => "grade A, high certainty",
            Self::B => "grade B, moderate certainty",
            Self::C => "grade C, low certainty",
            Self::D => "grade D, very low certainty or no trial",
        }
    }
}

/// Where the evidence points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It helps.
    Helps,
    /// It may help.
    MayHelp,
    /// Nobody can say.
    Unclear,
    /// It is unlikely to help.
    Unlikely,
    /// It makes cramps more frequent.
    Raises,
}

impl Direction {
    /// What the person reads.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Helps => "it helps",
            Self::MayHelp => "it may help",
            Self::Unclear => "unclear",
            Self::Unlikely => "unlikely to help",
            Self::Raises => "comes with more cramps",
        }
    }
}

/// Whether a remedy is more or less of its factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wants {
    /// More of it.
    More,
    /// Less of it.
    Less,
}

/// What a popular article says, as its claim.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Title of the article.
    pub article: String,
    /// What it says; may hold an amount.
    pub text: String,
}

/// One remedy, or one explanation, of leg cramps at night.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// Its id, such as `bedtime_stretch`.
    pub id: String,
    /// What to do, in a few words.
    pub title: String,
    /// What sort of thing it is.
    pub group: Group,
    /// When it may be suggested.
    pub suggest: Suggest,
    /// From what age on, in years.
    pub min_age: Option<u16>,
    /// What of the diary it changes.
    pub factors: Vec<Factor>,
    /// In which direction.
    pub wants: Option<Wants>,
    /// Why try it; holds no amount.
    pub why: String,
    /// What popular articles say.
    pub claims: Vec<Claim>,
    /// Where the evidence differs from that; may quote amounts of a trial.
    pub differs: String,
    /// How certain the evidence is.
    pub grade: Grade,
    /// Where it points to.
    pub direction: Direction,
    /// The effect with its interval.
    pub effect: Option<String>,
    /// Author, year, journal.
    pub sources: Vec<String>,
    /// What to beware of.
    pub cautions: Vec<String>,
    /// Conditions and medicines it does not go with.
    pub interactions: Vec<String>,
    /// How to do it, in steps.
    pub how_to: Vec<String>,
    /// The line of the relief card, if it belongs there.
    pub relief_step: Option<String>,
}

impl Remedy {
    /// Whether it may ever be suggested.
    pub fn suggestable(&self) -> bool {
        self.suggest != Suggest::Never
    }

    /// The nutrients it changes.
    pub fn nutrients(&self) -> impl Iterator<Item = Nutrient> {
        self.factors.iter().filter_map(|factor| match factor {
            Factor::Nutrient(nutrient) => Some(*nutrient),
            Factor::Exposure(_) => None,
        })
    }
}

/// What a nutrient does in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NutrientFacts {
    /// Which.
    pub nutrient: Nutrient,
    /// The remedy whose safety rules hold for its foods.
    pub remedy: String,
    /// What it does.
    pub role: String,
    /// Why an intake may be low.
    pub why_low: String,
}

/// All that `data/remedies.toml` holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Remedies {
    /// Remedies in the order of rank.
    pub remedies: Vec<Remedy>,
    /// Nutrients.
    pub nutrients: Vec<NutrientFacts>,
}

/// The remedies that are compiled in.
pub fn remedies() -> &'static [Remedy] {
    &compiled_in().remedies
}

/// The remedy with this id.
pub fn remedy(id: &str) -> Option<&'static Remedy> {
    remedies().iter().find(|remedy| remedy.id == id)
}

/// What is known of a nutrient.
pub fn nutrient_facts(nutrient: Nutrient) -> Option<&'static NutrientFacts> {
    compiled_in().nutrients.iter().find(|facts| facts.nutrient == nutrient)
}

fn compiled_in() -> &'static Remedies {
    static REMEDIES: LazyLock<Remedies> =
        LazyLock::new(|| parse::parse(include_str!("../../../data/remedies.toml")).unwrap_or_default());
    &REMEDIES
}

pub use parse::RemediesError;

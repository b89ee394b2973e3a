//! What a safety rule can ask. The set is closed: a rule cannot ask anything that is not written and tested here.

use serde::{Deserialize, Deserializer, de};

use super::{medicines_of, nights, over};
use crate::advice::input::{AdviceInput, NutrientAverage};
use crate::advice::person::{Answered, Condition, LifeState, MedicineClass, Sex};
use crate::advice::reference::LevelKind;
use crate::diary::Nutrient;

/// Somebody of these ages may be pregnant, in years.
const MAY_BE_PREGNANT: std::ops::RangeInclusive<u16> = 12..=50;

/// A question about what is known of a person.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// For everybody.
    Always,
    /// The person said that they have this.
    Condition(#[serde(deserialize_with = "condition")] Condition),
    /// The person said that they take this.
    Medicine(#[serde(deserialize_with = "medicine")] MedicineClass),
    /// The person takes a medicine that is associated with cramps.
    AssociatedMedicine,
    /// Conditions were not answered.
    ConditionsUnknown,
    /// Medicines were not answered.
    MedicinesUnknown,
    /// The age is not known.
    AgeUnknown,
    /// The age reached this year is below this, in years.
    AgeBelow(u16),
    /// The person said that they are pregnant or breast-feeding.
    LifeState(#[serde(deserialize_with = "life_state")] LifeState),
    /// Pregnancy was not answered, and neither sex nor age rule it out.
    MayBePregnant,
    /// An average is over an upper level of this person.
    OverUpperLevel,
    /// An average is over a level that is no upper level, but to which cutting down lowers the risk of chronic disease.
    OverRiskLevel,
    /// Supplements bring more than this a day.
    SupplementsAbove(Amount),
    /// Everything together averages more than this a day.
    AverageAbove(Amount),
    /// More than this was drunk within an hour, in ml.
    DrinkingPeakAboveMlPerH(f64),
    /// A cramp of the last four weeks was longer than this, in seconds.
    CrampLongerThanS(f64),
    /// At least so many nights with a cramp in each of the last weeks.
    CrampNights {
        /// Nights a week.
        a_week: usize,
        /// Weeks.
        weeks: i32,
    },
    /// Nights with a cramp have become more frequent.
    RateJump {
        /// Watched nights that are looked at.
        recent_nights: usize,
        /// Watched nights before them that are needed for a comparison.
        before_nights: usize,
        /// Times more frequent than before.
        factor: f64,
        /// How probable so many may be at most if nothing had changed.
        chance: f64,
    },
    /// All of these.
    All(Vec<Predicate>),
    /// At least one of these.
    Any(Vec<Predicate>),
    /// Not this.
    Not(Box<Predicate>),
}

/// An amount a day of one nutrient.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Of what.
    #[serde(deserialize_with = "nutrient")]
    pub nutrient: Nutrient,
    /// How much, in the unit of the nutrient.
    pub amount: f64,
}

impl Amount {
    /// Whether what `counted` takes of an average of the nutrient is more than the amount.
    fn is_below(&self, input: &AdviceInput, counted: impl Fn(&NutrientAverage) -> Option<f64>) -> bool {
        let mut averages = input.averages.iter().filter(|average| average.nutrient == self.nutrient);
        averages.any(|average| counted(average).is_some_and(|amount| amount > self.amount))
    }
}

impl Predicate {
    /// Whether it holds.
    pub fn holds(&self, input: &AdviceInput) -> bool {
        let person = &input.person;
        let age = person.age_in(input.year());
        match self {
            Self::Always => true,
            Self::Condition(condition) => person.conditions.has(condition) == Some(true),
            Self::Medicine(medicine) => person.medicines.has(medicine) == Some(true),
            Self::AssociatedMedicine => medicines_of(input).next().is_some(),
            Self::ConditionsUnknown => person.conditions == Answered::Unknown,
            Self::MedicinesUnknown => person.medicines == Answered::Unknown,
            Self::AgeUnknown => age.is_none(),
            Self::AgeBelow(limit) => age.is_some_and(|age| age < *limit),
            Self::LifeState(state) => person.life_state == Some(*state),
            Self::MayBePregnant => {
                person.life_state.is_none()
                    && person.sex != Some(Sex::Male)
                    && age.is_none_or(|age| MAY_BE_PREGNANT.contains(&age))
            }
            Self::OverUpperLevel => over::any(input, LevelKind::Upper),
            Self::OverRiskLevel => over::any(input, LevelKind::RiskReduction),
            Self::SupplementsAbove(limit) => limit.is_below(input, NutrientAverage::supplements_for_levels),
            Self::AverageAbove(limit) => limit.is_below(input, NutrientAverage::total_for_levels),
            Self::DrinkingPeakAboveMlPerH(limit) => input.drinking_peak_ml_per_h.is_some_and(|peak| peak > *limit),
            Self::CrampLongerThanS(limit) => {
                nights::longest_recent_cramp_s(input).is_some_and(|longest| longest > *limit)
            }
            Self::CrampNights { a_week, weeks } => nights::every_week_has(input, *a_week, *weeks),
            Self::RateJump { recent_nights, before_nights, factor, chance } => {
                nights::rate_jumped(input, *recent_nights, *before_nights, *factor, *chance)
            }
            Self::All(all) => all.iter().all(|predicate| predicate.holds(input)),
            Self::Any(any) => any.iter().any(|predicate| predicate.holds(input)),
            Self::Not(predicate) => !predicate.holds(input),
        }
    }
}

fn word<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` found, {expected} expected")))
}

fn condition<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Condition, D::Error> {
    word(deserializer, "a condition", Condition::parse)
}

pub(super) fn medicine<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MedicineClass, D::Error> {
    word(deserializer, "a class of medicines", MedicineClass::parse)
}

fn nutrient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Nutrient, D::Error> {
    word(deserializer, "a nutrient", Nutrient::parse)
}

fn life_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LifeState, D::Error> {
    word(deserializer, "`pregnant` or `lactating`", |text| match text {
        "pregnant" => Some(LifeState::Pregnant),
        "lactating" => Some(LifeState::Lactating),
        _ => None,
    })
}

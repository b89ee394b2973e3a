//! The form in which advice leaves: JSON for MQTT, the page and `--json`. Inner types are not serialised themselves.

use serde::Serialize;

use super::compose::{Advice, Origin};
use super::foods::FoodAdvice;
use super::safety::ClinicianPoint;

/// Advice as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdviceWire {
    /// Version of this form.
    pub v: u8,
    /// The one thing to try or to know, at most 255 characters.
    pub text: String,
    /// What to try; `null` if nothing is suggested.
    pub suggestion: Option<SuggestionWire>,
    /// What to do while a cramp lasts.
    pub relief: Vec<String>,
    /// What to beware of.
    pub cautions: Vec<RuleWire>,
    /// Reasons to talk to a clinician or pharmacist.
    pub clinician: Vec<ClinicianWire>,
    /// Reasons that only the person can know.
    pub red_flags: Vec<RedFlagWire>,
    /// What the nights show.
    pub links: Vec<LinkWire>,
    /// How to read the links.
    pub links_note: Option<String>,
    /// What the log averages.
    pub intakes: Vec<IntakeWire>,
    /// What is different from last time.
    pub what_changed: Option<String>,
    /// What the nights can tell by now.
    pub learning: String,
    /// Why fewer cramps after a change prove nothing yet.
    pub regression_note: Option<String>,
    /// What a trial on oneself asks for today.
    pub reminder: Option<String>,
}

/// A suggestion as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuggestionWire {
    /// Id of the remedy.
    pub id: String,
    /// What to do.
    pub title: String,
    /// Why.
    pub why: String,
    /// How certain.
    pub how_sure: String,
    /// Who says so.
    pub from_whom: String,
    /// `own_nights`, `medicines`, `log` or `reviews`.
    pub origin: &'static str,
    /// Steps.
    pub how_to: Vec<String>,
    /// What to beware of.
    pub cautions: Vec<String>,
    /// Claims of popular articles.
    pub articles_say: Vec<String>,
    /// Where the evidence differs.
    pub differs: String,
}

/// A caution as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleWire {
    /// Name of the rule.
    pub rule: String,
    /// What is said.
    pub text: String,
}

/// A reason to talk to somebody, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClinicianWire {
    /// Name of the rule or class of medicine.
    pub rule: String,
    /// What is said.
    pub text: String,
    /// Without delay.
    pub urgent: bool,
}

/// A red flag as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RedFlagWire {
    /// What it is.
    pub text: String,
    /// Without delay.
    pub urgent: bool,
}

/// A link as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkWire {
    /// Such as `alcohol`.
    pub factor: &'static str,
    /// Such as `possible link`.
    pub strength: &'static str,
    /// The sentences.
    pub text: String,
}

/// What the log averages of a nutrient, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntakeWire {
    /// Such as `magnesium`.
    pub nutrient: &'static str,
    /// Of all numbers here.
    pub unit: &'static str,
    /// A day; `null` where the log knows too little.
    pub average_per_day: Option<f64>,
    /// A day; `null` without a comparison.
    pub reference: Option<f64>,
    /// 0 to 1.
    pub known_share: f64,
    /// The sentence.
    pub text: String,
}

/// Foods of a nutrient as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoodsWire {
    /// Version of this form.
    pub v: u8,
    /// Such as `magnesium`.
    pub nutrient: &'static str,
    /// Of all numbers here.
    pub unit: &'static str,
    /// What it does.
    pub role: Option<String>,
    /// Why an intake may be low.
    pub why_low: Option<String>,
    /// The foods.
    pub foods: Vec<FoodWire>,
    /// Why there is no list.
    pub withheld: Option<String>,
    /// What to beware of.
    pub cautions: Vec<String>,
    /// Reasons to talk to somebody.
    pub clinician: Vec<ClinicianWire>,
}

/// One food as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoodWire {
    /// Its name.
    pub name: String,
    /// In one usual portion.
    pub per_portion: f64,
    /// The usual portion.
    pub portion: String,
    /// How often it was logged.
    pub times_eaten: u32,
}

impl From<&Advice> for AdviceWire {
    fn from(advice: &Advice) -> Self {
        Self {
            v: 1,
            text: advice.headline.clone(),
            suggestion: advice.suggestion.as_ref().map(|suggestion| SuggestionWire {
                id: suggestion.remedy.clone(),
                title: suggestion.title.clone(),
                why: suggestion.why.clone(),
                how_sure: suggestion.how_sure.clone(),
                from_whom: suggestion.from_whom.clone(),
                origin: origin(suggestion.origin),
                how_to: suggestion.how_to.clone(),
                cautions: suggestion.cautions.clone(),
                articles_say: suggestion.articles_say.clone(),
                differs: suggestion.differs.clone(),
            }),
            relief: advice.relief_card.clone(),
            cautions: advice.cautions.iter().map(|c| RuleWire { rule: c.rule.clone(), text: c.text.clone() }).collect(),
            clinician: clinician(&advice.clinician),
            red_flags: advice
                .red_flags
                .iter()
                .map(|f| RedFlagWire { text: f.text.clone(), urgent: f.urgent })
                .collect(),
            links: advice
                .links
                .iter()
                .map(|l| LinkWire { factor: l.factor.as_str(), strength: l.strength.words(), text: l.text.clone() })
                .collect(),
            links_note: advice.links_note.clone(),
            intakes: advice
                .intakes
                .iter()
                .map(|line| IntakeWire {
                    nutrient: line.nutrient.as_str(),
                    unit: line.nutrient.unit(),
                    average_per_day: line.average_per_day,
                    reference: line.reference.map(|reference| reference.value),
                    known_share: line.known_share,
                    text: line.text.clone(),
                })
                .collect(),
            what_changed: advice.what_changed.clone(),
            learning: advice.learning.clone(),
            regression_note: advice.regression_note.clone(),
            reminder: None,
        }
    }
}

impl From<&FoodAdvice> for FoodsWire {
    fn from(advice: &FoodAdvice) -> Self {
        Self {
            v: 1,
            nutrient: advice.nutrient.as_str(),
            unit: advice.nutrient.unit(),
            role: advice.role.clone(),
            why_low: advice.why_low.clone(),
            foods: advice
                .foods
                .iter()
                .map(|food| FoodWire {
                    name: food.name.clone(),
                    per_portion: food.per_portion,
                    portion: food.portion.clone(),
                    times_eaten: food.times_eaten,
                })
                .collect(),
            withheld: advice.withheld.clone(),
            cautions: advice.cautions.iter().map(|caution| caution.text.clone()).collect(),
            clinician: clinician(&advice.clinician),
        }
    }
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::OwnNights => "own_nights",
        Origin::Medicines => "medicines",
        Origin::Log => "log",
        Origin::Reviews => "reviews",
    }
}

fn clinician(points: &[ClinicianPoint]) -> Vec<ClinicianWire> {
    points.iter().map(|p| ClinicianWire { rule: p.rule.clone(), text: p.text.clone(), urgent: p.urgent }).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::advice::compose::advise;
    use crate::advice::input::AdviceInput;

    #[test]
    fn advice_of_somebody_unknown_goes_out_as_json_with_its_version() {
        let advice = advise(&AdviceInput::empty(date(2026, 11, 22)));
        let json = serde_json::to_value(AdviceWire::from(&advice)).unwrap();
        assert_eq!(json["v"], 1);
        assert_eq!(json["text"], advice.short_text());
        assert_eq!(json["suggestion"]["id"], "bedtime_stretch");
        assert_eq!(json["suggestion"]["origin"], "reviews");
        assert!(json["what_changed"].is_null());
    }
}

//! Reads `data/safety.toml`.

use std::sync::LazyLock;

use serde::Deserialize;
use thiserror::Error;

use super::predicate::{Predicate, medicine};
use crate::advice::person::MedicineClass;
use crate::advice::remedies::remedy;

/// What is wrong with a file of safety rules.
#[derive(Debug, Error)]
pub enum SafetyError {
    /// It is not TOML of the expected form.
    #[error("the file of safety rules cannot be read: {0}; correct the named line")]
    Toml(#[from] toml::de::Error),
    /// A rule removes a remedy that is not there.
    #[error("rule `{rule}`: remedy `{found}` is not among the remedies; name one that is")]
    NoSuchRemedy {
        /// Which rule.
        rule: String,
        /// What was found.
        found: String,
    },
    /// A rule that does nothing.
    #[error("rule `{0}` removes nothing and says nothing; give it an effect or take it out")]
    NoEffect(String),
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, such as `vitamin_k_with_a_vitamin_k_antagonist`.
    pub name: String,
    /// When it holds.
    pub when: Predicate,
    /// Ids of remedies that are not suggested then.
    #[serde(default)]
    pub removes: Vec<String>,
    /// Nothing with an interaction is suggested then.
    #[serde(default)]
    pub removes_interacting: bool,
    /// Nothing is suggested that brings more of what is over its level.
    #[serde(default)]
    pub removes_over: bool,
    /// Nothing is suggested at all.
    #[serde(default)]
    pub evidence_only: bool,
    /// What to beware of.
    pub caution: Option<String>,
    /// Why to talk to a clinician or pharmacist.
    pub clinician: Option<String>,
    /// Whether without delay.
    #[serde(default)]
    pub urgent: bool,
}

/// A class of medicines that is associated with cramps.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssociatedMedicine {
    /// Which.
    #[serde(deserialize_with = "medicine")]
    pub class: MedicineClass,
    /// What is known, with its ratio.
    pub text: String,
}

/// A reason to ask a clinician that only the person can know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedFlag {
    /// What it is.
    pub text: String,
    /// Whether it is to be looked at without delay.
    #[serde(default)]
    pub urgent: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) rule: Vec<Rule>,
    pub(super) medicine: Vec<AssociatedMedicine>,
    pub(super) red_flag: Vec<RedFlag>,
}

/// The rules that are compiled in; `None` if they cannot be read, and then nothing may be suggested.
pub fn rules() -> Option<&'static [Rule]> {
    compiled_in().map(|file| file.rule.as_slice())
}

/// The classes of medicines that are associated with cramps.
pub fn associated_medicines() -> &'static [AssociatedMedicine] {
    compiled_in().map_or(&[], |file| file.medicine.as_slice())
}

/// Reasons to ask a clinician that only the person can know, the urgent first.
pub fn red_flags() -> &'static [RedFlag] {
    compiled_in().map_or(&[], |file| file.red_flag.as_slice())
}

fn compiled_in() -> Option<&'static File> {
    static FILE: LazyLock<Option<File>> = LazyLock::new(|| parse(include_str!("../../../data/safety.toml")).ok());
    FILE.as_ref()
}

/// Reads and checks a file of safety rules.
///
/// # Errors
/// It is no TOML of the expected form, a rule names an unknown remedy, or a rule does nothing.
pub(super) fn parse(text: &str) -> Result<File, SafetyError> {
    let file: File = toml::from_str(text)?;
    for rule in &file.rule {
        if let Some(found) = rule.removes.iter().find(|id| remedy(id).is_none()) {
            return Err(SafetyError::NoSuchRemedy { rule: rule.name.clone(), found: found.clone() });
        }
        let removes = !rule.removes.is_empty() || rule.removes_interacting || rule.removes_over || rule.evidence_only;
        if !removes && rule.caution.is_none() && rule.clinician.is_none() {
            return Err(SafetyError::NoEffect(rule.name.clone()));
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_names_no_remedy_or_does_nothing_is_refused() {
        let file =
            |rule: &str| format!("medicine = []\nred_flag = []\n[[rule]]\nname = \"x\"\nwhen = \"always\"\n{rule}");
        assert!(parse(&file("removes = [\"quinine\"]")).is_ok());
        assert_eq!(
            parse(&file("removes = [\"kinine\"]")).unwrap_err().to_string(),
            "rule `x`: remedy `kinine` is not among the remedies; name one that is"
        );
        assert_eq!(
            parse(&file("")).unwrap_err().to_string(),
            "rule `x` removes nothing and says nothing; give it an effect or take it out"
        );
        let unknown = file("removes = [\"quinine\"]").replace("\"always\"", "{ condition = \"gout\" }");
        assert!(parse(&unknown).unwrap_err().to_string().contains("`gout` found, a condition expected"));
    }
}

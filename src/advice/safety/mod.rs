//! Rules that run last over all advice. They can only take suggestions away and add cautions; without its data nothing at all is
//! suggested.

mod data;
mod nights;
mod over;
mod predicate;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::input::AdviceInput;
use super::person::MedicineClass;
use super::reference::LevelKind;
use super::remedies::{Remedy, Wants};
use crate::diary::Nutrient;

pub use data::{AssociatedMedicine, RedFlag, Rule, SafetyError, associated_medicines, red_flags, rules};
pub use over::{Exceeded, exceeded};
pub use predicate::Predicate;

/// A caution, with the rule that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caution {
    /// Name of the rule.
    pub rule: String,
    /// What is said.
    pub text: String,
}

/// A reason to talk to a clinician or pharmacist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClinicianPoint {
    /// Name of the rule, or of the class of medicine.
    pub rule: String,
    /// What is said.
    pub text: String,
    /// Whether it is to be looked at without delay.
    pub urgent: bool,
}

/// What the rules leave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Nothing is suggested at all.
    pub evidence_only: bool,
    /// Nothing with an interaction is suggested.
    pub without_interactions: bool,
    /// Ids of remedies that are not suggested.
    pub removed: BTreeSet<String>,
    /// Nothing is suggested that brings more of these.
    pub no_more_of: Vec<Nutrient>,
    /// Cautions.
    pub cautions: Vec<Caution>,
    /// Reasons to talk to somebody, the urgent first.
    pub clinician: Vec<ClinicianPoint>,
    /// Names of the rules that held.
    pub held: Vec<String>,
}

impl Verdict {
    /// Whether a remedy may be suggested to this person.
    pub fn allows(&self, remedy: &Remedy) -> bool {
        !self.evidence_only && remedy.suggestable() && self.allows_mention(remedy)
    }

    /// Whether a remedy may stand on the relief card or in a list of foods: as [`Self::allows`], but also where nothing new is
    /// suggested.
    pub fn allows_mention(&self, remedy: &Remedy) -> bool {
        let brings_too_much =
            remedy.wants == Some(Wants::More) && remedy.nutrients().any(|nutrient| self.no_more_of.contains(&nutrient));
        let may_interact = self.without_interactions && !remedy.interactions.is_empty();
        !self.removed.contains(&remedy.id) && !brings_too_much && !may_interact
    }
}

/// Runs every rule over what is known of a person.
pub fn judge(input: &AdviceInput) -> Verdict {
    let Some(rules) = rules() else {
        return Verdict { evidence_only: true, without_interactions: true, ..Verdict::default() };
    };
    let over = exceeded(input);
    let mut verdict = Verdict::default();
    for rule in rules.iter().filter(|rule| rule.when.holds(input)) {
        verdict.held.push(rule.name.clone());
        verdict.evidence_only |= rule.evidence_only;
        verdict.without_interactions |= rule.removes_interacting;
        verdict.removed.extend(rule.removes.iter().cloned());
        if rule.removes_over {
            verdict.no_more_of.extend(over.iter().map(|exceeded| exceeded.nutrient));
        }
        let said = |text: &String| {
            let of_upper_levels = text.replace("{over}", &over::words(&over, LevelKind::Upper));
            of_upper_levels.replace("{over_risk}", &over::words(&over, LevelKind::RiskReduction))
        };
        if let Some(text) = &rule.caution {
            verdict.cautions.push(Caution { rule: rule.name.clone(), text: said(text) });
        }
        if let Some(text) = &rule.clinician {
            verdict.clinician.push(ClinicianPoint { rule: rule.name.clone(), text: said(text), urgent: rule.urgent });
        }
    }
    verdict.clinician.extend(medicines_of(input).map(|medicine| ClinicianPoint {
        rule: medicine.class.as_str().to_owned(),
        text: format!("{} Ask your prescriber or pharmacist; keep taking it until then.", medicine.text),
        urgent: false,
    }));
    verdict.clinician.sort_by_key(|point| !point.urgent);
    verdict
}

/// The medicines of this person that are associated with cramps.
pub fn medicines_of(input: &AdviceInput) -> impl Iterator<Item = &'static AssociatedMedicine> {
    let takes = |class: MedicineClass| input.person.medicines.has(&class) == Some(true);
    associated_medicines().iter().filter(move |medicine| takes(medicine.class))
}

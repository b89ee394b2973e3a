//! Which trials the safety rules forbid. They are asked when a plan is drawn and on each day of it: what a person says of
//! themselves changes.

use super::Habit;
use crate::advice::link::Factor;
use crate::advice::remedies::{Remedy, remedies};
use crate::advice::safety::Verdict;
use crate::diary::{Exposure, IntakeSource, Item, ItemKind, Nutrient};

/// The same words for every rule: which of them holds stands in the advice, under what to beware of.
const WHY: &str = "by what is known of you the safety rules speak against it (crampwatch advice says which); ask a clinician or pharmacist";

impl Habit {
    /// Why the rules forbid it for this person; `None` if they do not. A supplement is known by what the diary says that it brings.
    pub fn forbidden(&self, verdict: &Verdict, items: &[Item]) -> Option<String> {
        let forbidden = verdict.evidence_only
            || match self {
                Self::Supplement { .. } => self.nutrients(items).iter().any(|nutrient| not_more_of(*nutrient, verdict)),
                _ => self.remedy().is_some_and(|remedy| !verdict.allows(remedy)),
            };
        forbidden.then(|| WHY.to_owned())
    }

    /// The remedy that it is a trial of; none for a supplement, which may be one of several.
    pub fn remedy(&self) -> Option<&'static Remedy> {
        let id = match self {
            Self::Stretching => "bedtime_stretch",
            Self::Massage => "massage",
            Self::Warmth => "heat",
            Self::WaterByDay => "hydration",
            Self::Supplement { .. } => return None,
        };
        crate::advice::remedies::remedy(id)
    }

    /// What of the diary it changes.
    pub fn factors(&self, items: &[Item]) -> Vec<Factor> {
        match self {
            Self::Stretching => vec![Factor::Exposure(Exposure::Stretch)],
            Self::Massage => vec![Factor::Exposure(Exposure::Massage)],
            Self::Warmth => vec![Factor::Exposure(Exposure::Heat)],
            Self::WaterByDay => vec![Factor::Nutrient(Nutrient::Water)],
            Self::Supplement { .. } => self.nutrients(items).into_iter().map(Factor::Nutrient).collect(),
        }
    }

    /// The nutrients of a supplement, as it was logged last.
    fn nutrients(&self, items: &[Item]) -> Vec<Nutrient> {
        let Self::Supplement { name } = self else { return Vec::new() };
        let brings = items.iter().rev().find_map(|item| match &item.kind {
            ItemKind::Intake { source: IntakeSource::Supplement, name: logged, brings }
                if logged.eq_ignore_ascii_case(name) =>
            {
                Some(brings)
            }
            _ => None,
        });
        let some = |nutrient: &Nutrient| brings.is_some_and(|brings| brings.get(*nutrient).is_some_and(|n| n > 0.0));
        Nutrient::ALL.into_iter().filter(some).collect()
    }
}

/// Whether any rule speaks against more, or against another amount, of a nutrient.
fn not_more_of(nutrient: Nutrient, verdict: &Verdict) -> bool {
    let speaks_of_it = |remedy: &&Remedy| remedy.nutrients().any(|one| one == nutrient);
    verdict.no_more_of.contains(&nutrient)
        || remedies().iter().filter(speaks_of_it).any(|remedy| !verdict.allows_mention(remedy))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::advice::safety::judge;
    use crate::advice::{AdviceInput, Answered, Condition, LifeState, MedicineClass, Person, Sex};
    use crate::diary::Nutrients;
    use crate::units::UtcMicros;

    fn verdict(condition: Option<Condition>, medicine: Option<MedicineClass>) -> Verdict {
        let person = Person {
            birth_year: Some(1961),
            sex: Some(Sex::Female),
            life_state: Some(LifeState::Neither),
            conditions: Answered::Known(BTreeSet::from_iter(condition)),
            medicines: Answered::Known(BTreeSet::from_iter(medicine)),
            ..Person::default()
        };
        judge(&AdviceInput { person, ..AdviceInput::empty(date(2026, 11, 22)) })
    }

    fn forbidden(nutrient: Nutrient, verdict: &Verdict) -> bool {
        let brings = Nutrients::none_of_any().with(nutrient, Some(10.0));
        let kind = ItemKind::Intake { source: IntakeSource::Supplement, name: "My Pill".to_owned(), brings };
        let habit = Habit::Supplement { name: "my pill".to_owned() };
        habit.forbidden(verdict, &[Item { at: UtcMicros(0), kind }]).is_some()
    }

    #[test]
    fn no_trial_of_vitamin_k_beside_a_vitamin_k_antagonist() {
        assert!(forbidden(Nutrient::VitaminK2, &verdict(None, Some(MedicineClass::VitaminKAntagonist))));
        assert!(!forbidden(Nutrient::VitaminK2, &verdict(None, None)));
    }

    #[test]
    fn no_trial_of_potassium_or_magnesium_with_kidney_disease_or_an_ace_inhibitor() {
        let kidney = verdict(Some(Condition::KidneyDisease), None);
        assert!(forbidden(Nutrient::Potassium, &kidney) && forbidden(Nutrient::Magnesium, &kidney));
        assert!(forbidden(Nutrient::Potassium, &verdict(None, Some(MedicineClass::AceInhibitor))));
        assert!(!forbidden(Nutrient::Magnesium, &verdict(None, None)));
    }

    #[test]
    fn no_trial_at_all_where_only_the_evidence_is_told_and_none_of_a_supplement_before_the_questions_are_answered() {
        let dialysis = verdict(Some(Condition::Dialysis), None);
        assert!(Habit::Stretching.forbidden(&dialysis, &[]).is_some());
        let unknown = judge(&AdviceInput::empty(date(2026, 11, 22)));
        assert!(forbidden(Nutrient::Potassium, &unknown));
        assert!(Habit::Stretching.forbidden(&unknown, &[]).is_none());
    }
}

//! Which foods bring a nutrient: what the person eats already first. The rules of safety hold here too.

use super::input::AdviceInput;
use super::remedies::{nutrient_facts, remedy};
use super::safety::{Caution, ClinicianPoint, judge};
use super::texts::{amount, capitalised};
use crate::diary::Nutrient;

/// The most foods of a list.
const MOST: usize = 10;

/// A food as the list needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoodView {
    /// Its name.
    pub name: String,
    /// Amount of the nutrient in one usual portion, in the unit of the nutrient; `None` if unknown.
    pub per_portion: Option<f64>,
    /// The usual portion, such as `1 cup (30 g)`.
    pub portion: String,
    /// How often the person logged it.
    pub times_eaten: u32,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct FoodLine {
    /// Its name.
    pub name: String,
    /// Amount in one usual portion, in the unit of the nutrient.
    pub per_portion: f64,
    /// The usual portion.
    pub portion: String,
    /// How often the person logged it.
    pub times_eaten: u32,
    /// The sentence.
    pub text: String,
}

/// What is told of the foods of one nutrient.
#[derive(Debug, Clone, PartialEq)]
pub struct FoodAdvice {
    /// Which.
    pub nutrient: Nutrient,
    /// What it does; `None` where nothing is known of it and cramps.
    pub role: Option<String>,
    /// Why an intake may be low.
    pub why_low: Option<String>,
    /// Foods, those that the person eats first; empty where a rule speaks against more of it.
    pub foods: Vec<FoodLine>,
    /// Why the list is empty, if a rule emptied it.
    pub withheld: Option<String>,
    /// What to beware of.
    pub cautions: Vec<Caution>,
    /// Reasons to talk to somebody.
    pub clinician: Vec<ClinicianPoint>,
}

/// The best sources of a nutrient for this person, by amount in a usual portion.
///
/// Foods with none or an unknown amount are left out; so is the whole list if a rule speaks against more of the nutrient.
pub fn foods_for(nutrient: Nutrient, foods: &[FoodView], input: &AdviceInput) -> FoodAdvice {
    let verdict = judge(input);
    let facts = nutrient_facts(nutrient);
    let ruled = facts.and_then(|facts| remedy(&facts.remedy));
    // Something that is never suggested, such as salt or alcohol, gets no list either.
    let forbidden = verdict.evidence_only
        || verdict.no_more_of.contains(&nutrient)
        || ruled.is_none_or(|remedy| !verdict.allows_mention(remedy))
        || nutrient == Nutrient::Sodium;
    let withheld = forbidden.then(|| {
        format!("No list of {nutrient}: by what is known of you, more of it is not suggested. Ask a clinician or pharmacist.")
    });
    FoodAdvice {
        nutrient,
        role: facts.map(|facts| facts.role.clone()),
        why_low: facts.map(|facts| facts.why_low.clone()),
        foods: if forbidden { Vec::new() } else { list(nutrient, foods) },
        withheld,
        cautions: verdict.cautions,
        clinician: verdict.clinician,
    }
}

fn list(nutrient: Nutrient, foods: &[FoodView]) -> Vec<FoodLine> {
    let mut lines: Vec<FoodLine> = foods
        .iter()
        .filter_map(|food| {
            let per_portion = food.per_portion.filter(|amount| amount.is_finite() && *amount > 0.0)?;
            Some(FoodLine {
                name: food.name.clone(),
                per_portion,
                portion: food.portion.clone(),
                times_eaten: food.times_eaten,
                text: words(nutrient, food, per_portion),
            })
        })
        .collect();
    lines.sort_by(|a, b| {
        (b.times_eaten > 0)
            .cmp(&(a.times_eaten > 0))
            .then(b.per_portion.total_cmp(&a.per_portion))
            .then(a.name.cmp(&b.name))
    });
    lines.truncate(MOST);
    lines
}

fn words(nutrient: Nutrient, food: &FoodView, per_portion: f64) -> String {
    let eaten = match food.times_eaten {
        0 => String::new(),
        1 => ", once in your log".to_owned(),
        times => format!(", {times} times in your log"),
    };
    format!("{}: {} in {}{eaten}", capitalised(&food.name), amount(nutrient, per_portion), food.portion)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::advice::person::{Answered, LifeState, MedicineClass, Person, Sex};

    fn food(name: &str, per_portion: Option<f64>, times_eaten: u32) -> FoodView {
        FoodView { name: name.to_owned(), per_portion, portion: "1 cup (30 g)".to_owned(), times_eaten }
    }

    fn input(medicines: &[MedicineClass]) -> AdviceInput {
        let person = Person {
            birth_year: Some(1960),
            sex: Some(Sex::Male),
            life_state: Some(LifeState::Neither),
            conditions: Answered::Known(BTreeSet::new()),
            medicines: Answered::Known(medicines.iter().copied().collect()),
            ..Person::default()
        };
        AdviceInput { person, ..AdviceInput::empty(date(2026, 11, 22)) }
    }

    #[test]
    fn what_is_eaten_comes_first_and_the_unknown_is_left_out() {
        let foods = [food("pumpkin seeds", Some(150.0), 0), food("spinach", Some(24.0), 5), food("oats", None, 9)];
        let advice = foods_for(Nutrient::Magnesium, &foods, &input(&[]));
        let texts: Vec<_> = advice.foods.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            texts,
            ["Spinach: 24 mg in 1 cup (30 g), 5 times in your log", "Pumpkin seeds: 150 mg in 1 cup (30 g)"]
        );
        assert!(advice.role.is_some() && advice.why_low.is_some() && advice.withheld.is_none());
    }

    #[test]
    fn somebody_with_an_ace_inhibitor_gets_no_list_of_potassium() {
        let foods = [food("banana", Some(422.0), 3)];
        let advice = foods_for(Nutrient::Potassium, &foods, &input(&[MedicineClass::AceInhibitor]));
        assert!(advice.foods.is_empty() && advice.withheld.is_some() && !advice.cautions.is_empty());
        assert_eq!(foods_for(Nutrient::Potassium, &foods, &input(&[])).foods.len(), 1);
    }

    #[test]
    fn nothing_is_listed_for_salt_or_alcohol_or_while_nothing_is_known() {
        let foods = [food("anything", Some(10.0), 3)];
        for nutrient in [Nutrient::Sodium, Nutrient::Alcohol, Nutrient::Caffeine] {
            assert!(foods_for(nutrient, &foods, &input(&[])).foods.is_empty(), "{nutrient}");
        }
        let unknown = AdviceInput::empty(date(2026, 11, 22));
        assert!(foods_for(Nutrient::Potassium, &foods, &unknown).foods.is_empty());
        assert_eq!(foods_for(Nutrient::VitaminB1, &foods, &unknown).foods.len(), 1);
    }
}

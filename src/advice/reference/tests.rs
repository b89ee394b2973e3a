use rstest::rstest;

use super::*;
use crate::advice::person::{LifeState, Sex};

fn person(age: i16, sex: Option<Sex>, state: Option<LifeState>) -> Person {
    Person { birth_year: Some(2026 - age), sex, life_state: state, ..Person::default() }
}

fn neither(age: i16, sex: Sex) -> Person {
    person(age, Some(sex), Some(LifeState::Neither))
}

fn value(nutrient: Nutrient, person: &Person) -> Option<f64> {
    reference(nutrient, person, 2026).map(|reference| reference.value)
}

// Typed in from the tables once more, not read from the file.
#[rstest]
#[case(Nutrient::Magnesium, neither(2, Sex::Male), 80.0)]
#[case(Nutrient::Magnesium, neither(16, Sex::Male), 410.0)]
#[case(Nutrient::Magnesium, neither(16, Sex::Female), 360.0)]
#[case(Nutrient::Magnesium, neither(30, Sex::Female), 310.0)]
#[case(Nutrient::Magnesium, neither(31, Sex::Female), 320.0)]
#[case(Nutrient::Magnesium, neither(30, Sex::Male), 400.0)]
#[case(Nutrient::Magnesium, neither(75, Sex::Male), 420.0)]
#[case(Nutrient::Potassium, neither(10, Sex::Male), 2500.0)]
#[case(Nutrient::Potassium, neither(80, Sex::Female), 2600.0)]
#[case(Nutrient::Calcium, neither(51, Sex::Female), 1200.0)]
#[case(Nutrient::Calcium, neither(70, Sex::Male), 1000.0)]
#[case(Nutrient::Calcium, neither(71, Sex::Male), 1200.0)]
#[case(Nutrient::Sodium, neither(60, Sex::Male), 1500.0)]
#[case(Nutrient::VitaminD, neither(70, Sex::Female), 15.0)]
#[case(Nutrient::VitaminD, neither(71, Sex::Female), 20.0)]
#[case(Nutrient::VitaminB1, neither(40, Sex::Female), 1.1)]
#[case(Nutrient::VitaminB5, neither(6, Sex::Female), 3.0)]
#[case(Nutrient::VitaminB6, neither(60, Sex::Male), 1.7)]
#[case(Nutrient::VitaminB6, neither(60, Sex::Female), 1.5)]
#[case(Nutrient::VitaminB12, neither(12, Sex::Female), 1.8)]
#[case(Nutrient::VitaminK1, neither(40, Sex::Male), 120.0)]
#[case(Nutrient::Fibre, neither(55, Sex::Female), 21.0)]
#[case(Nutrient::Water, neither(40, Sex::Male), 3700.0)]
#[case(Nutrient::Magnesium, person(17, Some(Sex::Female), Some(LifeState::Pregnant)), 400.0)]
#[case(Nutrient::Magnesium, person(25, Some(Sex::Female), Some(LifeState::Pregnant)), 350.0)]
#[case(Nutrient::Magnesium, person(35, None, Some(LifeState::Pregnant)), 360.0)]
#[case(Nutrient::Potassium, person(28, Some(Sex::Female), Some(LifeState::Lactating)), 2800.0)]
#[case(Nutrient::VitaminB12, person(28, Some(Sex::Female), Some(LifeState::Lactating)), 2.8)]
#[case(Nutrient::Water, person(40, Some(Sex::Female), Some(LifeState::Lactating)), 3800.0)]
fn key_cells_are_those_of_the_published_tables(
    #[case] nutrient: Nutrient,
    #[case] person: Person,
    #[case] expected: f64,
) {
    assert_eq!(value(nutrient, &person), Some(expected));
}

// Adults of 19 and over as published: age groups from 19, 31, 51 and 71 years.
const ADULTS: [(Nutrient, ReferenceKind, [f64; 4], [f64; 4]); 12] = {
    use Nutrient as N;
    use ReferenceKind::{Ai, Rda};
    [
        (N::Magnesium, Rda, [400.0, 420.0, 420.0, 420.0], [310.0, 320.0, 320.0, 320.0]),
        (N::Potassium, Ai, [3400.0; 4], [2600.0; 4]),
        (N::Calcium, Rda, [1000.0, 1000.0, 1000.0, 1200.0], [1000.0, 1000.0, 1200.0, 1200.0]),
        (N::Sodium, Ai, [1500.0; 4], [1500.0; 4]),
        (N::VitaminD, Rda, [15.0, 15.0, 15.0, 20.0], [15.0, 15.0, 15.0, 20.0]),
        (N::VitaminB1, Rda, [1.2; 4], [1.1; 4]),
        (N::VitaminB5, Ai, [5.0; 4], [5.0; 4]),
        (N::VitaminB6, Rda, [1.3, 1.3, 1.7, 1.7], [1.3, 1.3, 1.5, 1.5]),
        (N::VitaminB12, Rda, [2.4; 4], [2.4; 4]),
        (N::VitaminK1, Ai, [120.0; 4], [90.0; 4]),
        (N::Fibre, Ai, [38.0, 38.0, 30.0, 30.0], [25.0, 25.0, 21.0, 21.0]),
        (N::Water, Ai, [3700.0; 4], [2700.0; 4]),
    ]
};

#[test]
fn every_adult_cell_agrees_with_the_published_table_at_both_ends_of_its_age_group() {
    for (nutrient, kind, men, women) in ADULTS {
        for (group, (first, last)) in [(19, 30), (31, 50), (51, 70), (71, 100)].into_iter().enumerate() {
            for (sex, expected) in [(Sex::Male, men[group]), (Sex::Female, women[group])] {
                for age in [first, last] {
                    let found = reference(nutrient, &neither(age, sex), 2026).unwrap();
                    assert_eq!((found.value, found.kind), (expected, kind), "{nutrient} {age} {sex:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_unknown_and_would_change_the_reference_leaves_none() {
    let unknown_sex = person(75, None, Some(LifeState::Neither));
    assert_eq!(value(Nutrient::Magnesium, &unknown_sex), None);
    assert_eq!(value(Nutrient::VitaminD, &unknown_sex), Some(20.0));
    let may_be_pregnant = person(30, Some(Sex::Female), None);
    assert_eq!(value(Nutrient::Potassium, &may_be_pregnant), None);
    assert_eq!(value(Nutrient::VitaminD, &may_be_pregnant), Some(15.0));
    assert_eq!(value(Nutrient::Potassium, &person(30, Some(Sex::Male), None)), Some(3400.0));
    for nutrient in Nutrient::ALL {
        assert_eq!(reference(nutrient, &Person::default(), 2026), None, "{nutrient}");
    }
}

#[test]
fn infants_and_pregnancies_outside_the_table_have_no_reference() {
    assert_eq!(value(Nutrient::Magnesium, &person(0, Some(Sex::Male), None)), None);
    assert_eq!(value(Nutrient::Magnesium, &person(60, Some(Sex::Female), Some(LifeState::Pregnant))), None);
}

#[test]
fn water_has_the_references_of_both_bodies() {
    let values: Vec<f64> =
        references(Nutrient::Water, &neither(40, Sex::Female), 2026).iter().map(|r| r.value).collect();
    assert_eq!(values, [2700.0, 2000.0]);
}

fn uppers(nutrient: Nutrient, person: &Person) -> Vec<(f64, Scope)> {
    upper_levels(nutrient, person, 2026).iter().map(|level| (level.value, level.scope)).collect()
}

#[test]
fn upper_levels_are_those_of_the_published_tables() {
    use Scope::{SupplementsOnly, Total};
    let man = neither(40, Sex::Male);
    assert_eq!(uppers(Nutrient::Magnesium, &man), [(350.0, SupplementsOnly), (250.0, SupplementsOnly)]);
    assert_eq!(uppers(Nutrient::Magnesium, &neither(3, Sex::Male)), [(65.0, SupplementsOnly)]);
    assert_eq!(uppers(Nutrient::VitaminB6, &man), [(100.0, Total), (12.0, Total)]);
    assert_eq!(uppers(Nutrient::VitaminD, &man), [(100.0, Total)]);
    assert_eq!(uppers(Nutrient::VitaminD, &neither(2, Sex::Male)), [(63.0, Total)]);
    assert_eq!(uppers(Nutrient::Calcium, &man), [(2500.0, Total)]);
    assert_eq!(uppers(Nutrient::Calcium, &neither(51, Sex::Female)), [(2000.0, Total)]);
    assert_eq!(uppers(Nutrient::Calcium, &neither(16, Sex::Female)), [(3000.0, Total)]);
    assert_eq!(uppers(Nutrient::Sodium, &man), [(2300.0, Total)]);
    assert_eq!(uppers(Nutrient::Caffeine, &man), [(400.0, Total)]);
    assert_eq!(uppers(Nutrient::Potassium, &man), []);
    assert_eq!(uppers(Nutrient::Alcohol, &man), [(28.0, Total), (16.0, Total)]);
}

#[test]
fn pregnancy_and_childhood_have_levels_of_caffeine_of_their_own() {
    let pregnant = person(30, Some(Sex::Female), Some(LifeState::Pregnant));
    assert_eq!(uppers(Nutrient::Caffeine, &pregnant), [(200.0, Scope::Total)]);
    assert_eq!(uppers(Nutrient::Alcohol, &pregnant), [(0.0, Scope::Total)]);
    let child = Person { weight_kg: Some(30.0), ..neither(10, Sex::Female) };
    assert_eq!(uppers(Nutrient::Caffeine, &child), [(90.0, Scope::Total)]);
    assert_eq!(uppers(Nutrient::Caffeine, &neither(10, Sex::Female)), []);
}

#[test]
fn somebody_unknown_gets_the_lowest_levels_of_adults() {
    assert_eq!(uppers(Nutrient::Calcium, &Person::default()), [(2000.0, Scope::Total)]);
    assert_eq!(uppers(Nutrient::Caffeine, &Person::default()), [(400.0, Scope::Total)]);
}

#[test]
fn levels_of_pregnancy_and_lactation_are_for_those_only_who_said_so() {
    let of_pregnancy = |person: &Person| {
        let levels = [Nutrient::Alcohol, Nutrient::Caffeine].map(|nutrient| upper_levels(nutrient, person, 2026));
        levels
            .iter()
            .flatten()
            .filter(|level| level.name.contains("pregnancy") || level.name.contains("breast"))
            .count()
    };
    assert_eq!(of_pregnancy(&Person::default()), 0);
    assert_eq!(of_pregnancy(&person(30, Some(Sex::Female), None)), 0);
    assert_eq!(of_pregnancy(&person(30, Some(Sex::Female), Some(LifeState::Pregnant))), 2);
    assert_eq!(of_pregnancy(&person(30, Some(Sex::Female), Some(LifeState::Lactating))), 1);
}

#[test]
fn sodium_has_a_level_of_risk_and_no_upper_level() {
    for nutrient in Nutrient::ALL {
        for level in upper_levels(nutrient, &neither(40, Sex::Male), 2026) {
            assert_eq!(level.kind == LevelKind::RiskReduction, nutrient == Nutrient::Sodium, "{nutrient}");
        }
    }
}

#[test]
fn nobody_falls_out_of_the_upper_levels_by_age() {
    let pregnant_at_52 = person(52, Some(Sex::Female), Some(LifeState::Pregnant));
    assert_eq!(uppers(Nutrient::Caffeine, &pregnant_at_52), [(200.0, Scope::Total)]);
    assert_eq!(uppers(Nutrient::Calcium, &neither(126, Sex::Male)), [(2000.0, Scope::Total)]);
    assert_eq!(value(Nutrient::VitaminD, &neither(126, Sex::Male)), Some(20.0));
}

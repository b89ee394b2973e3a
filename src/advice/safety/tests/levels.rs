//! Averages of the log over a level, with food and without.

use super::*;

#[test]
fn intake_over_an_upper_level() {
    let verdict = check(
        "intake_over_an_upper_level",
        &[with_average(Nutrient::Magnesium, 500.0, 300.0), with_average(Nutrient::VitaminD, 101.0, 0.0)],
        &[healthy(), with_average(Nutrient::Magnesium, 900.0, 200.0), with_average(Nutrient::Potassium, 9000.0, 0.0)],
        &[],
    );
    assert!(!verdict.allows(remedy("magnesium_foods").unwrap()));
    assert_eq!(
        verdict.cautions[0].text,
        "Your log is over a level that is not to be exceeded for long: magnesium from supplements averages 300 mg a day, \
         EFSA upper level 250 mg. Ask a pharmacist."
    );
}

#[test]
fn intake_over_a_level_of_risk() {
    let verdict = check(
        "intake_over_a_level_of_risk",
        &[with_average(Nutrient::Sodium, 3200.0, 0.0)],
        &[healthy(), with_average(Nutrient::Sodium, 2300.0, 0.0), with_average(Nutrient::VitaminD, 101.0, 0.0)],
        &["sodium"],
    );
    assert!(!verdict.held.iter().any(|held| held == "intake_over_an_upper_level"));
    assert_eq!(
        verdict.cautions[0].text,
        "Your log is over an intake above which cutting down lowers the risk of chronic disease; that is no upper level: \
         sodium averages 3200 mg a day, US chronic disease risk reduction intake 2300 mg."
    );
}

/// Somebody who logs supplements and never food.
fn with_supplements_only(supplement_days: u32) -> AdviceInput {
    let mut input = healthy();
    let brings = [(Nutrient::Magnesium, 400.0), (Nutrient::VitaminD, 125.0), (Nutrient::VitaminB6, 25.0)];
    input.averages = brings
        .map(|(nutrient, of_supplements)| NutrientAverage {
            nutrient,
            average_per_day: 0.0,
            known_share: 0.0,
            of_supplements,
            days: 0,
            supplement_days,
        })
        .into();
    input
}

#[test]
fn supplements_over_a_level_are_named_although_no_food_is_logged() {
    let verdict = judge(&with_supplements_only(3));
    let caution = verdict.cautions.iter().find(|caution| caution.rule == "intake_over_an_upper_level").unwrap();
    for named in [
        "magnesium from supplements averages 400 mg a day, EFSA upper level 250 mg",
        "vitamin D from supplements averages 125 µg a day, US upper level 100 µg",
        "vitamin B6 from supplements averages 25 mg a day, EFSA upper level 12 mg",
    ] {
        assert!(caution.text.contains(named), "{}", caution.text);
    }
    assert!(says_to_see_somebody(&verdict, "vitamin_b6_supplements_over_12_mg"));
    assert!(says_to_see_somebody(&verdict, "vitamin_d_supplements_over_100_ug"));
    assert!(verdict.held.iter().any(|held| held == "magnesium_supplements_and_diarrhoea"));
}

#[test]
fn two_days_of_supplements_name_no_level() {
    assert_eq!(judge(&with_supplements_only(2)).held, judge(&healthy()).held);
}

#[test]
fn two_days_of_drinking_name_no_level_and_three_do() {
    for (nutrient, average, rule) in [
        (Nutrient::Alcohol, 41.0, "much_alcohol_every_day"),
        (Nutrient::Alcohol, 41.0, "intake_over_an_upper_level"),
        (Nutrient::Caffeine, 500.0, "intake_over_an_upper_level"),
    ] {
        let after = |days| {
            let mut input = with_average(nutrient, average, 0.0);
            input.averages[0].days = days;
            // How much of it the log knows is for references only: a lower bound over a level is over it.
            input.averages[0].known_share = 0.0;
            input
        };
        check(rule, &[after(3)], &[after(2), after(0)], &[]);
    }
}

#[test]
fn a_little_wine_of_somebody_unknown_is_held_against_no_limit_of_pregnancy() {
    let with_wine = |life_state| {
        let mut input = with_average(Nutrient::Alcohol, 2.0, 0.0);
        input.person = Person { life_state, ..Person::default() };
        input
    };
    check("intake_over_an_upper_level", &[with_wine(Some(LifeState::Pregnant))], &[with_wine(None)], &[]);
}

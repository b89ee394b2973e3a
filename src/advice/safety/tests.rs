mod levels;

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::*;
use crate::advice::input::NutrientAverage;
use crate::advice::night::NightSeen;
use crate::advice::person::{Answered, Condition, LifeState, Person, Sex};
use crate::advice::remedies::remedy;
use crate::advice::words::{amount_in, tells_to_stop_a_medicine};

const TODAY: Date = date(2026, 11, 22);

/// Somebody of 66 without conditions and medicines, and who said so.
fn healthy() -> AdviceInput {
    let person = Person {
        birth_year: Some(1960),
        sex: Some(Sex::Male),
        life_state: Some(LifeState::Neither),
        conditions: Answered::Known(BTreeSet::new()),
        medicines: Answered::Known(BTreeSet::new()),
        ..Person::default()
    };
    AdviceInput { person, ..AdviceInput::empty(TODAY) }
}

fn with_condition(condition: Condition) -> AdviceInput {
    let mut input = healthy();
    input.person.conditions = Answered::Known([condition].into());
    input
}

fn with_medicine(medicine: MedicineClass) -> AdviceInput {
    let mut input = healthy();
    input.person.medicines = Answered::Known([medicine].into());
    input
}

fn with_average(nutrient: Nutrient, average_per_day: f64, of_supplements: f64) -> AdviceInput {
    let mut input = healthy();
    input.averages.push(NutrientAverage {
        nutrient,
        average_per_day,
        known_share: 0.9,
        of_supplements,
        days: 14,
        supplement_days: 14,
    });
    input
}

/// Watched nights up to yesterday; `cramps(days ago)` says how many cramps each had.
fn with_nights(count: i64, cramps: impl Fn(i64) -> u32) -> AdviceInput {
    let mut input = healthy();
    input.nights = (1..=count)
        .map(|ago| NightSeen {
            night: TODAY.checked_sub(ago.days()).unwrap(),
            first_worn_at: None,
            valid_s: 27_000.0,
            monitored_s: 28_800.0,
            cramps: cramps(ago),
            longest_cramp_s: (cramps(ago) > 0).then_some(60.0),
        })
        .collect();
    input
}

/// Checks that a rule holds for every `hit`, for no `miss`, and takes away what it says. Gives the verdict on the first hit.
fn check(name: &str, hits: &[AdviceInput], misses: &[AdviceInput], removed: &[&str]) -> Verdict {
    for input in misses {
        assert!(!judge(input).held.iter().any(|held| held == name), "{name} holds where it must not");
    }
    for input in hits {
        let verdict = judge(input);
        assert!(verdict.held.iter().any(|held| held == name), "{name} does not hold: {:?}", verdict.held);
        for id in removed {
            assert!(!verdict.allows_mention(remedy(id).unwrap()), "{name} leaves {id}");
        }
    }
    let verdict = judge(&hits[0]);
    for text in verdict.cautions.iter().map(|c| &c.text).chain(verdict.clinician.iter().map(|c| &c.text)) {
        assert!(!tells_to_stop_a_medicine(text), "{text}");
    }
    verdict
}

fn says_to_see_somebody(verdict: &Verdict, rule: &str) -> bool {
    verdict.clinician.iter().any(|point| point.rule == rule)
}

#[test]
fn quinine_is_never_suggested() {
    check("quinine_is_never_suggested", &[healthy()], &[], &["quinine", "diltiazem", "naftidrofuryl"]);
    assert!(!judge(&healthy()).allows(remedy("quinine").unwrap()));
}

#[test]
fn vitamin_b6_supplements_over_12_mg() {
    let verdict = check(
        "vitamin_b6_supplements_over_12_mg",
        &[with_average(Nutrient::VitaminB6, 13.0, 12.1)],
        &[with_average(Nutrient::VitaminB6, 13.0, 12.0)],
        &["vitamin_b6", "vitamin_b_complex"],
    );
    assert!(says_to_see_somebody(&verdict, "vitamin_b6_supplements_over_12_mg"));
}

#[test]
fn potassium_with_kidney_disease_or_medicines_that_hold_it() {
    check(
        "potassium_with_kidney_disease_or_medicines_that_hold_it",
        &[
            with_condition(Condition::KidneyDisease),
            with_condition(Condition::Dialysis),
            with_medicine(MedicineClass::AceInhibitor),
            with_medicine(MedicineClass::AngiotensinReceptorBlocker),
            with_medicine(MedicineClass::PotassiumSparingDiuretic),
        ],
        &[healthy(), with_medicine(MedicineClass::LoopDiuretic)],
        &["potassium"],
    );
}

#[test]
fn potassium_while_kidneys_medicines_or_age_are_unknown() {
    let mut no_conditions = healthy();
    no_conditions.person.conditions = Answered::Unknown;
    let mut no_medicines = healthy();
    no_medicines.person.medicines = Answered::Unknown;
    let mut no_age = healthy();
    no_age.person.birth_year = None;
    check(
        "potassium_while_kidneys_medicines_or_age_are_unknown",
        &[no_conditions, no_medicines, no_age],
        &[healthy()],
        &["potassium"],
    );
}

#[test]
fn magnesium_with_kidney_disease() {
    check(
        "magnesium_with_kidney_disease",
        &[with_condition(Condition::KidneyDisease), with_condition(Condition::Dialysis)],
        &[healthy()],
        &["magnesium", "magnesium_foods", "magnesium_pregnancy"],
    );
}

#[test]
fn magnesium_supplements_and_diarrhoea() {
    let verdict = check(
        "magnesium_supplements_and_diarrhoea",
        &[with_average(Nutrient::Magnesium, 300.0, 50.0)],
        &[with_average(Nutrient::Magnesium, 300.0, 0.0)],
        &[],
    );
    assert!(verdict.cautions[0].text.contains("diarrhoea"));
}

#[test]
fn minerals_apart_from_other_medicines() {
    let verdict = check(
        "minerals_apart_from_other_medicines",
        &[
            MedicineClass::Levothyroxine,
            MedicineClass::ChelatedAntibiotic,
            MedicineClass::Bisphosphonate,
            MedicineClass::Iron,
        ]
        .map(with_medicine),
        &[with_medicine(MedicineClass::Statin)],
        &["calcium"],
    );
    assert!(verdict.cautions[0].text.contains("two to four hours apart"));
}

#[test]
fn calcium_with_kidney_disease() {
    check(
        "calcium_with_kidney_disease",
        &[with_condition(Condition::KidneyDisease)],
        &[healthy()],
        &["calcium", "vitamin_d"],
    );
}

#[test]
fn vitamin_d_and_calcium_with_high_calcium_or_stones() {
    check(
        "vitamin_d_and_calcium_with_high_calcium_or_stones",
        &[
            with_condition(Condition::Hypercalcaemia),
            with_condition(Condition::KidneyStones),
            with_medicine(MedicineClass::Thiazide),
        ],
        &[healthy()],
        &["vitamin_d", "calcium"],
    );
}

#[test]
fn vitamin_d_supplements_over_100_ug() {
    let verdict = check(
        "vitamin_d_supplements_over_100_ug",
        &[with_average(Nutrient::VitaminD, 110.0, 101.0)],
        &[with_average(Nutrient::VitaminD, 110.0, 100.0)],
        &["vitamin_d"],
    );
    assert!(says_to_see_somebody(&verdict, "vitamin_d_supplements_over_100_ug"));
}

#[test]
fn vitamin_k_with_a_vitamin_k_antagonist() {
    let verdict = check(
        "vitamin_k_with_a_vitamin_k_antagonist",
        &[with_medicine(MedicineClass::VitaminKAntagonist)],
        &[healthy()],
        &["vitamin_k2"],
    );
    assert!(verdict.cautions[0].text.contains("anticoagulation clinic"));
}

#[test]
fn vitamin_k2_with_diuretics() {
    check(
        "vitamin_k2_with_diuretics",
        &[MedicineClass::Thiazide, MedicineClass::LoopDiuretic, MedicineClass::PotassiumSparingDiuretic]
            .map(with_medicine),
        &[healthy()],
        &["vitamin_k2"],
    );
}

#[test]
fn fluids_with_heart_kidney_or_liver_failure_or_low_sodium() {
    check(
        "fluids_with_heart_kidney_or_liver_failure_or_low_sodium",
        &[
            Condition::HeartFailure,
            Condition::KidneyDisease,
            Condition::Dialysis,
            Condition::Cirrhosis,
            Condition::LowSodium,
        ]
        .map(with_condition),
        &[healthy(), with_condition(Condition::Hypertension)],
        &["hydration", "electrolytes_after_sweating"],
    );
}

#[test]
fn fluids_with_thiazides_or_ssris() {
    check(
        "fluids_with_thiazides_or_ssris",
        &[MedicineClass::Thiazide, MedicineClass::Ssri].map(with_medicine),
        &[healthy()],
        &["hydration"],
    );
}

#[test]
fn drinking_over_one_litre_an_hour() {
    let drinking = |peak| AdviceInput { drinking_peak_ml_per_h: Some(peak), ..healthy() };
    let verdict =
        check("drinking_over_one_litre_an_hour", &[drinking(1001.0)], &[drinking(1000.0), healthy()], &["hydration"]);
    assert!(verdict.cautions[0].text.contains("If that was truly drunk within an hour"));
}

#[test]
fn salt_with_high_blood_pressure_heart_failure_or_kidney_disease() {
    check(
        "salt_with_high_blood_pressure_heart_failure_or_kidney_disease",
        &[
            Condition::Hypertension,
            Condition::HeartFailure,
            Condition::KidneyDisease,
            Condition::Dialysis,
            Condition::Cirrhosis,
        ]
        .map(with_condition),
        &[healthy()],
        &["sodium", "electrolytes_after_sweating", "pickle_juice"],
    );
}

#[test]
fn pickle_juice_with_reflux() {
    check("pickle_juice_with_reflux", &[with_condition(Condition::Reflux)], &[healthy()], &["pickle_juice"]);
}

#[test]
fn heat_and_pressure_on_numb_skin() {
    check(
        "heat_and_pressure_on_numb_skin",
        &[Condition::Neuropathy, Condition::Diabetes].map(with_condition),
        &[healthy()],
        &["heat", "compression"],
    );
}

#[test]
fn much_alcohol_every_day() {
    let verdict = check(
        "much_alcohol_every_day",
        &[with_average(Nutrient::Alcohol, 41.0, 0.0)],
        &[with_average(Nutrient::Alcohol, 40.0, 0.0)],
        &["alcohol_less"],
    );
    assert!(says_to_see_somebody(&verdict, "much_alcohol_every_day"));
}

/// Nothing is suggested, and a clinician comes first.
fn check_evidence_only(name: &str, hits: &[AdviceInput]) {
    let verdict = check(name, hits, &[healthy()], &[]);
    assert!(says_to_see_somebody(&verdict, name));
    for input in hits {
        let verdict = judge(input);
        assert!(crate::advice::remedies::remedies().iter().all(|remedy| !verdict.allows(remedy)), "{name}");
    }
}

#[test]
fn pregnancy() {
    let mut input = healthy();
    input.person.life_state = Some(LifeState::Pregnant);
    check_evidence_only("pregnancy", &[input]);
}

#[test]
fn pregnancy_not_asked() {
    let may_be = |age: i16, sex| {
        let mut input = healthy();
        input.person = Person { birth_year: Some(2026 - age), sex, life_state: None, ..input.person };
        input
    };
    check(
        "pregnancy_not_asked",
        &[may_be(30, Some(Sex::Female)), may_be(30, None)],
        &[may_be(60, Some(Sex::Female)), may_be(30, Some(Sex::Male)), healthy()],
        &["potassium", "hydration", "vitamin_k2", "heat", "pickle_juice"],
    );
}

#[test]
fn under_18() {
    let aged = |age: i16| {
        let mut input = healthy();
        input.person.birth_year = Some(2026 - age);
        input
    };
    check_evidence_only("under_18", &[aged(17), aged(3)]);
    check("under_18", &[aged(17)], &[aged(18)], &["pickle_juice"]);
}

#[test]
fn dialysis() {
    check_evidence_only("dialysis", &[with_condition(Condition::Dialysis)]);
}

#[test]
fn cirrhosis() {
    check_evidence_only("cirrhosis", &[with_condition(Condition::Cirrhosis)]);
}

#[test]
fn motor_neuron_disease() {
    check_evidence_only("motor_neuron_disease", &[with_condition(Condition::MotorNeuronDisease)]);
}

const INTERACTING: [&str; 7] =
    ["potassium", "hydration", "vitamin_k2", "heat", "pickle_juice", "magnesium_foods", "calcium"];

#[test]
fn unknown_conditions() {
    let mut input = healthy();
    input.person.conditions = Answered::Unknown;
    let verdict = check("unknown_conditions", &[input], &[healthy()], &INTERACTING);
    assert!(verdict.allows(remedy("bedtime_stretch").unwrap()));
}

#[test]
fn unknown_medicines() {
    let mut input = healthy();
    input.person.medicines = Answered::Unknown;
    let verdict = check("unknown_medicines", &[input], &[healthy()], &INTERACTING);
    assert!(verdict.allows(remedy("bedtime_stretch").unwrap()));
}

#[test]
fn unknown_age() {
    let mut input = healthy();
    input.person.birth_year = None;
    check("unknown_age", &[input], &[healthy()], &INTERACTING);
}

#[test]
fn quinine_taken() {
    let verdict = check("quinine_taken", &[with_medicine(MedicineClass::Quinine)], &[healthy()], &["quinine"]);
    assert!(says_to_see_somebody(&verdict, "quinine_taken"));
}

#[test]
fn a_cramp_of_over_ten_minutes() {
    let lasting = |seconds, ago: i64| {
        let mut input = with_nights(40, |night| u32::from(night == ago));
        input.nights[usize::try_from(ago).unwrap() - 1].longest_cramp_s = Some(seconds);
        input
    };
    let verdict =
        check("a_cramp_of_over_ten_minutes", &[lasting(601.0, 3)], &[lasting(600.0, 3), lasting(900.0, 35)], &[]);
    assert!(verdict.clinician[0].urgent);
}

#[test]
fn three_cramp_nights_a_week_for_four_weeks() {
    let verdict = check(
        "three_cramp_nights_a_week_for_four_weeks",
        &[with_nights(28, |ago| u32::from((ago - 1) % 7 < 3))],
        &[
            with_nights(28, |ago| u32::from((ago - 1) % 7 < 2) * 5),
            with_nights(21, |_| 1),
            with_nights(28, |ago| u32::from(ago > 7)),
        ],
        &[],
    );
    assert!(says_to_see_somebody(&verdict, "three_cramp_nights_a_week_for_four_weeks"));
}

#[test]
fn a_jump_in_rate() {
    let verdict = check(
        "a_jump_in_rate",
        &[with_nights(60, |ago| u32::from(ago <= 14 && ago % 2 == 0 || ago % 15 == 0))],
        &[
            with_nights(60, |ago| u32::from(ago % 4 == 0)),
            with_nights(30, |ago| u32::from(ago <= 14)),
            with_nights(60, |ago| u32::from(ago == 3)),
        ],
        &[],
    );
    assert!(says_to_see_somebody(&verdict, "a_jump_in_rate"));
}

#[test]
fn every_rule_has_a_test_of_its_name() {
    let here = concat!(include_str!("tests.rs"), include_str!("tests/levels.rs"));
    for rule in rules().unwrap() {
        assert!(here.contains(&format!("fn {}()", rule.name)), "{}", rule.name);
    }
}

#[test]
fn every_class_of_medicines_with_a_known_association_raises_a_pharmacist_and_none_is_to_be_stopped() {
    assert_eq!(associated_medicines().len(), 8);
    for medicine in associated_medicines() {
        let verdict = judge(&with_medicine(medicine.class));
        let point = verdict.clinician.iter().find(|point| point.rule == medicine.class.as_str()).unwrap();
        assert!(point.text.ends_with("Ask your prescriber or pharmacist; keep taking it until then."));
        assert!(!tells_to_stop_a_medicine(&point.text));
    }
}

#[test]
fn a_rule_can_only_take_away_what_was_allowed() {
    let free = judge(&healthy());
    for condition in Condition::ALL {
        let verdict = judge(&with_condition(condition));
        for remedy in crate::advice::remedies::remedies() {
            assert!(free.allows(remedy) || !verdict.allows(remedy), "{condition:?} adds {}", remedy.id);
        }
    }
}

#[test]
fn no_text_of_the_file_names_an_amount_or_tells_to_stop_a_medicine() {
    let texts = rules().unwrap().iter().flat_map(|rule| rule.caution.iter().chain(&rule.clinician));
    for text in texts.chain(associated_medicines().iter().map(|m| &m.text)).chain(red_flags().iter().map(|f| &f.text)) {
        assert_eq!(amount_in(text), None, "{text}");
        assert!(!tells_to_stop_a_medicine(text), "{text}");
        assert!(text.chars().count() <= 255, "{text}");
    }
}

//! 10,000 random persons: no rule is ever broken. What is asserted here is written apart from the rules and their data.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::{Advice, IntakeLine, LinkLine, advise};
use crate::advice::foods::{FoodView, foods_for};
use crate::advice::input::{AdviceInput, NutrientAverage, ReliefOutcome};
use crate::advice::link::{Factor, Link, OddsRatio, Share, Strength};
use crate::advice::night::NightSeen;
use crate::advice::person::{Answered, Condition, LifeState, MedicineClass, Person, Sex};
use crate::advice::remedies::remedies;
use crate::advice::words::{amount_in, tells_to_stop_a_medicine};
use crate::diary::{Exposure, Nutrient};

const TODAY: Date = date(2026, 11, 22);

fn answered<T: Ord + Clone + std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Answered<T>> {
    option::weighted(0.85, btree_set(of, 0..4)).prop_map(|set| set.map_or(Answered::Unknown, Answered::Known))
}

fn person() -> impl Strategy<Value = Person> {
    let state = select(vec![LifeState::Neither, LifeState::Neither, LifeState::Pregnant, LifeState::Lactating]);
    (
        option::weighted(0.9, 1900_i16..2030),
        option::of(select(vec![Sex::Female, Sex::Male])),
        option::of(state),
        option::of(prop_oneof![10.0..200.0, Just(f64::NAN), Just(-1.0)]),
        answered(select(Condition::ALL.to_vec())),
        answered(select(MedicineClass::ALL.to_vec())),
    )
        .prop_map(|(birth_year, sex, life_state, weight_kg, conditions, medicines)| Person {
            birth_year,
            sex,
            life_state,
            weight_kg,
            conditions,
            medicines,
        })
}

fn average() -> impl Strategy<Value = NutrientAverage> {
    let amount = || prop_oneof![8 => 0.0..5000.0, 4 => 0.0..20.0, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
    (select(Nutrient::ALL.to_vec()), amount(), 0.0..=1.0, amount(), 0_u32..30, 0_u32..30).prop_map(
        |(nutrient, average_per_day, known_share, of_supplements, days, supplement_days)| NutrientAverage {
            nutrient,
            average_per_day,
            known_share,
            of_supplements,
            days,
            supplement_days,
        },
    )
}

fn factor() -> impl Strategy<Value = Factor> {
    let factors = Nutrient::ALL.map(Factor::Nutrient).into_iter().chain(Exposure::ALL.map(Factor::Exposure));
    select(factors.collect::<Vec<_>>())
}

fn link() -> impl Strategy<Value = Link> {
    let strengths = vec![Strength::TooEarly, Strength::NoClearLink, Strength::PossibleLink, Strength::ConsistentLink];
    let odds = (0.1..10.0, 0.0..=1.0, any::<bool>()).prop_map(|(estimate, p, finite)| OddsRatio {
        estimate: if finite { estimate } else { f64::NAN },
        interval_80: (estimate * 0.7, estimate * 1.4),
        interval_95: (estimate * 0.5, estimate * 2.0),
        p_raises: p,
        p_lowers: 1.0 - p,
    });
    (
        factor(),
        select(strengths),
        (0_u32..200, 0_u32..200),
        (0_u32..200, 0_u32..200),
        option::of(0.0..3000.0),
        option::of(odds),
        option::of(0_u32..1000),
    )
        .prop_map(|(factor, strength, exposed, unexposed, threshold, odds_ratio, more_nights)| Link {
            factor,
            strength,
            exposed: Share { cramp_nights: exposed.0.min(exposed.1), nights: exposed.1 },
            unexposed: Share { cramp_nights: unexposed.0.min(unexposed.1), nights: unexposed.1 },
            threshold,
            odds_ratio,
            more_nights,
        })
}

/// Nights back from today; the bits of `cramps` say over and over which had one.
fn nights() -> impl Strategy<Value = Vec<NightSeen>> {
    (prop_oneof![Just(0_i64), 1_i64..70, 1_i64..400], any::<u64>(), any::<u64>(), 10.0..1200.0).prop_map(
        |(count, cramps, worn, longest)| {
            (0..count)
                .map(|ago| {
                    let cramped = cramps >> (ago % 64) & 1 == 1;
                    NightSeen {
                        night: TODAY.checked_sub(ago.days()).unwrap(),
                        first_worn_at: None,
                        valid_s: if worn >> (ago % 64) & 1 == 1 { 28_000.0 } else { 9_000.0 },
                        monitored_s: 28_800.0,
                        cramps: u32::from(cramped),
                        longest_cramp_s: cramped.then_some(longest),
                    }
                })
                .collect()
        },
    )
}

fn input() -> impl Strategy<Value = AdviceInput> {
    let ids: Vec<String> = remedies().iter().map(|remedy| remedy.id.clone()).chain(["gone".to_owned()]).collect();
    let words = vec!["quinine", "Tonic water", "pickle juice", "a banana", "hot bath", "stood on it", "Limptar N"];
    let name = prop_oneof![select(words).prop_map(str::to_owned), "\\PC{0,90}"];
    let relief = (name, 0_u32..20, 0_u32..20).prop_map(|(name, worked, tried)| ReliefOutcome { name, worked, tried });
    (
        person(),
        prop_oneof![Just(TODAY), Just(date(2026, 12, 2)), Just(date(2026, 1, 1))],
        nights(),
        vec(average(), 0..12),
        option::of(0.0..3000.0),
        vec(link(), 0..8),
        vec(relief, 0..5),
        option::of((select(ids.clone()), option::of(-3_i64..100))),
        vec((factor(), factor()), 0..4),
        (vec(factor(), 0..3), option::weighted(0.3, select(ids))),
    )
        .prop_map(
            |(person, today, nights, averages, peak, links, relief_outcomes, previous, companions, trial)| {
                let days = previous.as_ref().and_then(|(_, days)| *days);
                let (under_trial, remedy_under_trial) = trial;
                AdviceInput {
                    person,
                    today,
                    nights,
                    averages,
                    drinking_peak_ml_per_h: peak,
                    links,
                    companions,
                    under_trial,
                    remedy_under_trial,
                    relief_outcomes,
                    previous_suggestion: previous.map(|(id, _)| id),
                    previous_since: days.map(|days| today.checked_sub(days.days()).unwrap()),
                }
            },
        )
}

/// Every text of our own in which no amount may stand.
fn own_texts(advice: &Advice) -> Vec<&str> {
    let mut texts = vec![advice.headline.as_str(), &advice.learning];
    texts.extend(
        advice.what_changed.iter().chain(&advice.regression_note).chain(&advice.links_note).map(String::as_str),
    );
    texts.extend(advice.clinician.iter().map(|point| point.text.as_str()));
    texts.extend(advice.red_flags.iter().map(|flag| flag.text.as_str()));
    // The person's own words may hold anything.
    texts.extend(advice.relief_card.iter().map(String::as_str).filter(|line| !line.starts_with("In your log")));
    if let Some(suggestion) = &advice.suggestion {
        texts.extend(
            [&suggestion.title, &suggestion.why, &suggestion.how_sure, &suggestion.from_whom].map(String::as_str),
        );
        texts.extend(suggestion.how_to.iter().chain(&suggestion.cautions).map(String::as_str));
    }
    texts
}

/// Texts that tell what was logged or what a level is.
fn telling_texts(advice: &Advice) -> Vec<&str> {
    let cautions = advice.cautions.iter().map(|caution| &caution.text);
    let links = advice.links.iter().map(|link| &link.text);
    cautions.chain(links).chain(advice.intakes.iter().map(|line| &line.text)).map(String::as_str).collect()
}

/// Whether a verb of taking stands before an amount in the same sentence.
fn tells_to_take_an_amount(text: &str) -> bool {
    let verbs = ["take", "drink", "eat", "use", "swallow", "add", "try", "have"];
    // These tell what was logged; `drink` is a noun there.
    let telling = text.starts_with("Your log averages");
    !telling
        && text.split(". ").filter(|sentence| amount_in(sentence).is_some()).any(|sentence| {
            sentence.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|word| verbs.contains(&word))
        })
}

/// Remedies without any interaction, listed here by hand.
const HARMLESS: [&str; 15] = [
    "medicines_review",
    "alcohol_less",
    "ease_hard_exercise",
    "stand_less",
    "caffeine_less",
    "sleeping_position",
    "being_active",
    "bedtime_stretch",
    "vitamin_b12",
    "vitamin_b1",
    "vitamin_b6",
    "vitamin_b5",
    "evening_breathing",
    "massage",
    "relief_stretch",
];

fn has(input: &AdviceInput, conditions: &[Condition]) -> bool {
    conditions.iter().any(|condition| input.person.conditions.has(condition) == Some(true))
}

fn takes(input: &AdviceInput, medicines: &[MedicineClass]) -> bool {
    medicines.iter().any(|medicine| input.person.medicines.has(medicine) == Some(true))
}

fn logs_over(input: &AdviceInput, nutrient: Nutrient, limit: f64, of_supplements: bool) -> bool {
    let amount = |a: &NutrientAverage| if of_supplements { a.of_supplements } else { a.average_per_day };
    let days = |a: &NutrientAverage| if of_supplements { a.supplement_days } else { a.days };
    input
        .averages
        .iter()
        .filter(|average| average.nutrient == nutrient && days(average) >= 3)
        .any(|average| amount(average).is_finite() && amount(average) > limit)
}

/// Ids that must not be suggested to this person.
fn forbidden(input: &AdviceInput) -> Vec<&'static str> {
    use Condition as C;
    use MedicineClass as M;
    let unknown = input.person.conditions == Answered::Unknown || input.person.medicines == Answered::Unknown;
    let kidney = has(input, &[C::KidneyDisease, C::Dialysis]);
    let mut ids =
        vec!["quinine", "diltiazem", "naftidrofuryl", "magnesium", "sodium", "vitamin_b_complex", "acupuncture"];
    let mut when = |holds: bool, more: &[&'static str]| ids.extend(more.iter().filter(|_| holds));
    let holders = [M::AceInhibitor, M::AngiotensinReceptorBlocker, M::PotassiumSparingDiuretic];
    when(unknown || kidney || takes(input, &holders), &["potassium"]);
    when(input.person.birth_year.is_none(), &["potassium"]);
    when(unknown || kidney, &["magnesium_foods", "calcium", "vitamin_d"]);
    when(has(input, &[C::Hypercalcaemia, C::KidneyStones]), &["vitamin_d", "calcium"]);
    when(logs_over(input, Nutrient::VitaminD, 100.0, true), &["vitamin_d"]);
    when(unknown || takes(input, &[M::VitaminKAntagonist, M::LoopDiuretic, M::Thiazide]), &["vitamin_k2"]);
    when(
        unknown || kidney || has(input, &[C::HeartFailure, C::LowSodium]),
        &["hydration", "electrolytes_after_sweating"],
    );
    when(takes(input, &[M::Thiazide, M::Ssri]), &["hydration"]);
    when(input.drinking_peak_ml_per_h.is_some_and(|peak| peak > 1000.0), &["hydration"]);
    when(has(input, &[C::Hypertension]), &["electrolytes_after_sweating"]);
    when(has(input, &[C::Neuropathy, C::Diabetes]), &["heat"]);
    when(logs_over(input, Nutrient::VitaminB6, 12.0, true), &["vitamin_b6"]);
    when(logs_over(input, Nutrient::Magnesium, 350.0, true), &["magnesium_foods"]);
    when(logs_over(input, Nutrient::Alcohol, 40.0, false), &["alcohol_less"]);
    ids
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_rule_is_ever_broken(input in input()) {
        let advice = advise(&input);
        let suggested = advice.suggestion.as_ref().map(|suggestion| suggestion.remedy.as_str());

        prop_assert!(!advice.headline.is_empty() && advice.short_text().chars().count() <= 255);
        for text in own_texts(&advice) {
            prop_assert_eq!(amount_in(text), None, "{}", text);
            prop_assert!(!text.is_empty());
        }
        for text in telling_texts(&advice) {
            prop_assert!(!tells_to_take_an_amount(text), "{}", text);
        }
        for text in own_texts(&advice).into_iter().chain(telling_texts(&advice)) {
            prop_assert!(!tells_to_stop_a_medicine(text), "{}", text);
            let small = text.to_lowercase();
            prop_assert!(!small.contains("deficien") && !small.contains("you lack") && !text.contains("NaN") && !text.contains(" inf"), "{}", text);
        }

        let age = input.person.age_in(input.today.year());
        let evidence_only = [Condition::Dialysis, Condition::Cirrhosis, Condition::MotorNeuronDisease];
        if has(&input, &evidence_only)
            || input.person.life_state == Some(LifeState::Pregnant)
            || age.is_some_and(|age| age < 18)
        {
            prop_assert_eq!(suggested, None);
            prop_assert!(!advice.clinician.is_empty());
        }
        if let Some(id) = suggested {
            prop_assert!(!forbidden(&input).contains(&id), "{} suggested", id);
            if input.person.conditions == Answered::Unknown || input.person.medicines == Answered::Unknown || age.is_none() {
                prop_assert!(HARMLESS.contains(&id), "{} suggested to somebody unknown", id);
            }
        }
        prop_assert!(suggested.is_none() || suggested != input.remedy_under_trial.as_deref());
        let blind = |line: &LinkLine| !input.under_trial.contains(&line.factor);
        prop_assert!(advice.links.iter().all(blind));
        let told_quinine = |line: &String| ["quinine", "Tonic", "Limptar"].iter().any(|word| line.contains(word));
        prop_assert!(!advice.relief_card.iter().any(told_quinine));
        let salty = [Condition::Hypertension, Condition::HeartFailure, Condition::KidneyDisease, Condition::Reflux];
        if has(&input, &salty) || input.person.conditions == Answered::Unknown {
            prop_assert!(!advice.relief_card.iter().any(|line| line.contains("pickle")));
        }
        if takes(&input, &[MedicineClass::Statin, MedicineClass::Thiazide, MedicineClass::LongActingBetaAgonist]) {
            prop_assert!(advice.clinician.iter().any(|point| point.text.contains("prescriber or pharmacist")));
        }
        for line in &advice.intakes {
            if line.known_share < 0.6 {
                prop_assert!(line.reference.is_none() && !line.text.contains("the reference is"), "{}", line.text);
            }
        }
        let holds_potassium = [MedicineClass::AceInhibitor, MedicineClass::PotassiumSparingDiuretic];
        if takes(&input, &holds_potassium) || has(&input, &[Condition::KidneyDisease]) {
            let nudge = |line: &&IntakeLine| {
                line.nutrient == Nutrient::Potassium && line.reference.is_some_and(|r| line.average_per_day < Some(r.value))
            };
            prop_assert!(advice.intakes.iter().find(nudge).is_none());
            let banana =
                FoodView { name: "banana".to_owned(), per_portion: Some(422.0), portion: "1 medium".to_owned(), times_eaten: 3 };
            prop_assert!(foods_for(Nutrient::Potassium, &[banana], &input).foods.is_empty());
        }
        let long = input.nights.iter().any(|night| {
            night.night <= input.today
                && input.today.since(night.night).unwrap().get_days() <= 28
                && night.longest_cramp_s.is_some_and(|length| length > 600.0)
        });
        prop_assert_eq!(advice.clinician.first().is_some_and(|point| point.urgent), long);
    }
}

//! Written persons: each safety rule, life stage, claim of the articles, and state of the data once at least.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::advice::input::{AdviceInput, NutrientAverage, ReliefOutcome};
use crate::advice::link::{Factor, Link, OddsRatio, Share, Strength};
use crate::advice::night::NightSeen;
use crate::advice::person::{Answered, Condition, LifeState, MedicineClass, Person, Sex};
use crate::diary::{Exposure, Nutrient};

/// After the first week of a month, so that the medicines review does not lead.
pub(super) const TODAY: Date = date(2026, 11, 22);

/// A person under construction.
#[derive(Clone)]
struct Written(AdviceInput);

/// Somebody who said that they have no condition and take no medicine.
fn adult(age: i16, sex: Sex) -> Written {
    let person = Person {
        birth_year: Some(2026 - age),
        sex: Some(sex),
        life_state: Some(LifeState::Neither),
        conditions: Answered::Known(BTreeSet::new()),
        medicines: Answered::Known(BTreeSet::new()),
        weight_kg: Some(70.0),
    };
    Written(AdviceInput { person, ..AdviceInput::empty(TODAY) })
}

fn man(age: i16) -> Written {
    adult(age, Sex::Male)
}

fn woman(age: i16) -> Written {
    adult(age, Sex::Female)
}

impl Written {
    fn has(mut self, conditions: &[Condition]) -> Self {
        self.0.person.conditions = Answered::Known(conditions.iter().copied().collect());
        self
    }

    fn takes(mut self, medicines: &[MedicineClass]) -> Self {
        self.0.person.medicines = Answered::Known(medicines.iter().copied().collect());
        self
    }

    fn is(mut self, state: LifeState) -> Self {
        self.0.person.life_state = Some(state);
        self
    }

    /// An average of two weeks of which the log knows 80 %.
    fn logs(self, nutrient: Nutrient, average_per_day: f64) -> Self {
        self.logs_of(nutrient, average_per_day, 0.0, 0.8, 14)
    }

    fn logs_of(
        mut self,
        nutrient: Nutrient,
        average_per_day: f64,
        of_supplements: f64,
        known_share: f64,
        days: u32,
    ) -> Self {
        self.0.averages.push(NutrientAverage {
            nutrient,
            average_per_day,
            known_share,
            of_supplements,
            days,
            supplement_days: days,
        });
        self
    }

    /// Watched nights up to yesterday; every `each`th has a cramp.
    fn nights(mut self, count: i64, each: i64) -> Self {
        self.0.nights = (1..=count).map(|ago| night(ago, u32::from(ago % each == 0))).collect();
        self
    }

    fn link(mut self, factor: Factor, strength: Strength, raises: bool) -> Self {
        let nothing = strength == Strength::NoClearLink;
        let (exposed, unexposed) = match (nothing, raises) {
            (true, _) => ((10, 40), (22, 80)),
            (false, true) => ((12, 30), (18, 90)),
            (false, false) => ((6, 40), (30, 80)),
        };
        let odds = if nothing {
            OddsRatio {
                estimate: 0.9,
                interval_80: (0.6, 1.3),
                interval_95: (0.5, 1.6),
                p_raises: 0.15,
                p_lowers: 0.33,
            }
        } else if raises {
            OddsRatio {
                estimate: 1.9,
                interval_80: (1.3, 2.8),
                interval_95: (1.0, 3.6),
                p_raises: 0.93,
                p_lowers: 0.01,
            }
        } else {
            OddsRatio {
                estimate: 0.5,
                interval_80: (0.3, 0.8),
                interval_95: (0.2, 1.0),
                p_raises: 0.01,
                p_lowers: 0.94,
            }
        };
        let odds_ratio = (strength != Strength::TooEarly).then_some(odds);
        let share = |(cramp_nights, nights)| Share { cramp_nights, nights };
        self.0.links.push(Link {
            factor,
            strength,
            exposed: share(exposed),
            unexposed: share(unexposed),
            threshold: match factor {
                Factor::Nutrient(Nutrient::Potassium) => Some(3000.0),
                Factor::Nutrient(Nutrient::Caffeine) => Some(150.0),
                Factor::Nutrient(_) => Some(10.0),
                Factor::Exposure(_) => None,
            },
            odds_ratio,
            more_nights: Some(60),
        });
        self
    }

    /// Stretching was tried and showed nothing, so that other suggestions come first.
    fn stretched(self) -> Self {
        self.nights(200, 4).link(STRETCH, Strength::NoClearLink, false)
    }

    fn before(mut self, suggestion: &str) -> Self {
        self.0.previous_suggestion = Some(suggestion.to_owned());
        self
    }

    fn with(mut self, change: impl FnOnce(&mut AdviceInput)) -> Self {
        change(&mut self.0);
        self
    }
}

fn night(ago: i64, cramps: u32) -> NightSeen {
    NightSeen {
        night: TODAY.checked_sub(ago.days()).unwrap(),
        first_worn_at: None,
        valid_s: 26_000.0,
        monitored_s: 28_800.0,
        cramps,
        longest_cramp_s: (cramps > 0).then_some(90.0),
    }
}

const ALCOHOL: Factor = Factor::Nutrient(Nutrient::Alcohol);
const STRETCH: Factor = Factor::Exposure(Exposure::Stretch);
const SWEAT: Factor = Factor::Exposure(Exposure::Sweat);

/// All of them, each with its name.
pub(super) fn persons() -> Vec<(&'static str, AdviceInput)> {
    let all = [states_of_the_data(), life_stages(), rules_of_conditions(), rules_of_medicines_and_logs(), claims()];
    all.into_iter().flatten().map(|(name, Written(input))| (name, input)).collect()
}

fn states_of_the_data() -> Vec<(&'static str, Written)> {
    use Strength::{ConsistentLink, NoClearLink, PossibleLink, TooEarly};
    let judged = |strength| man(66).nights(120, 4).link(ALCOHOL, strength, true);
    vec![
        ("nobody_known_no_night", Written(AdviceInput::empty(TODAY))),
        ("no_night", man(66)),
        ("one_night", man(66).nights(1, 1)),
        ("59_nights", man(66).nights(59, 5).link(ALCOHOL, TooEarly, true)),
        ("60_nights_few_cramps", man(66).nights(60, 20)),
        ("60_nights_no_factor_yet", man(66).nights(60, 5)),
        ("120_nights_possible_link", judged(PossibleLink)),
        ("120_nights_no_clear_link", judged(NoClearLink)),
        (
            "400_nights_consistent_link",
            man(66).nights(400, 4).link(ALCOHOL, ConsistentLink, true).before("bedtime_stretch"),
        ),
        ("400_nights_without_a_cramp", man(66).nights(400, 1000)),
        ("stretch_that_helps_in_own_nights", man(66).nights(200, 4).link(STRETCH, PossibleLink, false)),
        (
            "stretch_that_shows_nothing",
            man(66).nights(200, 4).link(STRETCH, NoClearLink, false).before("bedtime_stretch"),
        ),
        ("same_as_last_time", man(66).nights(10, 4).before("bedtime_stretch")),
        (
            "moved_on_after_six_weeks",
            man(66)
                .nights(200, 4)
                .link(STRETCH, NoClearLink, false)
                .before("evening_breathing")
                .with(|input| input.previous_since = TODAY.checked_sub(42.days()).ok()),
        ),
        ("suggested_before_and_unknown_now", man(66).before("no_such_remedy")),
        ("log_knows_too_little", man(66).logs_of(Nutrient::Magnesium, 120.0, 0.0, 0.45, 14)),
        ("log_of_three_days", man(66).logs_of(Nutrient::Magnesium, 120.0, 0.0, 0.9, 3)),
        (
            "alcohol_under_trial",
            judged(PossibleLink).link(SWEAT, NoClearLink, true).before("alcohol_less").with(|input| {
                input.under_trial = vec![ALCOHOL];
                input.remedy_under_trial = Some("alcohol_less".to_owned());
            }),
        ),
        (
            "alcohol_and_sweat_on_the_same_days",
            judged(NoClearLink)
                .link(SWEAT, PossibleLink, true)
                .link(STRETCH, TooEarly, true)
                .with(|input| input.companions = vec![(ALCOHOL, SWEAT), (SWEAT, ALCOHOL), (STRETCH, SWEAT)]),
        ),
        ("unknown_with_a_little_wine", Written(AdviceInput::empty(TODAY)).logs(Nutrient::Alcohol, 2.0)),
        (
            "relief_that_worked",
            man(66).with(|input| {
                let outcome = |name: &str, worked, tried| ReliefOutcome { name: name.to_owned(), worked, tried };
                input.relief_outcomes =
                    vec![outcome("hot shower", 1, 1), outcome("stood on it", 9, 10), outcome("never tried", 0, 0)];
            }),
        ),
    ]
}

fn life_stages() -> Vec<(&'static str, Written)> {
    let full_log = |who: Written| {
        who.logs(Nutrient::Magnesium, 150.0).logs(Nutrient::Calcium, 900.0).logs(Nutrient::VitaminD, 14.0)
    };
    vec![
        ("child_of_3", full_log(man(3))),
        ("child_of_8", full_log(woman(8))),
        ("girl_of_12", full_log(woman(12))),
        ("boy_of_16", full_log(man(16))),
        ("man_of_25", full_log(man(25))),
        ("woman_of_25", full_log(woman(25))),
        ("man_of_40", full_log(man(40))),
        ("woman_of_40", full_log(woman(40))),
        ("woman_of_60", full_log(woman(60))),
        ("man_of_80", full_log(man(80))),
        ("woman_of_80", full_log(woman(80))),
        ("pregnant_at_17", full_log(woman(17)).is(LifeState::Pregnant)),
        (
            "pregnant_at_30",
            full_log(woman(30)).is(LifeState::Pregnant).logs(Nutrient::Caffeine, 250.0).logs(Nutrient::Alcohol, 2.0),
        ),
        ("lactating_at_35", full_log(woman(35)).is(LifeState::Lactating)),
        ("woman_of_30_not_asked_for_pregnancy", full_log(woman(30)).with(|input| input.person.life_state = None)),
        ("sex_unknown_at_75", full_log(man(75)).with(|input| input.person.sex = None)),
        ("age_unknown", full_log(man(40)).with(|input| input.person.birth_year = None)),
    ]
}

fn rules_of_conditions() -> Vec<(&'static str, Written)> {
    use Condition as C;
    let low = |who: Written| {
        who.logs(Nutrient::Potassium, 1800.0).logs(Nutrient::Magnesium, 200.0).logs(Nutrient::Water, 1200.0)
    };
    vec![
        ("kidney_disease_with_low_averages", low(man(70)).has(&[C::KidneyDisease]).stretched().before("potassium")),
        ("dialysis", low(woman(62)).has(&[C::Dialysis])),
        ("heart_failure", low(man(78)).has(&[C::HeartFailure]).stretched().before("hydration")),
        (
            "hypertension_and_sweat",
            man(58).has(&[C::Hypertension]).nights(120, 4).link(SWEAT, Strength::PossibleLink, true),
        ),
        ("cirrhosis", man(55).has(&[C::Cirrhosis])),
        (
            "kidney_stones",
            woman(52).has(&[C::KidneyStones]).logs(Nutrient::Calcium, 500.0).stretched().before("calcium"),
        ),
        (
            "hypercalcaemia",
            woman(52).has(&[C::Hypercalcaemia]).logs(Nutrient::VitaminD, 3.0).stretched().before("vitamin_d"),
        ),
        ("low_sodium", low(woman(81)).has(&[C::LowSodium])),
        ("motor_neuron_disease", man(61).has(&[C::MotorNeuronDisease])),
        ("neuropathy_and_diabetes", man(67).has(&[C::Neuropathy, C::Diabetes]).stretched().before("heat")),
        ("reflux", woman(45).has(&[C::Reflux])),
        (
            "conditions_not_asked",
            low(man(66)).with(|input| input.person.conditions = Answered::Unknown).stretched().before("potassium"),
        ),
    ]
}

fn rules_of_medicines_and_logs() -> Vec<(&'static str, Written)> {
    use MedicineClass as M;
    let low_potassium =
        |medicine| man(66).logs(Nutrient::Potassium, 1800.0).takes(&[medicine]).stretched().before("potassium");
    vec![
        ("ace_inhibitor_with_low_potassium", low_potassium(M::AceInhibitor)),
        (
            "ace_inhibitor_with_a_link_of_potassium",
            man(66).takes(&[M::AceInhibitor]).nights(200, 4).link(
                Factor::Nutrient(Nutrient::Potassium),
                Strength::ConsistentLink,
                false,
            ),
        ),
        ("angiotensin_receptor_blocker", low_potassium(M::AngiotensinReceptorBlocker)),
        ("potassium_sparing_diuretic", low_potassium(M::PotassiumSparingDiuretic)),
        ("warfarin", woman(72).takes(&[M::VitaminKAntagonist]).stretched().before("vitamin_k2")),
        (
            "thiazide_and_ssri",
            woman(70).takes(&[M::Thiazide, M::Ssri]).logs(Nutrient::Water, 1100.0).stretched().before("hydration"),
        ),
        ("loop_diuretic", woman(70).takes(&[M::LoopDiuretic]).stretched().before("vitamin_k2")),
        ("statin_in_the_first_week", man(68).takes(&[M::Statin]).with(|input| input.today = date(2026, 11, 3))),
        ("inhaled_beta_agonist_and_acid_blocker", man(68).takes(&[M::LongActingBetaAgonist, M::ProtonPumpInhibitor])),
        ("quinine_taken", man(74).takes(&[M::Quinine])),
        (
            "levothyroxine_and_iron",
            woman(50).takes(&[M::Levothyroxine, M::Iron]).logs(Nutrient::Calcium, 400.0).stretched().before("calcium"),
        ),
        ("antibiotic_and_bisphosphonate", woman(69).takes(&[M::ChelatedAntibiotic, M::Bisphosphonate])),
        ("another_associated_medicine", woman(69).takes(&[M::OtherAssociated])),
        (
            "medicines_not_asked",
            man(66).with(|input| input.person.medicines = Answered::Unknown).stretched().before("vitamin_k2"),
        ),
        ("magnesium_supplements_over_the_level", man(66).logs_of(Nutrient::Magnesium, 600.0, 400.0, 0.9, 14)),
        ("vitamin_b6_supplements", man(66).logs_of(Nutrient::VitaminB6, 32.0, 30.0, 0.9, 14)),
        ("vitamin_d_supplements", man(66).logs_of(Nutrient::VitaminD, 130.0, 125.0, 0.9, 14)),
        (
            "supplements_without_any_food",
            man(66)
                .logs_of(Nutrient::Magnesium, 0.0, 400.0, 0.0, 0)
                .logs_of(Nutrient::VitaminD, 0.0, 125.0, 0.0, 0)
                .logs_of(Nutrient::VitaminB6, 0.0, 25.0, 0.0, 0)
                .with(|input| input.averages.iter_mut().for_each(|average| average.supplement_days = 5)),
        ),
        (
            "a_litre_and_a_half_within_an_hour",
            man(66).logs(Nutrient::Water, 1500.0).with(|input| input.drinking_peak_ml_per_h = Some(1500.0)),
        ),
        (
            "much_alcohol",
            man(60).logs(Nutrient::Alcohol, 55.0).nights(120, 4).link(ALCOHOL, Strength::ConsistentLink, true),
        ),
        (
            "a_cramp_of_a_quarter_hour",
            man(66).nights(20, 5).with(|input| input.nights[4].longest_cramp_s = Some(900.0)),
        ),
        ("four_weeks_of_three_cramps", man(66).nights(40, 2)),
        (
            "a_jump_in_rate",
            man(66).nights(60, 15).with(|input| {
                for place in [0, 2, 4, 6, 8, 10, 12] {
                    input.nights[place] = night(place as i64 + 1, 1);
                }
            }),
        ),
    ]
}

fn claims() -> Vec<(&'static str, Written)> {
    let stretched = || man(66).stretched();
    let low = |nutrient, average| stretched().logs(nutrient, average);
    let linked = |exposure| stretched().link(Factor::Exposure(exposure), Strength::PossibleLink, true);
    vec![
        ("claim_magnesium", low(Nutrient::Magnesium, 250.0)),
        ("claim_potassium", low(Nutrient::Potassium, 2000.0)),
        ("claim_calcium", low(Nutrient::Calcium, 600.0)),
        ("claim_sodium", low(Nutrient::Sodium, 3200.0)),
        ("claim_vitamin_d", low(Nutrient::VitaminD, 4.0)),
        ("claim_vitamin_b1", low(Nutrient::VitaminB1, 0.8)),
        ("claim_vitamin_b5", low(Nutrient::VitaminB5, 3.0)),
        ("claim_vitamin_b6", low(Nutrient::VitaminB6, 1.0)),
        ("claim_vitamin_b12", low(Nutrient::VitaminB12, 1.1)),
        ("claim_vitamin_k2", stretched().before("vitamin_k2")),
        ("claim_hydration", low(Nutrient::Water, 1400.0)),
        ("claim_fibre", low(Nutrient::Fibre, 45.0)),
        ("claim_stress", linked(Exposure::Stress)),
        ("claim_hard_exercise", linked(Exposure::HardExercise)),
        ("claim_sweat_and_electrolytes", linked(Exposure::Sweat)),
        ("claim_massage", stretched().before("massage")),
        ("claim_heat", stretched().before("heat")),
        ("claim_illness", linked(Exposure::Illness)),
        ("claim_position", linked(Exposure::Position)),
        ("claim_sitting", linked(Exposure::Sitting)),
        ("claim_standing", linked(Exposure::Standing)),
        ("claim_caffeine", stretched().link(Factor::Nutrient(Nutrient::Caffeine), Strength::ConsistentLink, true)),
    ]
}

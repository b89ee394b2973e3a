use std::collections::BTreeMap;

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::advice::{NightSeen, Share};
use crate::diary::{Exposure, IntakeSource, Item, ItemKind, Nutrients};
use crate::units::UtcMicros;

const START: Date = date(2025, 9, 1);

fn plan(seed: u64) -> Plan {
    Plan::draw(seed, Habit::Stretching, START, USUAL_PAIRS, &Permission::default()).unwrap()
}

fn magnesium() -> Habit {
    Habit::Supplement { name: "Magnesium citrate".to_owned() }
}

fn night(night: Date, cramp: bool) -> NightSeen {
    NightSeen {
        night,
        first_worn_at: None,
        valid_s: 25_000.0,
        monitored_s: 26_000.0,
        cramps: u32::from(cramp),
        longest_cramp_s: None,
    }
}

/// Nights of a whole trial with these chances of a cramp.
fn nights(plan: &Plan, seed: u64, with: f64, without: f64) -> Vec<NightSeen> {
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(seed);
    let days = plan.days_until(plan.last());
    days.map(|date| {
        let chance = if plan.block_of(date).unwrap().with { with } else { without };
        night(date, dice.random::<f64>() < chance)
    })
    .collect()
}

fn kept(plan: &Plan) -> BTreeMap<Date, bool> {
    plan.days_until(plan.last()).map(|date| (date, plan.block_of(date).unwrap().with)).collect()
}

fn outcome(plan: &Plan, nights: &[NightSeen]) -> Outcome {
    let after = plan.last().tomorrow().unwrap();
    match plan.summary(after, nights, &[], &kept(plan), &TimeZone::UTC) {
        TrialSummary::Ended(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_pair_has_a_block_with_and_one_without_in_an_order_drawn_by_lot() {
    let mut with_first = 0;
    for seed in 0..200 {
        let plan = plan(seed);
        assert_eq!(plan, super::tests::plan(seed));
        for pair in 0..3 {
            let day = |block: i64| START.checked_add((14 * block + 5).days()).unwrap();
            let (first, second) = (plan.block_of(day(2 * pair)).unwrap(), plan.block_of(day(2 * pair + 1)).unwrap());
            assert_ne!(first.with, second.with);
            with_first += u32::from(first.with);
        }
    }
    assert!((250..350).contains(&with_first), "{with_first}");
}

#[test]
fn a_day_knows_its_block_and_the_first_three_are_washout() {
    let plan = plan(1);
    assert_eq!((plan.days(), plan.last()), (84, date(2025, 11, 23)));
    assert_eq!(plan.block_of(date(2025, 8, 31)), None);
    assert_eq!(plan.block_of(date(2025, 11, 24)), None);
    let block = |date| plan.block_of(date).map(|block| (block.number, block.day, block.washout));
    assert_eq!(block(START), Some((0, 1, true)));
    assert_eq!(block(date(2025, 9, 4)), Some((0, 4, false)));
    assert_eq!(block(date(2025, 9, 15)), Some((1, 1, true)));
    assert_eq!(block(plan.last()), Some((5, 14, false)));
}

#[test]
fn what_is_forbidden_new_or_prescribed_is_not_tried() {
    let draw =
        |habit, permission| Plan::draw(1, habit, START, 3, &permission).map(|_| ()).map_err(|error| error.to_string());
    let taken = Permission { already_taken: true, ..Permission::default() };
    assert_eq!(draw(magnesium(), taken.clone()), Ok(()));
    assert_eq!(
        draw(magnesium(), Permission::default()),
        Err("no trial of your own Magnesium citrate: only a supplement that you already take can be tried, with and without".into())
    );
    assert!(draw(magnesium(), Permission { prescribed: true, ..taken.clone() }).unwrap_err().contains("talk to them"));
    let forbidden = Permission { forbidden: Some("kidney disease: ask your doctor first".to_owned()), ..taken };
    assert!(draw(magnesium(), forbidden.clone()).unwrap_err().ends_with("kidney disease: ask your doctor first"));
    assert!(draw(Habit::WaterByDay, forbidden).is_err());
}

#[test]
fn trials_that_cannot_be_are_refused_with_what_was_expected() {
    let pairs = |pairs| Plan::draw(1, Habit::Massage, START, pairs, &Permission::default());
    assert_eq!(pairs(2), Err(TrialError::Pairs { found: 2 }));
    assert_eq!(pairs(usize::MAX), Err(TrialError::Pairs { found: usize::MAX }));
    assert!(pairs(2).unwrap_err().to_string().contains("expected 3 to 12"));
    assert!(plan(1).with_blocks(7, 4).is_err());
    assert!(plan(1).with_blocks(7, 3).is_ok());
    let never = Plan::draw(1, Habit::Massage, Date::MAX, 3, &Permission::default());
    assert_eq!(never, Err(TrialError::Start { start: Date::MAX }));
}

#[test]
fn a_plan_is_kept_as_json_and_a_broken_one_is_refused() {
    let permission = Permission { already_taken: true, ..Permission::default() };
    let plan = Plan::draw(7, magnesium(), START, 4, &permission).unwrap();
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
    for (from, to) in [("\"block_days\":14", "\"block_days\":0"), ("\"washout_days\":3", "\"washout_days\":13")] {
        let broken = json.replace(from, to);
        assert_ne!(broken, json);
        assert!(serde_json::from_str::<Plan>(&broken).is_err());
    }
}

#[test]
fn nothing_of_the_nights_is_told_before_the_end() {
    let plan = plan(3);
    let nights = nights(&plan, 1, 0.0, 1.0);
    let summary = plan.summary(plan.last(), &nights, &[], &kept(&plan), &TimeZone::UTC);
    let adherence = Adherence { as_planned: 83, otherwise: 0, unknown: 0 };
    assert_eq!(summary, TrialSummary::Running { day: 84, of: 84, adherence });
    assert!(!plan.text(&summary).contains("cramp"));
    let before = plan.summary(date(2025, 8, 31), &nights, &[], &BTreeMap::new(), &TimeZone::UTC);
    assert_eq!(before, TrialSummary::NotBegun { in_days: 1 });
}

#[test]
fn a_strong_effect_is_found_and_named() {
    let plan = plan(5);
    let found = outcome(&plan, &nights(&plan, 11, 0.15, 0.7));
    assert_eq!((found.with.nights, found.without.nights, found.washout, found.not_watched), (33, 33, 18, 0));
    assert_eq!(found.verdict(), Verdict::FewerCramps);
    let ratio = found.odds_ratio.unwrap();
    assert!(ratio.estimate < 0.6 && ratio.interval_95.1 < 1.0, "{ratio:?}");
    let text = plan.text(&TrialSummary::Ended(found));
    assert!(
        text.contains("Fewer cramps with it: estimated 0.") && text.contains("You knew which days were which"),
        "{text}"
    );
}

#[test]
fn what_does_nothing_seldom_looks_as_if_it_did() {
    let (mut wrong, mut found) = (0, 0);
    for seed in 0..300 {
        let plan = plan(seed);
        let verdict = |nights: &[NightSeen]| outcome(&plan, nights).verdict();
        wrong += u32::from(verdict(&nights(&plan, seed + 1000, 0.3, 0.3)) != Verdict::NoClearEffect);
        found += u32::from(verdict(&nights(&plan, seed + 2000, 0.15, 0.6)) == Verdict::FewerCramps);
    }
    assert!(wrong <= 24, "{wrong} of 300");
    assert!(found >= 210, "{found} of 300");
}

#[test]
fn one_bad_fortnight_is_not_an_effect() {
    // Every night of one block without, none else: five blocks of six are alike.
    let plan = plan(5);
    let bad =
        (0..6).find(|&block| !plan.block_of(START.checked_add((14 * block).days()).unwrap()).unwrap().with).unwrap();
    let nights: Vec<NightSeen> = plan
        .days_until(plan.last())
        .map(|date| night(date, plan.block_of(date).unwrap().number == bad as usize))
        .collect();
    assert_eq!(outcome(&plan, &nights).verdict(), Verdict::NoClearEffect);
}

#[test]
fn too_few_nights_or_no_cramps_give_no_figure() {
    let plan = plan(5);
    let all = nights(&plan, 1, 0.5, 0.5);
    let few = outcome(&plan, &all[..30]);
    assert_eq!((few.odds_ratio, few.verdict()), (None, Verdict::TooFewNights));
    assert_eq!(few.not_watched + few.washout + few.with.nights + few.without.nights, 84);
    let none = outcome(&plan, &nights(&plan, 1, 0.0, 0.0));
    assert_eq!(none.odds_ratio, None);
    assert_eq!(none.with, Share { cramp_nights: 0, nights: 33 });
}

#[test]
fn adherence_comes_from_marks_then_from_the_diary_and_silence_is_unknown() {
    let permission = Permission { already_taken: true, ..Permission::default() };
    let plan = Plan::draw(2, magnesium(), START, 3, &permission).unwrap();
    let with = plan.block_of(START).unwrap().with;
    let at = |day: i8| {
        UtcMicros::from_timestamp(date(2025, 9, day).at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp())
    };
    let intake = |day, source, name: &str| {
        let brings = Nutrients::default();
        Item { at: at(day), kind: ItemKind::Intake { source, name: name.to_owned(), brings } }
    };
    let items = [
        intake(1, IntakeSource::Supplement, "magnesium Citrate "),
        intake(2, IntakeSource::Food, "bread"),
        intake(3, IntakeSource::Water, "water"),
        intake(4, IntakeSource::Food, "bread"),
    ];
    let marks = BTreeMap::from([(date(2025, 9, 4), with)]);
    let found = plan.adherence(&items, &marks, &TimeZone::UTC, date(2025, 9, 5));
    // The 1st taken, the 2nd not, the 3rd and 5th unknown, the 4th marked as planned.
    assert_eq!(found, Adherence { as_planned: 2, otherwise: 1, unknown: 2 });
    assert!((found.share().unwrap() - 2.0 / 3.0).abs() < 1e-12);

    let stretch = |day, amount| Item { at: at(day), kind: ItemKind::Exposure { exposure: Exposure::Stretch, amount } };
    let plan = super::tests::plan(2);
    let found = plan.adherence(&[stretch(1, 5.0), stretch(2, 0.0)], &BTreeMap::new(), &TimeZone::UTC, date(2025, 9, 3));
    assert_eq!(found, Adherence { as_planned: 1, otherwise: 1, unknown: 1 });
}

#[test]
fn reminders_say_which_days_are_which_and_never_name_an_amount() {
    let permission = Permission { already_taken: true, ..Permission::default() };
    let plan = Plan::draw(2, magnesium(), START, 3, &permission).unwrap();
    let texts: Vec<String> = plan.days_until(plan.last()).map(|date| plan.reminder(date).unwrap()).collect();
    assert_eq!(texts.len(), 84);
    assert_eq!(texts.iter().filter(|text| text.contains("today without your own")).count(), 42);
    assert!(texts.iter().all(|text| text.len() <= 255 && !text.contains("mg")));
    assert!(texts.iter().filter(|text| text.contains("without")).all(|text| text.contains("If a clinician told you")));
    assert_eq!(texts.iter().filter(|text| text.contains("It changes today")).count(), 5);
    assert_eq!(plan.reminder(date(2024, 1, 1)), None);
}

proptest! {
    #[test]
    fn no_nights_make_it_panic_and_all_figures_are_finite(
        seed: u64,
        pairs in 3_usize..=12,
        block_days in 7_u16..=56,
        nights in prop::collection::vec((-20_i64..400, any::<bool>(), -1.0..40_000.0_f64), 0..200),
        today in -10_i64..2000,
    ) {
        let plan = Plan::draw(seed, Habit::Warmth, START, pairs, &Permission::default()).unwrap();
        let plan = plan.with_blocks(block_days, 3).unwrap();
        let nights: Vec<NightSeen> = nights.into_iter().map(|(day, cramp, valid_s)| {
            NightSeen { valid_s, ..night(START.checked_add(day.days()).unwrap(), cramp) }
        }).collect();
        let today = START.checked_add(today.days()).unwrap();
        let summary = plan.summary(today, &nights, &[], &kept(&plan), &TimeZone::UTC);
        let text = plan.text(&summary);
        prop_assert!(!text.contains("NaN") && !text.contains("inf "));
        if let TrialSummary::Ended(outcome) = summary {
            let counted = outcome.with.nights + outcome.without.nights + outcome.washout + outcome.not_watched;
            prop_assert_eq!(counted, plan.days());
            if let Some(ratio) = outcome.odds_ratio {
                prop_assert!(ratio.interval_95.0 > 0.0 && ratio.interval_95.1.is_finite());
            }
        }
    }
}

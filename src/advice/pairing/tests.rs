use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::diary::{IntakeSource, ItemKind, Nutrients};
use crate::units::UtcMicros;

fn berlin() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn utc(text: &str) -> UtcMicros {
    UtcMicros::from_timestamp(text.parse::<Timestamp>().unwrap())
}

/// Local time in Berlin.
fn local(date: Date, hour: i8) -> UtcMicros {
    UtcMicros::from_timestamp(date.at(hour, 0, 0, 0).to_zoned(berlin()).unwrap().timestamp())
}

fn night(night: Date, cramps: u32) -> NightSeen {
    NightSeen {
        night,
        first_worn_at: Some(local(night, 22)),
        valid_s: 7.0 * 3600.0,
        monitored_s: 8.0 * 3600.0,
        cramps,
        longest_cramp_s: None,
    }
}

fn exposure(at: UtcMicros, exposure: Exposure, amount: f64) -> Item {
    Item { at, kind: ItemKind::Exposure { exposure, amount } }
}

fn intake(at: UtcMicros, source: IntakeSource, brings: Nutrients) -> Item {
    Item { at, kind: ItemKind::Intake { source, name: "something".to_owned(), brings } }
}

/// With as much sodium in mg as energy in kcal.
fn meal(at: UtcMicros, energy: f64, magnesium: f64) -> Item {
    let brings = Nutrients::none_of_any().with(Nutrient::Energy, Some(energy)).with(Nutrient::Sodium, Some(energy));
    intake(at, IntakeSource::Food, brings.with(Nutrient::Magnesium, Some(magnesium)))
}

fn wine(at: UtcMicros) -> Item {
    intake(at, IntakeSource::Drink, Nutrients::none_of_any().with(Nutrient::Alcohol, Some(14.0)))
}

fn water(at: UtcMicros) -> Item {
    intake(at, IntakeSource::Water, Nutrients::none_of_any().with(Nutrient::Water, Some(250.0)))
}

fn paired(nights: &[NightSeen], items: &[Item]) -> Paired {
    pair(nights, items, &berlin(), &PairOptions::default())
}

fn values(paired: &Paired, factor: Factor) -> Vec<Option<f64>> {
    paired.factors.iter().find(|values| values.factor == factor).map_or_else(Vec::new, |found| found.values.clone())
}

const ALCOHOL: Factor = Factor::Nutrient(Nutrient::Alcohol);
const MAGNESIUM: Factor = Factor::Nutrient(Nutrient::Magnesium);
const HEAT: Factor = Factor::Exposure(Exposure::Heat);

#[test]
fn what_was_logged_for_a_time_after_going_to_bed_does_not_count_for_this_night_or_the_next() {
    let (first, second) = (date(2025, 6, 2), date(2025, 6, 3));
    let items = [
        wine(local(first, 20)),
        // At 23:00 and at 03:00, in bed: diary day of the 2nd still.
        wine(local(first, 23)),
        wine(local(second, 3)),
        meal(local(second, 12), 600.0, 100.0),
    ];
    let found = paired(&[night(first, 1), night(second, 0)], &items);
    assert_eq!(values(&found, ALCOHOL), vec![Some(14.0), Some(0.0)]);
    assert_eq!(found.nights[1].previous, Some(true));
}

#[test]
fn a_diary_day_begins_at_four_also_when_the_clock_changes() {
    let (spring, autumn) = (date(2025, 3, 30), date(2025, 10, 26));
    let items = [
        // 01:59 UTC is 03:59 summer time: the day before. 02:00 UTC is 04:00: this day.
        exposure(utc("2025-03-30T01:59:00Z"), Exposure::Exercise, 5.0),
        exposure(utc("2025-03-30T02:00:00Z"), Exposure::Exercise, 40.0),
        // 02:59 UTC is 03:59 winter time, 25 hours after the day began.
        exposure(utc("2025-10-26T02:59:00Z"), Exposure::Exercise, 7.0),
        exposure(utc("2025-10-26T03:00:00Z"), Exposure::Exercise, 60.0),
    ];
    let found = paired(&[night(spring, 0), night(autumn, 0)], &items);
    assert_eq!(values(&found, Factor::Exposure(Exposure::Exercise)), vec![Some(40.0), Some(60.0)]);
}

#[test]
fn nights_that_cannot_count_are_counted_by_reason() {
    let day = |number| date(2025, 6, number);
    let nights = [
        night(day(1), 0),
        NightSeen { first_worn_at: None, valid_s: 0.0, ..night(day(2), 0) },
        NightSeen { monitored_s: 15.0 * 3600.0, ..night(day(3), 2) },
        NightSeen { valid_s: 2.9 * 3600.0, monitored_s: 3.0 * 3600.0, ..night(day(4), 0) },
        night(day(5), 0),
        NightSeen { valid_s: f64::NAN, ..night(day(6), 0) },
        night(day(7), 0),
    ];
    let items: Vec<Item> = [1, 2, 3, 4, 6].map(|number| wine(local(day(number), 19))).into();
    // The log of the 7th was for a time in bed.
    let items: Vec<Item> = items.into_iter().chain([wine(local(day(7), 23))]).collect();
    let found = paired(&nights, &items);
    assert_eq!(found.nights.len(), 1);
    assert_eq!(found.left_out, LeftOut { never_worn: 1, low_coverage: 2, too_short: 1, no_log: 1, logged_late: 1 });
    assert_eq!(found.left_out.total(), 6);
    assert_eq!(found.nights[0].weight, 0.875);
}

#[test]
fn of_two_nights_of_one_date_the_longer_counts_and_their_order_does_not() {
    let (first, second) = (date(2025, 6, 1), date(2025, 6, 2));
    let short = NightSeen { valid_s: 4.0 * 3600.0, ..night(second, 0) };
    let items = [wine(local(first, 19)), wine(local(second, 19))];
    let found = paired(&[night(second, 3), short.clone(), night(first, 0)], &items);
    assert_eq!(found, paired(&[short, night(first, 0), night(second, 3)], &items));
    assert_eq!(found.nights.iter().map(|night| night.cramp).collect::<Vec<_>>(), vec![false, true]);
}

#[test]
fn a_stored_mineral_is_the_mean_of_the_logged_days_of_seven_and_needs_four() {
    let day = |number| date(2025, 6, number);
    let items: Vec<Item> = [(1, 100.0), (3, 200.0), (4, 300.0), (7, 400.0), (8, 500.0)]
        .map(|(on, mg)| meal(local(day(on), 12), 2000.0, mg))
        .into();
    let found = paired(&[night(day(4), 0), night(day(7), 0), night(day(8), 0)], &items);
    assert_eq!(values(&found, MAGNESIUM), vec![None, Some(250.0), Some(350.0)]);
}

#[test]
fn the_supper_after_going_to_bed_counts_for_the_mean_of_tomorrow_only() {
    let day = |number| date(2025, 6, number);
    let mut items: Vec<Item> = (1..=5).map(|on| meal(local(day(on), 12), 2000.0, 100.0)).collect();
    items.push(meal(local(day(4), 23), 500.0, 400.0));
    let found = paired(&[night(day(4), 0), night(day(5), 0)], &items);
    assert_eq!(values(&found, MAGNESIUM), vec![Some(100.0), Some(180.0)]);
}

#[test]
fn a_day_of_water_alone_says_nothing_of_wine_and_a_half_logged_day_nothing_of_food() {
    let day = |number| date(2025, 6, number);
    let mut items: Vec<Item> = (1..=4).map(|on| meal(local(day(on), 12), 2000.0, 100.0)).collect();
    items.extend([wine(local(day(1), 19)), water(local(day(5), 12)), meal(local(day(6), 12), 300.0, 20.0)]);
    let nights: Vec<NightSeen> = (1..=6).map(|on| night(day(on), 0)).collect();
    let found = paired(&nights, &items);
    assert_eq!(values(&found, ALCOHOL), vec![Some(14.0), Some(0.0), Some(0.0), Some(0.0), None, Some(0.0)]);
    let sodium = values(&found, Factor::Nutrient(Nutrient::Sodium));
    assert_eq!(sodium[4..], [None, None]);
}

#[test]
fn what_foods_do_not_tell_is_unknown_and_not_zero() {
    let day = date(2025, 6, 1);
    let silent = Nutrients::default().with(Nutrient::Alcohol, Some(14.0));
    let items = [
        wine(local(day, 18)),
        intake(local(day, 19), IntakeSource::Food, silent),
        intake(local(day, 20), IntakeSource::Food, silent),
    ];
    let found = paired(&[night(day, 0)], &items);
    assert_eq!(values(&found, ALCOHOL), vec![Some(42.0)]);
    assert_eq!(values(&found, Factor::Nutrient(Nutrient::Water)), Vec::new());
}

#[test]
fn silence_about_an_exposure_is_a_no_only_beside_answers() {
    let day = |number| date(2025, 6, number);
    let items = [
        exposure(local(day(1), 20), Exposure::Heat, 1.0),
        // A check-in that asks about stress, and never about heat.
        exposure(local(day(2), 20), Exposure::Stress, 0.0),
        // A day that was logged without a check-in.
        wine(local(day(3), 20)),
        exposure(local(day(4), 20), Exposure::Stress, 1.0),
    ];
    let nights: Vec<NightSeen> = (1..=4).map(|on| night(day(on), 0)).collect();
    let found = paired(&nights, &items);
    assert_eq!(values(&found, HEAT), vec![Some(1.0), Some(0.0), None, None]);
    // Stress is asked: days without an answer stay unknown.
    assert_eq!(values(&found, Factor::Exposure(Exposure::Stress)), vec![None, Some(0.0), None, Some(1.0)]);
    // Once heat is asked, its silence is unknown too.
    let asked = [&items[..], &[exposure(local(day(3), 20), Exposure::Heat, 0.0)]].concat();
    assert_eq!(values(&paired(&nights, &asked), HEAT), vec![Some(1.0), None, Some(0.0), None]);
}

#[test]
fn a_year_of_logs_loses_nothing() {
    let first = date(2025, 1, 1);
    let days: Vec<Date> = (0..400_i64).map(|number| first.checked_add(number.days()).unwrap()).collect();
    let nights: Vec<NightSeen> = days.iter().map(|&day| night(day, 0)).collect();
    let items: Vec<Item> =
        (0..10_000_usize).map(|n| meal(local(days[n % 400], 6 + (n / 400 % 15) as i8), 100.0, 10.0)).collect();
    let found = paired(&nights, &items);
    assert_eq!(found.nights.len(), 400);
    assert_eq!(values(&found, Factor::Nutrient(Nutrient::Sodium)), vec![Some(2500.0); 400]);
    assert_eq!(values(&found, MAGNESIUM)[..4], [None, None, None, Some(250.0)]);
}

proptest! {
    #[test]
    fn no_diary_makes_it_panic_and_every_night_is_paired_or_counted(
        nights in prop::collection::vec((0_i64..60, prop::option::of(-90_000.0..90_000.0_f64), -1.0..90_000.0_f64, 0_u32..3), 0..40),
        items in prop::collection::vec((prop_oneof![any::<i64>(), 1_735_000_000_000_000..1_742_000_000_000_000_i64], 0..13_usize, prop_oneof![any::<f64>(), Just(0.0), 0.0..100.0]), 0..80),
    ) {
        let first = date(2025, 1, 1);
        let nights: Vec<NightSeen> = nights.into_iter().map(|(day, worn, valid_s, cramps)| {
            let of = first.checked_add(day.days()).unwrap();
            let first_worn_at = worn.map(|seconds| local(of, 22).plus_seconds(seconds));
            NightSeen { first_worn_at, valid_s, cramps, ..night(of, 0) }
        }).collect();
        let items: Vec<Item> = items.into_iter().map(|(at, kind, amount)| {
            if kind % 2 == 0 {
                exposure(UtcMicros(at), Exposure::ALL[kind], amount)
            } else {
                intake(UtcMicros(at), IntakeSource::Food, Nutrients::default().with(Nutrient::ALL[kind], Some(amount)))
            }
        }).collect();
        let found = paired(&nights, &items);
        let dates: std::collections::BTreeSet<Date> = nights.iter().map(|night| night.night).collect();
        prop_assert_eq!(found.nights.len() + found.left_out.total() as usize, dates.len());
        for values in &found.factors {
            prop_assert_eq!(values.values.len(), found.nights.len());
            prop_assert!(values.values.iter().flatten().all(|value| value.is_finite() && *value >= 0.0));
        }
    }
}

#[test]
fn an_evenings_yes_and_no_to_alcohol_are_days_with_and_without_and_say_nothing_of_caffeine() {
    use crate::diary::{Answer, Question};
    let question = Question::ALL.into_iter().find(|question| question.key() == "alcohol").unwrap();
    let answers = [Answer::Yes, Answer::No, Answer::Yes];
    let days: Vec<Date> = (2..5).map(|day| date(2025, 6, day)).collect();
    let items: Vec<Item> = days
        .iter()
        .zip(answers)
        .map(|(day, answer)| question.entry(answer, &[], local(*day, 21)).unwrap().item().unwrap())
        .collect();
    let nights: Vec<NightSeen> = days.iter().map(|day| night(*day, 0)).collect();
    let paired = paired(&nights, &items);
    let alcohol = values(&paired, ALCOHOL);
    assert!(alcohol[0].unwrap() > 0.0 && alcohol[1] == Some(0.0) && alcohol[2].unwrap() > 0.0, "{alcohol:?}");
    assert!(values(&paired, Factor::Nutrient(Nutrient::Caffeine)).iter().all(Option::is_none));
}

#[test]
fn what_comes_with_alcohol_counts_for_alcohol_alone_and_energy_is_no_factor() {
    let day = date(2025, 6, 2);
    let brings = Nutrients::none_of_any()
        .with(Nutrient::Alcohol, Some(14.0))
        .with(Nutrient::Water, Some(130.0))
        .with(Nutrient::Energy, Some(120.0));
    let items = [intake(local(day, 19), IntakeSource::Drink, brings), water(local(day, 12))];
    let found = paired(&[night(day, 1)], &items);
    assert_eq!(values(&found, ALCOHOL), vec![Some(14.0)]);
    assert_eq!(values(&found, Factor::Nutrient(Nutrient::Water)), vec![Some(250.0)]);
    assert!(values(&found, Factor::Nutrient(Nutrient::Energy)).is_empty());
}

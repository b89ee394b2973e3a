//! Advice and trials through the front door, from an empty folder to a year of nights.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crampwatch::diary::{Entry, EntryKind, Exposure, Nutrient, Nutrients};
use crampwatch::store::{EpisodeRow, NightRow, Side, Store};
use crampwatch::units::UtcMicros;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use crate::front_door::{Ran, crampwatch_in};

fn home() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = "[person]\ntime_zone = \"UTC\"\n[storage]\ndata_dir = \"data\"\n";
    fs::write(folder.path().join("crampwatch.toml"), config).unwrap();
    folder
}

fn run(folder: &TempDir, arguments: &[&str]) -> Ran {
    crampwatch_in(folder.path(), arguments)
}

fn done(folder: &TempDir, arguments: &[&str]) -> String {
    let ran = run(folder, arguments);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}: {ran:?}");
    ran.out
}

fn json(folder: &TempDir) -> Value {
    serde_json::from_str(&done(folder, &["advice", "--format", "json"])).unwrap()
}

const HEALTHY: [&str; 12] = [
    "person",
    "set",
    "--birth-year",
    "1961",
    "--sex",
    "female",
    "--life-state",
    "neither",
    "--conditions",
    "none",
    "--medicines",
    "none",
];

#[test]
fn somebody_of_whom_nothing_is_known_gets_the_stretch_and_the_relief_card() {
    let folder = home();
    let advice = json(&folder);
    assert_eq!(advice["suggestion"]["id"], "bedtime_stretch");
    assert!(!advice["relief"].as_array().unwrap().is_empty());
    assert!(advice["links"].as_array().unwrap().is_empty());
    assert!(advice["text"].as_str().unwrap().chars().count() <= 255);
    let text = done(&folder, &["advice"]);
    assert!(text.contains("When a cramp comes") && text.contains("See a clinician if you have"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 96), "{text}");
}

#[test]
fn foods_are_told_only_once_it_is_known_that_nothing_speaks_against_them() {
    let folder = home();
    let before = done(&folder, &["advice", "foods", "magnesium"]);
    assert!(!before.contains("  - "), "{before}");
    done(&folder, &HEALTHY);
    done(&folder, &["log", "food", "spinach, raw", "100g"]);
    let after = done(&folder, &["advice", "foods", "magnesium"]);
    let first = after.lines().find(|line| line.starts_with("  - ")).unwrap();
    assert!(first.contains("Spinach, raw") && first.contains("once in your log"), "{after}");
    assert!(after.lines().filter(|line| line.starts_with("  - ")).count() >= 5, "{after}");
}

#[rstest]
#[case(&["advice", "foods", "zinc"], "expected one of")]
#[case(&["advice", "remedies", "snake oil"], "lists them")]
#[case(&["trial", "start", "magnesium"], "only a supplement that you already take")]
#[case(&["trial", "start", "stretching", "--pairs", "1"], "expected 3 to 12")]
#[case(&["trial", "start", "stretching", "--from", "2020-01-01"], "a day that is over")]
fn what_cannot_be_is_refused_with_the_reason(#[case] arguments: &[&str], #[case] part: &str) {
    let folder = home();
    done(&folder, &HEALTHY);
    let ran = run(&folder, arguments);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(part), "{ran:?}");
}

#[test]
fn remedies_are_listed_with_their_certainty_and_quinine_is_never_suggested() {
    let folder = home();
    let list = done(&folder, &["advice", "remedies"]);
    for id in ["magnesium", "bedtime_stretch", "vitamin_k2", "hydration", "quinine"] {
        assert!(list.contains(id), "{id} is not in {list}");
    }
    assert!(done(&folder, &["advice", "remedies", "quinine"]).contains("never suggests"));
}

#[test]
fn a_trial_is_drawn_kept_marked_and_stopped() {
    let folder = home();
    done(&folder, &HEALTHY);
    let drawn = done(&folder, &["trial", "start", "stretching", "--from", "2099-01-01"]);
    assert!(drawn.contains("6 blocks of two weeks, 2099-01-01 to 2099-03-25"), "{drawn}");
    let second = run(&folder, &["trial", "start", "massage"]);
    assert_eq!(second.code, 2);
    assert!(second.err.contains("two at once tell nothing"), "{second:?}");
    assert!(done(&folder, &["trial"]).contains("begins in"));
    assert_eq!(run(&folder, &["trial", "mark", "yes"]).code, 2, "before its first day");
    assert!(done(&folder, &["trial", "stop"]).contains("stopped"));
    assert!(done(&folder, &["trial"]).contains("shows nothing"));
    let today = (Timestamp::now() - 4.hours()).to_zoned(TimeZone::UTC).date().to_string();
    done(&folder, &["trial", "start", "massage", "--from", &today]);
    assert!(done(&folder, &["trial", "mark", "no"]).contains("not done on"));
}

/// A year of nights up to yesterday: a cramp in three of four nights after wine, in one of seven otherwise; wine on every third day,
/// 27 entries a day.
fn fill_a_year(data: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let today: Date = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let at = |day: Date, hour: i8, minute: i8| {
        UtcMicros::from_timestamp(day.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp())
    };
    runtime.block_on(async {
        let store = Store::open(data).await.unwrap();
        store.ensure_leg("me", Side::Left).await.unwrap();
        let mut entries = Vec::new();
        let mut day = today;
        for number in 0..366_u32 {
            day = day.yesterday().unwrap();
            let wine = number % 3 == 0;
            let cramp = if wine { number % 4 != 0 } else { number % 7 == 0 };
            let noon = at(day, 12, 30);
            for piece in 0..24 {
                let mut food = Entry::new(EntryKind::Food, &format!("food {piece}"), noon, noon);
                food.brings = Some(
                    Nutrients::none_of_any().with(Nutrient::Energy, Some(80.0)).with(Nutrient::Magnesium, Some(9.0)),
                );
                entries.push(food);
            }
            let mut drink =
                Entry::new(EntryKind::Drink, if wine { "wine" } else { "tea" }, at(day, 19, 0), at(day, 19, 0));
            let alcohol = if wine { 15.0 } else { 0.0 };
            drink.amount_ml = Some(150.0);
            drink.brings = Some(Nutrients::none_of_any().with(Nutrient::Alcohol, Some(alcohol)));
            entries.push(drink);
            let stress = f64::from(u8::from(number % 5 == 0));
            entries.push(Entry::of_exposure(Exposure::Stress, stress, at(day, 20, 0), at(day, 20, 0)));
            let started_at = at(day, 23, 0);
            let night = NightRow {
                leg: "me_left".to_owned(),
                night: day,
                time_zone: "UTC".to_owned(),
                started_at,
                ended_at: started_at.plus_seconds(25_200.0),
                first_worn_at: Some(started_at),
                monitored_s: 25_200.0,
                valid_s: 25_000.0,
                gap_count: 0,
                cramp_count: i64::from(cramp),
                closed: true,
            };
            store.save_night(&night).await.unwrap();
            if cramp {
                store.commit_episode(&episode(day, started_at.plus_seconds(7200.0)), &[]).await.unwrap();
            }
        }
        store.add_entries("me", &entries).await.unwrap();
        store.close().await;
    });
}

fn episode(night: Date, onset_at: UtcMicros) -> EpisodeRow {
    EpisodeRow {
        id: Uuid::now_v7(),
        person_id: "me".to_owned(),
        leg: "me_left".to_owned(),
        night,
        onset_at,
        suspected_at: onset_at,
        alarm_at: Some(onset_at.plus_seconds(6.0)),
        end_at: Some(onset_at.plus_seconds(80.0)),
        last_data_at: onset_at.plus_seconds(80.0),
        severity: Some("mild".to_owned()),
        probability: 0.9,
        peak_emg_rms_uv: 40.0,
        acc_rms_mg: None,
        reasons: Vec::new(),
        end_reason: Some("quiet".to_owned()),
        model_id: "m".to_owned(),
        model_sha256: "0".to_owned(),
        config_rev: 1,
        source: "simulated".to_owned(),
        label: None,
        acknowledged: false,
    }
}

#[test]
fn a_year_of_wine_and_cramps_is_told_as_a_link_with_counts_and_no_proof() {
    let folder = home();
    done(&folder, &HEALTHY);
    fill_a_year(&folder.path().join("data"));
    let began = Instant::now();
    let advice = json(&folder);
    println!("advice over a year of logs took {:?} with starting the program", began.elapsed());
    let links = advice["links"].as_array().unwrap();
    let alcohol = links.iter().find(|link| link["factor"] == "alcohol").unwrap_or_else(|| panic!("{advice:#}"));
    assert!(["possible link", "consistent link"].contains(&alcohol["strength"].as_str().unwrap()), "{alcohol}");
    let text = alcohol["text"].as_str().unwrap();
    assert!(text.contains("nights") && text.contains('%'), "{text}");
    let stress = links.iter().find(|link| link["factor"] == "stress").unwrap();
    assert_eq!(stress["strength"], "no clear link", "{stress}");
    assert!(advice["links_note"].as_str().unwrap().contains("no proof"));
    let magnesium = advice["intakes"].as_array().unwrap().iter().find(|line| line["nutrient"] == "magnesium").unwrap();
    assert!(magnesium["text"].as_str().unwrap().contains("Your log averages"), "{magnesium}");
}

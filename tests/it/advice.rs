//! Advice and trials through the front door, from an empty folder to a year of nights.

use std::time::Instant;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::diary::{done, home, run};
use crate::year::fill_a_year;

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
    assert!(first.contains("Spinach") && first.contains("once in your log"), "{after}");
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

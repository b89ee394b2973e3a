//! `train` through the front door: the same bits twice, what cannot be learnt from is refused, and no model is replaced.

use std::fs;
use std::path::Path;

use rstest::rstest;

use crate::front_door::{Ran, crampwatch_in, rehash, repository, test_model};

/// Four people of our simulator and two of each other one that teaches, as short as figures allow.
const SMALL: [&str; 13] =
    ["train", "--out", "new", "--id", "small", "--people", "4", "--hours", "0.3", "--cramps", "2", "--folds", "2"];

fn small_night(folder: &Path, seed: &str, cramps: &str) {
    let arguments =
        ["simulate", "--out", ".", "--seed", seed, "--hours", "0.1", "--cramps", cramps, "--rate-hz", "250"];
    let ran = crampwatch_in(folder, arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
}

fn refused(ran: &Ran, code: i32, says: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    assert!(says.iter().all(|word| ran.err.contains(word)), "{}", ran.err);
}

#[test]
fn the_same_command_makes_the_same_model() {
    let folder = tempfile::tempdir().unwrap();
    let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
    let ran = crampwatch_in(folder.path(), SMALL);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (model, card) = (read("new/model.json"), read("new/card.md"));
    let hash = serde_json::from_str::<serde_json::Value>(&model).unwrap()["sha256"].as_str().unwrap().to_owned();
    for part in [hash.as_str(), "Trained on: 4 simulated nights", "| nested |", "## Reliability", "| sensitivity |"] {
        assert!(card.contains(part), "{part} in {card}");
    }

    let again = crampwatch_in(folder.path(), SMALL);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.out.contains("the same to the last bit: new/model.json"), "{}", again.out);
    assert_eq!((read("new/model.json"), read("new/card.md")), (model, card));
}

fn with_other_features(text: &str) -> String {
    let mut model: serde_json::Value = serde_json::from_str(text).unwrap();
    model["model"]["feature_set"] = "quarters-9".into();
    rehash(&mut model);
    model.to_string()
}

#[rstest]
#[case::another_id(|text: &str| text.to_owned(), &["holds model `"])]
#[case::other_features(with_other_features, &["holds what is no model", "quarters-9"])]
#[case::damaged(|text: &str| text[..text.len() / 2].to_owned(), &["holds what is no model"])]
fn a_folder_that_holds_something_else_is_refused_before_any_work(
    #[case] change: fn(&str) -> String,
    #[case] says: &[&str],
) {
    let folder = tempfile::tempdir().unwrap();
    let there = change(&fs::read_to_string(test_model().join("model.json")).unwrap());
    fs::create_dir(folder.path().join("new")).unwrap();
    fs::write(folder.path().join("new/model.json"), &there).unwrap();
    refused(&crampwatch_in(folder.path(), SMALL), 2, &[says, &["choose another --out"]].concat());
    assert_eq!(fs::read_to_string(folder.path().join("new/model.json")).unwrap(), there);
    assert!(!folder.path().join("new/card.md").exists());
}

#[test]
fn nights_that_nothing_can_be_learnt_from_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, cramps) in [("1", "1"), ("2", "0"), ("3", "0"), ("4", "0"), ("5", "0")] {
        small_night(folder.path(), seed, cramps);
    }
    fs::copy(repository("data/emg/older_adult_01_TA_hold.edf"), folder.path().join("p9_n1.edf")).unwrap();
    let train = |files: &[&str]| {
        let start = ["train", "--out", "new", "--id", "new", "--folds", "2"];
        crampwatch_in(folder.path(), start.iter().chain(files))
    };
    refused(&train(&["p1_n1.edf"]), 1, &["1 people in the training nights", "expected at least 4"]);
    let quiet = ["p2_n1.edf", "p3_n1.edf", "p4_n1.edf", "p5_n1.edf"];
    refused(&train(&quiet), 1, &["0 windows of cramp", "expected some of both"]);
    refused(&train(&["p1_n1.edf", "p9_n1.edf"]), 1, &["p9_n1.edf", "found no labels"]);
    assert!(!folder.path().join("new").exists());
}

#[test]
fn the_card_of_each_model_names_its_hash() {
    let folders: Vec<_> = fs::read_dir(repository("models")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let folders: Vec<_> = folders.iter().filter(|path| path.is_dir()).collect();
    assert!(!folders.is_empty());
    for folder in folders {
        let model: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.join("model.json")).unwrap()).unwrap();
        let card = fs::read_to_string(folder.join("card.md")).unwrap();
        let hash = model["sha256"].as_str().unwrap();
        assert!(card.contains(&format!("SHA-256 of the content: `{hash}`")), "{}", folder.display());
    }
}

//! `simulate`, `score` and training files through the front door, and real EMG through the detector.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crampwatch::chunk::Chunk;
use crampwatch::detect::{Detector, Model, Output};
use crampwatch::recording::edf::{Annotation, EdfReader, EdfWriter, Record};
use crampwatch::recording::{ChannelChoice, EdfStream};
use rand::SeedableRng;
use rand_distr::{Distribution, Normal};

use crate::front_door::{Ran, assert_stored, crampwatch_in, repository, test_model};

/// A quarter of an hour with one cramp; small, because every test that wants it makes it anew.
const SMALL_NIGHT: [&str; 14] = [
    "simulate",
    "--out",
    ".",
    "--hours",
    "0.25",
    "--cramps",
    "1",
    "--rate-hz",
    "500",
    "--seed",
    "7",
    "--channels",
    "2",
    "--density=0.5",
];

fn score(folder: &Path, arguments: &[&str]) -> Ran {
    let model = test_model();
    let model = model.to_str().unwrap();
    crampwatch_in(folder, ["score", "--model", model].iter().chain(arguments))
}

fn annotations(path: &Path) -> Vec<Annotation> {
    let mut reader = EdfReader::open(path).unwrap();
    let (mut record, mut all) = (Record::default(), Vec::new());
    while reader.read_record(&mut record).unwrap() {
        all.append(&mut record.annotations);
    }
    all
}

#[test]
fn a_simulated_night_is_scored_as_table_json_and_csv() {
    let folder = tempfile::tempdir().unwrap();
    let ran = crampwatch_in(folder.path(), SMALL_NIGHT);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_stored!("simulate", ran.out);
    let table = score(folder.path(), &["p7_n1.edf"]);
    assert_eq!((table.code, table.err.as_str()), (0, ""));
    assert_stored!("score_table", table.out);
    let json = score(folder.path(), &["p7_n1.edf", "--format", "json"]);
    assert_stored!("score_json", json.out);
    let csv = score(folder.path(), &["p7_n1.edf", "--format=csv"]);
    assert_stored!("score_csv", csv.out);
    let with_movements = score(folder.path(), &["p7_n1.edf", "--format", "json", "--leg-movements"]);
    let found: serde_json::Value = serde_json::from_str(&with_movements.out).unwrap();
    for rules in ["leg_movements", "leg_movements_aasm"] {
        let found = &found["recordings"][0][rules];
        assert!(found["movements"].as_u64().unwrap() >= found["periodic"].as_u64().unwrap(), "{found}");
        assert!(found["plms_index_per_h"].as_f64().unwrap() >= 0.0, "{found}");
    }
    let table = score(folder.path(), &["p7_n1.edf", "--leg-movements"]);
    assert!(table.out.contains("(WASM 2016): ") && table.out.contains("(AASM): "), "{}", table.out);

    // The cramp that was simulated is the cramp that is found.
    let truth = annotations(&folder.path().join("p7_n1.edf"));
    let cramp = truth.iter().find(|note| note.text == "cramp").unwrap();
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let episodes = value["recordings"][0]["episodes"].as_array().unwrap();
    assert_eq!(episodes.len(), 1, "{}", json.out);
    let alarm_s = episodes[0]["alarm_s"].as_f64().unwrap();
    let end_s = cramp.onset_s + cramp.duration_s.unwrap();
    assert!((cramp.onset_s - 30.0..=end_s).contains(&alarm_s), "{cramp:?} against {}", json.out);
    assert_eq!(value["recordings"][0]["duration_s"], 900.0);
}

#[test]
fn the_same_command_gives_the_same_file_and_never_overwrites_it_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["simulate", "--out", "a", "--hours=0.05", "--rate-hz=250", "--nights=2", "--no-acceleration"];
    assert_eq!(crampwatch_in(folder.path(), arguments).code, 0);
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(folder.path().join("a")).unwrap().map(|f| f.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["p1_n1.edf", "p1_n2.edf"]);
    let path = folder.path().join("a/p1_n2.edf");
    let before = fs::read(&path).unwrap();
    let ran = crampwatch_in(folder.path(), arguments);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("p1_n1.edf is there already") && ran.err.contains("--force"), "{}", ran.err);
    fs::write(&path, "spoilt").unwrap();
    assert_eq!(crampwatch_in(folder.path(), arguments.iter().chain(&["--force"])).code, 0);
    assert!(fs::read(&path).unwrap() == before);
    assert_eq!(names().len(), 2);
}

#[test]
fn faults_are_annotated_and_come_back_as_gaps() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(crampwatch_in(folder.path(), SMALL_NIGHT).code, 0);
    let path = folder.path().join("p7_n1.edf");
    let notes = annotations(&path);
    let length_s = |text: &str| notes.iter().filter(|n| n.text == text).map(|n| n.duration_s.unwrap()).sum::<f64>();
    assert!(length_s("Gap") >= 60.0 && length_s("Lead off") > 0.0, "{notes:?}");
    assert!(notes.iter().any(|note| note.text == "link_down") && notes.iter().any(|note| note.text == "cramp"));

    let mut stream = EdfStream::open(&path, &ChannelChoice::default()).unwrap();
    let (mut chunks, mut received, mut lead_off) = (Vec::new(), 0, 0);
    while stream.next_chunks(&mut chunks).unwrap() {
        for chunk in chunks.drain(..) {
            received += chunk.emg_len(2);
            lead_off += chunk.emg_len(2) * u64::from(chunk.lead_off);
        }
    }
    assert_eq!((900 * 500 - received) as f64 / 500.0, length_s("Gap"));
    assert_eq!(lead_off as f64 / 500.0, length_s("Lead off"));
    let json = score(folder.path(), &["p7_n1.edf", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let gaps = value["recordings"][0]["gaps"].as_array().unwrap();
    let total: f64 = gaps.iter().map(|gap| gap[1].as_f64().unwrap() - gap[0].as_f64().unwrap()).sum();
    assert!(total >= length_s("Gap") + length_s("Lead off"), "{gaps:?}");
}

#[test]
fn one_bad_file_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.edf"), "no EDF").unwrap();
    let good = repository("data/emg/older_adult_01_TA_hold.edf");
    let good = good.to_str().unwrap();
    let ran = score(folder.path(), &[good, "bad.edf", good, "--format", "json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("bad.edf") && ran.err.lines().count() <= 3, "{}", ran.err);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let recordings = value["recordings"].as_array().unwrap();
    assert_eq!(recordings.len(), 2);
    // Ten seconds say nothing without a baseline.
    assert_eq!((&recordings[0]["valid_s"], &recordings[0]["episodes"]), (&0.0.into(), &serde_json::json!([])));
    let table = score(folder.path(), &[good]);
    assert!(table.out.contains("needs 60 s of signal before it can judge"), "{}", table.out);
}

#[test]
fn channels_are_chosen_by_name_and_wrong_names_list_the_labels() {
    let folder = tempfile::tempdir().unwrap();
    let file = repository("data/emg/lower_limb_1N_gait.edf");
    let file = file.to_str().unwrap();
    assert_eq!(score(folder.path(), &[file, "--emg", "emg vm", "--emg", "EMG RF,EMG ST"]).code, 0);
    let ran = score(folder.path(), &[file, "--emg", "EMG GM"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("\"EMG GM\"") && ran.err.contains("\"EMG RF\", \"EMG BF\""), "{}", ran.err);
    assert_eq!(score(folder.path(), &[file, "--acc", "EMG RF,EMG BF,EMG VM"]).code, 1);
}

/// The file again with other annotations, one each in the first records.
fn relabelled(from: &Path, to: &Path, notes: &[Annotation]) {
    let mut reader = EdfReader::open(from).unwrap();
    let header = reader.header().clone();
    let started_at = EdfStream::open(from, &ChannelChoice::default()).unwrap().started_at().unwrap();
    let setup = crampwatch::recording::edf::EdfSetup::new(started_at, header.record_duration, header.signals);
    let mut writer = EdfWriter::new(fs::File::create(to).unwrap(), setup).unwrap();
    notes.iter().for_each(|note| writer.annotate(note).unwrap());
    let mut record = Record::default();
    while reader.read_record(&mut record).unwrap() {
        writer.write_record(&record.samples).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn a_recording_that_ends_in_a_gap_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["simulate", "--out", ".", "--hours=0.05", "--rate-hz=250", "--no-faults", "--cramps=0", "--density=0"];
    assert_eq!(crampwatch_in(folder.path(), arguments).code, 0);
    let gap = Annotation { onset_s: 150.0, duration_s: Some(30.0), text: "Gap".to_owned() };
    relabelled(&folder.path().join("p1_n1.edf"), &folder.path().join("cut.edf"), &[gap]);
    let ran = score(folder.path(), &["cut.edf", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["recordings"][0]["gaps"], serde_json::json!([[150.0, 180.0]]), "{}", ran.out);
}

#[test]
fn nights_from_files_are_evaluated_against_their_annotations() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(crampwatch_in(folder.path(), SMALL_NIGHT).code, 0);
    let model = test_model();
    let evaluate = |file: &str| crampwatch_in(folder.path(), ["evaluate", file, "--model", model.to_str().unwrap()]);
    let ran = evaluate("p7_n1.edf");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 recorded nights"), "{}", ran.out);

    let original = folder.path().join("p7_n1.edf");
    let cramp = |onset_s, duration_s| Annotation { onset_s, duration_s, text: "cramp".to_owned() };
    let gap = Annotation { text: "Gap".to_owned(), ..cramp(5.0, Some(2.0)) };
    let bracing = Annotation { text: "bracing".to_owned(), ..cramp(300.0, Some(30.0)) };
    relabelled(&original, &folder.path().join("braced.edf"), &[cramp(100.0, Some(60.0)), bracing]);
    let ran = evaluate("braced.edf");
    assert!(ran.out.contains("| bracing | 1 | "), "{}", ran.out);
    relabelled(&original, &folder.path().join("short.edf"), &[cramp(100.0, Some(4.0))]);
    let ran = evaluate("short.edf");
    assert!(ran.out.contains("| cramps | 1 | 1 |"), "{}", ran.out);
    for (name, notes, says) in [
        ("unlabelled.edf", vec![gap], "found no labels"),
        ("overlap.edf", vec![cramp(100.0, Some(60.0)), cramp(130.0, Some(10.0))], "100.00 to 160.00 s and from 130.00"),
        ("endless.edf", vec![cramp(100.0, None)], "has no duration"),
        ("beyond.edf", vec![cramp(890.0, Some(60.0))], "not within the recording"),
    ] {
        relabelled(&original, &folder.path().join(name), &notes);
        let ran = evaluate(name);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(name) && ran.err.contains(says), "{}", ran.err);
    }
}

/// `cramp_started` events of 120 s of quiet (white noise of 3 to 10 µV RMS a channel), the file, and 30 s of quiet.
fn starts_after_quiet(path: &Path, model: &Arc<Model>, seed: u64) -> usize {
    let mut stream = EdfStream::open(path, &ChannelChoice::default()).unwrap();
    let layout = stream.layout().clone();
    let rate = layout.emg.rate.samples() as usize;
    let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(seed);
    let noise: Vec<_> = (0..layout.emg.channels.len() as u64)
        .map(|channel| Normal::new(0.0, 3.0 + ((seed * 5 + channel * 3) % 8) as f64).unwrap())
        .collect();
    let mut quiet = |seconds: usize| -> Vec<i16> {
        let channels = noise.iter().zip(&layout.emg.channels);
        (0..seconds * rate)
            .flat_map(|_| {
                channels.clone().map(|(noise, c)| c.scale.quantise(noise.sample(&mut random))).collect::<Vec<_>>()
            })
            .collect()
    };
    let mut emg = quiet(120);
    let mut chunks = Vec::new();
    while stream.next_chunks(&mut chunks).unwrap() {}
    chunks.iter().for_each(|chunk| emg.extend(&chunk.emg));
    emg.extend(quiet(30));
    let mut detector = Detector::new(&layout, Arc::clone(model)).unwrap();
    let mut n_started = 0;
    let mut count = |output| n_started += usize::from(matches!(output, Output::Started { .. }));
    detector.push(&Chunk { emg, ..Chunk::default() }, &mut count);
    detector.finish(&mut count);
    assert!(detector.coverage().judged_s() > 60.0);
    n_started
}

#[test]
fn no_hold_of_older_adults_is_taken_for_a_cramp() {
    let model = Arc::new(Model::built_in().unwrap());
    // Those with odd numbers teach; the others were kept out.
    let started: Vec<u64> = (1..=18)
        .filter(|person| {
            let path = repository(&format!("data/emg/older_adult_{person:02}_TA_hold.edf"));
            starts_after_quiet(&path, &model, *person) > 0
        })
        .collect();
    assert!(started.is_empty(), "cramps started in the holds of {started:?}");
}

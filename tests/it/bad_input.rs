//! Bad input through the front door: what was found, what was expected, what to do; exit code 1 or 2, no panic, at once.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::front_door::{Ran, crampwatch_in, rehash, repository, test_model};

/// A plain EDF of `n_records` records of 1 s with one EMG signal; each field can be replaced by `(offset, text)`.
fn edf(fields: &[(usize, &str)], n_records: usize, rate: usize) -> Vec<u8> {
    let mut bytes = vec![b' '; 512];
    let rate_field = rate.to_string();
    let n_field = n_records.to_string();
    let good = [
        (0, "0"),
        (168, "01.01.25"),
        (176, "22.00.00"),
        (184, "512"),
        (236, n_field.as_str()),
        (244, "1"),
        (252, "1"),
        (256, "EMG"),
        (256 + 96, "uV"),
        (256 + 104, "-3276.7"),
        (256 + 112, "3276.7"),
        (256 + 120, "-32767"),
        (256 + 128, "32767"),
        (256 + 216, rate_field.as_str()),
    ];
    for (offset, text) in good.iter().chain(fields) {
        // A replaced field is blanked first, so that no digit of the good one is left.
        let width = if *offset < 256 { 8 } else { text.len().max(8) };
        let width = if *offset == 252 { 4 } else { width };
        bytes[*offset..offset + width].fill(b' ');
        bytes[*offset..offset + text.len()].copy_from_slice(text.as_bytes());
    }
    for sample in 0..n_records * rate {
        bytes.extend(((sample * 7919 % 101) as i16 - 50).to_le_bytes());
    }
    bytes
}

fn score(folder: &Path, file: &str) -> Ran {
    let model = test_model();
    let begun = Instant::now();
    let ran = crampwatch_in(folder, ["score".as_ref(), file.as_ref(), "--model".as_ref(), model.as_os_str()]);
    assert!(begun.elapsed() < Duration::from_secs(10), "{ran:?}");
    ran
}

#[test]
fn the_good_file_that_the_bad_ones_are_made_from_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.edf"), edf(&[], 90, 250)).unwrap();
    let ran = score(folder.path(), "good.edf");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("no cramps, judged 0:00:"), "{}", ran.out);
}

#[rstest]
#[case::empty(Vec::new(), &["empty"])]
#[case::text(b"time,emg\n0.000,12\n".repeat(100), &["time,emg", "expected", "EDF"])]
#[case::truncated_header(edf(&[], 1, 250)[..300].to_vec(), &["300 bytes", "512", "copy the recording again"])]
#[case::truncated_in_the_first_record(edf(&[], 1, 250)[..600].to_vec(), &["no whole data record", "88 bytes", "500"])]
#[case::no_records(edf(&[], 0, 250), &["no whole data record"])]
#[case::no_signals(edf(&[(252, "0"), (184, "256")], 0, 250), &["0 signals", "1 to 512"])]
#[case::too_many_signals(edf(&[(252, "9999")], 1, 250), &["number of signals", "9999", "1 to 512"])]
#[case::absurd_rate(edf(&[(472, "99999999")], 1, 250), &["199999998 bytes", "shorter records"])]
#[case::absurd_duration(edf(&[(244, "1e-30")], 1, 250), &["duration of a data record", "1e-30"])]
#[case::zero_rate(edf(&[(472, "0")], 1, 250), &["EMG", "0 samples"])]
#[case::slow(edf(&[], 70, 100), &["100 Hz", "200 to 4000 Hz", "resample"])]
#[case::flat_physical(edf(&[(360, "3276.7")], 1, 250), &["flat scale", "3276.7"])]
#[case::flat_digital(edf(&[(376, "32767")], 1, 250), &["flat scale", "32767"])]
#[case::not_a_number(edf(&[(236, "many")], 1, 250), &["number of data records", "many", "whole number"])]
#[case::nan(edf(&[(368, "nan")], 1, 250), &["physical maximum", "nan", "a number"])]
#[case::odd_unit(edf(&[(352, "degC")], 1, 250), &["degC", "uV, mV or V"])]
#[case::no_emg(edf(&[(256, "ECG")], 1, 250), &["ECG", "--emg LABEL"])]
#[case::interrupted(edf(&[(192, "EDF+D")], 1, 250), &["EDF+D", "convert it to EDF+C"])]
#[case::bdf({ let mut bytes = edf(&[], 1, 250); bytes[..8].copy_from_slice(b"\xffBIOSEMI"); bytes }, &["BDF", "24 bit", "convert"])]
fn a_file_that_cannot_be_scored_is_refused_by_name_and_reason(#[case] bytes: Vec<u8>, #[case] says: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.edf"), bytes).unwrap();
    let ran = score(folder.path(), "bad.edf");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(ran.err.contains("bad.edf"), "{}", ran.err);
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
}

#[test]
fn a_file_that_is_cut_off_is_scored_up_to_its_last_whole_record() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = edf(&[], 90, 250);
    bytes.truncate(512 + 70 * 500 + 333);
    fs::write(folder.path().join("cut.edf"), bytes).unwrap();
    let ran = score(folder.path(), "cut.edf");
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("of 0:01:10"), "{}", ran.out);
}

#[test]
fn a_missing_file_and_a_folder_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let ran = score(folder.path(), "nowhere.edf");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("nowhere.edf") && ran.err.contains("No such file"), "{}", ran.err);
    fs::create_dir(folder.path().join("nights")).unwrap();
    let ran = score(folder.path(), "nights");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("found a folder") && ran.err.contains("nights/*.edf"), "{}", ran.err);
}

#[rstest]
#[case::emg("--emg", "EMG,B,C,D,E", "one to four labels")]
#[case::acc("--acc", "X,Y", "found 2 labels, expected three")]
#[case::format("--format", "xml", "table, json, csv")]
fn wrong_options_of_score_are_usage_errors(#[case] option: &str, #[case] value: &str, #[case] says: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ran = crampwatch_in(folder.path(), ["score", "a.edf", option, value]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains(says), "{}", ran.err);
}

/// The test model as JSON, changed.
fn changed_model(folder: &Path, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let text = fs::read_to_string(test_model().join("model.json")).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    change(&mut value);
    fs::write(folder.join("model.json"), value.to_string()).unwrap();
    "model.json".to_owned()
}

#[rstest]
#[case::version(|model: &mut serde_json::Value| model["format"] = 99.into(), &["model format 99", "expected 2", "train it again"])]
#[case::hash(|model: &mut serde_json::Value| model["sha256"] = "00".repeat(32).into(), &["0000", "does not match", "damaged"])]
#[case::content(|model: &mut serde_json::Value| model["model"]["id"] = "other".into(), &["does not match"])]
#[case::features(
    |model: &mut serde_json::Value| { model["model"]["feature_set"] = "quarters-9".into(); rehash(model) },
    &["quarters-9", "quarters-4"]
)]
#[case::no_model(|model: &mut serde_json::Value| *model = serde_json::json!({}), &["missing", "train it again"])]
fn a_model_that_does_not_fit_is_refused(#[case] change: fn(&mut serde_json::Value), #[case] says: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.edf"), edf(&[], 70, 250)).unwrap();
    let model = changed_model(folder.path(), change);
    let ran = crampwatch_in(folder.path(), ["score", "good.edf", "--model", &model]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    for word in ["model.json"].iter().chain(says) {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
}

#[test]
fn a_model_that_is_not_there_or_no_json_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ran = crampwatch_in(folder.path(), ["score", "a.edf", "--model", "nowhere"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("cannot open the model nowhere") && ran.err.contains("crampwatch train"), "{}", ran.err);
    fs::write(folder.path().join("model.json"), "{\n  oops").unwrap();
    let ran = crampwatch_in(folder.path(), ["score", "a.edf", "--model", "."]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("line 2"), "{}", ran.err);
}

#[rstest]
#[case::unknown_key("[storage]\ndata_folder = \"x\"\n", &["c.toml:2:1", "data_folder", "data_dir"])]
#[case::unknown_section("[storrage]\n", &["c.toml:1:", "storrage"])]
#[case::wrong_unit("[alarm]\nstale_after_ms = 5000\n", &["c.toml:2:1", "stale_after_ms", "stale_after_s"])]
#[case::wrong_type("[alarm]\nstale_after_s = \"10 s\"\n", &["c.toml:2:17", "without quotes"])]
#[case::out_of_range("[alarm]\nstale_after_s = 5000.0\n", &["c.toml:2:17", "5000", "2 to 600"])]
#[case::no_toml("[alarm\n", &["c.toml:1:"])]
#[case::missing_model("[model]\npath = \"nowhere\"\n", &["model.path", "nowhere", "crampwatch train"])]
fn a_bad_configuration_is_refused_with_its_place(#[case] text: &str, #[case] says: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.toml"), text).unwrap();
    let ran = crampwatch_in(folder.path(), ["check-config", "c.toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
}

#[test]
fn the_example_configuration_is_described_and_ok_and_shows_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let example = repository("crampwatch.example.toml");
    let ran = crampwatch_in(folder.path(), ["check-config".as_ref(), example.as_os_str()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("[person]\nid = \"me\"") && ran.out.ends_with("\nok\n"), "{}", ran.out);
    fs::write(folder.path().join("secret"), "hunter2\n").unwrap();
    fs::write(folder.path().join("crampwatch.toml"), "[mqtt]\nusername = \"me\"\npassword_file = \"secret\"\n")
        .unwrap();
    let ran = crampwatch_in(folder.path(), ["check-config"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("[redacted]") && !format!("{ran:?}").contains("hunter2"), "{ran:?}");
}

#[test]
fn a_missing_configuration_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let ran = crampwatch_in(folder.path(), ["check-config", "nowhere.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("nowhere.toml") && ran.err.contains("crampwatch.example.toml"), "{}", ran.err);
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // Beneath a file nobody can make a folder, not even root.
    fs::write(folder.path().join("file"), "").unwrap();
    fs::write(folder.path().join("crampwatch.toml"), "[storage]\ndata_dir = \"file/data\"\n").unwrap();
    let ran = crampwatch_in(folder.path(), ["log", "water", "250ml"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("file/data") && ran.err.contains("storage.data_dir"), "{}", ran.err);
    let ran = crampwatch_in(folder.path(), ["simulate", "--out", "file/nights", "--hours", "0.02"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("file/nights") && ran.err.contains("can be written"), "{}", ran.err);
}

#[test]
fn water_is_logged_in_words_as_people_write_them_and_summed_up() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crampwatch.toml"), "[person]\ntime_zone = \"UTC\"\n[storage]\ndata_dir = \"data\"\n")
        .unwrap();
    let ran = crampwatch_in(folder.path(), ["log", "water", "250ml"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(
        ran.out.starts_with("logged: 250 ml water at 20") && ran.out.contains("today: 250 ml water"),
        "{}",
        ran.out
    );
    let ran = crampwatch_in(folder.path(), ["log", "water", "1.5", "glasses", "--note", "warm"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1.5 glass water") && ran.out.contains("today: 550 ml water"), "{}", ran.out);
    let ran = crampwatch_in(folder.path(), ["log", "water", "2 dl", "--at", "2025-01-02 03:59"]);
    assert!(ran.out.contains("2025-01-02 03:59") && ran.out.contains("2025-01-01: 200 ml water"), "{ran:?}");
}

#[rstest]
#[case::mass(&["log", "water", "300mg"], "did you mean 300ml?")]
#[case::no_unit(&["log", "water", "250"], "without a unit")]
#[case::too_much(&["log", "water", "40 l"], "check the unit")]
#[case::kind(&["log", "lava", "250ml"], "expected water")]
#[case::no_amount(&["log", "water"], "AMOUNT")]
#[case::future(&["log", "water", "250ml", "--at", "2999-01-01 10:00"], "after now")]
#[case::no_time(&["log", "water", "250ml", "--at", "soon"], "found the time \"soon\"")]
fn an_entry_that_cannot_be_meant_is_refused_and_nothing_is_stored(#[case] arguments: &[&str], #[case] says: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ran = crampwatch_in(folder.path(), arguments);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.contains(says), "{}", ran.err);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_of_real_recordings_that_cannot_be_used_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::create_dir(folder.path().join("nameless")).unwrap();
    std::fs::copy(repository("data/emg/older_adult_01_TA_hold.edf"), folder.path().join("nameless/mine.edf")).unwrap();
    for (real, says) in
        [("nowhere", "expected a folder of EDF"), ("empty", "no .edf file"), ("nameless", "mine.edf: found a name")]
    {
        let ran = crampwatch_in(folder.path(), ["train", "--out", "new", "--id", "new", "--real", real]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(says), "{}", ran.err);
        assert!(!folder.path().join("new").exists());
    }
    let ran = crampwatch_in(folder.path(), ["evaluate", "--real", "empty", "night.edf"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

//! `evaluate` through the front door: table, JSON and page tell the same, and the stored table of floors is a gate.

use std::fs;

use crate::front_door::{crampwatch_in, test_model};

/// Half an hour of one person at each of two rates, with the small model.
fn evaluate(folder: &std::path::Path, more: &[&str]) -> crate::front_door::Ran {
    let model = test_model();
    let start = ["evaluate", "--model", model.to_str().unwrap(), "--people", "2", "--rates-hz", "1000,500"];
    crampwatch_in(folder, start.iter().chain(&["--hours", "0.5", "--cramps", "2"]).chain(more))
}

#[test]
fn table_json_and_page_tell_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let table = evaluate(folder.path(), &["--html", "page.html"]);
    assert_eq!(table.code, 0, "{table:?}");
    let json = evaluate(folder.path(), &["--format", "json"]);
    assert_eq!(json.code, 0, "{json:?}");
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    let evaluation = &json["evaluation"];

    let measured_on = json["measured_on"].as_str().unwrap();
    assert!(measured_on.starts_with("2 simulated nights of 0.5 h (our main simulator)"), "{measured_on}");
    for text in [&table.out, &page] {
        assert!(text.contains(measured_on) && text.contains(json["model_id"].as_str().unwrap()), "{text}");
    }
    // A figure with its interval, as the table prints it.
    let cell = |figure: &serde_json::Value, decimals: usize| {
        let [value, low, high] = ["value", "low", "high"].map(|key| figure[key].as_f64().unwrap());
        format!("{value:.decimals$} ({low:.decimals$} to {high:.decimals$})")
    };
    for part in ["with_motion", "without_motion"] {
        let figures = &evaluation[part];
        assert_eq!((figures["people"].as_u64(), figures["cramps"].as_u64()), (Some(2), Some(4)));
        for (name, decimals) in
            [("sensitivity", 3), ("coverage", 3), ("false_alarms_per_8h", 2), ("alarmed_outside_min_per_8h", 2)]
        {
            let cell = cell(&figures[name], decimals);
            assert!(table.out.contains(&cell) && page.contains(&cell), "{part} {name} {cell}\n{}", table.out);
        }
    }
    let rates: Vec<f64> =
        evaluation["by_rate"].as_array().unwrap().iter().map(|row| row[0].as_f64().unwrap()).collect();
    assert_eq!(rates, [500.0, 1000.0]);
    assert!(table.out.contains("by EMG rate, with acceleration") && page.contains("<th>1000 Hz</th>"));
    let events = evaluation["by_event"].as_array().unwrap();
    assert!(events.iter().any(|row| row["name"] == "turn"), "{events:?}");
    for row in events {
        let [name, happened, false_alarms] = [&row["name"], &row["events"], &row["false_alarms"]];
        let name = name.as_str().unwrap();
        assert!(table.out.contains(&format!("| {name} | {happened} | {false_alarms} |")), "{name}");
        assert!(page.contains(&format!("<td>{name}</td><td>{happened}</td><td>{false_alarms}</td>")), "{name}");
    }
    assert_eq!(evaluation["curve"].as_array().unwrap().len(), 26);
    for rules in ["szcore", "szcore_cramp", "szcore_samples"] {
        assert!(evaluation[rules]["sensitivity"]["value"].is_number(), "{rules}");
    }
    assert!(table.out.contains("| constants for cramps | ") && page.contains("<td>constants for cramps</td>"));

    // A page that stands alone: three plots, nothing to fetch.
    assert_eq!((page.matches("<svg ").count(), page.matches("<figcaption>").count()), (3, 3));
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http") && !outside.contains("<script"), "something is fetched");
    assert!(!page.contains("NaN"), "a figure without a value");
}

#[test]
fn nights_without_a_cramp_have_false_alarms_and_dashes_for_what_nobody_can_know() {
    let folder = tempfile::tempdir().unwrap();
    let model = test_model();
    let arguments =
        ["evaluate", "--model", model.to_str().unwrap(), "--people", "1", "--hours", "0.2", "--cramps", "0"];
    let ran = crampwatch_in(folder.path(), arguments.iter().chain(&["--html", "page.html"]));
    assert_eq!(ran.code, 0, "{ran:?}");
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(ran.out.contains("| sensitivity | – | – |"), "{}", ran.out);
    assert!(page.contains("<td>sensitivity</td><td>–</td>") && page.matches("<svg ").count() == 3);
    assert!(!ran.out.contains("NaN") && !page.contains("NaN"), "{}", ran.out);
    assert!(ran.out.contains("| false alarms per 8 h | 0.00 (0.00 to 0.00) |"), "{}", ran.out);
}

#[test]
fn figures_worse_than_the_stored_table_fail_the_command_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let floor = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    floor("low.json", r#"{"command": "", "with acceleration": {"least": {"coverage": 0.5}}}"#);
    floor(
        "high.json",
        r#"{"command": "", "EMG alone": {"least": {"coverage": 1.1}}, "500 Hz": {"most": {"overlap": -1}}}"#,
    );
    floor("strange.json", r#"{"command": "", "800 Hz": {"least": {"coverage": 0.5}}}"#);
    assert_eq!(evaluate(folder.path(), &["--floor", "low.json"]).code, 0);
    let worse = evaluate(folder.path(), &["--floor", "high.json"]);
    assert_eq!(worse.code, 1, "{worse:?}");
    for breach in ["EMG alone: coverage is ", "500 Hz: overlap is ", "find out why, or change the table"] {
        assert!(worse.err.contains(breach), "{}", worse.err);
    }
    let strange = evaluate(folder.path(), &["--floor", "strange.json"]);
    assert_eq!(strange.code, 1, "{strange:?}");
    assert!(strange.err.contains("`800 Hz`, which there is not; expected `with acceleration`"), "{}", strange.err);
    let absent = evaluate(folder.path(), &["--floor", "absent.json"]);
    assert!(absent.code == 1 && absent.err.contains("cannot read absent.json"), "{}", absent.err);
}

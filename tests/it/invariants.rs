//! What ARCHITECTURE.md promises about the source itself.

use std::path::Path;

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn pure_rooms_import_no_shell() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let shell = [
        "tokio",
        "sqlx",
        "rumqttc",
        "rumqttd",
        "tracing",
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "Instant::now",
        "SystemTime",
        "Timestamp::now",
        "crate::store",
        "crate::mqtt",
        "crate::daemon",
        "crate::recording",
        "crate::sensor",
        "crate::cli",
        "crate::config",
        "crate::train",
        "crate::report",
        "crate::diary",
    ];
    for room in ["signal", "detect", "advice", "alarm", "calibrate", "simulate"] {
        let mut files = Vec::new();
        sources(&root.join(room), &mut files);
        assert!(!files.is_empty(), "{room} is empty");
        for (path, text) in files {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            for (number, line) in code.enumerate() {
                // The diary's words (nutrients, exposures, items) are what advice speaks of; they are values.
                let words = |name: &str| room == "advice" && name == "crate::diary";
                let found = shell.iter().find(|name| line.contains(**name) && !words(name));
                assert_eq!(found, None, "{path}, line of code {number}: {line}");
            }
        }
    }
}

#[test]
fn no_hand_written_source_is_past_five_hundred_lines() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    for (path, text) in files {
        assert!(text.lines().count() <= 500, "{path} is two rooms");
    }
}

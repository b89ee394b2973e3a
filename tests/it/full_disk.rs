//! A disk that takes nothing: the night is not recorded and nothing is kept, but cramps are told, and all of it begins
//! again by itself. The kernel refuses the daemon's writes by a limit on file sizes, which needs no privileges and no disk.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use crampwatch::store::Store;

use crate::harness::{Broker, Home, Process, Subscriber, busy_config, eventually};

/// From now on, files of `daemon` may have so many bytes.
fn limit_files(daemon: &Process, soft: &str) {
    let limit = format!("--fsize={soft}:unlimited");
    let done = Command::new("prlimit").args(["--pid", &daemon.id().to_string(), &limit]).status().unwrap();
    assert!(done.success(), "prlimit (util-linux) refuses");
}

fn raw_files(home: &Home) -> BTreeSet<std::path::PathBuf> {
    std::fs::read_dir(home.data_dir().join("nights")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// What the newest self-test finds wrong.
fn failed(subscriber: &Subscriber) -> String {
    let newest = subscriber.messages().into_iter().rfind(|m| m.topic == "crampwatch/bridge/self_test");
    newest.map_or(String::new(), |message| message.json["failed"].to_string())
}

#[test]
fn a_full_disk_stops_recording_but_not_detection_and_both_are_said() {
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let config = busy_config(broker.port, 60.0).replace("data_dir = \"data\"", "data_dir = \"data\"\nmin_free_mb = 0");
    let home = Home::new(&config);
    let mut daemon = home.start_past_file_limits();
    eventually("a cramp is told", Duration::from_secs(60), || !subscriber.episodes("cramp_started").is_empty());
    eventually("the night is recorded", Duration::from_secs(10), || !raw_files(&home).is_empty());

    limit_files(&daemon, "0");
    eventually("the self-test says both", Duration::from_secs(30), || {
        let failed = failed(&subscriber);
        failed.contains("raw night is not recorded") && failed.contains("Nothing can be written")
    });
    let before = raw_files(&home);
    let unwritten = || -> Vec<String> {
        let events = subscriber.events().into_iter();
        let unwritten = events.filter(|m| m.json["event_type"] == "cramp_started" && m.json["seq"].is_null());
        unwritten.map(|m| m.json["episode_id"].as_str().unwrap().to_owned()).collect()
    };
    eventually("cramps are told without being kept", Duration::from_secs(120), || unwritten().len() >= 2);
    assert_eq!(raw_files(&home), before, "nothing half-made is left behind");

    limit_files(&daemon, "unlimited");
    eventually("recording begins again", Duration::from_secs(60), || raw_files(&home).len() > before.len());
    eventually("the self-test no longer complains", Duration::from_secs(60), || {
        let failed = failed(&subscriber);
        !failed.contains("recorded") && !failed.contains("written")
    });
    let newest_seq = || subscriber.events().iter().filter_map(|m| m.json["seq"].as_i64()).max();
    let seq = newest_seq();
    eventually("events are kept and told again", Duration::from_secs(60), || newest_seq() > seq);
    assert_eq!(daemon.terminate(), Some(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        store.integrity_check().await.unwrap();
        for id in unwritten() {
            let row = store.episode(id.parse().unwrap()).await.unwrap().expect("it was written when there was room");
            assert!(row.end_at.is_some(), "{row:?}");
        }
        store.close().await;
    });
}

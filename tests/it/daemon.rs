//! The daemon through its front door: process, signals, broker, store.

use std::collections::BTreeSet;
use std::time::Duration;

use crampwatch::store::Store;

use crate::harness::{Broker, Home, Subscriber, busy_config, eventually};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn no_announced_episode_is_lost_in_twenty_kills_and_each_start_goes_on() {
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let home = Home::new(&busy_config(broker.port, 120.0));
    for kill in 0..20_u64 {
        let mut daemon = home.start();
        let started = subscriber.episodes("cramp_started").len();
        eventually("a cramp starts", Duration::from_secs(60), || subscriber.episodes("cramp_started").len() > started);
        // In the middle of the episode: a minute of cramp is half a second here.
        std::thread::sleep(Duration::from_millis(kill * 7919 % 400));
        daemon.kill_9();
    }
    let mut last = home.start();
    let announced: BTreeSet<String> = subscriber.episodes("cramp_started").into_iter().collect();
    assert!(announced.len() >= 20, "{announced:?}");
    eventually("every announced episode is ended", Duration::from_secs(60), || {
        let ended: BTreeSet<String> = subscriber.episodes("cramp_ended").into_iter().collect();
        announced.is_subset(&ended)
    });
    assert_eq!(last.terminate(), Some(0));
    let ended = subscriber.episodes("cramp_ended");
    assert_eq!(ended.len(), ended.iter().collect::<BTreeSet<_>>().len(), "an episode ended twice: {ended:?}");
    block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        store.integrity_check().await.unwrap();
        for id in &announced {
            let row = store.episode(id.parse().unwrap()).await.unwrap().expect("an announced episode is in the store");
            assert!(row.alarm_at.is_some() && row.end_at.is_some(), "{row:?}");
        }
        store.close().await;
    });
}

#[test]
fn events_missed_by_a_stopped_broker_arrive_once_in_order_with_their_times() {
    let mut broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let home = Home::new(&busy_config(broker.port, 120.0));
    let mut daemon = home.start();
    eventually("a first event", Duration::from_secs(60), || !subscriber.events().is_empty());
    for _ in 0..3 {
        broker.stop();
        std::thread::sleep(Duration::from_secs(4));
        broker.restart();
        let before = subscriber.events().len();
        eventually("events go on", Duration::from_secs(60), || subscriber.events().len() > before + 2);
    }
    assert_eq!(daemon.terminate(), Some(0));
    std::thread::sleep(Duration::from_millis(300));
    let events = subscriber.events();
    let mut topics_of = std::collections::BTreeMap::new();
    for topic in ["crampwatch/me_left/event", "crampwatch/me_left/event_late"] {
        let seqs: Vec<i64> =
            events.iter().filter(|m| m.topic == topic).map(|m| m.json["seq"].as_i64().unwrap()).collect();
        // What was under way at a break comes again, all of it that was under way.
        let mut seen = std::collections::BTreeSet::new();
        let without_repeats: Vec<i64> = seqs.iter().copied().filter(|seq| seen.insert(*seq)).collect();
        assert!(without_repeats.is_sorted(), "{topic}: {seqs:?}");
        without_repeats.into_iter().for_each(|seq| *topics_of.entry(seq).or_insert(0) += 1);
    }
    assert!(topics_of.values().all(|topics| *topics == 1), "{topics_of:?}");
    let numbers: Vec<i64> = topics_of.keys().copied().collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>(), "none is missing");
    assert!(events.iter().all(|m| !m.retain && m.json["at"].is_string() && m.json["sent_at"].is_string()));
}

#[test]
fn states_are_retained_where_they_should_be_and_a_clean_stop_says_offline() {
    let broker = Broker::start();
    let home = Home::new(&busy_config(broker.port, 120.0));
    let mut daemon = home.start();
    let subscriber = Subscriber::start(broker.port);
    let last = |topic: &str| subscriber.messages().into_iter().rfind(|m| m.topic == topic);
    eventually("the leg is online", Duration::from_secs(30), || {
        last("crampwatch/me_left/availability").is_some_and(|m| m.text == "online")
    });
    eventually("the live state", Duration::from_secs(30), || {
        last("crampwatch/me_left/live").is_some_and(|m| !m.retain && m.json["state"].is_string())
    });
    let log = home.command(&["log", "water", "250ml"]).output().unwrap();
    assert!(log.status.success(), "{}", String::from_utf8_lossy(&log.stderr));
    eventually("water of another process is republished", Duration::from_secs(10), || {
        last("crampwatch/bridge/intake_today").is_some_and(|m| m.json["water_ml"] == 250)
    });
    assert_eq!(daemon.terminate(), Some(0));
    eventually("offline is said", Duration::from_secs(5), || {
        last("crampwatch/bridge/status").is_some_and(|m| m.text == "offline")
    });
    let late = Subscriber::start(broker.port);
    for topic in ["bridge/status", "bridge/info", "bridge/self_test", "bridge/intake_today", "me_left/night"] {
        let topic = format!("crampwatch/{topic}");
        eventually(&format!("{topic} is retained"), Duration::from_secs(5), || {
            late.messages().iter().any(|m| m.topic == topic && m.retain)
        });
    }
}

#[test]
fn a_second_daemon_in_the_same_folder_is_refused_with_the_remedy() {
    let broker = Broker::start();
    let home = Home::new(&busy_config(broker.port, 60.0));
    let _first = home.start();
    let second = home.command(&["run"]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(message.contains("in use by another crampwatch daemon"), "{message}");
}

#[test]
fn a_port_in_use_is_refused_with_the_remedy() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let home = Home::new(&format!("[storage]\ndata_dir = \"data\"\n[mqtt]\nembedded_port = {port}\n"));
    let refused = home.command(&["run"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains(&port.to_string()) && message.contains("embedded_port"), "{message}");
}

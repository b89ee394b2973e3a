//! What people hear of a Bluetooth link: over MQTT, in the log, by the exit code.

use std::time::Duration;

use crampwatch::store::{LabelSource, LabelWord, Store};
use crampwatch::units::UtcMicros;

use crate::bluez::Bluez;
use crate::harness::{Broker, Home, Subscriber, eventually};

/// A sensor is found and streams within this.
const FOUND: Duration = Duration::from_secs(20);
/// Whatever is lost is told of within this.
const TOLD: Duration = Duration::from_secs(10);
const AVAILABILITY: &str = "crampwatch/me_left/availability";
const SELF_TEST: &str = "crampwatch/bridge/self_test";

fn config(broker: &Broker, more: &str) -> String {
    format!(
        "[person]\ntime_zone = \"UTC\"\n[storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"external\"\nport = {}\n\
         [sensor]\nkind = \"bluetooth\"\n{more}",
        broker.port
    )
}

#[test]
fn a_bus_that_stays_dead_ends_the_process_in_order_so_that_systemd_starts_it_anew() {
    let mut bluez = Bluez::start(&["--cramps", "0"]);
    let broker = Broker::start();
    let home = Home::new(&config(&broker, ""));
    let mut daemon = home.start_on_bus(&bluez.address());
    eventually("the sensor streams", FOUND, || home.log().contains("The sensor streams."));
    // Some seconds of night.
    std::thread::sleep(Duration::from_secs(5));
    bluez.kill_bus();
    assert_eq!(daemon.ends_within(Duration::from_secs(90)), Some(1), "{}", home.log());
    assert!(home.log().contains("systemctl restart dbus bluetooth"), "{}", home.log());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        store.integrity_check().await.unwrap();
        assert!(store.unfinished_segments("me_left").await.unwrap().is_empty(), "the raw night was closed");
        let night = store.nights("me_left", 1).await.unwrap().remove(0);
        let segments = store.segments_of_night("me_left", night.night).await.unwrap();
        assert!(segments.iter().any(|segment| segment.n_samples.is_some_and(|n| n > 2000)), "{segments:?}");
        store.close().await;
    });
}

/// The newest message of a topic.
fn newest(subscriber: &Subscriber, topic: &str) -> String {
    subscriber.messages().iter().rev().find(|m| m.topic == topic).map(|m| m.text.clone()).unwrap_or_default()
}

/// Waits until the topic says, or no longer says, these words.
fn says(subscriber: &Subscriber, topic: &str, words: &str, yes: bool, within: Duration) {
    eventually(&format!("{topic} says {words:?}: {yes}"), within, || newest(subscriber, topic).contains(words) == yes);
}

#[test]
fn a_lost_adapter_and_a_lost_bluetoothd_are_told_within_10_s_and_so_is_their_return() {
    let bluez = Bluez::start(&["--cramps", "0"]);
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let home = Home::new(&config(&broker, ""));
    let mut daemon = home.start_on_bus(&bluez.address());
    eventually("the sensor streams", FOUND, || home.log().contains("The sensor streams."));
    says(&subscriber, AVAILABILITY, "online", true, FOUND);
    let losses = [
        ("power off", "power on", "bluetoothctl power on"),
        ("adapter gone", "adapter back", "no Bluetooth adapter"),
        ("bluetoothd kill", "bluetoothd start", "enable --now bluetooth"),
    ];
    for (away, back, remedy) in losses {
        bluez.command(away);
        says(&subscriber, SELF_TEST, remedy, true, TOLD);
        says(&subscriber, AVAILABILITY, "offline", true, TOLD);
        bluez.command(back);
        says(&subscriber, SELF_TEST, remedy, false, TOLD + TOLD);
        says(&subscriber, AVAILABILITY, "online", true, Duration::from_secs(45));
        assert_eq!(home.log().matches(remedy).count(), 1, "logged once: {}", home.log());
    }
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_press_on_the_sensor_is_told_and_kept_as_a_label() {
    let bluez = Bluez::start(&["--cramps", "0"]);
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let home = Home::new(&config(&broker, ""));
    let mut daemon = home.start_on_bus(&bluez.address());
    eventually("the sensor streams", FOUND, || home.log().contains("The sensor streams."));
    std::thread::sleep(Duration::from_secs(3));
    bluez.command("press");
    let reported =
        || subscriber.events().into_iter().filter(|m| m.json["event_type"] == "cramp_reported").collect::<Vec<_>>();
    eventually("the press is told", TOLD, || !reported().is_empty());
    assert_eq!(daemon.terminate(), Some(0));
    let events = reported();
    assert_eq!((events.len(), &events[0].json["leg"]), (1, &serde_json::json!("me_left")));
    assert_eq!(events[0].json["reasons"], serde_json::json!(["marked on the sensor"]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let labels = runtime.block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        let labels = store.labels_between("me_left", UtcMicros(0), UtcMicros(i64::MAX)).await.unwrap();
        store.close().await;
        labels
    });
    assert_eq!(labels.len(), 1);
    assert_eq!((labels[0].label, labels[0].source), (LabelWord::Cramp, LabelSource::Marker));
}

#[test]
fn a_sensor_that_took_other_settings_or_wants_pairing_is_named_with_the_remedy_until_it_is_right() {
    let bluez = Bluez::start(&["--cramps", "0"]);
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    bluez.command("stubborn on");
    let home = Home::new(&config(&broker, ""));
    let mut daemon = home.start_on_bus(&bluez.address());
    says(&subscriber, SELF_TEST, "switch the sensor off and on", true, FOUND);
    println!("{}", newest(&subscriber, SELF_TEST));
    bluez.command("encryption on");
    bluez.command("stubborn off");
    says(&subscriber, SELF_TEST, "pair ADDRESS", true, Duration::from_secs(45));
    bluez.command("encryption off");
    says(&subscriber, SELF_TEST, "pair ADDRESS", false, Duration::from_secs(60));
    says(&subscriber, AVAILABILITY, "online", true, FOUND);
    assert_eq!(home.log().matches("pair ADDRESS").count(), 1, "{}", home.log());
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn of_two_sensors_with_one_name_the_nearer_is_taken_and_the_other_told_of() {
    const SCENARIO: &str = "[[sensor]]\nkind = \"leg\"\nname = \"CrampLeg\"\nrssi = -80\ncramps = 0\n\
                            [[sensor]]\nkind = \"leg\"\nname = \"CrampLeg\"\nrssi = -50\ncramps = 0\n";
    let bluez = Bluez::with_files(&[("scenario.toml", SCENARIO)], &[]);
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let home = Home::new(&config(&broker, "[sensor.bluetooth]\nname = \"CrampLeg\"\n"));
    let mut daemon = home.start_on_bus(&bluez.address());
    eventually("the sensor streams", FOUND, || home.log().contains("The sensor streams."));
    says(&subscriber, SELF_TEST, "set sensor.bluetooth.address", true, TOLD);
    assert_eq!((&bluez.counters(0)["streaming"], &bluez.counters(1)["streaming"]), (&false.into(), &true.into()));
    assert_eq!(home.log().matches("two sensors fit").count(), 1, "{}", home.log());
    assert_eq!(daemon.terminate(), Some(0));
    let pinned = "[sensor.bluetooth]\naddress = \"C0:FF:EE:00:00:01\"\n";
    let home = Home::new(&config(&broker, pinned));
    let mut daemon = home.start_on_bus(&bluez.address());
    eventually("the right one streams", FOUND, || bluez.counters(0)["streaming"] == true);
    says(&subscriber, SELF_TEST, "two sensors", false, TOLD);
    assert_eq!(daemon.terminate(), Some(0));
}

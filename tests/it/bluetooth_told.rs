//! What people hear of a Bluetooth link: over MQTT, in the log, by the exit code.

use std::time::{Duration, Instant};

use crampwatch::store::Store;

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
        assert_eq!(store.unfinished_segments("me_left").await.unwrap(), [], "the raw night was closed");
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
    let began = Instant::now();
    eventually(&format!("{topic} says {words:?}: {yes}"), within, || newest(subscriber, topic).contains(words) == yes);
    println!("{topic} {words:?}: {yes} after {:.1} s", began.elapsed().as_secs_f64());
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
        println!("{away}:");
        says(&subscriber, SELF_TEST, remedy, true, TOLD);
        says(&subscriber, AVAILABILITY, "offline", true, TOLD);
        bluez.command(back);
        says(&subscriber, SELF_TEST, remedy, false, TOLD + TOLD);
        says(&subscriber, AVAILABILITY, "online", true, Duration::from_secs(45));
        assert_eq!(home.log().matches(remedy).count(), 1, "logged once: {}", home.log());
    }
    assert_eq!(daemon.terminate(), Some(0));
}

//! Somebody who behaves like Home Assistant: which messages come, in which order, and when again.

use std::net::{IpAddr, Ipv4Addr};

use super::harness::{Client, Heard, Listener, Mosquitto, eventually, say};
use crate::mqtt::{DiscoverySettings, EmbeddedBroker, LegDevice, MqttSettings, Outgoing, PortChoice};

// Below the base topic, where the listener hears it too.
const BRIDGE: &str = "crampwatch/ha/device/crampwatch_bridge/config";
const LEG: &str = "crampwatch/ha/device/crampwatch_me_left/config";
const RETIRED: &str = "crampwatch/ha/device/crampwatch_me_right/config";
const HOME_ASSISTANT: &str = "crampwatch/ha/status";
const STATUS: &str = "crampwatch/bridge/status";
const AVAILABILITY: &str = "crampwatch/me_left/availability";
const ARMED: &str = "crampwatch/me_left/armed";
const IN_ORDER: [&str; 5] = [BRIDGE, LEG, STATUS, AVAILABILITY, ARMED];

fn settings() -> MqttSettings {
    let leg = LegDevice {
        leg: "me_left".to_owned(),
        name: "Left leg".to_owned(),
        model: "Simulated sensor".to_owned(),
        sensor: None,
    };
    let discovery =
        DiscoverySettings { prefix: "crampwatch/ha".to_owned(), legs: vec![leg], retired: vec!["me_right".to_owned()] };
    MqttSettings { discovery: Some(discovery), ..MqttSettings::default() }
}

/// A client whose states have all been heard once.
async fn client(settings: MqttSettings, listener: &Listener) -> Client {
    let client = Client::with(settings).await;
    client.states.send(Outgoing::Armed { leg: "me_left".into(), armed: true }).await.unwrap();
    client.states.send(Outgoing::Availability { leg: "me_left".into(), online: true }).await.unwrap();
    eventually("all heard", || IN_ORDER.iter().all(|topic| listener.last(topic).is_some())).await;
    client
}

/// What was heard from `from` on, without what this test or Home Assistant said.
fn topics_from(listener: &Listener, from: usize) -> Vec<String> {
    let ours = |heard: &&Heard| ![HOME_ASSISTANT, RETIRED, "probe"].contains(&heard.topic.as_str());
    listener.all()[from..].iter().filter(ours).map(|heard| heard.topic.clone()).collect()
}

async fn comes_up_and_hears_everything_in_order(port: u16, settings: MqttSettings) {
    let listener = Listener::new(port, "listener").await;
    let client = client(settings, &listener).await;
    let before = listener.all().len();
    say(port, HOME_ASSISTANT, "offline", &[]);
    say(port, HOME_ASSISTANT, "online", &[]);
    eventually("everything is said again", || topics_from(&listener, before).len() >= IN_ORDER.len()).await;
    assert_eq!(topics_from(&listener, before), IN_ORDER);
    let newcomer = Listener::new(port, "newcomer").await;
    eventually("retained discovery", || newcomer.last(LEG).is_some() && newcomer.last(BRIDGE).is_some()).await;
    assert!(newcomer.on(LEG)[0].retained && newcomer.on(BRIDGE)[0].retained);
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn home_assistant_comes_up_and_hears_everything_in_order() {
    let broker = Mosquitto::new("");
    comes_up_and_hears_everything_in_order(broker.port, MqttSettings { port: broker.port, ..settings() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn home_assistant_at_the_embedded_broker_hears_everything_in_order() {
    let broker = EmbeddedBroker::start(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exact(0)).unwrap();
    let mut settings = settings();
    broker.apply_to(&mut settings);
    comes_up_and_hears_everything_in_order(broker.public_addr.port(), settings).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_has_forgotten_everything_is_told_of_devices_first() {
    let mut broker = Mosquitto::new("");
    let first = Listener::new(broker.port, "first").await;
    let client = client(MqttSettings { port: broker.port, ..settings() }, &first).await;
    assert_eq!(first.last(RETIRED).as_deref(), Some(""), "the device of a retired leg is removed");
    broker.stop("-KILL");
    broker.start();
    let second = Listener::new(broker.port, "second").await;
    eventually("said again", || second.last(ARMED).is_some()).await;
    assert_eq!(topics_from(&second, 0), IN_ORDER);
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_online_that_the_broker_kept_is_no_restart_of_home_assistant() {
    let broker = Mosquitto::new("");
    say(broker.port, HOME_ASSISTANT, "online", &["-r"]);
    let listener = Listener::new(broker.port, "listener").await;
    let client = client(MqttSettings { port: broker.port, ..settings() }, &listener).await;
    // The longest pause before a greeting, and some.
    tokio::time::sleep(std::time::Duration::from_millis(5500)).await;
    assert_eq!(listener.on(BRIDGE).len(), 1);
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_forbids_the_status_topic_still_gets_events() {
    let rights = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        rights.path(),
        "topic write crampwatch/#\ntopic readwrite crampwatch/me_left/#\ntopic readwrite probe\n",
    )
    .unwrap();
    let broker = Mosquitto::new(&format!("acl_file {}", rights.path().display()));
    let listener = Listener::new(broker.port, "listener").await;
    let client = Client::with(MqttSettings { port: broker.port, ..settings() }).await;
    let seqs = client.add_events(5).await;
    client.wait_for_empty_outbox().await;
    eventually("events heard", || listener.seqs("crampwatch/me_left/event") == seqs).await;
}

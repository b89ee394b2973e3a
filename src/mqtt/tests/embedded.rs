//! The embedded broker: the daemon on its MQTT 5 side, others on its MQTT 3.1.1 side.

use std::net::{IpAddr, Ipv4Addr};

use super::harness::{Client, Listener, eventually};
use crate::mqtt::{EmbeddedBroker, MqttSettings, Outgoing, PortChoice};

const EVENT: &str = "crampwatch/me_left/event";
const STATUS: &str = "crampwatch/bridge/status";
const ARMED: &str = "crampwatch/me_left/armed";

fn start() -> (EmbeddedBroker, MqttSettings) {
    let broker = EmbeddedBroker::start(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exact(0)).unwrap();
    let mut settings = MqttSettings::default();
    broker.apply_to(&mut settings);
    (broker, settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn others_hear_states_and_events_from_the_embedded_broker() {
    let (broker, settings) = start();
    let listener = Listener::new(broker.public_addr.port(), "listener").await;
    let client = Client::with(settings).await;
    client.states.send(Outgoing::Armed { leg: "me_left".into(), armed: true }).await.unwrap();
    let seqs = client.add_events(400).await;
    client.wait_for_empty_outbox().await;
    eventually("all events heard", || listener.seqs(EVENT).len() == seqs.len()).await;
    assert_eq!(listener.seqs(EVENT), seqs);
    let newcomer = Listener::new(broker.public_addr.port(), "newcomer").await;
    eventually("retained states for a newcomer", || newcomer.last(ARMED).is_some()).await;
    assert!(newcomer.on(STATUS)[0].retained);
    client.stop().await;
    eventually("goodbye", || listener.last(STATUS).as_deref() == Some("offline")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_broker_outlives_clients_that_die_and_come_back() {
    let (broker, settings) = start();
    let port = broker.public_addr.port();
    for _ in 0..3 {
        let listener = Listener::new(port, "same").await;
        let client = Client::with(settings.clone()).await;
        eventually("online", || listener.last(STATUS).as_deref() == Some("online")).await;
        client.task.abort();
        eventually("the last will", || listener.last(STATUS).as_deref() == Some("offline")).await;
    }
    let client = Client::with(settings).await;
    let listener = Listener::new(port, "same").await;
    let seqs = client.add_events(3).await;
    eventually("all events heard", || listener.seqs(EVENT).len() == 3).await;
    assert_eq!(listener.seqs(EVENT), seqs);
}

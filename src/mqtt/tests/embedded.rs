//! The embedded broker: the daemon on its MQTT 5 side, others on its MQTT 3.1.1 side.

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;

use super::harness::{Client, INSTALL, Listener, eventually, say};
use crate::mqtt::{Credentials, EmbeddedBroker, MqttSettings, Outgoing, PortChoice};

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

/// What `mosquitto_sub` hears of everything in two seconds with these arguments, and whether it was let in.
fn hears(port: u16, login: &[&str]) -> (String, bool) {
    let output = Command::new("mosquitto_sub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-t", "crampwatch/#", "-W", "2", "-v"])
        .args(login)
        .output()
        .expect(INSTALL);
    // 27: it was in and its time was over.
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code() == Some(27))
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_password_only_those_who_know_it_hear_anything() {
    let login = Credentials { username: "home".to_owned(), password: "a long secret".to_owned() };
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let broker = EmbeddedBroker::start_with(loopback, PortChoice::Exact(0), Some(&login)).unwrap();
    let mut settings = MqttSettings::default();
    broker.apply_to(&mut settings);
    let client = Client::with(settings).await;
    client.states.send(Outgoing::Armed { leg: "me_left".into(), armed: true }).await.unwrap();
    client.add_events(1).await;
    client.wait_for_empty_outbox().await;
    let (public, internal) = (broker.public_addr.port(), broker.internal_addr.port());
    let cases: [(u16, &[&str]); 6] = [
        (public, &["-u", "home", "-P", "a long secret"]),
        (public, &["-u", "home", "-P", "another"]),
        (public, &["-u", "somebody", "-P", "a long secret"]),
        (public, &[]),
        (internal, &["-V", "5", "-u", "home", "-P", "a long secret"]),
        (internal, &["-V", "5"]),
    ];
    let answers = std::thread::scope(|scope| {
        let asked: Vec<_> = cases.map(|(port, login)| scope.spawn(move || hears(port, login))).into_iter().collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(answers[0].1 && answers[0].0.contains(ARMED), "{answers:?}");
    for (heard, let_in) in &answers[1..] {
        assert!(heard.is_empty() && !let_in, "{answers:?}");
    }
    // Those who were turned away have broken nothing.
    client.add_events(1).await;
    client.wait_for_empty_outbox().await;
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_much_is_cut_off_and_the_night_goes_on() {
    let (broker, settings) = start();
    let port = broker.public_addr.port();
    let listener = Listener::new(port, "listener").await;
    let client = Client::with(settings).await;
    let huge = "x".repeat(100_000);
    for _ in 0..3 {
        let said = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-t", "crampwatch/bridge/cmd/log_intake", "-m", &huge])
            .output()
            .expect(INSTALL);
        assert!(said.stdout.is_empty());
    }
    say(port, "crampwatch/bridge/cmd/log_intake", "small", &["-q", "1"]);
    let seqs = client.add_events(2).await;
    client.wait_for_empty_outbox().await;
    eventually("all events heard", || listener.seqs(EVENT) == seqs).await;
    assert_eq!(listener.last("crampwatch/bridge/cmd/log_intake").as_deref(), Some("small"));
    assert_eq!(listener.on("crampwatch/bridge/cmd/log_intake").len(), 1);
    client.stop().await;
}

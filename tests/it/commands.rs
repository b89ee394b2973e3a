//! Commands through a real broker: each is carried out once, answered, and seen in what the daemon says.

use std::time::Duration;

use rumqttc::{Client, MqttOptions, QoS};
use serde_json::{Value, json};

use crate::harness::{Broker, Home, Subscriber, busy_config, eventually};

/// Somebody who presses buttons.
struct Dashboard {
    client: Client,
}

impl Dashboard {
    fn start(port: u16) -> Self {
        let mut options = MqttOptions::new("test-dashboard", "127.0.0.1", port);
        options.set_keep_alive(Duration::from_secs(5));
        let (client, mut connection) = Client::new(options, 100);
        // Ends with the last client, or never matters to the test.
        std::thread::spawn(move || connection.iter().for_each(drop));
        Self { client }
    }

    fn send(&self, topic: &str, body: &Value) {
        self.publish(topic, body, false);
    }

    fn publish(&self, topic: &str, body: &Value, retain: bool) {
        self.client.publish(format!("crampwatch/{topic}"), QoS::AtLeastOnce, retain, body.to_string()).unwrap();
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// The answers to a request, in the order of their arrival.
fn answers(subscriber: &Subscriber, id: &str) -> Vec<Value> {
    let of_id = |message: &crate::harness::Message| message.json["request_id"] == id;
    let results = subscriber.messages().into_iter().filter(|m| m.topic == "crampwatch/bridge/result");
    results.filter(of_id).map(|message| message.json).collect()
}

fn answer(subscriber: &Subscriber, id: &str) -> Value {
    eventually(&format!("the answer to {id}"), Duration::from_secs(15), || !answers(subscriber, id).is_empty());
    answers(subscriber, id)[0].clone()
}

fn last(subscriber: &Subscriber, topic: &str) -> Option<Value> {
    let topic = format!("crampwatch/{topic}");
    subscriber
        .messages()
        .into_iter()
        .rfind(|m| m.topic == topic)
        .map(|m| if m.json.is_null() { m.text.into() } else { m.json })
}

#[test]
fn water_is_logged_once_for_a_request_and_a_glass_is_what_was_set() {
    let broker = Broker::start();
    let home = Home::new(&busy_config(broker.port, 60.0));
    let mut daemon = home.start();
    let subscriber = Subscriber::start(broker.port);
    let dashboard = Dashboard::start(broker.port);
    let water = json!({"request_id": "w1", "sent_at": now(), "kind": "water", "amount": 250, "unit": "ml"});
    dashboard.send("bridge/cmd/log_intake", &water);
    assert_eq!(answer(&subscriber, "w1"), json!({"request_id": "w1", "verb": "log_intake", "ok": true, "error": null}));
    dashboard.send("bridge/cmd/log_intake", &water);
    eventually("the same answer again", Duration::from_secs(10), || answers(&subscriber, "w1").len() == 2);
    dashboard.send("bridge/cmd/set_glass_size", &json!({"request_id": "g1", "sent_at": now(), "ml": 300}));
    assert_eq!(answer(&subscriber, "g1")["ok"], true);
    dashboard.send(
        "bridge/cmd/log_intake",
        &json!({"request_id": "w2", "sent_at": now(), "kind": "water", "amount": "glass"}),
    );
    assert_eq!(answer(&subscriber, "w2")["ok"], true);
    eventually("250 ml and a glass of 300 ml", Duration::from_secs(10), || {
        last(&subscriber, "bridge/intake_today").is_some_and(|today| today["water_ml"] == 550)
    });
    assert_eq!(last(&subscriber, "bridge/glass_size"), Some(json!(300.0)));
    let typed = home.command(&["log", "water", "1", "glass"]).output().unwrap();
    let text = String::from_utf8_lossy(&typed.stdout).into_owned();
    assert!(text.contains("850 ml"), "the command line has the same glass: {text}");
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn what_is_stale_retained_or_impossible_is_refused_and_changes_nothing() {
    let broker = Broker::start();
    let home = Home::new(&busy_config(broker.port, 60.0));
    let dashboard = Dashboard::start(broker.port);
    // It lies on the broker before the daemon comes.
    dashboard.publish(
        "bridge/cmd/log_intake",
        &json!({"request_id": "r1", "sent_at": now(), "kind": "water", "amount": 1000, "unit": "ml"}),
        true,
    );
    std::thread::sleep(Duration::from_millis(300));
    let subscriber = Subscriber::start(broker.port);
    let mut daemon = home.start();
    let old = (jiff::Timestamp::now() - jiff::SignedDuration::from_secs(120)).to_string();
    let sent = [
        (
            "bridge",
            "log_intake",
            json!({"request_id": "a", "sent_at": old, "kind": "water", "amount": 1, "unit": "l"}),
            "expected at most 60 s",
        ),
        (
            "bridge",
            "log_intake",
            json!({"request_id": "b", "sent_at": now(), "kind": "water", "amount": -5, "unit": "ml"}),
            "-5",
        ),
        ("bridge", "explode", json!({"request_id": "c", "sent_at": now()}), "no such command"),
        ("me_left", "mute", json!({"request_id": "d", "sent_at": now(), "minutes": 100_000}), "720"),
    ];
    eventually("the daemon listens", Duration::from_secs(20), || {
        last(&subscriber, "bridge/status") == Some("online".into())
    });
    std::thread::sleep(Duration::from_millis(500));
    for (scope, verb, body, expected) in &sent {
        dashboard.send(&format!("{scope}/cmd/{verb}"), body);
        let refusal = answer(&subscriber, body["request_id"].as_str().unwrap());
        assert_eq!(refusal["ok"], false, "{refusal}");
        assert!(refusal["error"].as_str().unwrap().contains(expected), "{refusal}");
    }
    assert_eq!(last(&subscriber, "bridge/intake_today").unwrap()["water_ml"], 0);
    assert!(answers(&subscriber, "r1").iter().all(|answer| answer["ok"] == false));
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn acknowledge_mute_dismiss_and_disarm_are_four_different_things() {
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let home = Home::new(&format!("{}[alarm]\nwake = \"cramp\"\n", busy_config(broker.port, 60.0)));
    let mut daemon = home.start();
    let dashboard = Dashboard::start(broker.port);
    let told = |event_type: &str| subscriber.episodes(event_type);
    eventually("an alarm", Duration::from_secs(90), || !told("cramp_alarm").is_empty());
    let first = told("cramp_alarm")[0].clone();

    dashboard.send("me_left/cmd/acknowledge", &json!({"request_id": "ack", "sent_at": now()}));
    assert_eq!(answer(&subscriber, "ack")["ok"], true);
    eventually("it is told", Duration::from_secs(10), || told("cramp_acknowledged").contains(&first));

    dashboard.send("me_left/cmd/dismiss", &json!({"request_id": "not", "sent_at": now()}));
    assert_eq!(answer(&subscriber, "not")["ok"], true);
    eventually("the dismissal is told", Duration::from_secs(10), || !told("cramp_dismissed").is_empty());
    let dismissed = told("cramp_dismissed")[0].clone();
    eventually("the label is kept", Duration::from_secs(60), || {
        subscriber.messages().iter().any(|m| {
            m.topic.ends_with("/last_episode") && m.json["episode_id"] == dismissed.as_str() && m.json["label"] == "not"
        })
    });

    dashboard.send("me_left/cmd/mute", &json!({"request_id": "mute", "sent_at": now(), "minutes": 600}));
    assert_eq!(answer(&subscriber, "mute")["ok"], true);
    eventually("muted is said", Duration::from_secs(10), || {
        last(&subscriber, "me_left/live").is_some_and(|live| live["muted"] == "ON")
    });
    let (alarms, starts) = (told("cramp_alarm").len(), told("cramp_started").len());
    eventually("cramps go on being told", Duration::from_secs(90), || told("cramp_started").len() >= starts + 2);
    assert_eq!(told("cramp_alarm").len(), alarms, "and none alarms");

    dashboard.send("me_left/cmd/set_armed", &json!({"request_id": "off", "sent_at": now(), "armed": "OFF"}));
    assert_eq!(answer(&subscriber, "off")["ok"], true);
    eventually("the leg is not watched", Duration::from_secs(10), || {
        last(&subscriber, "me_left/armed") == Some("OFF".into())
            && last(&subscriber, "me_left/live").is_some_and(|live| live["state"] == "off")
    });
    let starts = told("cramp_started").len();
    // At sixty times real time: a quarter of an hour with a cramp each five minutes.
    std::thread::sleep(Duration::from_secs(15));
    assert_eq!(told("cramp_started").len(), starts, "nothing is told of a leg that is not watched");
    dashboard.send("me_left/cmd/set_armed", &json!({"request_id": "on", "sent_at": now(), "armed": "ON"}));
    assert_eq!(answer(&subscriber, "on")["ok"], true);
    eventually("it is watched again", Duration::from_secs(90), || told("cramp_started").len() > starts);

    dashboard.send("me_left/cmd/report_cramp", &json!({"request_id": "mine", "sent_at": now()}));
    assert_eq!(answer(&subscriber, "mine")["ok"], true);
    eventually("the report is told", Duration::from_secs(10), || {
        subscriber.events().iter().any(|m| m.json["event_type"] == "cramp_reported")
    });
    assert_eq!(daemon.terminate(), Some(0));
}

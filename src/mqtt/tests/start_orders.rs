//! The client, the broker and a listener come up in every order, and the broker goes away and comes back.

use std::time::Duration;

use rstest::rstest;

use super::harness::{Client, Heard, Mosquitto, eventually, say};
use super::subscriber::Subscriber;
use crate::mqtt::{DiscoverySettings, LegDevice, MqttSettings, Outgoing};

const EVENT: &str = "crampwatch/me_left/event";
const LATE: &str = "crampwatch/me_left/event_late";
const HOME_ASSISTANT: &str = "crampwatch/ha/status";
const LEG: &str = "crampwatch/ha/device/crampwatch_me_left/config";
/// What must be known to whoever listens, and what it must say.
const STATES: [(&str, &str); 3] = [
    ("crampwatch/bridge/status", "online"),
    ("crampwatch/me_left/availability", "online"),
    ("crampwatch/me_left/armed", "ON"),
];

fn settings(port: u16) -> MqttSettings {
    let leg = LegDevice {
        leg: "me_left".to_owned(),
        name: "Left leg".to_owned(),
        model: "Simulated sensor".to_owned(),
        sensor: None,
    };
    let discovery = DiscoverySettings { prefix: "crampwatch/ha".to_owned(), legs: vec![leg], retired: Vec::new() };
    MqttSettings { port, discovery: Some(discovery), ..MqttSettings::default() }
}

async fn client(port: u16) -> Client {
    let client = Client::with(settings(port)).await;
    // What was true a moment ago must not be the last word.
    for armed in [false, true] {
        client.states.send(Outgoing::Armed { leg: "me_left".into(), armed }).await.unwrap();
    }
    client.states.send(Outgoing::Availability { leg: "me_left".into(), online: true }).await.unwrap();
    client
}

async fn knows_every_state(subscriber: &Subscriber) {
    let right = || STATES.iter().all(|(topic, payload)| subscriber.last(topic).as_deref() == Some(*payload));
    eventually("every state is known and right", || right() && subscriber.last(LEG).is_some()).await;
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Crampwatch,
    Broker,
    Listener,
}

#[rstest]
#[case([Part::Crampwatch, Part::Broker, Part::Listener])]
#[case([Part::Crampwatch, Part::Listener, Part::Broker])]
#[case([Part::Broker, Part::Crampwatch, Part::Listener])]
#[case([Part::Broker, Part::Listener, Part::Crampwatch])]
#[case([Part::Listener, Part::Crampwatch, Part::Broker])]
#[case([Part::Listener, Part::Broker, Part::Crampwatch])]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_last_every_state_is_right_and_an_alarm_is_heard_once(#[case] order: [Part; 3]) {
    let mut broker = Mosquitto::absent("");
    let (mut started, mut subscriber) = (None, None);
    for part in order {
        match part {
            Part::Crampwatch => started = Some(client(broker.port).await),
            Part::Broker => broker.start(),
            Part::Listener => subscriber = Some(Subscriber::start(broker.port, "listener")),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (client, subscriber) = (started.unwrap(), subscriber.unwrap());
    knows_every_state(&subscriber).await;
    let seqs = client.add_events(1).await;
    eventually("the alarm", || !subscriber.on(EVENT).is_empty()).await;
    client.wait_for_empty_outbox().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let heard: Vec<i64> = subscriber.on(EVENT).iter().map(Heard::seq).collect();
    assert_eq!(heard, seqs);
    assert!(subscriber.on(LATE).is_empty());
}

#[rstest]
#[case::that_keeps_nothing("persistence false")]
#[case::that_saves_at_each_change("autosave_on_changes true\nautosave_interval 1")]
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_and_started_again_is_told_everything_and_listened_to(#[case] persistence: &str) {
    let mut broker = Mosquitto::new(persistence);
    let subscriber = Subscriber::start(broker.port, "listener");
    let client = client(broker.port).await;
    knows_every_state(&subscriber).await;
    let mut seqs = client.add_events(5).await;
    for _ in 0..2 {
        broker.stop("-KILL");
        seqs.extend(client.add_events(5).await);
        let (subscriptions, heard) = (subscriber.subscriptions(), subscriber.count());
        broker.start();
        subscriber.subscribed_after(subscriptions).await;
        eventually("every state is said again", || {
            let all = subscriber.all();
            let said = |topic: &str| all[heard..].iter().any(|heard| heard.topic == topic && !heard.retained);
            STATES.iter().all(|(topic, _)| said(topic)) && said(LEG)
        })
        .await;
        knows_every_state(&subscriber).await;
        client.wait_for_empty_outbox().await;
        let heard = subscriber.count();
        say(broker.port, HOME_ASSISTANT, "online", &[]);
        eventually("Home Assistant is heard and answered", || {
            subscriber.all()[heard..].iter().any(|heard| heard.topic == LEG)
        })
        .await;
    }
    let mut heard: Vec<i64> = subscriber.on(EVENT).iter().map(Heard::seq).collect();
    heard.dedup();
    assert_eq!(heard, seqs, "each event, in order, and none late");
}

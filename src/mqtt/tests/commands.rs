//! Commands over a real broker: what comes through, what is refused, and a flood of junk.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::harness::{Client, Listener, Mosquitto, eventually, say};
use crate::mqtt::command::{Command, Heard, Request, Water};
use crate::mqtt::payload::CommandResult;
use crate::mqtt::{EmbeddedBroker, Listening, MqttSettings, Outgoing, PortChoice};
use crate::units::UtcMicros;

const RESULT: &str = "crampwatch/bridge/result";
const STATUS: &str = "crampwatch/bridge/status";
const EVENT: &str = "crampwatch/me_left/event";
const LOG: &str = "crampwatch/bridge/cmd/log_intake";
const ACKNOWLEDGE: &str = "crampwatch/me_left/cmd/acknowledge";
const MUTE: &str = "crampwatch/me_left/cmd/mute";
const BED: &str = "bedroom/bed occupied";

/// A client that listens, somebody who hears it, and the daemon's end of what was understood.
struct House {
    client: Client,
    listener: Listener,
    heard: mpsc::Receiver<Heard>,
    port: u16,
}

impl House {
    async fn new(port: u16) -> Self {
        Self::with(port, MqttSettings { port, ..MqttSettings::default() }, 16).await
    }

    async fn with(port: u16, settings: MqttSettings, room: usize) -> Self {
        // Not the commands: the broker would drop answers for a listener that cannot keep up with a flood of them.
        let listener = Listener::of(port, "listener", &["crampwatch/bridge/+", EVENT]).await;
        let (sender, heard) = mpsc::channel(room);
        let listening = Listening {
            person: "me".to_owned(),
            legs: vec!["me_left".to_owned()],
            bed_presence_topic: Some(BED.to_owned()),
            heard: sender,
            connected: tokio::sync::watch::channel(false).0,
        };
        let client = Client::listening(settings, Some(listening)).await;
        let house = Self { client, listener, heard, port };
        house.is_subscribed().await;
        house
    }

    /// What is retained goes after the subscription was answered.
    async fn is_subscribed(&self) {
        eventually("online", || self.listener.last(STATUS).as_deref() == Some("online")).await;
    }

    fn say(&self, topic: &str, payload: &str) {
        say(self.port, topic, payload, &["-q", "1"]);
    }

    async fn next(&mut self) -> Request {
        match self.next_heard().await {
            Heard::Request(request) => request,
            other => panic!("{other:?}"),
        }
    }

    async fn next_heard(&mut self) -> Heard {
        timeout(Duration::from_secs(20), self.heard.recv()).await.expect("heard within 20 s").unwrap()
    }

    async fn answer(&self, request: &Request, error: Option<&str>) {
        let result = CommandResult {
            request_id: request.request_id.clone(),
            verb: request.command.verb().to_owned(),
            ok: error.is_none(),
            error: error.map(str::to_owned),
        };
        self.client.states.send(Outgoing::CommandResult(result)).await.unwrap();
    }

    /// Waits for so many answers and gives them all.
    async fn results(&self, count: usize) -> Vec<CommandResult> {
        eventually("answers", || self.listener.on(RESULT).len() >= count).await;
        let results = self.listener.on(RESULT);
        assert!(results.iter().all(|heard| !heard.retained));
        results.iter().map(|heard| serde_json::from_str(&heard.payload).unwrap()).collect()
    }

    /// Nothing more is heard than a command that is sent now.
    async fn hears_nothing_more(&mut self) {
        self.say(MUTE, "{\"minutes\":7}");
        assert_eq!(self.next().await.command, Command::Mute { minutes: 7 });
    }
}

fn payload(request_id: &str, age_s: f64) -> String {
    let sent_at = UtcMicros::from_timestamp(jiff::Timestamp::now()).plus_seconds(-age_s);
    format!("{{\"request_id\":\"{request_id}\",\"sent_at\":\"{}\"}}", sent_at.to_rfc3339())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_comes_through_and_its_answer_goes_out() {
    let broker = Mosquitto::new("");
    let mut house = House::new(broker.port).await;
    house.say(LOG, r#"{"request_id":"7","kind":"water","amount":250,"unit":"ml"}"#);
    let request = house.next().await;
    assert_eq!((request.request_id.as_deref(), request.leg.as_deref()), (Some("7"), None));
    assert_eq!(request.command, Command::LogIntake(Water::Millilitres(250.0)));
    house.answer(&request, None).await;
    house.say(ACKNOWLEDGE, "");
    let by_hand = house.next().await;
    assert_eq!((by_hand.request_id.as_deref(), by_hand.leg.as_deref()), (None, Some("me_left")));
    house.answer(&by_hand, Some("there is no alarm")).await;
    let results = house.results(2).await;
    assert_eq!(
        results[0],
        CommandResult { request_id: Some("7".into()), verb: "log_intake".into(), ok: true, error: None }
    );
    assert_eq!(results[1].error.as_deref(), Some("there is no alarm"));
    house.client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_a_stale_and_a_senseless_command_are_answered_and_not_done() {
    let broker = Mosquitto::new("");
    say(broker.port, ACKNOWLEDGE, &payload("before", 0.0), &["-r", "-q", "1"]);
    let mut house = House::new(broker.port).await;
    say(broker.port, ACKNOWLEDGE, &payload("retained", 0.0), &["-r", "-q", "1"]);
    say(broker.port, ACKNOWLEDGE, "", &["-r", "-q", "1"]);
    house.say(ACKNOWLEDGE, &payload("stale", 90.0));
    house.say("crampwatch/bridge/cmd/open_the_door", "{}");
    house.hears_nothing_more().await;
    let words: Vec<String> = house.results(3).await.into_iter().map(|result| result.error.unwrap()).collect();
    assert_eq!(words.len(), 3, "neither the old retained one nor its removal is worth an answer: {words:?}");
    assert!(words[0].contains("retain flag") && words[1].contains("sent 90 s ago"), "{words:?}");
    assert!(words[2].contains("no such command"), "{words:?}");
    assert_eq!(house.results(3).await[1].request_id.as_deref(), Some("stale"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_is_done_once_and_answered_alike() {
    let broker = Mosquitto::new("");
    let mut house = House::new(broker.port).await;
    house.say(ACKNOWLEDGE, &payload("once", 0.0));
    let request = house.next().await;
    house.say(ACKNOWLEDGE, &payload("once", 0.0));
    house.hears_nothing_more().await;
    house.answer(&request, Some("there is no alarm")).await;
    house.results(1).await;
    house.say(ACKNOWLEDGE, &payload("once", 0.0));
    let results = house.results(2).await;
    assert_eq!(results[0], results[1]);
    house.say("crampwatch/me_left/cmd/dismiss", &payload("once", 0.0));
    house.hears_nothing_more().await;
    let results = house.results(3).await;
    assert!(results[2].error.as_ref().unwrap().contains("already used for acknowledge"), "{results:?}");
    assert_eq!(results.len(), 3, "a repeat before the answer is answered with it");
    let kept = house.client.store.command_answer("once").await.unwrap().unwrap();
    assert_eq!((kept.verb.as_str(), kept.ok, kept.received_at), ("acknowledge", false, request.received_at));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_come_through_after_the_broker_was_killed_and_after_it_was_stopped() {
    let mut broker = Mosquitto::new("");
    let mut house = House::new(broker.port).await;
    for signal in ["-KILL", "-TERM"] {
        broker.stop(signal);
        broker.start();
        let before = house.listener.on(STATUS).len();
        eventually("online again", || house.listener.on(STATUS).len() > before).await;
        house.is_subscribed().await;
        house.say(ACKNOWLEDGE, &payload(signal, 0.0));
        assert_eq!(house.next().await.request_id.as_deref(), Some(signal));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_unknown_age_that_waited_at_the_broker_is_refused() {
    let broker = Mosquitto::new("");
    let house = House::new(broker.port).await;
    house.client.task.abort();
    eventually("offline", || house.listener.last(STATUS).as_deref() == Some("offline")).await;
    house.say(ACKNOWLEDGE, "");
    house.say(ACKNOWLEDGE, &payload("young", 0.0));
    drop(house);
    let mut back = House::new(broker.port).await;
    assert_eq!(back.next().await.request_id.as_deref(), Some("young"));
    let results = back.results(1).await;
    assert!(results[0].error.as_ref().unwrap().contains("its age is not known"), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_commands_at_once_are_answered_busy_and_the_latest_word_of_the_bed_waits() {
    let broker = Mosquitto::new("");
    let settings = MqttSettings { port: broker.port, ..MqttSettings::default() };
    let mut house = House::with(broker.port, settings, 1).await;
    house.say(ACKNOWLEDGE, &payload("1", 0.0));
    eventually("the only place is taken", || house.heard.len() == 1).await;
    for word in ["ON", "OFF", "{\"occupied\":true}", "unavailable"] {
        house.say(BED, word);
    }
    for id in ["2", "3"] {
        house.say(ACKNOWLEDGE, &payload(id, 0.0));
    }
    let results = house.results(2).await;
    assert!(results.iter().all(|result| result.error.as_deref() == Some("busy, try again")), "{results:?}");
    assert_eq!(house.next().await.request_id.as_deref(), Some("1"));
    let Heard::BedPresence { occupied } = house.next_heard().await else { panic!("bed presence") };
    assert!(occupied);
    house.say(ACKNOWLEDGE, &payload("2", 0.0));
    assert_eq!(house.next().await.request_id.as_deref(), Some("2"), "what was too much can be sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_word_of_the_bed_counts() {
    let broker = Mosquitto::new("");
    say(broker.port, BED, "not_home", &["-r"]);
    let mut house = House::new(broker.port).await;
    assert_eq!(house.next_heard().await, Heard::BedPresence { occupied: false });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_forbids_commands_still_gets_events() {
    let rights = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(rights.path(), "topic write crampwatch/#\ntopic read crampwatch/bridge/status\ntopic read crampwatch/me_left/event\ntopic readwrite probe\n").unwrap();
    let broker = Mosquitto::new(&format!("acl_file {}", rights.path().display()));
    let house = House::new(broker.port).await;
    let seqs = house.client.add_events(5).await;
    house.client.wait_for_empty_outbox().await;
    eventually("events heard", || house.listener.seqs(EVENT) == seqs).await;
}

/// Message `number` of the junk: topic and payload.
fn junk(random: &mut Xoshiro256PlusPlus, number: usize) -> (String, Vec<u8>) {
    let verb = Command::VERBS[random.random_range(0..Command::VERBS.len())];
    let whom = if random.random() { "bridge" } else { "me_left" };
    let topic = format!("crampwatch/{whom}/cmd/{verb}");
    match number % 8 {
        0 => (format!("crampwatch/{whom}/cmd/verb{number}"), b"{}".to_vec()),
        1 => (topic, format!("{{\"sent_at\":\"1970-01-01T00:00:{:02}Z\"}}", number % 60).into_bytes()),
        2 => (LOG.to_owned(), format!("{{\"kind\":\"water\",\"amount\":-{number},\"unit\":\"ml\"}}").into_bytes()),
        3 => (topic, vec![b'['; 3000]),
        4 => (BED.to_owned(), format!("perhaps {number}").into_bytes()),
        _ if number % 1000 == 5 => (topic, vec![b'x'; 300 * 1024]),
        _ => {
            let mut bytes = vec![0; random.random_range(1..200)];
            random.fill_bytes(&mut bytes);
            (topic, bytes)
        }
    }
}

/// Publishes `count` messages of junk as fast as the broker acknowledges them.
async fn flood(port: u16, count: usize) {
    let mut options = MqttOptions::new("junk", "127.0.0.1", port);
    options.set_max_packet_size(Some(1024 * 1024)).set_outgoing_inflight_upper_limit(100);
    let (client, mut eventloop) = AsyncClient::new(options, 100);
    let sender = tokio::spawn(async move {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
        for number in 0..count {
            let (topic, payload) = junk(&mut random, number);
            client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
        }
        client
    });
    let mut acknowledged = 0;
    while acknowledged < count {
        if let Event::Incoming(Packet::PubAck(_)) = eventloop.poll().await.unwrap() {
            acknowledged += 1;
        }
    }
    drop(sender.await.unwrap());
}

/// Junk comes while events go, and everything that matters goes on.
async fn junk_disturbs_nothing(mut house: House, flood: impl Future<Output = ()> + Send + 'static) {
    let started = std::time::Instant::now();
    let flood = tokio::spawn(flood);
    let mut seqs = Vec::new();
    while !flood.is_finished() || seqs.len() < 10 {
        seqs.extend(house.client.add_events(1).await);
        eventually("the event is heard amid junk", || house.listener.seqs(EVENT).len() == seqs.len()).await;
    }
    flood.await.unwrap();
    assert_eq!(house.listener.seqs(EVENT), seqs);
    assert_eq!(house.listener.on(STATUS).len(), 1, "the connection was never dropped");
    let answers = house.listener.on(RESULT).len() as f64;
    assert!(answers <= 10.0 * (started.elapsed().as_secs_f64() + 2.0), "{answers} answers");
    assert!(house.heard.is_empty(), "no junk was understood");
    house.say(ACKNOWLEDGE, &payload("after", 0.0));
    let request = house.next().await;
    assert_eq!(request.request_id.as_deref(), Some("after"));
    house.answer(&request, None).await;
    eventually("the answer", || {
        let last = house.listener.last(RESULT).unwrap();
        serde_json::from_str::<Value>(&last).unwrap()["request_id"] == "after"
    })
    .await;
    house.client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_junk_messages_disturb_nothing() {
    let broker = Mosquitto::new("");
    let house = House::new(broker.port).await;
    junk_disturbs_nothing(house, flood(broker.port, 100_000)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_broker_brings_commands_and_answers_and_outlives_junk() {
    let broker = EmbeddedBroker::start(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exact(0)).unwrap();
    let mut settings = MqttSettings::default();
    broker.apply_to(&mut settings);
    let port = broker.public_addr.port();
    say(port, MUTE, &payload("before", 0.0), &["-r", "-q", "1"]);
    let mut house = House::with(port, settings, 16).await;
    say(port, ACKNOWLEDGE, &payload("retained", 0.0), &["-r", "-q", "1"]);
    house.say(ACKNOWLEDGE, &payload("stale", 90.0));
    house.say(ACKNOWLEDGE, &payload("once", 0.0));
    let mut request = house.next().await;
    if request.request_id.as_deref() == Some("retained") {
        // rumqttd does not pass the flag on to those who are there; what it kept it gives with the flag.
        request = house.next().await;
    }
    assert_eq!(request.request_id.as_deref(), Some("once"));
    house.answer(&request, None).await;
    eventually("answers", || house.listener.on(RESULT).iter().any(|heard| heard.payload.contains("\"once\""))).await;
    let huge = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(huge.path(), vec![b'x'; 100 * 1024]).unwrap();
    let small_junk = async move {
        // rumqttd ends the connection of whoever sends more than 64 KiB; the daemon's own stays.
        let _ = std::process::Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1", "-t", ACKNOWLEDGE, "-f"])
            .arg(huge.path())
            .status()
            .unwrap();
        let mut random = Xoshiro256PlusPlus::seed_from_u64(6);
        for number in 0..40 {
            let (topic, bytes) = junk(&mut random, number);
            let text: String = bytes.iter().take(500).map(|byte| char::from(byte % 64 + 48)).collect();
            say(port, &topic, &text, &["-q", "1"]);
        }
    };
    junk_disturbs_nothing(house, small_junk).await;
}

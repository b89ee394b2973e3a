//! The broker is away for a whole night.

use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::harness::{Client, Heard, Mosquitto, eventually};
use super::subscriber::Subscriber;
use crate::mqtt::Outgoing;
use crate::mqtt::payload::{LivePayload, MonitorState, NightPayload, OnOff, WireTime};

const EVENT: &str = "crampwatch/me_left/event";
const LATE: &str = "crampwatch/me_left/event_late";
const LIVE: &str = "crampwatch/me_left/live";
const NIGHT: &str = "crampwatch/me_left/night";
/// Eight hours of a live state each 30 s.
const LIVE_STATES: u32 = 960;
const LIVE_EVERY_S: i64 = 30;
/// An event each quarter of an hour.
const EVENT_EVERY: u32 = 30;

fn live(client: &Client, seq: u32) -> Outgoing {
    let payload = LivePayload {
        cramp: OnOff::Off,
        state: MonitorState::Monitoring,
        probability: Some(0.03),
        muted: OnOff::Off,
        seq: u64::from(seq),
        at: WireTime(client.now()),
    };
    Outgoing::Live { leg: "me_left".into(), payload }
}

fn night(client: &Client, cramp_count: u32) -> Outgoing {
    let payload = NightPayload {
        night: "2026-11-21".into(),
        night_started_at: WireTime(client.now()),
        cramp_count,
        cramp_total_s: 60.0 * f64::from(cramp_count),
        worn_h: 6.9,
        coverage_pct: Some(97.4),
        gap_count: 3,
        closed: false,
    };
    Outgoing::Night { leg: "me_left".into(), payload }
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

// On one thread, so that the log of this test is its own.
#[tokio::test]
async fn after_a_night_without_a_broker_every_event_comes_and_no_old_live_state() {
    let log = Log::default();
    // With one subscriber alone, tracing asks the thread that comes to a line first, which may be another test's, and
    // remembers its answer for all; with two it asks each time.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let _guard = tracing::subscriber::set_default(
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(log.clone())
            .with_max_level(tracing::Level::INFO)
            .finish(),
    );
    let mut broker = Mosquitto::new("");
    let subscriber = Subscriber::start(broker.port, "listener");
    subscriber.subscribed_after(0).await;
    let client = Client::start(broker.port).await;
    eventually("online", || subscriber.last("crampwatch/bridge/status").is_some()).await;
    broker.stop("-TERM");
    // The client must have noticed: a state handed to a line that is just breaking is under way, not dropped.
    eventually("the break is noticed", || String::from_utf8_lossy(&log.0.lock().unwrap()).contains("no MQTT broker"))
        .await;
    let heard_before = subscriber.count();

    let mut seqs = Vec::new();
    for number in 1..=LIVE_STATES {
        client.states.send(live(&client, number)).await.unwrap();
        if number % EVENT_EVERY == 0 {
            client.states.send(night(&client, number / EVENT_EVERY)).await.unwrap();
            seqs.extend(client.add_events(1).await);
        }
        client.advance_s(LIVE_EVERY_S);
    }
    client.advance_s(120);
    let subscriptions = subscriber.subscriptions();
    broker.start();
    subscriber.subscribed_after(subscriptions).await;
    client.wait_for_empty_outbox().await;
    eventually("every event", || subscriber.on(LATE).len() >= seqs.len()).await;
    client.states.send(live(&client, 5000)).await.unwrap();
    eventually("the live state of now", || subscriber.last(LIVE).is_some_and(|last| last.contains("5000"))).await;

    let after = &subscriber.all()[heard_before..];
    let on = |topic: &str| after.iter().filter(|heard| heard.topic == topic).collect::<Vec<_>>();
    assert_eq!(on(LATE).into_iter().map(Heard::seq).collect::<Vec<_>>(), seqs, "every event, in order, once");
    assert!(on(EVENT).is_empty(), "none of them is news");
    assert_eq!(on(LIVE).len(), 1, "of the live states only that of now");
    let nights = on(NIGHT);
    assert_eq!(nights.len(), 1, "a retained state is said once, as it is now");
    assert!(nights[0].payload.contains(&format!("\"cramp_count\":{}", seqs.len())));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains(&format!("dropped_states={LIVE_STATES}")), "what was dropped is counted: {log}");
}

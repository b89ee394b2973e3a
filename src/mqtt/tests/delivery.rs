//! The client against a real mosquitto that stops, starts, freezes and refuses.

use std::time::{Duration, Instant};

use super::harness::{Client, Listener, Mosquitto, eventually, free_port};
use crate::mqtt::Outgoing;

const EVENT: &str = "crampwatch/me_left/event";
const LATE: &str = "crampwatch/me_left/event_late";
const STATUS: &str = "crampwatch/bridge/status";
const ARMED: &str = "crampwatch/me_left/armed";

fn armed() -> Outgoing {
    Outgoing::Armed { leg: "me_left".into(), armed: true }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_in_order_and_leave_the_outbox() {
    let broker = Mosquitto::new("");
    let listener = Listener::new(broker.port, "listener").await;
    let client = Client::start(broker.port).await;
    client.states.send(armed()).await.unwrap();
    let seqs = client.add_events(50).await;
    client.wait_for_empty_outbox().await;
    eventually("all events heard", || listener.seqs(EVENT).len() == 50).await;
    assert_eq!(listener.seqs(EVENT), seqs);
    assert!(listener.on(LATE).is_empty());
    assert!(listener.on(EVENT).iter().all(|heard| !heard.retained && heard.payload.contains("\"sent_at\"")));
    assert_eq!(listener.last(STATUS).as_deref(), Some("online"));
    let newcomer = Listener::new(broker.port, "newcomer").await;
    eventually("retained states for a newcomer", || newcomer.last(ARMED).is_some()).await;
    assert!(newcomer.on(ARMED)[0].retained && newcomer.on(STATUS)[0].retained);
    assert!(newcomer.on(EVENT).is_empty());
}

/// Ends the broker with `signal` while events flow, makes what waits old, adds live ones, starts the broker again.
async fn restart(signal: &str) {
    let mut broker = Mosquitto::new("");
    let listener = Listener::new(broker.port, "listener").await;
    let client = Client::start(broker.port).await;
    let mut seqs = client.add_events(200).await;
    eventually("events flow", || listener.seqs(EVENT).len() > 5).await;
    broker.stop(signal);
    seqs.extend(client.add_events(20).await);
    tokio::time::sleep(Duration::from_millis(100)).await;
    client.advance_s(120);
    let live = client.add_events(5).await;
    seqs.extend(&live);
    broker.start();
    client.wait_for_empty_outbox().await;
    eventually("every event heard", || {
        let heard = [listener.seqs(EVENT), listener.seqs(LATE)].concat();
        seqs.iter().all(|seq| heard.contains(seq))
    })
    .await;
    let (on_event, on_late) = (listener.seqs(EVENT), listener.seqs(LATE));
    assert!(on_event.is_sorted() && on_late.is_sorted(), "{on_event:?} {on_late:?}");
    assert!(on_event.iter().all(|seq| !on_late.contains(seq)), "each on one topic: {on_event:?} {on_late:?}");
    assert_eq!(on_event.len() + on_late.len(), seqs.len());
    assert!(on_event.ends_with(&live) && on_late.len() >= 20);
    let all = listener.all();
    let position = |topic, seq| all.iter().position(|heard| heard.topic == topic && heard.seq() == seq);
    assert!(position(EVENT, live[4]) < position(LATE, on_late[0]), "live events go before the backlog");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_and_start_each_event_is_on_exactly_one_topic() {
    restart("-TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_in_a_frozen_broker_is_repeated_on_its_own_topic_and_states_are_said_again() {
    let mut broker = Mosquitto::new("");
    let client = Client::start(broker.port).await;
    client.states.send(armed()).await.unwrap();
    {
        let listener = Listener::new(broker.port, "first").await;
        eventually("connected", || listener.last(ARMED).is_some()).await;
    }
    broker.signal("-STOP");
    let seqs = client.add_events(3).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    client.advance_s(120);
    // Killed without a chance to save: retained states and what it had taken are gone.
    broker.stop("-KILL");
    broker.start();
    let listener = Listener::new(broker.port, "second").await;
    client.wait_for_empty_outbox().await;
    eventually("backlog heard", || listener.seqs(LATE).len() == 2).await;
    eventually("states said again", || listener.last(ARMED).is_some()).await;
    assert_eq!(listener.seqs(LATE), seqs[1..]);
    // The listener is subscribed before the client's pause of at least 1 s is over.
    assert_eq!(listener.seqs(EVENT), seqs[..1]);
    assert_eq!(listener.last(STATUS).as_deref(), Some("online"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_says_offline_when_the_client_dies() {
    let broker = Mosquitto::new("");
    let listener = Listener::new(broker.port, "listener").await;
    let client = Client::start(broker.port).await;
    eventually("online", || listener.last(STATUS).as_deref() == Some("online")).await;
    client.task.abort();
    eventually("the last will", || listener.last(STATUS).as_deref() == Some("offline")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_stop_sends_what_is_left_and_says_offline() {
    let broker = Mosquitto::new("");
    let listener = Listener::new(broker.port, "listener").await;
    let client = Client::start(broker.port).await;
    eventually("online", || listener.last(STATUS).as_deref() == Some("online")).await;
    let seqs = client.add_events(30).await;
    client.states.send(armed()).await.unwrap();
    let store = client.store.clone();
    client.stop().await;
    assert_eq!(store.outbox_len().await.unwrap(), 0);
    eventually("offline", || listener.last(STATUS).as_deref() == Some("offline")).await;
    assert_eq!(listener.seqs(EVENT), seqs);
    assert_eq!(listener.last(ARMED).as_deref(), Some("ON"));
    assert_eq!(listener.on(STATUS).len(), 2, "online, offline, and no last will");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_events_wait_states_do_not_block_and_a_stop_is_quick() {
    let client = Client::start(free_port()).await;
    let seqs = client.add_events(3).await;
    for _ in 0..200 {
        tokio::time::timeout(Duration::from_secs(1), client.states.send(armed())).await.expect("never blocks").unwrap();
    }
    let store = client.store.clone();
    let started = Instant::now();
    client.stop().await;
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(store.outbox_len().await.unwrap(), seqs.len() as i64);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_broker_refuses_stays_in_the_outbox() {
    let rights = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        rights.path(),
        "topic readwrite crampwatch/bridge/#\ntopic readwrite probe\ntopic read crampwatch/#\n",
    )
    .unwrap();
    let broker = Mosquitto::new(&format!("acl_file {}", rights.path().display()));
    let listener = Listener::new(broker.port, "listener").await;
    let client = Client::start(broker.port).await;
    client.add_events(1).await;
    eventually("online", || listener.last(STATUS).as_deref() == Some("online")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(client.store.outbox_len().await.unwrap(), 1);
    assert!(listener.on(EVENT).is_empty());
    assert!(!client.task.is_finished());
}

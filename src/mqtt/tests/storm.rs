//! A thousand events while broker and network break twenty times.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rstest::rstest;

use super::harness::{Client, Heard, Mosquitto, eventually};
use super::proxy::{Line, Proxy};
use super::subscriber::Subscriber;
use crate::mqtt::Outgoing;
use crate::store::NewEvent;

const EVENT: &str = "crampwatch/me_left/event";
const LATE: &str = "crampwatch/me_left/event_late";
const STATUS: &str = "crampwatch/bridge/status";
const ARMED: &str = "crampwatch/me_left/armed";
const OUTAGES: usize = 20;
const EVENTS: usize = 1000;

#[derive(Debug, Clone, Copy)]
enum Outage {
    BrokerKilled,
    BrokerFrozen,
    BrokerStopped,
    Network(Line),
}

const KINDS: [Outage; 8] = [
    Outage::BrokerKilled,
    Outage::BrokerFrozen,
    Outage::BrokerStopped,
    Outage::Network(Line::Down),
    Outage::Network(Line::Swallows),
    Outage::Network(Line::Slow(Duration::from_millis(60))),
    Outage::Network(Line::CutsWhatIsSaid),
    Outage::Network(Line::CutsTheAnswer),
];

/// Everything that takes part. The client speaks to the broker through the proxy, the subscriber without.
struct Storm {
    random: Xoshiro256PlusPlus,
    broker: Mosquitto,
    proxy: Proxy,
    subscriber: Subscriber,
    client: Client,
    /// Sequence number and episode of each event, in order.
    added: Vec<(i64, String)>,
}

impl Storm {
    async fn new(seed: u64, persistence: &str) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let broker = Mosquitto::new(persistence);
        let proxy = Proxy::start(broker.port).await;
        let subscriber = Subscriber::start(broker.port, "listener");
        subscriber.subscribed_after(0).await;
        let client = Client::start(proxy.port).await;
        client.states.send(Outgoing::Armed { leg: "me_left".into(), armed: true }).await.unwrap();
        Self { random, broker, proxy, subscriber, client, added: Vec::new() }
    }

    /// Adds events one by one and in handfuls, with pauses of up to `pause_ms` between.
    async fn add(&mut self, mut count: usize, pause_ms: u64) {
        while count > 0 {
            let handful = self.random.random_range(1..=count.min(5));
            let event = |number: usize| {
                let id = format!("episode-{}", self.added.len() + number);
                let payload = serde_json::json!({"event_type": "cramp_started", "leg": "me_left", "episode_id": id});
                let (leg, event_type) = ("me_left".into(), "cramp_started".into());
                (id, NewEvent { leg, event_type, payload, due_at: self.client.now() })
            };
            let (ids, events): (Vec<String>, Vec<NewEvent>) = (0..handful).map(event).unzip();
            let seqs = self.client.add(&events).await;
            self.added.extend(seqs.into_iter().zip(ids));
            count -= handful;
            self.pause(0, pause_ms).await;
        }
    }

    async fn pause(&mut self, from_ms: u64, to_ms: u64) {
        let pause = Duration::from_millis(self.random.random_range(from_ms..=to_ms));
        tokio::time::sleep(pause).await;
    }

    /// One outage with 25 events before and 25 during it; ends when the client has come through again.
    async fn outage(&mut self, kind: Outage) {
        self.add(25, 8).await;
        match kind {
            Outage::BrokerKilled => self.broker.stop("-KILL"),
            Outage::BrokerFrozen => self.broker.signal("-STOP"),
            Outage::BrokerStopped => self.broker.stop("-TERM"),
            Outage::Network(line) => {
                self.proxy.set(line);
                if line == Line::Down {
                    self.proxy.cut();
                }
            }
        }
        self.add(15, 20).await;
        if self.random.random_bool(0.5) {
            self.client.advance_s(self.random.random_range(30..300));
        }
        self.add(10, 20).await;
        self.pause(0, 300).await;
        match kind {
            Outage::BrokerFrozen => self.broker.signal("-CONT"),
            Outage::BrokerKilled | Outage::BrokerStopped => {
                // What comes while nobody is subscribed is lost by the broker, not by the client.
                self.proxy.set(Line::Down);
                let subscriptions = self.subscriber.subscriptions();
                self.broker.start();
                self.subscriber.subscribed_after(subscriptions).await;
                self.proxy.set(Line::Good);
            }
            Outage::Network(line) => {
                self.proxy.set(Line::Good);
                if line == Line::Swallows {
                    self.proxy.cut();
                }
            }
        }
        let heard = self.subscriber.count();
        eventually("the client comes through again", || self.subscriber.count() > heard + 5).await;
        self.pause(0, 150).await;
    }
}

/// Sequence numbers of first copies, in the order of their arrival.
fn first_copies(heard: &[Heard]) -> Vec<i64> {
    let mut seqs = Vec::new();
    for seq in heard.iter().map(Heard::seq) {
        if !seqs.contains(&seq) {
            seqs.push(seq);
        }
    }
    seqs
}

#[rstest]
#[case::of_a_broker_that_forgets(1, "persistence false")]
#[case::of_a_broker_that_remembers(2, "autosave_on_changes true\nautosave_interval 5")]
#[tokio::test(flavor = "multi_thread")]
async fn each_of_a_thousand_events_arrives_on_one_topic_in_order_through_twenty_outages(
    #[case] seed: u64,
    #[case] persistence: &str,
) {
    let started = Instant::now();
    let mut storm = Storm::new(seed, persistence).await;
    let mut kinds: Vec<Outage> = KINDS.into_iter().cycle().take(OUTAGES).collect();
    kinds.shuffle(&mut storm.random);
    for kind in &kinds {
        storm.outage(*kind).await;
    }
    let Storm { subscriber, client, added, .. } = &storm;
    assert_eq!(added.len(), EVENTS);
    client.wait_for_empty_outbox().await;
    let heard = || [subscriber.on(EVENT), subscriber.on(LATE)];
    let (last, _) = added[EVENTS - 1];
    eventually("the last event", || heard().concat().iter().any(|copy| copy.seq() == last)).await;

    let [on_event, on_late] = heard();
    let (live, late) = (first_copies(&on_event), first_copies(&on_late));
    assert!(live.is_sorted(), "{live:?}");
    assert!(late.is_sorted(), "{late:?}");
    let mut all = [live.clone(), late.clone()].concat();
    all.sort_unstable();
    let expected: Vec<i64> = added.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(all, expected, "each event on exactly one topic and none missing");
    assert!(live.len() > EVENTS / 10 && late.len() > EVENTS / 20, "{} live, {} late", live.len(), late.len());

    let episodes: BTreeMap<i64, String> = added.iter().cloned().collect();
    let copies = [on_event, on_late].concat();
    for copy in &copies {
        let json: serde_json::Value = serde_json::from_str(&copy.payload).unwrap();
        assert_eq!(json["episode_id"], episodes[&copy.seq()].as_str(), "a repeat carries the same ids");
        assert!(!copy.retained && json["sent_at"].is_string());
    }
    let repeats = copies.len() - EVENTS;
    assert!(repeats <= OUTAGES, "{repeats} repeats: one event at most is under way at a break");
    assert_eq!(client.store.outbox_len().await.unwrap(), 0);
    let newcomer = Subscriber::start(storm.broker.port, "newcomer");
    eventually("retained states", || newcomer.last(ARMED).is_some() && newcomer.last(STATUS).is_some()).await;
    assert_eq!((newcomer.on(ARMED)[0].payload.as_str(), newcomer.on(STATUS)[0].payload.as_str()), ("ON", "online"));
    println!(
        "seed {seed}: {EVENTS} events, {OUTAGES} outages: {} live, {} late, {repeats} repeated, {:.1} s",
        live.len(),
        late.len(),
        started.elapsed().as_secs_f64()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_loses_an_event_without_a_word_is_asked_again() {
    let broker = Mosquitto::new("");
    let proxy = Proxy::start(broker.port).await;
    let subscriber = Subscriber::start(broker.port, "listener");
    subscriber.subscribed_after(0).await;
    let client = Client::start(proxy.port).await;
    let mut seqs = client.add_events(1).await;
    client.wait_for_empty_outbox().await;
    proxy.set(Line::Swallows);
    seqs.extend(client.add_events(2).await);
    tokio::time::sleep(Duration::from_millis(300)).await;
    // The line is alive again, pings are answered, but nobody will ever acknowledge what was swallowed.
    proxy.set(Line::Good);
    client.wait_for_empty_outbox().await;
    eventually("all events", || subscriber.on(EVENT).len() == seqs.len()).await;
    assert_eq!(first_copies(&subscriber.on(EVENT)), seqs);
}

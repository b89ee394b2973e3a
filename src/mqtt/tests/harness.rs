//! A real mosquitto, somebody who listens, and a client on a store of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::mqtt::{Listening, MqttError, MqttSettings, Outgoing, run};
use crate::store::{NewEvent, Store};
use crate::units::UtcMicros;

pub(super) const INSTALL: &str = "these tests need a broker: apt-get install mosquitto mosquitto-clients";

pub(super) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Waits until `condition`, at most 20 s.
pub(super) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "timed out: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) struct Mosquitto {
    pub(super) port: u16,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Mosquitto {
    /// `extra` are more lines of its configuration.
    pub(super) fn new(extra: &str) -> Self {
        let mut broker = Self::absent(extra);
        broker.start();
        broker
    }

    /// Not started yet; its port is known.
    pub(super) fn absent(extra: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let place = folder.path().display();
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {place}/\n\
             user root\nlog_type none\n{extra}\n"
        );
        Self::in_folder(folder, port, &text)
    }

    /// With a configuration of its own, which listens on `port`.
    pub(super) fn configured(port: u16, text: &str) -> Self {
        let mut broker = Self::in_folder(tempfile::tempdir().unwrap(), port, text);
        broker.start();
        broker
    }

    fn in_folder(folder: tempfile::TempDir, port: u16, text: &str) -> Self {
        std::fs::write(folder.path().join("mosquitto.conf"), text).unwrap();
        Self { port, folder, child: None }
    }

    pub(super) fn start(&mut self) {
        // Not in every user's PATH on Debian.
        let program = if Path::new("/usr/sbin/mosquitto").exists() { "/usr/sbin/mosquitto" } else { "mosquitto" };
        let child = Command::new(program)
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(INSTALL);
        self.child = Some(child);
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(5), "mosquitto does not listen on {}", self.port);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Ends it by `signal` and waits for it.
    pub(super) fn stop(&mut self, signal: &str) {
        self.signal(signal);
        self.child.take().unwrap().wait().unwrap();
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Publishes as somebody else would.
pub(super) fn say(port: u16, topic: &str, payload: &str, more: &[&str]) {
    // A name of its own: rumqttd takes a client that comes back for the one that is just leaving.
    let id = format!("say-{}", uuid::Uuid::now_v7().simple());
    let status = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-i", &id, "-t", topic, "-m", payload])
        .args(more)
        .status()
        .expect(INSTALL);
    assert!(status.success());
}

/// What `mosquitto_sub` heard.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heard {
    pub(super) retained: bool,
    pub(super) topic: String,
    pub(super) payload: String,
}

impl Heard {
    pub(super) fn seq(&self) -> i64 {
        serde_json::from_str::<Value>(&self.payload).unwrap()["seq"].as_i64().unwrap()
    }
}

/// A listener to everything, with a session that outlives a restart of the broker.
pub(super) struct Listener {
    child: Child,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Listener {
    /// Returns once it is subscribed.
    pub(super) async fn new(port: u16, id: &str) -> Self {
        Self::of(port, id, &["crampwatch/#"]).await
    }

    /// The same for some topics only.
    pub(super) async fn of(port: u16, id: &str, topics: &[&str]) -> Self {
        let mut child = Command::new("mosquitto_sub")
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1", "-c", "-i", id])
            .args(topics.iter().flat_map(|topic| ["-t", topic]))
            .args(["-t", "probe", "-F", "%r %t %p"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect(INSTALL);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (lines, sink) = (BufReader::new(child.stdout.take().unwrap()).lines(), heard.clone());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut parts = line.splitn(3, ' ').map(str::to_owned);
                let mut next = || parts.next().unwrap_or_default();
                let heard = Heard { retained: next() == "1", topic: next(), payload: next() };
                sink.lock().unwrap().push(heard);
            }
        });
        let listener = Self { child, heard };
        let started = Instant::now();
        while !listener.all().iter().any(|heard| heard.topic == "probe") {
            assert!(started.elapsed() < Duration::from_secs(10), "mosquitto_sub does not subscribe");
            let _ = Command::new("mosquitto_pub")
                .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-t", "probe", "-m", "hello"])
                .stderr(Stdio::null())
                .status()
                .expect(INSTALL);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        listener
    }

    pub(super) fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(super) fn on(&self, topic: &str) -> Vec<Heard> {
        self.all().into_iter().filter(|heard| heard.topic == topic).collect()
    }

    /// Sequence numbers on a topic; repeats straight after one another are one.
    pub(super) fn seqs(&self, topic: &str) -> Vec<i64> {
        let mut seqs: Vec<i64> = self.on(topic).iter().map(Heard::seq).collect();
        seqs.dedup();
        seqs
    }

    pub(super) fn last(&self, topic: &str) -> Option<String> {
        self.on(topic).pop().map(|heard| heard.payload)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The client under test with a store and a clock that the test moves.
pub(super) struct Client {
    pub(super) store: Store,
    pub(super) states: mpsc::Sender<Outgoing>,
    pub(super) task: JoinHandle<Result<(), MqttError>>,
    ahead_micros: Arc<AtomicI64>,
    changed: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    _folder: tempfile::TempDir,
}

impl Client {
    pub(super) async fn start(port: u16) -> Self {
        Self::with(MqttSettings { port, ..MqttSettings::default() }).await
    }

    pub(super) async fn with(settings: MqttSettings) -> Self {
        Self::listening(settings, None).await
    }

    pub(super) async fn listening(settings: MqttSettings, listening: Option<Listening>) -> Self {
        let settings = MqttSettings { keep_alive_s: 5, ..settings };
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let ahead_micros = Arc::new(AtomicI64::new(0));
        let changed = Arc::new(Notify::new());
        let (states, receiver) = mpsc::channel(16);
        let (stop, stopped) = oneshot::channel();
        let clock = ahead_micros.clone();
        let now = Arc::new(move || utc_now().plus_micros(clock.load(Ordering::SeqCst)));
        let shutdown = async move {
            let _ = stopped.await;
        };
        let task = tokio::spawn(run(settings, listening, store.clone(), receiver, changed.clone(), now, shutdown));
        Self { store, states, task, ahead_micros, changed, stop: Some(stop), _folder: folder }
    }

    pub(super) fn now(&self) -> UtcMicros {
        utc_now().plus_micros(self.ahead_micros.load(Ordering::SeqCst))
    }

    pub(super) fn advance_s(&self, seconds: i64) {
        self.ahead_micros.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Adds `count` events of this moment; gives their sequence numbers.
    pub(super) async fn add_events(&self, count: usize) -> Vec<i64> {
        let event = NewEvent {
            leg: "me_left".into(),
            event_type: "cramp_started".into(),
            payload: serde_json::json!({"event_type": "cramp_started", "leg": "me_left"}),
            due_at: self.now(),
        };
        self.add(&vec![event; count]).await
    }

    /// Adds these events; gives their sequence numbers.
    pub(super) async fn add(&self, events: &[NewEvent]) -> Vec<i64> {
        let seqs = self.store.add_events(events).await.unwrap();
        self.changed.notify_one();
        seqs
    }

    pub(super) async fn wait_for_empty_outbox(&self) {
        let started = Instant::now();
        while self.store.outbox_len().await.unwrap() > 0 {
            assert!(started.elapsed() < Duration::from_secs(40), "timed out: the outbox does not empty");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(4), &mut self.task).await.expect("stops within 4 s").unwrap().unwrap();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn utc_now() -> UtcMicros {
    UtcMicros::from_timestamp(jiff::Timestamp::now())
}

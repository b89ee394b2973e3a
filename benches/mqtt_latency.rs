//! How long an alarm takes from the store to a subscriber: `cargo bench --bench mqtt_latency`.
//!
//! Commits 2,000 events one after another, each as soon as the one before was heard, and takes the time until each is heard at
//! a real mosquitto on loopback; prints the share of the commit (a disk that is told to keep what it got) and of the
//! delivery, and the resident memory that the MQTT client adds. Fails if the aims of the design are missed.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use crampwatch::mqtt::{MqttSettings, run};
use crampwatch::store::{NewEvent, Store};
use crampwatch::units::UtcMicros;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{Client, Event, MqttOptions};
use tokio::sync::Notify;

const EVENTS: usize = 2000;
const WARM_UP: usize = 200;
const MOST_P99: Duration = Duration::from_millis(50);
const MOST_MEMORY_MB: f64 = 5.0;
const LONGEST_WAIT: Duration = Duration::from_secs(10);

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let broker = Broker::start(folder.path())?;
    let heard = subscribe(broker.port)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(folder.path(), broker.port, &heard))
}

async fn measure(folder: &Path, port: u16, heard: &mpsc::Receiver<i64>) -> anyhow::Result<()> {
    let store = Store::open(&folder.join("data")).await?;
    // What the store and the subscriber take for themselves must be there before the client is.
    for _ in 0..WARM_UP {
        for seq in store.add_events(&[event()]).await? {
            while store.outbox_next(utc_now(), 60.0).await?.is_some_and(|(row, _)| row.seq == seq) {
                store.outbox_delivered(seq).await?;
            }
        }
    }
    let before_mb = resident_mb();

    let (_states, receiver) = tokio::sync::mpsc::channel(16);
    let changed = Arc::new(Notify::new());
    let settings = MqttSettings { port, ..MqttSettings::default() };
    let client =
        run(settings, None, store.clone(), receiver, changed.clone(), Arc::new(utc_now), std::future::pending());
    let client = tokio::spawn(client);

    let (mut commits, mut deliveries, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..WARM_UP + EVENTS {
        let began = Instant::now();
        let seqs = store.add_events(&[event()]).await?;
        let committed = Instant::now();
        changed.notify_one();
        let found = tokio::task::block_in_place(|| heard.recv_timeout(LONGEST_WAIT)).context("an event is missing")?;
        ensure!(seqs == [found], "event {found} was heard, expected {seqs:?}");
        if number >= WARM_UP {
            commits.push(committed - began);
            deliveries.push(committed.elapsed());
            totals.push(began.elapsed());
        }
    }
    let added_mb = resident_mb().zip(before_mb).map(|(after, before)| after - before);
    client.abort();

    say("milliseconds                              p50     p90     p99     most");
    say(&line("commit of the event", &mut commits));
    say(&line("commit to subscriber", &mut deliveries));
    say(&line("before the commit to subscriber", &mut totals));
    if let Some(added_mb) = added_mb {
        say(&format!("resident memory added by the client: {added_mb:.1} MB"));
        ensure!(added_mb < MOST_MEMORY_MB, "the client takes {added_mb:.1} MB, expected below {MOST_MEMORY_MB}");
    }
    let p99 = percentile(&totals, 99);
    ensure!(p99 < MOST_P99, "99 of 100 events take up to {p99:?}, expected below {MOST_P99:?}");
    say("all aims are met");
    Ok(())
}

fn event() -> NewEvent {
    let payload = serde_json::json!({
        "event_type": "cramp_started",
        "episode_id": "01936f2c-7b3e-7c31-9a55-0d5f4a1f2b10",
        "leg": "me_left",
        "reasons": ["steady calf activity for 6 s", "leg still"],
    });
    NewEvent { leg: "me_left".into(), event_type: "cramp_started".into(), payload, due_at: utc_now() }
}

fn utc_now() -> UtcMicros {
    UtcMicros::from_timestamp(jiff::Timestamp::now())
}

/// Listens on a thread of its own; gives the sequence numbers of events as they arrive.
fn subscribe(port: u16) -> anyhow::Result<mpsc::Receiver<i64>> {
    let mut options = MqttOptions::new("listener", "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(30));
    let (client, mut connection) = Client::new(options, 8);
    client.subscribe("crampwatch/me_left/event", QoS::AtLeastOnce)?;
    let (sender, receiver) = mpsc::channel();
    let (ready, is_ready) = mpsc::channel();
    std::thread::spawn(move || {
        // Without its client the connection would end.
        let _client = client;
        for event in connection.iter() {
            match event {
                Ok(Event::Incoming(Packet::SubAck(_))) => drop(ready.send(())),
                Ok(Event::Incoming(Packet::Publish(message))) => {
                    let json: serde_json::Value = serde_json::from_slice(&message.payload).unwrap_or_default();
                    if sender.send(json["seq"].as_i64().unwrap_or(-1)).is_err() {
                        return;
                    }
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    });
    is_ready.recv_timeout(LONGEST_WAIT).context("mosquitto takes no subscription")?;
    Ok(receiver)
}

/// A mosquitto that ends with this process.
struct Broker {
    port: u16,
    child: Child,
}

impl Broker {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let config = folder.join("mosquitto.conf");
        std::fs::write(&config, format!("listener {port} 127.0.0.1\nallow_anonymous true\nlog_type none\n"))?;
        // Not in every user's PATH on Debian.
        let program = if Path::new("/usr/sbin/mosquitto").exists() { "/usr/sbin/mosquitto" } else { "mosquitto" };
        let child = Command::new(program)
            .arg("-c")
            .arg(config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("this benchmark needs a broker: apt-get install mosquitto")?;
        let broker = Self { port, child };
        let until = Instant::now() + LONGEST_WAIT;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(Instant::now() < until, "mosquitto does not listen on {port}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(name: &str, times: &mut [Duration]) -> String {
    times.sort_unstable();
    let ms = |part| percentile(times, part).as_secs_f64() * 1e3;
    format!("{name:<36} {:>8.2} {:>7.2} {:>7.2} {:>8.2}", ms(50), ms(90), ms(99), ms(100))
}

/// `times` must be sorted.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// The resident set of this process, in MB; `None` where it cannot be read.
fn resident_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

#[expect(clippy::print_stdout, reason = "printing the measurement is what a benchmark is for")]
fn say(line: &str) {
    println!("{line}");
}

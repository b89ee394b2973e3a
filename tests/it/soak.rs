//! `./check --soak`: one night against the BlueZ double at 20 times speed, with 20 outages. Ignored otherwise: it takes 25 minutes.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crampwatch::chunk::GapReason;
use crampwatch::store::Store;
use serde_json::Value;

use crate::bluez::Bluez;
use crate::bluez_double::DATA;
use crate::harness::{Home, counted, eventually, free_port};

const SPEED: u32 = 20;
const NIGHT_H: u32 = 8;
const OUTAGES: u32 = 20;
/// How long an outage lasts, and how soon data must flow after its end.
const OUTAGE: Duration = Duration::from_secs(4);
const RECOVERED: Duration = Duration::from_secs(45);
const MOST_GROWTH_KB: u64 = 5 * 1024;

/// What begins an outage, and what ends it.
const KINDS: [(&str, &str); 5] = [
    ("drop", "state"),
    ("silence on", "silence off"),
    ("range out", "range in"),
    ("power block", "power unblock"),
    ("bluetoothd kill", "bluetoothd start"),
];

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Daemon {
    fn resident_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Processor time used so far, user and system; the kernel counts it in hundredths of a second.
    fn processor_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }
}

fn sent(bluez: &Bluez) -> u64 {
    bluez.counters(0)["sent"][DATA].as_u64().unwrap_or(0)
}

fn config(port: u16) -> String {
    format!(
        "[person]\ntime_zone = \"UTC\"\n[sensor]\nkind = \"bluetooth\"\n[sensor.bluetooth]\nspeed = {SPEED}.0\n\
         [storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"embedded\"\nembedded_port = {port}\n"
    )
}

/// Seconds monitored, and seconds of gaps in them.
fn kept(home: &Home) -> (f64, f64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        let nights = store.nights("me_left", 10).await.unwrap();
        let mut gaps_s = 0.0;
        for night in &nights {
            for gap in store.gaps_of_night("me_left", night.night).await.unwrap() {
                gaps_s += if gap.reason == GapReason::NoData { gap.to_at.seconds_since(gap.from_at) } else { 0.0 };
            }
        }
        store.close().await;
        (nights.iter().map(|night| night.monitored_s).sum(), gaps_s)
    })
}

#[test]
#[ignore = "25 minutes: ./check --soak"]
fn a_night_with_twenty_outages_loses_no_frame_that_was_sent_and_memory_stays_flat() {
    let bluez = Bluez::start(&["--speed", &SPEED.to_string(), "--night-h", &NIGHT_H.to_string()]);
    let home = Home::new(&config(free_port()));
    let log = std::fs::File::create(home.path().join("log.txt")).unwrap();
    let mut command = home.command(&["run"]);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address()).stdout(Stdio::null()).stderr(log);
    let mut daemon = Daemon(command.spawn().unwrap());
    let began = Instant::now();
    eventually("frames flow", RECOVERED, || sent(&bluez) > 40);
    let night = Duration::from_secs((NIGHT_H * 3600 / SPEED).into());
    let mut resident_kb = None;
    let look = |daemon: &Daemon, resident_kb: &mut Option<u64>| {
        if resident_kb.is_none() && began.elapsed() > Duration::from_secs(600) {
            *resident_kb = Some(daemon.resident_kb());
        }
    };
    for outage in 0..OUTAGES {
        let at = night * outage / OUTAGES + Duration::from_secs(15);
        while began.elapsed() < at {
            look(&daemon, &mut resident_kb);
            std::thread::sleep(Duration::from_millis(200));
        }
        let (begin, end) = KINDS[outage as usize % KINDS.len()];
        bluez.command(begin);
        std::thread::sleep(OUTAGE);
        bluez.command(end);
        let (before, ended) = (sent(&bluez), Instant::now());
        eventually("data flow again", RECOVERED, || sent(&bluez) > before + 20);
        println!("outage {outage:2} {begin:16} recovered {:5.1} s after its end", ended.elapsed().as_secs_f64());
    }
    while began.elapsed() < night {
        std::thread::sleep(Duration::from_millis(200));
    }
    let (at_end_kb, processor_s) = (daemon.resident_kb(), daemon.processor_s());
    let elapsed_s = began.elapsed().as_secs_f64();
    let after_kb = resident_kb.unwrap();
    let pid = daemon.0.id().to_string();
    let sent_before_stop = sent(&bluez);
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(daemon.0.wait().unwrap().success());
    let counters: Value = bluez.counters(0);
    let stretches: Vec<(u64, u64)> = serde_json::from_value(counters["sent_samples"].clone()).unwrap();
    let sent_s = stretches.iter().map(|(from, to)| to - from).sum::<u64>() as f64 / 1000.0;
    let (decoded, received) = (counted(&home.log(), "decoded"), counted(&home.log(), "received"));
    let (monitored_s, gaps_s) = kept(&home);
    println!("resident: {after_kb} kB after ten minutes, {at_end_kb} kB at the end");
    println!("processor: {:.2} % of one core at {SPEED} times speed", 100.0 * processor_s / elapsed_s);
    println!(
        "frames: {sent_before_stop} sent, {received} received, {decoded} decoded; {sent_s:.2} s in {} stretches",
        stretches.len()
    );
    println!("store: {monitored_s:.2} s monitored, {gaps_s:.2} s of gaps, {:.2} s in between", monitored_s - gaps_s);
    assert!(at_end_kb <= after_kb + MOST_GROWTH_KB, "memory grew from {after_kb} to {at_end_kb} kB");
    // The last frames may have been on their way when the daemon was stopped.
    assert!(decoded + u64::from(2 * SPEED) >= sent_before_stop, "{sent_before_stop} sent, {decoded} decoded");
    // Each gap is known to the quarter second; the edges of the night are the daemon's start and stop.
    let unlike_s = (monitored_s - gaps_s - sent_s).abs();
    assert!(unlike_s < f64::from(OUTAGES) + 2.0 * f64::from(SPEED), "sent {sent_s} s, kept {} s", monitored_s - gaps_s);
}

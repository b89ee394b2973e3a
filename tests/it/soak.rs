//! `./check --soak`: one night against the BlueZ double at 20 times speed, with 20 outages. Ignored otherwise: it takes 25 minutes.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crampwatch::store::Store;
use serde_json::Value;

use crate::bluez::Bluez;
use crate::harness::{Home, eventually, free_port};

const SPEED: u32 = 20;
const NIGHT_H: u32 = 8;
const OUTAGES: u32 = 20;
const DATA: &str = "02216729-9585-41a5-b54a-613bf79693a4";
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
         [storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"embedded\"\nport = {port}\n"
    )
}

/// Seconds of valid samples that the store knows of.
fn valid_s(home: &Home) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        let nights = store.nights("me_left", 10).await.unwrap();
        store.close().await;
        nights.iter().map(|night| night.valid_s).sum()
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
    let counters: Value = bluez.counters(0);
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(daemon.0.wait().unwrap().success());
    let stretches: Vec<(u64, u64)> = serde_json::from_value(counters["sent_samples"].clone()).unwrap();
    let sent_s = stretches.iter().map(|(from, to)| to - from).sum::<u64>() as f64 / 1000.0;
    let valid_s = valid_s(&home);
    println!("resident: {after_kb} kB after ten minutes, {at_end_kb} kB at the end");
    println!("processor: {:.2} % of one core at {SPEED} times speed", 100.0 * processor_s / elapsed_s);
    println!("frames sent: {}, {sent_s:.2} s in {} stretches", counters["sent"][DATA], stretches.len());
    println!("valid in the store: {valid_s:.2} s");
    assert!(at_end_kb <= after_kb + MOST_GROWTH_KB, "memory grew from {after_kb} to {at_end_kb} kB");
    // The frames of the last moment were still being sent when the counters were read.
    assert!((sent_s - valid_s).abs() < 1.0 + f64::from(SPEED) * 0.2, "sent {sent_s} s, kept {valid_s} s");
}

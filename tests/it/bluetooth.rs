//! The program against a double of BlueZ on a private bus: it finds the sensor, streams, and streams again after each
//! outage in the time that is promised.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bluez::Bluez;
use crate::harness::{Home, counted, eventually};

const CONFIG: &str = "[sensor]\nkind = \"bluetooth\"\n[mqtt]\nmode = \"off\"\n";

/// The daemon on the double's bus; killed when dropped.
struct Run(Child);

impl Drop for Run {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(home: &Home, bluez: &Bluez) -> Run {
    let mut command = home.command(&["run"]);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address()).stdout(Stdio::null()).stderr(Stdio::null());
    Run(command.spawn().unwrap())
}

/// Data frames that have reached the bus with a subscriber.
fn frames(bluez: &Bluez) -> u64 {
    let sent = bluez.counters(0)["sent"].clone();
    sent["02216729-9585-41a5-b54a-613bf79693a4"].as_u64().unwrap_or(0)
}

/// A count of the double's, such as how often it was connected to.
fn count(bluez: &Bluez, what: &str) -> u64 {
    bluez.counters(0)[what].as_u64().unwrap()
}

/// A second of frames arrives, beginning now at the latest after `most`.
fn streams_within(bluez: &Bluez, most: Duration) {
    let (before, began) = (frames(bluez), Instant::now());
    eventually("frames arrive", most, || frames(bluez) >= before + 20);
    assert!(began.elapsed() <= most);
}

fn streaming() -> (Bluez, Home, Run) {
    let bluez = Bluez::start(&[]);
    let home = Home::new(CONFIG);
    let daemon = run(&home, &bluez);
    streams_within(&bluez, Duration::from_secs(15));
    (bluez, home, daemon)
}

#[test]
fn it_streams_within_15_s_after_a_drop_a_silence_and_a_removed_object() {
    let (bluez, _home, _daemon) = streaming();
    assert_eq!(count(&bluez, "connects"), 1);
    bluez.command("drop");
    streams_within(&bluez, Duration::from_secs(15));
    assert_eq!(count(&bluez, "connects"), 2, "it was lost and found again");
    bluez.command("silence on");
    std::thread::sleep(Duration::from_secs(8));
    bluez.command("silence off");
    streams_within(&bluez, Duration::from_secs(15));
    let connects = count(&bluez, "connects");
    assert!(connects > 2, "a silent link is not believed: {connects}");
    bluez.command("remove");
    streams_within(&bluez, Duration::from_secs(15));
    assert!(count(&bluez, "connects") > connects);
}

#[test]
fn it_streams_within_15_s_after_the_adapter_is_back() {
    let (bluez, _home, _daemon) = streaming();
    for (away, back) in [("power off", "power on"), ("adapter gone", "adapter back")] {
        bluez.command(away);
        std::thread::sleep(Duration::from_secs(7));
        bluez.command(back);
        streams_within(&bluez, Duration::from_secs(15));
    }
}

#[test]
fn it_streams_within_45_s_of_a_connect_that_is_never_answered() {
    let (bluez, _home, _daemon) = streaming();
    bluez.command("connect hang");
    bluez.command("drop");
    let connecting = || bluez.counters(0)["connecting"] == true;
    eventually("it is being connected to", Duration::from_secs(15), connecting);
    bluez.command("connect ok");
    streams_within(&bluez, Duration::from_secs(45));
}

#[test]
fn it_streams_after_a_slow_connect_and_after_services_that_did_not_resolve() {
    let (bluez, _home, _daemon) = streaming();
    bluez.command("connect slow 12");
    bluez.command("drop");
    streams_within(&bluez, Duration::from_secs(45));
    bluez.command("connect ok");
    bluez.command("export-late 700");
    bluez.command("drop");
    streams_within(&bluez, Duration::from_secs(15));
    bluez.command("unresolved on");
    bluez.command("drop");
    let before = count(&bluez, "connects");
    eventually("it is connected, unresolved", Duration::from_secs(15), || count(&bluez, "connects") > before);
    bluez.command("unresolved off");
    streams_within(&bluez, Duration::from_secs(60));
}

#[test]
fn frames_that_are_doubled_swapped_damaged_or_lost_are_counted_and_the_night_goes_on() {
    let bluez = Bluez::start(&[]);
    let home = Home::new(CONFIG);
    let mut daemon = home.start_on_bus(&bluez.address());
    streams_within(&bluez, Duration::from_secs(15));
    for harm in ["duplicate 5", "reorder 4", "corrupt 3", "lose 5"] {
        bluez.command(harm);
        streams_within(&bluez, Duration::from_secs(15));
    }
    assert_eq!(count(&bluez, "connects"), 1, "none of it is a reason to connect anew");
    assert_eq!(daemon.terminate(), Some(0));
    let log = home.log();
    assert_eq!(counted(&log, "duplicate"), count(&bluez, "duplicated"), "{log}");
    assert_eq!(counted(&log, "received") - counted(&log, "decoded"), count(&bluez, "corrupted"), "{log}");
    let lost = count(&bluez, "lost") + count(&bluez, "corrupted");
    // 50 samples a frame.
    assert!(lost >= 8 && counted(&log, "samples_lost") == 50 * lost, "{lost} frames: {log}");
}

#[test]
fn it_streams_over_a_new_bluetoothd_that_found_a_zombie_link() {
    let (bluez, _home, _daemon) = streaming();
    bluez.command("bluetoothd kill");
    std::thread::sleep(Duration::from_secs(3));
    bluez.command("bluetoothd start");
    streams_within(&bluez, Duration::from_secs(45));
}

#[test]
fn it_streams_over_a_new_bus() {
    let (mut bluez, _home, _daemon) = streaming();
    bluez.kill_bus();
    std::thread::sleep(Duration::from_secs(5));
    bluez.restart_bus();
    bluez.command("bluetoothd start");
    streams_within(&bluez, Duration::from_secs(45));
}

#[test]
fn scan_lists_the_sensor_with_its_profile() {
    let bluez = Bluez::start(&[]);
    let home = Home::new(CONFIG);
    let mut command = home.command(&["scan", "--seconds", "3", "--format", "json"]);
    let output = command.env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listing["devices"][0]["profile"], "leg-sensor", "{listing}");
    assert_eq!(listing["devices"][0]["address"], "C0:FF:EE:00:00:01");
}

#[test]
fn scan_without_adapter_bluetoothd_or_bus_says_what_to_do() {
    let bluez = Bluez::start(&[]);
    let home = Home::new(CONFIG);
    let error = |address: String| {
        let mut command = home.command(&["scan", "--seconds", "1"]);
        let output = command.env("DBUS_SYSTEM_BUS_ADDRESS", address).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    bluez.command("power off");
    assert!(error(bluez.address()).contains("bluetoothctl power on"));
    bluez.command("adapter gone");
    assert!(error(bluez.address()).contains("no Bluetooth adapter"));
    bluez.command("bluetoothd kill");
    assert!(error(bluez.address()).contains("enable --now bluetooth"));
    assert!(error("unix:path=/nowhere/bus".to_owned()).contains("system bus"));
}

//! `crampwatch doctor` against the double of BlueZ, real brokers and a daemon that runs.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bluez::Bluez;
use crate::harness::{Broker, Home, Process, eventually, free_port};

/// With everything broken it must end within this.
const MOST: Duration = Duration::from_secs(20);

/// A home with a real sensor and the embedded broker on a free port; `more` are further sections.
fn home(more: &str) -> Home {
    let port = free_port();
    home_with(&format!("[mqtt]\nmode = \"embedded\"\nembedded_port = {port}\n{more}"))
}

fn home_with(sections: &str) -> Home {
    let config = format!("[sensor]\nkind = \"bluetooth\"\n[storage]\ndata_dir = \"data\"\nmin_free_mb = 0\n{sections}");
    let home = Home::new(&config);
    // The machine's own programs would say something else on each machine.
    let bin = home.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    for (name, says) in [("bluetoothctl", "bluetoothctl: 5.72"), ("timedatectl", "yes")] {
        let program = bin.join(name);
        std::fs::write(&program, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    home
}

/// Exit code and report.
fn doctor(home: &Home, bus: &str, arguments: &[&str]) -> (i32, Value) {
    let mut command = home.command(&[&["doctor", "--json"], arguments].concat());
    let path = format!("{}:{}", home.path().join("bin").display(), std::env::var("PATH").unwrap());
    let began = Instant::now();
    let output = command.env("DBUS_SYSTEM_BUS_ADDRESS", bus).env("PATH", path).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(began.elapsed() < MOST, "it took {:?}", began.elapsed());
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {error}"));
    (output.status.code().unwrap(), report)
}

fn line<'a>(report: &'a Value, check: &str) -> &'a Value {
    let lines = report["checks"].as_array().unwrap();
    lines.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("no {check} in {report:#}"))
}

/// Each check with its state.
fn states(report: &Value) -> String {
    let lines = report["checks"].as_array().unwrap().iter();
    let state = |line: &Value| format!("{}: {}", line["check"].as_str().unwrap(), line["state"].as_str().unwrap());
    lines.map(state).collect::<Vec<_>>().join("\n")
}

/// What failed, with its remedy.
fn failures(report: &Value) -> Vec<String> {
    let failed = report["checks"].as_array().unwrap().iter().filter(|line| line["state"] == "failed");
    failed.map(|line| format!("{}: {}", line["check"].as_str().unwrap(), line["remedy"].as_str().unwrap())).collect()
}

#[test]
fn everything_in_order_is_said_line_by_line() {
    let bluez = Bluez::start(&[]);
    let (code, report) = doctor(&home(""), &bluez.address(), &["--seconds", "4"]);
    assert_eq!(code, 0, "{report:#}");
    insta::assert_snapshot!(states(&report), @r"
    configuration: ok
    daemon: ok
    system bus: ok
    bluetoothd: ok
    adapter: ok
    sensor: ok
    bond: ok
    frame rate: ok
    loss: ok
    contact: ok
    battery: ok
    clock: ok
    disk: ok
    store: ok
    broker: ok
    model: ok
    ");
    let sensor = line(&report, "sensor")["found"].as_str().unwrap();
    assert!(sensor.contains("C0:FF:EE:00:00:01") && sensor.ends_with("profile leg-sensor"), "{sensor}");
    assert_eq!(line(&report, "bluetoothd")["found"], "BlueZ 5.72");
    // It lets the sensor go.
    eventually("the sensor is free", Duration::from_secs(5), || bluez.counters(0)["streaming"] == false);
}

#[test]
fn an_adapter_that_is_off_a_missing_bluetoothd_and_a_missing_bus_are_told_apart() {
    let bluez = Bluez::start(&[]);
    let home = home("");
    bluez.command("power off");
    let (code, report) = doctor(&home, &bluez.address(), &[]);
    assert_eq!(code, 1);
    assert!(failures(&report)[0].contains("bluetoothctl power on"), "{report:#}");
    assert_eq!(line(&report, "sensor")["state"], "skipped");
    bluez.command("bluetoothd kill");
    let (_, report) = doctor(&home, &bluez.address(), &[]);
    assert_eq!(failures(&report), ["bluetoothd: start it: systemctl enable --now bluetooth"]);
    let (_, report) = doctor(&home, "unix:path=/nowhere/bus", &[]);
    assert!(failures(&report)[0].starts_with("system bus: is dbus running"), "{report:#}");
}

#[test]
fn a_sensor_that_is_not_there_and_one_that_asks_for_pairing_say_what_to_do() {
    let bluez = Bluez::start(&[]);
    let home = home("");
    bluez.command("encryption on");
    let (code, report) = doctor(&home, &bluez.address(), &["--seconds", "3"]);
    assert_eq!(code, 1);
    let bond = &failures(&report)[0];
    assert!(bond.starts_with("bond: ") && bond.contains("pair ADDRESS, trust ADDRESS"), "{report:#}");
    bluez.command("encryption off");
    let bluez = Bluez::start(&[]);
    bluez.command("range out");
    let (_, report) = doctor(&home, &bluez.address(), &[]);
    assert_eq!(failures(&report).len(), 1, "{report:#}");
    assert!(failures(&report)[0].starts_with("sensor: is it on, charged"), "{report:#}");
}

#[test]
fn of_two_sensors_that_fit_the_addresses_are_told() {
    let two = "[[sensor]]\nkind = \"leg\"\n[[sensor]]\nkind = \"leg\"\n";
    let bluez = Bluez::with_files(&[("scenario.toml", two)], &[]);
    let (_, report) = doctor(&home(""), &bluez.address(), &["--seconds", "1"]);
    let sensor = line(&report, "sensor");
    assert_eq!(sensor["state"], "warning", "{report:#}");
    let found = sensor["found"].as_str().unwrap();
    assert!(found.contains("C0:FF:EE:00:00:01") && found.contains("C0:FF:EE:00:00:02"), "{found}");
    assert!(sensor["remedy"].as_str().unwrap().contains("sensor.bluetooth.address"));
}

/// A daemon on the double's bus.
fn daemon(home: &Home, bluez: &Bluez) -> Process {
    let mut command = home.command(&["run"]);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address()).stdout(Stdio::null()).stderr(Stdio::null());
    Process::of(command.spawn().unwrap())
}

#[test]
fn a_daemon_that_runs_keeps_its_sensor() {
    let bluez = Bluez::start(&[]);
    let home = home("");
    let mut daemon = daemon(&home, &bluez);
    eventually("it streams", Duration::from_secs(20), || bluez.counters(0)["streaming"] == true);
    // The night is kept each half minute.
    std::thread::sleep(Duration::from_secs(35));
    let (code, report) = doctor(&home, &bluez.address(), &[]);
    assert_eq!(code, 0, "{report:#}");
    assert!(line(&report, "sensor")["found"].as_str().unwrap().starts_with("the daemon holds the sensor"));
    assert!(line(&report, "night")["found"].as_str().unwrap().contains("watched"), "{report:#}");
    assert!(line(&report, "broker")["found"].as_str().unwrap().starts_with("the embedded one answers"));
    assert_eq!(bluez.counters(0)["streaming"], true, "it was not disturbed");
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn a_broker_that_is_not_there_and_a_taken_port_are_told() {
    let port = free_port();
    let away = home_with(&format!("[mqtt]\nmode = \"external\"\nhost = \"127.0.0.1\"\nport = {port}\n"));
    let (code, report) = doctor(&away, "unix:path=/nowhere/bus", &["--no-sensor"]);
    assert_eq!(code, 1);
    let broker = line(&report, "broker");
    assert!(broker["found"].as_str().unwrap().starts_with("nothing listens on"), "{report:#}");
    assert!(broker["remedy"].as_str().unwrap().contains("mqtt.host"));
    let there = Broker::start();
    let config = format!("[mqtt]\nmode = \"external\"\nhost = \"127.0.0.1\"\nport = {}\n", there.port);
    let (_, report) = doctor(&home_with(&config), "unix:path=/nowhere/bus", &["--no-sensor"]);
    assert_eq!(line(&report, "broker")["state"], "ok", "{report:#}");
    let taken = format!("[mqtt]\nmode = \"embedded\"\nembedded_port = {}\n", there.port);
    let (_, report) = doctor(&home_with(&taken), "unix:path=/nowhere/bus", &["--no-sensor"]);
    assert!(line(&report, "broker")["found"].as_str().unwrap().contains("already in use"), "{report:#}");
}

#[test]
fn a_model_that_cannot_be_used_and_a_configuration_that_is_wrong_are_told() {
    let broken = home("[model]\npath = \"model.json\"\n");
    std::fs::write(broken.path().join("model.json"), "{}").unwrap();
    let (code, report) = doctor(&broken, "unix:path=/nowhere/bus", &["--no-sensor"]);
    assert_eq!((code, line(&report, "model")["state"].as_str()), (1, Some("failed")), "{report:#}");
    let wrong = Home::new("[sensor]\nkind = \"blutooth\"\n");
    let (code, report) = doctor(&wrong, "unix:path=/nowhere/bus", &[]);
    assert_eq!((code, states(&report).as_str()), (1, "configuration: failed"));
}

#[test]
fn a_simulated_sensor_needs_no_radio_and_nothing_is_made() {
    let home = Home::new("[storage]\ndata_dir = \"data\"\nmin_free_mb = 0\n[mqtt]\nmode = \"off\"\n");
    let (code, report) = doctor(&home, "unix:path=/nowhere/bus", &[]);
    assert_eq!(code, 0, "{report:#}");
    for check in ["system bus", "adapter", "sensor", "contact", "battery"] {
        assert_eq!(line(&report, check)["state"], "skipped");
    }
    assert_eq!(line(&report, "adapter")["found"], "not used: sensor.kind is \"simulated\"");
    assert!(!home.data_dir().exists());
    let text = home.command(&["doctor"]).env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus").output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("\nmodel          ok       trees-"), "{text}");
}

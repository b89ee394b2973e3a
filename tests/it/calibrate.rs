//! `crampwatch calibrate` as a user runs it: on a simulated sensor, a recording, the BlueZ double, and beside a daemon.

use std::process::Output;

use serde_json::Value;

use crate::bluez::Bluez;
use crate::harness::{Home, eventually};

/// Played so fast that three minutes take some seconds.
const SIMULATED: &str = "[person]\ntime_zone = \"UTC\"\n[leg]\nside = \"right\"\n[sensor.simulated]\nseed = 4\nspeed = 60.0\n\
                         [storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"off\"\n";

fn replay(file: &str) -> String {
    format!(
        "[sensor]\nkind = \"replay\"\n[sensor.replay]\nfile = \"{file}\"\nspeed = 400.0\n[storage]\ndata_dir = \"data\"\n\
         [mqtt]\nmode = \"off\"\n"
    )
}

fn run(home: &Home, arguments: &[&str]) -> Output {
    home.command(&[&["calibrate"], arguments].concat()).output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", err(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_simulated_session_guides_measures_and_stores_only_when_asked_to() {
    let home = Home::new(SIMULATED);
    assert!(out(&run(&home, &["--show"])).contains("me_right is not calibrated yet"));
    let rehearsal = run(&home, &[]);
    assert!(rehearsal.status.success(), "{}", err(&rehearsal));
    let text = out(&rehearsal);
    let order =
        ["right leg", "sensor is simulated", "contact:", "rest, 60 s:", "flex 1 of 3, 5 s: NOW", "stretch, 20 s:"];
    let places: Vec<usize> =
        order.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("Calibrated me_right, not stored."), "{text}");
    assert!(out(&run(&home, &["--show"])).contains("not calibrated yet"));

    let measured = json(&run(&home, &["--store", "--format", "json"]));
    assert_eq!((&measured["stored"], &measured["source"]), (&Value::Bool(true), &Value::from("simulated")));
    let shown = json(&run(&home, &["--show", "--format", "json"]));
    assert_eq!(shown["leg"], "me_right");
    for (channel, label) in [(0, "EMG LG"), (1, "EMG MG")] {
        let row = &shown["calibrations"][channel];
        assert_eq!((&row["channel"], &row["at"]), (&Value::from(label), &measured["at"]));
        let (rest, mvc) = (row["rest_rms_uv"].as_f64().unwrap(), row["mvc_rms_uv"].as_f64().unwrap());
        assert!((1.0..15.0).contains(&rest) && mvc > 10.0 * rest, "{row}");
    }
}

#[test]
fn a_recording_without_flexes_gives_rest_only_and_says_so() {
    let home = Home::new(&replay("nights/p1_n1.edf"));
    let simulate = ["simulate", "--out", "nights", "--hours", "0.2", "--density", "0", "--cramps", "0", "--no-faults"];
    assert!(home.command(&simulate).output().unwrap().status.success());
    let output = run(&home, &["--store"]);
    assert!(output.status.success(), "{}", err(&output));
    let text = out(&output);
    assert!(
        text.contains("This is a recording") && text.contains("No flex was seen: nothing reached 6 times"),
        "{text}"
    );
    assert!(text.contains("only its resting level is known"), "{text}");
    let shown = json(&run(&home, &["--show", "--format", "json"]));
    assert_eq!(shown["calibrations"][0]["mvc_rms_uv"], Value::Null, "{shown}");
    assert!(shown["calibrations"][0]["rest_rms_uv"].as_f64().unwrap() > 1.0);
}

#[test]
fn a_recording_that_ends_too_soon_stores_nothing_and_fails() {
    let home = Home::new(&replay("nights/p1_n1.edf"));
    let simulate = ["simulate", "--out", "nights", "--hours", "0.03", "--density", "0", "--cramps", "0", "--no-faults"];
    assert!(home.command(&simulate).output().unwrap().status.success());
    let output = run(&home, &["--store"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains("nothing was stored") && err(&output).contains("the recording ended"),
        "{}",
        err(&output)
    );
    assert!(out(&run(&home, &["--show"])).contains("not calibrated yet"));
}

#[test]
fn beside_a_daemon_it_says_what_to_do_and_a_daemon_beside_it_refuses_too() {
    let home = Home::new(SIMULATED);
    let mut daemon = home.start();
    let output = run(&home, &["--store"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("systemctl stop crampwatch"), "{}", err(&output));
    assert_eq!(daemon.terminate(), Some(0));
    assert!(run(&home, &["--store"]).status.success());
}

#[test]
fn a_stopped_session_stores_nothing() {
    let home = Home::new(&SIMULATED.replace("60.0", "1.0"));
    let mut child = home.command(&["calibrate", "--store"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    // The folder is taken as soon as the session begins.
    eventually("the session runs", std::time::Duration::from_secs(20), || home.data_dir().join("daemon.lock").exists());
    std::thread::sleep(std::time::Duration::from_secs(1));
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(out(&run(&home, &["--show"])).contains("not calibrated yet"));
}

#[test]
fn a_bluetooth_sensor_is_found_measured_and_let_go() {
    let bluez = Bluez::start(&["--speed", "20", "--night-h", "1", "--cramps", "0", "--disconnect-ms", "100"]);
    let home = Home::new("[sensor]\nkind = \"bluetooth\"\n[storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"off\"\n");
    let mut command = home.command(&["calibrate", "--format", "json"]);
    let output = command.env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address()).output().unwrap();
    let measured = json(&output);
    assert_eq!((&measured["stored"], &measured["source"]), (&Value::Bool(true), &Value::from("live")));
    assert!(err(&output).contains("Before you begin") && err(&output).contains("set off a cramp"), "{}", err(&output));
    assert_eq!(measured["channels"].as_array().unwrap().len(), 2, "{measured}");
    assert_eq!(bluez.counters(0)["linked"], false, "the sensor was let go");
    let shown = json(&run(&home, &["--show", "--format", "json"]));
    assert_eq!(shown["calibrations"].as_array().unwrap().len(), 2, "{shown}");
}

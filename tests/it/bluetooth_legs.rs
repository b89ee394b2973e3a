//! Two sensors that make one leg, and two legs of one person: daemons against the BlueZ double.

use std::fmt::Write as _;
use std::time::Duration;

use crate::bluez::Bluez;
use crate::harness::{Broker, Home, Subscriber, eventually};

const FOUND: Duration = Duration::from_secs(25);

/// Two minutes of an NPG Lite at rest: counter and three 12-bit channels, ten samples a notification.
fn npg_tape() -> String {
    let mut tape = "service 4fafc201-1fb5-459e-8fcc-c5c9c331914b\nchar beb5483e-36e1-4688-b7f5-ea07361b26a8 notify\n\
                    char 0000ff01-0000-1000-8000-00805f9b34fb read,write,notify\n\
                    start 0000ff01-0000-1000-8000-00805f9b34fb 5354415254\n\
                    stop 0000ff01-0000-1000-8000-00805f9b34fb 53544F50\n"
        .to_owned();
    let mut noise = 1_u32;
    for packet in 0..6000_u32 {
        let seconds = f64::from(packet) * 0.02;
        write!(tape, "{seconds:.3} beb5483e-36e1-4688-b7f5-ea07361b26a8 ").unwrap();
        for sample in 0..10 {
            write!(tape, "{:02X}", (packet * 10 + sample) % 256).unwrap();
            for _ in 0..3 {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                write!(tape, "{:04X}", 2028 + (noise >> 24) % 41).unwrap();
            }
        }
        tape.push('\n');
    }
    tape
}

/// Two minutes of a Polar H10 that lies flat: 20 samples a notification, 200 Hz.
fn polar_tape() -> String {
    const DATA: &str = "fb005c82-02e7-f387-1cad-8acd2d8df0c8";
    const CONTROL: &str = "fb005c81-02e7-f387-1cad-8acd2d8df0c8";
    let mut tape = format!(
        "service fb005c80-02e7-f387-1cad-8acd2d8df0c8\nchar {DATA} notify\nchar {CONTROL} read,write,notify,indicate\n\
         start {CONTROL} 0202\nanswer {CONTROL} 0202 F0020200\nanswer {CONTROL} 0302 F0030200\nstop {CONTROL} 0302\n"
    );
    for packet in 0..1200_u64 {
        let stamp_nanos = 1_000_000_000 + packet * 100_000_000;
        let seconds = 0.1 + packet as f64 * 0.1;
        write!(tape, "{seconds:.3} {DATA} 02").unwrap();
        stamp_nanos.to_le_bytes().iter().for_each(|byte| write!(tape, "{byte:02X}").unwrap());
        tape.push_str("01");
        for sample in 0..20_u64 {
            // 1 g on Z with a little noise.
            let z = 995 + (packet * 7 + sample * 3) as i16 % 11;
            [3_i16, -2, z]
                .iter()
                .flat_map(|axis| axis.to_le_bytes())
                .for_each(|byte| write!(tape, "{byte:02X}").unwrap());
        }
        tape.push('\n');
    }
    tape
}

fn tapes() -> Bluez {
    let scenario = "[[sensor]]\nkind = \"tape\"\nname = \"NPG-Lite-3CH:AA:01\"\n\
                    advertised = [\"4fafc201-1fb5-459e-8fcc-c5c9c331914b\"]\nfile = \"npg.tape\"\n\
                    [[sensor]]\nkind = \"tape\"\nname = \"Polar H10 00000001\"\nfile = \"polar.tape\"\n";
    Bluez::with_files(&[("scenario.toml", scenario), ("npg.tape", &npg_tape()), ("polar.tape", &polar_tape())], &[])
}

fn config(port: u16, base: &str, side: &str, sensor: &str) -> String {
    format!(
        "[person]\ntime_zone = \"UTC\"\n[leg]\nside = \"{side}\"\n[storage]\ndata_dir = \"data\"\n\
         [mqtt]\nmode = \"external\"\nport = {port}\nbase_topic = \"{base}\"\n[sensor]\nkind = \"bluetooth\"\n{sensor}"
    )
}

fn newest(subscriber: &Subscriber, topic: &str) -> String {
    subscriber.messages().iter().rev().find(|m| m.topic == topic).map(|m| m.text.clone()).unwrap_or_default()
}

#[test]
fn emg_of_one_sensor_and_acceleration_of_another_make_one_night_and_emg_goes_on_alone() {
    let bluez = tapes();
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let pair =
        "[sensor.bluetooth]\nprofile = \"npg-lite-3ch\"\n[sensor.bluetooth.acceleration]\nprofile = \"polar-h10\"\n";
    let home = Home::new(&config(broker.port, "crampwatch", "left", pair));
    let mut daemon = home.start_on_bus(&bluez.address());
    eventually("both stream", FOUND, || home.log().matches("The sensor streams.").count() == 2);
    eventually("the leg is there", FOUND, || newest(&subscriber, "crampwatch/me_left/availability") == "online");
    std::thread::sleep(Duration::from_secs(8));
    bluez.command("@1 range out");
    let self_test = "crampwatch/bridge/self_test";
    eventually("the lost acceleration is told", Duration::from_secs(10), || {
        newest(&subscriber, self_test).contains("acceleration sensor: the sensor is not connected")
    });
    let before = taken_by_somebody(&bluez);
    eventually("the EMG goes on", FOUND, || taken_by_somebody(&bluez) > before + 100);
    assert_eq!(newest(&subscriber, "crampwatch/me_left/availability"), "online");
    assert_eq!(daemon.terminate(), Some(0));
    let nights = home.data_dir().join("nights");
    let segments = edf_files(&nights);
    let header = std::fs::read(&segments[0]).unwrap();
    let header = String::from_utf8_lossy(&header[..2048]).into_owned();
    assert!(header.contains("EMG 1") && header.contains("EMG 3") && header.contains("ACC"), "{header}");
}

/// EMG notifications that had a subscriber.
fn taken_by_somebody(bluez: &Bluez) -> u64 {
    bluez.counters(0)["sent"]["beb5483e-36e1-4688-b7f5-ea07361b26a8"].as_u64().unwrap_or(0)
}

fn edf_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(edf_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "edf") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn a_pair_that_makes_no_leg_is_refused_at_the_start() {
    for (sensor, words) in [
        ("[sensor.bluetooth]\nprofile = \"polar-h10\"\n", "polar-h10 has no EMG"),
        ("[sensor.bluetooth.acceleration]\nprofile = \"npg-lite-3ch\"\n", "npg-lite-3ch has no acceleration"),
    ] {
        let home = Home::new(&config(1, "crampwatch", "left", sensor));
        let output = home.command(&["run"]).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(words), "{error}");
        assert!(error.contains("firmware-config list"), "{error}");
    }
}

#[test]
fn both_legs_are_watched_by_two_daemons_on_one_bus_and_one_broker() {
    let scenario = "[[sensor]]\nkind = \"leg\"\ncramps = 0\n[[sensor]]\nkind = \"leg\"\nseed = 4\ncramps = 0\n";
    let bluez = Bluez::with_files(&[("scenario.toml", scenario)], &[]);
    let broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let address = |n: u8| format!("[sensor.bluetooth]\naddress = \"C0:FF:EE:00:00:0{n}\"\n");
    let left = Home::new(&config(broker.port, "crampwatch/left", "left", &address(1)));
    let right = Home::new(&config(broker.port, "crampwatch/right", "right", &address(2)));
    let mut daemons = [left.start_on_bus(&bluez.address()), right.start_on_bus(&bluez.address())];
    for (home, sensor, leg) in [(&left, 0, "crampwatch/left/me_left"), (&right, 1, "crampwatch/right/me_right")] {
        eventually("its sensor streams", FOUND, || home.log().contains("The sensor streams."));
        eventually("its leg is there", FOUND, || newest(&subscriber, &format!("{leg}/availability")) == "online");
        assert_eq!(bluez.counters(sensor)["streaming"], true);
    }
    bluez.command("@1 drop");
    std::thread::sleep(Duration::from_secs(8));
    eventually("the other streams again", FOUND, || bluez.counters(1)["streaming"] == true);
    assert_eq!(bluez.counters(0)["connects"], 1, "the first leg was not touched");
    for leg in ["crampwatch/left/me_left", "crampwatch/right/me_right"] {
        eventually("its leg is there", FOUND, || newest(&subscriber, &format!("{leg}/availability")) == "online");
    }
    // Two clients of one name would throw each other off the broker again and again.
    for home in [&left, &right] {
        assert!(!home.log().contains("closed the connection"), "{}", home.log());
    }
    daemons.iter_mut().for_each(|daemon| assert_eq!(daemon.terminate(), Some(0)));
}

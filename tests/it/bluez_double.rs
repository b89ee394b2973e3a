//! The BlueZ double behaves as bluetoothd was measured to, so that tests against it prove something.

use std::time::{Duration, Instant};

use crampwatch::sensor::Frame;

use crate::bluez::Bluez;
use crate::bluez_client::{ADAPTER, Client, DEVICE, Properties, Signal};
use crate::harness::eventually;

pub(crate) const DATA: &str = "02216729-9585-41a5-b54a-613bf79693a4";
pub(crate) const CONTROL: &str = "0221672a-9585-41a5-b54a-613bf79693a4";
pub(crate) const INFO: &str = "0221672b-9585-41a5-b54a-613bf79693a4";
const BATTERY: &str = "0221672c-9585-41a5-b54a-613bf79693a4";
pub(crate) const SOON: Duration = Duration::from_secs(5);

/// A short quiet night, and a bluetoothd that does not take 2 s to disconnect.
const QUICK: &[&str] = &["--disconnect-ms", "100", "--night-h", "0.2", "--cramps", "0"];

pub(crate) fn start(more: &[&str]) -> (Bluez, Client) {
    let bluez = Bluez::start(&[QUICK, more].concat());
    let client = Client::new(&bluez.address());
    (bluez, client)
}

pub(crate) fn connected(more: &[&str]) -> (Bluez, Client) {
    let (bluez, client) = start(more);
    client.discover();
    client.connect();
    (bluez, client)
}

/// Subscribed to data and control, and started.
pub(crate) fn streaming(more: &[&str]) -> (Bluez, Client, String) {
    let (bluez, client) = connected(more);
    let (data, control) = (client.characteristic(DATA), client.characteristic(CONTROL));
    client.start_notify(&data).unwrap();
    client.start_notify(&control).unwrap();
    client.write(&control, &[1]).unwrap();
    eventually("START is answered", SOON, || client.values(&control) == [[0x81, 0]]);
    (bluez, client, data)
}

pub(crate) fn await_frames(client: &Client, data: &str, count: usize) {
    let before = client.values(data).len();
    eventually("frames arrive", SOON, || client.values(data).len() >= before + count);
}

fn sequences(frames: &[Vec<u8>]) -> Vec<u16> {
    frames.iter().map(|bytes| Frame::decode(bytes).unwrap().header.sequence).collect()
}

/// Names of the changed properties of an object, in the order of the signals.
fn changes(client: &Client, of: &str) -> Vec<String> {
    client.signals(|signals| {
        let of_object = signals.iter().filter_map(|signal| match signal {
            Signal::Changed(path, properties) if path == of => Some(properties.keys().cloned().collect::<Vec<_>>()),
            _ => None,
        });
        of_object.flatten().collect()
    })
}

fn new_device(signal: &Signal) -> Option<Properties> {
    match signal {
        Signal::Added(path, interfaces) if path == DEVICE => Some(interfaces["org.bluez.Device1"].clone()),
        _ => None,
    }
}

pub(crate) fn is_removal(signal: &Signal, of: &str) -> bool {
    matches!(signal, Signal::Removed(path) if path == of)
}

#[test]
fn a_sensor_is_found_by_its_address_first_and_its_name_later() {
    let (_bluez, client) = start(&[]);
    assert!(!client.has_object(DEVICE));
    client.discover_without_stopping();
    let mut first = None;
    eventually("the object is told of", SOON, || {
        first = client.signals(|signals| signals.iter().find_map(new_device));
        first.is_some()
    });
    let first = first.unwrap();
    assert_eq!(String::try_from(first["Alias"].clone()).unwrap(), "C0-FF-EE-00-00-01");
    assert!(!first.contains_key("Name"));
    assert!(first.contains_key("RSSI"));
    eventually("the name comes with the scan response", SOON, || {
        let properties = client.properties(DEVICE, "org.bluez.Device1");
        properties.get("Name").is_some_and(|name| String::try_from(name.clone()).unwrap() == "CrampLeg 00:01")
    });
    assert!(changes(&client, DEVICE).contains(&"RSSI".to_owned()));
    client.adapter("StopDiscovery").unwrap();
    assert!(!client.properties(DEVICE, "org.bluez.Device1").contains_key("RSSI"));
}

#[test]
fn every_object_has_the_properties_without_which_btleplug_skips_it() {
    let (_bluez, client) = connected(&[]);
    let needed: [(&str, &str, &[&str]); 2] = [
        (
            "org.bluez.Adapter1",
            ADAPTER,
            &["Address", "AddressType", "Name", "Alias", "Powered", "Discovering", "Modalias"],
        ),
        (
            "org.bluez.Device1",
            DEVICE,
            &[
                "Address",
                "AddressType",
                "Paired",
                "Connected",
                "ServicesResolved",
                "Trusted",
                "Blocked",
                "LegacyPairing",
            ],
        ),
    ];
    for (interface, path, names) in needed {
        let properties = client.properties(path, interface);
        assert!(names.iter().all(|name| properties.contains_key(*name)), "{interface}: {properties:?}");
    }
    for interfaces in client.objects().values() {
        if let Some(service) = interfaces.get("org.bluez.GattService1") {
            assert!(service.contains_key("UUID") && service.contains_key("Primary"));
        }
        if let Some(characteristic) = interfaces.get("org.bluez.GattCharacteristic1") {
            assert!(characteristic.contains_key("UUID") && characteristic.contains_key("Flags"));
            assert_eq!(u16::try_from(characteristic["MTU"].clone()).unwrap(), 517);
        }
    }
}

#[test]
fn services_and_characteristics_are_child_nodes_of_the_introspection() {
    let (_bluez, client) = connected(&[]);
    assert_eq!(client.children("/org/bluez/hci0"), ["dev_C0_FF_EE_00_00_01"]);
    assert_eq!(client.children(DEVICE), ["service0010"]);
    let service = format!("{DEVICE}/service0010");
    let characteristics = client.children(&service);
    assert_eq!(characteristics, ["char0011", "char0014", "char0017", "char0019"]);
    assert_eq!(client.children(&format!("{service}/char0011")), ["desc0013"]);
    assert_eq!(client.characteristic(DATA), format!("{service}/char0011"));
}

#[test]
fn a_second_discovery_is_refused_and_a_third_client_does_not_mind() {
    let (bluez, client) = start(&[]);
    client.adapter("StartDiscovery").unwrap();
    assert_eq!(
        client.adapter("StartDiscovery").unwrap_err(),
        "org.bluez.Error.InProgress: Operation already in progress"
    );
    let other = Client::new(&bluez.address());
    assert_eq!(other.adapter("StopDiscovery").unwrap_err(), "org.bluez.Error.Failed: No discovery started");
    other.adapter("StartDiscovery").unwrap();
    client.adapter("StopDiscovery").unwrap();
    assert_eq!(bluez.command("state")["discovering"], 1);
    other.leave();
    eventually("a client that left scans no longer", SOON, || bluez.command("state")["discovering"] == 0);
}

#[test]
fn an_object_that_was_never_connected_vanishes_after_a_while() {
    let (_bluez, client) = start(&["--temporary-s", "0.5"]);
    client.discover();
    eventually("the object vanishes", SOON, || !client.has_object(DEVICE));
    eventually("its removal is told of", SOON, || client.signals(|all| all.iter().any(|one| is_removal(one, DEVICE))));
    let refused = client.device("Connect").unwrap_err();
    assert!(
        refused.starts_with("org.freedesktop.DBus.Error.UnknownObject: Method \"Connect\" with signature \"\""),
        "{refused}"
    );
}

#[test]
fn an_object_can_vanish_as_soon_as_scanning_stops_but_not_once_it_was_connected() {
    let (bluez, client) = start(&[]);
    bluez.command("vanish-at-stop on");
    client.discover();
    assert!(!client.has_object(DEVICE));
    bluez.command("vanish-at-stop off");
    client.discover();
    client.connect();
    client.device("Disconnect").unwrap();
    bluez.command("vanish-at-stop on");
    client.discover();
    assert!(client.has_object(DEVICE));
}

#[test]
fn connect_answers_ok_when_connected_and_in_progress_when_connecting() {
    let (bluez, client) = start(&[]);
    client.discover();
    bluez.command("connect slow 0.5");
    let first = client.call_later(DEVICE, "org.bluez.Device1", "Connect");
    eventually("it connects", SOON, || bluez.counters(0)["connecting"] == true);
    assert_eq!(client.device("Connect").unwrap_err(), "org.bluez.Error.InProgress: In Progress");
    first.join().unwrap().unwrap();
    assert!(client.device_is("Connected"));
    client.device("Connect").unwrap();
    let resolved = || client.device_is("ServicesResolved");
    eventually("services resolve after the answer", SOON, resolved);
}

#[test]
fn disconnect_takes_a_hanging_connect_back() {
    let (bluez, client) = start(&[]);
    client.discover();
    bluez.command("connect hang");
    let hanging = client.call_later(DEVICE, "org.bluez.Device1", "Connect");
    eventually("it hangs", SOON, || bluez.counters(0)["connecting"] == true);
    client.device("Disconnect").unwrap();
    assert_eq!(hanging.join().unwrap().unwrap_err(), "org.bluez.Error.Failed: br-connection-canceled");
    bluez.command("connect fail");
    assert_eq!(client.device("Connect").unwrap_err(), "org.bluez.Error.Failed: le-connection-abort-by-local");
    bluez.command("connect ok");
    client.connect();
    // Not connected: a success as well.
    client.device("Disconnect").unwrap();
    client.device("Disconnect").unwrap();
}

#[test]
fn a_subscription_without_a_link_succeeds_and_works_from_the_next_connection() {
    let (bluez, client) = connected(&[]);
    let battery = client.characteristic(BATTERY);
    client.device("Disconnect").unwrap();
    client.start_notify(&battery).unwrap();
    bluez.command("battery 41");
    client.connect();
    bluez.command("battery 40");
    eventually("the battery is notified", SOON, || client.values(&battery) == [[40]]);
    assert_eq!(client.read(&battery).unwrap(), [40]);
}

#[test]
fn after_a_lost_link_notifications_are_on_again_before_anybody_subscribes() {
    let (bluez, client, data) = streaming(&[]);
    await_frames(&client, &data, 3);
    client.forget_signals();
    bluez.command("drop");
    eventually("the link is lost", SOON, || !client.device_is("Connected"));
    eventually("both are told of", SOON, || changes(&client, DEVICE) == ["ServicesResolved", "Connected"]);
    let control = client.characteristic(CONTROL);
    assert_eq!(client.write(&control, &[1]).unwrap_err(), "org.bluez.Error.Failed: Not connected");
    client.connect();
    let before = client.values(&data).len();
    client.write(&control, &[1]).unwrap();
    eventually("frames without a new subscription", SOON, || client.values(&data).len() >= before + 3);
    assert_eq!(bluez.counters(0)["start_notifies"], 2);
    // A disconnection stops streaming, and START begins a new count.
    assert_eq!(sequences(&client.values(&data))[before..before + 2], [0, 1]);
}

#[test]
fn what_is_read_appears_as_a_notification_too() {
    let (_bluez, client) = connected(&[]);
    let info = client.characteristic(INFO);
    let read = client.read(&info).unwrap();
    assert_eq!(read.len(), 40);
    assert_eq!(read[..12], [1, 2, 50, 3, 0xE8, 3, 1, 0, 100, 0, 1, 0]);
    assert_eq!((&read[12..16], &read[16..20]), (&0.1_f32.to_le_bytes()[..], &(1.0_f32 / 4096.0).to_le_bytes()[..]));
    eventually("the value is notified", SOON, || client.values(&info) == [read.clone()]);
    let refused = client.read(&client.characteristic(DATA)).unwrap_err();
    assert_eq!(refused, "org.bluez.Error.NotPermitted: Read not permitted");
    assert_eq!(client.start_notify(&info).unwrap_err(), "org.bluez.Error.NotSupported: Operation is not supported");
}

#[test]
fn the_leg_sensor_speaks_the_protocol_and_no_frame_that_was_sent_is_missing() {
    let (bluez, client, data) = streaming(&["--speed", "20"]);
    let control = client.characteristic(CONTROL);
    // START again, CONFIGURE while streaming, nonsense.
    for command in [&[1][..], &[3, 2, 50], &[9]] {
        client.write(&control, command).unwrap();
    }
    await_frames(&client, &data, 400);
    for command in [&[2][..], &[3, 2, 60], &[3, 1, 40]] {
        client.write(&control, command).unwrap();
    }
    let answers = [[0x81, 0], [0x81, 0], [0x83, 2], [0x89, 1], [0x82, 0], [0x83, 3], [0x83, 0]];
    eventually("all commands are answered", SOON, || client.values(&control) == answers);
    let sent = bluez.counters(0)["sent"][DATA].as_u64().unwrap() as usize;
    eventually("all arrive", SOON, || client.values(&data).len() == sent);
    let frames = client.values(&data);
    let mut next = None;
    for (number, bytes) in frames.iter().enumerate() {
        let frame = Frame::decode(bytes).unwrap();
        assert_eq!((bytes.len(), usize::from(frame.header.sequence)), (244, number));
        assert_eq!(frame.header.emg_first, next.unwrap_or(frame.header.emg_first));
        assert_eq!(u32::from(frame.header.acc_first), frame.header.emg_first / 10);
        next = Some(frame.header.emg_first + 50);
    }
    let first = Frame::decode(&frames[0]).unwrap().header.emg_first;
    assert_eq!(bluez.counters(0)["sent_samples"], serde_json::json!([[first, next.unwrap()]]));
    client.forget_signals();
    client.write(&control, &[1]).unwrap();
    await_frames(&client, &data, 1);
    let one = &client.values(&data)[0];
    assert_eq!((Frame::decode(one).unwrap().emg_channels(), Frame::decode(one).unwrap().emg_samples()), (1, 40));
}

#[test]
fn a_sensor_with_a_small_mtu_does_not_start() {
    let (bluez, client) = connected(&[]);
    bluez.command("mtu 100");
    let control = client.characteristic(CONTROL);
    client.start_notify(&control).unwrap();
    client.write(&control, &[1]).unwrap();
    eventually("START is refused", SOON, || client.values(&control) == [[0x81, 3]]);
    assert_eq!(bluez.counters(0)["streaming"], false);
}

#[test]
fn a_stalled_link_keeps_two_seconds_and_drops_the_oldest() {
    let (bluez, client, data) = streaming(&["--speed", "20"]);
    await_frames(&client, &data, 5);
    bluez.command("stall on");
    eventually("the ring runs over", SOON, || bluez.counters(0)["ring_dropped"].as_u64() > Some(10));
    client.forget_signals();
    bluez.command("stall off");
    await_frames(&client, &data, 60);
    let dropped = bluez.counters(0)["ring_dropped"].as_u64().unwrap();
    let counters = bluez.counters(0);
    let stretches = counters["sent_samples"].as_array().unwrap();
    assert_eq!(stretches.len(), 2);
    assert_eq!(stretches[1][0].as_u64().unwrap() - stretches[0][1].as_u64().unwrap(), dropped * 50);
    let numbers = sequences(&client.values(&data));
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}

#[test]
fn frames_are_doubled_swapped_damaged_and_lost_on_demand() {
    let (bluez, client, data) = streaming(&["--speed", "5"]);
    await_frames(&client, &data, 2);
    client.forget_signals();
    bluez.command("duplicate 2");
    eventually("two are doubled", SOON, || bluez.counters(0)["duplicated"] == 2);
    bluez.command("reorder 1");
    await_frames(&client, &data, 3);
    let numbers = sequences(&client.values(&data));
    assert_eq!(numbers.windows(2).filter(|pair| pair[0] == pair[1]).count(), 2);
    assert_eq!(numbers.windows(2).filter(|pair| pair[1] < pair[0]).count(), 1, "{numbers:?}");
    bluez.command("corrupt 4");
    eventually("four are damaged", SOON, || bluez.counters(0)["corrupted"] == 4);
    bluez.command("lose 3");
    eventually("three are lost", SOON, || bluez.counters(0)["lost"] == 3);
    await_frames(&client, &data, 2);
    // A damaged counter still makes a frame.
    let broken = client.values(&data).iter().filter(|bytes| Frame::decode(bytes).is_err()).count();
    assert_eq!(broken, 3);
    let stretches: Vec<(u64, u64)> = serde_json::from_value(bluez.counters(0)["sent_samples"].clone()).unwrap();
    let missing: u64 = stretches.windows(2).map(|pair| pair[1].0 - pair[0].1).sum();
    assert_eq!(missing, (4 + 3) * 50, "{stretches:?}");
}

#[test]
fn a_button_press_and_a_loose_electrode_are_flagged() {
    let (bluez, client, data) = streaming(&["--speed", "5"]);
    bluez.command("press");
    await_frames(&client, &data, 20);
    let flagged = |marker: bool| {
        let frames = client.values(&data);
        let headers = frames.iter().map(|bytes| Frame::decode(bytes).unwrap().header);
        headers.filter(|header| if marker { header.marker } else { header.lead_off }).count()
    };
    assert_eq!(flagged(true), 10);
    bluez.command("lead-off on");
    eventually("the electrode is off", SOON, || flagged(false) > 0);
}

const SCENARIO: &str = r#"
[[sensor]]
kind = "tape"
name = "NPG-Lite-3CH:AA:01"
advertised = ["4fafc201-1fb5-459e-8fcc-c5c9c331914b"]
manufacturer = { company = 107, hex = "7208" }
file = "npg.tape"

[[sensor]]
kind = "leg"
"#;
const TAPE: &str = "\
service 4fafc201-1fb5-459e-8fcc-c5c9c331914b
char beb5483e-36e1-4688-b7f5-ea07361b26a8 notify    # data
char 0000ff01-0000-1000-8000-00805f9b34fb read,write,notify
service 180f
char 2a19 read
read 2a19 57
start 0000ff01-0000-1000-8000-00805f9b34fb 5354415254
stop 0000ff01-0000-1000-8000-00805f9b34fb 53544F50
answer 0000ff01-0000-1000-8000-00805f9b34fb 57484F5255 4E50472D4C495445
0.00 beb5483e-36e1-4688-b7f5-ea07361b26a8 00 01
0.05 beb5483e-36e1-4688-b7f5-ea07361b26a8 01 02
repeat 0.1
";

#[test]
fn a_tape_plays_from_start_to_stop_again_and_again() {
    let bluez = Bluez::with_files(&[("scenario.toml", SCENARIO), ("npg.tape", TAPE)], QUICK);
    let client = Client::new(&bluez.address());
    client.discover();
    client.connect();
    let properties = client.properties(DEVICE, "org.bluez.Device1");
    assert!(properties.contains_key("ManufacturerData"));
    assert_eq!(client.read(&client.characteristic("00002a19-0000-1000-8000-00805f9b34fb")).unwrap(), [0x57]);
    let data = client.characteristic("beb5483e-36e1-4688-b7f5-ea07361b26a8");
    let control = client.characteristic("0000ff01-0000-1000-8000-00805f9b34fb");
    client.start_notify(&data).unwrap();
    client.start_notify(&control).unwrap();
    client.write(&control, b"WHORU").unwrap();
    eventually("it says who it is", SOON, || client.values(&control) == [b"NPG-LITE"]);
    assert!(client.values(&data).is_empty());
    let began = Instant::now();
    client.write(&control, b"START").unwrap();
    eventually("it repeats", SOON, || client.values(&data).len() >= 5);
    assert!(began.elapsed() > Duration::from_millis(150));
    assert_eq!(client.values(&data)[..4], [[0, 1], [1, 2], [0, 1], [1, 2]]);
    client.write(&control, b"STOP").unwrap();
    assert_eq!(bluez.counters(0)["streaming"], false);
    assert_eq!(bluez.counters(1)["address"], "C0:FF:EE:00:00:02");
}

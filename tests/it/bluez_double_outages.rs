//! What fails around the BlueZ double fails as with bluetoothd: silence, kills, adapters, range, the bus.

use std::time::Duration;

use crampwatch::sensor::Frame;

use crate::bluez_client::{ADAPTER, Client, DEVICE};
use crate::bluez_double::{CONTROL, DATA, INFO, SOON, await_frames, connected, is_removal, start, streaming};
use crate::harness::eventually;

#[test]
fn a_silent_sensor_stays_connected_and_its_counter_goes_on() {
    let (bluez, client, data) = streaming(&["--speed", "10"]);
    await_frames(&client, &data, 2);
    bluez.command("silence on");
    eventually("it is silent", SOON, || bluez.counters(0)["silenced"].as_u64() > Some(20));
    let before = client.values(&data);
    assert!(client.device_is("Connected"));
    bluez.command("silence off");
    await_frames(&client, &data, 1);
    let after = client.values(&data)[before.len()].clone();
    let counter = |bytes: &[u8]| Frame::decode(bytes).unwrap().header.emg_first;
    assert!(counter(&after) > counter(before.last().unwrap()) + 1000);
}

#[test]
fn a_link_from_before_the_kill_is_a_zombie_until_it_is_disconnected() {
    let (bluez, client, data) = streaming(&[]);
    await_frames(&client, &data, 2);
    bluez.command("bluetoothd kill");
    let refused = client.device("Connect").unwrap_err();
    assert!(refused.contains("org.freedesktop.DBus.Error.ServiceUnknown"), "{refused}");
    bluez.command("bluetoothd start");
    assert!(client.device_is("Connected"));
    client.device("Connect").unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert!(!client.device_is("ServicesResolved"));
    assert!(client.children(DEVICE).is_empty());
    assert!(bluez.counters(0)["streaming"].as_bool().unwrap());
    client.device("Disconnect").unwrap();
    client.connect();
    assert_eq!(client.children(DEVICE), ["service0010"]);
}

#[test]
fn killing_the_process_ends_its_name_and_a_new_one_begins_anew() {
    let (bluez, client, data) = streaming(&[]);
    await_frames(&client, &data, 2);
    bluez.kill_double();
    eventually("the name is free", SOON, || {
        client.adapter("StartDiscovery").is_err_and(|e| e.contains("ServiceUnknown"))
    });
    bluez.restart_double();
    assert!(!client.has_object(DEVICE));
    client.discover();
    client.connect();
    assert_eq!(bluez.counters(0)["streaming"], false);
}

#[test]
fn services_can_stay_unresolved_or_come_after_they_were_announced() {
    let (bluez, client) = start(&[]);
    client.discover();
    bluez.command("unresolved on");
    client.device("Connect").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(client.device_is("Connected") && !client.device_is("ServicesResolved"));
    client.device("Disconnect").unwrap();
    bluez.command("unresolved off");
    bluez.command("export-late 700");
    client.connect();
    assert!(client.children(DEVICE).is_empty());
    eventually("the services come", SOON, || !client.children(DEVICE).is_empty());
}

#[test]
fn a_sensor_that_wants_encryption_says_not_paired() {
    let (bluez, client) = connected(&[]);
    bluez.command("encryption on");
    let refused = "org.bluez.Error.NotPermitted: Not paired";
    assert_eq!(client.start_notify(&client.characteristic(DATA)).unwrap_err(), refused);
    assert_eq!(client.write(&client.characteristic(CONTROL), &[1]).unwrap_err(), refused);
    assert_eq!(client.read(&client.characteristic(INFO)).unwrap_err(), refused);
}

#[test]
fn an_adapter_that_is_off_drops_its_links_and_is_not_ready() {
    let (bluez, client) = connected(&[]);
    client.adapter("StartDiscovery").unwrap();
    bluez.command("power off");
    assert!(!client.device_is("Connected"));
    assert_eq!(client.adapter("StartDiscovery").unwrap_err(), "org.bluez.Error.NotReady: Resource Not Ready");
    assert_eq!(client.device("Connect").unwrap_err(), "org.bluez.Error.Failed: Input/output error");
    // What btleplug's start_scan does first.
    client.set_powered(true).unwrap();
    client.connect();
    bluez.command("power block");
    assert_eq!(client.set_powered(true).unwrap_err(), "org.bluez.Error.Blocked: Blocked through rfkill");
    bluez.command("power unblock");
    client.connect();
}

#[test]
fn an_adapter_that_is_pulled_out_takes_its_objects_along() {
    let (bluez, client) = connected(&[]);
    bluez.command("adapter gone");
    assert!(client.objects().is_empty());
    assert!(client.device("Connect").unwrap_err().starts_with("org.freedesktop.DBus.Error.UnknownObject"));
    bluez.command("adapter back");
    assert!(client.has_object(ADAPTER) && client.has_object(DEVICE));
    client.connect();
}

#[test]
fn a_removed_object_is_unknown_and_can_be_found_again() {
    let (bluez, client, data) = streaming(&[]);
    bluez.command("remove");
    assert!(client.device("Connect").unwrap_err().starts_with("org.freedesktop.DBus.Error.UnknownObject"));
    eventually("all below it is removed", SOON, || client.signals(|all| all.iter().any(|one| is_removal(one, &data))));
    client.discover();
    client.connect();
    // Nothing remembers the subscription.
    client.forget_signals();
    client.write(&client.characteristic(CONTROL), &[1]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(client.values(&data).is_empty());
}

#[test]
fn out_of_range_nothing_is_heard_and_a_connection_waits() {
    let (bluez, client) = connected(&[]);
    bluez.command("range out");
    assert!(!client.device_is("Connected"));
    let waiting = client.call_later(DEVICE, "org.bluez.Device1", "Connect");
    std::thread::sleep(Duration::from_millis(500));
    assert!(!waiting.is_finished());
    bluez.command("range in");
    waiting.join().unwrap().unwrap();
}

#[test]
fn sensors_live_through_the_death_of_the_bus() {
    let (mut bluez, client, data) = streaming(&[]);
    await_frames(&client, &data, 2);
    bluez.kill_bus();
    eventually("bluetoothd is gone with it", SOON, || bluez.command("state")["bluetoothd"] == false);
    bluez.restart_bus();
    bluez.command("bluetoothd start");
    let client = Client::new(&bluez.address());
    assert!(client.device_is("Connected"), "the link is a zombie");
    client.device("Disconnect").unwrap();
    client.connect();
    let data = client.characteristic(DATA);
    client.start_notify(&data).unwrap();
    client.write(&client.characteristic(CONTROL), &[1]).unwrap();
    await_frames(&client, &data, 2);
    assert!(Frame::decode(&client.values(&data)[0]).unwrap().header.emg_first > 0);
}

//! Commands from stdin: what goes wrong now, and what has become of it.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::behave::Packet;
use super::world::{ConnectMode, Peripheral, World};

/// What a command asks of bluetoothd's process, which needs more than the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    StartBluetoothd,
    KillBluetoothd,
}

/// Obeys one line. `@1 drop` speaks of the second sensor, without `@` of the first.
pub(crate) fn obey(world: &mut World, line: &str) -> anyhow::Result<(Value, Option<Outcome>)> {
    let mut words = line.split_whitespace();
    let mut command = words.next().context("no command")?;
    let mut index = 0;
    if let Some(number) = command.strip_prefix('@') {
        index = number.parse().with_context(|| format!("{number:?} is no number of a sensor"))?;
        command = words.next().context("no command behind the sensor")?;
    }
    let word = words.next().unwrap_or("");
    if index >= world.peripherals.len() {
        bail!("there are {} sensors, counted from 0", world.peripherals.len());
    }
    match (command, word) {
        ("counters", _) => {
            return Ok(((0..world.peripherals.len()).map(|index| counters(world, index)).collect(), None));
        }
        ("truth", _) => return Ok((world.peripherals[index].behaviour.truth(), None)),
        ("state", _) => return Ok((state(world), None)),
        ("bluetoothd", "kill") => {
            world.daemon = None;
            return Ok((json!({"ok": true}), Some(Outcome::KillBluetoothd)));
        }
        ("bluetoothd", "start") if world.daemon.is_some() => bail!("it runs already"),
        ("bluetoothd", "start") => return Ok((json!({"ok": true}), Some(Outcome::StartBluetoothd))),
        ("power", "on") => world.set_powered(true)?,
        ("power", "off") => world.set_powered(false)?,
        ("power", "block") => {
            world.adapter.blocked = true;
            world.set_powered(false)?;
        }
        ("power", "unblock") => {
            world.adapter.blocked = false;
            world.set_powered(true)?;
        }
        ("adapter", "gone") => world.set_present(false),
        ("adapter", "back") => world.set_present(true),
        ("vanish-at-stop", on) => world.vanish_at_stop = switch(on)?,
        ("drop", _) => world.link_down(index),
        ("remove", _) => {
            world.link_down(index);
            if world.device(index).is_some() {
                world.remove_object(index);
            }
        }
        ("battery", percent) => {
            let packet = world.peripherals[index].behaviour.set_battery(number(percent)?);
            world.hand_over(index, packet.into_iter().collect::<Vec<Packet>>());
        }
        ("connect", "slow") => {
            let seconds = number(words.next().unwrap_or(""))?;
            world.peripherals[index].connect_mode = ConnectMode::Slow(Duration::try_from_secs_f64(seconds)?);
        }
        ("range", "out") => {
            world.peripherals[index].in_range = false;
            world.link_down(index);
        }
        _ => {
            sensor_fault(&mut world.peripherals[index], command, word)?;
            world.deliver(index);
        }
    }
    Ok((json!({"ok": true}), None))
}

fn sensor_fault(peripheral: &mut Peripheral, command: &str, word: &str) -> anyhow::Result<()> {
    let faults = &mut peripheral.air.faults;
    match (command, word) {
        ("silence", on) => faults.silence = switch(on)?,
        ("stall", on) => faults.stall = switch(on)?,
        ("lose", count) => faults.lose = number(count)?,
        ("duplicate", count) => faults.duplicate = number(count)?,
        ("reorder", count) => faults.reorder = number(count)?,
        ("corrupt", count) => faults.corrupt = number(count)?,
        ("connect", "ok") => peripheral.connect_mode = ConnectMode::Works,
        ("connect", "hang") => peripheral.connect_mode = ConnectMode::Hangs,
        ("connect", "fail") => peripheral.connect_mode = ConnectMode::Fails,
        ("unresolved", on) => peripheral.unresolved = switch(on)?,
        ("export-late", ms) => peripheral.export_late = Duration::from_millis(number(ms)?),
        ("encryption", on) => peripheral.needs_encryption = switch(on)?,
        ("mtu", mtu) => peripheral.mtu = number(mtu)?,
        ("range", "in") => peripheral.in_range = true,
        ("press", _) => peripheral.behaviour.press(),
        ("stubborn", on) => peripheral.behaviour.set_stubborn(switch(on)?),
        ("lead-off", on) => peripheral.behaviour.set_lead_off(switch(on)?),
        _ => bail!("unknown command {command:?} {word:?}; they stand in examples/bluez_double/README.md"),
    }
    Ok(())
}

fn switch(word: &str) -> anyhow::Result<bool> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => bail!("expected on or off, found {word:?}"),
    }
}

fn number<T: FromStr>(word: &str) -> anyhow::Result<T> {
    word.parse().ok().with_context(|| format!("expected a number, found {word:?}"))
}

fn counters(world: &World, index: usize) -> Value {
    let peripheral = &world.peripherals[index];
    let device = world.daemon.as_ref().and_then(|daemon| daemon.devices[index].as_ref());
    let mut counters = serde_json::to_value(&peripheral.air.account).unwrap_or_default();
    counters["address"] = json!(peripheral.identity.address);
    counters["made"] = json!(peripheral.behaviour.made());
    counters["connecting"] = json!(device.is_some_and(|device| device.connecting.is_some()));
    counters["linked"] = json!(peripheral.linked);
    counters["streaming"] = json!(peripheral.behaviour.streaming());
    counters
}

fn state(world: &World) -> Value {
    let daemon = world.daemon.as_ref();
    json!({
        "bluetoothd": daemon.is_some(),
        "powered": world.adapter.powered,
        "adapter": world.adapter.present,
        "discovering": daemon.map_or(0, |daemon| daemon.discovering.len()),
        "objects": world.places().into_iter().map(|place| world.path(place)).collect::<Vec<_>>(),
    })
}

//! `crampwatch scan`.

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use super::output;
use super::run::runtime;
use crate::sensor::Profile;
use crate::sensor::ble::{FoundDevice, Wanted, scan};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch scan
  crampwatch scan --seconds 30 --format json

A device whose profile is named can be used: put its profile, and its address if there are two of them, into
[sensor.bluetooth] of crampwatch.toml. A sensor that is connected does not advertise and may be missing here.")]
pub(super) struct ScanArguments {
    /// How long to listen, 1 to 300.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    seconds: u16,
    /// How to write the list.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A table.
    Text,
    /// One JSON object.
    Json,
}

#[derive(Debug, Serialize)]
struct Listing<'a> {
    devices: Vec<Device<'a>>,
}

#[derive(Debug, Serialize)]
struct Device<'a> {
    address: &'a str,
    name: Option<&'a str>,
    rssi_dbm: Option<i16>,
    profile: Option<&'a str>,
    battery_pct: Option<u8>,
    connected: bool,
}

pub(super) fn run(arguments: &ScanArguments) -> anyhow::Result<ExitCode> {
    let known = |name| Profile::named(name).map(|profile| (name.to_owned(), Wanted::of_profile(&profile, None, None)));
    let profiles = Profile::names().map(known).collect::<Result<Vec<_>, _>>()?;
    let waiting = output::waiting(&format!("listening for {} s", arguments.seconds));
    let devices = runtime()?.block_on(scan(Duration::from_secs(arguments.seconds.into()), &profiles, |devices| {
        waiting.set_message(format!("listening for {} s, heard {devices} devices", arguments.seconds));
    }));
    waiting.finish_and_clear();
    let devices = devices?;
    output::print(&match arguments.format {
        Format::Text => table(&devices),
        Format::Json => json(&devices)?,
    })?;
    Ok(ExitCode::SUCCESS)
}

fn json(devices: &[FoundDevice]) -> anyhow::Result<String> {
    let devices = devices
        .iter()
        .map(|device| Device {
            address: &device.address,
            name: device.name.as_deref(),
            rssi_dbm: device.rssi_dbm,
            profile: device.profile.as_deref(),
            battery_pct: device.battery_pct,
            connected: device.connected,
        })
        .collect();
    Ok(serde_json::to_string_pretty(&Listing { devices })? + "\n")
}

fn table(devices: &[FoundDevice]) -> String {
    if devices.is_empty() {
        return "No device was heard. Is the sensor on, within a few metres, and not connected to something else?\n"
            .to_owned();
    }
    let mut text = format!("{:<18} {:>8}  {:<12} {:>7}  name\n", "address", "signal", "profile", "battery");
    for device in devices {
        let signal = device.rssi_dbm.map_or("-".to_owned(), |dbm| format!("{dbm} dBm"));
        let battery = device.battery_pct.map_or("-".to_owned(), |percent| format!("{percent} %"));
        let profile = device.profile.as_deref().unwrap_or("-");
        let name = device.name.as_deref().map_or("(no name)".to_owned(), printable);
        let connected = if device.connected { "  (connected)" } else { "" };
        text += &format!("{:<18} {signal:>8}  {profile:<12} {battery:>7}  {name}{connected}\n", device.address);
    }
    if devices.iter().all(|device| device.profile.is_none()) {
        text += "No profile fits any of them: see firmware-config/README.md for how to add a sensor.\n";
    }
    text
}

/// A name is anybody's to choose: control characters must not reach the terminal.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: Option<&str>, profile: Option<&str>) -> FoundDevice {
        FoundDevice {
            address: "C0:FF:EE:00:00:01".to_owned(),
            name: name.map(str::to_owned),
            rssi_dbm: Some(-61),
            profile: profile.map(str::to_owned),
            battery_pct: Some(80),
            connected: false,
        }
    }

    #[test]
    fn a_device_is_a_line_with_what_people_need() {
        let text = table(&[device(Some("CrampLeg 3F:A2"), Some("leg-sensor"))]);
        let line = "C0:FF:EE:00:00:01   -61 dBm  leg-sensor      80 %  CrampLeg 3F:A2";
        assert_eq!(text.lines().nth(1), Some(line));
    }

    #[test]
    fn names_cannot_write_to_the_terminal() {
        assert!(!table(&[device(Some("\u{1b}[2J"), None)]).contains('\u{1b}'));
    }

    #[test]
    fn nothing_heard_and_nothing_fitting_are_said_with_what_to_do() {
        assert!(table(&[]).contains("Is the sensor on"));
        assert!(table(&[device(None, None)]).contains("firmware-config/README.md"));
    }

    #[test]
    fn the_json_names_units() {
        let json = json(&[device(None, None)]).unwrap();
        assert!(json.contains("\"rssi_dbm\": -61") && json.contains("\"name\": null"), "{json}");
    }
}

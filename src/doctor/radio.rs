//! The system bus, bluetoothd and the adapter.

use std::path::Path;
use std::time::Duration;

use super::finding::Finding;
use super::judge;
use super::program::said;
use crate::sensor::ble::{ErrorClass, adapter_in_use};

const ANSWER: Duration = Duration::from_secs(3);
const RFKILL: &str = "/sys/class/rfkill";

/// The three lines, and whether the radio can be used.
pub(super) async fn radio() -> (Vec<Finding>, bool) {
    let (adapter, version) = tokio::join!(adapter_in_use(), version());
    let version = judge::bluetoothd_version(version.as_deref());
    let bus = Finding::ok("system bus", "reached, and this user may talk to bluetoothd");
    match adapter {
        Ok(name) => (vec![bus, version, Finding::ok("adapter", format!("{name}, on"))], true),
        Err(error) => (refused(error.class(), bus, version), false),
    }
}

fn refused(class: ErrorClass, bus: Finding, version: Finding) -> Vec<Finding> {
    let words = class.to_string();
    let unknown = |check| Finding::skipped(check, "not looked at: see above");
    match class {
        ErrorClass::BusLost | ErrorClass::NoPermission => {
            vec![Finding::refused("system bus", &words), unknown("bluetoothd"), unknown("adapter")]
        }
        ErrorClass::NoBluetoothd => {
            let bus = Finding::ok("system bus", "reached");
            vec![bus, Finding::refused("bluetoothd", &words), unknown("adapter")]
        }
        ErrorClass::AdapterOff => {
            vec![bus, version, blocked(Path::new(RFKILL)).unwrap_or(Finding::refused("adapter", &words))]
        }
        ErrorClass::Timeout => {
            vec![bus, Finding::refused("bluetoothd", &format!("bluetoothd: {words}")), unknown("adapter")]
        }
        _ => vec![bus, version, Finding::refused("adapter", &words)],
    }
}

/// Neither is on D-Bus: BlueZ's programs have to be asked.
async fn version() -> Option<String> {
    for program in ["bluetoothctl", "bluetoothd", "/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd"]
    {
        if let Some(said) = said(program, &["--version"], ANSWER).await {
            return Some(said);
        }
    }
    None
}

/// What rfkill says of Bluetooth, if it is blocked.
fn blocked(folder: &Path) -> Option<Finding> {
    let is = |switch: &Path, name: &str, value: &str| {
        std::fs::read_to_string(switch.join(name)).is_ok_and(|text| text.trim() == value)
    };
    let switches = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let bluetooth: Vec<_> = switches.filter(|switch| is(switch, "type", "bluetooth")).collect();
    if bluetooth.iter().any(|switch| is(switch, "hard", "1")) {
        let found = "the Bluetooth adapter is off: a switch of the device blocks it";
        return Some(Finding::failed(
            "adapter",
            found,
            "look for a switch, a key for flight mode, or a setting of the firmware",
        ));
    }
    let is_soft = bluetooth.iter().any(|switch| is(switch, "soft", "1"));
    let found = "the Bluetooth adapter is off: rfkill blocks it";
    is_soft.then(|| Finding::failed("adapter", found, "rfkill unblock bluetooth, then bluetoothctl power on"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn states(class: ErrorClass) -> Vec<State> {
        let findings = refused(class, Finding::ok("system bus", ""), Finding::ok("bluetoothd", ""));
        assert!(findings.iter().all(|finding| finding.state != State::Failed || finding.remedy.is_some()));
        findings.iter().map(|finding| finding.state).collect()
    }

    #[test]
    fn what_is_broken_is_the_line_that_fails_and_what_lies_behind_it_is_not_judged() {
        use State::{Failed, Ok, Skipped};
        assert_eq!(states(ErrorClass::BusLost), [Failed, Skipped, Skipped]);
        assert_eq!(states(ErrorClass::NoPermission), [Failed, Skipped, Skipped]);
        assert_eq!(states(ErrorClass::NoBluetoothd), [Ok, Failed, Skipped]);
        assert_eq!(states(ErrorClass::NoAdapter), [Ok, Ok, Failed]);
    }

    #[test]
    fn rfkill_tells_a_switch_from_a_setting() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(blocked(folder.path()), None);
        let switch = folder.path().join("rfkill0");
        std::fs::create_dir(&switch).unwrap();
        let write = |kind: &str, soft: &str, hard: &str| {
            for (name, value) in [("type", kind), ("soft", soft), ("hard", hard)] {
                std::fs::write(switch.join(name), format!("{value}\n")).unwrap();
            }
        };
        write("bluetooth", "1", "0");
        assert!(blocked(folder.path()).unwrap().remedy.unwrap().contains("rfkill unblock"));
        write("bluetooth", "1", "1");
        assert!(blocked(folder.path()).unwrap().found.contains("a switch"));
        write("wlan", "1", "0");
        assert_eq!(blocked(folder.path()), None);
    }
}

//! What is said to a sensor: its characteristics, and the writes that configure, start, stop and wake it.

use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;

use super::error::Fault;
use super::settings::Settings;
use super::text::hex;
use crate::sensor::session::{Characteristic, Dialogue, Role, Write};

/// Data characteristics of one sensor: more than any has.
const MOST_DATA: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RoleName {
    Data,
    Control,
    Info,
    Battery,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CharacteristicFile {
    role: RoleName,
    service: Uuid,
    uuid: Uuid,
    #[serde(default)]
    optional: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TalkFile {
    #[serde(default)]
    start: Vec<WriteFile>,
    #[serde(default)]
    stop: Vec<WriteFile>,
    keep_awake: Option<KeepAwakeFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeepAwakeFile {
    every_seconds: u32,
    write: WriteFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteFile {
    hex: Option<String>,
    text: Option<String>,
    command: Option<Command>,
    #[serde(default = "yes")]
    response: bool,
    answer: Option<String>,
}

/// Commands whose bytes follow from the rest of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Command {
    #[serde(rename = "crampwatch-start")]
    Start,
    #[serde(rename = "crampwatch-stop")]
    Stop,
    #[serde(rename = "crampwatch-configure")]
    Configure,
}

fn yes() -> bool {
    true
}

/// The checked dialogue; `configure` are the bytes of `crampwatch-configure`, for a sensor with settings.
pub(super) fn check(
    characteristics: &[CharacteristicFile],
    talk: &TalkFile,
    configure: Option<&dyn Fn() -> Vec<u8>>,
) -> Result<Dialogue, Fault> {
    let characteristics = check_characteristics(characteristics)?;
    let has_control = characteristics.iter().any(|c| c.role == Role::Control);
    let says_something = !talk.start.is_empty() || !talk.stop.is_empty() || talk.keep_awake.is_some();
    if says_something && !has_control {
        let expected = "a characteristic with role = \"control\"";
        return Err(Fault::new("talk", "given without a characteristic to write to", expected));
    }
    let all = |name: &str, files: &[WriteFile]| -> Result<Vec<Write>, Fault> {
        files.iter().enumerate().map(|(n, file)| check_write(&format!("talk.{name}[{n}]"), file, configure)).collect()
    };
    let keep_awake = match &talk.keep_awake {
        Some(file) if !(1..=3600).contains(&file.every_seconds) => {
            return Err(Fault::new("talk.keep_awake.every_seconds", file.every_seconds, "1 to 3600"));
        }
        Some(file) => Some((
            check_write("talk.keep_awake.write", &file.write, configure)?,
            Duration::from_secs(file.every_seconds.into()),
        )),
        None => None,
    };
    Ok(Dialogue { characteristics, start: all("start", &talk.start)?, stop: all("stop", &talk.stop)?, keep_awake })
}

fn check_characteristics(files: &[CharacteristicFile]) -> Result<Vec<Characteristic>, Fault> {
    let mut found: Vec<Characteristic> = Vec::new();
    let mut data = 0;
    for (n, file) in files.iter().enumerate() {
        if let Some(other) = found.iter().position(|c| c.service == file.service && c.uuid == file.uuid) {
            return Err(Fault::new(format!("characteristic[{n}].uuid"), file.uuid, "another than those before it")
                .remedy(if files[other].role == file.role {
                    "leave one of the two entries out"
                } else {
                    "a characteristic has one role: leave one of the two entries out"
                }));
        }
        let role = match file.role {
            RoleName::Data => {
                data += 1;
                Role::Data((data - 1) as u8)
            }
            RoleName::Control => Role::Control,
            RoleName::Info => Role::Info,
            RoleName::Battery => Role::Battery,
        };
        if found.iter().any(|c| c.role == role) || data > MOST_DATA {
            let expected = "one characteristic for it, or up to 16 with data";
            return Err(Fault::new(format!("characteristic[{n}].role"), format!("{role:?} once more"), expected));
        }
        found.push(Characteristic { role, service: file.service, uuid: file.uuid, optional: file.optional });
    }
    if data == 0 {
        return Err(Fault::new("characteristic", "none with data", "at least one with role = \"data\""));
    }
    Ok(found)
}

fn check_write(key: &str, file: &WriteFile, configure: Option<&dyn Fn() -> Vec<u8>>) -> Result<Write, Fault> {
    let answer = match &file.answer {
        Some(answer) => Some(hex(&format!("{key}.answer"), answer)?),
        None => None,
    };
    let (bytes, own_answer) = match (&file.hex, &file.text, file.command) {
        (Some(digits), None, None) => (hex(&format!("{key}.hex"), digits)?, None),
        (None, Some(text), None) => (text.as_bytes().to_vec(), None),
        (None, None, Some(Command::Start)) => (vec![1], Some(vec![0x81, 0])),
        (None, None, Some(Command::Stop)) => (vec![2], Some(vec![0x82, 0])),
        (None, None, Some(Command::Configure)) => {
            let Some(configure) = configure else {
                let found = "\"crampwatch-configure\" without [settings]";
                return Err(Fault::new(format!("{key}.command"), found, "a profile with [settings]"));
            };
            (configure(), Some(vec![0x83, 0]))
        }
        _ => return Err(Fault::new(key, "none or several of hex, text, command", "exactly one of them")),
    };
    if bytes.is_empty() {
        return Err(Fault::new(key, "a write of no bytes", "at least one byte"));
    }
    Ok(Write { to: Role::Control, bytes, with_response: file.response, answer: answer.or(own_answer) })
}

/// The bytes of CONFIGURE as `docs/ble-protocol.md` has them.
pub(super) fn configure_bytes(settings: &Settings) -> Vec<u8> {
    let mut bytes = vec![3, settings.emg_channels, settings.emg_samples_per_frame];
    for rate in [Some(settings.emg_rate), settings.acc_rate] {
        let (samples, seconds) = rate.map_or((0, 0), |rate| (rate.samples() as u16, rate.seconds() as u16));
        bytes.extend(samples.to_le_bytes());
        bytes.extend(seconds.to_le_bytes());
    }
    bytes.extend(settings.choices());
    bytes
}

//! How the reference leg sensor is spoken to: docs/ble-protocol.md.

use std::sync::Arc;

use super::settings::InfoCheck;
use crate::sensor::{Characteristic, Dialogue, FRAME_VERSION, Profile, Role, Write};

const START: u8 = 0x01;
const STOP: u8 = 0x02;
const CONFIGURE: u8 = 0x03;
/// An answer is the command with this bit, and a status.
const ANSWER: u8 = 0x80;
const DONE: u8 = 0;
/// Length of the info characteristic in bytes.
const INFO_BYTES: usize = 32;

/// What is said to the sensor of `profile`. It is stopped first: a link that outlived bluetoothd may still stream, and it
/// takes its settings only while stopped.
pub fn reference_dialogue(profile: &Profile) -> Dialogue {
    let characteristic = |role, uuid, optional| Characteristic { role, service: profile.find.service, uuid, optional };
    let write = |bytes: Vec<u8>| Write {
        to: Role::Control,
        answer: Some(vec![bytes[0] | ANSWER, DONE]),
        bytes,
        with_response: true,
    };
    let channels = profile.layout().emg.channels.len() as u8;
    let samples = profile.emg_samples_per_frame as u8;
    Dialogue {
        characteristics: vec![
            characteristic(Role::Data(0), profile.gatt.data, false),
            characteristic(Role::Control, profile.gatt.control, false),
            characteristic(Role::Info, profile.gatt.info, false),
            characteristic(Role::Battery, profile.gatt.battery, true),
        ],
        start: vec![write(vec![STOP]), write(vec![CONFIGURE, channels, samples]), write(vec![START])],
        stop: vec![write(vec![STOP])],
        keep_awake: None,
    }
}

/// Refuses a sensor that says something else of itself than `profile`.
pub fn reference_info_check(profile: &Profile) -> InfoCheck {
    let profile = profile.clone();
    InfoCheck(Arc::new(move |bytes| check(&profile, bytes)))
}

fn check(profile: &Profile, bytes: &[u8]) -> Result<(), String> {
    if bytes.len() != INFO_BYTES {
        return Err(format!("its info has {} bytes, expected {INFO_BYTES}; update its firmware", bytes.len()));
    }
    let u16_at = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let f32_at = |at: usize| f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let layout = profile.layout();
    let (emg, acc) = (&layout.emg, layout.acc.as_ref());
    let numbers = [
        ("frame version", u32::from(bytes[0]), u32::from(FRAME_VERSION)),
        ("EMG channels", u32::from(bytes[1]), emg.channels.len() as u32),
        ("acceleration axes", u32::from(bytes[3]), acc.map_or(0, |acc| acc.channels.len() as u32)),
        ("EMG samples", u16_at(4) * emg.rate.seconds(), emg.rate.samples() * u16_at(6)),
        (
            "acceleration samples",
            u16_at(8) * acc.map_or(1, |acc| acc.rate.seconds()),
            acc.map_or(0, |acc| acc.rate.samples()) * u16_at(10),
        ),
    ];
    if let Some((what, found, expected)) = numbers.iter().find(|(_, found, expected)| found != expected) {
        return Err(format!("it says {found} {what}, the profile {expected}; correct the profile or the firmware"));
    }
    let scales = [
        ("µV", f32_at(12), profile.emg_microvolts_per_count, true),
        ("g", f32_at(16), profile.acc_g_per_count, acc.is_some()),
    ];
    for (unit, found, expected, matters) in scales {
        let is_same = (f64::from(found) / expected - 1.0).abs() < 1e-5;
        if matters && !is_same {
            return Err(format!("it says {found} {unit} a count, the profile {expected}; correct the profile"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn info() -> Vec<u8> {
        let mut bytes = vec![1, 2, 50, 3];
        for number in [1000_u16, 1, 100, 1] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(0.1_f32.to_le_bytes());
        bytes.extend((1.0_f32 / 4096.0).to_le_bytes());
        bytes.resize(INFO_BYTES, 0);
        bytes
    }

    #[test]
    fn the_reference_sensors_info_fits_its_profile() {
        assert_eq!(check(&Profile::leg_sensor().unwrap(), &info()), Ok(()));
    }

    #[rstest]
    #[case(0, 2, "2 frame version, the profile 1")]
    #[case(1, 1, "1 EMG channels, the profile 2")]
    #[case(3, 0, "0 acceleration axes, the profile 3")]
    #[case(4, 0, "EMG samples")]
    #[case(6, 2, "EMG samples")]
    #[case(10, 0, "acceleration samples")]
    #[case(15, 0, "µV a count")]
    #[case(19, 0x7F, "g a count")]
    fn a_sensor_that_says_something_else_is_refused(#[case] at: usize, #[case] byte: u8, #[case] expected: &str) {
        let mut bytes = info();
        bytes[at] = byte;
        let message = check(&Profile::leg_sensor().unwrap(), &bytes).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn an_info_of_another_length_is_refused() {
        let message = check(&Profile::leg_sensor().unwrap(), &info()[..20]).unwrap_err();
        assert!(message.contains("20 bytes, expected 32"), "{message}");
    }

    #[test]
    fn it_is_stopped_then_configured_then_started() {
        let dialogue = reference_dialogue(&Profile::leg_sensor().unwrap());
        let bytes: Vec<&[u8]> = dialogue.start.iter().map(|write| write.bytes.as_slice()).collect();
        assert_eq!(bytes, [&[2][..], &[3, 2, 50], &[1]]);
        assert_eq!(dialogue.start[2].answer, Some(vec![0x81, 0]));
    }
}

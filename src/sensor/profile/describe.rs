//! What a profile says, as text for people.

use std::fmt::Write as _;

use super::text::write_hex;
use super::{Codec, FrameLayout, Profile, Scale};
use crate::sensor::session::{Role, Write};

/// The reference frame, for two channels and more alike.
const REFERENCE_FIELDS: [(&str, &str); 11] = [
    ("byte 0", "format version, 1"),
    ("byte 1", "flags: bit 0 lead-off, bit 1 marker"),
    ("bytes 2-3", "sequence u16"),
    ("bytes 4-7", "device sample counter u32, begins anew at 4294967296"),
    ("bytes 8-9", "index of the first acceleration sample u16"),
    ("byte 10", "battery in percent"),
    ("byte 11", "EMG channels C"),
    ("byte 12", "EMG samples per channel N"),
    ("byte 13", "acceleration samples per axis M"),
    ("2·C·N bytes", "EMG i16, interleaved"),
    ("6·M bytes", "acceleration i16, interleaved X, Y, Z"),
];
const GANGLION_FIELDS: [(&str, &str); 3] = [
    ("byte 0", "packet number: 0 to 99 with 18 bits, 100 to 199 with 19"),
    ("from byte 1", "EMG: 2 x 4 numbers of so many bits, highest bit first"),
    ("byte 19", "with 18 bits: acceleration i8 of Z, Y, X when the packet number ends in 0, 1, 2"),
];
const POLAR_FIELDS: [(&str, &str); 4] = [
    ("byte 0", "2: acceleration"),
    ("bytes 1-8", "time stamp u64 of the last sample in ns"),
    ("byte 9", "frame type: 0, 1, 2 raw with 8, 16, 24 bits; 0x81 compressed"),
    ("from byte 10", "X, Y, Z: raw, or 16 bits each and then blocks of differences"),
];

impl Profile {
    /// How the sensor is found, talked to and decoded, a line each, every line ended.
    pub fn describe(&self) -> String {
        let mut text = format!("{}: {}\n", self.name, self.title);
        self.describe_finding(&mut text);
        for characteristic in &self.dialogue.characteristics {
            let role = match characteristic.role {
                Role::Data(number) => format!("data {number}"),
                Role::Control => "control".to_owned(),
                Role::Info => "info".to_owned(),
                Role::Battery => "battery".to_owned(),
            };
            let optional = if characteristic.optional { ", optional" } else { "" };
            let (uuid, service) = (characteristic.uuid, characteristic.service);
            line(&mut text, &role, &format!("{uuid} in service {service}{optional}"));
        }
        for (when, writes) in [("start", &self.dialogue.start), ("stop", &self.dialogue.stop)] {
            for write in writes {
                line(&mut text, when, &say(write));
            }
        }
        if let Some((write, every)) = &self.dialogue.keep_awake {
            line(&mut text, "keep awake", &format!("{} every {} s", say(write), every.as_secs()));
        }
        self.describe_streams(&mut text);
        self.describe_frames(&mut text);
        text
    }

    fn describe_finding(&self, text: &mut String) {
        for service in &self.find.services {
            line(text, "found by", &format!("service {service}"));
        }
        if let Some(manufacturer) = &self.find.manufacturer {
            let data = if manufacturer.data.is_empty() { "any data".to_owned() } else { write_hex(&manufacturer.data) };
            line(text, "found by", &format!("manufacturer {} with {data}", manufacturer.id));
        }
        if !self.find.name_prefix.is_empty() {
            let need = if self.find.name_required { "needed" } else { "if it is known" };
            line(text, "found by", &format!("name \"{}…\", {need}", self.find.name_prefix));
        }
    }

    fn describe_streams(&self, text: &mut String) {
        let guess = |scale: &Scale| if scale.uncalibrated { " (uncalibrated: a guess, no source says it)" } else { "" };
        let offset = |scale: &Scale| match scale.offset_counts {
            0 => String::new(),
            offset => format!(", zero at {offset}"),
        };
        let emg = &self.layout.emg;
        if let Some(scale) = &self.emg_scale {
            let labels = emg.channels.iter().map(|channel| channel.label.as_str()).collect::<Vec<_>>().join(", ");
            let step = format!("{} µV a count{}{}", scale.step, offset(scale), guess(scale));
            line(text, "EMG", &format!("{labels} at {}, {step}", emg.rate));
        } else {
            line(text, "EMG", "none: it makes a leg only together with a sensor that has it");
        }
        match (&self.layout.acc, &self.acc_scale) {
            (Some(acc), Some(scale)) => {
                let step = format!("{} g a count{}{}", scale.step, offset(scale), guess(scale));
                line(text, "acceleration", &format!("X, Y, Z at {}, {step}", acc.rate));
            }
            _ => line(text, "acceleration", "none"),
        }
        if let Some(settings) = &self.settings {
            let high_pass = f64::from(settings.high_pass_decihertz) / 10.0;
            let band = format!("{high_pass} to {} Hz", settings.low_pass_hz);
            let lead_off = format!("{:?}", settings.lead_off).to_lowercase();
            let what = format!("gain {}, band {band}, lead-off {lead_off}, ±{} g", settings.gain, settings.acc_range_g);
            line(text, "settings", &what);
        }
        let time = if self.is_counted() { "counted by the sensor" } else { "estimated from arrivals: no counter" };
        line(text, "time", time);
    }

    fn describe_frames(&self, text: &mut String) {
        let table = |text: &mut String, heading: String, fields: &[(&str, &str)]| {
            line(text, "frame", &heading);
            for (place, what) in fields {
                field(text, place, what);
            }
        };
        match &self.codec {
            Codec::CrampwatchFrame1 => {
                let bytes = self.frame_bytes();
                let heading = format!("codec crampwatch-frame-1, {bytes} bytes, little endian");
                table(text, heading, &REFERENCE_FIELDS);
            }
            Codec::Ganglion3 => table(text, "codec ganglion-3, 20 bytes".to_owned(), &GANGLION_FIELDS),
            Codec::PolarAcceleration => {
                table(text, "codec polar-acceleration, little endian".to_owned(), &POLAR_FIELDS);
            }
            Codec::Declared(frames) => {
                for frame in frames {
                    describe_frame(text, frame);
                }
            }
        }
    }
}

fn describe_frame(text: &mut String, frame: &FrameLayout) {
    let on = frame.on.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let endian = format!("{:?}", frame.endian).to_lowercase();
    let records = match frame.records {
        1 => String::new(),
        records => format!(" in {records} records of {}", frame.record_bytes()),
    };
    line(text, "frame", &format!("on data {on}: {} bytes{records}, {endian} endian", frame.bytes));
    let mut end = 0;
    for (at, bytes, what) in frame.fields() {
        if at > end {
            field(text, &place(end, at - end), "not used");
        }
        field(text, &place(at, bytes), &what);
        end = at + bytes;
    }
    if end < frame.record_bytes() {
        field(text, &place(end, frame.record_bytes() - end), "not used");
    }
}

fn place(at: usize, bytes: usize) -> String {
    if bytes == 1 { format!("byte {at}") } else { format!("bytes {at}-{}", at + bytes - 1) }
}

fn say(write: &Write) -> String {
    let printable = write.bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    let bytes = write_hex(&write.bytes);
    let spoken = if printable { format!("{bytes} \"{}\"", String::from_utf8_lossy(&write.bytes)) } else { bytes };
    let response = if write.with_response { "" } else { ", without response" };
    let answer = write.answer.as_ref().map_or(String::new(), |answer| format!(", answer {}", write_hex(answer)));
    format!("write {spoken}{response}{answer}")
}

fn line(text: &mut String, heading: &str, what: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {heading:<13} {what}");
}

fn field(text: &mut String, place: &str, what: &str) {
    let _ = writeln!(text, "    {place:<13} {what}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("leg-sensor")]
    #[case("npg-lite-6ch")]
    #[case("myo")]
    #[case("ganglion")]
    #[case("polar-verity")]
    fn a_profile_is_told_in_full(#[case] name: &str) {
        insta::assert_snapshot!(name, Profile::named(name).unwrap().describe());
    }
}

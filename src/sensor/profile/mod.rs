//! A sensor's profile: how to find it, talk to it, decode and scale it. Parsed from `firmware-config/*.toml`; it must
//! never touch a radio or a sample.

mod built_in;
mod describe;
mod error;
mod find;
mod frame_layout;
mod info;
mod scale;
mod settings;
mod talk;
#[cfg(test)]
mod tests;
mod text;

use serde::Deserialize;
use uuid::Uuid;

pub use error::ProfileError;
pub use find::{Find, Manufacturer};
pub use frame_layout::{Block, Counter, Counts, Endian, FrameLayout, MOST_NOTIFICATION_BYTES, Number};
pub use info::{InfoError, SensorInfo};
pub use scale::Scale;
pub use settings::{LeadOff, Settings};

use crate::chunk::{Group, StreamLayout};
use crate::clock::UtcAnchor;
use crate::sensor::decode::{Declared, Ganglion, Polar};
use crate::sensor::decoder::Decoder;
use crate::sensor::frame::{HEADER_BYTES, MOST_FRAME_BYTES};
use crate::sensor::receive::Receiver;
use crate::sensor::session::{Dialogue, Role};
use crate::units::Rate;
use error::Fault;

/// The version of profiles that this build reads.
const VERSION: u32 = 2;

/// What turns a sensor's bytes into samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codec {
    /// The reference sensor's frames, `docs/ble-protocol.md`.
    CrampwatchFrame1,
    /// OpenBCI Ganglion, firmware 3.
    Ganglion3,
    /// Acceleration of Polar sensors.
    PolarAcceleration,
    /// Declared field by field.
    Declared(Vec<FrameLayout>),
}

impl Codec {
    const NAMES: &'static str = "\"crampwatch-frame-1\", \"ganglion-3\" or \"polar-acceleration\"";

    /// Its name in profiles; `declared` for frames that are declared.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CrampwatchFrame1 => "crampwatch-frame-1",
            Self::Ganglion3 => "ganglion-3",
            Self::PolarAcceleration => "polar-acceleration",
            Self::Declared(_) => "declared",
        }
    }
}

/// A sensor as its profile describes it, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Id of the profile.
    pub name: String,
    /// What people call the sensor.
    pub title: String,
    /// How to find the sensor.
    pub find: Find,
    /// µV a count, input-referred; without meaning when the layout has no EMG channel.
    pub emg_microvolts_per_count: f64,
    /// g a count; without meaning when the layout has no acceleration.
    pub acc_g_per_count: f64,
    /// EMG samples per channel in one notification.
    pub emg_samples_per_frame: usize,
    /// Scale of EMG, if there is any.
    pub emg_scale: Option<Scale>,
    /// Scale of acceleration, if there is any.
    pub acc_scale: Option<Scale>,
    /// Settings of the reference sensor.
    pub settings: Option<Settings>,
    codec: Codec,
    layout: StreamLayout,
    dialogue: Dialogue,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    version: u32,
    name: String,
    #[serde(default)]
    title: String,
    codec: Option<String>,
    find: find::FindFile,
    characteristic: Vec<talk::CharacteristicFile>,
    #[serde(default)]
    talk: talk::TalkFile,
    #[serde(default)]
    frame: Vec<frame_layout::FrameFile>,
    emg: Option<scale::EmgFile>,
    acc: Option<scale::AccFile>,
    settings: Option<settings::SettingsFile>,
}

impl Profile {
    /// Reads and checks the text of a profile.
    ///
    /// # Errors
    /// [`ProfileError::Parse`] or [`ProfileError::Invalid`], both with line and column.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let file: ProfileFile = toml::from_str(text)?;
        let name = file.name.clone();
        Self::check(file).map_err(|fault| fault.at(&name, text))
    }

    fn check(file: ProfileFile) -> Result<Self, Fault> {
        if file.version != VERSION {
            return Err(Fault::new("version", file.version, VERSION.to_string())
                .remedy("write it anew after firmware-config/README.md"));
        }
        let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if file.name.is_empty() || file.name.len() > 40 || !file.name.chars().all(in_name) {
            let expected = "1 to 40 small letters, digits and hyphens";
            return Err(Fault::new("name", format!("{:?}", file.name), expected));
        }
        let codec = check_codec(&file)?;
        let (emg_number, acc_number) = match &codec {
            Codec::Declared(frames) => (
                frames.iter().find_map(|frame| frame.emg.as_ref()).map(|block| block.number),
                frames.iter().find_map(|frame| frame.acc.as_ref()).map(|block| block.number),
            ),
            Codec::Ganglion3 => (Some(Number::I24), Some(Number::I8)),
            Codec::CrampwatchFrame1 => (Some(Number::I16), Some(Number::I16)),
            Codec::PolarAcceleration => (None, Some(Number::I16)),
        };
        let emg = match (&file.emg, emg_number) {
            (Some(emg), Some(number)) => Some(scale::check_emg(emg, number)?),
            (Some(_), None) => return Err(Fault::new("emg", "given", "no [emg]: nothing in the frames carries it")),
            (None, _) => None,
        };
        let acc = match (&file.acc, acc_number) {
            (Some(acc), Some(number)) => Some(scale::check_acc(acc, number)?),
            (Some(_), None) => return Err(Fault::new("acc", "given", "no [acc]: nothing in the frames carries it")),
            (None, _) => None,
        };
        check_streams(&codec, emg.as_ref().map(|(group, _)| group), acc.as_ref().map(|(group, _)| group))?;
        let acc_rate = acc.as_ref().map(|(group, scale)| (group.rate, scale.step));
        let settings = match (&file.settings, &codec, &emg) {
            (Some(settings), Codec::CrampwatchFrame1, Some((group, _))) => {
                Some(Settings::check(settings, group.channels.len(), group.rate, acc_rate)?)
            }
            (None, Codec::CrampwatchFrame1, _) => {
                return Err(Fault::new("settings", "missing", "[settings] with codec crampwatch-frame-1"));
            }
            (Some(_), ..) => {
                let expected = "none: only codec crampwatch-frame-1 has settings; write them in talk.start";
                return Err(Fault::new("settings", "given", expected));
            }
            (None, ..) => None,
        };
        let configure = settings.map(|settings| move || talk::configure_bytes(&settings));
        let configure = configure.as_ref().map(|configure| configure as &dyn Fn() -> Vec<u8>);
        let dialogue = talk::check(&file.characteristic, &file.talk, configure)?;
        check_data(&codec, &dialogue)?;
        let emg_samples_per_frame = match &codec {
            Codec::CrampwatchFrame1 => settings.map_or(0, |settings| settings.emg_samples_per_frame.into()),
            Codec::Ganglion3 => 2,
            Codec::PolarAcceleration => 0,
            Codec::Declared(frames) => frames
                .iter()
                .find_map(|frame| frame.emg.as_ref().map(|block| block.samples * frame.records))
                .unwrap_or_default(),
        };
        let (emg_scale, acc_scale) = (emg.as_ref().map(|(_, scale)| *scale), acc.as_ref().map(|(_, scale)| *scale));
        let acc = acc.map(|(group, _)| group);
        let emg = match (emg, &acc) {
            (Some((group, _)), _) => group,
            // Without EMG the stream counts by its acceleration.
            (None, acc) => Group { rate: acc.as_ref().map_or(Rate::hz(1), |acc| acc.rate), channels: Vec::new() },
        };
        let profile = Self {
            title: if file.title.is_empty() { file.name.clone() } else { file.title },
            name: file.name,
            find: Find::check(file.find)?,
            emg_microvolts_per_count: emg_scale.map_or(1.0, |scale| scale.step),
            acc_g_per_count: acc_scale.map_or(1.0, |scale| scale.step),
            emg_samples_per_frame,
            emg_scale,
            acc_scale,
            settings,
            codec,
            layout: StreamLayout { emg, acc },
            dialogue,
        };
        let bytes = profile.frame_bytes();
        if profile.settings.is_some() && (emg_samples_per_frame == 0 || bytes > MOST_FRAME_BYTES) {
            let found = format!("{emg_samples_per_frame} (frames of {bytes} bytes)");
            let expected = "1 or more, in frames of at most 244 bytes";
            return Err(Fault::new("settings.emg_samples_per_frame", found, expected));
        }
        Ok(profile)
    }

    /// What the sensor's stream carries, in digital values on the grid of the recording. A sensor without EMG has no
    /// EMG channel here: its stream counts by acceleration samples, and only a [`Pair`](crate::sensor::Pair) can use it.
    pub fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    /// How its bytes are decoded.
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// Whether it has EMG; one without makes a leg only together with a sensor that has it.
    pub fn has_emg(&self) -> bool {
        !self.layout.emg.channels.is_empty()
    }

    /// Whether its samples carry a counter or a time stamp; else times are arrival times.
    pub fn is_counted(&self) -> bool {
        match &self.codec {
            Codec::Declared(frames) => {
                frames.iter().any(|frame| frame.counter.is_some() && (frame.emg.is_some() || !self.has_emg()))
            }
            Codec::CrampwatchFrame1 | Codec::Ganglion3 | Codec::PolarAcceleration => true,
        }
    }

    /// What is said to the sensor.
    pub fn dialogue(&self) -> Dialogue {
        self.dialogue.clone()
    }

    /// UUID of the characteristic with `role`, if the sensor has one.
    pub fn uuid(&self, role: Role) -> Option<Uuid> {
        self.dialogue.characteristics.iter().find(|found| found.role == role).map(|found| found.uuid)
    }

    /// A decoder for one sensor; `anchor` ties its arrival times to UTC.
    pub fn decoder(&self, anchor: UtcAnchor) -> Box<dyn Decoder> {
        match &self.codec {
            Codec::CrampwatchFrame1 => Box::new(Receiver::new(self, anchor)),
            Codec::Ganglion3 => Box::new(Ganglion::new(self, anchor)),
            Codec::PolarAcceleration => Box::new(Polar::new(self, anchor)),
            Codec::Declared(frames) => Box::new(Declared::new(self, frames, anchor)),
        }
    }

    /// Compares what was read from the info characteristic with the profile. `Ok(None)` for a sensor whose info says
    /// nothing that this build knows.
    ///
    /// # Errors
    /// [`InfoError`] if the sensor is another one or took other settings than it was told.
    pub fn verify_info(&self, bytes: &[u8]) -> Result<Option<SensorInfo>, InfoError> {
        let Some(settings) = &self.settings else { return Ok(None) };
        let g_per_count = self.acc_scale.map(|scale| scale.step);
        info::verify(settings, self.emg_microvolts_per_count, g_per_count, bytes).map(Some)
    }

    /// Length of the longest data notification in bytes.
    pub fn frame_bytes(&self) -> usize {
        match &self.codec {
            Codec::Declared(frames) => frames.iter().map(|frame| frame.bytes).max().unwrap_or_default(),
            Codec::Ganglion3 => 20,
            Codec::PolarAcceleration => MOST_FRAME_BYTES,
            Codec::CrampwatchFrame1 => {
                let samples = self.emg_samples_per_frame;
                let acc_samples = self.layout.acc.as_ref().map_or(0, |acc| {
                    // A stretch of n EMG samples holds at most ceil(n·r) acceleration samples, wherever it begins.
                    self.layout.emg.rate.convert(samples as u64, acc.rate) as usize
                });
                HEADER_BYTES + 2 * samples * self.layout.emg.channels.len() + 6 * acc_samples
            }
        }
    }
}

fn check_codec(file: &ProfileFile) -> Result<Codec, Fault> {
    let codec = match file.codec.as_deref() {
        Some("crampwatch-frame-1") => Codec::CrampwatchFrame1,
        Some("ganglion-3") => Codec::Ganglion3,
        Some("polar-acceleration") => Codec::PolarAcceleration,
        Some(other) => {
            return Err(Fault::new("codec", format!("{other:?}"), Codec::NAMES)
                .remedy("leave codec out and declare the frame field by field, or update Crampwatch"));
        }
        None if file.frame.is_empty() => {
            return Err(Fault::new("frame", "missing", "codec or at least one [[frame]]"));
        }
        None => {
            let emg_channels = file.emg.as_ref().map_or(0, |emg| emg.channels.len());
            let frames = file.frame.iter().enumerate();
            Codec::Declared(
                frames.map(|(n, frame)| FrameLayout::check(n, frame, emg_channels)).collect::<Result<_, _>>()?,
            )
        }
    };
    if file.codec.is_some() && !file.frame.is_empty() {
        return Err(Fault::new("frame", "given beside codec", "codec or [[frame]], not both"));
    }
    Ok(codec)
}

/// What the codec or the frames carry is what [emg] and [acc] scale.
fn check_streams(codec: &Codec, emg: Option<&Group>, acc: Option<&Group>) -> Result<(), Fault> {
    let missing = |key: &str| Err(Fault::new(key, "missing", format!("[{key}]: the frames carry it")));
    match codec {
        Codec::CrampwatchFrame1 | Codec::Ganglion3 if emg.is_none() => return missing("emg"),
        Codec::PolarAcceleration if acc.is_none() => return missing("acc"),
        Codec::Ganglion3 => {
            let fixed = [("emg.rate_hz", emg, 200), ("acc.rate_hz", acc, 10)];
            for (key, group, hz) in fixed {
                if let Some(group) = group.filter(|group| group.rate != Rate::hz(hz)) {
                    return Err(Fault::new(key, group.rate, format!("{hz}: a Ganglion has no other")));
                }
            }
        }
        Codec::CrampwatchFrame1 | Codec::PolarAcceleration => {}
        Codec::Declared(frames) => {
            let carries_emg = frames.iter().filter(|frame| frame.emg.is_some()).count();
            let carries_acc = frames.iter().filter(|frame| frame.acc.is_some()).count();
            for (key, carried, group) in [("emg", carries_emg, emg), ("acc", carries_acc, acc)] {
                if carried > 1 {
                    let expected = format!("one [[frame]] with {key}, on all characteristics that carry it");
                    return Err(Fault::new("frame", format!("{carried} with {key}"), expected));
                }
                if carried == 1 && group.is_none() {
                    return missing(key);
                }
            }
            for (n, frame) in frames.iter().enumerate() {
                check_frame_streams(n, frame, emg, acc)?;
            }
        }
    }
    Ok(())
}

fn check_frame_streams(n: usize, frame: &FrameLayout, emg: Option<&Group>, acc: Option<&Group>) -> Result<(), Fault> {
    match (&frame.emg, &frame.acc, emg, acc) {
        (Some(emg_block), Some(acc_block), Some(emg), Some(acc)) => {
            let rates = |from: Rate, to: Rate| u64::from(from.samples()) * u64::from(to.seconds());
            let (emg_samples, acc_samples) = (emg_block.samples as u64, acc_block.samples as u64);
            if acc_samples * rates(emg.rate, acc.rate) != emg_samples * rates(acc.rate, emg.rate) {
                let found = format!("{acc_samples} beside {emg_samples} of EMG");
                let expected = format!("as many as {} and {} give", acc.rate, emg.rate);
                return Err(Fault::new(format!("frame[{n}].acc.samples"), found, expected)
                    .remedy("correct the number of samples or the rates"));
            }
        }
        (None, Some(_), Some(_), _) if frame.counter.is_some() => {
            let expected = "no counter: acceleration beside EMG is placed by its arrival";
            return Err(Fault::new(format!("frame[{n}].counter"), "given", expected));
        }
        _ => {}
    }
    Ok(())
}

/// Each data characteristic has exactly one frame.
fn check_data(codec: &Codec, dialogue: &Dialogue) -> Result<(), Fault> {
    let data = dialogue.characteristics.iter().filter(|c| matches!(c.role, Role::Data(_))).count();
    let Codec::Declared(frames) = codec else {
        if data == 1 {
            return Ok(());
        }
        return Err(Fault::new("characteristic", format!("{data} with data"), "one with this codec"));
    };
    for number in 0..data {
        let carried = frames.iter().flat_map(|frame| &frame.on).filter(|on| usize::from(**on) == number).count();
        if carried != 1 {
            let found = format!("data characteristic {number} in {carried} frames");
            return Err(Fault::new("frame", found, "each of them in the `on` of one frame"));
        }
    }
    for (n, frame) in frames.iter().enumerate() {
        if let Some(on) = frame.on.iter().find(|on| usize::from(**on) >= data) {
            return Err(Fault::new(
                format!("frame[{n}].on"),
                on,
                format!("numbers of data characteristics, 0 to {}", data - 1),
            ));
        }
    }
    Ok(())
}

//! A sensor's profile: how to find it, talk to it, decode and scale it. Parsed from `firmware-config/*.toml`.

use serde::Deserialize;
use uuid::Uuid;

use crate::chunk::{Channel, ChannelScale, Group, StreamLayout};
use crate::sensor::frame::{HEADER_BYTES, MOST_EMG_CHANNELS, MOST_FRAME_BYTES};
use crate::units::Rate;

const LEG_SENSOR: &str = include_str!("../../firmware-config/leg-sensor.toml");
const PROTOCOL: &str = "crampwatch-frame-1";
/// Longest label an EDF header holds.
const MOST_LABEL_BYTES: usize = 16;
const EMG_HZ: (f64, f64) = (200.0, 4000.0);
const ACC_HZ: (f64, f64) = (10.0, 400.0);

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, an unknown or a missing key, a value of another type.
    #[error("sensor profile cannot be read: {source}; the keys stand in firmware-config/README.md")]
    Parse {
        /// Line, column and what was expected.
        #[from]
        source: toml::de::Error,
    },
    /// A value that no sensor of this kind can have.
    #[error("sensor profile {name:?}: {key} is {found}, expected {expected}; correct it in the profile")]
    Invalid {
        /// Name of the profile.
        name: String,
        /// Key with its table.
        key: &'static str,
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: String,
    },
}

/// How to find the sensor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// Advertised service, which also holds the characteristics.
    pub service: Uuid,
    /// Begin of the advertised name; empty for any.
    #[serde(default)]
    pub name_prefix: String,
}

/// Characteristics of the sensor's service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gatt {
    /// Notifies data frames.
    pub data: Uuid,
    /// Takes commands.
    pub control: Uuid,
    /// Rates, channels and scale.
    pub info: Uuid,
    /// Percent.
    pub battery: Uuid,
}

/// A sensor as its profile describes it, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Id of the profile.
    pub name: String,
    /// How to find the sensor.
    pub find: Find,
    /// Its characteristics.
    pub gatt: Gatt,
    /// µV a count, input-referred.
    pub emg_microvolts_per_count: f64,
    /// g a count; without meaning when the layout has no acceleration.
    pub acc_g_per_count: f64,
    /// EMG samples per channel in one frame.
    pub emg_samples_per_frame: usize,
    layout: StreamLayout,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    name: String,
    protocol: String,
    find: Find,
    gatt: Gatt,
    emg: EmgFile,
    acc: Option<AccFile>,
    frame: FrameFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmgFile {
    rate_hz: u16,
    #[serde(default = "one")]
    per_seconds: u16,
    channels: Vec<String>,
    microvolts_per_count: f64,
    grid_microvolts_per_count: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccFile {
    rate_hz: u16,
    #[serde(default = "one")]
    per_seconds: u16,
    g_per_count: f64,
    grid_g_per_count: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameFile {
    emg_samples_per_channel: u8,
}

fn one() -> u16 {
    1
}

impl Profile {
    /// The reference leg sensor, compiled in.
    ///
    /// # Errors
    /// None in a build that passes its tests; the type keeps callers free of panics.
    pub fn leg_sensor() -> Result<Self, ProfileError> {
        Self::parse(LEG_SENSOR)
    }

    /// Reads and checks the text of a profile.
    ///
    /// # Errors
    /// [`ProfileError::Parse`] with line and column, [`ProfileError::Invalid`] with the key.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let file: ProfileFile = toml::from_str(text)?;
        let invalid = |key, found: String, expected: &str| ProfileError::Invalid {
            name: file.name.clone(),
            key,
            found,
            expected: expected.to_owned(),
        };
        if file.protocol != PROTOCOL {
            return Err(invalid("protocol", format!("{:?}", file.protocol), "\"crampwatch-frame-1\""));
        }
        let rate = |key, samples: u16, seconds: u16, (least, most): (f64, f64)| {
            Rate::new(samples.into(), seconds.into()).filter(|rate| (least..=most).contains(&rate.as_hz())).ok_or_else(
                || invalid(key, format!("{samples} in {seconds} s"), &format!("a rate of {least} to {most} Hz")),
            )
        };
        let step = |key, value: f64| {
            let usable = value.is_finite() && value > 0.0 && value <= 1000.0;
            usable.then_some(value).ok_or_else(|| invalid(key, value.to_string(), "a number over 0, at most 1000"))
        };
        let labels = &file.emg.channels;
        if !(1..=MOST_EMG_CHANNELS).contains(&labels.len()) {
            return Err(invalid("emg.channels", format!("{} labels", labels.len()), "1 to 4 labels"));
        }
        for (n, label) in labels.iter().enumerate() {
            let printable = label.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            if label.trim().is_empty() || label.len() > MOST_LABEL_BYTES || !printable || labels[..n].contains(label) {
                let expected = "different labels of 1 to 16 printable ASCII characters";
                return Err(invalid("emg.channels", format!("{label:?}"), expected));
            }
        }
        let emg_rate = rate("emg.rate_hz", file.emg.rate_hz, file.emg.per_seconds, EMG_HZ)?;
        let emg_step = step("emg.microvolts_per_count", file.emg.microvolts_per_count)?;
        let emg_grid = step("emg.grid_microvolts_per_count", file.emg.grid_microvolts_per_count.unwrap_or(emg_step))?;
        let group = |rate, labels: &[&str], step, default| Group {
            rate,
            channels: labels
                .iter()
                .map(|&label| Channel { label: label.to_owned(), scale: grid(step, default) })
                .collect(),
        };
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let emg = group(emg_rate, &labels, emg_grid, ChannelScale::EMG_UV);
        let (mut acc, mut acc_step) = (None, 1.0);
        if let Some(file) = &file.acc {
            let acc_rate = rate("acc.rate_hz", file.rate_hz, file.per_seconds, ACC_HZ)?;
            acc_step = step("acc.g_per_count", file.g_per_count)?;
            let acc_grid = step("acc.grid_g_per_count", file.grid_g_per_count.unwrap_or(acc_step))?;
            acc = Some(group(acc_rate, &["ACC X", "ACC Y", "ACC Z"], acc_grid, ChannelScale::ACC_G));
        }
        let profile = Self {
            emg_microvolts_per_count: emg_step,
            acc_g_per_count: acc_step,
            emg_samples_per_frame: file.frame.emg_samples_per_channel.into(),
            layout: StreamLayout { emg, acc },
            find: file.find.clone(),
            gatt: file.gatt.clone(),
            name: file.name.clone(),
        };
        let bytes = profile.frame_bytes();
        if file.frame.emg_samples_per_channel == 0 || bytes > MOST_FRAME_BYTES {
            let found = format!("{} (frames of {bytes} bytes)", file.frame.emg_samples_per_channel);
            return Err(invalid("frame.emg_samples_per_channel", found, "1 or more, in frames of at most 244 bytes"));
        }
        Ok(profile)
    }

    /// What the sensor's stream carries, in digital values on the grid of the recording.
    pub fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    /// Length of the longest frame in bytes.
    pub fn frame_bytes(&self) -> usize {
        let samples = self.emg_samples_per_frame;
        let acc_samples = self.layout.acc.as_ref().map_or(0, |acc| {
            // A stretch of n EMG samples holds at most ceil(n·r) acceleration samples, wherever it begins.
            self.layout.emg.rate.convert(samples as u64, acc.rate) as usize
        });
        HEADER_BYTES + 2 * samples * self.layout.emg.channels.len() + 6 * acc_samples
    }
}

/// A symmetric 16-bit grid of `step`; the well-known default where the step is its own.
fn grid(step: f64, default: ChannelScale) -> ChannelScale {
    if (step / default.gain() - 1.0).abs() < 1e-9 {
        return default;
    }
    ChannelScale {
        physical_min: -32767.0 * step,
        physical_max: 32767.0 * step,
        digital_min: -32767,
        digital_max: 32767,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn the_reference_sensor_gives_the_reference_layout() {
        let profile = Profile::leg_sensor().unwrap();
        assert_eq!(profile.layout(), &StreamLayout::reference(Rate::hz(1000), 2, Some(Rate::hz(100))));
        assert_eq!((profile.name.as_str(), profile.frame_bytes()), ("leg-sensor", MOST_FRAME_BYTES));
    }

    #[test]
    fn the_protocol_document_names_the_same_ids_and_sizes() {
        let document = include_str!("../../docs/ble-protocol.md");
        let profile = Profile::leg_sensor().unwrap();
        let Gatt { data, control, info, battery } = profile.gatt;
        let rows = [("service", profile.find.service), ("data", data), ("control", control), ("info", info)];
        for (what, id) in rows.into_iter().chain([("battery", battery)]) {
            assert_eq!(id.get_version_num(), 4, "{what}");
            assert!(document.contains(&format!("| {what} | `{id}` |")), "{what} {id}");
        }
        assert!(document.contains(&format!("`{}`", profile.find.name_prefix)));
        assert!(document.contains(&format!("The header has {HEADER_BYTES} bytes")));
        assert!(
            document.contains(&format!(
                "at most {MOST_FRAME_BYTES} bytes. The reference sensor sends\nC = 2, N = 50, M = 5"
            ))
        );
        assert_eq!((profile.layout().emg.channels.len(), profile.emg_samples_per_frame), (2, 50));
        assert_eq!((profile.emg_microvolts_per_count, profile.acc_g_per_count), (0.1, 1.0 / 4096.0));
        assert!(document.contains("0.1 µV a count for EMG, 1/4096 g a count"));
    }

    #[rstest]
    #[case("name = ", "nam = ", "unknown field `nam`")]
    #[case("frame-1", "frame-2", "protocol")]
    #[case("02216729-9585", "0221-9585", "line 12")]
    #[case("rate_hz = 1000", "rate_hz = 100", "emg.rate_hz is 100 in 1 s, expected a rate of 200 to 4000 Hz")]
    #[case("rate_hz = 1000", "rate_hz = 1000\nper_seconds = 0", "emg.rate_hz is 1000 in 0 s")]
    #[case("rate_hz = 100\n", "rate_hz = 1000\n", "acc.rate_hz")]
    #[case("0.1\n", "nan\n", "emg.microvolts_per_count is NaN")]
    #[case("0.000244140625", "-1", "acc.g_per_count")]
    #[case("\"EMG LG\"", "\"EMG MG\"", "different labels")]
    #[case("[\"EMG MG\", \"EMG LG\"]", "[]", "emg.channels is 0 labels")]
    #[case("channel = 50", "channel = 52", "frames of 258 bytes")]
    #[case("channel = 50", "channel = 0", "frame.emg_samples_per_channel is 0")]
    fn a_wrong_profile_is_refused_with_its_key(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
        assert!(LEG_SENSOR.contains(from));
        let message = Profile::parse(&LEG_SENSOR.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn a_sensor_of_another_scale_keeps_its_own_grid() {
        let profile =
            Profile::parse(&LEG_SENSOR.replace("microvolts_per_count = 0.1", "microvolts_per_count = 0.5")).unwrap();
        assert_eq!(profile.layout().emg.channels[1].scale.physical_max, 16383.5);
        assert_eq!(profile.layout().emg.channels[1].scale.gain(), 0.5);
    }
}

//! What the reference sensor says of itself, compared with its profile: the sensor must have taken its settings.

use super::settings::Settings;
use super::text::write_hex;
use crate::sensor::frame::FRAME_VERSION;

/// Bytes that every info characteristic has.
const LEAST_BYTES: usize = 32;
/// Bytes with the settings behind them.
const WITH_SETTINGS_BYTES: usize = 40;
const SETTINGS_VERSION: u8 = 1;

/// What the info characteristic told besides what must agree with the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorInfo {
    /// Major and minor version of the firmware.
    pub firmware: (u8, u8),
    /// Serial number.
    pub serial: u64,
    /// Gain, filters, lead-off and range were read back and are those of the profile; older firmware cannot say them.
    pub settings_confirmed: bool,
}

/// A sensor that is, or has taken, something else than its profile says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InfoError {
    /// Less than the fixed part.
    #[error("info characteristic of {found} bytes, expected 32 or 40; is this the right profile for the sensor?")]
    TooShort {
        /// Bytes read.
        found: usize,
    },
    /// A value that differs.
    #[error(
        "the sensor's {what} is {found}, its profile says {expected}; change the profile, or switch the sensor off and on so that it takes the settings anew"
    )]
    Differs {
        /// What differs.
        what: &'static str,
        /// What the sensor says.
        found: String,
        /// What the profile says.
        expected: String,
    },
}

/// Compares the bytes of the info characteristic with the profile's settings and scales.
pub(super) fn verify(
    settings: &Settings,
    microvolts_per_count: f64,
    g_per_count: Option<f64>,
    bytes: &[u8],
) -> Result<SensorInfo, InfoError> {
    let Some(fixed) = bytes.first_chunk::<LEAST_BYTES>() else {
        return Err(InfoError::TooShort { found: bytes.len() });
    };
    let u16_at = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let f32_at = |at: usize| f32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    let same = |what, found: String, expected: String| {
        if found == expected { Ok(()) } else { Err(InfoError::Differs { what, found, expected }) }
    };
    let axes = if settings.acc_rate.is_some() { 3 } else { 0 };
    let bytes_of = [
        ("frame version", fixed[0], FRAME_VERSION),
        ("number of EMG channels", fixed[1], settings.emg_channels),
        ("number of EMG samples in a frame", fixed[2], settings.emg_samples_per_frame),
        ("number of acceleration axes", fixed[3], axes),
    ];
    for (what, found, expected) in bytes_of {
        same(what, found.to_string(), expected.to_string())?;
    }
    let rates = [("EMG rate", 4, Some(settings.emg_rate)), ("acceleration rate", 8, settings.acc_rate)];
    for (what, at, rate) in rates {
        let Some(rate) = rate else { continue };
        let (samples, seconds) = (u32::from(u16_at(at)), u32::from(u16_at(at + 2)));
        if crate::units::Rate::new(samples, seconds) != Some(rate) {
            same(what, format!("{samples} in {seconds} s"), format!("{} in {} s", rate.samples(), rate.seconds()))?;
        }
    }
    let scales = [("EMG scale", 12, Some(microvolts_per_count), "µV"), ("acceleration scale", 16, g_per_count, "g")];
    for (what, at, scale, unit) in scales {
        let Some(scale) = scale else { continue };
        let found = f64::from(f32_at(at));
        // f32 has seven digits. A scale that is no number differs from everything.
        if (found / scale - 1.0).abs() > 1e-6 || !found.is_finite() {
            same(what, format!("{found} {unit} a count"), format!("{scale} {unit} a count"))?;
        }
    }
    let mut settings_confirmed = false;
    if let Some(more) = bytes.get(LEAST_BYTES..WITH_SETTINGS_BYTES)
        && fixed[22] == SETTINGS_VERSION
    {
        verify_choices(settings, more)?;
        settings_confirmed = true;
    }
    let mut serial = [0; 8];
    serial.copy_from_slice(&fixed[24..]);
    Ok(SensorInfo { firmware: (fixed[21], fixed[20]), serial: u64::from_le_bytes(serial), settings_confirmed })
}

fn verify_choices(settings: &Settings, found: &[u8]) -> Result<(), InfoError> {
    let expected = settings.choices();
    let fields = [
        ("gain", 0..1),
        ("high-pass filter, in tenths of a hertz,", 1..3),
        ("low-pass filter, in Hz,", 3..5),
        ("lead-off detection", 5..6),
        ("acceleration range, in g,", 6..7),
    ];
    let number = |bytes: &[u8]| match *bytes {
        [low, high] => u16::from_le_bytes([low, high]).to_string(),
        [one] => one.to_string(),
        _ => write_hex(bytes),
    };
    for (what, range) in fields {
        let (found, expected) = (number(&found[range.clone()]), number(&expected[range]));
        if found != expected {
            return Err(InfoError::Differs { what, found, expected });
        }
    }
    Ok(())
}

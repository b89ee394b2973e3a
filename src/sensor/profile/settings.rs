//! Settings of the reference sensor: what CONFIGURE asks for and what the info characteristic says was taken.

use serde::Deserialize;

use super::error::Fault;
use crate::units::Rate;

/// Amplifier gains that the reference sensor's converter has.
const GAINS: [u8; 7] = [1, 2, 3, 4, 6, 8, 12];

/// How electrodes off the skin are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadOff {
    /// Not at all.
    Off,
    /// By a small direct current.
    Dc,
    /// By a small alternating current outside the band of EMG.
    Ac,
}

/// Settings of the reference sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// EMG channels, 1 to 4; from the labels of `[emg]`.
    pub emg_channels: u8,
    /// EMG samples per channel in one frame: how large a packet is.
    pub emg_samples_per_frame: u8,
    /// EMG rate.
    pub emg_rate: Rate,
    /// Acceleration rate; none: no acceleration.
    pub acc_rate: Option<Rate>,
    /// Amplifier gain.
    pub gain: u8,
    /// Lower edge of the analogue band in tenths of a hertz, 0 to 1000.
    pub high_pass_decihertz: u16,
    /// Upper edge of the analogue band in Hz, below half the EMG rate.
    pub low_pass_hz: u16,
    /// How lead-off is noticed.
    pub lead_off: LeadOff,
    /// Range of the accelerometer in g: 2, 4, 8 or 16; 0 without.
    pub acc_range_g: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsFile {
    emg_samples_per_frame: u8,
    gain: u8,
    high_pass_hz: f64,
    low_pass_hz: u16,
    lead_off: LeadOff,
    #[serde(default)]
    acc_range_g: u8,
}

impl Settings {
    /// Bytes of the choices beyond rates and frame, the same in CONFIGURE and in the info characteristic.
    pub(super) fn choices(&self) -> [u8; 7] {
        let [high_low, high_high] = self.high_pass_decihertz.to_le_bytes();
        let [low_low, low_high] = self.low_pass_hz.to_le_bytes();
        [self.gain, high_low, high_high, low_low, low_high, self.lead_off as u8, self.acc_range_g]
    }

    pub(super) fn check(
        file: &SettingsFile,
        emg_channels: usize,
        emg_rate: Rate,
        acc: Option<(Rate, f64)>,
    ) -> Result<Self, Fault> {
        if !GAINS.contains(&file.gain) {
            return Err(Fault::new("settings.gain", file.gain, "1, 2, 3, 4, 6, 8 or 12"));
        }
        if !(0.0..=100.0).contains(&file.high_pass_hz) {
            return Err(Fault::new("settings.high_pass_hz", file.high_pass_hz, "0 to 100 Hz"));
        }
        let low_pass = f64::from(file.low_pass_hz);
        if low_pass <= file.high_pass_hz || low_pass * 2.0 >= emg_rate.as_hz() {
            let expected = format!("over high_pass_hz and below {} Hz, half the EMG rate", emg_rate.as_hz() / 2.0);
            return Err(Fault::new("settings.low_pass_hz", file.low_pass_hz, expected));
        }
        let ranges: &[u8] = if acc.is_some() { &[2, 4, 8, 16] } else { &[0] };
        if !ranges.contains(&file.acc_range_g) {
            let expected = if acc.is_some() { "2, 4, 8 or 16 g" } else { "0: the profile has no [acc]" };
            return Err(Fault::new("settings.acc_range_g", file.acc_range_g, expected));
        }
        // A scale that does not reach the range is a scale of another range.
        if let Some((_, step)) = acc
            && !(0.9..=1.1).contains(&(step * 32768.0 / f64::from(file.acc_range_g)))
        {
            let expected = format!("the range of 16-bit counts of {step} g: {} g", step * 32768.0);
            return Err(Fault::new("settings.acc_range_g", file.acc_range_g, expected));
        }
        Ok(Self {
            emg_channels: emg_channels as u8,
            emg_samples_per_frame: file.emg_samples_per_frame,
            emg_rate,
            acc_rate: acc.map(|(rate, _)| rate),
            gain: file.gain,
            high_pass_decihertz: (file.high_pass_hz * 10.0).round() as u16,
            low_pass_hz: file.low_pass_hz,
            lead_off: file.lead_off,
            acc_range_g: file.acc_range_g,
        })
    }
}

//! Rates, labels and scales of a profile: what the stream carries, on the grid of the recording.

use serde::Deserialize;

use super::error::Fault;
use super::frame_layout::Number;
use crate::chunk::{Channel, ChannelScale, Group};
use crate::sensor::frame::MOST_EMG_CHANNELS;
use crate::units::Rate;

/// Longest label an EDF header holds.
const MOST_LABEL_BYTES: usize = 16;
const EMG_HZ: (f64, f64) = (200.0, 4000.0);
const ACC_HZ: (f64, f64) = (10.0, 400.0);
/// µV a count: from far below any converter's noise to a whole millivolt.
const EMG_STEP: (f64, f64) = (1e-6, 1000.0);
/// g a count: 8 bits of ±128 g would be 1.
const ACC_STEP: (f64, f64) = (1e-7, 1.0);

/// From counts to physical values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Physical units a count: µV or g.
    pub step: f64,
    /// Count that stands for zero.
    pub offset_counts: i32,
    /// The step is a guess: no source says it.
    pub uncalibrated: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmgFile {
    rate_hz: u16,
    #[serde(default = "one")]
    per_seconds: u16,
    pub(super) channels: Vec<String>,
    microvolts_per_count: f64,
    #[serde(default)]
    offset_counts: i32,
    grid_microvolts_per_count: Option<f64>,
    #[serde(default)]
    uncalibrated: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccFile {
    rate_hz: u16,
    #[serde(default = "one")]
    per_seconds: u16,
    g_per_count: f64,
    #[serde(default)]
    offset_counts: i32,
    grid_g_per_count: Option<f64>,
    #[serde(default)]
    uncalibrated: bool,
}

fn one() -> u16 {
    1
}

pub(super) fn check_emg(file: &EmgFile, number: Number) -> Result<(Group, Scale), Fault> {
    let rate = rate("emg.rate_hz", file.rate_hz, file.per_seconds, EMG_HZ)?;
    let labels = &file.channels;
    if !(1..=MOST_EMG_CHANNELS).contains(&labels.len()) {
        return Err(Fault::new("emg.channels", format!("{} labels", labels.len()), "1 to 4 labels"));
    }
    for (n, label) in labels.iter().enumerate() {
        let printable = label.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if label.trim().is_empty() || label.len() > MOST_LABEL_BYTES || !printable || labels[..n].contains(label) {
            let expected = "different labels of 1 to 16 printable ASCII characters";
            return Err(Fault::new(format!("emg.channels[{n}]"), format!("{label:?}"), expected));
        }
    }
    let step = step("emg.microvolts_per_count", file.microvolts_per_count, EMG_STEP)?;
    let grid_step = match file.grid_microvolts_per_count {
        Some(grid) => self::step("emg.grid_microvolts_per_count", grid, EMG_STEP)?,
        None => grid_step(step, ChannelScale::EMG_UV, number),
    };
    let offset_counts = offset("emg.offset_counts", file.offset_counts, number)?;
    let scale = grid(grid_step, ChannelScale::EMG_UV);
    let channels = labels.iter().map(|label| Channel { label: label.clone(), scale }).collect();
    Ok((Group { rate, channels }, Scale { step, offset_counts, uncalibrated: file.uncalibrated }))
}

pub(super) fn check_acc(file: &AccFile, number: Number) -> Result<(Group, Scale), Fault> {
    let rate = rate("acc.rate_hz", file.rate_hz, file.per_seconds, ACC_HZ)?;
    let step = step("acc.g_per_count", file.g_per_count, ACC_STEP)?;
    let grid_step = match file.grid_g_per_count {
        Some(grid) => self::step("acc.grid_g_per_count", grid, ACC_STEP)?,
        None => grid_step(step, ChannelScale::ACC_G, number),
    };
    let offset_counts = offset("acc.offset_counts", file.offset_counts, number)?;
    let scale = grid(grid_step, ChannelScale::ACC_G);
    let channels = ["ACC X", "ACC Y", "ACC Z"].map(|label| Channel { label: label.to_owned(), scale }).to_vec();
    Ok((Group { rate, channels }, Scale { step, offset_counts, uncalibrated: file.uncalibrated }))
}

fn rate(key: &str, samples: u16, seconds: u16, (least, most): (f64, f64)) -> Result<Rate, Fault> {
    Rate::new(samples.into(), seconds.into())
        .filter(|rate| (least..=most).contains(&rate.as_hz()))
        .ok_or_else(|| Fault::new(key, format!("{samples} in {seconds} s"), format!("a rate of {least} to {most} Hz")))
}

fn step(key: &str, value: f64, (least, most): (f64, f64)) -> Result<f64, Fault> {
    // Not a number is in no range.
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Fault::new(key, value, format!("a number from {least} to {most}")))
}

fn offset(key: &str, value: i32, number: Number) -> Result<i32, Fault> {
    let bits = 8 * number.bytes() as u32;
    let (least, most) = match number {
        Number::U8 | Number::U16 | Number::U32 => (0, (1_i64 << bits) - 1),
        Number::I8 | Number::I16 | Number::I24 | Number::I32 => (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1),
    };
    if (least..=most).contains(&i64::from(value)) {
        return Ok(value);
    }
    Err(Fault::new(key, value, format!("a count that the samples can have, {least} to {most}")))
}

/// The sensor's own step where 16 bits hold its counts, else the default grid's.
fn grid_step(step: f64, default: ChannelScale, number: Number) -> f64 {
    if number.bytes() <= 2 { step } else { default.gain() }
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

//! What a session gives: a calibration that is whole, or the reason why there is none.

use crate::signal::Quality;
use crate::units::UtcMicros;

use super::words::{high_rest_note, missing_note, no_flex_note, silent_note, uneven_note};

/// A flex is one from so many times the resting level on. Below it even a moderate cramp would be stronger than what is
/// called the strongest contraction: six times quiet is where severity without a calibration takes its first step.
pub const LEAST_EFFORT: f64 = 6.0;
/// The detector takes no quiet level below this, in µV.
const LEAST_REST_UV: f64 = 0.2;
/// A resting calf lies below this, in µV.
const HIGH_REST_UV: f64 = 20.0;
/// The best flex is this much above the second: worth a word.
const UNEVEN: f64 = 1.4;
/// Less of the rest than this was good: worth a word.
const MOSTLY: f64 = 0.9;

/// How a session ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Measured; may be stored.
    Done(Calibrated),
    /// Nothing that could be stored.
    Failed(Failure),
}

/// Why there is no calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing arrived.
    #[error(
        "no samples came from the sensor for two minutes; is it on, charged, within a few metres and not connected to \
         something else? `crampwatch scan` shows whether it is heard"
    )]
    NoData,
    /// Samples arrived, but none that can be believed.
    #[error(
        "the signal was not good for two minutes ({}); put the electrodes on anew, on clean dry skin over the belly of the calf",
        super::words::quality_words(*.0)
    )]
    BadSignal(Quality),
    /// Contact was lost again and again.
    #[error("the signal was lost {0} times; press the electrodes on, bring the sensor closer, and begin again")]
    Interrupted(u32),
    /// Too little of the rest could be believed.
    #[error(
        "too much of the signal was missing or bad in {0} tries; press the electrodes on, bring the sensor closer, and begin again"
    )]
    TooLittle(u32),
    /// The recording was too short.
    #[error(
        "the recording ended before the session did; one takes a little over three minutes, with pauses for the flexes"
    )]
    StreamOver,
    /// The leg did not rest.
    #[error("the leg did not rest in {0} tries; lie down comfortably, wait some minutes, and begin again")]
    Restless(u32),
}

/// A finished session.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// Every EMG channel of the stream, in its order.
    pub channels: Vec<ChannelCalibration>,
    /// The end of the session, in the stream's time.
    pub at: UtcMicros,
    /// What is to be known of its quality, in whole sentences.
    pub notes: Vec<String>,
}

/// What was measured on a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelCalibration {
    /// Its label, such as `EMG MG`.
    pub label: String,
    /// Median quarter-second RMS of the resting leg, µV.
    pub rest_rms_uv: f64,
    /// RMS of the strongest second of the flexes, µV; `None` if no flex was seen on this channel.
    pub mvc_rms_uv: Option<f64>,
    /// RMS of the strongest second of the stretch, µV: shown, to be seen beside a flex; `None` if it was not heard.
    pub stretch_rms_uv: Option<f64>,
}

/// What a session has measured on a channel.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    pub(super) label: String,
    pub(super) rest_uv: f64,
    /// The greatest second of each flex that was heard.
    pub(super) flexes_uv: Vec<f64>,
    pub(super) stretch_uv: Option<f64>,
}

impl Heard {
    /// The greatest second of all flexes if it is one.
    pub(super) fn mvc_uv(&self) -> Option<f64> {
        let greatest = self.greatest_uv()?;
        (greatest >= LEAST_EFFORT * self.rest_uv.max(LEAST_REST_UV)).then_some(greatest)
    }

    fn greatest_uv(&self) -> Option<f64> {
        self.flexes_uv.iter().copied().reduce(f64::max)
    }
}

impl Calibrated {
    /// Puts together what was heard; `good_share` is how much of the rest was good, 0 to 1.
    pub(super) fn of(heard: &[Heard], good_share: f64, at: UtcMicros) -> Self {
        let mut notes = Vec::new();
        if good_share < MOSTLY {
            notes.push(missing_note(1.0 - good_share));
        }
        for channel in heard {
            if channel.rest_uv < LEAST_REST_UV {
                notes.push(silent_note(&channel.label));
            } else if channel.rest_uv > HIGH_REST_UV {
                notes.push(high_rest_note(&channel.label, channel.rest_uv));
            }
            match channel.mvc_uv() {
                None => notes.push(no_flex_note(&channel.label, channel.greatest_uv())),
                Some(greatest) => {
                    let second = channel.flexes_uv.iter().copied().filter(|flex| *flex < greatest).reduce(f64::max);
                    if let Some(second) = second.filter(|second| greatest > UNEVEN * second) {
                        notes.push(uneven_note(&channel.label, greatest, second));
                    }
                }
            }
        }
        let channels = heard.iter().map(|channel| ChannelCalibration {
            label: channel.label.clone(),
            rest_rms_uv: channel.rest_uv,
            mvc_rms_uv: channel.mvc_uv(),
            stretch_rms_uv: channel.stretch_uv,
        });
        Self { channels: channels.collect(), at, notes }
    }
}

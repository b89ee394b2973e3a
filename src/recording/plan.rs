//! How the samples of a stream are laid out in the records of a segment.

use super::RecordingError;
use super::edf::{EdfSetup, EdfSignal, RecordDuration, exact_scale};
use crate::chunk::{Group, StreamLayout};
use crate::units::{Rate, UtcMicros};

const SEGMENT_S: u32 = 15 * 60;
const LONGEST_RECORD_S: u32 = 60;

/// Sizes of records and segments, fixed for a stream.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) layout: StreamLayout,
    record_s: u32,
    /// EMG samples per channel in a record.
    pub(super) emg_per_record: usize,
    /// Acceleration samples per axis in a record.
    pub(super) acc_per_record: usize,
    pub(super) records_per_segment: u64,
    /// Segments begin at multiples of this EMG index, where an acceleration sample begins too: only then do both keep
    /// their places to each other when the segment is read with its own sample 0.
    pub(super) alignment: u64,
}

impl Plan {
    /// Records of 1 s, or of the fewest whole seconds that hold whole samples.
    pub(super) fn new(layout: StreamLayout) -> Result<Self, RecordingError> {
        let (emg, acc) = (layout.emg.rate, layout.acc.as_ref().map(|group| group.rate));
        let whole = |rate: Rate, seconds: u32| {
            let samples = u64::from(rate.samples()) * u64::from(seconds);
            samples.is_multiple_of(u64::from(rate.seconds())).then_some((samples / u64::from(rate.seconds())) as usize)
        };
        let fits = |seconds| Some((seconds, whole(emg, seconds)?, acc.map_or(Some(0), |acc| whole(acc, seconds))?));
        let Some((record_s, emg_per_record, acc_per_record)) = (1..=LONGEST_RECORD_S).find_map(fits) else {
            return Err(RecordingError::UnrecordableRates {
                emg_hz: emg.as_hz(),
                acc_hz: acc.map_or(0.0, Rate::as_hz),
            });
        };
        Ok(Self {
            layout,
            record_s,
            emg_per_record,
            acc_per_record,
            records_per_segment: u64::from(SEGMENT_S.div_ceil(record_s)),
            alignment: match acc_per_record {
                0 => 1,
                acc => emg_per_record as u64 / gcd(emg_per_record as u64, acc as u64),
            },
        })
    }

    /// The file that holds a segment from `started_at`.
    pub(super) fn setup(&self, started_at: UtcMicros) -> EdfSetup {
        let mut signals = Vec::new();
        let mut add = |group: &Group, unit: &str, transducer: &str, samples_per_record| {
            signals.extend(group.channels.iter().map(|channel| EdfSignal {
                label: channel.label.clone(),
                transducer: transducer.to_owned(),
                unit: unit.to_owned(),
                scale: exact_scale(channel.scale),
                prefilter: String::new(),
                samples_per_record,
            }));
        };
        add(&self.layout.emg, "uV", "surface electrode", self.emg_per_record);
        if let Some(acc) = &self.layout.acc {
            add(acc, "g", "accelerometer", self.acc_per_record);
        }
        EdfSetup::new(started_at, RecordDuration::seconds(self.record_s), signals)
    }
}

const fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

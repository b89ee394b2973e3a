//! The nights of the store, and the way back from their raw segments to features.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::judgement::{Span, judge};
use crate::recording::{ChannelChoice, EdfStream, RecordingError};
use crate::store::{EpisodeRow, LabelRow, Store, StoreError};
use crate::train::{NightRows, TrainError, Truth, collect};
use crate::units::{Rate, UtcMicros};

/// Labels this far outside the night's segments still belong to it, in seconds.
const AROUND_S: f64 = 60.0;
/// Segments with less between them follow each other, in seconds: clocks are corrected a little as the night goes.
const SEAM_S: f64 = 1.0;

/// One night of a leg in the store.
#[derive(Debug, Clone)]
pub struct StoredNight {
    /// The date on which it begins.
    pub night: Date,
    /// Raw segments that are complete, with the instants of their first samples, in order.
    pub segments: Vec<(PathBuf, UtcMicros)>,
    /// When raw files of this night were deleted to keep to `[storage]`.
    pub deleted_at: Option<UtcMicros>,
    /// Episodes, mere suspicions included.
    pub episodes: Vec<EpisodeRow>,
    /// Labels and marks.
    pub labels: Vec<LabelRow>,
}

/// Reads all nights of a leg, oldest first; `data_dir` is where the raw nights lie.
///
/// # Errors
/// When the store cannot be read.
pub async fn stored_nights(store: &Store, data_dir: &Path, leg: &str) -> Result<Vec<StoredNight>, StoreError> {
    let mut nights = Vec::new();
    for row in store.nights(leg, u32::MAX).await?.into_iter().rev() {
        let segments = store.segments_of_night(leg, row.night).await?;
        let deleted_at = segments.iter().filter_map(|segment| segment.deleted_at).max();
        let complete = segments.iter().filter(|segment| segment.deleted_at.is_none());
        let complete = complete.filter(|segment| segment.n_samples.is_some_and(|n| n > 0));
        nights.push(StoredNight {
            night: row.night,
            segments: complete.map(|segment| (segment.file(data_dir), segment.started_at)).collect(),
            deleted_at,
            episodes: store.episodes_of_night(leg, row.night).await?,
            labels: store.labels_between(leg, row.started_at, row.ended_at.plus_seconds(AROUND_S)).await?,
        });
    }
    Ok(nights)
}

/// A night with its features, and what its labels say in seconds of the replay.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) night: Date,
    /// With the labelled cramps that could be seen as truth.
    pub(super) rows: NightRows,
    pub(super) not: Vec<Truth>,
    pub(super) unknown: Vec<Truth>,
    pub(super) n_labels: usize,
}

/// Runs the raw night through the detector's own way from samples to features.
///
/// # Errors
/// In words, when a segment is missing, cannot be read, or differs in its channels.
pub(super) fn replay(night: &StoredNight) -> Result<Replay, TrainError> {
    let material = |text: String| TrainError::Material(text);
    let Some((first, _)) = night.segments.first() else {
        return Err(material(night.deleted_at.map_or_else(
            || "no raw night was kept".to_owned(),
            |at| format!("its raw night was deleted on {}, to keep to [storage]", at.timestamp().strftime("%Y-%m-%d")),
        )));
    };
    let unreadable = |error: RecordingError| TrainError::Material(error.to_string());
    let layout = EdfStream::open(first, &ChannelChoice::default()).map_err(unreadable)?.layout().clone();
    let judged = judge(&night.episodes, &night.labels);
    let mut places = Places::default();
    let (mut not, mut unknown) = (Vec::new(), Vec::new());
    let rows = collect(0, &night.night.to_string(), &layout, |sink| {
        let mut chunks = Vec::new();
        for (path, started_at) in &night.segments {
            let mut stream = EdfStream::open(path, &ChannelChoice::default()).map_err(unreadable)?;
            if stream.layout() != &layout {
                return Err(material(format!("{} has other channels than the night's first segment", path.display())));
            }
            let acc_rate = layout.acc.as_ref().map(|acc| acc.rate);
            let emg_first = places.begin(*started_at, stream.n_samples(), layout.emg.rate, acc_rate);
            let acc_first = acc_rate.map_or(0, |rate| layout.emg.rate.convert(emg_first, rate));
            while stream.next_chunks(&mut chunks).map_err(unreadable)? {
                for mut chunk in chunks.drain(..) {
                    chunk.emg_first += emg_first;
                    chunk.acc_first += acc_first;
                    sink(&chunk);
                }
            }
        }
        let seconds =
            |spans: &[Span]| -> Vec<Truth> { spans.iter().filter_map(|span| places.seconds(*span)).collect() };
        (not, unknown) = (seconds(&judged.not), seconds(&judged.unknown));
        Ok(seconds(&judged.cramps))
    })?;
    Ok(Replay { night: night.night, rows, not, unknown, n_labels: judged.n_labels })
}

/// Where segments lie in the replay.
#[derive(Debug, Default)]
struct Places {
    /// Second of the replay and instant of each segment's first sample.
    begins: Vec<(f64, UtcMicros)>,
    /// Stream index after the last segment, and its instant.
    end: Option<(u64, UtcMicros)>,
}

impl Places {
    /// Puts a segment behind the last one, with the gap that the clock says; gives the stream index of its first sample.
    fn begin(&mut self, started_at: UtcMicros, n_samples: u64, rate: Rate, acc_rate: Option<Rate>) -> u64 {
        let emg_first = self.end.map_or(0, |(index, instant)| {
            let gap_s = started_at.seconds_since(instant);
            if gap_s < SEAM_S {
                return index;
            }
            // Whole blocks, so that EMG and acceleration keep their places to each other.
            let block_s = u64::from(rate.seconds()) * acc_rate.map_or(1, |acc| u64::from(acc.seconds()));
            let block = u64::from(rate.samples()) * block_s / u64::from(rate.seconds());
            index + (gap_s / block_s as f64).ceil() as u64 * block
        });
        let micros = rate.micros_of(n_samples) as i64;
        self.begins.push((rate.micros_of(emg_first) as f64 / 1e6, started_at));
        self.end = Some((emg_first + n_samples, started_at.plus_micros(micros)));
        emg_first
    }

    /// A stretch in seconds of the replay; `None` if it ends before the night or begins after it.
    fn seconds(&self, (from, to): Span) -> Option<Truth> {
        let (first, last) = (self.begins.first()?.1, self.end?.1);
        if to <= first || from >= last {
            return None;
        }
        let second = |at: UtcMicros| {
            let segment = self.begins.iter().rev().find(|(_, began)| *began <= at).or(self.begins.first());
            segment.map(|(second, began)| (second + at.seconds_since(*began)).max(0.0))
        };
        Some(Truth { onset_s: second(from)?, end_s: second(to)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: UtcMicros = UtcMicros(1_763_777_643_000_000);

    #[test]
    fn segments_follow_each_other_and_gaps_are_whole_blocks() {
        let (rate, acc) = (Rate::hz(1000), Some(Rate::hz(100)));
        let mut places = Places::default();
        assert_eq!(places.begin(T0, 900_000, rate, acc), 0);
        assert_eq!(places.begin(T0.plus_seconds(900.02), 900_000, rate, acc), 900_000, "the clock was corrected");
        assert_eq!(places.begin(T0.plus_seconds(2000.5), 60_000, rate, acc), 2_001_000, "a gap of 200.48 s");
        let span = |from_s: f64, to_s: f64| places.seconds((T0.plus_seconds(from_s), T0.plus_seconds(to_s)));
        assert_eq!(span(10.0, 20.0), Some(Truth { onset_s: 10.0, end_s: 20.0 }));
        assert_eq!(span(2010.5, 2020.5), Some(Truth { onset_s: 2011.0, end_s: 2021.0 }));
        assert_eq!(span(-20.0, 5.0), Some(Truth { onset_s: 0.0, end_s: 5.0 }));
        assert_eq!((span(-20.0, -5.0), span(2061.0, 2070.0)), (None, None));
    }
}

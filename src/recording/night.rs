//! Keeps the night: chunks in, EDF+C segments out. What a kill can take is the record under way.

use std::fs::{DirBuilder, File};
use std::path::{Path, PathBuf};

use super::plan::Plan;
use super::segment::{Segment, SegmentInfo};
use super::{RecordingError, edf};
use crate::chunk::{Chunk, StreamLayout};
use crate::units::UtcMicros;

/// A longer gap begins a new segment.
const LONGEST_FILLED_GAP_MICROS: u64 = 60_000_000;
/// A power cut may cost 30 s; callers ask each second or so.
const SYNC_EVERY_MICROS: u64 = 25_000_000;

/// What happened to a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SegmentEvent {
    /// The file exists and has its first record.
    Started(SegmentInfo),
    /// The file is complete and on the disk.
    Finished(SegmentInfo),
}

/// Writes the chunks of one stream as EDF+C segments of 15 min into a folder.
#[derive(Debug)]
pub struct NightRecorder {
    folder: PathBuf,
    prefix: String,
    plan: Plan,
    segment: Option<Segment>,
    /// A marker came with a chunk that had no samples.
    has_marker: bool,
    events: Vec<SegmentEvent>,
    synced_at_micros: Option<u64>,
    is_folder_dirty: bool,
    n_lost_samples: u64,
}

impl NightRecorder {
    /// Makes `folder` (mode 0700) if it is not there. Files are called `<prefix>_<UTC start>.edf`, `prefix` is the leg.
    ///
    /// # Errors
    /// A folder that cannot be made; rates that give no whole samples in a record of up to 60 s.
    pub fn new(folder: impl AsRef<Path>, prefix: &str, layout: StreamLayout) -> Result<Self, RecordingError> {
        let folder = folder.as_ref().to_owned();
        let plan = Plan::new(layout)?;
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(RecordingError::io("make the folder", &folder))?;
        Ok(Self {
            folder,
            // The prefix becomes part of a file name and must stay in the folder.
            prefix: prefix.replace(|c: char| !(c.is_alphanumeric() || "_-".contains(c)), "_"),
            plan,
            segment: None,
            has_marker: false,
            events: Vec::new(),
            synced_at_micros: None,
            is_folder_dirty: false,
            n_lost_samples: 0,
        })
    }

    #[cfg(test)]
    pub(super) fn set_records_per_segment(&mut self, n_records: u64) {
        self.plan.records_per_segment = n_records;
    }

    /// EMG samples per channel that disk errors have cost so far.
    pub fn n_lost_samples(&self) -> u64 {
        self.n_lost_samples
    }

    /// The segment under way, with what is in its file so far.
    pub fn current(&self) -> Option<SegmentInfo> {
        self.segment.as_ref()?.info(&self.plan)
    }

    /// Records `chunk`, whose first sample was taken at `start_at`. A chunk from before the last one begins a new
    /// segment, as after a sensor restart.
    ///
    /// # Errors
    /// After a disk error the record under way and the rest of the chunk are lost and counted, the segment is closed as
    /// far as possible, and the next chunk begins a new one. Events not yet returned come with the next success.
    pub fn push(&mut self, chunk: &Chunk, start_at: UtcMicros) -> Result<Vec<SegmentEvent>, RecordingError> {
        let channels = self.plan.layout.emg.channels.len();
        if channels == 0 || !chunk.emg.len().is_multiple_of(channels) {
            return Err(RecordingError::ChunkShape { found: chunk.emg.len(), channels });
        }
        self.has_marker |= chunk.marker;
        let end = chunk.emg_first + chunk.emg_len(channels);
        if end > chunk.emg_first {
            self.record(chunk, end, start_at).inspect_err(|_| self.abandon(Some(chunk.emg_first..end)))?;
        }
        Ok(std::mem::take(&mut self.events))
    }

    fn record(&mut self, chunk: &Chunk, end: u64, start_at: UtcMicros) -> Result<(), RecordingError> {
        let rate = self.plan.layout.emg.rate;
        let longest_gap = rate.sample_at_or_after(LONGEST_FILLED_GAP_MICROS);
        if let Some(segment) = &self.segment {
            let next = segment.next(&self.plan);
            if chunk.emg_first < next || chunk.emg_first - next > longest_gap {
                self.close()?;
            }
        }
        while let Some(segment) = &mut self.segment {
            let n_missing = chunk.emg_first - segment.next(&self.plan);
            if n_missing == 0 {
                break;
            }
            let n = n_missing.min(segment.room(&self.plan) as u64) as usize;
            segment.fill(&self.plan, n);
            self.write_if_full()?;
        }
        let mut at = chunk.emg_first;
        while at < end {
            let begin = || {
                let at_time = start_at.plus_micros(rate.micros_of(at - chunk.emg_first) as i64);
                Segment::begin(&self.plan, at, at_time)
            };
            let segment = self.segment.get_or_insert_with(begin);
            if std::mem::take(&mut self.has_marker) {
                segment.mark(at);
            }
            let n = (end - at).min(segment.room(&self.plan) as u64);
            segment.place(&self.plan, chunk, n as usize);
            at += n;
            self.write_if_full()?;
        }
        Ok(())
    }

    fn write_if_full(&mut self) -> Result<(), RecordingError> {
        let Some(segment) = self.segment.as_mut().filter(|segment| segment.room(&self.plan) == 0) else {
            return Ok(());
        };
        segment.write(&self.plan, &self.folder, &self.prefix)?;
        if segment.n_records() == 1 {
            self.is_folder_dirty = true;
            self.events.extend(segment.info(&self.plan).map(SegmentEvent::Started));
        }
        if segment.n_records() >= self.plan.records_per_segment {
            self.close()?;
        }
        Ok(())
    }

    /// Fills the record under way, writes it, and completes the file.
    fn close(&mut self) -> Result<(), RecordingError> {
        let Some(segment) = &mut self.segment else { return Ok(()) };
        let room = segment.room(&self.plan);
        if room < self.plan.emg_per_record {
            segment.fill(&self.plan, room);
            segment.write(&self.plan, &self.folder, &self.prefix)?;
            if segment.n_records() == 1 {
                self.is_folder_dirty = true;
                self.events.extend(segment.info(&self.plan).map(SegmentEvent::Started));
            }
        }
        let info = segment.info(&self.plan);
        if let Some(segment) = self.segment.take() {
            segment.close()?;
        }
        self.sync_folder()?;
        self.events.extend(info.map(SegmentEvent::Finished));
        Ok(())
    }

    /// After an error: leaves the segment in the best state the disk allows and counts what is lost.
    fn abandon(&mut self, chunk: Option<std::ops::Range<u64>>) {
        let Some(segment) = self.segment.take() else {
            self.n_lost_samples += chunk.map_or(0, |chunk| chunk.end - chunk.start);
            return;
        };
        let saved_until = segment.saved_until(&self.plan);
        let end = chunk.map_or(segment.next(&self.plan), |chunk| chunk.end);
        self.n_lost_samples += end.saturating_sub(saved_until);
        if let Some(info) = segment.info(&self.plan) {
            drop(segment);
            // If the disk refuses this too, the repair of the next start does it.
            if edf::repair(&info.path).is_ok_and(|repaired| repaired.n_records > 0) {
                self.events.push(SegmentEvent::Finished(info));
            }
        }
    }

    /// Brings the file to the disk if that was not done for 25 s; `now_micros` is monotonic. May block for long: not for
    /// an async task.
    pub fn sync_if_due(&mut self, now_micros: u64) -> Result<(), RecordingError> {
        let is_due = self.synced_at_micros.is_none_or(|at| now_micros.saturating_sub(at) >= SYNC_EVERY_MICROS);
        let Some((path, file)) = self.segment.as_ref().and_then(Segment::file).filter(|_| is_due) else {
            return Ok(());
        };
        file.sync_data().map_err(RecordingError::io("sync", path))?;
        self.sync_folder()?;
        self.synced_at_micros = Some(now_micros);
        Ok(())
    }

    /// A new file survives a power cut only if its folder is on the disk too.
    fn sync_folder(&mut self) -> Result<(), RecordingError> {
        if self.is_folder_dirty && cfg!(unix) {
            let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
            folder.map_err(RecordingError::io("sync", &self.folder))?;
        }
        self.is_folder_dirty = false;
        Ok(())
    }

    /// Ends the segment under way; its last record is filled up, the filling annotated as a gap. The recorder can go on.
    pub fn finish(&mut self) -> Result<Vec<SegmentEvent>, RecordingError> {
        self.close().inspect_err(|_| self.abandon(None))?;
        Ok(std::mem::take(&mut self.events))
    }
}

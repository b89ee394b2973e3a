//! One segment of the night while it is written: a record under way and the file behind it.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::RecordingError;
use super::edf::{Annotation, EdfWriter, GAP_TEXT, LEAD_OFF_TEXT, MARKER_TEXT};
use super::plan::Plan;
use super::spans::{Span, Spans};
use crate::chunk::Chunk;
use crate::units::UtcMicros;

/// Presses that are kept in one record; more within a second are a button held down.
const MAX_MARKERS: usize = 4;
/// Files that may begin in the same second, as after a sensor restart.
const MAX_SAME_NAME: u32 = 99;

/// A segment of the night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentInfo {
    /// The EDF+C file.
    pub path: PathBuf,
    /// Exact instant of its first sample.
    pub started_at: UtcMicros,
    /// EMG samples per channel in the file so far, filled gaps included.
    pub n_samples: u64,
    /// Stream index of the file's first EMG sample.
    pub emg_first: u64,
}

#[derive(Debug)]
pub(super) struct Segment {
    started_at: UtcMicros,
    emg_first: u64,
    file: Option<(PathBuf, EdfWriter<File>)>,
    n_records: u64,
    /// The record under way: EMG channels, then X, Y, Z.
    record: Vec<Vec<i16>>,
    /// Samples are counted from the segment's first.
    gaps: Spans,
    lead_off: Spans,
    markers: Vec<u64>,
}

impl Segment {
    /// A segment whose first real sample has stream index `at` and instant `at_time`. It may begin some samples earlier,
    /// with a gap, because of [`Plan::alignment`].
    pub(super) fn begin(plan: &Plan, at: u64, at_time: UtcMicros) -> Self {
        let n_ahead = at % plan.alignment;
        let ahead_micros = plan.layout.emg.rate.micros_of(n_ahead) as i64;
        let n_signals = plan.layout.emg.channels.len() + plan.layout.acc.as_ref().map_or(0, |acc| acc.channels.len());
        let mut segment = Self {
            started_at: at_time.plus_micros(-ahead_micros),
            emg_first: at - n_ahead,
            file: None,
            n_records: 0,
            record: vec![Vec::new(); n_signals],
            gaps: Spans::default(),
            lead_off: Spans::default(),
            markers: Vec::new(),
        };
        segment.fill(plan, n_ahead as usize);
        segment
    }

    /// Stream index of the next sample.
    pub(super) fn next(&self, plan: &Plan) -> u64 {
        self.saved_until(plan) + self.n_in_record() as u64
    }

    /// Stream index up to which samples are in the file.
    pub(super) fn saved_until(&self, plan: &Plan) -> u64 {
        self.emg_first + self.n_records * plan.emg_per_record as u64
    }

    /// EMG samples per channel that the record under way can still take.
    pub(super) fn room(&self, plan: &Plan) -> usize {
        plan.emg_per_record - self.n_in_record()
    }

    pub(super) fn n_records(&self) -> u64 {
        self.n_records
    }

    pub(super) fn file(&self) -> Option<(&Path, &File)> {
        self.file.as_ref().map(|(path, writer)| (path.as_path(), writer.get_ref()))
    }

    /// What is in the file so far; `None` before its first record.
    pub(super) fn info(&self, plan: &Plan) -> Option<SegmentInfo> {
        let (path, _) = self.file.as_ref()?;
        let n_samples = self.n_records * plan.emg_per_record as u64;
        Some(SegmentInfo { path: path.clone(), started_at: self.started_at, n_samples, emg_first: self.emg_first })
    }

    fn n_in_record(&self) -> usize {
        self.record.first().map_or(0, Vec::len)
    }

    /// Takes `n` samples of `chunk`, from where this segment is. The caller sees to it that they are there and fit.
    pub(super) fn place(&mut self, plan: &Plan, chunk: &Chunk, n: usize) {
        let at = self.next(plan);
        let n_channels = plan.layout.emg.channels.len();
        let from = (at - chunk.emg_first) as usize * n_channels;
        let values = &chunk.emg[from..from + n * n_channels];
        let (emg, acc) = self.record.split_at_mut(n_channels);
        for (channel, samples) in emg.iter_mut().enumerate() {
            samples.extend(values.iter().skip(channel).step_by(n_channels));
        }
        if let Some(group) = &plan.layout.acc {
            let rate = plan.layout.emg.rate;
            for index in rate.convert(at, group.rate)..rate.convert(at + n as u64, group.rate) {
                // A chunk holds the acceleration of its stretch; one that does not costs its samples, not the night.
                let values = index.checked_sub(chunk.acc_first).and_then(|i| chunk.acc.chunks_exact(3).nth(i as usize));
                for (axis, samples) in acc.iter_mut().enumerate() {
                    let held = samples.last().copied().unwrap_or(0);
                    samples.push(values.and_then(|v| v.get(axis).copied()).unwrap_or(held));
                }
            }
        }
        let span = Span { from: at - self.emg_first, to: at - self.emg_first + n as u64 };
        if chunk.lead_off {
            self.lead_off.add(span);
        }
    }

    /// The wearer pressed the button at stream index `at`.
    pub(super) fn mark(&mut self, at: u64) {
        if self.markers.len() < MAX_MARKERS {
            self.markers.push(at - self.emg_first);
        }
    }

    /// Fills `n` samples that were never received, and says so. The caller sees to it that they fit.
    pub(super) fn fill(&mut self, plan: &Plan, n: usize) {
        let at = self.next(plan);
        let emg = &plan.layout.emg;
        for (channel, samples) in emg.channels.iter().zip(&mut self.record) {
            samples.resize(samples.len() + n, channel.scale.quantise(0.0));
        }
        if let Some(group) = &plan.layout.acc {
            let n_acc = emg.rate.convert(at + n as u64, group.rate) - emg.rate.convert(at, group.rate);
            for samples in self.record.iter_mut().skip(emg.channels.len()) {
                let held = samples.last().copied().unwrap_or(0);
                samples.resize(samples.len() + n_acc as usize, held);
            }
        }
        self.gaps.add(Span { from: at - self.emg_first, to: at - self.emg_first + n as u64 });
    }

    /// Writes the record, which is full; the first one makes the file.
    pub(super) fn write(&mut self, plan: &Plan, folder: &Path, prefix: &str) -> Result<(), RecordingError> {
        let (path, mut writer) = match self.file.take() {
            Some(file) => file,
            None => {
                let (path, file) = create_file(folder, prefix, self.started_at)?;
                let writer = EdfWriter::new(file, plan.setup(self.started_at)).map_err(RecordingError::edf(&path));
                (path.clone(), writer.inspect_err(|_| discard(&path))?)
            }
        };
        let mut result = Ok(());
        for note in self.notes(plan, writer.annotation_room()) {
            result = result.and_then(|()| writer.annotate(&note));
        }
        let result = result.and_then(|()| writer.write_record(&self.record)).map_err(RecordingError::edf(&path));
        if result.is_err() && self.n_records == 0 {
            discard(&path);
            return result;
        }
        self.file = Some((path, writer));
        result?;
        self.n_records += 1;
        self.record.iter_mut().for_each(Vec::clear);
        self.gaps.clear();
        self.lead_off.clear();
        self.markers.clear();
        Ok(())
    }

    /// The annotations of the record under way, in at most `room` bytes, so that they stand in the record they concern.
    /// If there are too many (some fifteen gaps a second), the shortest stretches between gaps are counted to the gaps.
    fn notes(&mut self, plan: &Plan, room: usize) -> Vec<Annotation> {
        loop {
            let notes = self.all_notes(plan);
            if notes.iter().map(Annotation::encoded_len).sum::<usize>() <= room {
                return notes;
            }
            match (self.gaps.shortest_break(), self.lead_off.shortest_break()) {
                (Some((gap, length)), lead_off) if lead_off.is_none_or(|(_, other)| length <= other) => {
                    self.gaps.bridge(gap);
                }
                (_, Some((lead_off, _))) => self.lead_off.bridge(lead_off),
                // One stretch of each kind and a few markers always fit.
                _ => return notes,
            }
        }
    }

    fn all_notes(&self, plan: &Plan) -> Vec<Annotation> {
        let micros = |sample| plan.layout.emg.rate.micros_of(sample);
        let fraction = self.started_at.0.rem_euclid(1_000_000) as u64;
        let onset_s = |sample| (fraction + micros(sample)) as f64 / 1e6;
        let stretch = |span: Span, text: &str| Annotation {
            onset_s: onset_s(span.from),
            duration_s: Some((micros(span.to) - micros(span.from)) as f64 / 1e6),
            text: text.to_owned(),
        };
        let markers = self.markers.iter();
        let markers =
            markers.map(|at| Annotation { onset_s: onset_s(*at), duration_s: None, text: MARKER_TEXT.to_owned() });
        let gaps = self.gaps.iter().map(|span| stretch(span, GAP_TEXT));
        gaps.chain(self.lead_off.iter().map(|span| stretch(span, LEAD_OFF_TEXT))).chain(markers).collect()
    }

    /// Writes the number of records and makes sure that the file is on the disk.
    pub(super) fn close(self) -> Result<(), RecordingError> {
        let Some((path, writer)) = self.file else { return Ok(()) };
        let file = writer.finish().map_err(RecordingError::edf(&path))?;
        file.sync_all().map_err(RecordingError::io("sync", &path))
    }
}

/// Removes a file that a full disk has kept from getting its first record.
fn discard(path: &Path) {
    // Else the repair of the next start does it.
    let _ = std::fs::remove_file(path);
}

/// Makes `<prefix>_<UTC start>.edf`, readable by its owner only; never overwrites.
fn create_file(folder: &Path, prefix: &str, started_at: UtcMicros) -> Result<(PathBuf, File), RecordingError> {
    let start = started_at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut number = 1;
    loop {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{prefix}_{start}{suffix}.edf"));
        match options.open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < MAX_SAME_NAME => number += 1,
            Err(error) => return Err(RecordingError::io("create", &path)(error)),
        }
    }
}

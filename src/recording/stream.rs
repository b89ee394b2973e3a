//! An EDF as a stream of chunks, with our own annotations turned back into gaps, lead-off and markers.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use super::RecordingError;
use super::channels::{self, ChannelChoice, Chosen};
use super::edf::{Annotation, EdfHeader, EdfReader, GAP_TEXT, LEAD_OFF_TEXT, MARKER_TEXT};
use super::spans::{Span, Spans};
use crate::chunk::{Chunk, StreamLayout};
use crate::units::UtcMicros;

/// Annotated stretches that may wait for a later record; a sane file has none.
const MAX_WAITING: usize = 10_000;

/// An EDF file read as a stream: record by record, memory flat.
#[derive(Debug)]
pub struct EdfStream<R = File> {
    path: PathBuf,
    reader: EdfReader<R>,
    chosen: Chosen,
    emg_per_record: usize,
    acc_per_record: usize,
    /// Stream index of the next record's first EMG sample.
    next_emg: u64,
    next_acc: u64,
    gaps: Spans,
    lead_off: Spans,
    markers: Vec<u64>,
    annotations: Vec<Annotation>,
}

impl EdfStream<File> {
    /// Opens the file at `path` and chooses its channels.
    ///
    /// # Errors
    /// What [`EdfReader::new`] refuses; no EMG; names, rates or units that cannot be used.
    pub fn open(path: impl AsRef<Path>, choice: &ChannelChoice) -> Result<Self, RecordingError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(RecordingError::io("open", path))?;
        Self::new(file, path, choice)
    }
}

impl<R: Read + Seek> EdfStream<R> {
    /// Like [`EdfStream::open`] over any input; `path` is for messages.
    pub fn new(input: R, path: impl AsRef<Path>, choice: &ChannelChoice) -> Result<Self, RecordingError> {
        let path = path.as_ref().to_owned();
        let reader = EdfReader::new(input).map_err(RecordingError::edf(&path))?;
        let chosen = channels::choose(&path, reader.header(), choice)?;
        let per_record = |signals: &[usize]| {
            signals.first().and_then(|s| reader.header().signals.get(*s)).map_or(0, |signal| signal.samples_per_record)
        };
        let (emg_per_record, acc_per_record) = (per_record(&chosen.emg), per_record(&chosen.acc));
        Ok(Self {
            path,
            reader,
            chosen,
            emg_per_record,
            acc_per_record,
            next_emg: 0,
            next_acc: 0,
            gaps: Spans::default(),
            lead_off: Spans::default(),
            markers: Vec::new(),
            annotations: Vec::new(),
        })
    }

    /// Channels, rates and scales (µV and g) of the chunks.
    pub fn layout(&self) -> &StreamLayout {
        &self.chosen.layout
    }

    /// The header of the file.
    pub fn header(&self) -> &EdfHeader {
        self.reader.header()
    }

    /// What the user may want to know about the choice of channels, in plain words.
    pub fn notes(&self) -> &[String] {
        &self.chosen.notes
    }

    /// EMG samples per channel in the whole file, gaps included.
    pub fn n_samples(&self) -> u64 {
        self.reader.n_records() * self.emg_per_record as u64
    }

    /// Length of the file in seconds, gaps included.
    pub fn duration_s(&self) -> f64 {
        self.reader.header().record_duration.micros_of(self.reader.n_records()) as f64 / 1e6
    }

    /// Instant of sample 0; `None` if the file does not say. EDF knows no zone: the time is taken as UTC, which is
    /// certain only if [`Self::is_start_utc`].
    pub fn started_at(&self) -> Option<UtcMicros> {
        let start = self.header().start?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(UtcMicros::from_timestamp(start.timestamp()).plus_seconds(self.reader.start_offset_s()))
    }

    /// The file says that its times are UTC, as ours do.
    pub fn is_start_utc(&self) -> bool {
        self.header().recording.split_whitespace().any(|word| word == "UTC")
    }

    /// Appends the chunks of the next record to `into`: none if it is all gap, several if gaps or lead-off divide it.
    /// `false` after the last record.
    pub fn next_chunks(&mut self, into: &mut Vec<Chunk>) -> Result<bool, RecordingError> {
        if !self.reader.advance().map_err(RecordingError::edf(&self.path))? {
            return Ok(false);
        }
        self.take_annotations();
        let n_before = into.len();
        let whole = self.whole_record();
        self.next_emg += self.emg_per_record as u64;
        self.next_acc += self.acc_per_record as u64;
        self.divide(whole, into);

        self.markers.retain(|marker| {
            // A marker in a gap goes to the chunk after it.
            let place = into[n_before..].iter_mut().find(|c| *marker < c.emg_first + c.emg_len(self.chosen.emg.len()));
            place.map(|chunk| chunk.marker = true).is_none()
        });
        Ok(true)
    }

    /// The current record as one chunk.
    fn whole_record(&self) -> Chunk {
        let interleave = |signals: &[usize], n_samples: usize| {
            let mut out = vec![0; signals.len() * n_samples];
            for (channel, signal) in signals.iter().enumerate() {
                let frames = out.chunks_exact_mut(signals.len());
                frames.zip(self.reader.samples(*signal)).for_each(|(frame, sample)| frame[channel] = sample);
            }
            out
        };
        Chunk {
            emg_first: self.next_emg,
            emg: interleave(&self.chosen.emg, self.emg_per_record),
            acc_first: self.next_acc,
            acc: interleave(&self.chosen.acc, self.acc_per_record),
            lead_off: false,
            marker: false,
        }
    }

    fn take_annotations(&mut self) {
        self.annotations.clear();
        self.reader.annotations_into(&mut self.annotations);
        let rate = self.chosen.layout.emg.rate;
        // Times are relative to the header's second, samples to the first sample of the file.
        let offset_s = self.reader.start_offset_s();
        let sample = |onset_s: f64| rate.nearest_sample(((onset_s - offset_s).max(0.0) * 1e6).round() as u64);
        for note in &self.annotations {
            let span = Span { from: sample(note.onset_s), to: sample(note.onset_s + note.duration_s.unwrap_or(0.0)) };
            match note.text.as_str() {
                GAP_TEXT if self.gaps.len() < MAX_WAITING => self.gaps.add(span),
                LEAD_OFF_TEXT if self.lead_off.len() < MAX_WAITING => self.lead_off.add(span),
                MARKER_TEXT if self.markers.len() < MAX_WAITING => self.markers.push(span.from),
                _ => {}
            }
        }
    }

    /// Divides a record at the ends of gaps and lead-off and leaves the gaps out.
    fn divide(&mut self, mut rest: Chunk, into: &mut Vec<Chunk>) {
        let end = self.next_emg;
        let begin = rest.emg_first;
        let mut cuts: Vec<u64> = self.gaps.ends().chain(self.lead_off.ends()).collect();
        cuts.retain(|at| (begin + 1..end).contains(at));
        cuts.sort_unstable();
        cuts.dedup();
        let n_before = into.len();
        // From the back, so that each sample is copied once however many cuts there are.
        for cut in cuts.into_iter().rev().chain([begin]) {
            let mut part =
                if cut == begin { std::mem::take(&mut rest) } else { rest.split_off(cut, &self.chosen.layout) };
            part.lead_off = self.lead_off.contains(cut);
            if !self.gaps.contains(cut) {
                into.push(part);
            }
        }
        into[n_before..].reverse();
        self.gaps.forget_before(end);
        self.lead_off.forget_before(end);
    }
}

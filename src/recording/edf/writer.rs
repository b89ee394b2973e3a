//! Writes EDF+C: every record by one write call whole, the number of records at the end.

use std::collections::VecDeque;
use std::io::{Seek, SeekFrom, Write};

use super::{Annotation, EdfError, EdfSetup, GAP_TEXT, annotation};

/// Kept free of other annotations: the time-keeping annotation and, in a record that only holds left-over
/// annotations, the one that calls its samples a gap.
const RESERVED_BYTES: usize = 64;
const MAX_WAITING: usize = 10_000;
/// Where the header keeps the number of records.
pub(super) const COUNT_FIELD: std::ops::Range<u64> = 236..244;

/// A streaming writer of EDF+C. Until [`Self::finish`] the header says -1 records, which readers take from the size.
#[derive(Debug)]
pub struct EdfWriter<W> {
    output: W,
    setup: EdfSetup,
    record: Vec<u8>,
    n_records: u64,
    /// The last write failed, so the position may be inside a record.
    is_torn: bool,
    /// Encoded annotations for the next records.
    waiting: VecDeque<Vec<u8>>,
}

impl<W: Write + Seek> EdfWriter<W> {
    /// Writes the header at the start of `output`.
    ///
    /// # Errors
    /// [`EdfError::Unwritable`] for what does not fit the header, [`EdfError::FlatScale`], [`EdfError::Io`].
    pub fn new(mut output: W, setup: EdfSetup) -> Result<Self, EdfError> {
        for signal in &setup.signals {
            signal.checked_scale()?;
        }
        let header = setup.header()?;
        output.seek(SeekFrom::Start(0)).and_then(|_| output.write_all(&header)).map_err(EdfError::io("write"))?;
        let samples: usize = setup.signals.iter().map(|signal| signal.samples_per_record).sum();
        let record = Vec::with_capacity(2 * samples + setup.annotation_bytes);
        Ok(Self { output, setup, record, n_records: 0, is_torn: false, waiting: VecDeque::new() })
    }

    /// Records written so far.
    pub fn n_records(&self) -> u64 {
        self.n_records
    }

    /// What is written to.
    pub fn get_ref(&self) -> &W {
        &self.output
    }

    /// Bytes for annotations in each record beside its time and a reserve.
    pub(in crate::recording) fn annotation_room(&self) -> usize {
        self.setup.annotation_bytes - RESERVED_BYTES
    }

    /// Puts an annotation into the next record that has room for it; none is cut and none is lost.
    ///
    /// # Errors
    /// [`EdfError::AnnotationTooLong`] and [`EdfError::TooManyAnnotations`]; the annotation is then not taken.
    pub fn annotate(&mut self, annotation: &Annotation) -> Result<(), EdfError> {
        let bytes = annotation.encode();
        let limit_bytes = self.annotation_room();
        if bytes.len() > limit_bytes {
            return Err(EdfError::AnnotationTooLong { found_bytes: bytes.len(), limit_bytes });
        }
        if self.waiting.len() >= MAX_WAITING {
            return Err(EdfError::TooManyAnnotations { waiting: self.waiting.len(), limit: MAX_WAITING });
        }
        self.waiting.push_back(bytes);
        Ok(())
    }

    /// Writes one record; `samples` holds the samples of each signal. After an error it may be called again.
    pub fn write_record<S: AsRef<[i16]>>(&mut self, samples: &[S]) -> Result<(), EdfError> {
        let shape = |what, found, expected| Err(EdfError::RecordShape { what, found, expected });
        if samples.len() != self.setup.signals.len() {
            return shape("signals".to_owned(), samples.len(), self.setup.signals.len());
        }
        self.record.clear();
        for (index, (samples, signal)) in samples.iter().zip(&self.setup.signals).enumerate() {
            let samples = samples.as_ref();
            if samples.len() != signal.samples_per_record {
                return shape(format!("samples of signal {}", index + 1), samples.len(), signal.samples_per_record);
            }
            let from = self.record.len();
            self.record.resize(from + 2 * samples.len(), 0);
            for (pair, sample) in self.record[from..].chunks_exact_mut(2).zip(samples) {
                pair.copy_from_slice(&sample.to_le_bytes());
            }
        }
        let n_taken = self.put_annotations(&[]);
        self.write_out(n_taken)
    }

    /// Fills the annotation space behind the samples and returns how many waiting annotations it now holds.
    fn put_annotations(&mut self, first: &[u8]) -> usize {
        let end = self.record.len() + self.setup.annotation_bytes;
        self.record.extend(annotation::encode_time_keeping(self.next_start_s()));
        self.record.extend_from_slice(first);
        let mut n_taken = 0;
        for waiting in &self.waiting {
            if self.record.len() + waiting.len() > end {
                break;
            }
            self.record.extend_from_slice(waiting);
            n_taken += 1;
        }
        self.record.resize(end, 0);
        n_taken
    }

    /// Seconds from the header's start second to the start of the next record.
    fn next_start_s(&self) -> f64 {
        let fraction = u64::from(self.setup.start_fraction_micros());
        (fraction + self.setup.record_duration.micros_of(self.n_records)) as f64 / 1e6
    }

    fn write_out(&mut self, n_taken: usize) -> Result<(), EdfError> {
        if self.is_torn {
            let at = self.setup.header_bytes() + self.n_records * self.record.len() as u64;
            self.output.seek(SeekFrom::Start(at)).map_err(EdfError::io("write"))?;
        }
        self.is_torn = true;
        self.output.write_all(&self.record).map_err(EdfError::io("write"))?;
        self.is_torn = false;
        self.n_records += 1;
        self.waiting.drain(..n_taken);
        Ok(())
    }

    /// Writes annotations that still wait, in records whose samples are zero and called a gap, then the number of
    /// records, and gives the output back.
    pub fn finish(mut self) -> Result<W, EdfError> {
        while !self.waiting.is_empty() {
            self.record.clear();
            for signal in &self.setup.signals {
                let zero = signal.scale.quantise(0.0).to_le_bytes();
                self.record.extend(zero.iter().cycle().take(2 * signal.samples_per_record));
            }
            let duration_s = Some(self.setup.record_duration.as_seconds());
            let gap = Annotation { onset_s: self.next_start_s(), duration_s, text: GAP_TEXT.to_owned() };
            let n_taken = self.put_annotations(&gap.encode());
            self.write_out(n_taken)?;
        }
        let count = format!("{:<8}", self.n_records);
        self.output
            .seek(SeekFrom::Start(COUNT_FIELD.start))
            .and_then(|_| self.output.write_all(count.as_bytes()))
            .and_then(|()| self.output.seek(SeekFrom::End(0)))
            .and_then(|_| self.output.flush())
            .map_err(EdfError::io("write"))?;
        Ok(self.output)
    }
}

//! Reads EDF records one after the other; memory is one record and a read buffer, whatever the length of the file.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::header::{self, Layout};
use super::{Annotation, EdfError, EdfHeader, annotation};

/// Enough for many 1 s records in one system call.
const READ_BUFFER_BYTES: usize = 256 * 1024;

/// One data record; reuse it from call to call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// Number of the record in the file, from 0.
    pub index: u64,
    /// Seconds from the header's start to the start of the record: what the file says, or computed if it does not.
    pub start_s: f64,
    /// Digital samples by signal, in the order of [`EdfHeader::signals`].
    pub samples: Vec<Vec<i16>>,
    /// Annotations that stand in this record; EDF+ lets them concern any time of the file.
    pub annotations: Vec<Annotation>,
}

/// A streaming reader of EDF and EDF+C.
#[derive(Debug)]
pub struct EdfReader<R> {
    input: BufReader<R>,
    layout: Layout,
    /// Indices into `layout.slots` of the signals of the header.
    signal_slots: Vec<usize>,
    n_records: u64,
    n_read: u64,
    start_offset_s: f64,
    record: Vec<u8>,
}

impl EdfReader<File> {
    /// Opens the file at `path`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, EdfError> {
        Self::new(File::open(path).map_err(EdfError::io("open"))?)
    }
}

impl<R: Read + Seek> EdfReader<R> {
    /// Reads the header of `input` from its first byte.
    ///
    /// # Errors
    /// Every header that cannot be trusted, and a file without one whole record.
    pub fn new(mut input: R) -> Result<Self, EdfError> {
        let layout = header::read(&mut input)?;
        let n_records = layout.n_records();
        if n_records == 0 {
            let found_bytes = layout.file_bytes.saturating_sub(layout.header_bytes);
            return Err(EdfError::NoRecords { found_bytes, record_bytes: layout.record_bytes as u64 });
        }
        let signal_slots = (0..layout.slots.len()).filter(|slot| !layout.slots[*slot].is_annotation).collect();
        // The buffer is not larger than the file, so that a header cannot ask for memory the file does not need.
        let capacity = (READ_BUFFER_BYTES as u64).min(layout.file_bytes) as usize;
        let record = vec![0; layout.record_bytes];
        let input = BufReader::with_capacity(capacity, input);
        let mut reader = Self { input, layout, signal_slots, n_records, n_read: 0, start_offset_s: 0.0, record };
        reader.read_start_offset()?;
        Ok(reader)
    }

    /// The first time-keeping annotation carries the fraction of the start second; it is wanted before any record.
    fn read_start_offset(&mut self) -> Result<(), EdfError> {
        if self.advance()? {
            self.start_offset_s = self.annotations_into(&mut Vec::new()).unwrap_or(0.0);
        }
        self.n_read = 0;
        self.input.seek(SeekFrom::Start(self.layout.header_bytes)).map_err(EdfError::io("read"))?;
        Ok(())
    }

    /// The header.
    pub fn header(&self) -> &EdfHeader {
        &self.layout.header
    }

    /// Whole records in the file by its size; [`EdfHeader::n_records_declared`] may say otherwise.
    pub fn n_records(&self) -> u64 {
        self.n_records
    }

    /// Seconds from the header's start second to the first sample, from the first time-keeping annotation; else 0.
    pub fn start_offset_s(&self) -> f64 {
        self.start_offset_s
    }

    /// Reads the next record into `record`; `false` after the last one, with `record` untouched.
    pub fn read_record(&mut self, record: &mut Record) -> Result<bool, EdfError> {
        if !self.advance()? {
            return Ok(false);
        }
        record.index = self.n_read - 1;
        record.samples.resize(self.signal_slots.len(), Vec::new());
        for (signal, samples) in record.samples.iter_mut().enumerate() {
            samples.clear();
            samples.extend(self.samples(signal));
        }
        record.annotations.clear();
        let elapsed_s = self.layout.header.record_duration.micros_of(record.index) as f64 / 1e6;
        record.start_s = self.annotations_into(&mut record.annotations).unwrap_or(self.start_offset_s + elapsed_s);
        Ok(true)
    }

    /// Moves to the next record without decoding it; `false` after the last one.
    pub(in crate::recording) fn advance(&mut self) -> Result<bool, EdfError> {
        if self.n_read >= self.n_records {
            return Ok(false);
        }
        match self.input.read_exact(&mut self.record) {
            Ok(()) => self.n_read += 1,
            // The file was cut while it was being read.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                self.n_records = self.n_read;
                return Ok(false);
            }
            Err(source) => return Err(EdfError::Io { action: "read", source }),
        }
        Ok(true)
    }

    /// Samples of signal `signal` in the current record; none if there is no such signal.
    pub(in crate::recording) fn samples(&self, signal: usize) -> impl ExactSizeIterator<Item = i16> + '_ {
        let bytes = self.signal_slots.get(signal).map_or(0..0, |slot| self.layout.slots[*slot].bytes.clone());
        self.record[bytes].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
    }

    /// Appends the annotations of the current record and returns its start in seconds, if it says so.
    pub(in crate::recording) fn annotations_into(&self, into: &mut Vec<Annotation>) -> Option<f64> {
        let mut start_s = None;
        for (index, slot) in self.layout.slots.iter().filter(|slot| slot.is_annotation).enumerate() {
            let found = annotation::decode(&self.record[slot.bytes.clone()], into);
            if index == 0 {
                start_s = found;
            }
        }
        start_s
    }
}

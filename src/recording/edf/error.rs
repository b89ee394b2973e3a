//! What can be wrong with an EDF file: what was found, what was expected, what to do.

/// Why an EDF file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EdfError {
    /// The file has no bytes.
    #[error("the file is empty, expected an EDF header of at least 512 bytes; export or copy the recording again")]
    Empty,
    /// The version field is not that of EDF.
    #[error(
        "not an EDF file: it begins with {found:?}, expected \"0\" and seven spaces; convert the recording to EDF+"
    )]
    NotEdf {
        /// The first eight bytes or fewer.
        found: String,
    },
    /// A BioSemi file of 24 bit.
    #[error(
        "the file is BDF (24 bit), expected EDF or EDF+C (16 bit): BDF is not supported yet; convert it to EDF+ first"
    )]
    Bdf,
    /// An EDF+ file with interruptions.
    #[error(
        "the file is EDF+D (with interruptions), expected EDF or EDF+C: EDF+D is not supported yet; convert it to EDF+C first"
    )]
    Discontinuous,
    /// The file ends inside the header.
    #[error("the header is cut off: found {found_bytes} bytes, expected {expected_bytes}; copy the recording again")]
    TruncatedHeader {
        /// Bytes in the file.
        found_bytes: u64,
        /// Bytes that the header needs.
        expected_bytes: u64,
    },
    /// A header field that should be a number is not, or is out of its range.
    #[error(
        "header field \"{field}\"{place}: found {found:?}, expected {expected}; correct the header or export again"
    )]
    BadField {
        /// Name of the field.
        field: &'static str,
        /// Which signal, or empty.
        place: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// The header has no signals.
    #[error("the header says 0 signals, expected 1 to 512; export the recording again with its signals")]
    NoSignals,
    /// Every signal holds annotations.
    #[error("the file holds only annotations, expected at least one signal; choose the file with the signals")]
    OnlyAnnotations,
    /// The header is whole, but not one record is.
    #[error(
        "the file has no whole data record: found {found_bytes} bytes after the header, expected at least {record_bytes}; \
         the recording is empty, use another"
    )]
    NoRecords {
        /// Bytes after the header.
        found_bytes: u64,
        /// Bytes of one record.
        record_bytes: u64,
    },
    /// A record would need too much memory.
    #[error(
        "one data record is {found_bytes} bytes, expected at most {limit_bytes}; export with shorter records (1 s)"
    )]
    RecordTooLarge {
        /// Bytes of a record according to the header.
        found_bytes: u64,
        /// The limit.
        limit_bytes: u64,
    },
    /// A rate no sensor has.
    #[error(
        "signal {signal} ({label}): {samples} samples in a record of {duration_s} s, expected 0.001 to 1000000 Hz; correct the header"
    )]
    AbsurdRate {
        /// Number of the signal in the file, from 1.
        signal: usize,
        /// Its label.
        label: String,
        /// Samples in one record.
        samples: u64,
        /// Length of a record in seconds.
        duration_s: f64,
    },
    /// A scale that maps all values to one, or from one.
    #[error(
        "signal {label}: flat scale, physical {physical_min} to {physical_max}, digital {digital_min} to {digital_max}, \
         expected different ends of both; correct the header"
    )]
    FlatScale {
        /// Label of the signal.
        label: String,
        /// Physical minimum.
        physical_min: f64,
        /// Physical maximum.
        physical_max: f64,
        /// Digital minimum.
        digital_min: i16,
        /// Digital maximum.
        digital_max: i16,
    },
    /// A value that does not fit its place in an EDF header.
    #[error("cannot write header field \"{field}\": found {found:?}, expected {expected}; shorten or change it")]
    Unwritable {
        /// Name of the field.
        field: &'static str,
        /// What should be written.
        found: String,
        /// What fits.
        expected: &'static str,
    },
    /// A record with the wrong number of signals or samples.
    #[error("record to write: found {found} {what}, expected {expected}; give each signal the samples of one record")]
    RecordShape {
        /// `signals`, or `samples of signal n`.
        what: String,
        /// Given.
        found: usize,
        /// Needed.
        expected: usize,
    },
    /// An annotation that no record can hold whole.
    #[error(
        "annotation of {found_bytes} bytes, expected at most {limit_bytes}; shorten it or give more annotation space"
    )]
    AnnotationTooLong {
        /// Bytes with its times.
        found_bytes: usize,
        /// Bytes that fit a record.
        limit_bytes: usize,
    },
    /// More annotations wait for a record than memory is set aside for.
    #[error("{waiting} annotations wait to be written, expected at most {limit}; write records in between")]
    TooManyAnnotations {
        /// Annotations in the queue.
        waiting: usize,
        /// The limit.
        limit: usize,
    },
    /// The system could not read or write.
    #[error("the system could not {action} the file")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

impl EdfError {
    /// For `map_err` of an input or output that is called `action`.
    pub(super) fn io(action: &'static str) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

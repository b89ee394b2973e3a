//! What can go wrong with a recording, with its path.

use std::path::{Path, PathBuf};

use super::edf::EdfError;

/// Why a recording cannot be read or kept. Messages do not repeat their source: print the whole chain, as `{:#}` of
/// anyhow does.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file is no EDF that we read, or it cannot be read or written.
    #[error("{path}", path = path.display())]
    Edf {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: EdfError,
    },
    /// The system refused.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// What was tried, such as `make the folder`.
        action: &'static str,
        /// File or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No label begins with EMG.
    #[error(
        "{path}: no EMG channel: found the labels {labels}, expected one that begins with EMG; name it with --emg LABEL",
        path = path.display()
    )]
    NoEmg {
        /// The file.
        path: PathBuf,
        /// All labels of the file.
        labels: String,
    },
    /// A channel was named that the file does not have.
    #[error("{path}: no channel {label:?}: found the labels {labels}; name one of these", path = path.display())]
    NoSuchChannel {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        label: String,
        /// All labels of the file.
        labels: String,
    },
    /// More EMG channels were named than a stream carries.
    #[error("{path}: {found} EMG channels named, expected 1 to 4; name fewer", path = path.display())]
    TooManyEmg {
        /// The file.
        path: PathBuf,
        /// Number of names.
        found: usize,
    },
    /// Channels that belong together differ in rate.
    #[error(
        "{path}: channel {label:?} has {found_hz} Hz, expected {expected_hz} Hz as {first:?}; name channels of one rate",
        path = path.display()
    )]
    DifferentRates {
        /// The file.
        path: PathBuf,
        /// First channel of the group.
        first: String,
        /// Its rate.
        expected_hz: f64,
        /// The channel that differs.
        label: String,
        /// Its rate.
        found_hz: f64,
    },
    /// A rate that the detector cannot use.
    #[error(
        "{path}: channel {label:?} has {found_hz} Hz, expected {expected}; resample the recording or name another channel",
        path = path.display()
    )]
    RateOutOfRange {
        /// The file.
        path: PathBuf,
        /// The channel.
        label: String,
        /// Its rate.
        found_hz: f64,
        /// The range.
        expected: &'static str,
    },
    /// A unit that we cannot convert.
    #[error(
        "{path}: channel {label:?} has the unit {found:?}, expected {expected}; correct the header or name another channel",
        path = path.display()
    )]
    UnknownUnit {
        /// The file.
        path: PathBuf,
        /// The channel.
        label: String,
        /// Its unit.
        found: String,
        /// Units we know.
        expected: &'static str,
    },
    /// Rates that do not give whole samples in a record of sensible length.
    #[error(
        "cannot record {emg_hz} Hz EMG with {acc_hz} Hz acceleration: found no whole samples in a record of up to 60 s; choose whole rates"
    )]
    UnrecordableRates {
        /// EMG rate.
        emg_hz: f64,
        /// Acceleration rate, 0 without.
        acc_hz: f64,
    },
    /// A chunk that does not have the channels of the layout.
    #[error("chunk of {found} EMG values, expected a multiple of {channels} channels; check the sensor profile")]
    ChunkShape {
        /// Values in the chunk.
        found: usize,
        /// EMG channels of the layout.
        channels: usize,
    },
}

impl RecordingError {
    /// For `map_err` of what happens to an EDF file at `path`.
    pub(super) fn edf(path: &Path) -> impl Fn(EdfError) -> Self {
        let path = path.to_owned();
        move |source| Self::Edf { path: path.clone(), source }
    }

    /// For `map_err` of an input or output that is called `action`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path: path.clone(), source }
    }
}

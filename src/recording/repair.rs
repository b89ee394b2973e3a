//! At start: closes the segments that a kill or a power cut left open.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::RecordingError;
use super::edf::{self, EdfError};
use crate::units::UtcMicros;

/// A segment that was left open and is complete now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairedSegment {
    /// The file.
    pub path: PathBuf,
    /// Exact instant of its first sample.
    pub started_at: UtcMicros,
    /// Samples per channel of its first signal.
    pub n_samples: u64,
    /// Bytes of a record under way that were cut off.
    pub n_bytes_cut: u64,
}

/// What [`repair_folder`] did.
#[derive(Debug, Default)]
pub struct FolderRepair {
    /// Segments that were closed, by name.
    pub repaired: Vec<RepairedSegment>,
    /// Segments without a single record, which were removed.
    pub removed: Vec<PathBuf>,
    /// Segments of ours that could not be read or repaired; they are left as they are.
    pub unreadable: Vec<(PathBuf, RecordingError)>,
}

/// Repairs the segments in `folder` (not below it) that Crampwatch wrote and that no recorder is writing. Other files
/// are not touched. A folder that does not exist has nothing to repair.
pub fn repair_folder(folder: impl AsRef<Path>) -> Result<FolderRepair, RecordingError> {
    let folder = folder.as_ref();
    let io = RecordingError::io("read the folder", folder);
    let mut report = FolderRepair::default();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(report),
        entries => entries.map_err(&io)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(&io)?.path();
        if has_segment_name(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        match repair_segment(&path) {
            Ok(Outcome::Repaired(segment)) => report.repaired.push(segment),
            Ok(Outcome::Removed) => report.removed.push(path),
            Ok(Outcome::Untouched) => {}
            Err(error) => report.unreadable.push((path, error)),
        }
    }
    Ok(report)
}

enum Outcome {
    Repaired(RepairedSegment),
    Removed,
    Untouched,
}

fn repair_segment(path: &Path) -> Result<Outcome, RecordingError> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(RecordingError::io("open", path))?;
    file.take(168).read_to_end(&mut start).map_err(RecordingError::io("read", path))?;
    // Bytes 88 to 168 are the recording field. A file that a kill left without one has no samples either.
    let is_ours = start.len() < 168 || start[88..].windows(10).any(|word| word == b"Crampwatch");
    if !is_ours {
        return Ok(Outcome::Untouched);
    }
    let repaired = match edf::repair(path) {
        Ok(repaired) if repaired.n_records > 0 => repaired,
        Ok(_) | Err(EdfError::Empty | EdfError::TruncatedHeader { .. }) => {
            fs::remove_file(path).map_err(RecordingError::io("remove", path))?;
            return Ok(Outcome::Removed);
        }
        Err(source) => return Err(RecordingError::Edf { path: path.to_owned(), source }),
    };
    if !repaired.was_changed {
        return Ok(Outcome::Untouched);
    }
    let start = repaired.header.start.and_then(|start| start.to_zoned(jiff::tz::TimeZone::UTC).ok());
    let start = start.map_or(UtcMicros(0), |start| UtcMicros::from_timestamp(start.timestamp()));
    let samples_per_record = repaired.header.signals.first().map_or(0, |signal| signal.samples_per_record);
    Ok(Outcome::Repaired(RepairedSegment {
        path: path.to_owned(),
        started_at: start.plus_seconds(repaired.start_offset_s),
        n_samples: repaired.n_records * samples_per_record as u64,
        n_bytes_cut: repaired.n_bytes_cut,
    }))
}

/// `<prefix>_20261122T021403Z.edf`, perhaps with `-2` before the dot.
fn has_segment_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".edf"));
    let Some((_, start)) = name.and_then(|name| name.rsplit_once('_')) else { return false };
    start.len() >= 16
        && start.bytes().take(16).enumerate().all(|(place, byte)| match place {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

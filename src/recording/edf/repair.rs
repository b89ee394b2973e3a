//! Closes an EDF+C file that a kill or a power cut left open.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::header::{self, Layout};
use super::writer::COUNT_FIELD;
use super::{EdfError, EdfHeader, annotation};

/// What [`repair`] found and did.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// The header, with the number of records that it now says.
    pub header: EdfHeader,
    /// Whole records in the file; a file without any is left as it is.
    pub n_records: u64,
    /// Bytes of a partial or never written record that were cut off.
    pub n_bytes_cut: u64,
    /// The file was changed.
    pub was_changed: bool,
    /// Seconds from the header's start to the first sample.
    pub start_offset_s: f64,
}

/// Makes the header of the file at `path` say how many whole records there are, and cuts off what follows them: a
/// partial record, or records that a power cut left as zeros. A file that is in order is not touched.
pub fn repair(path: impl AsRef<Path>) -> Result<Repaired, EdfError> {
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(EdfError::io("open"))?;
    let mut layout = header::read(&mut file)?;
    let mut n_records = layout.n_records();
    let mut start_offset_s = 0.0;
    while n_records > 0 {
        if let Some(start_s) = record_start(&mut file, &layout, n_records - 1)? {
            start_offset_s = if n_records == 1 { start_s } else { record_start(&mut file, &layout, 0)?.unwrap_or(0.0) };
            break;
        }
        n_records -= 1;
    }
    let end = layout.header_bytes + n_records * layout.record_bytes as u64;
    let n_bytes_cut = layout.file_bytes.saturating_sub(end);
    let was_changed = n_records > 0 && (n_bytes_cut > 0 || layout.header.n_records_declared != Some(n_records));
    if was_changed {
        let io = EdfError::io("repair");
        file.set_len(end).map_err(&io)?;
        file.seek(SeekFrom::Start(COUNT_FIELD.start)).map_err(&io)?;
        file.write_all(format!("{n_records:<8}").as_bytes()).map_err(&io)?;
        file.sync_all().map_err(&io)?;
        layout.header.n_records_declared = Some(n_records);
    }
    Ok(Repaired { header: layout.header, n_records, n_bytes_cut, was_changed, start_offset_s })
}

/// Start of record `index` by its time-keeping annotation, which every record of EDF+ has. Without an annotation
/// signal there is no way to tell a written record from a lost one: 0.
fn record_start(file: &mut (impl Read + Seek), layout: &Layout, index: u64) -> Result<Option<f64>, EdfError> {
    let io = EdfError::io("read");
    let Some(slot) = layout.slots.iter().find(|slot| slot.is_annotation) else { return Ok(Some(0.0)) };
    let at = layout.header_bytes + index * layout.record_bytes as u64 + slot.bytes.start as u64;
    file.seek(SeekFrom::Start(at)).map_err(&io)?;
    let mut bytes = vec![0; slot.bytes.len()];
    file.read_exact(&mut bytes).map_err(&io)?;
    Ok(annotation::decode(&bytes, &mut Vec::new()))
}

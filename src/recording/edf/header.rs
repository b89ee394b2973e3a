//! The header of an EDF file, checked number by number before anything is allocated by it.

use std::io::{Read, Seek, SeekFrom};

use jiff::civil::DateTime;

use super::{EdfError, RecordDuration, field};
use crate::chunk::ChannelScale;
use crate::units::Rate;

const MAX_SIGNALS: i64 = 512;
/// One record must fit in memory several times over.
const MAX_RECORD_BYTES: u64 = 64 << 20;
const RATE_RANGE_HZ: std::ops::RangeInclusive<f64> = 0.001..=1_000_000.0;

/// The flavours of EDF that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdfKind {
    /// Plain EDF.
    Edf,
    /// EDF+ without interruptions.
    EdfPlusContinuous,
}

/// One signal of the header. Annotation signals are not among them.
#[derive(Debug, Clone, PartialEq)]
pub struct EdfSignal {
    /// Label, such as `EMG MG`.
    pub label: String,
    /// Transducer, such as `Ag/AgCl electrode`.
    pub transducer: String,
    /// Physical unit, such as `uV`.
    pub unit: String,
    /// Digital to physical, in `unit`. It may be flat: see [`Self::checked_scale`].
    pub scale: ChannelScale,
    /// Filters that were applied, such as `HP:20Hz`.
    pub prefilter: String,
    /// Samples in each data record, at least one.
    pub samples_per_record: usize,
}

impl EdfSignal {
    /// The scale, or [`EdfError::FlatScale`]. Not checked at opening: a flat signal that nobody asks for does no harm.
    pub fn checked_scale(&self) -> Result<ChannelScale, EdfError> {
        let ChannelScale { physical_min, physical_max, digital_min, digital_max } = self.scale;
        if physical_min == physical_max || digital_min == digital_max {
            let label = self.label.clone();
            return Err(EdfError::FlatScale { label, physical_min, physical_max, digital_min, digital_max });
        }
        Ok(self.scale)
    }
}

/// What the header of an EDF file says.
#[derive(Debug, Clone, PartialEq)]
pub struct EdfHeader {
    /// Local patient identification, as in the file.
    pub patient: String,
    /// Local recording identification, as in the file.
    pub recording: String,
    /// Start to the second, without a zone; `None` if the file does not say.
    pub start: Option<DateTime>,
    /// Flavour.
    pub kind: EdfKind,
    /// Length of each record.
    pub record_duration: RecordDuration,
    /// Number of records according to the header; `None` while it is unknown (-1).
    pub n_records_declared: Option<u64>,
    /// The signals, without annotations.
    pub signals: Vec<EdfSignal>,
}

impl EdfHeader {
    /// Rate of signal `index`; `None` if there is no such signal.
    pub fn rate(&self, index: usize) -> Option<Rate> {
        self.record_duration.rate(self.signals.get(index)?.samples_per_record)
    }
}

/// Where the bytes of one signal lie in a record.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) is_annotation: bool,
    pub(super) bytes: std::ops::Range<usize>,
}

/// A header with the sizes that follow from it.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) header: EdfHeader,
    pub(super) slots: Vec<Slot>,
    pub(super) header_bytes: u64,
    pub(super) record_bytes: usize,
    pub(super) file_bytes: u64,
}

impl Layout {
    /// Whole records that the file holds, whatever its header says.
    pub(super) fn n_records(&self) -> u64 {
        self.file_bytes.saturating_sub(self.header_bytes) / self.record_bytes as u64
    }
}

/// Reads and checks the header; leaves `input` at the first record.
pub(super) fn read(input: &mut (impl Read + Seek)) -> Result<Layout, EdfError> {
    let io = EdfError::io("read");
    let file_bytes = input.seek(SeekFrom::End(0)).map_err(&io)?;
    input.seek(SeekFrom::Start(0)).map_err(&io)?;
    let mut bytes = Vec::with_capacity(256);
    input.by_ref().take(256).read_to_end(&mut bytes).map_err(&io)?;
    check_version(&bytes)?;
    let field = |from: usize, length: usize| field::text(&bytes[from..from + length]);
    let bad = |name, found: String, expected| EdfError::BadField { field: name, place: String::new(), found, expected };

    let reserved = field(192, 44);
    if reserved.starts_with("EDF+D") {
        return Err(EdfError::Discontinuous);
    }
    let kind = if reserved.starts_with("EDF+C") { EdfKind::EdfPlusContinuous } else { EdfKind::Edf };
    let found = field(252, 4);
    let n_signals = match field::whole(&found) {
        Some(0) => return Err(EdfError::NoSignals),
        Some(n @ 1..=MAX_SIGNALS) => n as usize,
        _ => return Err(bad("number of signals", found, "a whole number from 1 to 512")),
    };
    let header_bytes = 256 * (n_signals as u64 + 1);
    let found = field(184, 8);
    if !found.is_empty() && field::whole(&found) != Some(header_bytes as i64) {
        return Err(bad("number of bytes in header", found, "256 for each signal and 256 more"));
    }
    let found = field(236, 8);
    let n_records_declared = match field::whole(&found) {
        Some(n) => u64::try_from(n).ok(),
        None if found.is_empty() => None,
        None => return Err(bad("number of data records", found, "a whole number, or -1 while it is unknown")),
    };
    let found = field(244, 8);
    let record_duration = RecordDuration::parse(&found)
        .ok_or_else(|| bad("duration of a data record", found, "a decimal number of seconds above 0"))?;

    let mut rest = Vec::with_capacity(n_signals * 256);
    input.by_ref().take(n_signals as u64 * 256).read_to_end(&mut rest).map_err(&io)?;
    if rest.len() < n_signals * 256 {
        return Err(EdfError::TruncatedHeader { found_bytes: 256 + rest.len() as u64, expected_bytes: header_bytes });
    }
    let recording = field(88, 80);
    let mut header = EdfHeader {
        patient: field(8, 80),
        start: field::start(&field(168, 8), &field(176, 8), &recording),
        recording,
        kind,
        record_duration,
        n_records_declared,
        signals: Vec::new(),
    };
    let (slots, record_bytes) = read_signals(&rest, n_signals, &mut header)?;
    if header.signals.is_empty() {
        return Err(EdfError::OnlyAnnotations);
    }
    Ok(Layout { header, slots, header_bytes, record_bytes, file_bytes })
}

fn check_version(bytes: &[u8]) -> Result<(), EdfError> {
    let version = &bytes[..bytes.len().min(8)];
    if version.is_empty() {
        Err(EdfError::Empty)
    } else if version.first() == Some(&0xff) && b"BIOSEMI".starts_with(&version[1..]) {
        Err(EdfError::Bdf)
    } else if field::text(version) != "0" {
        Err(EdfError::NotEdf { found: String::from_utf8_lossy(version).into_owned() })
    } else if bytes.len() < 256 {
        Err(EdfError::TruncatedHeader { found_bytes: bytes.len() as u64, expected_bytes: 512 })
    } else {
        Ok(())
    }
}

/// Fills `header.signals` from `bytes`, which hold 256 bytes a signal, and returns the slots and the bytes of a record.
fn read_signals(bytes: &[u8], n_signals: usize, header: &mut EdfHeader) -> Result<(Vec<Slot>, usize), EdfError> {
    let (mut slots, mut record_bytes) = (Vec::new(), 0_u64);
    for signal in 0..n_signals {
        // Each field stands for all signals before the next field begins.
        let field = |before: usize, length: usize| {
            let from = before * n_signals + signal * length;
            field::text(&bytes[from..from + length])
        };
        let label = field(0, 16);
        let bad = |name, found, expected| EdfError::BadField {
            field: name,
            place: format!(" of signal {} ({label})", signal + 1),
            found,
            expected,
        };
        let is_annotation = matches!(label.as_str(), "EDF Annotations" | "EDF Annotation");
        let found = field(216, 8);
        let samples = field::whole(&found)
            .and_then(|n| u64::try_from(n).ok())
            .ok_or_else(|| bad("number of samples in a data record", found, "a whole number"))?;
        let from = record_bytes;
        record_bytes = samples.checked_mul(2).and_then(|n| n.checked_add(from)).unwrap_or(u64::MAX);
        if record_bytes > MAX_RECORD_BYTES {
            return Err(EdfError::RecordTooLarge { found_bytes: record_bytes, limit_bytes: MAX_RECORD_BYTES });
        }
        slots.push(Slot { is_annotation, bytes: from as usize..record_bytes as usize });
        if is_annotation {
            continue;
        }
        let rate = header.record_duration.rate(samples as usize);
        if rate.is_none_or(|rate| !RATE_RANGE_HZ.contains(&rate.as_hz())) {
            let duration_s = header.record_duration.as_seconds();
            return Err(EdfError::AbsurdRate { signal: signal + 1, label, samples, duration_s });
        }
        let real = |name, found: String| field::real(&found).ok_or_else(|| bad(name, found, "a number"));
        let digital = |name, found: String| {
            field::whole(&found)
                .and_then(|n| i16::try_from(n).ok())
                .ok_or_else(|| bad(name, found, "a whole number from -32768 to 32767"))
        };
        let mut scale = ChannelScale {
            physical_min: real("physical minimum", field(104, 8))?,
            physical_max: real("physical maximum", field(112, 8))?,
            digital_min: digital("digital minimum", field(120, 8))?,
            digital_max: digital("digital maximum", field(128, 8))?,
        };
        if scale.digital_min > scale.digital_max {
            // The same line through the same two points, with the digital ends in the order that everybody expects.
            std::mem::swap(&mut scale.digital_min, &mut scale.digital_max);
            std::mem::swap(&mut scale.physical_min, &mut scale.physical_max);
        }
        let (transducer, unit, prefilter) = (field(16, 80), field(96, 8), field(136, 80));
        let samples_per_record = samples as usize;
        header.signals.push(EdfSignal { label, transducer, unit, scale, prefilter, samples_per_record });
    }
    Ok((slots, record_bytes as usize))
}

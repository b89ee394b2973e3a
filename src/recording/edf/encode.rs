//! What a new EDF+C file is to hold, and the bytes of its header.

use jiff::civil::DateTime;

use super::field::MONTHS;
use super::{EdfError, EdfSignal, RecordDuration};
use crate::chunk::ChannelScale;
use crate::units::UtcMicros;

/// What a new EDF+C file is to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct EdfSetup {
    /// Instant of the first sample; written as UTC, its fraction of a second goes into the time-keeping annotations.
    pub started_at: UtcMicros,
    /// EDF+ patient field: code, sex, birthdate, name; `X X X X` says nothing.
    pub patient: String,
    /// EDF+ recording field after the start date: hospital code, technician, equipment, anything else.
    pub recording: String,
    /// Length of each record; it must have an exact decimal form of eight characters.
    pub record_duration: RecordDuration,
    /// The signals, at least one.
    pub signals: Vec<EdfSignal>,
    /// Bytes in each record for annotations, an even number from 128 to 65536.
    pub annotation_bytes: usize,
}

impl EdfSetup {
    /// A setup that names nobody, with 512 bytes for annotations in each record.
    pub fn new(started_at: UtcMicros, record_duration: RecordDuration, signals: Vec<EdfSignal>) -> Self {
        Self {
            started_at,
            patient: "X X X X".to_owned(),
            // EDF knows no zones, so the field says which one ours is.
            recording: "X X Crampwatch UTC".to_owned(),
            record_duration,
            signals,
            annotation_bytes: 512,
        }
    }

    /// Bytes of the header.
    pub(super) fn header_bytes(&self) -> u64 {
        256 * (self.signals.len() as u64 + 2)
    }

    /// The header with an unknown number of records (-1).
    ///
    /// # Errors
    /// [`EdfError::Unwritable`] for what does not fit its field.
    pub(super) fn header(&self) -> Result<Vec<u8>, EdfError> {
        let start = self.start_second()?;
        let (day, month, year) = (start.day(), start.month(), start.year());
        let month_name = MONTHS[month.unsigned_abs() as usize - 1];
        if self.patient.split_whitespace().count() < 4 {
            return Err(unwritable("patient", &self.patient, "code, sex, birthdate and name, X for each unknown"));
        }
        let duration = self.record_duration.to_field().ok_or_else(|| {
            let seconds = self.record_duration.as_seconds();
            unwritable("duration of a data record", &seconds.to_string(), "a decimal number of 8 characters")
        })?;
        if !(1..=511).contains(&self.signals.len()) {
            return Err(unwritable("number of signals", &self.signals.len().to_string(), "1 to 511"));
        }
        let space = self.annotation_bytes;
        if !(128..=65_536).contains(&space) || !space.is_multiple_of(2) {
            return Err(unwritable(
                "annotation space",
                &space.to_string(),
                "an even number of bytes from 128 to 65536",
            ));
        }
        let mut out = Fields(Vec::with_capacity(self.header_bytes() as usize));
        out.put("version", "0", 8)?;
        out.put("patient", &self.patient, 80)?;
        out.put("recording", &format!("Startdate {day:02}-{month_name}-{year} {}", self.recording), 80)?;
        out.put("start date", &format!("{day:02}.{month:02}.{:02}", year % 100), 8)?;
        out.put("start time", &format!("{:02}.{:02}.{:02}", start.hour(), start.minute(), start.second()), 8)?;
        out.put("number of bytes in header", &self.header_bytes().to_string(), 8)?;
        out.put("reserved", "EDF+C", 44)?;
        out.put("number of data records", "-1", 8)?;
        out.put("duration of a data record", &duration, 8)?;
        out.put("number of signals", &(self.signals.len() + 1).to_string(), 4)?;
        self.put_signals(&mut out)?;
        Ok(out.0)
    }

    /// Each field for all signals, the annotation signal last.
    fn put_signals(&self, out: &mut Fields) -> Result<(), EdfError> {
        let mut column = |name, width, of: &dyn Fn(&EdfSignal) -> String, annotations: &str| {
            for signal in &self.signals {
                out.put(name, &of(signal), width)?;
            }
            out.put(name, annotations, width)
        };
        column("label", 16, &|s| s.label.clone(), "EDF Annotations")?;
        column("transducer", 80, &|s| s.transducer.clone(), "")?;
        column("physical dimension", 8, &|s| s.unit.replace(['µ', 'μ'], "u"), "")?;
        column("physical minimum", 8, &|s| real_field(s.scale.physical_min), "-1")?;
        column("physical maximum", 8, &|s| real_field(s.scale.physical_max), "1")?;
        column("digital minimum", 8, &|s| s.scale.digital_min.to_string(), "-32768")?;
        column("digital maximum", 8, &|s| s.scale.digital_max.to_string(), "32767")?;
        column("prefiltering", 80, &|s| s.prefilter.clone(), "")?;
        column(
            "samples in a data record",
            8,
            &|s| s.samples_per_record.to_string(),
            &(self.annotation_bytes / 2).to_string(),
        )?;
        column("reserved", 32, &|_| String::new(), "")
    }

    fn start_second(&self) -> Result<DateTime, EdfError> {
        let start = self.started_at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let floor = UtcMicros(self.started_at.0 - i64::from(self.start_fraction_micros()));
        let start_second = floor.timestamp().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        if (1985..=2084).contains(&start.year()) {
            Ok(start_second)
        } else {
            Err(unwritable("start date", &start.to_string(), "a year from 1985 to 2084; set the clock"))
        }
    }

    /// Microseconds of the start after its whole second.
    pub(super) fn start_fraction_micros(&self) -> u32 {
        self.started_at.0.rem_euclid(1_000_000) as u32
    }
}

fn unwritable(field: &'static str, found: &str, expected: &'static str) -> EdfError {
    EdfError::Unwritable { field, found: found.to_owned(), expected }
}

/// Header bytes under way.
struct Fields(Vec<u8>);

impl Fields {
    fn put(&mut self, field: &'static str, text: &str, width: usize) -> Result<(), EdfError> {
        if text.len() > width || text.bytes().any(|byte| !(0x20..0x7f).contains(&byte)) {
            return Err(unwritable(
                field,
                text,
                "ASCII that fits the field (labels 16, numbers and units 8, texts 80 characters)",
            ));
        }
        self.0.extend_from_slice(text.as_bytes());
        self.0.resize(self.0.len() + width - text.len(), b' ');
        Ok(())
    }
}

/// The most exact form of at most eight characters; a number that has none is given back too long and refused later.
fn real_field(value: f64) -> String {
    let shortest = value.to_string();
    if shortest.len() <= 8 {
        return shortest;
    }
    (0..=6).rev().map(|decimals| format!("{value:.decimals$}")).find(|text| text.len() <= 8).unwrap_or(shortest)
}

/// The same mapping with ends that EDF can write exactly, if there is one within the upper half of the digital range.
/// Without this, a grid such as 1/4096 g would come back from the file a little different from the live one.
pub(in crate::recording) fn exact_scale(scale: ChannelScale) -> ChannelScale {
    let writes_exactly = |value: f64| real_field(value).parse() == Ok(value);
    if writes_exactly(scale.physical_min) && writes_exactly(scale.physical_max) {
        return scale;
    }
    let (gain, offset) = (scale.gain(), scale.offset());
    let physical = |digital: i16| offset + gain * f64::from(digital);
    let mut upper = (scale.digital_max / 2..=scale.digital_max).rev();
    let ends = if i32::from(scale.digital_min) == -i32::from(scale.digital_max) {
        // What is symmetric stays so.
        let max = upper.find(|max| writes_exactly(physical(*max)) && writes_exactly(physical(-max)));
        (max.map(|max| -max), max)
    } else {
        let mut lower = scale.digital_min..scale.digital_min / 2;
        (lower.find(|min| writes_exactly(physical(*min))), upper.find(|max| writes_exactly(physical(*max))))
    };
    let (Some(digital_min), Some(digital_max)) = ends else { return scale };
    let exact = ChannelScale {
        physical_min: physical(digital_min),
        physical_max: physical(digital_max),
        digital_min,
        digital_max,
    };
    if digital_min < digital_max && exact.gain() == gain && exact.offset() == offset { exact } else { scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_grids_are_written_exactly() {
        assert_eq!(exact_scale(ChannelScale::EMG_UV), ChannelScale::EMG_UV);
        let acc = exact_scale(ChannelScale::ACC_G);
        assert_eq!((acc.gain(), acc.offset()), (ChannelScale::ACC_G.gain(), ChannelScale::ACC_G.offset()));
        assert_eq!((acc.physical_min, acc.physical_max, acc.digital_max), (-7.96875, 7.96875, 32_640));
        assert_eq!(real_field(acc.physical_max).parse(), Ok(acc.physical_max));
    }

    #[test]
    fn numbers_are_cut_to_their_field_from_the_small_end() {
        assert_eq!(real_field(-3276.7), "-3276.7");
        assert_eq!(real_field(1.0 / 3.0), "0.333333");
        assert_eq!(real_field(-12_345.678_9), "-12345.7");
        assert!(real_field(1e12).len() > 8);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let signal = |label: &str| EdfSignal {
            label: label.to_owned(),
            transducer: String::new(),
            unit: "µV".to_owned(),
            scale: ChannelScale::EMG_UV,
            prefilter: String::new(),
            samples_per_record: 1000,
        };
        let setup = |at, label| EdfSetup::new(UtcMicros(at), RecordDuration::seconds(1), vec![signal(label)]);
        assert_eq!(setup(1_763_777_643_120_000, "EMG").header().unwrap().len(), 256 * 3);
        let message = setup(1_763_777_643_120_000, "a label beyond sixteen").header().unwrap_err().to_string();
        assert!(message.contains("label") && message.contains("sixteen"), "{message}");
        assert!(setup(0, "EMG").header().unwrap_err().to_string().contains("1970"));
    }
}

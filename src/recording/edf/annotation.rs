//! Time-stamped annotation lists (TALs), the way EDF+ keeps text and exact times inside 16-bit signals.

/// Text of the annotation over samples that were never received and are filled in.
pub const GAP_TEXT: &str = "Gap";
/// Text of the annotation over samples that were received with the electrodes off the skin.
pub const LEAD_OFF_TEXT: &str = "Lead off";
/// Text of the annotation at which the wearer pressed the sensor's button.
pub const MARKER_TEXT: &str = "Marker";

/// More annotations in one record than this are left out, so that a bad file cannot fill the memory.
const MAX_PER_RECORD: usize = 10_000;

/// One annotation.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// Seconds since the start second of the header, as in the file. Written to the microsecond.
    pub onset_s: f64,
    /// Length in seconds, if it has one.
    pub duration_s: Option<f64>,
    /// What it says.
    pub text: String,
}

impl Annotation {
    /// The bytes of this annotation as a TAL with its closing NUL. Control characters of the text become spaces,
    /// because EDF+ uses them as separators.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = stamp(self.onset_s).into_bytes();
        if let Some(duration_s) = self.duration_s {
            bytes.push(0x15);
            bytes.extend_from_slice(seconds(duration_s.max(0.0)).as_bytes());
        }
        bytes.push(0x14);
        bytes.extend(
            self.text.bytes().map(|byte| if byte < 0x20 && byte != b'\n' && byte != b'\t' { b' ' } else { byte }),
        );
        bytes.extend_from_slice(&[0x14, 0]);
        bytes
    }

    /// Bytes that this annotation takes in a record.
    pub(in crate::recording) fn encoded_len(&self) -> usize {
        self.encode().len()
    }
}

/// The annotation that gives a record its start.
pub(super) fn encode_time_keeping(start_s: f64) -> Vec<u8> {
    let mut bytes = stamp(start_s).into_bytes();
    bytes.extend_from_slice(&[0x14, 0x14, 0]);
    bytes
}

/// Reads the annotations of one annotation signal of one record into `into` and returns the record's start in seconds
/// since the header's start, if the first TAL gives one. What cannot be read is left out.
pub(super) fn decode(bytes: &[u8], into: &mut Vec<Annotation>) -> Option<f64> {
    let mut start_s = None;
    // Most of a record's place for annotations is empty.
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for (index, tal) in bytes[..used].split(|byte| *byte == 0).filter(|tal| !tal.is_empty()).enumerate() {
        let mut parts = tal.split(|byte| *byte == 0x14);
        let Some((onset_s, duration_s)) = parts.next().and_then(times) else { continue };
        // A TAL ends with 0x14, so its last part is empty; one that is not was cut off.
        for (place, text) in parts.enumerate() {
            if text.is_empty() {
                if index == 0 && place == 0 {
                    start_s = Some(onset_s);
                }
            } else if into.len() < MAX_PER_RECORD {
                into.push(Annotation { onset_s, duration_s, text: String::from_utf8_lossy(text).into_owned() });
            }
        }
    }
    start_s
}

fn times(bytes: &[u8]) -> Option<(f64, Option<f64>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (onset, duration) = text.split_once('\x15').map_or((text, None), |(onset, rest)| (onset, Some(rest)));
    let number = |text: &str| super::field::real(text.trim()).filter(|value| value.abs() < 1e12);
    let duration = match duration {
        Some(duration) if !duration.is_empty() => Some(number(duration).filter(|value| *value >= 0.0)?),
        _ => None,
    };
    Some((number(onset)?, duration))
}

/// `+12.5`, `-0.25`: signed seconds.
fn stamp(onset_s: f64) -> String {
    format!("{}{}", if onset_s < 0.0 { '-' } else { '+' }, seconds(onset_s.abs()))
}

/// Seconds to the microsecond without trailing zeros.
fn seconds(value: f64) -> String {
    let text = format!("{:.6}", if value.is_finite() { value } else { 0.0 });
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(onset_s: f64, duration_s: Option<f64>, text: &str) -> Annotation {
        Annotation { onset_s, duration_s, text: text.to_owned() }
    }

    #[test]
    fn annotations_come_back_as_they_were_written() {
        let notes = [
            note(0.123_456, Some(2.5), "Gap"),
            note(12.0, None, "Krampf links, stärker ✓"),
            note(-1.5, None, "before"),
        ];
        let mut bytes = encode_time_keeping(0.123_456);
        for note in &notes {
            bytes.extend(note.encode());
        }
        bytes.extend([0; 40]);
        let mut read = Vec::new();
        assert_eq!(decode(&bytes, &mut read), Some(0.123_456));
        assert_eq!(read, notes);
    }

    #[test]
    fn the_form_is_that_of_edf_plus() {
        assert_eq!(encode_time_keeping(0.0), b"+0\x14\x14\0");
        assert_eq!(note(1.25, Some(0.5), "a\x14b").encode(), b"+1.25\x150.5\x14a b\x14\0");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let mut read = Vec::new();
        assert_eq!(decode(b"x\x14y\x14\0+1\x14ok\x14\0+nan\x14z\x14\0+2\x15-1\x14w\x14\0", &mut read), None);
        assert_eq!(read, [note(1.0, None, "ok")]);
    }

    #[test]
    fn a_flood_of_annotations_is_bounded() {
        let mut read = Vec::new();
        decode(&b"+1\x14".iter().copied().chain(b"a\x14".repeat(50_000)).collect::<Vec<_>>(), &mut read);
        assert_eq!(read.len(), MAX_PER_RECORD);
    }
}

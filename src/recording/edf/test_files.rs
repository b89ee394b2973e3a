//! Small EDF files in memory, and the tests of reader, writer and repair against each other.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::chunk::ChannelScale;
use crate::units::{Rate, UtcMicros};

const STARTED_AT: UtcMicros = UtcMicros(1_763_777_643_123_456);

fn signal(label: &str, unit: &str, samples_per_record: usize) -> EdfSignal {
    EdfSignal {
        label: label.to_owned(),
        transducer: "Ag/AgCl electrode".to_owned(),
        unit: unit.to_owned(),
        scale: ChannelScale::EMG_UV,
        prefilter: "HP:20Hz".to_owned(),
        samples_per_record,
    }
}

fn note(onset_s: f64, text: &str) -> Annotation {
    Annotation { onset_s, duration_s: None, text: text.to_owned() }
}

/// Three records of half a second: 8 samples of EMG, 3 of acceleration, with an annotation in the first.
fn small_file() -> Vec<u8> {
    let signals = vec![signal("EMG MG", "uV", 8), signal("ACC X", "g", 3)];
    let setup = EdfSetup::new(STARTED_AT, RecordDuration::new(1, 2).unwrap(), signals);
    let mut writer = EdfWriter::new(Cursor::new(Vec::new()), setup).unwrap();
    writer.annotate(&note(0.5, "Krampf ✓")).unwrap();
    for record in 0..3_i16 {
        let emg: Vec<i16> = (0..8).map(|sample| 100 * record + sample).collect();
        writer.write_record(&[emg, vec![-1, -2, -3 - record]]).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn records(bytes: &[u8]) -> Result<Vec<Record>, EdfError> {
    let mut reader = EdfReader::new(Cursor::new(bytes))?;
    let (mut all, mut record) = (Vec::new(), Record::default());
    while reader.read_record(&mut record)? {
        all.push(record.clone());
    }
    Ok(all)
}

/// `bytes` with `text` written over the field at `at`.
fn patched(bytes: &[u8], at: usize, text: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + text.len()].copy_from_slice(text);
    bytes
}

#[test]
fn what_is_written_is_read() {
    let bytes = small_file();
    let reader = EdfReader::new(Cursor::new(&bytes)).unwrap();
    let header = reader.header();
    assert_eq!((reader.n_records(), header.n_records_declared), (3, Some(3)));
    assert_eq!(header.kind, EdfKind::EdfPlusContinuous);
    assert_eq!(header.start.unwrap().to_string(), "2025-11-22T02:14:03");
    assert_eq!(header.recording, "Startdate 22-NOV-2025 X X Crampwatch UTC");
    assert_eq!(header.signals, [signal("EMG MG", "uV", 8), signal("ACC X", "g", 3)]);
    assert_eq!((header.rate(0), header.rate(1), header.rate(2)), (Some(Rate::hz(16)), Some(Rate::hz(6)), None));
    assert_eq!(reader.start_offset_s(), 0.123_456);
    let all = records(&bytes).unwrap();
    assert_eq!(all[2].samples, [vec![200, 201, 202, 203, 204, 205, 206, 207], vec![-1, -2, -5]]);
    assert_eq!((all[0].index, all[2].index, all[2].start_s), (0, 2, 1.123_456));
    assert_eq!(all[0].annotations, [note(0.5, "Krampf ✓")]);
    assert!(all[1].annotations.is_empty());
}

#[test]
fn a_file_cut_at_any_byte_is_read_up_to_its_last_whole_record() {
    let bytes = small_file();
    let whole = records(&bytes).unwrap();
    let (header_bytes, record_bytes) = (256 * 4, 2 * 11 + 512);
    for length in 0..bytes.len() {
        let n_whole = length.saturating_sub(header_bytes) / record_bytes;
        match records(&bytes[..length]) {
            Ok(read) => assert_eq!(read, whole[..n_whole], "{length}"),
            Err(error) => {
                assert_eq!(n_whole, 0, "{length}: {error}");
                let expected = match length {
                    0 => matches!(error, EdfError::Empty),
                    1..1024 => matches!(error, EdfError::TruncatedHeader { .. }),
                    _ => matches!(error, EdfError::NoRecords { .. }),
                };
                assert!(expected, "{length}: {error}");
            }
        }
    }
}

#[test]
fn a_wrong_count_in_the_header_yields_to_the_size_of_the_file() {
    for count in [b"-1      ", b"99999999", b"1       ", b"        "] {
        let bytes = patched(&small_file(), 236, count);
        assert_eq!(records(&bytes).unwrap().len(), 3);
    }
}

#[rstest::rstest]
#[case(0, b"{\"a\": 1}", "not an EDF file")]
#[case(0, b"\xffBIOSEMI", "BDF")]
#[case(192, b"EDF+D", "EDF+D")]
#[case(252, b"0   ", "0 signals")]
#[case(252, b"9999", "1 to 512")]
#[case(252, b"-3  ", "1 to 512")]
#[case(184, b"512     ", "number of bytes in header")]
#[case(236, b"many    ", "number of data records")]
#[case(244, b"0       ", "duration of a data record")]
#[case(244, b"1e-9    ", "duration of a data record")]
#[case(256 + 3 * 104, b"low     ", "\"physical minimum\" of signal 1 (EMG MG): found \"low\"")]
#[case(256 + 3 * 112 + 8, b"nan     ", "\"physical maximum\" of signal 2 (ACC X)")]
#[case(256 + 3 * 120, b"-8388608", "-32768 to 32767")]
#[case(256 + 3 * 216, b"0       ", "0 samples in a record of 0.5 s")]
#[case(256 + 3 * 216, b"9999999 ", "1000000 Hz")]
#[case(256 + 3 * 216, b"99999999", "199999998 bytes")]
#[case(256 + 3 * 216, b"-5      ", "number of samples")]
#[case(256, b"EDF Annotations EDF Annotations ", "only annotations")]
fn bad_headers_are_named(#[case] at: usize, #[case] text: &[u8], #[case] message: &str) {
    let error = records(&patched(&small_file(), at, text)).unwrap_err().to_string();
    assert!(error.contains(message) && error.contains(';'), "{error}");
}

#[test]
fn a_flat_signal_harms_nobody_until_it_is_asked_for() {
    let bytes = patched(&small_file(), 256 + 3 * 104, b"3276.7  ");
    let reader = EdfReader::new(Cursor::new(&bytes)).unwrap();
    let error = reader.header().signals[0].checked_scale().unwrap_err().to_string();
    assert!(error.contains("EMG MG") && error.contains("flat"), "{error}");
    assert!(reader.header().signals[1].checked_scale().is_ok());
}

#[test]
fn sloppy_headers_are_read() {
    let bytes = patched(&small_file(), 168, b"                ");
    let bytes = patched(&bytes, 256 + 3 * 104, b"-3276,7 ");
    let bytes = patched(&patched(&bytes, 88, &[b' '; 80]), 184, &[b' '; 8]);
    let reader = EdfReader::new(Cursor::new(&bytes)).unwrap();
    assert_eq!((reader.header().start, reader.header().signals[0].scale.physical_min), (None, -3276.7));
}

#[test]
fn annotations_that_do_not_fit_go_on_and_none_is_lost() {
    let mut setup = EdfSetup::new(STARTED_AT, RecordDuration::seconds(1), vec![signal("EMG", "uV", 4)]);
    setup.annotation_bytes = 128;
    let mut writer = EdfWriter::new(Cursor::new(Vec::new()), setup).unwrap();
    let notes: Vec<_> = (0..9).map(|n| note(f64::from(n), &format!("{n} {}", "ä".repeat(15 + n as usize)))).collect();
    for note in &notes {
        writer.annotate(note).unwrap();
    }
    let too_long = writer.annotate(&note(0.0, &"x".repeat(100))).unwrap_err();
    assert!(matches!(too_long, EdfError::AnnotationTooLong { limit_bytes: 64, .. }));
    writer.write_record(&[[1, 2, 3, 4]]).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let all = records(&bytes).unwrap();
    let (gaps, others): (Vec<_>, Vec<_>) = all.iter().flat_map(|r| &r.annotations).partition(|n| n.text == GAP_TEXT);
    assert_eq!(others, notes.iter().collect::<Vec<_>>());
    assert_eq!(gaps.len(), all.len() - 1);
    assert_eq!((gaps[0].onset_s, gaps[0].duration_s), (1.123_456, Some(1.0)));
}

#[test]
fn repair_closes_what_was_left_open() {
    let whole = small_file();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.edf");
    let open = patched(&whole, 236, b"-1      ");
    let n_cut = 100;
    std::fs::write(&path, &open[..open.len() - n_cut]).unwrap();
    let repaired = repair(&path).unwrap();
    assert_eq!((repaired.n_records, repaired.n_bytes_cut, repaired.start_offset_s), (2, 534 - 100, 0.123_456));
    let again = std::fs::read(&path).unwrap();
    assert_eq!(again, patched(&whole[..whole.len() - 534], 236, b"2       "));
    assert!(!repair(&path).unwrap().was_changed);
    // A power cut can leave the size without the data.
    std::fs::write(&path, [&open[..], &[0; 2 * 534]].concat()).unwrap();
    assert_eq!((repair(&path).unwrap().n_records, std::fs::read(&path).unwrap()), (3, whole));
}

/// Fails the writes that it is told to, half-way.
#[derive(Debug)]
struct Full(Cursor<Vec<u8>>, std::rc::Rc<std::cell::Cell<u32>>);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.1.get() {
            1 => {
                self.1.set(0);
                Err(std::io::Error::other("no space"))
            }
            2 => {
                self.1.set(1);
                self.0.write(&bytes[..bytes.len() / 2])
            }
            _ => self.0.write(bytes),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::io::Seek for Full {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_record_whose_write_failed_can_be_written_again() {
    let setup = EdfSetup::new(STARTED_AT, RecordDuration::seconds(1), vec![signal("EMG", "uV", 4)]);
    let fault = std::rc::Rc::new(std::cell::Cell::new(0));
    let mut writer = EdfWriter::new(Full(Cursor::new(Vec::new()), fault.clone()), setup).unwrap();
    writer.write_record(&[[1, 2, 3, 4]]).unwrap();
    fault.set(2);
    assert!(matches!(writer.write_record(&[[5, 6, 7, 8]]), Err(EdfError::Io { .. })));
    writer.write_record(&[[5, 6, 7, 8]]).unwrap();
    let all = records(&writer.finish().unwrap().0.into_inner()).unwrap();
    assert_eq!(all.iter().map(|r| r.samples[0].clone()).collect::<Vec<_>>(), [[1, 2, 3, 4], [5, 6, 7, 8]]);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let _ = records(&bytes);
    }

    #[test]
    fn no_mutation_of_a_good_file_makes_the_reader_panic(
        places in proptest::collection::vec((0_usize..1100, prop_oneof![any::<u8>(), proptest::char::range('!', '9').prop_map(|c| c as u8)]), 1..12),
        length in 0_usize..3000,
    ) {
        let mut bytes = small_file();
        for (at, byte) in places {
            bytes[at] = byte;
        }
        bytes.truncate(length.max(200));
        if let Ok(all) = records(&bytes) {
            prop_assert!(!all.is_empty());
        }
    }
}

//! Night and stream against each other: what was recorded is what is read.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::edf::{EdfReader, EdfSetup, EdfSignal, EdfWriter, RecordDuration};
use super::*;
use crate::chunk::{ChannelScale, Chunk, StreamLayout};
use crate::units::{Rate, UtcMicros};

const STARTED_AT: UtcMicros = UtcMicros(1_763_777_643_123_457);

/// Everything a stream says, by sample: EMG of two channels with lead-off; acceleration; markers by sample.
#[derive(Debug, Default, PartialEq)]
struct Said {
    emg: BTreeMap<u64, (Vec<i16>, bool)>,
    acc: BTreeMap<u64, Vec<i16>>,
    markers: Vec<u64>,
}

impl Said {
    fn add(&mut self, chunk: &Chunk, emg_first: u64, acc_first: u64) {
        for (sample, values) in (emg_first + chunk.emg_first..).zip(chunk.emg.chunks(2)) {
            assert!(self.emg.insert(sample, (values.to_vec(), chunk.lead_off)).is_none(), "sample {sample} twice");
        }
        for (sample, values) in (acc_first + chunk.acc_first..).zip(chunk.acc.chunks(3)) {
            assert!(self.acc.insert(sample, values.to_vec()).is_none(), "acceleration {sample} twice");
        }
        if chunk.marker {
            self.markers.push(emg_first + chunk.emg_first);
        }
    }
}

/// A chunk at `first` whose values tell their own index.
fn chunk(layout: &StreamLayout, first: u64, n: u64) -> Chunk {
    let value = |index: u64, channel: u64| (index.wrapping_mul(37).wrapping_add(channel * 1009) % 60_000) as i16;
    let mut chunk = Chunk { emg_first: first, ..Chunk::default() };
    chunk.emg = (first..first + n).flat_map(|i| [value(i, 0), value(i, 1)]).collect();
    if let Some(acc) = &layout.acc {
        let range = layout.emg.rate.convert(first, acc.rate)..layout.emg.rate.convert(first + n, acc.rate);
        chunk.acc_first = range.start;
        chunk.acc = range.flat_map(|i| [value(i, 2), value(i, 3), value(i, 4)]).collect();
    }
    chunk
}

fn at(layout: &StreamLayout, sample: u64) -> UtcMicros {
    STARTED_AT.plus_micros(layout.emg.rate.micros_of(sample) as i64)
}

fn finished(events: &[SegmentEvent]) -> Vec<SegmentInfo> {
    let only = |event: &SegmentEvent| match event {
        SegmentEvent::Finished(info) => Some(info.clone()),
        SegmentEvent::Started(_) => None,
    };
    events.iter().filter_map(only).collect()
}

fn read_back(layout: &StreamLayout, segments: &[SegmentInfo]) -> Said {
    let mut said = Said::default();
    for segment in segments {
        let mut stream = EdfStream::open(&segment.path, &ChannelChoice::default()).unwrap();
        assert_eq!(stream.started_at(), Some(segment.started_at));
        assert!(stream.is_start_utc() && stream.notes().is_empty());
        assert_eq!(stream.n_samples(), segment.n_samples);
        let acc_first = layout.acc.as_ref().map_or(0, |acc| layout.emg.rate.convert(segment.emg_first, acc.rate));
        let mut chunks = Vec::new();
        while stream.next_chunks(&mut chunks).unwrap() {}
        chunks.iter().for_each(|chunk| said.add(chunk, segment.emg_first, acc_first));
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn a_night_comes_back_sample_by_sample(
        rates in prop_oneof![Just((250, Some(25))), Just((256, Some(100))), Just((250, Some(13))), Just((333, None))],
        steps in proptest::collection::vec((
            1_u64..600,
            prop_oneof![6 => Just(0), 1 => 1_u64..40, 1 => 200_u64..3000, 1 => 14_000_u64..21_000],
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.1),
        ), 1..60),
        records_per_segment in 1_u64..12,
        first in 0_u64..2000,
    ) {
        let layout = StreamLayout::reference(Rate::hz(rates.0), 2, rates.1.map(Rate::hz));
        let folder = tempfile::tempdir().unwrap();
        let mut night = NightRecorder::new(folder.path(), "me_left", layout.clone()).unwrap();
        night.set_records_per_segment(records_per_segment);
        let (mut sent, mut events, mut next) = (Said::default(), Vec::new(), first);
        for (n, gap, lead_off, marker) in steps {
            next += gap;
            let chunk = Chunk { lead_off, marker, ..chunk(&layout, next, n) };
            sent.add(&chunk, 0, 0);
            events.extend(night.push(&chunk, at(&layout, next)).unwrap());
            next += n;
        }
        events.extend(night.finish().unwrap());
        let segments = finished(&events);
        prop_assert_eq!(events.len(), 2 * segments.len());
        for segment in &segments {
            // An instant of the middle of a chunk is rounded twice.
            let apart = segment.started_at.0 - at(&layout, segment.emg_first).0;
            prop_assert!(apart.abs() <= 2, "{}", apart);
        }
        let read = read_back(&layout, &segments);
        prop_assert_eq!(&read.emg, &sent.emg);
        prop_assert_eq!(&read.acc, &sent.acc);
        // A marker comes with the chunk that holds its sample, and chunks divide anew at records.
        for marker in &sent.markers {
            prop_assert!(read.markers.iter().any(|start| start <= marker && marker - start < u64::from(rates.0)));
        }
        prop_assert!(read.markers.len() <= sent.markers.len());
    }
}

/// Two seconds and a half of chunks at 1000 and 100 Hz.
fn record_some(folder: &Path) -> (StreamLayout, NightRecorder, Vec<SegmentEvent>) {
    let layout = StreamLayout::reference(Rate::hz(1000), 2, Some(Rate::hz(100)));
    let mut night = NightRecorder::new(folder, "me_left", layout.clone()).unwrap();
    let push = |step: u64| night.push(&chunk(&layout, step * 25, 25), at(&layout, step * 25)).unwrap();
    let events = (0..100).flat_map(push).collect();
    (layout, night, events)
}

#[test]
fn segments_have_names_modes_and_exact_starts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("night");
    let (layout, mut night, events) = record_some(&folder);
    let path = folder.join("me_left_20251122T021403Z.edf");
    let info = SegmentInfo { path: path.clone(), started_at: STARTED_AT, n_samples: 1000, emg_first: 0 };
    assert_eq!(events, [SegmentEvent::Started(info.clone())]);
    assert_eq!(night.current(), Some(SegmentInfo { n_samples: 2000, ..info.clone() }));
    assert_eq!(night.finish().unwrap(), [SegmentEvent::Finished(SegmentInfo { n_samples: 3000, ..info })]);
    assert_eq!(night.finish().unwrap(), []);
    #[cfg(unix)]
    for (path, mode) in [(&folder, 0o700), (&path, 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
    let stream = EdfStream::open(&path, &ChannelChoice::default()).unwrap();
    let scale = |layout: &StreamLayout| layout.acc.as_ref().map(|acc| (acc.rate, acc.channels[2].scale.gain()));
    assert_eq!(stream.layout().emg, layout.emg);
    assert_eq!(scale(stream.layout()), scale(&layout));
}

#[test]
fn a_gap_over_a_minute_begins_a_segment_and_a_shorter_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (layout, mut night, mut events) = record_some(folder.path());
    for first in [2500 + 60_000, 2525 + 60_000 + 60_010] {
        events.extend(night.push(&chunk(&layout, first, 25), at(&layout, first)).unwrap());
    }
    events.extend(night.finish().unwrap());
    let starts: Vec<_> = finished(&events).iter().map(|info| (info.emg_first, info.n_samples)).collect();
    // 122,535 is not at an acceleration sample: the file begins five samples earlier, with a gap.
    assert_eq!(starts, [(0, 63_000), (122_530, 1000)]);
    assert_eq!(read_back(&layout, &finished(&events)).emg.len(), 2550);
}

#[test]
fn a_restarted_sensor_begins_a_segment_of_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let (layout, mut night, mut events) = record_some(folder.path());
    events.extend(night.push(&chunk(&layout, 0, 25), STARTED_AT).unwrap());
    events.extend(night.finish().unwrap());
    let names: Vec<_> = finished(&events).iter().map(|info| info.path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["me_left_20251122T021403Z.edf", "me_left_20251122T021403Z-2.edf"]);
}

#[test]
fn a_kill_costs_the_second_under_way_and_repair_closes_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut night, _) = record_some(folder.path());
    night.sync_if_due(0).unwrap();
    let path = night.current().unwrap().path;
    // A kill runs no destructor of ours, and there is none: the file is left as a kill leaves it.
    drop(night);
    assert_eq!(EdfReader::open(&path).unwrap().header().n_records_declared, None);
    for (name, bytes) in [("other.edf", &b"mine"[..]), ("me_left_20251122T030000Z.edf", b"")] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let report = repair_folder(folder.path()).unwrap();
    let repaired = RepairedSegment { path: path.clone(), started_at: STARTED_AT, n_samples: 2000, n_bytes_cut: 0 };
    assert_eq!((report.repaired, report.removed.len(), report.unreadable.len()), (vec![repaired], 1, 0));
    assert_eq!(EdfReader::open(&path).unwrap().header().n_records_declared, Some(2));
    assert_eq!(repair_folder(folder.path()).unwrap().repaired, []);
    assert!(folder.path().join("other.edf").exists());
    assert!(repair_folder(folder.path().join("none")).unwrap().repaired.is_empty());
}

#[test]
fn a_disk_error_is_told_with_its_path_and_the_night_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("night");
    let layout = StreamLayout::reference(Rate::hz(1000), 2, None);
    let mut night = NightRecorder::new(&inner, "me_left", layout.clone()).unwrap();
    std::fs::remove_dir(&inner).unwrap();
    let error = night.push(&chunk(&layout, 0, 1200), STARTED_AT).unwrap_err();
    assert!(error.to_string().contains("me_left_20251122T021403Z.edf"), "{error}");
    assert_eq!(night.n_lost_samples(), 1200);
    std::fs::create_dir(&inner).unwrap();
    let mut events = night.push(&chunk(&layout, 1200, 1000), at(&layout, 1200)).unwrap();
    events.extend(night.finish().unwrap());
    assert_eq!(finished(&events)[0].emg_first, 1200);
    assert_eq!((night.n_lost_samples(), read_back(&layout, &finished(&events)).emg.len()), (1200, 1000));
}

#[test]
fn more_gaps_than_annotations_fit_are_bridged_where_least_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let layout = StreamLayout::reference(Rate::hz(1000), 2, None);
    let mut night = NightRecorder::new(folder.path(), "me_left", layout.clone()).unwrap();
    for step in 0..100 {
        night.push(&chunk(&layout, step * 10, if step % 10 == 0 { 9 } else { 2 }), at(&layout, step * 10)).unwrap();
    }
    let said = read_back(&layout, &finished(&night.finish().unwrap()));
    let long = said.emg.keys().filter(|sample| *sample % 100 < 9).count();
    assert_eq!(long, 90);
    assert!(said.emg.keys().all(|sample| sample % 10 < 9) && said.emg.len() < 200);
}

#[test]
fn chunks_and_rates_that_cannot_be_recorded_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut night, _) = record_some(folder.path());
    let odd = Chunk { emg: vec![1, 2, 3], ..Chunk::default() };
    assert!(matches!(night.push(&odd, STARTED_AT), Err(RecordingError::ChunkShape { found: 3, channels: 2 })));
    let layout = StreamLayout::reference(Rate::new(100_000, 97).unwrap(), 1, None);
    let refused = NightRecorder::new(folder.path(), "me_left", layout).unwrap_err();
    assert!(matches!(refused, RecordingError::UnrecordableRates { .. }));
}

/// An EDF of one second with the given labels, units and samples a record.
fn foreign(signals: &[(&str, &str, usize)]) -> Vec<u8> {
    let signal = |(label, unit, samples_per_record): &(&str, &str, usize)| EdfSignal {
        label: (*label).to_owned(),
        transducer: String::new(),
        unit: (*unit).to_owned(),
        scale: ChannelScale { physical_min: -5.0, physical_max: 5.0, digital_min: -2048, digital_max: 2047 },
        prefilter: String::new(),
        samples_per_record: *samples_per_record,
    };
    let signals: Vec<_> = signals.iter().map(signal).collect();
    let samples: Vec<_> = signals.iter().map(|signal| vec![7; signal.samples_per_record]).collect();
    let setup = EdfSetup::new(STARTED_AT, RecordDuration::seconds(1), signals);
    let mut writer = EdfWriter::new(Cursor::new(Vec::new()), setup).unwrap();
    writer.write_record(&samples).unwrap();
    writer.finish().unwrap().into_inner()
}

fn open(signals: &[(&str, &str, usize)], choice: &ChannelChoice) -> Result<EdfStream<Cursor<Vec<u8>>>, RecordingError> {
    EdfStream::new(Cursor::new(foreign(signals)), "night.edf", choice)
}

#[test]
fn channels_are_found_by_label_and_converted() {
    let signals =
        [("ECG", "uV", 1000), ("Accel Y", "mg", 50), ("emg 1", "mV", 1000), ("accX", "g", 50), ("Acc_Z", "g", 50)];
    let stream = open(&signals, &ChannelChoice::default()).unwrap();
    let layout = stream.layout();
    assert_eq!(layout.emg.channels[0].label, "emg 1");
    assert_eq!(layout.emg.channels[0].scale.physical_max, 5000.0);
    let acc = layout.acc.as_ref().unwrap();
    let labels: Vec<_> = acc.channels.iter().map(|channel| channel.label.as_str()).collect();
    assert_eq!((labels, acc.channels[1].scale.physical_max), (vec!["accX", "Accel Y", "Acc_Z"], 0.005));
    assert_eq!((stream.duration_s(), layout.emg.rate), (1.0, Rate::hz(1000)));
}

#[test]
fn what_is_left_out_is_said() {
    let mut signals: Vec<_> = ["EMG 1", "EMG 2", "EMG 3", "EMG 4", "EMG 5"].map(|label| (label, "uV", 500)).to_vec();
    signals.extend(["ACC X", "ACC Y", "ACC Z"].map(|label| (label, "g", 500)));
    let stream = open(&signals, &ChannelChoice::default()).unwrap();
    assert_eq!((stream.layout().emg.channels.len(), &stream.layout().acc), (4, &None));
    assert!(stream.notes()[0].contains("EMG 5") && stream.notes()[1].contains("10 to 400 Hz"), "{:?}", stream.notes());
}

#[rstest::rstest]
#[case(&[("ECG", "uV", 500)], &[], "found the labels \"ECG\"")]
#[case(&[("EMG", "uV", 500)], &["TA"], "no channel \"TA\"")]
#[case(&[("EMG", "uV", 100)], &[], "200 to 4000 Hz")]
#[case(&[("EMG", "degC", 500)], &[], "uV, mV or V")]
#[case(&[("EMG 1", "uV", 500), ("EMG 2", "uV", 250)], &[], "expected 500 Hz as \"EMG 1\"")]
#[case(&[("EMG", "uV", 500)], &["EMG", "EMG", "EMG", "EMG", "EMG"], "1 to 4")]
fn channels_that_cannot_be_used_are_named(
    #[case] signals: &[(&str, &str, usize)],
    #[case] names: &[&str],
    #[case] message: &str,
) {
    let choice = ChannelChoice { emg: names.iter().map(|name| (*name).to_owned()).collect(), acc: None };
    let error = open(signals, &choice).unwrap_err().to_string();
    assert!(error.contains(message) && error.starts_with("night.edf"), "{error}");
}

//! Polar's frames as bytes.

use super::*;
use crate::units::UtcMicros;

fn decoder(name: &str) -> Polar {
    Polar::new(&Profile::named(name).unwrap(), UtcAnchor { utc: UtcMicros(0), monotonic_micros: 0 })
}

fn frame(stamp_nanos: u64, frame_type: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2];
    bytes.extend(stamp_nanos.to_le_bytes());
    bytes.push(frame_type);
    bytes.extend(payload);
    bytes
}

fn acceleration(decoder: &mut Polar) -> Vec<i16> {
    decoder.finish().into_iter().flat_map(|timed| timed.chunk.acc).collect()
}

#[test]
fn raw_frames_of_all_three_widths_are_milli_g() {
    let payloads: [(u8, &[u8]); 3] =
        [(0, &[1, 0xFF, 100]), (1, &[1, 0, 0xFF, 0xFF, 100, 0]), (2, &[1, 0, 0, 0xFF, 0xFF, 0xFF, 100, 0, 0])];
    for (frame_type, payload) in payloads {
        let mut decoder = decoder("polar-h10");
        decoder.push(Role::Data(0), &frame(1_000_000_000, frame_type, payload), 0);
        assert_eq!(acceleration(&mut decoder), [1, -1, 100], "type {frame_type}");
    }
}

#[test]
fn compressed_frames_add_up_their_differences() {
    // Reference 10, 20, -30; then two samples of 4-bit differences (1, -1, 2) and (-8, 7, 0), low bits first.
    let payload = [10, 0, 20, 0, 0xE2, 0xFF, 4, 2, 0xF1, 0x82, 0x07];
    let mut decoder = decoder("polar-verity");
    decoder.push(Role::Data(0), &frame(1_000_000_000, 0x81, &payload), 0);
    assert_eq!(acceleration(&mut decoder), [10, 20, -30, 11, 19, -28, 3, 26, -28]);
}

#[test]
fn what_is_no_frame_is_counted_by_kind() {
    let mut decoder = decoder("polar-h10");
    let frames = [
        vec![2; 9],
        frame(0, 3, &[0; 6]),
        frame(0, 1, &[0; 7]),
        frame(0, 1, &[]),
        frame(0, 0x81, &[0; 5]),
        frame(0, 0x81, &[0, 0, 0, 0, 0, 0, 8, 2, 1]),
        frame(0, 0x81, &[0, 0, 0, 0, 0, 0, 33, 0]),
        vec![0; 16],
    ];
    for bytes in &frames {
        decoder.push(Role::Data(0), bytes, 0);
    }
    let malformed = decoder.status(None).counters.malformed;
    assert_eq!((malformed.too_short, malformed.wrong_version, malformed.no_samples), (1, 2, 1));
    assert_eq!((malformed.length_mismatch, malformed.total(), decoder.valid_frames()), (4, 8, 0));
}

#[test]
fn a_sensor_that_counts_slower_than_it_says_stays_on_time_without_gaps() {
    let mut decoder = decoder("polar-verity");
    // 51.5 Hz instead of 52, 36 samples a notification, ten minutes.
    let block_nanos = 36_000_000_000_f64 / 51.5;
    for n in 0..858_u32 {
        let stamp = 5_000_000_000 + (f64::from(n) * block_nanos) as u64;
        decoder.push(Role::Data(0), &frame(stamp, 1, &[1; 216]), (f64::from(n) * block_nanos / 1000.0) as u64);
    }
    let samples = acceleration(&mut decoder).len() / 3;
    let counters = decoder.status(None).counters;
    assert_eq!((counters.gaps, counters.malformed.total()), (0, 0));
    let seconds = 858.0 * 36.0 / 51.5;
    assert!((samples as f64 / 52.0 - seconds).abs() < 0.1, "{samples}");
}

#[test]
fn a_lost_frame_is_a_gap_by_the_time_stamps_and_the_same_frame_twice_a_duplicate() {
    let mut decoder = decoder("polar-h10");
    for n in [0_u64, 1, 2, 2, 5, 6] {
        let stamp = 1_000_000_000 + n * 180_000_000;
        decoder.push(Role::Data(0), &frame(stamp, 1, &[0; 216]), n * 180_000);
    }
    let chunks = decoder.finish();
    let counters = decoder.status(None).counters;
    assert_eq!((counters.gaps, counters.samples_lost, counters.duplicate), (1, 72, 1));
    assert_eq!(chunks.iter().map(|timed| timed.chunk.acc_first).collect::<Vec<_>>(), [0, 180]);
}

#[test]
fn a_clock_that_is_set_begins_a_new_stretch() {
    let mut decoder = decoder("polar-h10");
    for n in 0..10_u64 {
        let base = if n < 5 { 600_000_000_000_000_000 } else { 1_000_000_000 };
        decoder.push(Role::Data(0), &frame(base + n * 180_000_000, 1, &[0; 216]), n * 180_000);
    }
    let samples = acceleration(&mut decoder).len() / 3;
    let counters = decoder.status(None).counters;
    assert_eq!((samples, counters.restarts, counters.samples_lost), (360, 1, 0));
}

//! Frames on their way through a bad link.

use proptest::prelude::*;

use super::*;
use crate::sensor::frame::{FrameHeader, encode_frame};

fn assembler() -> Assembler {
    Assembler::new(&Profile::leg_sensor().unwrap())
}

/// The frame of 50 samples whose unwrapped device counter is `first`; each sample tells its own index.
fn frame(first: u64, sequence: u16) -> Vec<u8> {
    frame_with(first, FrameHeader { sequence, ..FrameHeader::default() })
}

fn frame_with(first: u64, header: FrameHeader) -> Vec<u8> {
    let header = FrameHeader { emg_first: first as u32, acc_first: (first.div_ceil(10)) as u16, ..header };
    let emg: Vec<i16> = (first..first + 50).flat_map(|n| [n as i16 & 0x3FFF, 1]).collect();
    let acc: Vec<i16> =
        (first.div_ceil(10)..(first + 50).div_ceil(10)).flat_map(|n| [n as i16 & 0x3FFF, 2, 3]).collect();
    let mut bytes = Vec::new();
    encode_frame(&header, 2, &emg, &acc, &mut bytes).unwrap();
    bytes
}

/// Every EMG index in `chunks`, after checking that the contract of [`Chunk`] holds.
fn indices(chunks: &[Chunk]) -> Vec<u64> {
    let (emg_rate, acc_rate) = (Rate::hz(1000), Rate::hz(100));
    let mut end = 0;
    let mut found = Vec::new();
    for chunk in chunks {
        assert!(chunk.emg_first >= end, "{} after {end}", chunk.emg_first);
        end = chunk.emg_first + chunk.emg_len(2);
        assert_eq!(chunk.acc_first, emg_rate.convert(chunk.emg_first, acc_rate));
        assert_eq!(chunk.acc.len() as u64 / 3, emg_rate.convert(end, acc_rate) - chunk.acc_first);
        found.extend(chunk.emg_first..end);
    }
    found
}

/// Sends frames in the order of `numbers`, each arriving when its place in that order says.
fn send(assembler: &mut Assembler, numbers: &[u64]) -> Vec<Chunk> {
    let mut out = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        assembler.push(&frame(number * 50, *number as u16), at as u64 * 50_000, &mut out);
    }
    assembler.finish(&mut out);
    out
}

#[test]
fn frames_in_order_become_one_chunk_of_their_own_samples() {
    let mut assembler = assembler();
    let chunks = send(&mut assembler, &[0, 1, 2, 3]);
    assert_eq!(chunks.len(), 1);
    assert_eq!(indices(&chunks), (0..200).collect::<Vec<_>>());
    assert!(chunks[0].emg.chunks(2).zip(0..).all(|(pair, n)| pair == [n, 1]));
    assert!(chunks[0].acc.chunks(3).zip(0..).all(|(axes, n)| axes == [n, 2, 3]));
    assert!(assembler.contact());
}

#[test]
fn duplicates_are_dropped_and_reordered_frames_put_back() {
    let mut assembler = assembler();
    let chunks = send(&mut assembler, &[0, 2, 1, 1, 2, 4, 3, 4, 5]);
    assert_eq!(indices(&chunks), (0..300).collect::<Vec<_>>());
    let counters = assembler.counters();
    assert_eq!((counters.duplicate, counters.reordered, counters.late, counters.samples_lost), (3, 2, 0, 0));
}

#[test]
fn a_lost_frame_is_a_gap_after_at_most_four_frames() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    for number in [0_u64, 1, 4, 5, 6, 7] {
        assembler.push(&frame(number * 50, number as u16), number * 10_000, &mut out);
    }
    assert_eq!(indices(&out).len(), 100);
    assembler.push(&frame(400, 8), 80_000, &mut out);
    assert_eq!(indices(&out), (0..100).chain(200..450).collect::<Vec<_>>());
    assembler.push(&frame(150, 3), 90_000, &mut out);
    let counters = assembler.counters();
    assert_eq!((counters.gaps, counters.samples_lost, counters.frames_lost, counters.late), (1, 100, 2, 1));
}

#[test]
fn a_lost_frame_is_a_gap_after_a_quarter_second() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    assembler.push(&frame(0, 0), 0, &mut out);
    assembler.push(&frame(100, 2), 100_000, &mut out);
    assembler.release_until(349_999, &mut out);
    assert_eq!(indices(&out).len(), 50);
    assembler.release_until(350_000, &mut out);
    assert_eq!(indices(&out).len(), 100);
}

#[test]
fn the_counter_wraps_without_a_gap_and_acceleration_stays_in_step() {
    let start = (3_u64 << 32) - 1_000 - ((3_u64 << 32) % 50);
    let mut assembler = assembler();
    let mut out = Vec::new();
    for number in 0..200_u64 {
        assembler.push(&frame(start + number * 50, number as u16), number * 50_000, &mut out);
    }
    assert_eq!(indices(&out).len(), 10_000);
    assert_eq!((assembler.counters().gaps, assembler.counters().malformed.total()), (0, 0));
}

#[test]
fn a_long_drop_out_is_a_gap_of_exactly_the_samples_missed() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    assembler.push(&frame(0, 0), 0, &mut out);
    let placed = assembler.push(&frame(7_200_000, 0), 7_200_000_000, &mut out);
    assembler.finish(&mut out);
    assert_eq!(placed, Some(Placement { emg_end: 7_200_050, restarted_at: None }));
    assert_eq!(out[1].emg_first, 7_200_000);
}

#[test]
fn a_restart_goes_on_after_a_gap_taken_from_arrival_times() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    for number in 0..100_u64 {
        assembler.push(&frame(500_000 + number * 50, number as u16), number * 50_000, &mut out);
    }
    // Three seconds later the device counts from zero.
    assert_eq!(assembler.push(&frame(0, 0), 99 * 50_000 + 3_000_000, &mut out), None);
    let placed = assembler.push(&frame(50, 1), 99 * 50_000 + 3_050_000, &mut out).unwrap();
    assert_eq!(placed, Placement { emg_end: 5_000 + 3_050, restarted_at: Some(7_950) });
    assert_eq!(indices(&out), (0..5_000).chain(7_950..8_050).collect::<Vec<_>>());
    assert_eq!((assembler.counters().restarts, assembler.counters().malformed.total()), (1, 0));
}

#[test]
fn one_damaged_counter_is_refused_and_moves_nothing() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    for number in 0..10_u64 {
        let first = if number == 5 { 1 << 30 } else { number * 50 };
        assembler.push(&frame(first, number as u16), number * 50_000, &mut out);
    }
    assembler.finish(&mut out);
    assert_eq!(indices(&out), (0..250).chain(300..500).collect::<Vec<_>>());
    assert_eq!((assembler.counters().malformed.wrong_counter, assembler.counters().restarts), (1, 0));
}

#[test]
fn a_press_is_one_marker_though_its_flag_is_repeated() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    for number in 0..60_u64 {
        let header =
            FrameHeader { marker: (20..30).contains(&number), sequence: number as u16, ..FrameHeader::default() };
        assembler.push(&frame_with(number * 50, header), number * 50_000, &mut out);
    }
    let marked: Vec<u64> = out.iter().filter(|chunk| chunk.marker).map(|chunk| chunk.emg_first).collect();
    assert_eq!((marked, assembler.counters().markers), (vec![1000], 1));
    assert_eq!(indices(&out).len(), 3000);
}

#[test]
fn lead_off_begins_a_chunk_of_its_own() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    for number in 0..4_u64 {
        let header = FrameHeader {
            lead_off: number >= 2,
            battery_pct: Some(71),
            sequence: number as u16,
            ..FrameHeader::default()
        };
        assembler.push(&frame_with(number * 50, header), number * 50_000, &mut out);
    }
    assert_eq!(
        out.iter().map(|chunk| (chunk.emg_first, chunk.lead_off)).collect::<Vec<_>>(),
        [(0, false), (100, true)]
    );
    assert_eq!((assembler.battery_pct(), assembler.contact()), (Some(71), false));
}

#[test]
fn acceleration_one_off_is_bridged_and_further_off_refused() {
    let mut assembler = assembler();
    let mut out = Vec::new();
    for (number, shift) in [(0_u64, 0_u16), (1, 1), (2, 9)] {
        let mut bytes = frame(number * 50, number as u16);
        let first = u16::from_le_bytes([bytes[8], bytes[9]]) + shift;
        bytes[8..10].copy_from_slice(&first.to_le_bytes());
        assembler.push(&bytes, number * 50_000, &mut out);
    }
    assert_eq!(indices(&out).len(), 100);
    assert_eq!((assembler.counters().acc_filled, assembler.counters().malformed.other_acceleration), (1, 1));
    assert_eq!(out[0].acc[15..21], [5, 2, 3, 5, 2, 3]);
}

proptest! {
    #[test]
    fn any_link_gives_ordered_chunks_and_counts_every_frame(
        order in proptest::collection::vec((0..4_u8, 0..300_u64, any::<u8>()), 1..300), bytes: Vec<u8>,
    ) {
        let mut assembler = assembler();
        let mut out = Vec::new();
        let mut passed = 0;
        for (at, (kind, number, damage)) in order.iter().enumerate() {
            let mut sent = frame(if *kind == 0 { number * 50 } else { at as u64 * 50 }, at as u16);
            if *kind == 1 {
                let place = usize::from(*damage) % sent.len();
                sent[place] ^= 1 << (damage % 8);
            }
            let sent = if *kind == 2 { &bytes } else { &sent };
            passed += u64::from(assembler.push(sent, at as u64 * 50_000, &mut out).is_some());
        }
        assembler.finish(&mut out);
        indices(&out);
        let counters = assembler.counters();
        prop_assert_eq!(counters.received, order.len() as u64);
        let refused = counters.malformed.total() + counters.duplicate + counters.late;
        prop_assert!(passed + refused + 1 + counters.restarts >= counters.received, "{counters:?} {passed}");
    }

    #[test]
    fn a_window_of_four_puts_every_order_right(swaps in proptest::collection::vec(0..100_usize, 0..20)) {
        let mut numbers: Vec<u64> = (0..100).collect();
        for swap in swaps.into_iter().filter(|swap| swap % 4 == 1) {
            numbers.swap(swap, swap + 1);
        }
        let mut assembler = assembler();
        let chunks = send(&mut assembler, &numbers);
        prop_assert_eq!(indices(&chunks), (0..5000).collect::<Vec<_>>());
    }
}

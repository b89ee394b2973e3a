//! After warm-up no decoder allocates with each frame, nor the detector with each window. A test binary of its
//! own, because it counts all allocations.

// Helpers beside the test functions may panic as they do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Mutex};

use crampwatch::chunk::{Chunk, StreamLayout};
use crampwatch::clock::UtcAnchor;
use crampwatch::detect::{Detector, Model, Output};
use crampwatch::sensor::{Decoder, FrameHeader, Profile, Role, encode_frame};
use crampwatch::units::{Rate, UtcMicros};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// There can be one profiler at a time.
static COUNTING: Mutex<()> = Mutex::new(());

/// Pushes everything that a sensor sends between two instants in milliseconds.
type Play = fn(&mut dyn Decoder, u64);

fn play_reference(decoder: &mut dyn Decoder, ms: u64) {
    if ms.is_multiple_of(50) {
        let n = ms / 50;
        let header = FrameHeader { emg_first: (n * 50) as u32, acc_first: (n * 5) as u16, ..FrameHeader::default() };
        // What makes the frame allocates nothing after the first.
        thread_local!(static BYTES: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) });
        BYTES.with_borrow_mut(|bytes| {
            encode_frame(&header, 2, &[1; 100], &[1; 15], bytes).expect("the frame fits");
            decoder.push(Role::Data(0), bytes, ms * 1000);
        });
    }
}

fn play_npg(decoder: &mut dyn Decoder, ms: u64) {
    if ms.is_multiple_of(20) {
        let mut bytes = [8; 70];
        for n in 0..10_u64 {
            bytes[n as usize * 7] = (ms / 2 + n) as u8;
        }
        decoder.push(Role::Data(0), &bytes, ms * 1000);
    }
}

fn play_myo(decoder: &mut dyn Decoder, ms: u64) {
    if ms.is_multiple_of(10) {
        decoder.push(Role::Data((ms / 10 % 4) as u8), &[1; 16], ms * 1000);
    }
    if ms.is_multiple_of(20) {
        decoder.push(Role::Data(4), &[1; 20], ms * 1000);
    }
}

fn play_ganglion(decoder: &mut dyn Decoder, ms: u64) {
    if ms.is_multiple_of(10) {
        let mut bytes = [1; 20];
        bytes[0] = (ms / 10 % 100) as u8;
        decoder.push(Role::Data(0), &bytes, ms * 1000);
    }
}

fn play_polar(decoder: &mut dyn Decoder, ms: u64) {
    if ms.is_multiple_of(180) {
        let mut bytes = [0; 226];
        bytes[0] = 2;
        bytes[1..9].copy_from_slice(&(ms * 1_000_000 + 1).to_le_bytes());
        bytes[9] = 1;
        decoder.push(Role::Data(0), &bytes, ms * 1000);
    }
}

#[test]
fn frames_are_decoded_without_allocating() {
    let _alone = COUNTING.lock();
    let _profiler = dhat::Profiler::builder().testing().build();
    let sensors: [(&str, Play, u64); 5] = [
        ("leg-sensor", play_reference, 20),
        ("npg-lite-3ch", play_npg, 50),
        ("myo", play_myo, 150),
        ("ganglion", play_ganglion, 100),
        ("polar-h10", play_polar, 5),
    ];
    for (name, play, frames_a_second) in sensors {
        let profile = Profile::named(name).expect("a built-in profile");
        let mut decoder = profile.decoder(UtcAnchor { utc: UtcMicros(0), monotonic_micros: 0 });
        // Warm-up: two minutes, in which the clock widens its buckets.
        let (mut blocks, mut samples) = (0, 0);
        for second in 0..300_u64 {
            let before = dhat::HeapStats::get().total_blocks;
            for ms in second * 1000..(second + 1) * 1000 {
                play(decoder.as_mut(), ms);
            }
            let chunks = decoder.take((second + 1) * 1000 * 1000);
            if second >= 180 {
                blocks += dhat::HeapStats::get().total_blocks - before;
                samples += chunks.iter().map(|timed| timed.chunk.emg.len() + timed.chunk.acc.len()).sum::<usize>();
            }
        }
        assert!(samples > 10_000, "{name}: {samples} samples");
        // A second's chunk itself is four blocks: its EMG, its acceleration, the list, the list handed out.
        assert!(blocks <= 120 * 5, "{name}: {blocks} allocations for {} frames", 120 * frames_a_second);
    }
}

/// A second of two channels at 1 kHz: noise of a few digits, or forty times that; and a leg that lies still.
fn second_of_noise(second: u64, is_loud: bool, state: &mut u64) -> Chunk {
    let mut digit = || {
        // A linear congruential generator (Knuth) is noise enough here.
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let value = (*state >> 60) as i16 - 8;
        if is_loud { value * 40 } else { value }
    };
    let emg = (0..2000).map(|_| digit()).collect();
    let acc = (0..300).map(|n| if n % 3 == 2 { 4096 } else { (n % 2) as i16 }).collect();
    Chunk { emg_first: second * 1000, emg, acc_first: second * 100, acc, ..Chunk::default() }
}

#[test]
fn windows_are_judged_without_allocating() {
    let _alone = COUNTING.lock();
    let _profiler = dhat::Profiler::builder().testing().build();
    let layout = StreamLayout::reference(Rate::hz(1000), 2, Some(Rate::hz(100)));
    let model = Arc::new(Model::built_in().expect("the built-in model"));
    let mut detector = Detector::new(&layout, model).expect("a detector");
    let (mut state, mut judged, mut active, mut blocks) = (7, 0_u32, 0_u32, 0);
    for second in 0..600_u64 {
        let is_loud = second > 180 && second % 60 > 30;
        let chunk = second_of_noise(second, is_loud, &mut state);
        let (mut has_event, mut hops, mut likely) = (false, 0, 0);
        let before = dhat::HeapStats::get().total_blocks;
        detector.push(&chunk, |output| match output {
            Output::Hop(hop) => {
                hops += u32::from(hop.probability.is_some());
                likely += u32::from(hop.probability.is_some_and(|p| p > 0.0));
            }
            // What an event tells may have a text of its own.
            _ => has_event = true,
        });
        if second > 180 && !has_event {
            blocks += dhat::HeapStats::get().total_blocks - before;
            judged += hops;
            active += likely;
        }
    }
    assert!(judged > 1000 && active > 300, "{judged} windows were judged, {active} of them by trees");
    assert_eq!(blocks, 0, "allocations in {judged} windows");
}

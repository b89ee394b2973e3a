//! After warm-up no decoder allocates with each frame. A test binary of its own, because it counts all allocations.

// Helpers beside the test functions may panic as they do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crampwatch::clock::UtcAnchor;
use crampwatch::sensor::{Decoder, FrameHeader, Profile, Role, encode_frame};
use crampwatch::units::UtcMicros;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

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

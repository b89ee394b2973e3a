//! Sensors of several kinds on a bad link, through the decoders that their profiles give.

use proptest::prelude::*;

use crate::chunk::Chunk;
use crate::clock::UtcAnchor;
use crate::sensor::decode::{Pair, PairPart};
use crate::sensor::profile::{Endian, Number, Profile};
use crate::sensor::{Decoder, Role, TimedChunk};
use crate::units::UtcMicros;

const ANCHOR: UtcAnchor = UtcAnchor { utc: UtcMicros(1_000_000_000), monotonic_micros: 0 };

fn decoder(name: &str) -> Box<dyn Decoder> {
    Profile::named(name).unwrap().decoder(ANCHOR)
}

/// The NPG Lite's notification whose first sample has index `first`; channel 1 tells the index.
fn npg(first: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for n in first..first + 10 {
        bytes.push(n as u8);
        for value in [2048 + (n % 1000) as u16, 2048, 0] {
            bytes.extend(value.to_be_bytes());
        }
    }
    bytes
}

/// Sends notification `n` of 20 ms each when it is complete, and `late_micros` later.
fn send_npg(decoder: &mut dyn Decoder, n: u64, late_micros: u64) {
    decoder.push(Role::Data(0), &npg(n * 10), (n + 1) * 20_000 + late_micros);
}

/// Indices of the samples in `chunks` of the NPG Lite, after checking that each sample is where it belongs.
fn indices(chunks: &[TimedChunk]) -> Vec<u64> {
    let mut found = Vec::new();
    for TimedChunk { chunk, .. } in chunks {
        for (sample, index) in chunk.emg.chunks(3).zip(chunk.emg_first..) {
            assert_eq!(sample, [(index % 1000) as i16, 0, -2048], "{index}");
            found.push(index);
        }
    }
    found
}

#[test]
fn records_of_big_endian_counts_lose_their_offset() {
    let mut decoder = decoder("npg-lite-3ch");
    for n in 0..100 {
        send_npg(decoder.as_mut(), n, 0);
    }
    let chunks = decoder.finish();
    assert_eq!((chunks.len(), indices(&chunks)), (1, (0..1000).collect()));
    // The last sample of the first notification arrived at 20 ms, so the first is from 0.
    assert_eq!(chunks[0].start_at, UtcMicros(1_000_000_000));
    assert_eq!((decoder.valid_frames(), decoder.status(None).contact), (100, true));
}

#[test]
fn six_channels_are_cut_to_four() {
    let mut decoder = decoder("npg-lite-6ch");
    let mut bytes = Vec::new();
    for n in 0..10_u8 {
        bytes.push(n);
        for channel in 0..6_u16 {
            bytes.extend((2048 + channel).to_be_bytes());
        }
    }
    decoder.push(Role::Data(0), &bytes, 0);
    assert_eq!(decoder.finish()[0].chunk.emg[..8], [0, 1, 2, 3, 0, 1, 2, 3]);
}

#[test]
fn a_short_gap_has_exactly_the_samples_that_were_lost() {
    let mut decoder = decoder("npg-lite-3ch");
    for n in (0..50).chain(63..200) {
        send_npg(decoder.as_mut(), n, n % 5 * 3000);
    }
    let chunks = decoder.finish();
    assert_eq!(indices(&chunks), (0..500).chain(630..2000).collect::<Vec<_>>());
    let counters = decoder.status(None).counters;
    assert_eq!((counters.gaps, counters.samples_lost, counters.frames_lost), (1, 130, 13));
}

/// `lost` notifications are lost after the hundredth.
fn after_losing(lost: u64) -> (Vec<u64>, u64) {
    let mut decoder = decoder("npg-lite-3ch");
    for n in (0..100).chain(100 + lost..300 + lost) {
        send_npg(decoder.as_mut(), n, n * 7919 % 40_000);
    }
    let found = indices_from(&decoder.finish());
    (found, decoder.status(None).counters.samples_lost)
}

fn indices_from(chunks: &[TimedChunk]) -> Vec<u64> {
    chunks.iter().flat_map(|timed| timed.chunk.emg_first..timed.chunk.emg_first + timed.chunk.emg_len(3)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_counter_that_wraps_within_a_gap_is_unwrapped_by_arrival(lost in 1..1500_u64) {
        let (found, samples_lost) = after_losing(lost);
        prop_assert_eq!(samples_lost, lost * 10);
        prop_assert_eq!(found, (0..1000).chain(1000 + lost * 10..3000 + lost * 10).collect::<Vec<_>>());
    }

    #[test]
    fn a_link_that_stalls_and_catches_up_loses_nothing(stall_ms in 0..5000_u64) {
        let mut decoder = decoder("npg-lite-3ch");
        let stalled_until = 101 * 20_000 + stall_ms * 1000;
        for n in 0..500_u64 {
            let due = (n + 1) * 20_000;
            let late = if n >= 100 { stalled_until.saturating_sub(due) } else { 0 };
            send_npg(decoder.as_mut(), n, late);
        }
        let chunks = decoder.finish();
        prop_assert_eq!(indices(&chunks), (0..5000).collect::<Vec<_>>());
        prop_assert_eq!(decoder.status(None).counters.gaps, 0);
    }
}

#[test]
fn duplicates_are_dropped_and_reordered_notifications_put_back() {
    let mut decoder = decoder("npg-lite-3ch");
    for (at, n) in [0, 2, 1, 1, 3, 3, 5, 4, 6, 7, 0].into_iter().enumerate() {
        decoder.push(Role::Data(0), &npg(n * 10), at as u64 * 20_000);
    }
    assert_eq!(indices(&decoder.finish()), (0..80).collect::<Vec<_>>());
    let counters = decoder.status(None).counters;
    assert_eq!((counters.duplicate, counters.reordered, counters.gaps), (3, 2, 0));
    assert_eq!(decoder.valid_frames(), 8);
}

#[test]
fn start_sets_the_counter_to_zero_and_the_gap_comes_from_arrival() {
    let mut decoder = decoder("npg-lite-3ch");
    for n in 0..33 {
        send_npg(decoder.as_mut(), n, 0);
    }
    decoder.connected();
    for n in 0..20_u64 {
        decoder.push(Role::Data(0), &npg(n * 10), 10_000_000 + n * 20_000);
    }
    let chunks = decoder.finish();
    assert_eq!(chunks.len(), 2);
    assert_eq!((chunks[0].chunk.emg_len(3), chunks[1].chunk.emg_first), (330, 4990));
    // 10 s is when the tenth sample was complete.
    assert_eq!(chunks[1].start_at, UtcMicros(1_000_000_000 + 9_980_000));
    assert_eq!(decoder.status(None).counters.restarts, 1);
}

#[test]
fn refused_notifications_are_counted_by_kind() {
    let mut decoder = decoder("npg-lite-3ch");
    send_npg(decoder.as_mut(), 0, 0);
    let mut broken = npg(10);
    broken[7] = 99;
    for bytes in [&npg(0)[..69], &[], &[0; 244], &broken[..]] {
        decoder.push(Role::Data(0), bytes, 40_000);
    }
    decoder.push(Role::Data(9), &npg(10), 40_000);
    let malformed = decoder.status(None).counters.malformed;
    assert_eq!((malformed.length_mismatch, malformed.wrong_counter), (4, 1));
    assert_eq!(decoder.valid_frames(), 1);
}

#[test]
fn battery_is_heard_and_nonsense_is_not() {
    let mut decoder = decoder("npg-lite-3ch");
    for bytes in [&[81][..], &[], &[200]] {
        decoder.push(Role::Battery, bytes, 0);
    }
    assert_eq!(decoder.status(Some(-61)).battery_pct, Some(81));
}

/// A sample of the Myo's accelerometer.
fn imu(x: i16, y: i16, z: i16) -> Vec<u8> {
    let values = [0, 0, 0, 0, x, y, z, 1, 1, 1];
    values.iter().flat_map(|value: &i16| value.to_le_bytes()).collect()
}

/// Plays a Myo for `seconds`; `lost` says which notifications of 10 ms are.
fn play_myo(seconds: u64, lost: impl Fn(u64) -> bool) -> (Vec<Chunk>, Box<dyn Decoder>) {
    let mut decoder = decoder("myo");
    for n in 0..seconds * 100 {
        let now = 10_000 * (n + 1);
        let value = (n % 100) as u8;
        let mut emg = [0_u8; 16];
        (emg[0], emg[2], emg[8], emg[14]) = (value, 0xFF, value, 0x80);
        if !lost(n) {
            decoder.push(Role::Data((n % 4) as u8), &emg, now + n % 3 * 4000);
        }
        if n % 2 == 0 {
            decoder.push(Role::Data(4), &imu(2048, -1024, (n / 2) as i16), now);
        }
    }
    (decoder.finish().into_iter().map(|timed| timed.chunk).collect(), decoder)
}

#[test]
fn myo_gives_every_other_electrode_and_its_accelerometer_in_step() {
    let (chunks, decoder) = play_myo(60, |_| false);
    assert_eq!(chunks.len(), 1);
    let chunk = &chunks[0];
    assert_eq!((chunk.emg.len(), &chunk.emg[8..16]), (48_000, &[1, -1, 0, 0, 1, 0, 0, -128][..]));
    assert_eq!(chunk.acc.len(), 60 * 50 * 3);
    let z: Vec<i16> = chunk.acc.chunks(3).map(|sample| sample[2]).collect();
    assert!(z.iter().enumerate().all(|(n, z)| (i64::from(*z) - n as i64).abs() <= 3), "{z:?}");
    let counters = decoder.status(None).counters;
    assert_eq!((counters.gaps, counters.received, counters.decoded), (0, 9000, 9000));
    assert!(counters.acc_filled < 10, "{}", counters.acc_filled);
}

#[test]
fn a_silence_of_a_sensor_without_counter_is_a_gap_as_long_as_it_was() {
    let (chunks, decoder) = play_myo(60, |n| (2000..2700).contains(&n));
    assert_eq!(chunks.len(), 2);
    let gap = chunks[1].emg_first - chunks[0].emg_first - chunks[0].emg_len(4);
    assert!(gap.abs_diff(1400) <= 4, "{gap}");
    assert_eq!(decoder.status(None).counters.samples_lost, gap);
}

#[test]
fn a_counter_that_jumps_is_refused_until_it_goes_on() {
    let text = Profile::text_of("npg-lite-3ch").unwrap().replace("type = \"u8\"", "type = \"u32\"");
    let text = text.replace("at = 1\n", "at = 4\n").replace("bytes = 70", "bytes = 100");
    let mut decoder = Profile::parse(&text).unwrap().decoder(ANCHOR);
    let frame = |first: u64| -> Vec<u8> {
        (first..first + 10).flat_map(|n| [&(n as u32).to_be_bytes()[..], &[8, 0, 8, 0, 8, 0]].concat()).collect()
    };
    for n in 0..40_u64 {
        let first = match n {
            10 => 1 << 30,
            20.. => 5_000_000 + n * 10,
            _ => n * 10,
        };
        decoder.push(Role::Data(0), &frame(first), (n + 1) * 20_000);
    }
    decoder.finish();
    let counters = decoder.status(None).counters;
    assert_eq!((counters.malformed.wrong_counter, counters.restarts), (1 + 7, 1));
}

#[test]
fn two_sensors_make_one_leg() {
    let mut pair = Pair::new(decoder("npg-lite-3ch"), decoder("polar-h10"), ANCHOR).unwrap();
    assert!(Pair::new(decoder("polar-h10"), decoder("polar-h10"), ANCHOR).is_none());
    assert!(Pair::new(decoder("npg-lite-3ch"), decoder("npg-lite-3ch"), ANCHOR).is_none());
    let mut chunks = Vec::new();
    for n in 0..500_u64 {
        send_npg(&mut pair, n, 0);
        if n % 9 == 8 {
            // 36 samples in 180 ms; x tells the time in units of 5 ms.
            let first = (n / 9) * 36;
            let mut bytes = vec![2];
            bytes.extend((1_000_000_000 + (first + 35) * 5_000_000).to_le_bytes());
            bytes.push(1);
            for index in first..first + 36 {
                bytes.extend([&(index as i16).to_le_bytes()[..], &[0; 4]].concat());
            }
            pair.part_mut(PairPart::Acceleration).push(Role::Data(0), &bytes, (n + 1) * 20_000);
        }
        if n % 50 == 49 {
            chunks.extend(pair.take((n + 1) * 20_000));
        }
    }
    chunks.extend(pair.finish());
    assert_eq!(indices(&chunks), (0..5000).collect::<Vec<_>>());
    let x: Vec<i16> = chunks.iter().flat_map(|timed| timed.chunk.acc.chunks(3).map(|sample| sample[0])).collect();
    assert_eq!(x.len(), 2000);
    assert!(x.iter().take(1900).enumerate().all(|(n, x)| (i64::from(*x) - n as i64).abs() <= 2), "{:?}", &x[..40]);
    assert!(pair.status(None).counters.acc_filled <= 20);
}

/// A profile of one frame with all that can be declared, and a way to make its bytes.
fn made(number: Number, endian: Endian, order: &str, samples: usize) -> (Profile, usize) {
    let size = number.bytes() * samples * 2;
    let text = format!(
        "version = 2\nname = \"made\"\nfind = {{ name_prefix = \"Made\" }}\n\
         characteristic = [{{ role = \"data\", service = \"{id}\", uuid = \"{id}\" }}]\n\
         [[frame]]\nbytes = {bytes}\nendian = \"{endian}\"\n\
         counter = {{ at = 1, type = \"u16\", counts = \"samples\" }}\n\
         constant = [{{ at = 0, hex = \"a5\" }}]\n\
         lead_off = {{ at = 3, bit = 0 }}\nmarker = {{ at = 3, bit = 7 }}\nbattery = {{ at = 4 }}\n\
         emg = {{ at = 5, type = \"{number}\", samples = {samples}, order = \"{order}\" }}\n\
         acc = {{ at = {acc}, type = \"i16\", samples = {acc_samples}, axes = [\"z\", \"-x\", \"y\"] }}\n\
         [emg]\nrate_hz = 1000\nchannels = [\"A\", \"B\"]\nmicrovolts_per_count = 0.1\n\
         [acc]\nrate_hz = 100\ng_per_count = 0.000244140625\n",
        id = "02216728-9585-41a5-b54a-613bf79693a4",
        bytes = 5 + size + samples / 10 * 6,
        endian = format!("{endian:?}").to_lowercase(),
        number = format!("{number:?}").to_lowercase(),
        acc = 5 + size,
        acc_samples = samples / 10,
    );
    (Profile::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")), 5 + size)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_encoded_as_declared_is_decoded_again(
        number in prop::sample::select(vec![Number::I8, Number::U8, Number::I16, Number::U16, Number::I24, Number::I32]),
        big: bool, by_channel: bool, tens in 1..=3_usize, seed: u32, lead_off: bool, marker: bool, battery in 0..=100_u8,
    ) {
        let (endian, samples) = (if big { Endian::Big } else { Endian::Little }, tens * 10);
        let (profile, acc_at) = made(number, endian, if by_channel { "by-channel" } else { "interleaved" }, samples);
        let mut decoder = profile.decoder(ANCHOR);
        let (mut emg, mut acc) = (Vec::new(), Vec::new());
        for frame in 0..3_usize {
            let mut bytes = vec![0; acc_at + tens * 6];
            bytes[0] = 0xA5;
            Number::U16.write((frame * samples) as i64, endian, &mut bytes[1..]);
            bytes[3] = u8::from(lead_off) | u8::from(marker) << 7;
            bytes[4] = battery;
            for sample in 0..samples {
                for channel in 0..2 {
                    let mixed = (seed as usize).wrapping_mul(2_654_435_761).wrapping_add(sample * 977 + channel * 31 + frame);
                    let value = match number {
                        Number::U8 => (mixed % 256) as i64,
                        Number::I8 => (mixed % 256) as i64 - 128,
                        Number::U16 => (mixed % 32_768) as i64,
                        _ => (mixed % 65_535) as i64 - 32_767,
                    };
                    let place = if by_channel { channel * samples + sample } else { sample * 2 + channel };
                    number.write(value, endian, &mut bytes[5 + place * number.bytes()..]);
                    emg.push(value as i16);
                }
            }
            for sample in 0..tens {
                let value = (sample * 100 + frame) as i16;
                for (place, axis) in [value + 2, -value, value + 1].into_iter().enumerate() {
                    Number::I16.write(axis.into(), endian, &mut bytes[acc_at + sample * 6 + place * 2..]);
                }
                acc.extend([value, value + 1, value + 2]);
            }
            decoder.push(Role::Data(0), &bytes, frame as u64 * samples as u64 * 1000);
        }
        let chunks: Vec<Chunk> = decoder.finish().into_iter().map(|timed| timed.chunk).collect();
        prop_assert_eq!(chunks.iter().flat_map(|chunk| chunk.emg.clone()).collect::<Vec<_>>(), emg);
        prop_assert_eq!(chunks.iter().flat_map(|chunk| chunk.acc.clone()).collect::<Vec<_>>(), acc);
        let status = decoder.status(None);
        prop_assert_eq!((status.battery_pct, status.contact, chunks[0].marker), (Some(battery), !lead_off, marker));
        prop_assert_eq!(status.counters.malformed.total(), 0);
    }

    #[test]
    fn any_bytes_at_any_time_give_ordered_chunks_or_counts(
        which in 0..7_usize,
        pushes in prop::collection::vec((0..6_u8, prop::collection::vec(any::<u8>(), 0..140), any::<bool>(), 0..2_000_000_u64), 0..60),
    ) {
        let name = Profile::names().nth(which).unwrap();
        let mut decoder = decoder(name);
        let length = Profile::named(name).unwrap().frame_bytes();
        let channels = decoder.layout().emg.channels.len();
        let (mut now, mut chunks) = (0, Vec::new());
        for (role, mut bytes, whole, step) in pushes {
            now += step;
            if whole {
                bytes.resize(length, role);
            }
            if role == 5 {
                decoder.connected();
            } else {
                decoder.push(Role::Data(role), &bytes, now);
            }
            chunks.extend(decoder.take(now));
        }
        chunks.extend(decoder.finish());
        let mut end = 0;
        for TimedChunk { chunk, .. } in chunks {
            prop_assert!(chunk.emg_first >= end);
            end = chunk.emg_first + if channels == 0 { chunk.acc.len() as u64 / 3 } else { chunk.emg_len(channels) };
        }
    }
}

#[test]
fn the_worked_example_of_the_readme_decodes_its_bytes() {
    let readme = include_str!("../../../firmware-config/README.md");
    let (_, example) = readme.split_once("```toml\n").unwrap();
    let profile = Profile::parse(example.split_once("```").unwrap().0).unwrap();
    let mut decoder = profile.decoder(ANCHOR);
    for n in 254..260_u16 {
        let mut bytes = vec![0xA5, n as u8];
        for sample in 0..8 {
            bytes.extend([(n * 8 + sample).to_be_bytes(), (-5_i16).to_be_bytes()].concat());
        }
        // 0.2 g along Y, −0.1 g along X, 1 g along Z.
        bytes.extend([200_i16, 100, 1000].map(i16::to_be_bytes).concat());
        bytes.extend([77, u8::from(n >= 258) << 3]);
        assert_eq!(bytes.len(), 42);
        decoder.push(Role::Data(0), &bytes, u64::from(n) * 40_000);
    }
    let chunks = decoder.finish();
    assert_eq!(
        chunks.iter().map(|timed| (timed.chunk.emg_first, timed.chunk.lead_off)).collect::<Vec<_>>(),
        [(0, false), (32, true)]
    );
    let chunk = &chunks[0].chunk;
    assert_eq!((&chunk.emg[..4], &chunk.acc[..3]), (&[2032, -5, 2033, -5][..], &[-100, 200, 1000][..]));
    let status = decoder.status(None);
    assert_eq!((status.battery_pct, status.contact, status.counters.gaps), (Some(77), false, 0));
}

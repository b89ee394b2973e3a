//! What the fuzz targets share: bytes become notifications that reach a decoder at times that never go back.

use std::sync::OnceLock;

use crampwatch::clock::UtcAnchor;
use crampwatch::sensor::profile::{Codec, Profile};
use crampwatch::sensor::{Decoder, Role};
use crampwatch::units::UtcMicros;

/// Seconds of arrival time after which a run ends: a night is no longer.
const MOST_MICROS: u64 = 16 * 3600 * 1_000_000;

/// A decoder of a compiled-in profile; a process has one name, and reads its profile once.
pub fn decoder(name: &str) -> Box<dyn Decoder> {
    static PROFILE: OnceLock<Profile> = OnceLock::new();
    let profile = PROFILE.get_or_init(|| Profile::named(name).expect("a built-in profile"));
    profile.decoder(UtcAnchor { utc: UtcMicros(0), monotonic_micros: 0 })
}

/// Feeds `data` to a decoder: of each record the first byte says what happens, the next two how much later, the next how
/// many bytes follow. A record of kind 0 to 3 whose length byte is 255 has the length that the sensor would send.
pub fn drive(decoder: &mut dyn Decoder, usual_bytes: usize, mut data: &[u8]) {
    let mut now = 0_u64;
    let mut end = 0_u64;
    let channels = decoder.layout().emg.channels.len();
    while let Some((&[kind, low, high, length], rest)) = data.split_first_chunk::<4>() {
        let step = u64::from(u16::from_le_bytes([low, high]));
        now += if kind & 0x80 == 0 { step } else { step * 10_000 };
        if now > MOST_MICROS {
            break;
        }
        let wanted = if length == 255 { usual_bytes } else { usize::from(length) };
        let (bytes, rest) = rest.split_at(wanted.min(rest.len()));
        data = rest;
        let role = match kind & 0x1F {
            16 => Role::Battery,
            17 => Role::Control,
            18 => Role::Info,
            19 => {
                decoder.connected();
                continue;
            }
            number => Role::Data(number % 5),
        };
        let before = decoder.valid_frames();
        decoder.push(role, bytes, now);
        assert!(decoder.valid_frames() >= before);
        if kind & 0x40 != 0 {
            for timed in decoder.take(now) {
                check(&timed.chunk, channels, &mut end);
            }
        }
    }
    for timed in decoder.finish() {
        check(&timed.chunk, channels, &mut end);
    }
    let counters = decoder.status(None).counters;
    assert!(counters.decoded <= counters.received);
}

/// Positions only grow, and blocks are whole.
fn check(chunk: &crampwatch::chunk::Chunk, channels: usize, end: &mut u64) {
    assert!(chunk.emg_first >= *end, "{} after {end}", chunk.emg_first);
    assert_eq!(chunk.acc.len() % 3, 0);
    let samples = if channels == 0 {
        chunk.acc.len() as u64 / 3
    } else {
        assert_eq!(chunk.emg.len() % channels, 0);
        chunk.emg_len(channels)
    };
    *end = chunk.emg_first + samples;
}

/// Reads a profile; one that is accepted must be able to decode anything.
pub fn profile(text: &str, bytes: &[u8]) {
    let Ok(profile) = Profile::parse(text) else { return };
    let _ = profile.verify_info(bytes);
    assert!(!profile.dialogue().characteristics.is_empty());
    if let Codec::Declared(frames) = profile.codec() {
        assert!(frames.iter().all(|frame| !frame.fields().is_empty()));
    }
    let mut decoder = profile.decoder(UtcAnchor { utc: UtcMicros(0), monotonic_micros: 0 });
    drive(decoder.as_mut(), profile.frame_bytes(), bytes);
}

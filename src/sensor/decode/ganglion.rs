//! OpenBCI Ganglion, firmware 3: two samples of four channels in 18 or 19 bits each, acceleration one axis at a time.

use super::declared::{Way, ways};
use super::stream::{AccWay, Stream};
use crate::chunk::StreamLayout;
use crate::clock::UtcAnchor;
use crate::sensor::decoder::Decoder;
use crate::sensor::frame_error::FrameError;
use crate::sensor::profile::Profile;
use crate::sensor::session::Role;
use crate::sensor::source::{SensorStatus, TimedChunk};

const PACKET_BYTES: usize = 20;
/// Packets after which their number begins anew; 0 to 99 have 18 bits, 100 to 199 have 19.
const NUMBERS: u8 = 100;
const SAMPLES: u64 = 2;
const CHANNELS: usize = 4;

/// Decodes a Ganglion.
#[derive(Debug, Clone)]
pub struct Ganglion {
    emg: Way,
    acc: Way,
    emg_channels: usize,
    /// The axes heard of since the last Z.
    axes: [Option<i16>; 3],
    stream: Stream,
}

impl Ganglion {
    pub(crate) fn new(profile: &Profile, anchor: UtcAnchor) -> Self {
        let (emg, acc) = ways(profile);
        let modulus = u64::from(NUMBERS) * SAMPLES;
        Self {
            emg,
            acc,
            emg_channels: profile.layout().emg.channels.len().min(CHANNELS),
            axes: [None; 3],
            stream: Stream::new(profile.layout(), Some(modulus), AccWay::InPacket, anchor),
        }
    }

    fn packet(&mut self, bytes: &[u8], arrival_micros: u64) -> Result<(), FrameError> {
        let Ok(packet) = <&[u8; PACKET_BYTES]>::try_from(bytes) else {
            return Err(FrameError::LengthMismatch { found: bytes.len(), expected: PACKET_BYTES });
        };
        let number = packet[0];
        let bits = match number {
            0..NUMBERS => 18,
            NUMBERS..200 => 19,
            _ => return Err(FrameError::OtherByte { at: 0, found: number, expected: "a packet number of 0 to 199" }),
        };
        let mut found = self.stream.spare();
        found.arrival_micros = arrival_micros;
        found.samples = SAMPLES;
        found.counter = u64::from(number % NUMBERS) * SAMPLES;
        for sample in 0..SAMPLES as usize {
            for channel in 0..self.emg_channels {
                let count = value(packet, (sample * CHANNELS + channel) * bits, bits);
                found.emg.push(self.emg.digital(count, 1));
            }
        }
        if bits == 18 {
            // The chip's X and Z are exchanged, and Z points the other way.
            let count = i64::from(packet[PACKET_BYTES - 1] as i8);
            match number % 10 {
                0 => self.axes = [None, None, Some(self.acc.digital(count, -1))],
                1 => self.axes[1] = Some(self.acc.digital(count, 1)),
                2 => self.axes[0] = Some(self.acc.digital(count, 1)),
                _ => {}
            }
        }
        if let [Some(x), Some(y), Some(z)] = self.axes {
            found.acc.push([x, y, z]);
            self.axes = [None; 3];
        }
        self.stream.push(found, true);
        Ok(())
    }
}

/// The signed number of `bits` bits that begins `from` bits behind the packet number, most significant bit first, as a
/// count of the 24-bit converter.
fn value(packet: &[u8; PACKET_BYTES], from: usize, bits: usize) -> i64 {
    let mut value = 0_i64;
    for bit in 8 + from..8 + from + bits {
        value = value << 1 | i64::from(packet[bit / 8] >> (7 - bit % 8) & 1);
    }
    if value >> (bits - 1) == 1 {
        // Two's complement, but for one count: negative values come out one too high.
        value -= (1 << bits) + 1;
    }
    value << (24 - bits)
}

impl Decoder for Ganglion {
    fn layout(&self) -> &StreamLayout {
        self.stream.layout()
    }

    fn connected(&mut self) {
        self.axes = [None; 3];
        self.stream.connected(true);
    }

    fn push(&mut self, role: Role, bytes: &[u8], arrival_micros: u64) {
        match role {
            Role::Battery => self.stream.battery(bytes.first().copied().unwrap_or(255)),
            Role::Control | Role::Info => {}
            Role::Data(_) => {
                self.stream.received();
                if let Err(error) = self.packet(bytes, arrival_micros) {
                    self.stream.refuse(&error);
                }
            }
        }
    }

    fn take(&mut self, now_micros: u64) -> Vec<TimedChunk> {
        self.stream.take(now_micros)
    }

    fn finish(&mut self) -> Vec<TimedChunk> {
        self.stream.finish()
    }

    fn status(&self, rssi_dbm: Option<i16>) -> SensorStatus {
        self.stream.status(rssi_dbm)
    }

    fn valid_frames(&self) -> u64 {
        self.stream.valid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::UtcMicros;
    use proptest::prelude::*;

    fn decoder() -> Ganglion {
        let profile = Profile::named("ganglion").unwrap();
        Ganglion::new(&profile, UtcAnchor { utc: UtcMicros(0), monotonic_micros: 0 })
    }

    /// Packs eight values of `bits` bits, as the firmware does; `number` chooses nothing by itself.
    fn packet(number: u8, bits: usize, values: [i64; 8], last: i8) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[19] = last as u8;
        bytes[0] = number;
        for (n, value) in values.into_iter().enumerate() {
            // The quirk, the other way round.
            let wire = if value < 0 { value + 1 } else { value };
            for bit in 0..bits {
                let place = 8 + n * bits + bit;
                let one = wire >> (bits - 1 - bit) & 1 == 1;
                let mask = 1 << (7 - place % 8);
                bytes[place / 8] = if one { bytes[place / 8] | mask } else { bytes[place / 8] & !mask };
            }
        }
        bytes
    }

    #[test]
    fn eighteen_and_nineteen_bits_are_the_same_counts() {
        let values = [1000, -1000, 2, -2, 131_071, -131_071, 0, 5];
        let bytes = packet(7, 18, values, 0);
        for (n, expected) in values.into_iter().enumerate() {
            assert_eq!(value(&bytes, n * 18, 18), expected << 6);
        }
        let doubled = values.map(|value| value * 2);
        let bytes = packet(107, 19, doubled, 0);
        for (n, expected) in values.into_iter().enumerate() {
            assert_eq!(value(&bytes, n * 19, 19), expected << 6);
        }
    }

    #[test]
    fn all_ones_are_minus_two_as_the_firmware_means_it() {
        let mut bytes = [0xFF; 20];
        bytes[0] = 0;
        assert_eq!(value(&bytes, 0, 18), -2 << 6);
    }

    #[test]
    fn packets_become_samples_and_axes_a_vector() {
        let mut decoder = decoder();
        for n in 0..60_u8 {
            let last = match n % 10 {
                0 => -60,
                1 => 10,
                2 => -20,
                _ => 99,
            };
            let bytes = packet(n, 18, [836, 0, 0, 0, 836, 0, 0, 0], last);
            decoder.push(Role::Data(0), &bytes, u64::from(n) * 10_000);
        }
        let chunks = decoder.finish();
        assert_eq!(chunks.len(), 1);
        let chunk = &chunks[0].chunk;
        // 836 << 6 counts of 0.00186995 µV are 100.0 µV, 1000 steps of the grid.
        assert_eq!((chunk.emg.len(), &chunk.emg[..8]), (480, &[1000, 0, 0, 0, 1000, 0, 0, 0][..]));
        assert_eq!((chunk.acc.len(), &chunk.acc[9..12]), (18, &[-20, 10, 60][..]));
        assert_eq!(decoder.status(None).counters.gaps, 0);
    }

    #[test]
    fn a_gap_of_a_whole_round_of_numbers_is_seen_by_arrival() {
        let mut decoder = decoder();
        for n in (0..300_u64).chain(400..600) {
            let bytes = packet((n % 100) as u8, 18, [0; 8], 0);
            decoder.push(Role::Data(0), &bytes, n * 10_000 + n % 7 * 1000);
        }
        decoder.finish();
        let counters = decoder.status(None).counters;
        assert_eq!((counters.gaps, counters.samples_lost, counters.malformed.total()), (1, 200, 0));
    }

    #[test]
    fn wrong_lengths_and_numbers_are_counted_by_kind() {
        let mut decoder = decoder();
        decoder.push(Role::Data(0), &[0; 19], 0);
        decoder.push(Role::Data(0), &[201; 20], 0);
        let malformed = decoder.status(None).counters.malformed;
        assert_eq!((malformed.length_mismatch, malformed.wrong_version, decoder.valid_frames()), (1, 1, 0));
    }

    proptest! {
        #[test]
        fn values_come_back_as_they_were_packed(
            values in prop::array::uniform8(-131_071_i64..=131_071), number in 0..100_u8,
        ) {
            // One value cannot be sent: the quirk takes the place of −1.
            let values = values.map(|value| if value == -1 { -2 } else { value });
            let bytes = packet(number, 18, values, 0);
            for (n, expected) in values.into_iter().enumerate() {
                prop_assert_eq!(value(&bytes, n * 18, 18), expected << 6);
            }
        }
    }
}

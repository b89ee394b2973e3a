//! Acceleration of Polar sensors: time-stamped frames, raw or compressed, brought onto an even grid of the sensor's time.

use super::declared::{Way, ways};
use super::packet::Packet;
use super::stream::{AccWay, Stream};
use crate::chunk::StreamLayout;
use crate::clock::UtcAnchor;
use crate::sensor::decoder::Decoder;
use crate::sensor::frame_error::FrameError;
use crate::sensor::profile::{Endian, Number, Profile};
use crate::sensor::session::Role;
use crate::sensor::source::{SensorStatus, TimedChunk};
use crate::units::Rate;

const HEADER_BYTES: usize = 10;
const ACCELERATION: u8 = 2;
const COMPRESSED: u8 = 0x80;
/// Most samples in one notification: no real one comes near.
const MOST_SAMPLES: usize = 512;
/// A time stamp this far behind, or ahead of arrival, is a clock that was set.
const JUMP_NANOS: i64 = 10_000_000_000;
/// Grid indices are counters of 32 bits to the stream.
const MODULUS: u64 = 1 << 32;

/// Decodes the acceleration of a Polar sensor.
#[derive(Debug, Clone)]
pub struct Polar {
    acc: Way,
    rate: Rate,
    /// Counts of the frame at hand.
    counts: Vec<[i32; 3]>,
    time: Option<Time>,
    stream: Stream,
}

/// Where the sensor's time is.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// Time stamp of grid index 0.
    zero_nanos: u64,
    /// Time stamp of the newest sample and its arrival.
    newest_nanos: u64,
    arrival_micros: u64,
    /// Grid index after the newest sample.
    end: u64,
}

impl Polar {
    pub(crate) fn new(profile: &Profile, anchor: UtcAnchor) -> Self {
        let layout = profile.layout();
        Self {
            acc: ways(profile).1,
            rate: layout.acc.as_ref().map_or(layout.emg.rate, |acc| acc.rate),
            counts: Vec::with_capacity(MOST_SAMPLES),
            time: None,
            stream: Stream::new(layout, Some(MODULUS), AccWay::InPacket, anchor),
        }
    }

    fn frame(&mut self, bytes: &[u8], arrival_micros: u64) -> Result<(), FrameError> {
        let found = bytes.len();
        let Some((header, payload)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return Err(FrameError::TooShort { found });
        };
        let &[kind, t0, t1, t2, t3, t4, t5, t6, t7, frame_type] = header;
        if kind != ACCELERATION {
            return Err(FrameError::OtherByte { at: 0, found: kind, expected: "2, acceleration" });
        }
        self.counts.clear();
        let number = match frame_type {
            0 => Some(Number::I8),
            1 => Some(Number::I16),
            2 => Some(Number::I24),
            0x81 => None,
            other => {
                let expected = "a raw frame type 0 to 2 or the compressed type 0x81";
                return Err(FrameError::OtherByte { at: 9, found: other, expected });
            }
        };
        debug_assert_eq!(number.is_none(), frame_type & COMPRESSED != 0);
        let complete = match number {
            Some(number) => raw(number, payload, &mut self.counts),
            None => compressed(payload, &mut self.counts),
        };
        if complete != Some(payload.len()) {
            let expected = HEADER_BYTES + complete.unwrap_or(payload.len() + 1);
            return Err(FrameError::LengthMismatch { found, expected });
        }
        if self.counts.is_empty() {
            return Err(FrameError::NoSamples);
        }
        self.place(u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]), arrival_micros);
        Ok(())
    }

    /// Brings the samples, the last of them at `stamp_nanos`, onto the grid.
    fn place(&mut self, stamp_nanos: u64, arrival_micros: u64) {
        let samples = self.counts.len() as u64;
        let block_nanos = self.rate.micros_of(samples) as i64 * 1000;
        let mut known = self.time;
        if let Some(time) = known {
            let step = stamp_nanos.wrapping_sub(time.newest_nanos) as i64;
            let elapsed = arrival_micros.saturating_sub(time.arrival_micros).min(i64::MAX as u64 / 2000) as i64 * 1000;
            if step == 0 {
                return self.stream.duplicate();
            }
            if step < -JUMP_NANOS || step > elapsed + elapsed / 1000 + JUMP_NANOS {
                self.stream.connected(true);
                known = None;
            } else if step < 0 {
                return self.stream.late();
            }
        }
        let mut packet = self.stream.spare();
        packet.arrival_micros = arrival_micros;
        let Some(time) = known else {
            for counts in &self.counts {
                packet.acc.push(digital(&self.acc, *counts));
            }
            (packet.counter, packet.samples) = (0, samples);
            self.stream.push(packet, true);
            let zero_nanos = stamp_nanos.saturating_sub(self.rate.micros_of(samples - 1) * 1000);
            self.time = Some(Time { zero_nanos, newest_nanos: stamp_nanos, arrival_micros, end: samples });
            return;
        };
        // The grid index just after the newest sample, which belongs to the nearest.
        let end = self.rate.nearest_sample(stamp_nanos.saturating_sub(time.zero_nanos) / 1000) + 1;
        let step = stamp_nanos.wrapping_sub(time.newest_nanos) as i64;
        // Jitter of time stamps is far below half a block; what is beyond is a gap before this block.
        let goes_on = step < block_nanos + block_nanos / 2;
        let from = if goes_on { time.end } else { end.saturating_sub(samples).max(time.end) };
        self.time = Some(Time { newest_nanos: stamp_nanos, arrival_micros, end: end.max(time.end), ..time });
        let wanted = end.saturating_sub(from);
        if wanted == 0 {
            self.stream.recycle(packet);
            return self.stream.late();
        }
        fill(&mut packet, &self.counts, wanted, &self.acc);
        packet.counter = from % MODULUS;
        packet.samples = wanted;
        self.stream.push(packet, true);
    }
}

/// Spreads the counts evenly over `wanted` places, which is as many or one more or less as long as the rate is right.
fn fill(packet: &mut Packet, counts: &[[i32; 3]], wanted: u64, way: &Way) {
    let samples = counts.len() as u64;
    for n in 1..=wanted {
        let at = (n * samples).div_ceil(wanted).clamp(1, samples) - 1;
        packet.acc.push(digital(way, counts[at as usize]));
    }
}

fn digital(way: &Way, counts: [i32; 3]) -> [i16; 3] {
    counts.map(|count| way.digital(count.into(), 1))
}

/// Reads raw samples; gives the bytes that belong to whole ones.
fn raw(number: Number, payload: &[u8], out: &mut Vec<[i32; 3]>) -> Option<usize> {
    let width = number.bytes();
    for sample in payload.chunks_exact(3 * width).take(MOST_SAMPLES) {
        let axis = |n: usize| number.read(&sample[n * width..], Endian::Little) as i32;
        out.push([axis(0), axis(1), axis(2)]);
    }
    Some(out.len() * 3 * width)
}

/// Reads a reference sample and blocks of differences; gives the bytes used, none if the last block is cut off.
fn compressed(payload: &[u8], out: &mut Vec<[i32; 3]>) -> Option<usize> {
    let reference = payload.first_chunk::<6>()?;
    let mut sum = [0, 2, 4].map(|at| i32::from(i16::from_le_bytes([reference[at], reference[at + 1]])));
    out.push(sum);
    let mut used = reference.len();
    while used < payload.len() {
        let [bits, count] = *payload.get(used..)?.first_chunk::<2>()?;
        let (bits, count) = (usize::from(bits), usize::from(count));
        let length = (bits * count * 3).div_ceil(8);
        let block = payload.get(used + 2..used + 2 + length)?;
        if !(1..=32).contains(&bits) || out.len() + count > MOST_SAMPLES {
            return None;
        }
        let mut bit = 0;
        for _ in 0..count {
            for axis in &mut sum {
                *axis = axis.wrapping_add(signed(block, bit, bits));
                bit += bits;
            }
            out.push(sum);
        }
        used += 2 + length;
    }
    Some(used)
}

/// The signed number of `bits` bits at bit `from`, least significant bit first.
fn signed(block: &[u8], from: usize, bits: usize) -> i32 {
    let mut value = 0_u32;
    for n in 0..bits {
        let bit = from + n;
        value |= u32::from(block[bit / 8] >> (bit % 8) & 1) << n;
    }
    let unused = 32 - bits as u32;
    ((value << unused) as i32) >> unused
}

impl Decoder for Polar {
    fn layout(&self) -> &StreamLayout {
        self.stream.layout()
    }

    fn connected(&mut self) {
        // The sensor's clock goes on through a lost link, so its time stamps say how long that was.
        self.stream.connected(false);
    }

    fn push(&mut self, role: Role, bytes: &[u8], arrival_micros: u64) {
        match role {
            Role::Battery => self.stream.battery(bytes.first().copied().unwrap_or(255)),
            Role::Control | Role::Info => {}
            Role::Data(_) => {
                self.stream.received();
                if let Err(error) = self.frame(bytes, arrival_micros) {
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
#[path = "polar_tests.rs"]
mod tests;

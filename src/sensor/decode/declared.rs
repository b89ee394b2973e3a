//! Sensors whose frames a profile declares field by field.

use super::packet::Packet;
use super::stream::{AccWay, Stream};
use crate::chunk::{ChannelScale, StreamLayout};
use crate::clock::UtcAnchor;
use crate::sensor::decoder::Decoder;
use crate::sensor::frame_error::FrameError;
use crate::sensor::profile::{Block, Counts, Endian, FrameLayout, Profile, Scale};
use crate::sensor::requantise::Requantise;
use crate::sensor::session::Role;
use crate::sensor::source::{SensorStatus, TimedChunk};

/// From counts to the grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    offset: i64,
    way: Requantise,
}

impl Way {
    pub(super) fn new(scale: Option<Scale>, grid: ChannelScale) -> Self {
        let (step, offset) = scale.map_or((1.0, 0), |scale| (scale.step, scale.offset_counts));
        Self { offset: offset.into(), way: Requantise::new(step, grid) }
    }

    pub(super) fn digital(&self, count: i64, sign: i32) -> i16 {
        let count = (count - self.offset) * i64::from(sign);
        self.way.digital(count.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
    }
}

/// The ways of EMG and acceleration of a profile.
pub(super) fn ways(profile: &Profile) -> (Way, Way) {
    let layout = profile.layout();
    let emg_grid = layout.emg.channels.first().map_or(ChannelScale::EMG_UV, |channel| channel.scale);
    let acc = layout.acc.as_ref().and_then(|acc| acc.channels.first());
    let acc_grid = acc.map_or(ChannelScale::ACC_G, |channel| channel.scale);
    (Way::new(profile.emg_scale, emg_grid), Way::new(profile.acc_scale, acc_grid))
}

/// Decodes declared frames.
#[derive(Debug, Clone)]
pub struct Declared {
    frames: Vec<FrameLayout>,
    emg: Way,
    acc: Way,
    restarts: bool,
    stream: Stream,
    acc_samples: Vec<[i16; 3]>,
}

impl Declared {
    pub(crate) fn new(profile: &Profile, frames: &[FrameLayout], anchor: UtcAnchor) -> Self {
        let main = frames.iter().find(|frame| frame.emg.is_some()).or_else(|| frames.first());
        let counter = main.and_then(|frame| frame.counter);
        let step = |frame: &FrameLayout| frame.emg.as_ref().or(frame.acc.as_ref()).map_or(1, |block| block.samples);
        let modulus = counter.zip(main).map(|(counter, frame)| match counter.counts {
            Counts::Samples => counter.wraps_at,
            Counts::Records => counter.wraps_at * step(frame) as u64,
        });
        let has_own = profile.has_emg() && frames.iter().any(|frame| frame.emg.is_none() && frame.acc.is_some());
        let acc_way = if has_own { AccWay::Own } else { AccWay::InPacket };
        let (emg, acc) = ways(profile);
        Self {
            frames: frames.to_vec(),
            emg,
            acc,
            restarts: counter.is_none_or(|counter| counter.restarts),
            stream: Stream::new(profile.layout(), modulus, acc_way, anchor),
            acc_samples: Vec::new(),
        }
    }

    fn frame(&mut self, n: usize, bytes: &[u8], arrival_micros: u64) -> Result<(), FrameError> {
        let Self { frames, emg, acc, stream, acc_samples, .. } = self;
        let frame = &frames[n];
        check(frame, bytes)?;
        let record_bytes = frame.record_bytes();
        let is_main = frame.emg.is_some() || stream.layout().emg.channels.is_empty();
        if !is_main {
            acc_samples.clear();
            for record in bytes.chunks_exact(record_bytes) {
                read_acc(frame, acc, record, acc_samples);
            }
            stream.push_acc(acc_samples, arrival_micros);
            return Ok(());
        }
        let mut packet: Packet = stream.spare();
        packet.arrival_micros = arrival_micros;
        for (n, record) in bytes.chunks_exact(record_bytes).enumerate() {
            let block = frame.emg.as_ref().or(frame.acc.as_ref());
            let samples = block.map_or(1, |block| block.samples) as u64;
            if n == 0
                && let Some(counter) = frame.counter
            {
                let value = counter.number.read(&record[counter.at..], frame.endian) as u64;
                packet.counter = if counter.counts == Counts::Records { value * samples } else { value };
            }
            packet.samples += samples;
            packet.lead_off |= flag(frame.lead_off, record);
            packet.marker |= flag(frame.marker, record);
            if let Some(block) = &frame.emg {
                read_emg(block, frame.endian, emg, record, &mut packet.emg);
            }
            read_acc(frame, acc, record, &mut packet.acc);
            if let Some(at) = frame.battery {
                stream.battery(record[at]);
            }
        }
        stream.push(packet, true);
        Ok(())
    }
}

/// Length, fixed bytes, battery and the steps of the counter from record to record.
fn check(frame: &FrameLayout, bytes: &[u8]) -> Result<(), FrameError> {
    if bytes.len() != frame.bytes {
        return Err(FrameError::LengthMismatch { found: bytes.len(), expected: frame.bytes });
    }
    let mut expected_counter = None;
    for record in bytes.chunks_exact(frame.record_bytes()) {
        for (at, value) in &frame.constants {
            if record[*at] != *value {
                let (at, found) = (*at, record[*at]);
                return Err(FrameError::OtherByte { at, found, expected: "what the profile fixes" });
            }
        }
        if let Some(battery) = frame.battery.map(|at| record[at])
            && battery > 100
            && battery != 255
        {
            return Err(FrameError::WrongBattery { found: battery });
        }
        let Some(counter) = frame.counter else { continue };
        let value = counter.number.read(&record[counter.at..], frame.endian) as u64;
        let samples = frame.emg.as_ref().or(frame.acc.as_ref()).map_or(1, |block| block.samples) as u64;
        let step = if counter.counts == Counts::Samples { samples } else { 1 };
        let expected = expected_counter.unwrap_or(value);
        if value != expected || value >= counter.wraps_at {
            return Err(FrameError::WrongCounter { found: value as u32, expected: expected as u32 });
        }
        expected_counter = Some((value + step) % counter.wraps_at);
    }
    Ok(())
}

fn flag(place: Option<(usize, u8)>, record: &[u8]) -> bool {
    place.is_some_and(|(at, bit)| record[at] >> bit & 1 == 1)
}

fn read_emg(block: &Block, endian: Endian, way: &Way, record: &[u8], out: &mut Vec<i16>) {
    for sample in 0..block.samples {
        for (channel, sign) in &block.used {
            let count = block.number.read(&record[block.place(sample, *channel)..], endian);
            out.push(way.digital(count, *sign));
        }
    }
}

fn read_acc(frame: &FrameLayout, way: &Way, record: &[u8], out: &mut Vec<[i16; 3]>) {
    let Some(block) = &frame.acc else { return };
    for sample in 0..block.samples {
        let mut axes = [0; 3];
        for (axis, (channel, sign)) in axes.iter_mut().zip(&block.used) {
            *axis = way.digital(block.number.read(&record[block.place(sample, *channel)..], frame.endian), *sign);
        }
        out.push(axes);
    }
}

impl Decoder for Declared {
    fn layout(&self) -> &StreamLayout {
        self.stream.layout()
    }

    fn connected(&mut self) {
        self.stream.connected(self.restarts);
    }

    fn push(&mut self, role: Role, bytes: &[u8], arrival_micros: u64) {
        match role {
            Role::Battery => self.stream.battery(bytes.first().copied().unwrap_or(255)),
            Role::Control | Role::Info => {}
            Role::Data(number) => {
                self.stream.received();
                let frame = self.frames.iter().position(|frame| frame.on.contains(&number));
                let found = bytes.len();
                let done = match frame {
                    Some(n) => self.frame(n, bytes, arrival_micros),
                    None => Err(FrameError::LengthMismatch { found, expected: 0 }),
                };
                if let Err(error) = done {
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

//! The receiving end of one sensor's link: notifications in, timed chunks out. Simulated and real radios share it.

use crate::chunk::{Chunk, StreamLayout};
use crate::clock::{DeviceClock, UtcAnchor};
use crate::sensor::assemble::Assembler;
use crate::sensor::profile::Profile;
use crate::sensor::source::{SensorStatus, TimedChunk};

/// Assembler and clock of one link. Call [`Self::take`] at least each second; what has come since then is kept.
#[derive(Debug, Clone)]
pub struct Receiver {
    assembler: Assembler,
    clock: DeviceClock,
    chunks: Vec<Chunk>,
    valid_frames: u64,
}

impl Receiver {
    /// A receiver for the sensor of `profile`; `anchor` ties its arrival times to UTC.
    pub fn new(profile: &Profile, anchor: UtcAnchor) -> Self {
        let clock = DeviceClock::new(profile.layout().emg.rate, anchor);
        Self { assembler: Assembler::new(profile), clock, chunks: Vec::new(), valid_frames: 0 }
    }

    /// What the chunks carry.
    pub fn layout(&self) -> &StreamLayout {
        self.assembler.layout()
    }

    /// The clock, to set the anchor of a new night or to ask for the drift.
    pub fn clock_mut(&mut self) -> &mut DeviceClock {
        &mut self.clock
    }

    /// Takes one notification that arrived at `arrival_micros` of the monotonic clock.
    pub fn push(&mut self, bytes: &[u8], arrival_micros: u64) {
        if let Some(placed) = self.assembler.push(bytes, arrival_micros, &mut self.chunks) {
            if let Some(first) = placed.restarted_at {
                self.clock.restart_at(first);
            }
            self.clock.observe(placed.emg_end, arrival_micros);
            self.valid_frames += 1;
        }
    }

    /// Frames that were valid and new.
    pub fn valid_frames(&self) -> u64 {
        self.valid_frames
    }

    /// Gives what can be passed on at `now_micros` of the monotonic clock.
    pub fn take(&mut self, now_micros: u64) -> Vec<TimedChunk> {
        self.assembler.release_until(now_micros, &mut self.chunks);
        self.timed()
    }

    /// Gives everything that is left, at the end of the stream.
    pub fn finish(&mut self) -> Vec<TimedChunk> {
        self.assembler.finish(&mut self.chunks);
        self.timed()
    }

    /// State of sensor and link; `rssi_dbm` comes from the radio.
    pub fn status(&self, rssi_dbm: Option<i16>) -> SensorStatus {
        SensorStatus {
            battery_pct: self.assembler.battery_pct(),
            rssi_dbm,
            contact: self.assembler.contact(),
            counters: self.assembler.counters(),
        }
    }

    fn timed(&mut self) -> Vec<TimedChunk> {
        let clock = &self.clock;
        self.chunks.drain(..).map(|chunk| TimedChunk { start_at: clock.utc_of(chunk.emg_first), chunk }).collect()
    }
}

//! Bytes of one sensor's characteristics in, timed chunks out: what every kind of sensor has behind its radio.

use std::fmt::Debug;

use crate::chunk::StreamLayout;
use crate::sensor::receive::Receiver;
use crate::sensor::session::Role;
use crate::sensor::source::{SensorStatus, TimedChunk};

/// Decodes one sensor. Pure: arrival times come in as values, in microseconds of the monotonic clock.
pub trait Decoder: Send + Debug {
    /// What the chunks carry.
    fn layout(&self) -> &StreamLayout;
    /// A new connection: counters begin anew where the sensor's do.
    fn connected(&mut self);
    /// Takes one notification, or one value that was read.
    fn push(&mut self, role: Role, bytes: &[u8], arrival_micros: u64);
    /// Gives what can be passed on at `now_micros`.
    fn take(&mut self, now_micros: u64) -> Vec<TimedChunk>;
    /// Gives everything that is left, at the end of the stream.
    fn finish(&mut self) -> Vec<TimedChunk>;
    /// State of sensor and link; `rssi_dbm` comes from the radio.
    fn status(&self, rssi_dbm: Option<i16>) -> SensorStatus;
    /// Grows with each valid frame, and never otherwise: the only sign that a sensor is alive.
    fn valid_frames(&self) -> u64;
}

/// The reference sensor's frames. Its counter goes on through a lost link, so a new connection changes nothing.
impl Decoder for Receiver {
    fn layout(&self) -> &StreamLayout {
        Self::layout(self)
    }

    fn connected(&mut self) {}

    fn push(&mut self, role: Role, bytes: &[u8], arrival_micros: u64) {
        // Battery and contact stand in each frame.
        if let Role::Data(_) = role {
            Self::push(self, bytes, arrival_micros);
        }
    }

    fn take(&mut self, now_micros: u64) -> Vec<TimedChunk> {
        Self::take(self, now_micros)
    }

    fn finish(&mut self) -> Vec<TimedChunk> {
        Self::finish(self)
    }

    fn status(&self, rssi_dbm: Option<i16>) -> SensorStatus {
        Self::status(self, rssi_dbm)
    }

    fn valid_frames(&self) -> u64 {
        Self::valid_frames(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcAnchor;
    use crate::sensor::{FrameHeader, Profile, encode_frame};
    use crate::units::UtcMicros;

    #[test]
    fn only_new_valid_frames_are_signs_of_life() {
        let profile = Profile::leg_sensor().unwrap();
        let mut decoder: Box<dyn Decoder> =
            Box::new(Receiver::new(&profile, UtcAnchor { utc: UtcMicros(0), monotonic_micros: 0 }));
        let header = FrameHeader {
            sequence: 0,
            emg_first: 0,
            acc_first: 0,
            battery_pct: Some(80),
            lead_off: false,
            marker: false,
        };
        let mut frame = Vec::new();
        encode_frame(&header, 2, &[0; 100], &[0; 15], &mut frame).unwrap();
        decoder.push(Role::Battery, &[80], 10);
        decoder.push(Role::Data(0), &frame[..100], 20);
        assert_eq!(decoder.valid_frames(), 0);
        decoder.push(Role::Data(0), &frame, 50_000);
        decoder.push(Role::Data(0), &frame, 60_000);
        assert_eq!(decoder.valid_frames(), 1);
        assert_eq!(decoder.take(1_000_000).len(), 1);
        assert_eq!(decoder.status(Some(-60)).rssi_dbm, Some(-60));
    }
}

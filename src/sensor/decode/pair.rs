//! Two sensors that make one leg: EMG from one, acceleration from the other, resampled onto the clock of the EMG.

use std::collections::VecDeque;

use crate::chunk::{ChannelScale, Group, StreamLayout};
use crate::clock::UtcAnchor;
use crate::sensor::decoder::Decoder;
use crate::sensor::session::Role;
use crate::sensor::source::{SensorStatus, TimedChunk};
use crate::units::UtcMicros;

/// EMG waits so long for the acceleration of its time.
const WAIT_MICROS: i64 = 1_500_000;
/// Acceleration kept: 20 s at 400 Hz, more than either side is ever behind.
const MOST_KEPT: usize = 8_000;

/// Which of the two sensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PairPart {
    /// The sensor with EMG.
    Emg,
    /// The sensor whose acceleration counts.
    Acceleration,
}

/// Two decoders as one. A leg whose acceleration sensor is silent goes on with its last posture, counted in `acc_filled`:
/// EMG alone still finds cramps.
#[derive(Debug)]
pub struct Pair {
    emg: Box<dyn Decoder>,
    acceleration: Box<dyn Decoder>,
    anchor: UtcAnchor,
    layout: StreamLayout,
    /// Acceleration not used yet, with its time.
    kept: VecDeque<(UtcMicros, [i16; 3])>,
    newest: [i16; 3],
    waiting: VecDeque<TimedChunk>,
    filled: u64,
}

impl Pair {
    /// Joins two decoders that both have `anchor`. `None` if the first has no EMG or the second no acceleration.
    pub fn new(emg: Box<dyn Decoder>, acceleration: Box<dyn Decoder>, anchor: UtcAnchor) -> Option<Self> {
        let acc: Group = acceleration.layout().acc.clone()?;
        if emg.layout().emg.channels.is_empty() {
            return None;
        }
        let layout = StreamLayout { emg: emg.layout().emg.clone(), acc: Some(acc) };
        Some(Self {
            emg,
            acceleration,
            anchor,
            layout,
            kept: VecDeque::with_capacity(MOST_KEPT),
            newest: [0; 3],
            waiting: VecDeque::new(),
            filled: 0,
        })
    }

    /// One of the two.
    pub fn part(&self, part: PairPart) -> &dyn Decoder {
        match part {
            PairPart::Emg => self.emg.as_ref(),
            PairPart::Acceleration => self.acceleration.as_ref(),
        }
    }

    /// One of the two, to tell it of a connection or a notification.
    pub fn part_mut(&mut self, part: PairPart) -> &mut dyn Decoder {
        match part {
            PairPart::Emg => self.emg.as_mut(),
            PairPart::Acceleration => self.acceleration.as_mut(),
        }
    }

    fn keep(&mut self, chunks: Vec<TimedChunk>) {
        let source = self.acceleration.layout();
        let (Some(acc), emg_rate) = (&source.acc, source.emg.rate) else { return };
        for TimedChunk { chunk, start_at } in chunks {
            // The first acceleration sample lies at or a little after the first EMG sample.
            let lag = acc.rate.micros_of(chunk.acc_first) as i64 - emg_rate.micros_of(chunk.emg_first) as i64;
            for (n, sample) in chunk.acc.as_chunks::<3>().0.iter().enumerate() {
                if self.kept.len() == MOST_KEPT {
                    self.kept.pop_front();
                }
                self.kept.push_back((start_at.plus_micros(lag + acc.rate.micros_of(n as u64) as i64), *sample));
            }
        }
    }

    /// Gives the EMG chunks whose acceleration is there, or has been waited for long enough at `until`.
    fn merged(&mut self, chunks: Vec<TimedChunk>, until: Option<UtcMicros>) -> Vec<TimedChunk> {
        self.waiting.extend(chunks);
        let mut out = Vec::with_capacity(self.waiting.len());
        let (emg_rate, channels) = (self.layout.emg.rate, self.layout.emg.channels.len());
        while let Some(first) = self.waiting.front() {
            let length = emg_rate.micros_of(first.chunk.emg_len(channels)) as i64;
            let ends_at = first.start_at.plus_micros(length);
            let is_covered = self.kept.back().is_some_and(|(newest, _)| *newest >= ends_at);
            if !is_covered && until.is_some_and(|until| until.0.saturating_sub(ends_at.0) < WAIT_MICROS) {
                break;
            }
            if let Some(mut timed) = self.waiting.pop_front() {
                self.join(&mut timed);
                out.push(timed);
            }
        }
        out
    }

    /// Writes the acceleration of an EMG chunk's time into it.
    fn join(&mut self, timed: &mut TimedChunk) {
        let Some(acc) = &self.layout.acc else { return };
        let (emg_rate, acc_rate) = (self.layout.emg.rate, acc.rate);
        let clip = acc.channels.first().map_or(ChannelScale::ACC_G, |channel| channel.scale);
        let chunk = &mut timed.chunk;
        let end = chunk.emg_first + chunk.emg_len(self.layout.emg.channels.len());
        let (from, to) = (emg_rate.convert(chunk.emg_first, acc_rate), emg_rate.convert(end, acc_rate));
        let began = emg_rate.micros_of(chunk.emg_first) as i64;
        chunk.acc_first = from;
        chunk.acc.clear();
        let half_step = acc_rate.micros_of(1) as i64;
        for index in from..to {
            let at = timed.start_at.plus_micros(acc_rate.micros_of(index) as i64 - began);
            while self.kept.get(1).is_some_and(|(second, _)| *second <= at) {
                self.kept.pop_front();
            }
            let sample = match (self.kept.front(), self.kept.get(1)) {
                (Some((before, a)), Some((after, b))) if *before <= at && after.0 - before.0 <= 3 * half_step => {
                    self.newest = *a;
                    let share = (at.0 - before.0) as f64 / (after.0 - before.0).max(1) as f64;
                    let mix = |a: i16, b: i16| {
                        let value = f64::from(a) + share * (f64::from(b) - f64::from(a));
                        (value.round() as i16).clamp(clip.digital_min, clip.digital_max)
                    };
                    [mix(a[0], b[0]), mix(a[1], b[1]), mix(a[2], b[2])]
                }
                (Some((before, a)), _) => {
                    let near = (at.0 - before.0).abs() <= 2 * half_step;
                    self.filled += u64::from(!near);
                    if *before <= at || near {
                        self.newest = *a;
                    }
                    self.newest
                }
                (None, _) => {
                    self.filled += 1;
                    self.newest
                }
            };
            chunk.acc.extend_from_slice(&sample);
        }
    }
}

/// As a decoder it is the EMG sensor: what has roles is pushed to that one, and to the other through [`Pair::part_mut`].
impl Decoder for Pair {
    fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    fn connected(&mut self) {
        self.emg.connected();
    }

    fn push(&mut self, role: Role, bytes: &[u8], arrival_micros: u64) {
        self.emg.push(role, bytes, arrival_micros);
    }

    fn take(&mut self, now_micros: u64) -> Vec<TimedChunk> {
        let acceleration = self.acceleration.take(now_micros);
        self.keep(acceleration);
        let emg = self.emg.take(now_micros);
        self.merged(emg, Some(self.anchor.utc_of(now_micros)))
    }

    fn finish(&mut self) -> Vec<TimedChunk> {
        let acceleration = self.acceleration.finish();
        self.keep(acceleration);
        let emg = self.emg.finish();
        self.merged(emg, None)
    }

    fn status(&self, rssi_dbm: Option<i16>) -> SensorStatus {
        let mut status = self.emg.status(rssi_dbm);
        status.counters.acc_filled += self.filled;
        status
    }

    fn valid_frames(&self) -> u64 {
        self.emg.valid_frames()
    }
}

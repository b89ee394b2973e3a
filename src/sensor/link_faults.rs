//! A bad radio link, seeded: what the simulated sensor's frames go through.

use std::collections::VecDeque;

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a simulated link does to frames. Probabilities are per frame, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkFaults {
    /// A frame is lost.
    pub loss: f64,
    /// A frame is overtaken by the next.
    pub reorder: f64,
    /// A frame arrives twice.
    pub duplicate: f64,
    /// A frame arrives damaged in a way that a receiver can see: cut off, too long, another version, a far counter.
    pub corrupt: f64,
    /// The device counts slower (positive) or faster than true time, parts per million.
    pub drift_ppm: f64,
    /// Constant part of the delay in ms.
    pub least_delay_ms: f64,
    /// Evenly distributed part of the delay in ms.
    pub jitter_ms: f64,
    /// The link stalls at this frame and holds back all that follow.
    pub stall: f64,
    /// Length of a stall in ms.
    pub stall_ms: f64,
}

impl Default for LinkFaults {
    /// A perfect link with a constant delay of 10 ms.
    fn default() -> Self {
        Self {
            loss: 0.0,
            reorder: 0.0,
            duplicate: 0.0,
            corrupt: 0.0,
            drift_ppm: 0.0,
            least_delay_ms: 10.0,
            jitter_ms: 0.0,
            stall: 0.0,
            stall_ms: 500.0,
        }
    }
}

impl LinkFaults {
    /// An ordinary bedroom: delays of 10 to 60 ms and sometimes 500 ms, one frame in a thousand lost, a crystal 20 ppm slow.
    pub fn bedroom() -> Self {
        Self {
            loss: 0.001,
            reorder: 0.0002,
            duplicate: 0.0002,
            corrupt: 0.0001,
            drift_ppm: 20.0,
            jitter_ms: 50.0,
            stall: 0.001,
            ..Self::default()
        }
    }
}

/// Frames on their way.
#[derive(Debug)]
pub(crate) struct Radio {
    faults: LinkFaults,
    random: Xoshiro256PlusPlus,
    on_the_way: VecDeque<(u64, Vec<u8>)>,
    overtaken: Option<Vec<u8>>,
    newest_arrival: u64,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
}

impl Radio {
    pub(crate) fn new(faults: LinkFaults, seed: u64) -> Self {
        Self {
            faults,
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
            on_the_way: VecDeque::new(),
            overtaken: None,
            newest_arrival: 0,
            spare: Vec::new(),
        }
    }

    /// Sends a frame at `sent_micros`.
    pub(crate) fn send(&mut self, bytes: &[u8], sent_micros: u64) {
        let faults = self.faults;
        if self.happens(faults.loss) {
            return;
        }
        let stall_ms = if self.happens(faults.stall) { faults.stall_ms } else { 0.0 };
        let delay_ms = faults.least_delay_ms + faults.jitter_ms * self.random.random::<f64>() + stall_ms;
        // A link keeps the order: who is behind a late frame is late too.
        self.newest_arrival = self.newest_arrival.max(sent_micros + (delay_ms * 1e3) as u64);
        let mut frame = self.spare.pop().unwrap_or_default();
        frame.clear();
        frame.extend_from_slice(bytes);
        if self.happens(faults.corrupt) {
            self.damage(&mut frame);
        }
        if self.overtaken.is_none() && self.happens(faults.reorder) {
            self.overtaken = Some(frame);
            return;
        }
        let twice = self.happens(faults.duplicate).then(|| frame.clone());
        let overtaken = self.overtaken.take();
        for frame in [Some(frame), twice, overtaken].into_iter().flatten() {
            self.on_the_way.push_back((self.newest_arrival, frame));
        }
    }

    /// Hands every frame that has arrived at `now_micros` to `receive`, with its arrival time.
    pub(crate) fn deliver(&mut self, now_micros: u64, mut receive: impl FnMut(&[u8], u64)) {
        while let Some((arrival, frame)) = self.on_the_way.pop_front_if(|(arrival, _)| *arrival <= now_micros) {
            receive(&frame, arrival);
            self.spare.push(frame);
        }
    }

    /// When the last frame on the way arrives.
    pub(crate) fn last_arrival_micros(&self) -> u64 {
        self.newest_arrival
    }

    fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.random.random::<f64>() < probability
    }

    fn damage(&mut self, frame: &mut Vec<u8>) {
        match self.random.random_range(0..4) {
            0 => frame.truncate(self.random.random_range(0..frame.len().max(1))),
            1 => frame.push(0),
            2 => {
                if let Some(version) = frame.first_mut() {
                    *version ^= 0x80;
                }
            }
            _ => {
                // The counter's highest byte: half a year off at most, never a step that could be true.
                if let Some(counter) = frame.get_mut(7) {
                    *counter ^= 0x40;
                }
            }
        }
    }
}

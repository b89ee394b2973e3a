//! The samples of one notification before they have a place, and the pool that packets come from.

/// Samples of one notification or of one stretch of it, on the grid of the recording.
#[derive(Debug, Clone, Default)]
pub(super) struct Packet {
    /// Counter of the first sample, in samples, below the stream's modulus; without meaning without a counter.
    pub(super) counter: u64,
    /// Samples per EMG channel, or per axis in a stream without EMG; at least 1.
    pub(super) samples: u64,
    /// EMG, interleaved by channel.
    pub(super) emg: Vec<i16>,
    /// Acceleration that came with it, from the first sample that belongs to it.
    pub(super) acc: Vec<[i16; 3]>,
    pub(super) lead_off: bool,
    pub(super) marker: bool,
    pub(super) arrival_micros: u64,
    /// Stream index of the first sample, once it is known.
    pub(super) place: u64,
}

impl Packet {
    pub(super) fn end(&self) -> u64 {
        self.place + self.samples
    }

    pub(super) fn clear(&mut self) {
        self.emg.clear();
        self.acc.clear();
        (self.counter, self.samples, self.arrival_micros, self.place) = (0, 0, 0, 0);
        (self.lead_off, self.marker) = (false, false);
    }
}

//! A device sample index to UTC: least delay of arrivals on the monotonic clock, one UTC anchor a night.

use crate::clock::envelope::Envelope;
use crate::units::{Rate, UtcMicros};

/// An arrival this far under the line cannot be jitter: the device counted on while the receiver's clock stood still.
const EARLY_MICROS: f64 = 1e6;
/// Arrivals this far above the line …
const LATE_MICROS: f64 = 1e6;
/// … for this long are no radio stall: the device stood still without counting.
const LATE_LASTS_MICROS: u64 = 30_000_000;

/// UTC at one instant of the monotonic clock. All times of a night hang on one anchor, so that neither an NTP step nor
/// a clock change moves a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtcAnchor {
    /// The instant in UTC.
    pub utc: UtcMicros,
    /// The same instant on the monotonic clock, in microseconds since any fixed point.
    pub monotonic_micros: u64,
}

impl UtcAnchor {
    /// UTC of an instant of the monotonic clock.
    pub fn utc_of(&self, monotonic_micros: u64) -> UtcMicros {
        self.utc.plus_micros(monotonic_micros.wrapping_sub(self.monotonic_micros) as i64)
    }
}

/// Where a run of samples with one unbroken counter lies on the monotonic clock.
#[derive(Debug, Clone)]
struct Stretch {
    /// An index and its arrival from which positions are counted, so that floats stay small.
    origin: (u64, u64),
    envelope: Envelope,
    last: (u64, u64),
    late_since: Option<u64>,
}

/// The clock of one sensor stream: sample index (since the stream's sample 0) to UTC.
///
/// Memory is bounded whatever the length of the stream. The constant part of the delay (least radio and stack delay,
/// about 10 ms) cannot be seen by the receiver and stays in the times.
#[derive(Debug, Clone)]
pub struct DeviceClock {
    micros_per_sample: f64,
    counted: bool,
    anchor: UtcAnchor,
    stretch: Option<Stretch>,
    /// The stretch before the newest and the first index after it, for onsets that lie before a restart.
    before: Option<(u64, Stretch)>,
    refits: u64,
}

impl DeviceClock {
    /// A clock for a device that counts its samples at `rate`.
    pub fn new(rate: Rate, anchor: UtcAnchor) -> Self {
        Self::with_counter(rate, anchor, true)
    }

    /// A clock for a device without a counter: times are arrival times, flagged by [`Self::is_estimated`].
    pub fn without_counter(rate: Rate, anchor: UtcAnchor) -> Self {
        Self::with_counter(rate, anchor, false)
    }

    fn with_counter(rate: Rate, anchor: UtcAnchor, counted: bool) -> Self {
        let micros_per_sample = 1e6 * f64::from(rate.seconds()) / f64::from(rate.samples());
        Self { micros_per_sample, counted, anchor, stretch: None, before: None, refits: 0 }
    }

    /// Takes the arrival, at `arrival_micros` of the monotonic clock, of samples that end before index `end`.
    /// Call it for every frame with its own arrival time, in any order.
    pub fn observe(&mut self, end: u64, arrival_micros: u64) {
        let micros_per_sample = self.micros_per_sample;
        let stretch = self.stretch.get_or_insert_with(|| Stretch::new(end, arrival_micros));
        let x = stretch.nominal_micros(end, micros_per_sample);
        let y = arrival_micros as f64 - stretch.origin.1 as f64 - x;
        if self.counted && stretch.has_jumped(y - stretch.envelope.line().at(x), arrival_micros) {
            *stretch = Stretch::new(end, arrival_micros);
            self.refits += 1;
            stretch.envelope.add(0.0, 0.0);
        } else {
            stretch.envelope.add(x, y);
        }
        if end >= stretch.last.0 {
            stretch.last = (end, arrival_micros);
        }
    }

    /// The device's counter began anew; samples from index `first` on have a relation to time of their own.
    pub fn restart_at(&mut self, first: u64) {
        self.before = self.stretch.take().map(|stretch| (first, stretch));
    }

    /// Hangs the following times on a new anchor; for the begin of a night, never within one.
    pub fn set_anchor(&mut self, anchor: UtcAnchor) {
        self.anchor = anchor;
    }

    /// UTC of sample `index`, with what is known now. Before the first arrival it counts from the anchor at the nominal rate.
    pub fn utc_of(&self, index: u64) -> UtcMicros {
        let stretch = match (&self.stretch, &self.before) {
            (_, Some((first, before))) if index < *first => Some(before),
            (None, Some((_, before))) => Some(before),
            (newest, _) => newest.as_ref(),
        };
        let Some(stretch) = stretch else {
            return self.anchor.utc.plus_micros((index as f64 * self.micros_per_sample).round() as i64);
        };
        let (from, x, line) = if self.counted {
            let x = stretch.nominal_micros(index, self.micros_per_sample);
            (stretch.origin.1, x, stretch.envelope.line().at(x))
        } else {
            let (end, arrival) = stretch.last;
            (arrival, (index as f64 - end as f64) * self.micros_per_sample, 0.0)
        };
        self.anchor.utc_of(from).plus_micros((x + line).round() as i64)
    }

    /// Whether times are no better than arrival times: the device has no counter or nothing has arrived yet.
    pub fn is_estimated(&self) -> bool {
        !self.counted || self.stretch.is_none()
    }

    /// How much slower (positive) or faster the device counts than the receiver, in parts per million, within ±500.
    pub fn drift_ppm(&self) -> f64 {
        self.stretch.as_ref().map_or(0.0, |stretch| stretch.envelope.line().drift * 1e6)
    }

    /// How often the fit was begun anew because device and receiver had moved apart by more than a second.
    pub fn refits(&self) -> u64 {
        self.refits
    }
}

impl Stretch {
    fn new(end: u64, arrival: u64) -> Self {
        Self { origin: (end, arrival), envelope: Envelope::new(), last: (end, arrival), late_since: None }
    }

    fn nominal_micros(&self, index: u64, micros_per_sample: f64) -> f64 {
        (index as f64 - self.origin.0 as f64) * micros_per_sample
    }

    fn has_jumped(&mut self, above_line: f64, arrival: u64) -> bool {
        if above_line < LATE_MICROS {
            self.late_since = None;
            return above_line < -EARLY_MICROS && self.last != self.origin;
        }
        arrival.saturating_sub(*self.late_since.get_or_insert(arrival)) > LATE_LASTS_MICROS
    }
}

#[cfg(test)]
mod tests;

//! Packets to chunks: in order, once each, with gaps of exactly the samples missing, on one clock.
//!
//! A short counter wraps within a gap, and some sensors have none. After a silence the packets that follow are held for
//! up to a second: the least delay among them tells how many samples really went by, since a link that stalled catches
//! up, and one that lost data does not.

mod own_acc;

use std::collections::VecDeque;

use super::acc_track::AccTrack;
use super::least_delay::LeastDelay;
use super::packet::Packet;
use crate::chunk::{Chunk, StreamLayout};
use crate::clock::{DeviceClock, UtcAnchor};
use crate::sensor::counters::LinkCounters;
use crate::sensor::frame_error::FrameError;
use crate::sensor::numbering::common_period;
use crate::sensor::source::{SensorStatus, TimedChunk};

/// Packets held back at most while an earlier one may still come.
const MOST_HELD: usize = 4;
/// Longest time a packet is held back for that.
const HOLD_MICROS: u64 = 250_000;
/// Longest time a packet waits for acceleration from another characteristic.
const WAIT_FOR_ACC_MICROS: u64 = 100_000;
/// Longest time packets are held after a silence, and how many.
const DOUBT_MICROS: u64 = 1_000_000;
const MOST_IN_DOUBT: usize = 400;
/// Packets that wait for acceleration at most.
const MOST_WAITING: usize = 64;
/// Silences shorter than this are ordinary.
const SILENCE_MICROS: u64 = 200_000;
/// Lateness below this is jitter.
const JITTER_MICROS: i64 = 100_000;
/// A counter that says so much more time than went by is damaged.
const EARLY_MICROS: i64 = 1_000_000;
/// So many damaged counters in a row are a sensor that began anew.
const MOST_STRANGE: u32 = 8;
/// Places remembered to tell a duplicate from a late one.
const REMEMBERED: usize = 32;
/// Packets on their way back into order may lie so far behind.
const MOST_BEHIND: u64 = 8;

/// Where the acceleration of a stream comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccWay {
    /// There is none.
    None,
    /// In the packets.
    InPacket,
    /// In notifications of its own.
    Own,
}

/// A run of packets with one numbering.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Index after the last sample passed on.
    next: u64,
    /// Index after the newest sample accepted, and its counter.
    newest_end: u64,
    counter_end: u64,
    newest_arrival: u64,
    least: LeastDelay,
}

/// How many samples went by in a silence is not known yet.
#[derive(Debug, Clone, Copy)]
struct Doubt {
    /// Places from here on may move.
    from: u64,
    /// They move by multiples of this.
    step: u64,
    most_steps: u64,
    until: u64,
    /// Least lateness since then.
    least_late: i64,
}

/// What is common to all decoders of this room.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    layout: StreamLayout,
    /// Samples after which the counter begins anew; none: no counter.
    modulus: Option<u64>,
    acc_way: AccWay,
    clock: DeviceClock,
    stretch: Option<Stretch>,
    /// End and arrival of the stretch before.
    ended: Option<(u64, u64)>,
    doubt: Option<Doubt>,
    held: VecDeque<Packet>,
    spare: Vec<Packet>,
    remembered: VecDeque<u64>,
    strange: u32,
    acc: AccTrack,
    acc_next: Option<u64>,
    /// Least lag of acceleration notifications behind their place, and how many were looked at.
    acc_lag: (i64, u32),
    chunks: Vec<Chunk>,
    chunk_end: u64,
    marker_ignored_to: u64,
    battery_pct: Option<u8>,
    contact: bool,
    counters: LinkCounters,
    valid: u64,
}

impl Stream {
    pub(super) fn new(layout: &StreamLayout, modulus: Option<u64>, acc_way: AccWay, anchor: UtcAnchor) -> Self {
        let rate = layout.emg.rate;
        let clock = match modulus {
            Some(_) => DeviceClock::new(rate, anchor),
            None => DeviceClock::without_counter(rate, anchor),
        };
        Self {
            layout: layout.clone(),
            modulus,
            acc_way: if layout.acc.is_some() { acc_way } else { AccWay::None },
            clock,
            stretch: None,
            ended: None,
            doubt: None,
            held: VecDeque::with_capacity(MOST_IN_DOUBT + MOST_HELD + 1),
            spare: Vec::new(),
            remembered: VecDeque::with_capacity(REMEMBERED),
            strange: 0,
            acc: AccTrack::new(),
            acc_next: None,
            acc_lag: (i64::MAX, 0),
            chunks: Vec::new(),
            chunk_end: 0,
            marker_ignored_to: 0,
            battery_pct: None,
            contact: false,
            counters: LinkCounters::default(),
            valid: 0,
        }
    }

    pub(super) fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    pub(super) fn valid(&self) -> u64 {
        self.valid
    }

    /// Counts a notification that arrived.
    pub(super) fn received(&mut self) {
        self.counters.received += 1;
    }

    /// Counts a notification that was refused.
    pub(super) fn refuse(&mut self, error: &FrameError) {
        self.counters.malformed.count(error);
    }

    /// Counts a notification that had come before.
    pub(super) fn duplicate(&mut self) {
        self.counters.decoded += 1;
        self.counters.duplicate += 1;
    }

    /// Counts a notification that came too late to be used.
    pub(super) fn late(&mut self) {
        self.counters.decoded += 1;
        self.counters.late += 1;
    }

    pub(super) fn battery(&mut self, percent: u8) {
        if percent <= 100 {
            self.battery_pct = Some(percent);
        }
    }

    /// An empty packet, used before if there is one.
    pub(super) fn spare(&mut self) -> Packet {
        self.spare.pop().unwrap_or_default()
    }

    pub(super) fn recycle(&mut self, mut packet: Packet) {
        packet.clear();
        if self.spare.len() <= MOST_IN_DOUBT {
            self.spare.push(packet);
        }
    }

    /// A new connection; `restarts`: what comes next is numbered anew.
    pub(super) fn connected(&mut self, restarts: bool) {
        self.release_all();
        if restarts || self.modulus.is_none() {
            self.end_stretch();
        }
    }

    fn end_stretch(&mut self) {
        if let Some(stretch) = self.stretch.take() {
            self.ended = Some((stretch.newest_end.max(stretch.next), stretch.newest_arrival));
        }
        self.remembered.clear();
        self.strange = 0;
        self.acc.begin_anew();
        self.acc_next = None;
    }

    /// Takes one packet; `whole` if it is the whole notification or its first part, which counts as one frame.
    pub(super) fn push(&mut self, mut packet: Packet, whole: bool) {
        self.counters.decoded += u64::from(whole);
        let arrival = packet.arrival_micros;
        self.settle(arrival);
        let Some(mut stretch) = self.stretch else {
            self.begin(packet);
            return;
        };
        let samples = packet.samples;
        let silence = arrival.saturating_sub(stretch.newest_arrival);
        let mut ahead = 0;
        if let Some(modulus) = self.modulus {
            ahead = (packet.counter + modulus - stretch.counter_end) % modulus;
            let behind = modulus - ahead;
            // After half a period of silence it is a gap of nearly a whole one.
            let is_near = behind <= (MOST_BEHIND * samples).min(modulus / 4);
            if ahead > 0 && is_near && silence < self.micros(modulus) / 2 {
                self.put_back(packet, behind);
                return;
            }
            let early = -self.late_by(&stretch, stretch.newest_end + ahead + samples, arrival);
            if ahead > 0 && early > EARLY_MICROS.min(self.micros(modulus / 2) as i64).max(JITTER_MICROS) {
                if stretch.newest_end.checked_sub(behind).is_some_and(|place| self.is_known(place)) {
                    self.counters.duplicate += 1;
                    self.recycle(packet);
                } else {
                    self.strange(packet, &stretch);
                }
                return;
            }
        }
        self.strange = 0;
        packet.place = stretch.newest_end + ahead;
        let late = self.late_by(&stretch, packet.end(), arrival);
        let step = self.modulus.unwrap_or(samples);
        if let Some(doubt) = &mut self.doubt {
            doubt.least_late = doubt.least_late.min(late);
        } else if silence > SILENCE_MICROS.max(self.micros(step) / 2) && late > JITTER_MICROS {
            let step_micros = self.micros(step).max(1);
            self.doubt = Some(Doubt {
                from: packet.place,
                step,
                most_steps: (silence + step_micros / 2) / step_micros,
                until: arrival + DOUBT_MICROS,
                least_late: late,
            });
        }
        (stretch.newest_end, stretch.newest_arrival) = (packet.end(), arrival);
        stretch.counter_end = self.modulus.map_or(0, |modulus| (packet.counter + samples) % modulus);
        self.stretch = Some(stretch);
        self.contact = !packet.lead_off;
        self.valid += 1;
        if self.doubt.is_none() {
            self.observe(packet.end(), arrival);
        }
        self.held.push_back(packet);
        self.settle(arrival);
    }

    /// The first packet of a stretch: placed where the time since the stretch before says.
    fn begin(&mut self, mut packet: Packet) {
        let arrival = packet.arrival_micros;
        let mut place = 0;
        if let Some((end, ended_at)) = self.ended {
            let elapsed = self.layout.emg.rate.nearest_sample(arrival.saturating_sub(ended_at));
            place = end + elapsed.saturating_sub(packet.samples);
            if let Some(acc) = &self.layout.acc {
                place = place.next_multiple_of(common_period(self.layout.emg.rate, acc.rate));
            }
            self.counters.restarts += 1;
            self.counters.gaps += u64::from(place > end);
            self.counters.samples_lost += place - end;
            self.clock.restart_at(place);
        }
        packet.place = place;
        self.stretch = Some(Stretch {
            next: place,
            newest_end: packet.end(),
            counter_end: self.modulus.map_or(0, |modulus| (packet.counter + packet.samples) % modulus),
            newest_arrival: arrival,
            least: LeastDelay::default(),
        });
        self.contact = !packet.lead_off;
        self.valid += 1;
        self.observe(packet.end(), arrival);
        self.held.push_back(packet);
        self.settle(arrival);
    }

    fn is_known(&self, place: u64) -> bool {
        self.remembered.contains(&place) || self.held.iter().any(|held| held.place == place)
    }

    /// A packet `behind` samples behind the newest: fills a hole, or was there before.
    fn put_back(&mut self, mut packet: Packet, behind: u64) {
        let Some(stretch) = self.stretch else { return };
        let place = stretch.newest_end.checked_sub(behind);
        match place {
            Some(place) if self.is_known(place) => self.counters.duplicate += 1,
            Some(place) if place >= stretch.next => {
                self.counters.reordered += 1;
                self.valid += 1;
                packet.place = place;
                let arrival = packet.arrival_micros;
                let at = self.held.partition_point(|held| held.place < place);
                self.held.insert(at, packet);
                self.settle(arrival);
                return;
            }
            _ => self.counters.late += 1,
        }
        self.recycle(packet);
    }

    /// A counter that cannot be: counted, and believed when it goes on.
    fn strange(&mut self, packet: Packet, stretch: &Stretch) {
        let error = FrameError::WrongCounter { found: packet.counter as u32, expected: stretch.counter_end as u32 };
        self.strange += 1;
        if self.strange >= MOST_STRANGE {
            self.release_all();
            self.end_stretch();
            self.begin(packet);
        } else {
            self.counters.malformed.count(&error);
            self.recycle(packet);
        }
    }

    /// Ends a doubt whose time is up or that is none any more, and passes on what may be.
    fn settle(&mut self, now_micros: u64) {
        if let Some(doubt) = self.doubt {
            let half_step = (self.micros(doubt.step) / 2) as i64;
            if doubt.least_late < half_step.max(JITTER_MICROS) {
                self.end_doubt(0);
            } else if now_micros >= doubt.until || self.held.len() >= MOST_IN_DOUBT {
                let steps = (doubt.least_late + half_step) as u64 / self.micros(doubt.step).max(1);
                self.end_doubt(steps.min(doubt.most_steps));
            }
        }
        self.release(now_micros);
    }

    fn end_doubt(&mut self, steps: u64) {
        let (Some(doubt), Some(stretch)) = (self.doubt.take(), &mut self.stretch) else { return };
        stretch.newest_end += steps * doubt.step;
        for n in 0..self.held.len() {
            if self.held[n].place < doubt.from {
                continue;
            }
            self.held[n].place += steps * doubt.step;
            let (end, arrival) = (self.held[n].end(), self.held[n].arrival_micros);
            self.observe(end, arrival);
        }
    }

    fn observe(&mut self, end: u64, arrival_micros: u64) {
        let difference = self.difference(end, arrival_micros);
        if let Some(stretch) = &mut self.stretch {
            stretch.least.add(arrival_micros, difference);
        }
        self.clock.observe(end, arrival_micros);
    }

    fn difference(&self, end: u64, arrival_micros: u64) -> i64 {
        arrival_micros as i64 - self.micros(end) as i64
    }

    /// How much later than the quickest ones samples that end before `end` have come.
    fn late_by(&self, stretch: &Stretch, end: u64, arrival_micros: u64) -> i64 {
        let difference = self.difference(end, arrival_micros);
        difference - stretch.least.get().unwrap_or(difference)
    }

    fn micros(&self, samples: u64) -> u64 {
        self.layout.emg.rate.micros_of(samples)
    }

    /// Passes on what need not wait at `now_micros`.
    fn release(&mut self, now_micros: u64) {
        while let (Some(stretch), Some(first)) = (&self.stretch, self.held.front()) {
            if self.doubt.is_some_and(|doubt| first.place >= doubt.from) {
                break;
            }
            let age = now_micros.saturating_sub(first.arrival_micros);
            let may_be_overtaken = self.modulus.is_some() && first.place > stretch.next;
            if may_be_overtaken && self.held.len() <= MOST_HELD && age < HOLD_MICROS {
                break;
            }
            if self.acc_way == AccWay::Own && age < WAIT_FOR_ACC_MICROS && self.held.len() < MOST_WAITING {
                let end = self.layout.acc.as_ref().map_or(0, |acc| self.layout.emg.rate.convert(first.end(), acc.rate));
                if !self.acc.covers(end) {
                    break;
                }
            }
            if let Some(packet) = self.held.pop_front() {
                self.pass_on(packet);
            }
        }
    }

    fn release_all(&mut self) {
        if let Some(doubt) = self.doubt {
            let step_micros = self.micros(doubt.step).max(1);
            let steps = (doubt.least_late.max(0) as u64 + step_micros / 2) / step_micros;
            self.end_doubt(steps.min(doubt.most_steps));
        }
        while let Some(packet) = self.held.pop_front() {
            self.pass_on(packet);
        }
    }

    /// Writes the samples of a packet that is next into the chunks.
    fn pass_on(&mut self, packet: Packet) {
        let Some(stretch) = &mut self.stretch else { return };
        let (first, end) = (packet.place, packet.end());
        if first < stretch.next {
            self.counters.late += 1;
            self.recycle(packet);
            return;
        }
        if first > stretch.next {
            let lost = first - stretch.next;
            self.counters.gaps += 1;
            self.counters.samples_lost += lost;
            self.counters.frames_lost += lost / packet.samples.max(1);
        }
        stretch.next = end;
        if self.remembered.len() == REMEMBERED {
            self.remembered.pop_front();
        }
        self.remembered.push_back(first);

        let rate = self.layout.emg.rate;
        let marker = packet.marker && first >= self.marker_ignored_to;
        if marker {
            self.marker_ignored_to = first + rate.sample_at_or_after(1_000_000);
            self.counters.markers += 1;
        }
        let acc_rate = self.layout.acc.as_ref().map(|acc| acc.rate);
        let acc_range = acc_rate.map_or(0..0, |acc| rate.convert(first, acc)..rate.convert(end, acc));
        let continues = self.chunk_end == first
            && self.chunks.last().is_some_and(|chunk| chunk.lead_off == packet.lead_off && !chunk.marker && !marker);
        if !continues {
            self.chunks.push(self.begun_chunk(first, acc_range.start, packet.lead_off, marker));
        }
        self.chunk_end = end;
        let Some(chunk) = self.chunks.last_mut() else { return };
        chunk.emg.extend_from_slice(&packet.emg);
        for (sample, index) in packet.acc.iter().zip(acc_range.start..) {
            self.acc.put(index, *sample);
        }
        for index in acc_range {
            let (sample, exact) = self.acc.at(index);
            self.counters.acc_filled += u64::from(!exact);
            chunk.acc.extend_from_slice(&sample);
        }
        self.recycle(packet);
    }

    /// An empty chunk with room for a second and a quarter, so that it grows without allocating.
    fn begun_chunk(&self, emg_first: u64, acc_first: u64, lead_off: bool, marker: bool) -> Chunk {
        let room = |samples: u64, channels: usize| samples as usize * channels;
        let emg = room(self.layout.emg.rate.sample_at_or_after(1_250_000), self.layout.emg.channels.len());
        let acc = self.layout.acc.as_ref().map_or(0, |acc| room(acc.rate.sample_at_or_after(1_250_000), 3));
        Chunk { emg_first, emg: Vec::with_capacity(emg), acc_first, acc: Vec::with_capacity(acc), lead_off, marker }
    }

    pub(super) fn take(&mut self, now_micros: u64) -> Vec<TimedChunk> {
        self.settle(now_micros);
        self.timed()
    }

    pub(super) fn finish(&mut self) -> Vec<TimedChunk> {
        self.release_all();
        self.timed()
    }

    pub(super) fn status(&self, rssi_dbm: Option<i16>) -> SensorStatus {
        SensorStatus { battery_pct: self.battery_pct, rssi_dbm, contact: self.contact, counters: self.counters }
    }

    fn timed(&mut self) -> Vec<TimedChunk> {
        let clock = &self.clock;
        self.chunks.drain(..).map(|chunk| TimedChunk { start_at: clock.utc_of(chunk.emg_first), chunk }).collect()
    }
}

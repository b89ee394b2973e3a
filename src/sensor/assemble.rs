//! Frames to chunks: in order, once each, numbered since the stream's beginning, on the grid of the recording.

use std::collections::VecDeque;

use crate::chunk::{Chunk, Group, StreamLayout};
use crate::sensor::counters::LinkCounters;
use crate::sensor::frame::Frame;
use crate::sensor::frame_error::FrameError;
use crate::sensor::numbering::{Numbering, distance};
use crate::sensor::profile::Profile;
use crate::sensor::requantise::Requantise;
use crate::units::Rate;

/// Frames held back at most while an earlier one may still come.
const MOST_HELD: usize = 4;
/// Longest time a frame is held back.
const HOLD_MICROS: u64 = 250_000;
/// A counter further back than this is a restart, not a late frame.
const BEHIND_SECONDS: u64 = 1;
/// A counter may run this far ahead of arrival time: as long as a sensor and a radio may have held frames back.
const AHEAD_SECONDS: u64 = 10;
/// Acceleration samples that may be missing at an edge of a block.
const MOST_ACC_FILLED: i64 = 2;
/// Frames remembered to tell a duplicate from a late one.
const REMEMBERED: usize = 32;

/// Where a frame was put in the stream, for the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Stream index after the frame's last EMG sample.
    pub emg_end: u64,
    /// The device's counter began anew: first stream index of the new stretch.
    pub restarted_at: Option<u64>,
}

/// Puts the frames of one sensor together. Memory is bounded: at most five frames are held.
#[derive(Debug, Clone)]
pub struct Assembler {
    layout: StreamLayout,
    emg_counts: Vec<Requantise>,
    acc_counts: Vec<Requantise>,
    stretch: Option<Stretch>,
    held: VecDeque<Held>,
    /// A frame with a counter that makes no sense yet.
    stray: Option<Stray>,
    remembered: VecDeque<u64>,
    /// The marker flag is ignored up to this stream index: sensors repeat it.
    marker_ignored_to: u64,
    battery_pct: Option<u8>,
    contact: bool,
    counters: LinkCounters,
}

/// A run of one unbroken device counter. Counters are unwrapped.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    numbering: Numbering,
    /// Counter after the last sample passed on.
    next: u64,
    /// First and last counter of the newest frame accepted.
    newest: u64,
    newest_end: u64,
    newest_arrival_micros: u64,
    sequence: u16,
}

#[derive(Debug, Clone)]
struct Held {
    device: u64,
    arrival_micros: u64,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Stray {
    error: FrameError,
    first: u32,
    end: u32,
    arrival_micros: u64,
    bytes: Vec<u8>,
}

impl Assembler {
    /// An assembler for the frames of the sensor that `profile` describes.
    pub fn new(profile: &Profile) -> Self {
        let layout = profile.layout().clone();
        let counts = |group: &Group, step| -> Vec<Requantise> {
            group.channels.iter().map(|channel| Requantise::new(step, channel.scale)).collect()
        };
        Self {
            emg_counts: counts(&layout.emg, profile.emg_microvolts_per_count),
            acc_counts: layout.acc.as_ref().map(|acc| counts(acc, profile.acc_g_per_count)).unwrap_or_default(),
            layout,
            stretch: None,
            held: VecDeque::with_capacity(MOST_HELD + 1),
            stray: None,
            remembered: VecDeque::with_capacity(REMEMBERED),
            marker_ignored_to: 0,
            battery_pct: None,
            contact: false,
            counters: LinkCounters::default(),
        }
    }

    /// What the chunks carry.
    pub fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    /// What has happened so far.
    pub fn counters(&self) -> LinkCounters {
        self.counters
    }

    /// Battery of the newest frame that knew it, in percent.
    pub fn battery_pct(&self) -> Option<u8> {
        self.battery_pct
    }

    /// Whether the electrodes were on the skin in the newest frame.
    pub fn contact(&self) -> bool {
        self.contact
    }

    /// Takes one notification that arrived at `arrival_micros` of the monotonic clock. What can be passed on is
    /// appended to `out`; a frame that continues its last chunk makes that longer. `None` for a frame that was refused.
    pub fn push(&mut self, bytes: &[u8], arrival_micros: u64, out: &mut Vec<Chunk>) -> Option<Placement> {
        self.counters.received += 1;
        self.release_until(arrival_micros, out);
        let placed = Frame::decode(bytes).and_then(|frame| {
            self.counters.decoded += 1;
            let (found, expected) = (frame.emg_channels(), self.layout.emg.channels.len());
            if found != expected {
                return Err(FrameError::OtherChannels { found, expected });
            }
            self.take(&frame, bytes, arrival_micros, out)
        });
        placed.unwrap_or_else(|error| {
            self.counters.malformed.count(&error);
            None
        })
    }

    /// Passes on what has been held back long enough at `now_micros`.
    pub fn release_until(&mut self, now_micros: u64, out: &mut Vec<Chunk>) {
        while self.held.iter().any(|held| held.arrival_micros.saturating_add(HOLD_MICROS) <= now_micros) {
            self.release_first(out);
        }
    }

    /// Passes on everything, at the end of a stream.
    pub fn finish(&mut self, out: &mut Vec<Chunk>) {
        while !self.held.is_empty() {
            self.release_first(out);
        }
    }

    fn take(
        &mut self,
        frame: &Frame<'_>,
        bytes: &[u8],
        arrival_micros: u64,
        out: &mut Vec<Chunk>,
    ) -> Result<Option<Placement>, FrameError> {
        let (low, rate) = (frame.header.emg_first, self.layout.emg.rate);
        let mut stretch = self.stretch.unwrap_or_else(|| self.begin_stretch(frame, arrival_micros, 0));
        let elapsed_micros = arrival_micros.saturating_sub(stretch.newest_arrival_micros);
        let ahead = samples_in(rate, elapsed_micros + elapsed_micros / 1000 + AHEAD_SECONDS * 1_000_000);
        let behind = samples_in(rate, BEHIND_SECONDS * 1_000_000);
        let mut restarted_at = None;
        let distance_to_next = distance(low, stretch.next);
        if !(-behind..=ahead).contains(&distance_to_next) || stretch.next.checked_add_signed(distance_to_next).is_none()
        {
            let goes_on = |stray: &mut Stray| i64::from(low.wrapping_sub(stray.end)) < behind;
            let Some(stray) = self.stray.take_if(goes_on) else {
                return self.hold_stray(frame, stretch.next as u32, bytes, arrival_micros);
            };
            match self.restart(&stray, &stretch, out) {
                Ok(first) => restarted_at = Some(first),
                Err(error) => {
                    self.counters.malformed.count(&error);
                    return self.hold_stray(frame, stretch.next as u32, bytes, arrival_micros);
                }
            }
            stretch = self.stretch.unwrap_or(stretch);
        } else if let Some(stray) = self.stray.take() {
            self.counters.malformed.count(&stray.error);
        }
        let device = stretch.next.saturating_add_signed(distance(low, stretch.next));
        check_acceleration(&stretch.numbering, frame, device, self.layout.acc.is_some())?;
        if self.held.iter().any(|held| held.device == device) || self.remembered.contains(&device) {
            self.counters.duplicate += 1;
            return Ok(None);
        }
        if device < stretch.next {
            self.counters.late += 1;
            return Ok(None);
        }
        let end = device + frame.emg_samples() as u64;
        if device < stretch.newest {
            self.counters.reordered += 1;
        } else {
            (stretch.newest, stretch.newest_end, stretch.newest_arrival_micros) = (device, end, arrival_micros);
            self.battery_pct = frame.header.battery_pct.or(self.battery_pct);
            self.contact = !frame.header.lead_off;
        }
        self.stretch = Some(stretch);
        if device == stretch.next {
            self.pass_on(frame, device, out);
            self.release_contiguous(out);
        } else {
            let at = self.held.partition_point(|held| held.device < device);
            self.held.insert(at, Held { device, arrival_micros, bytes: bytes.to_vec() });
            if self.held.len() > MOST_HELD {
                self.release_first(out);
            }
        }
        Ok(Some(Placement { emg_end: stretch.numbering.stream_index(end), restarted_at }))
    }

    fn begin_stretch(&self, frame: &Frame<'_>, arrival_micros: u64, from: u64) -> Stretch {
        let header = &frame.header;
        let acc_rate = self.layout.acc.as_ref().map(|acc| acc.rate);
        let acc_low = (frame.acc_samples() > 0).then_some(header.acc_first);
        let (numbering, device) = Numbering::starting(self.layout.emg.rate, acc_rate, header.emg_first, acc_low, from);
        Stretch {
            numbering,
            next: device,
            newest: device,
            newest_end: device,
            newest_arrival_micros: arrival_micros,
            sequence: header.sequence.wrapping_sub(1),
        }
    }

    /// Keeps a frame whose counter makes no sense until the next one confirms or refutes it.
    fn hold_stray(
        &mut self,
        frame: &Frame<'_>,
        expected: u32,
        bytes: &[u8],
        arrival_micros: u64,
    ) -> Result<Option<Placement>, FrameError> {
        let first = frame.header.emg_first;
        if self.stray.as_ref().is_some_and(|stray| stray.first == first) {
            self.counters.duplicate += 1;
            return Ok(None);
        }
        let error = FrameError::WrongCounter { found: first, expected };
        let end = first.wrapping_add(frame.emg_samples() as u32);
        let stray = Stray { error, first, end, arrival_micros, bytes: bytes.to_vec() };
        self.stray.replace(stray).map_or(Ok(None), |refuted| Err(refuted.error))
    }

    /// Begins a new stretch with the frame that was held as a stray; the gap before it is what arrival times say.
    fn restart(&mut self, stray: &Stray, old: &Stretch, out: &mut Vec<Chunk>) -> Result<u64, FrameError> {
        let frame = Frame::decode(&stray.bytes)?;
        self.finish(out);
        let ended = old.numbering.stream_index(old.newest_end.max(old.next));
        let elapsed_micros = stray.arrival_micros.saturating_sub(old.newest_arrival_micros);
        let elapsed = self.layout.emg.rate.nearest_sample(elapsed_micros);
        let from = ended + elapsed.saturating_sub(frame.emg_samples() as u64);
        let mut stretch = self.begin_stretch(&frame, stray.arrival_micros, from);
        let (device, first) = (stretch.next, stretch.numbering.stream_index(stretch.next));
        check_acceleration(&stretch.numbering, &frame, device, self.layout.acc.is_some())?;
        self.counters.restarts += 1;
        if first > ended {
            self.counters.gaps += 1;
            self.counters.samples_lost += first - ended;
        }
        self.remembered.clear();
        stretch.newest_end = device + frame.emg_samples() as u64;
        self.stretch = Some(stretch);
        self.pass_on(&frame, device, out);
        Ok(first)
    }

    fn release_first(&mut self, out: &mut Vec<Chunk>) {
        if let Some(held) = self.held.pop_front() {
            self.release(&held, out);
            self.release_contiguous(out);
        }
    }

    fn release_contiguous(&mut self, out: &mut Vec<Chunk>) {
        while let Some(held) = self.held.pop_front_if(|held| self.stretch.is_some_and(|s| held.device <= s.next)) {
            self.release(&held, out);
        }
    }

    fn release(&mut self, held: &Held, out: &mut Vec<Chunk>) {
        match (Frame::decode(&held.bytes), self.stretch) {
            (Ok(frame), Some(stretch)) if held.device >= stretch.next => self.pass_on(&frame, held.device, out),
            _ => self.counters.late += 1,
        }
    }

    /// Writes the samples of a frame that is next into `out`.
    fn pass_on(&mut self, frame: &Frame<'_>, device: u64, out: &mut Vec<Chunk>) {
        let Some(stretch) = self.stretch.as_mut() else { return };
        let (header, samples) = (&frame.header, frame.emg_samples() as u64);
        if device > stretch.next {
            let lost = device - stretch.next;
            self.counters.gaps += 1;
            self.counters.samples_lost += lost;
            let frames = u64::from(header.sequence.wrapping_sub(stretch.sequence).wrapping_sub(1));
            // A sequence that began anew says nothing; more frames than samples were lost cannot have been made.
            self.counters.frames_lost += if frames * samples <= 2 * lost { frames } else { 0 };
        }
        (stretch.next, stretch.sequence) = (device + samples, header.sequence);
        if self.remembered.len() == REMEMBERED {
            self.remembered.pop_front();
        }
        self.remembered.push_back(device);

        let numbering = stretch.numbering;
        let first = numbering.stream_index(device);
        let marker = header.marker && first >= self.marker_ignored_to;
        if marker {
            self.marker_ignored_to = first + self.layout.emg.rate.sample_at_or_after(1_000_000);
            self.counters.markers += 1;
        }
        let acc_range = numbering.acceleration(first, samples);
        let channels = self.layout.emg.channels.len();
        let continues = out.last().is_some_and(|chunk| {
            chunk.emg_first + chunk.emg_len(channels) == first
                && chunk.lead_off == header.lead_off
                && !chunk.marker
                && !marker
        });
        if !continues {
            let (emg_first, acc_first) = (first, acc_range.start);
            // Room for a second and a quarter, so that frames that go on from it allocate nothing.
            let room = |group: &Group| group.rate.sample_at_or_after(1_250_000) as usize * group.channels.len();
            let emg = Vec::with_capacity(room(&self.layout.emg));
            let acc = Vec::with_capacity(self.layout.acc.as_ref().map_or(0, room));
            out.push(Chunk { emg_first, emg, acc_first, acc, lead_off: header.lead_off, marker });
        }
        let Some(chunk) = out.last_mut() else { return };
        Requantise::append(&self.emg_counts, frame.emg(), &mut chunk.emg);
        let offset = numbering.acceleration_offset(device, header.acc_first);
        if offset == 0 && (acc_range.end - acc_range.start) as usize == frame.acc_samples() {
            Requantise::append(&self.acc_counts, frame.acc(), &mut chunk.acc);
        } else if self.layout.acc.is_some() {
            let last = frame.acc_samples() as i64 - 1;
            for wanted in 0..(acc_range.end - acc_range.start) as i64 {
                let nearest = (wanted - offset).clamp(0, last.max(0));
                self.counters.acc_filled += u64::from(nearest != wanted - offset);
                let sample = frame.acc_at(nearest as usize).unwrap_or_default();
                Requantise::append(&self.acc_counts, sample.into_iter(), &mut chunk.acc);
            }
        }
    }
}

/// Whether the block holds the acceleration of the frame's EMG, but for a few samples at its edges.
fn check_acceleration(numbering: &Numbering, frame: &Frame<'_>, device: u64, wanted: bool) -> Result<(), FrameError> {
    let range = numbering.acceleration(numbering.stream_index(device), frame.emg_samples() as u64);
    let (expected, found) = ((range.end - range.start) as i64, frame.acc_samples() as i64);
    if !wanted || expected == 0 {
        return Ok(());
    }
    let offset = numbering.acceleration_offset(device, frame.header.acc_first);
    let missing = i64::max(offset, expected - offset - found);
    if found == 0 || missing > MOST_ACC_FILLED {
        return Err(FrameError::OtherAcceleration { found: found as usize, expected: expected as usize, offset });
    }
    Ok(())
}

fn samples_in(rate: Rate, micros: u64) -> i64 {
    rate.sample_at_or_after(micros) as i64
}

#[cfg(test)]
mod tests;

//! A simulated leg sensor: makes the bytes of frames and sends them through a bad link into the real decoder.

use crate::chunk::StreamLayout;
use crate::clock::UtcAnchor;
use crate::sensor::frame::{FrameHeader, encode_frame};
use crate::sensor::link_faults::{LinkFaults, Radio};
use crate::sensor::pace::{Pace, Pacer};
use crate::sensor::profile::Profile;
use crate::sensor::receive::Receiver;
use crate::sensor::source::{NextItem, Source, SourceError, SourceItem};
use crate::simulate::Second;
use crate::units::UtcMicros;

/// The marker flag is repeated for so long after a press.
const MARKER_SECONDS: f64 = 0.5;
/// A percent of battery lasts so long: five days on a charge.
const SECONDS_PER_PERCENT: u64 = 4320;

/// Gives a night second by second.
pub trait SecondSource: std::fmt::Debug {
    /// Overwrites `out` with the next second; `false` at the end, when `out` is not used.
    fn next_second(&mut self, out: &mut Second) -> bool;
}

/// How a simulated sensor is played.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedOptions {
    /// Name of the source.
    pub id: String,
    /// UTC of device sample 0.
    pub start_at: UtcMicros,
    /// How fast.
    pub pace: Pace,
    /// What the link does.
    pub faults: LinkFaults,
    /// Seed of the link's faults.
    pub seed: u64,
    /// Battery at the start, 0 to 100 percent.
    pub battery_pct: u8,
}

impl SimulatedOptions {
    /// True UTC of an instant that the simulated night calls `device_seconds`: its seconds are the device's, drift included.
    pub fn true_utc(&self, device_seconds: f64) -> UtcMicros {
        self.start_at.plus_seconds(device_seconds * (1.0 + self.faults.drift_ppm * 1e-6))
    }
}

/// A [`Source`] of simulated frames.
#[derive(Debug)]
pub struct SimulatedSource {
    options: SimulatedOptions,
    seconds: Box<dyn SecondSource + Send>,
    sampler: Sampler,
    radio: Radio,
    receiver: Receiver,
    pacer: Pacer,
    now_micros: u64,
    frame: Vec<u8>,
    ended: bool,
}

impl SimulatedSource {
    /// A sensor as `profile` says that streams `seconds`.
    ///
    /// # Errors
    /// [`SourceError::RateNotWhole`] if a second has no whole number of samples.
    pub fn new(
        profile: &Profile,
        seconds: Box<dyn SecondSource + Send>,
        options: SimulatedOptions,
    ) -> Result<Self, SourceError> {
        let anchor = UtcAnchor { utc: options.start_at, monotonic_micros: 0 };
        Ok(Self {
            seconds,
            sampler: Sampler::new(profile, &options)?,
            radio: Radio::new(options.faults, options.seed),
            receiver: Receiver::new(profile, anchor),
            pacer: Pacer::new(options.pace),
            now_micros: 0,
            frame: Vec::new(),
            ended: false,
            options,
        })
    }

    async fn next_item(&mut self) -> Result<Option<SourceItem>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        // Everything after the wait happens at once, so that a dropped future loses nothing.
        let until_micros = self.now_micros + self.options.pace.item_micros();
        self.pacer.wait_for(until_micros).await;
        self.now_micros = until_micros;
        let slower = 1.0 + self.options.faults.drift_ppm * 1e-6;
        while self.sampler.next_frame_seconds() * slower * 1e6 <= until_micros as f64 {
            if !self.sampler.fill(self.seconds.as_mut())? {
                self.ended = true;
                break;
            }
            let sent_micros = (self.sampler.next_frame_seconds() * slower * 1e6).round() as u64;
            if self.sampler.make_frame(&mut self.frame)? {
                self.radio.send(&self.frame, sent_micros);
            }
        }
        if self.ended {
            self.now_micros = self.now_micros.max(self.radio.last_arrival_micros());
        }
        let receiver = &mut self.receiver;
        self.radio.deliver(self.now_micros, |bytes, arrival_micros| receiver.push(bytes, arrival_micros));
        let chunks = if self.ended { self.receiver.finish() } else { self.receiver.take(self.now_micros) };
        let now = self.options.start_at.plus_micros(self.now_micros as i64);
        Ok(Some(SourceItem { chunks, status: Some(self.receiver.status(None)), now }))
    }
}

impl Source for SimulatedSource {
    fn layout(&self) -> &StreamLayout {
        self.receiver.layout()
    }

    fn id(&self) -> &str {
        &self.options.id
    }

    fn next(&mut self) -> NextItem<'_> {
        Box::pin(self.next_item())
    }
}

/// The sensor itself: converter, counters, frame maker.
#[derive(Debug)]
struct Sampler {
    id: String,
    layout: StreamLayout,
    emg_counts_per_uv: f32,
    acc_counts_per_g: f32,
    samples: u64,
    /// Device counter of the next frame's first sample.
    first: u64,
    sequence: u16,
    second: Second,
    /// Samples not sent yet, and how many of the first of them are.
    emg: Vec<i16>,
    emg_sent: usize,
    acc: Vec<i16>,
    acc_sent: usize,
    marker_frames: u64,
    battery_pct: u8,
}

impl Sampler {
    fn new(profile: &Profile, options: &SimulatedOptions) -> Result<Self, SourceError> {
        let layout = profile.layout().clone();
        let rates = [Some(layout.emg.rate), layout.acc.as_ref().map(|acc| acc.rate)];
        if let Some(rate) = rates.into_iter().flatten().find(|rate| rate.seconds() != 1) {
            return Err(SourceError::RateNotWhole { id: options.id.clone(), rate });
        }
        Ok(Self {
            id: options.id.clone(),
            layout,
            emg_counts_per_uv: (1.0 / profile.emg_microvolts_per_count) as f32,
            acc_counts_per_g: (1.0 / profile.acc_g_per_count) as f32,
            samples: profile.emg_samples_per_frame as u64,
            first: 0,
            sequence: 0,
            second: Second::default(),
            emg: Vec::new(),
            emg_sent: 0,
            acc: Vec::new(),
            acc_sent: 0,
            marker_frames: 0,
            battery_pct: options.battery_pct.min(100),
        })
    }

    /// Device time at which the next frame is complete, in seconds.
    fn next_frame_seconds(&self) -> f64 {
        (self.first + self.samples) as f64 / self.layout.emg.rate.as_hz()
    }

    fn frame_values(&self) -> usize {
        self.samples as usize * self.layout.emg.channels.len()
    }

    /// Samples until there is enough for a frame; `false` at the end of the night.
    fn fill(&mut self, seconds: &mut dyn SecondSource) -> Result<bool, SourceError> {
        while self.emg.len() - self.emg_sent < self.frame_values() {
            if !seconds.next_second(&mut self.second) {
                return Ok(false);
            }
            let values = |rate: crate::units::Rate, channels: usize| rate.samples() as usize * channels;
            let emg = values(self.layout.emg.rate, self.layout.emg.channels.len());
            let acc = self.layout.acc.as_ref().map_or(0, |acc| values(acc.rate, acc.channels.len()));
            let found = (self.second.emg_uv.len(), self.second.acc_g.len());
            for (what, found, expected) in [("EMG", found.0, emg), ("acceleration", found.1, acc)] {
                if found != expected {
                    return Err(SourceError::WrongSecond { id: self.id.clone(), what, found, expected });
                }
            }
            self.emg.drain(..self.emg_sent);
            self.acc.drain(..self.acc_sent);
            (self.emg_sent, self.acc_sent) = (0, 0);
            convert(&self.second.emg_uv, self.emg_counts_per_uv, &mut self.emg);
            convert(&self.second.acc_g, self.acc_counts_per_g, &mut self.acc);
            if self.second.marker {
                let frames = MARKER_SECONDS * self.layout.emg.rate.as_hz() / self.samples as f64;
                self.marker_frames = frames.ceil() as u64;
            }
        }
        Ok(true)
    }

    /// Makes the next frame; `false` if the link is down and it is not sent. Call after [`Self::fill`].
    fn make_frame(&mut self, out: &mut Vec<u8>) -> Result<bool, SourceError> {
        let end = self.first + self.samples;
        let (acc_first, acc_values) = self.layout.acc.as_ref().map_or((0, 0), |acc| {
            let convert = |index| self.layout.emg.rate.convert(index, acc.rate);
            (convert(self.first), (convert(end) - convert(self.first)) as usize * acc.channels.len())
        });
        let used = (self.first / u64::from(self.layout.emg.rate.samples())) / SECONDS_PER_PERCENT;
        let header = FrameHeader {
            sequence: self.sequence,
            emg_first: self.first as u32,
            acc_first: acc_first as u16,
            battery_pct: Some(self.battery_pct.saturating_sub(used.min(100) as u8)),
            lead_off: self.second.lead_off,
            marker: self.marker_frames > 0,
        };
        let emg_end = self.emg_sent + self.frame_values();
        let acc_end = self.acc_sent + acc_values;
        let (emg, acc) = (&self.emg[self.emg_sent..emg_end], &self.acc[self.acc_sent..acc_end]);
        encode_frame(&header, self.layout.emg.channels.len(), emg, acc, out)
            .map_err(|source| SourceError::Frame { id: self.id.clone(), source })?;
        (self.emg_sent, self.acc_sent, self.first) = (emg_end, acc_end, end);
        self.sequence = self.sequence.wrapping_add(1);
        self.marker_frames = self.marker_frames.saturating_sub(1);
        Ok(!self.second.link_down)
    }
}

/// Physical values to counts, rounded half away from zero and clipped like the sensor's converter.
fn convert(physical: &[f32], counts_per_unit: f32, out: &mut Vec<i16>) {
    out.extend(physical.iter().map(|value| {
        let counts = value * counts_per_unit;
        ((counts + 0.5_f32.copysign(counts)) as i16).max(-32767)
    }));
}

#[cfg(test)]
mod tests;

//! What flows through Crampwatch: digital samples with their position, and the layout that gives them units.

use crate::units::Rate;

/// How the 16-bit digital values of one channel map to a physical unit, as in an EDF header.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelScale {
    /// Physical value of `digital_min`.
    pub physical_min: f64,
    /// Physical value of `digital_max`.
    pub physical_max: f64,
    /// Smallest digital value.
    pub digital_min: i16,
    /// Largest digital value.
    pub digital_max: i16,
}

impl ChannelScale {
    /// The default EMG grid: 0.1 µV in ±3276.7 µV.
    pub const EMG_UV: Self =
        Self { physical_min: -3276.7, physical_max: 3276.7, digital_min: -32767, digital_max: 32767 };
    /// The default acceleration grid: 1/4096 g in ±7.97 g, with limits that fit the eight characters of an EDF header.
    pub const ACC_G: Self =
        Self { physical_min: -7.96875, physical_max: 7.96875, digital_min: -32640, digital_max: 32640 };

    /// Physical units a digital step. Callers make sure that the digital range is not empty.
    pub fn gain(&self) -> f64 {
        (self.physical_max - self.physical_min) / (f64::from(self.digital_max) - f64::from(self.digital_min))
    }

    /// Physical value of digital zero.
    pub fn offset(&self) -> f64 {
        self.physical_max - self.gain() * f64::from(self.digital_max)
    }

    /// The nearest digital value; outside the range it is clipped.
    pub fn quantise(&self, physical: f64) -> i16 {
        let digital = (physical - self.offset()) / self.gain();
        digital.round().clamp(f64::from(self.digital_min), f64::from(self.digital_max)) as i16
    }
}

/// One channel: its label and its scale (µV for EMG, g for acceleration).
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Label as in an EDF header, such as `EMG MG` or `ACC X`.
    pub label: String,
    /// Digital to physical.
    pub scale: ChannelScale,
}

/// Channels that share one sample rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Samples per second of each channel.
    pub rate: Rate,
    /// The channels in the order of their samples.
    pub channels: Vec<Channel>,
}

/// What a stream carries: one to four EMG channels (µV) and, optionally, X, Y, Z acceleration (g).
#[derive(Debug, Clone, PartialEq)]
pub struct StreamLayout {
    /// EMG channels, at least one.
    pub emg: Group,
    /// Acceleration, three channels.
    pub acc: Option<Group>,
}

impl StreamLayout {
    /// The reference sensor: EMG at `emg_rate` on medial (and lateral) head, acceleration at `acc_rate`, default grids.
    pub fn reference(emg_rate: Rate, emg_channels: usize, acc_rate: Option<Rate>) -> Self {
        let names = ["EMG MG", "EMG LG", "EMG 3", "EMG 4"];
        let channel = |label: &str, scale| Channel { label: label.to_owned(), scale };
        Self {
            emg: Group {
                rate: emg_rate,
                channels: names.iter().take(emg_channels).map(|name| channel(name, ChannelScale::EMG_UV)).collect(),
            },
            acc: acc_rate.map(|rate| Group {
                rate,
                channels: ["ACC X", "ACC Y", "ACC Z"].iter().map(|n| channel(n, ChannelScale::ACC_G)).collect(),
            }),
        }
    }
}

/// Decoded samples that begin at a position of the stream. What lies between the end of one chunk and the start of the
/// next is a gap. Within a stream positions only grow; a chunk holds all acceleration samples of its EMG stretch:
/// with `[a, b)` its EMG indices, those are `[emg_rate.convert(a, acc_rate), emg_rate.convert(b, acc_rate))`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunk {
    /// Index of the first EMG sample (per channel) since the stream's sample 0.
    pub emg_first: u64,
    /// EMG, interleaved by channel, digital values.
    pub emg: Vec<i16>,
    /// Index of the first acceleration sample since the stream's sample 0.
    pub acc_first: u64,
    /// Acceleration, interleaved X, Y, Z, digital values; empty without acceleration.
    pub acc: Vec<i16>,
    /// The electrodes were off the skin: EMG is recorded but says nothing.
    pub lead_off: bool,
    /// The wearer pressed the button or double-tapped the sensor within this chunk: "cramp now".
    pub marker: bool,
}

impl Chunk {
    /// EMG samples per channel in this chunk.
    pub fn emg_len(&self, emg_channels: usize) -> u64 {
        (self.emg.len() / emg_channels.max(1)) as u64
    }

    /// Splits off everything from EMG sample `at` (a stream index inside the chunk); `self` keeps what is before.
    /// The marker stays with the first part.
    pub fn split_off(&mut self, at: u64, layout: &StreamLayout) -> Self {
        let channels = layout.emg.channels.len();
        let keep = at.saturating_sub(self.emg_first).min(self.emg_len(channels));
        let at = self.emg_first + keep;
        let emg = self.emg.split_off(keep as usize * channels);
        let (acc_first, acc) = match &layout.acc {
            Some(group) => {
                let first = layout.emg.rate.convert(at, group.rate).max(self.acc_first);
                let keep_acc = ((first - self.acc_first) as usize * 3).min(self.acc.len());
                (self.acc_first + keep_acc as u64 / 3, self.acc.split_off(keep_acc))
            }
            None => (0, Vec::new()),
        };
        Self { emg_first: at, emg, acc_first, acc, lead_off: self.lead_off, marker: false }
    }
}

/// Why samples are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GapReason {
    /// Nothing arrived: radio loss, sensor off, daemon down.
    NoData,
    /// Samples arrived, the electrodes were off the skin.
    LeadOff,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_emg_grid_is_a_tenth_of_a_microvolt() {
        assert!((ChannelScale::EMG_UV.gain() - 0.1).abs() < 1e-12);
        assert_eq!(ChannelScale::EMG_UV.quantise(12.34), 123);
        assert_eq!(ChannelScale::EMG_UV.quantise(1e9), 32767);
    }

    #[test]
    fn splitting_keeps_acceleration_with_its_emg() {
        let layout = StreamLayout::reference(Rate::hz(1000), 1, Some(Rate::hz(100)));
        let mut chunk = Chunk { emg: vec![0; 25], acc: vec![0; 9], ..Chunk::default() };
        let tail = chunk.split_off(11, &layout);
        assert_eq!((chunk.emg.len(), chunk.acc.len(), tail.emg_first, tail.acc_first), (11, 6, 11, 2));
        assert_eq!((tail.emg.len(), tail.acc.len()), (14, 3));
    }
}

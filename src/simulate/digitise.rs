//! Simulated seconds as the digital chunks that a sensor's decoder would give, without the radio in between.

use super::{NightOptions, Second};
use crate::chunk::{Channel, ChannelScale, Chunk, StreamLayout};
use crate::units::Rate;

/// Quantises seconds on the grid of a layout and counts their samples.
#[derive(Debug, Clone)]
pub struct Digitiser {
    layout: StreamLayout,
    next_second: u64,
}

impl Digitiser {
    /// For nights of (clamped) `options`, on the reference sensor's grid.
    pub fn new(options: &NightOptions) -> Self {
        let emg_channels = options.emg_channels as usize;
        let acc_rate = options.acc_rate_hz.map(Rate::hz);
        Self::for_layout(StreamLayout::reference(Rate::hz(options.emg_rate_hz), emg_channels, acc_rate))
    }

    /// For seconds with the channels and whole-numbered rates of `layout`.
    pub fn for_layout(layout: StreamLayout) -> Self {
        Self { layout, next_second: 0 }
    }

    /// The layout of the chunks.
    pub fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    /// The chunk of the next second; `None` while the link is down.
    pub fn chunk(&mut self, second: &Second) -> Option<Chunk> {
        let emg_channels = self.layout.emg.channels.len();
        let emg_first = self.next_second * (second.emg_uv.len() / emg_channels.max(1)) as u64;
        let acc_first = self.next_second * (second.acc_g.len() / 3) as u64;
        self.next_second += 1;
        let acc_channels = self.layout.acc.as_ref().map_or(&[][..], |group| &group.channels);
        (!second.link_down).then(|| Chunk {
            emg_first,
            emg: quantise(&second.emg_uv, &self.layout.emg.channels),
            acc_first,
            acc: quantise(&second.acc_g, acc_channels),
            lead_off: second.lead_off,
            marker: second.marker,
        })
    }
}

/// Interleaved physical values on the grids of their channels.
fn quantise(values: &[f32], channels: &[Channel]) -> Vec<i16> {
    // Gain and offset are taken out of the loop: a night has 57 million samples.
    let grids: Vec<(f64, f64, ChannelScale)> =
        channels.iter().map(|c| (1.0 / c.scale.gain(), -c.scale.offset() / c.scale.gain(), c.scale)).collect();
    let digital = |(value, (gain, offset, scale)): (&f32, &(f64, f64, ChannelScale))| {
        let digital = f64::from(*value) * gain + offset;
        digital.round().clamp(f64::from(scale.digital_min), f64::from(scale.digital_max)) as i16
    };
    if grids.is_empty() {
        return Vec::new();
    }
    values.iter().zip(grids.iter().cycle()).map(digital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_without_link_leaves_its_samples_out() {
        let options = NightOptions { emg_channels: 1, ..NightOptions::default() };
        let mut digitiser = Digitiser::new(&options);
        let second = Second { emg_uv: vec![12.34; 1000], acc_g: vec![1.0; 300], ..Second::default() };
        assert!(digitiser.chunk(&Second { link_down: true, ..second.clone() }).is_none());
        let chunk = digitiser.chunk(&second).unwrap();
        assert_eq!((chunk.emg_first, chunk.emg[0], chunk.acc_first, chunk.acc[0]), (1000, 123, 100, 4096));
    }
}

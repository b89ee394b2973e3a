//! Sensor counts to digital values on the grid of the recording.

use crate::chunk::ChannelScale;

/// The way from one channel's counts to its digital values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Requantise {
    /// Sensor and grid have the same step: only clipped to the grid's range.
    Same { digital_min: i16, digital_max: i16 },
    /// Rounded to the nearest step of the grid.
    Scaled { step: f64, grid: ChannelScale },
}

impl Requantise {
    /// From counts of `step` physical units to `grid`.
    pub(crate) fn new(step: f64, grid: ChannelScale) -> Self {
        let same = (step / grid.gain() - 1.0).abs() < 1e-9 && (grid.offset() / grid.gain()).abs() < 1e-6;
        if same {
            Self::Same { digital_min: grid.digital_min, digital_max: grid.digital_max }
        } else {
            Self::Scaled { step, grid }
        }
    }

    /// The digital value of one count.
    pub(crate) fn digital(self, count: i32) -> i16 {
        match self {
            Self::Same { digital_min, digital_max } => count.clamp(digital_min.into(), digital_max.into()) as i16,
            Self::Scaled { step, grid } => grid.quantise(f64::from(count) * step),
        }
    }

    /// Appends `counts`, interleaved by the channels of `ways`, to `out`.
    pub(crate) fn append(ways: &[Self], counts: impl Iterator<Item = i16>, out: &mut Vec<i16>) {
        match ways {
            [first, rest @ ..] if rest.iter().all(|way| way == first) => match *first {
                Self::Same { digital_min, digital_max } => {
                    out.extend(counts.map(|count| count.clamp(digital_min, digital_max)));
                }
                scaled @ Self::Scaled { .. } => out.extend(counts.map(|count| scaled.digital(count.into()))),
            },
            _ => out.extend(counts.zip(ways.iter().cycle()).map(|(count, way)| way.digital(count.into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_grids_change_nothing_but_the_count_outside() {
        let way = Requantise::new(0.1, ChannelScale::EMG_UV);
        let mut out = Vec::new();
        Requantise::append(&[way], [-32768, -32767, 0, 7, 32767].into_iter(), &mut out);
        assert_eq!(out, [-32767, -32767, 0, 7, 32767]);
        assert!(matches!(Requantise::new(1.0 / 4096.0, ChannelScale::ACC_G), Requantise::Same { .. }));
    }

    #[test]
    fn another_step_is_rounded_to_the_grid_by_channel() {
        let ways = [Requantise::new(0.25, ChannelScale::EMG_UV), Requantise::new(0.1, ChannelScale::EMG_UV)];
        let mut out = Vec::new();
        Requantise::append(&ways, [10, 10, -20000, -20000].into_iter(), &mut out);
        assert_eq!(out, [25, 10, -32767, -20000]);
    }
}

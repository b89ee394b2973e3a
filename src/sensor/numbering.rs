//! Device counters to stream indices: unwraps the 32-bit counter and keeps EMG and acceleration in step.

use crate::units::Rate;

/// How device samples are numbered in the stream: both groups are shifted by whole common periods, so that the rule
/// "acceleration of EMG stretch `[a, b)`" holds for device and stream alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbering {
    emg_rate: Rate,
    acc_rate: Option<Rate>,
    /// Stream index minus unwrapped device counter; a multiple of [`common_period`].
    shift: i64,
}

impl Numbering {
    /// Numbers a stretch whose first frame has device counter `low` so that it lands at or just after stream index
    /// `from`; gives the numbering and the unwrapped counter of that frame.
    ///
    /// How often the counter had wrapped before shows in the phase of the acceleration index, if there is one.
    pub(crate) fn starting(
        emg_rate: Rate,
        acc_rate: Option<Rate>,
        low: u32,
        acc_low: Option<u16>,
        from: u64,
    ) -> (Self, u64) {
        let period = acc_rate.map_or(1, |acc_rate| common_period(emg_rate, acc_rate));
        let wraps = match (acc_rate, acc_low) {
            (Some(acc_rate), Some(acc_low)) => (0..period.min(4096))
                .find(|wraps| emg_rate.convert((wraps << 32) + u64::from(low), acc_rate) as u16 == acc_low)
                .unwrap_or(0),
            _ => 0,
        };
        let device = (wraps << 32) + u64::from(low);
        let period = period as i64;
        let shift = -(device as i64 - from as i64).div_euclid(period) * period;
        (Self { emg_rate, acc_rate, shift }, device)
    }

    /// Stream index of unwrapped device counter `device`.
    pub(crate) fn stream_index(&self, device: u64) -> u64 {
        device.saturating_add_signed(self.shift)
    }

    /// Stream indices of the acceleration samples that belong to EMG `[first, first + samples)` of the stream.
    pub(crate) fn acceleration(&self, first: u64, samples: u64) -> std::ops::Range<u64> {
        self.acc_rate.map_or(0..0, |acc_rate| {
            self.emg_rate.convert(first, acc_rate)..self.emg_rate.convert(first + samples, acc_rate)
        })
    }

    /// How many samples the acceleration block that begins at `acc_low` lies behind (positive) where it belongs.
    pub(crate) fn acceleration_offset(&self, device: u64, acc_low: u16) -> i64 {
        self.acc_rate.map_or(0, |acc_rate| {
            let expected = self.emg_rate.convert(device, acc_rate) as u16;
            i64::from(acc_low.wrapping_sub(expected) as i16)
        })
    }
}

/// The counter nearest to `expected` whose low 32 bits are `low`, as a signed distance from `expected`.
pub(crate) fn distance(low: u32, expected: u64) -> i64 {
    i64::from(low.wrapping_sub(expected as u32) as i32)
}

/// EMG samples after which EMG and acceleration indices are both whole again: 10 at 1000 and 100 Hz.
pub(crate) fn common_period(emg_rate: Rate, acc_rate: Rate) -> u64 {
    let numerator = u64::from(emg_rate.samples()) * u64::from(acc_rate.seconds());
    let denominator = u64::from(acc_rate.samples()) * u64::from(emg_rate.seconds());
    let (mut a, mut b) = (numerator, denominator);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    numerator / a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_counter_is_unwrapped_on_both_sides() {
        assert_eq!(distance(20, (1 << 32) - 30), 50);
        assert_eq!(distance(u32::MAX, (3 << 32) + 49), -50);
    }

    #[test]
    fn the_common_period_is_the_least() {
        assert_eq!(common_period(Rate::hz(1000), Rate::hz(100)), 10);
        assert_eq!(common_period(Rate::hz(1000), Rate::hz(104)), 125);
        assert_eq!(common_period(Rate::new(1024, 3).unwrap(), Rate::hz(50)), 512);
    }

    proptest! {
        #[test]
        fn a_stretch_begins_at_or_just_after_where_it_is_wanted_and_in_step(
            device in 0..1_u64 << 45, from in 0..1_u64 << 40, acc_hz in prop::sample::select(vec![100_u32, 104, 50, 125]),
        ) {
            let (emg, acc) = (Rate::hz(1000), Rate::hz(acc_hz));
            let acc_low = emg.convert(device, acc) as u16;
            let (numbering, found) = Numbering::starting(emg, Some(acc), device as u32, Some(acc_low), from);
            let first = numbering.stream_index(found);
            prop_assert!(first >= from && first < from + common_period(emg, acc));
            prop_assert_eq!(numbering.acceleration_offset(found, acc_low), 0);
            // In step: the block of the device has the length that the stream's rule asks for.
            for samples in 1..60 {
                let range = numbering.acceleration(first, samples);
                let device_block = emg.convert(device + samples, acc) - emg.convert(device, acc);
                prop_assert_eq!(range.end - range.start, device_block);
            }
        }
    }
}

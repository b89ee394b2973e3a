//! The two quantities of a session: the median of rest, and the greatest second of an effort.

use crate::signal::{MAX_EMG_CHANNELS, Quality, Quarter};

/// A quarter above so many times the median is no rest: from there on the detector calls a muscle active.
const RESTLESS_RATIO: f64 = 2.0;
/// More than this share of such quarters is too restless.
const RESTLESS_SHARE: f64 = 0.1;
/// Quarters of a whole second.
const SECOND: usize = 4;

/// Quarter-second RMS of every channel while the leg rests, in µV.
#[derive(Debug, Clone, Default)]
pub(super) struct Rest {
    channels: [Vec<f64>; MAX_EMG_CHANNELS],
}

impl Rest {
    pub(super) fn clear(&mut self) {
        self.channels.iter_mut().for_each(Vec::clear);
    }

    /// Takes a good quarter; beyond `most` of them none.
    pub(super) fn add(&mut self, quarter: &Quarter, most: usize) {
        for (values, channel) in self.channels.iter_mut().zip(&quarter.emg) {
            if values.len() < most {
                values.push(channel.rms_uv());
            }
        }
    }

    /// Good quarters so far.
    pub(super) fn len(&self) -> usize {
        self.channels[0].len()
    }

    /// Median RMS of a channel in µV; `None` without any.
    pub(super) fn median_uv(&self, channel: usize) -> Option<f64> {
        let mut sorted = self.channels.get(channel)?.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => None,
            n if n % 2 == 1 => sorted.get(middle).copied(),
            _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
        }
    }

    /// Whether the muscle under a channel was busy for more than a tenth of the time.
    pub(super) fn is_restless(&self, channel: usize) -> bool {
        let Some(median) = self.median_uv(channel) else { return false };
        let values = &self.channels[channel];
        let busy = values.iter().filter(|value| **value > RESTLESS_RATIO * median).count();
        busy as f64 > RESTLESS_SHARE * values.len() as f64
    }
}

/// The greatest RMS of a whole second, by channel: the window over which the detector measures a cramp.
#[derive(Debug, Clone, Default)]
pub(super) struct Effort {
    powers_uv2: [[f64; SECOND]; MAX_EMG_CHANNELS],
    run: usize,
    next: Option<u64>,
    greatest_uv: [Option<f64>; MAX_EMG_CHANNELS],
}

impl Effort {
    /// Takes a quarter; one that is bad or does not follow the last one begins a second anew.
    pub(super) fn add(&mut self, quarter: &Quarter) {
        let follows = self.next == Some(quarter.index);
        self.next = Some(quarter.index.saturating_add(1));
        if quarter.quality != Quality::Good {
            self.run = 0;
            return;
        }
        self.run = if follows { (self.run + 1).min(SECOND) } else { 1 };
        for ((powers, channel), greatest) in self.powers_uv2.iter_mut().zip(&quarter.emg).zip(&mut self.greatest_uv) {
            powers.rotate_left(1);
            powers[SECOND - 1] = channel.power_uv2;
            if self.run == SECOND {
                let rms_uv = (powers.iter().sum::<f64>() / SECOND as f64).sqrt();
                *greatest = Some(greatest.map_or(rms_uv, |greatest| greatest.max(rms_uv)));
            }
        }
    }

    /// The greatest second of a channel so far, µV RMS; `None` before a whole good second.
    pub(super) fn greatest_uv(&self, channel: usize) -> Option<f64> {
        self.greatest_uv.get(channel).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::EmgQuarter;

    fn quarter(index: u64, rms_uv: f64, quality: Quality) -> Quarter {
        let emg = [EmgQuarter { power_uv2: rms_uv * rms_uv, ..EmgQuarter::default() }; MAX_EMG_CHANNELS];
        Quarter { index, emg, acc: None, quality, marker: false }
    }

    #[test]
    fn some_twitches_do_not_move_the_rest_and_many_are_restless() {
        let mut rest = Rest::default();
        (0..100)
            .for_each(|index| rest.add(&quarter(index, if index % 11 == 0 { 90.0 } else { 4.0 }, Quality::Good), 240));
        assert!((rest.median_uv(0).unwrap() - 4.0).abs() < 1e-9 && !rest.is_restless(0));
        (0..20).for_each(|index| rest.add(&quarter(index, 90.0, Quality::Good), 240));
        assert!((rest.median_uv(0).unwrap() - 4.0).abs() < 1e-9 && rest.is_restless(0));
    }

    #[test]
    fn an_effort_counts_only_when_it_fills_a_good_second() {
        let greatest = |quarters: &[Quarter]| {
            let mut effort = Effort::default();
            quarters.iter().for_each(|quarter| effort.add(quarter));
            effort.greatest_uv(1)
        };
        let good = |index, rms_uv| quarter(index, rms_uv, Quality::Good);
        assert_eq!(greatest(&[good(0, 9.0), good(1, 9.0), good(2, 9.0)]), None);
        assert_eq!(greatest(&[good(0, 9.0), good(1, 9.0), good(2, 9.0), good(4, 9.0)]), None);
        let broken = [good(0, 9.0), good(1, 9.0), quarter(2, 9.0, Quality::Clipped), good(3, 9.0), good(4, 9.0)];
        assert_eq!(greatest(&broken), None);
        let whole = [good(0, 9.0), good(1, 9.0), good(2, 9.0), good(3, 9.0), good(4, 1.0)];
        assert!((greatest(&whole).unwrap() - 9.0).abs() < 1e-9);
    }
}

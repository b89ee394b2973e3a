//! Acceleration that comes in notifications of its own: placed by its arrival among the EMG.

use super::Stream;

/// Notifications after which a lag that none of them lacked is taken back.
const LAG_LOOKED_AT: u32 = 50;

impl Stream {
    /// Takes acceleration from a notification of its own; times are arrival times.
    pub(in crate::sensor::decode) fn push_acc(&mut self, samples: &[[i16; 3]], arrival_micros: u64) {
        self.counters.decoded += 1;
        self.settle(arrival_micros);
        let (Some(stretch), Some(acc), Some(last)) = (self.stretch, &self.layout.acc, samples.last()) else { return };
        let rate = self.layout.emg.rate;
        let least = stretch.least.get().unwrap_or_default();
        let elapsed = (arrival_micros as i64).saturating_sub(least).max(0) as u64;
        let target = rate.convert(rate.nearest_sample(elapsed), acc.rate).saturating_sub(samples.len() as u64);
        let mut next = self.acc_next.unwrap_or(target);
        let lag = target as i64 - next as i64;
        let most = i64::from(acc.rate.samples() / acc.rate.seconds() / 4).max(3);
        if lag.abs() > most {
            next = target;
            self.acc_lag = (i64::MAX, 0);
        } else {
            self.acc_lag = (self.acc_lag.0.min(lag), self.acc_lag.1 + 1);
            if self.acc_lag.1 >= LAG_LOOKED_AT {
                next = next.saturating_add_signed(self.acc_lag.0.signum());
                self.acc_lag = (i64::MAX, 0);
            }
        }
        for (sample, index) in samples.iter().zip(next..) {
            self.acc.put(index, *sample);
        }
        if next + (samples.len() as u64) < target {
            self.acc.put(target, *last);
        }
        self.acc_next = Some(next + samples.len() as u64);
        self.release(arrival_micros);
    }
}

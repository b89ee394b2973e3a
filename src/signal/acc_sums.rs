//! Samples of acceleration, summed up into quarter seconds.

use super::quarter::AccQuarter;
use crate::chunk::StreamLayout;

#[derive(Debug)]
pub(super) struct AccSums {
    gain: [f64; 3],
    offset: [f64; 3],
    needed: u64,
    n: u64,
    sum: [f64; 3],
    square: f64,
}

impl AccSums {
    pub(super) fn new(layout: &StreamLayout) -> Self {
        let mut sums = Self { gain: [0.0; 3], offset: [0.0; 3], needed: u64::MAX, n: 0, sum: [0.0; 3], square: 0.0 };
        if let Some(group) = &layout.acc {
            for (axis, channel) in group.channels.iter().enumerate().take(3) {
                sums.gain[axis] = channel.scale.gain();
                sums.offset[axis] = channel.scale.offset();
            }
            // Four fifths of a quarter second are enough for a mean.
            sums.needed = ((group.rate.as_hz() / 5.0).floor() as u64).max(1);
        }
        sums
    }

    pub(super) fn clear(&mut self) {
        self.n = 0;
        self.sum = [0.0; 3];
        self.square = 0.0;
    }

    pub(super) fn run(&mut self, samples: &[i16]) {
        for frame in samples.as_chunks::<3>().0 {
            for (axis, digital) in frame.iter().enumerate() {
                let g = f64::from(*digital) * self.gain[axis] + self.offset[axis];
                self.sum[axis] += g;
                self.square += g * g;
            }
            self.n += 1;
        }
    }

    pub(super) fn take(&mut self) -> Option<AccQuarter> {
        let n = self.n as f64;
        let quarter = (self.n >= self.needed).then(|| {
            let mean_g = self.sum.map(|sum| sum / n);
            let mean_square: f64 = mean_g.iter().map(|m| m * m).sum();
            AccQuarter { mean_g, dynamic_rms_g: (self.square / n - mean_square).max(0.0).sqrt() }
        });
        self.clear();
        quarter
    }
}

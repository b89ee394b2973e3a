//! What happens is a list of parts; each adds its share to the second being made.

use super::body::{Body, Tissue};
use super::motion::Pose;
use super::potential::Grid;
use std::fmt::Debug;

/// Something that lasts from some time to another.
pub(super) trait Part: Debug + Send {
    /// Adds its share of this second; false when nothing more will come.
    fn second(&mut self, mix: &mut Mix) -> bool;
}

/// The second being made.
#[derive(Debug)]
pub(super) struct Mix {
    /// Its number from the start of the night.
    pub(super) second: u32,
    pub(super) rate_hz: usize,
    /// 0 without acceleration.
    pub(super) acc_rate_hz: usize,
    pub(super) tissue: Tissue,
    pub(super) grid: Grid,
    /// Muscle in µV: this second and the tail of potentials into the next.
    pub(super) muscle: Vec<f32>,
    /// Everything that reaches the amplifier without being muscle, µV, before its high-pass.
    pub(super) wire: Vec<f32>,
    /// What the skin lets through at the end of this second, a factor on muscle.
    pub(super) gain: f64,
    /// Acceleration in g besides gravity, in the frame of the shank.
    pub(super) shake: Vec<[f32; 3]>,
    pub(super) pose: Pose,
}

impl Mix {
    pub(super) fn new(body: &Body, rate_hz: usize, acc_rate_hz: usize, pose: Pose) -> Self {
        let grid = Grid::new(rate_hz, body.tissue.band);
        Self {
            second: 0,
            rate_hz,
            acc_rate_hz,
            tissue: body.tissue,
            muscle: vec![0.0; rate_hz + grid.reach()],
            grid,
            wire: vec![0.0; rate_hz],
            gain: 1.0,
            shake: vec![[0.0; 3]; acc_rate_hz],
            pose,
        }
    }

    /// Clears everything but the tails of the potentials of the second before.
    pub(super) fn begin(&mut self, second: u32) {
        self.second = second;
        if second > 0 {
            carry(&mut self.muscle, self.rate_hz);
        }
        self.wire.fill(0.0);
        self.shake.fill([0.0; 3]);
        self.gain = 1.0;
    }

    /// Indices of the samples of this second that lie between two times of the night, at a rate.
    pub(super) fn span(&self, rate_hz: usize, start_s: f64, end_s: f64) -> std::ops::Range<usize> {
        let index = |at_s: f64| ((at_s - f64::from(self.second)) * rate_hz as f64).ceil().clamp(0.0, rate_hz as f64);
        index(start_s) as usize..index(end_s) as usize
    }

    /// True when the night goes on after this second and `end_s` lies there.
    pub(super) fn before(&self, end_s: f64) -> bool {
        f64::from(self.second) + 1.0 < end_s
    }
}

/// Moves the tail behind a second of `rate_hz` samples to the front and clears the rest.
pub(super) fn carry(samples: &mut [f32], rate_hz: usize) {
    samples.copy_within(rate_hz.., 0);
    let tail = samples.len() - rate_hz;
    samples[tail..].fill(0.0);
}

/// A smooth envelope: 0 outside of 0 to `duration_s`, with edges of `edge_s` in between.
pub(super) fn envelope(at_s: f64, duration_s: f64, edge_s: f64) -> f64 {
    let share = (at_s.min(duration_s - at_s) / edge_s.max(1e-6)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

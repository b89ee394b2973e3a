//! Voluntary discharge: units recruited by size, rates that follow the drive (Fuglevand 1993).

use super::dice::Dice;
use super::frame::{Frame, STEP_S};
use super::muap;
use super::pool::Pool;

/// When each unit of both heads fires next; infinite while it rests.
#[derive(Debug, Clone)]
pub(crate) struct Voluntary {
    next_s: [Vec<f64>; 2],
    busy: [bool; 2],
    interval_variation: f64,
    skewed: bool,
    dice: Dice,
}

impl Voluntary {
    /// All units at rest.
    pub(crate) fn new(pool: &Pool, interval_variation: f64, seed: u64) -> Self {
        let next_s = [0, 1].map(|head| vec![f64::INFINITY; pool.heads[head].units.len()]);
        let mut dice = Dice::new(seed, 10);
        Self { next_s, busy: [false; 2], interval_variation, skewed: dice.chance(0.4), dice }
    }

    /// Adds what the drive of this second makes the units do, on the first `channels` channels.
    pub(crate) fn render(&mut self, pool: &Pool, channels: usize, frame: &mut Frame) {
        for head in 0..2 {
            let driven = frame.drive_power[head].iter().any(|&power| power > 0.0);
            if driven || self.busy[head] {
                self.busy[head] = driven;
                self.render_head(pool, head, channels, frame);
            }
        }
    }

    fn render_head(&mut self, pool: &Pool, head_index: usize, channels: usize, frame: &mut Frame) {
        let head = &pool.heads[head_index];
        for (step, power) in frame.drive_power[head_index].into_iter().enumerate() {
            let excitation = head.excitation(f64::from(power).sqrt().min(1.0));
            let from_s = frame.start_s + step as f64 * STEP_S;
            let to_s = from_s + STEP_S;
            for (unit, next_s) in head.units.iter().zip(&mut self.next_s[head_index]) {
                if excitation < unit.threshold {
                    *next_s = f64::INFINITY;
                    continue;
                }
                let mean_s = 1.0 / head.rate_pps(unit, excitation);
                if next_s.is_infinite() {
                    *next_s = from_s + self.dice.unit() * mean_s;
                }
                while *next_s < to_s {
                    let at = frame.sample_at(*next_s);
                    for (signal, gain) in frame.emg_uv.iter_mut().zip(unit.gain).take(channels) {
                        muap::add(signal, at, &unit.potential, gain);
                    }
                    *next_s += mean_s * interval(self.interval_variation, self.skewed, &mut self.dice);
                }
            }
        }
    }
}

/// The next interval as a share of its mean: normal as in Fuglevand 1993, or skewed as gamma.
fn interval(variation: f64, skewed: bool, dice: &mut Dice) -> f64 {
    if skewed {
        return dice.gamma(1.0, variation).max(0.25);
    }
    (1.0 + variation * dice.normal().clamp(-3.0, 3.0)).max(0.25)
}

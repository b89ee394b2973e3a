//! What reaches the amplifier without being muscle: rubbing, pulled cables, swollen mains, bad contact, sweat.

use super::part::{Mix, Part, envelope};
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// Slow noise and steps while the electrodes or their cables move.
#[derive(Debug)]
pub(super) struct Rustle {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    /// RMS of the noise, µV.
    pub(super) level_uv: f64,
    /// Most of it lies below, Hz.
    pub(super) corner_hz: f64,
    /// Steps per second, each as high as several RMS.
    pub(super) steps_per_s: f64,
    /// Rubbing comes and goes in this rhythm, Hz; 0 for none.
    pub(super) rhythm_hz: f64,
    pub(super) dice: Dice,
    pub(super) state: [f64; 3],
}

impl Rustle {
    /// Noise of `level_uv` below `corner_hz`.
    pub(super) fn new(start_s: f64, duration_s: f64, level_uv: f64, corner_hz: f64, dice: &mut Dice) -> Self {
        let dice = Dice::new(dice.seed(), 0x2057);
        Self { start_s, duration_s, level_uv, corner_hz, steps_per_s: 0.3, rhythm_hz: 0.0, dice, state: [0.0; 3] }
    }
}

impl Part for Rustle {
    fn second(&mut self, mix: &mut Mix) -> bool {
        let rate = mix.rate_hz as f64;
        let end_s = self.start_s + self.duration_s;
        let keep = (-TAU * self.corner_hz / rate).exp();
        let input = 1.0 - keep;
        // Variance of two such low-passes in a row, driven by white noise.
        let scale = self.level_uv / (input * (1.0 + keep * keep) / (1.0 + keep).powi(3)).sqrt();
        let forget = (-1.0 / (0.12 * rate)).exp();
        let step = self.steps_per_s / rate;
        for index in mix.span(mix.rate_hz, self.start_s, end_s) {
            let at_s = f64::from(mix.second) + index as f64 / rate - self.start_s;
            self.state[0] += input * (f64::from(self.dice.normal_f32()) - self.state[0]);
            self.state[1] += input * (self.state[0] - self.state[1]);
            self.state[2] *= forget;
            if self.dice.chance(step) {
                self.state[2] += self.level_uv * self.dice.uniform(-6.0, 6.0);
            }
            let rhythm = 0.3 + 0.7 * (0.5 * TAU * self.rhythm_hz * at_s).sin().abs();
            let loud = envelope(at_s, self.duration_s, 0.3) * if self.rhythm_hz > 0.0 { rhythm } else { 1.0 };
            mix.wire[index] += (loud * (scale * self.state[1] + self.state[2])) as f32;
        }
        mix.before(end_s)
    }
}

/// Mains that grows, as when a lamp is switched on or an electrode lifts, and white noise with it.
#[derive(Debug)]
pub(super) struct Hum {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    pub(super) mains_hz: f64,
    /// RMS of the fundamental, µV.
    pub(super) level_uv: f64,
    /// Heights of harmonics 2 to 5 as shares of the fundamental.
    pub(super) harmonics: [f64; 4],
    /// RMS of the contact noise, µV.
    pub(super) noise_uv: f64,
    /// Edges, s: a switch or a slow lift.
    pub(super) edge_s: f64,
    /// Muscle comes through with this factor.
    pub(super) gain: f64,
    pub(super) dice: Dice,
}

impl Part for Hum {
    fn second(&mut self, mix: &mut Mix) -> bool {
        let rate = mix.rate_hz as f64;
        let end_s = self.start_s + self.duration_s;
        for index in mix.span(mix.rate_hz, self.start_s, end_s) {
            let at_s = f64::from(mix.second) + index as f64 / rate;
            let turn = TAU * (self.mains_hz * at_s).fract();
            let mut wave = turn.sin();
            // Nothing passes the anti-aliasing filter near half the rate.
            let passing =
                (2_u8..).zip(self.harmonics).filter(|(order, _)| f64::from(*order) * self.mains_hz < 0.42 * rate);
            for (order, share) in passing {
                wave += share * (f64::from(order) * turn + f64::from(order)).sin();
            }
            let noise = self.noise_uv * f64::from(self.dice.normal_f32());
            let loud = envelope(at_s - self.start_s, self.duration_s, self.edge_s);
            mix.wire[index] += (loud * (self.level_uv * std::f64::consts::SQRT_2 * wave + noise)) as f32;
        }
        let loud = envelope(f64::from(mix.second) + 1.0 - self.start_s, self.duration_s, self.edge_s.max(1.0));
        mix.gain *= 1.0 + (self.gain - 1.0) * loud;
        mix.before(end_s)
    }
}

/// Sweat bridges the electrodes: muscle grows weaker and recovers.
#[derive(Debug)]
pub(super) struct Sweat {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    /// The factor on muscle at the worst.
    pub(super) gain: f64,
}

impl Part for Sweat {
    fn second(&mut self, mix: &mut Mix) -> bool {
        let at_s = f64::from(mix.second) + 1.0 - self.start_s;
        mix.gain *= 1.0 + (self.gain - 1.0) * envelope(at_s, self.duration_s, 0.4 * self.duration_s);
        mix.before(self.start_s + self.duration_s)
    }
}

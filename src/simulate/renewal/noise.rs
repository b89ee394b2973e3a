//! The noise of amplifier and skin.

use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// Noise with two shelves: louder below some Hz, and again below some tens of Hz.
#[derive(Debug)]
pub(super) struct Noise {
    /// Poles and zeros as shares kept from sample to sample.
    poles: [f32; 2],
    zeros: [f32; 2],
    gain: f32,
    inputs: [f32; 2],
    outputs: [f32; 2],
    dice: Dice,
}

impl Noise {
    /// Of this RMS above 20 Hz.
    pub(super) fn new(quiet_uv: f64, rate_hz: usize, dice: &mut Dice) -> Self {
        let rate = rate_hz as f64;
        let keep = |hz: f64| (-TAU * hz.min(0.4 * rate) / rate).exp();
        let (poles, zeros) =
            ([dice.uniform(1.0, 3.0), dice.uniform(15.0, 40.0)], [dice.uniform(3.0, 9.0), dice.uniform(40.0, 120.0)]);
        let (poles, zeros) = (poles.map(keep), zeros.map(keep));
        let count = 4096;
        let power = |index: usize| {
            let hz = 0.5 * rate * index as f64 / f64::from(count);
            let turn = TAU * hz / rate;
            let square = |kept: &f64| 1.0 - 2.0 * kept * turn.cos() + kept * kept;
            if hz < 20.0 {
                0.0
            } else {
                zeros.iter().map(square).product::<f64>() / poles.iter().map(square).product::<f64>()
            }
        };
        let mean = (0..count as usize).map(power).sum::<f64>() / f64::from(count);
        Self {
            poles: poles.map(|pole| pole as f32),
            zeros: zeros.map(|zero| zero as f32),
            gain: (quiet_uv / mean.sqrt()) as f32,
            inputs: [0.0; 2],
            outputs: [0.0; 2],
            dice: Dice::new(dice.seed(), 0x3174),
        }
    }

    pub(super) fn next(&mut self) -> f32 {
        let mut value = self.gain * self.dice.normal_f32();
        for stage in 0..2 {
            let output = value - self.zeros[stage] * self.inputs[stage] + self.poles[stage] * self.outputs[stage];
            (self.inputs[stage], self.outputs[stage]) = (value, output);
            value = output;
        }
        value
    }
}

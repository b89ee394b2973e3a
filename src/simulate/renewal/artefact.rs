//! Voltages of moved electrodes and cables.

use super::course::between;
use super::stage::{Stage, Strip};
use crate::simulate::dice::Dice;
use std::f64::consts::{PI, TAU};

impl Stage {
    /// Slow noise and a few steps of `level_uv`; with a rhythm where something rubs or swings.
    pub(super) fn artefact(
        &mut self,
        at_s: f64,
        duration_s: f64,
        level_uv: f64,
        course: &[f64],
        rhythm_hz: Option<f64>,
        dice: &mut Dice,
    ) {
        let mut dice = Dice::new(dice.seed(), 0xa27e);
        let rate_hz = self.rate_hz as f64;
        let count = (duration_s * rate_hz) as usize;
        if count < 20 {
            return;
        }
        let mut samples = slow_noise(count, rate_hz, &mut dice);
        if let Some(hz) = rhythm_hz {
            let (mut phase, mut pace) = (0.0_f64, hz);
            for (index, sample) in samples.iter_mut().enumerate() {
                if index.is_multiple_of(self.rate_hz) {
                    pace = hz * (1.0 + 0.12 * dice.normal());
                }
                phase += TAU * pace / rate_hz;
                let wave = phase.sin()
                    + 0.5 * (2.0 * phase + 1.0).sin()
                    + 0.3 * (3.0 * phase + 2.0).sin()
                    + 0.15 * (5.0 * phase).sin();
                *sample = 0.5 * *sample + wave;
            }
        }
        for (index, sample) in samples.iter_mut().enumerate() {
            *sample *= between(course, (index as f64 + 0.5) / count as f64);
        }
        for _ in 0..dice.poisson(0.15 * duration_s) {
            let (from, fall) = (dice.index(count), (-1.0 / (dice.uniform(0.03, 0.5) * rate_hz)).exp());
            let mut step = 2.5 * dice.normal();
            for sample in &mut samples[from..] {
                *sample += step;
                step *= fall;
            }
        }
        let samples = samples.into_iter().map(|sample| (level_uv * sample) as f32).collect();
        self.wire.push(Strip { start: self.sample(at_s), samples });
    }
}

/// Noise of unit variance from 0.7 Hz to somewhere between 5 and 16 Hz, by a Butterworth band-pass of first order.
fn slow_noise(count: usize, rate_hz: f64, dice: &mut Dice) -> Vec<f64> {
    let warped = |hz: f64| (PI * hz / rate_hz).tan();
    let (slow, fast) = (warped(0.7), warped(dice.uniform(5.0, 16.0)));
    let (band, square) = (fast - slow, slow * fast);
    let sum = 1.0 + band + square;
    let feedback = [2.0 * (square - 1.0) / sum, (1.0 - band + square) / sum];
    let (mut inputs, mut outputs) = ([0.0; 2], [0.0; 2]);
    let mut samples: Vec<f64> = (0..count)
        .map(|_| {
            let input = dice.normal();
            let output = band / sum * (input - inputs[1]) - feedback[0] * outputs[0] - feedback[1] * outputs[1];
            (inputs, outputs) = ([input, inputs[0]], [output, outputs[0]]);
            output
        })
        .collect();
    let mean = samples.iter().sum::<f64>() / count as f64;
    let deviation = (samples.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64).sqrt();
    samples.iter_mut().for_each(|value| *value /= deviation + 1e-9);
    samples
}

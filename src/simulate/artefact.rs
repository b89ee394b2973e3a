//! Motion artefact: electrodes that shift on the skin make slow, large voltages below 20 Hz.

use super::dice::Dice;
use super::frame::{Frame, RENDER_HZ, SECOND};

/// Motion artefact on both channels.
#[derive(Debug, Clone)]
pub(crate) struct Artefact {
    /// RMS of each channel in µV while moving.
    rms_uv: [f64; 2],
    keep: f64,
    gain: f64,
    state: [[f64; 2]; 2],
    /// A step that dies away, as when an electrode is pulled.
    step_uv: [f64; 2],
    steps_per_s: f64,
}

impl Artefact {
    /// Artefact of `rms_uv` below `cutoff_hz` (at most 20) with `steps_per_s` sudden steps.
    pub(crate) fn new(rms_uv: [f64; 2], cutoff_hz: f64, steps_per_s: f64) -> Self {
        let keep = (-std::f64::consts::TAU * cutoff_hz / f64::from(RENDER_HZ)).exp();
        let variance = (1.0 - keep) * (1.0 + keep * keep) / (1.0 + keep).powi(3);
        Self { rms_uv, keep, gain: 1.0 / variance.sqrt(), state: [[0.0; 2]; 2], step_uv: [0.0; 2], steps_per_s }
    }

    /// Adds this second of artefact, from `start_s` to `end_s`.
    pub(crate) fn step(&mut self, start_s: f64, end_s: f64, channels: usize, frame: &mut Frame, dice: &mut Dice) {
        let from = frame.sample_at(start_s).min(SECOND);
        let to = frame.sample_at(end_s).min(SECOND);
        let ramp = f64::from(RENDER_HZ) * 0.2;
        let edges = [(start_s - frame.start_s) * f64::from(RENDER_HZ), (end_s - frame.start_s) * f64::from(RENDER_HZ)];
        // Steps decay within about 0.3 s.
        let step_keep = (-1.0 / (0.3 * f64::from(RENDER_HZ))).exp();
        for index in from..to {
            let position = index as f64;
            let edge = ((position - edges[0]) / ramp).min((edges[1] - position) / ramp).clamp(0.0, 1.0);
            if index % 100 == 0 && dice.chance(self.steps_per_s / 20.0) {
                let pull = 4.0 * dice.normal();
                self.step_uv = self.rms_uv.map(|rms| rms * pull);
            }
            for channel in 0..channels {
                let state = &mut self.state[channel];
                state[0] += (1.0 - self.keep) * (f64::from(dice.normal_f32()) - state[0]);
                state[1] += (1.0 - self.keep) * (state[0] - state[1]);
                self.step_uv[channel] *= step_keep;
                let artefact = state[1] * self.gain * self.rms_uv[channel] + self.step_uv[channel];
                frame.emg_uv[channel][index] += (artefact * edge) as f32;
            }
        }
    }
}

//! Rhythmic movement: steps, foot tremor, rubbing.

/// A rhythm whose period breathes a little, shared by the muscle and the accelerometer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cadence {
    /// Cycles per second.
    pub(crate) cycles_hz: f64,
    /// Size of the slow change of phase, in cycles.
    pub(crate) wobble: f64,
    /// Phase at time 0, in cycles.
    pub(crate) offset: f64,
}

impl Cadence {
    /// Cycles since time 0, with fraction.
    pub(crate) fn cycles(&self, now_s: f64) -> f64 {
        let slow = (now_s * 0.9 + self.offset * 7.0).sin() + 0.6 * (now_s * 2.3 + self.offset * 3.0).sin();
        self.cycles_hz * now_s + self.offset + self.wobble * slow
    }
}

/// Acceleration of the shank in walking at a phase of the stride (0–1, 0 = heel strike): forward, outward and along
/// the shank in g. The heel strike is a damped 12 Hz swing; in the last 40 % the leg swings forward.
pub(crate) fn stride(phase: f64, strength: f64) -> [f64; 3] {
    use std::f64::consts::{PI, TAU};
    let strike = (-phase * 14.0).exp() * (TAU * 12.0 * phase).cos();
    let other_strike = 0.35 * (-((phase - 0.5).rem_euclid(1.0)) * 14.0).exp();
    let swing = if phase > 0.6 { ((phase - 0.6) / 0.4 * TAU).sin() } else { 0.0 };
    let sway = (TAU * phase).sin();
    let stance = if phase < 0.6 { (phase / 0.6 * PI).sin() } else { 0.0 };
    [
        strength * (0.6 * swing + 0.5 * strike),
        strength * (0.15 * sway + 0.1 * strike),
        strength * (0.9 * strike + other_strike + 0.25 * swing.abs() - 0.1 * stance),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cadence_keeps_its_mean_frequency() {
        let cadence = Cadence { cycles_hz: 0.9, wobble: 0.03, offset: 0.4 };
        let cycles = cadence.cycles(200.0) - cadence.cycles(0.0);
        assert!((cycles / 200.0 - 0.9).abs() < 0.01);
    }

    #[test]
    fn the_heel_strike_is_the_strongest_instant_along_the_shank() {
        let peak = (1..100).map(|i| stride(f64::from(i) / 100.0, 1.0)[2].abs()).fold(0.0, f64::max);
        assert!(stride(0.0, 1.0)[2] >= peak);
    }
}

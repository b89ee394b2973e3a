//! What the nights of the simulators in folders of their own look like from outside: one EMG channel, made at the asked rate.

use super::{Second, TruthEvent};

/// A night of one EMG channel, made second by second. Memory does not grow with it beyond its plan.
pub trait OneChannelNight {
    /// The night `night_seed` of the person `person_seed`. Options out of range are brought into it.
    fn new(person_seed: u64, night_seed: u64, options: &OneChannelOptions) -> Self;

    /// Makes the next second; false, with `out` as it was, when the night is over.
    fn next_second(&mut self, out: &mut Second) -> bool;

    /// What happens, by time of onset. Cramps are in it as soon as they are over, and final when the night is.
    fn truth(&self) -> &[TruthEvent];

    /// RMS of the background noise in µV, without mains and heart.
    fn quiet_uv(&self) -> f64;
}

/// Options of a [`OneChannelNight`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneChannelOptions {
    /// Length in seconds; at least 1.
    pub duration_s: u32,
    /// EMG samples per second, 250 to 2000; the night is made at this rate.
    pub emg_rate_hz: u32,
    /// Acceleration samples per second and axis, 5 to 400; `None` for a sensor without.
    pub acc_rate_hz: Option<u32>,
    /// Cramps in the night; fewer where a short night has no room for them.
    pub cramps: u32,
    /// Factor on the rates of everything that is no cramp, 0 to 10.
    pub density: f64,
}

impl Default for OneChannelOptions {
    fn default() -> Self {
        Self { duration_s: 8 * 3600, emg_rate_hz: 1000, acc_rate_hz: Some(50), cramps: 3, density: 1.0 }
    }
}

impl OneChannelOptions {
    /// The same options with every field in its range.
    pub(super) fn clamped(&self) -> Self {
        Self {
            duration_s: self.duration_s.max(1),
            emg_rate_hz: self.emg_rate_hz.clamp(250, 2000),
            acc_rate_hz: self.acc_rate_hz.map(|rate| rate.clamp(5, 400)),
            cramps: self.cramps,
            density: if self.density.is_finite() { self.density.clamp(0.0, 10.0) } else { 1.0 },
        }
    }
}

/// A whole night in one, for tests: EMG in µV, acceleration in g, truth, quiet RMS in µV.
#[cfg(test)]
pub(super) fn whole<N: OneChannelNight>(
    person: u64,
    night: u64,
    options: &OneChannelOptions,
) -> (Vec<f32>, Vec<f32>, Vec<TruthEvent>, f64) {
    let mut night = N::new(person, night, options);
    let (mut emg, mut acc, mut second) = (Vec::new(), Vec::new(), Second::default());
    while night.next_second(&mut second) {
        emg.extend_from_slice(&second.emg_uv);
        acc.extend_from_slice(&second.acc_g);
    }
    (emg, acc, night.truth().to_vec(), night.quiet_uv())
}

#[cfg(test)]
pub(super) fn rms(values: &[f32]) -> f64 {
    (values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

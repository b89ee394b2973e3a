//! What a judge's night looks like from outside.

/// Options of a [`super::JudgeNight`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgeOptions {
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

impl Default for JudgeOptions {
    fn default() -> Self {
        Self { duration_s: 8 * 3600, emg_rate_hz: 1000, acc_rate_hz: Some(50), cramps: 3, density: 1.0 }
    }
}

impl JudgeOptions {
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

//! What kind of night to make.

/// How many cramps a night holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrampCount {
    /// As many as this person has by chance.
    Rate,
    /// This many, or as many as the night has room for.
    Exactly(u32),
}

/// The frame of a night. Values that make no sense are taken as the nearest that do ([`NightOptions::clamped`]).
#[derive(Debug, Clone, PartialEq)]
pub struct NightOptions {
    /// Length in seconds.
    pub duration_s: u32,
    /// EMG samples per second and channel: 2000, or 1000, 500, 250, which are decimations of the same 2000 Hz night.
    pub emg_rate_hz: u32,
    /// 1 (medial head) or 2 (medial and lateral head).
    pub emg_channels: u32,
    /// Acceleration samples per second and axis, 10–400; `None` for a sensor without acceleration.
    pub acc_rate_hz: Option<u32>,
    /// How many cramps.
    pub cramps: CrampCount,
    /// Factor on the rates of everything that is no cramp; 1 as in published nights, 0 for nothing else.
    pub density: f64,
    /// The radio link fails once for 1–3 minutes.
    pub drop_out: bool,
    /// An electrode comes loose once, then off, and is pressed on again.
    pub loose_electrode: bool,
}

impl Default for NightOptions {
    /// Eight hours of 2 × 1000 Hz EMG and 100 Hz acceleration with the person's own cramps.
    fn default() -> Self {
        Self {
            duration_s: 8 * 3600,
            emg_rate_hz: 1000,
            emg_channels: 2,
            acc_rate_hz: Some(100),
            cramps: CrampCount::Rate,
            density: 1.0,
            drop_out: false,
            loose_electrode: false,
        }
    }
}

impl NightOptions {
    /// A night with something to see: eight hours, four cramps, a drop-out and an electrode that comes off.
    pub fn demo() -> Self {
        Self { cramps: CrampCount::Exactly(4), drop_out: true, loose_electrode: true, ..Self::default() }
    }

    /// The same options with each value moved to the nearest that can be simulated.
    #[must_use]
    pub fn clamped(&self) -> Self {
        let rates = [250_u32, 500, 1000, 2000];
        let nearest = rates.into_iter().min_by_key(|rate| rate.abs_diff(self.emg_rate_hz)).unwrap_or(1000);
        let density = if self.density.is_finite() { self.density.clamp(0.0, 100.0) } else { 1.0 };
        Self {
            emg_rate_hz: nearest,
            emg_channels: self.emg_channels.clamp(1, 2),
            acc_rate_hz: self.acc_rate_hz.map(|rate| rate.clamp(10, 400)),
            density,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_options_become_the_nearest_that_work() {
        let odd = NightOptions { emg_rate_hz: 1024, emg_channels: 7, density: f64::NAN, ..NightOptions::demo() };
        let clamped = odd.clamped();
        assert_eq!((clamped.emg_rate_hz, clamped.emg_channels), (1000, 2));
        assert!((clamped.density - 1.0).abs() < 1e-12);
        assert_eq!(NightOptions::default().clamped(), NightOptions::default());
    }
}

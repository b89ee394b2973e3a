//! How strong something is over its time.

use std::f64::consts::TAU;

/// The minimum-jerk step from 0 at 0 to 1 at 1 (Flash & Hogan 1985).
pub(super) fn smooth_step(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
}

/// A course from 0 over about 1 to 0.
#[derive(Debug, Clone, Copy)]
pub(super) enum Envelope {
    /// Smooth edges of these lengths in seconds.
    Hold { rise_s: f64, fall_s: f64 },
    /// An exponential rise and a smooth fall.
    Gradual { rise_s: f64, fall_s: f64 },
    /// A raised cosine.
    Bell,
    /// Up to a peak at this share of the length, then down.
    Burst { peak: f64 },
    /// The calf between heel strike and toe-off: grows slowly, ends quickly, never quite silent.
    Stride,
}

impl Envelope {
    /// The value at `at_s` of `duration_s`; nothing is defined outside.
    pub(super) fn at(self, at_s: f64, duration_s: f64) -> f64 {
        let share = at_s / duration_s.max(1e-6);
        match self {
            Self::Hold { rise_s, fall_s } => {
                smooth_step(at_s / rise_s.max(0.05)) * smooth_step((duration_s - at_s) / fall_s.max(0.05))
            }
            Self::Gradual { rise_s, fall_s } => {
                (1.0 - (-at_s / (rise_s / 2.5).max(0.03)).exp()) * smooth_step((duration_s - at_s) / fall_s.max(0.05))
            }
            Self::Bell => 0.5 - 0.5 * (TAU * share).cos(),
            Self::Burst { peak } => smooth_step(share / peak) * smooth_step((1.0 - share) / (1.0 - peak)),
            Self::Stride => 0.15 + 0.85 * smooth_step(share / 0.65) * smooth_step((1.0 - share) / 0.3),
        }
    }
}

//! Surface potentials of single motor units: two models, because a detector must not learn one.

use super::frame::RENDER_HZ;
use super::travelling::Travelling;

/// The form of a motor unit's potential on the electrodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    /// Hermite–Rodriguez functions: width of the Gaussian in ms, share of the triphasic form.
    Hermite { scale_ms: f64, triphasic: f64 },
    /// A tripole that travels along the fibres below two electrodes.
    Travelling(Travelling),
}

impl Shape {
    /// The unit-energy potential with its time scale multiplied by `factor` (below 1: shorter).
    pub(crate) fn potential(&self, factor: f64) -> Vec<f32> {
        match self {
            Self::Hermite { scale_ms, triphasic } => potential(scale_ms * factor, *triphasic),
            Self::Travelling(travelling) => to_unit_energy(&travelling.samples(factor)),
        }
    }
}

/// A motor-unit potential at 2000 Hz: a mixture of the first and second derivative of a Gaussian (the Hermite–Rodriguez
/// functions of order 1 and 2), as bipolar electrodes see a passing action potential. Scaled to unit energy
/// (∫ m² dt = 1 s·µV²), so that a train of `rate` pulses per second with gain `g` has an RMS of g·√rate.
/// `scale_ms` is the width of the Gaussian; `triphasic` in 0–1 the share of the second order.
pub(crate) fn potential(scale_ms: f64, triphasic: f64) -> Vec<f32> {
    let scale = scale_ms / 1000.0 * f64::from(RENDER_HZ);
    let half = (3.2 * scale).ceil() as i32;
    let shape = |index: i32| {
        let time = f64::from(index) / scale;
        let envelope = (-time * time).exp();
        (1.0 - triphasic) * 2.0 * time * envelope + triphasic * (1.0 - 2.0 * time * time) * envelope
    };
    to_unit_energy(&(-half..=half).map(shape).collect::<Vec<f64>>())
}

fn to_unit_energy(samples: &[f64]) -> Vec<f32> {
    let energy: f64 = samples.iter().map(|sample| sample * sample).sum::<f64>() / f64::from(RENDER_HZ);
    samples.iter().map(|sample| (sample / energy.sqrt().max(1e-12)) as f32).collect()
}

/// Time scale of a unit at `distance_mm` from the electrodes when it is `shallow_ms` near them: volume conduction
/// widens deep potentials.
pub(crate) fn widened_ms(shallow_ms: f64, distance_mm: f64) -> f64 {
    (shallow_ms * (0.85 + 0.02 * distance_mm)).clamp(0.9, 5.0)
}

/// Adds `gain · potential` to `signal` from sample `at` on; what reaches beyond the end is dropped.
#[inline]
pub(crate) fn add(signal: &mut [f32], at: usize, potential: &[f32], gain: f32) {
    if let Some(target) = signal.get_mut(at..) {
        for (sample, value) in target.iter_mut().zip(potential) {
            *sample += gain * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn potentials_have_unit_energy_and_last_under_35_ms() {
        for scale in [1.0, 1.3, 3.0, 5.0] {
            for triphasic in [0.0, 0.5, 1.0] {
                let samples = potential(scale, triphasic);
                let energy: f64 = samples.iter().map(|s| f64::from(s * s)).sum::<f64>() / 2000.0;
                assert!((energy - 1.0).abs() < 1e-4 && samples.len() <= 70, "{energy} {}", samples.len());
            }
        }
    }

    #[test]
    fn deeper_units_have_wider_potentials() {
        assert!(widened_ms(2.0, 25.0) > widened_ms(2.0, 8.0));
    }
}

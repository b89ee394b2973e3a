//! The standard normal distribution.

/// Φ(x), to 1e-9 and better: series near zero, Lentz's continued fraction of Mills' ratio in the tails (Abramowitz and Stegun
/// 1964, 26.2.11 and 26.2.14).
pub(crate) fn below(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x.abs() < 3.0 {
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term.abs() > 1e-15 {
            odd += 2.0;
            term *= x * x / odd;
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let far = x.abs();
    let fraction = (1..60).rev().fold(far, |below, step| far + f64::from(step) / below);
    let tail = density / fraction;
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The chance that a standard normal number is at least as far from zero as `x`.
pub(crate) fn both_tails(x: f64) -> f64 {
    2.0 * below(-x.abs())
}

/// 80 % of a normal distribution lie within so many standard deviations.
pub(crate) const WITHIN_80: f64 = 1.281_551_565_544_6;
/// 95 % of a normal distribution lie within so many standard deviations.
pub(crate) const WITHIN_95: f64 = 1.959_963_984_540_05;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_are_met() {
        for (x, expected) in [
            (0.0, 0.5),
            (WITHIN_80, 0.9),
            (WITHIN_95, 0.975),
            (2.999_999, 0.998_650_097_6),
            (3.000_001, 0.998_650_106_4),
            (-4.0, 3.167_124_183e-5),
        ] {
            assert!((below(x) - expected).abs() < 1e-9, "{x}: {}", below(x));
        }
        assert!((both_tails(WITHIN_95) - 0.05).abs() < 1e-9);
        assert_eq!(below(f64::NEG_INFINITY), 0.0);
    }
}

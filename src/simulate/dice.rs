//! Seeded randomness with the few distributions that the simulator draws from.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A seeded generator. Every draw depends on the seed and on the draws before it, on nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// A stream of its own for each `(seed, stream)`, so that a new draw in one place does not move all others.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        // SplitMix64's finaliser: neighbouring seeds and streams become unrelated states.
        let mut mixed =
            seed.wrapping_add(stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x632b_e59b_d9b4_e019);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed ^ (mixed >> 31)))
    }

    /// A seed for another stream.
    pub(crate) fn seed(&mut self) -> u64 {
        self.0.random()
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// Uniform between `low` and `high`.
    pub(crate) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in the logarithm between `low` and `high`, both positive.
    pub(crate) fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        self.uniform(low.ln(), high.ln()).exp()
    }

    /// True with probability `probability`.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// An index below `count`; 0 for an empty range.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// Standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// Standard normal in single precision, for samples (ziggurat).
    #[inline]
    pub(crate) fn normal_f32(&mut self) -> f32 {
        StandardNormal.sample(&mut self.0)
    }

    /// Log-normal with this median and standard deviation of the logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// Exponential with this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Gamma with this mean and coefficient of variation; the mean itself where they make no distribution.
    pub(crate) fn gamma(&mut self, mean: f64, variation: f64) -> f64 {
        let spread = variation * variation;
        Gamma::new(1.0 / spread, mean * spread).map_or(mean, |gamma| gamma.sample(&mut self.0))
    }

    /// Poisson count with this mean; 0 where the mean is not positive.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        Poisson::new(mean).map_or(0, |poisson: Poisson<f64>| poisson.sample(&mut self.0) as usize)
    }

    /// A direction, uniform on the sphere.
    pub(crate) fn direction(&mut self) -> [f64; 3] {
        loop {
            let vector = [self.normal(), self.normal(), self.normal()];
            let length = (vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]).sqrt();
            if length > 1e-6 {
                return [vector[0] / length, vector[1] / length, vector[2] / length];
            }
        }
    }
}

/// Slow noise of about unit variance below `cutoff_hz`: white noise through two equal one-pole low-passes.
#[derive(Debug, Clone)]
pub(crate) struct Wander {
    keep: f64,
    gain: f64,
    first: f64,
    second: f64,
}

impl Wander {
    /// Noise below `cutoff_hz` when asked `rate_hz` times a second.
    pub(crate) fn new(cutoff_hz: f64, rate_hz: f64) -> Self {
        let keep = (-std::f64::consts::TAU * cutoff_hz / rate_hz).exp();
        let input = 1.0 - keep;
        // Variance of the cascade (1-a)²/(1-a z⁻¹)² driven by unit white noise: (1-a)(1+a²)/(1+a)³.
        let variance = input * (1.0 + keep * keep) / (1.0 + keep).powi(3);
        Self { keep, gain: 1.0 / variance.sqrt(), first: 0.0, second: 0.0 }
    }

    /// The next value.
    pub(crate) fn next(&mut self, dice: &mut Dice) -> f64 {
        self.first += (1.0 - self.keep) * (dice.normal() - self.first);
        self.second += (1.0 - self.keep) * (self.first - self.second);
        self.second * self.gain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wander_has_unit_variance() {
        let mut dice = Dice::new(1, 2);
        let mut wander = Wander::new(1.4, 40.0);
        let power: f64 = (0..200_000).map(|_| wander.next(&mut dice).powi(2)).sum();
        assert!((power / 200_000.0 - 1.0).abs() < 0.1, "{power}");
    }

    #[test]
    fn gamma_intervals_have_the_asked_mean_and_variation() {
        let mut dice = Dice::new(3, 0);
        let draws: Vec<f64> = (0..50_000).map(|_| dice.gamma(0.05, 0.45)).collect();
        let mean = draws.iter().sum::<f64>() / 50_000.0;
        let deviation = (draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 50_000.0).sqrt();
        assert!((mean - 0.05).abs() < 0.001 && (deviation / mean - 0.45).abs() < 0.02);
    }

    #[test]
    fn streams_of_one_seed_differ() {
        assert_ne!(Dice::new(7, 0).seed(), Dice::new(7, 1).seed());
        assert_eq!(Dice::new(7, 1).seed(), Dice::new(7, 1).seed());
    }
}

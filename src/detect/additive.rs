//! An additive logistic model over hinge expansions of features: non-linear in each feature, and it explains itself.

use serde::{Deserialize, Serialize};

use super::DetectError;

/// One feature's part: f(x) = w₀·x + Σ wᵢ·max(0, x − kᵢ), a piecewise linear function (Hastie, Tibshirani & Friedman
/// 2009, section 5.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HingeFeature {
    /// Name in the feature set.
    pub name: String,
    /// Values are clamped to this range, that of the training data, before anything else.
    pub range: [f64; 2],
    /// Hinge positions, rising.
    pub knots: Vec<f64>,
    /// Weight of x, then of each hinge.
    pub weights: Vec<f64>,
    /// Mean of f over training windows without a cramp: what a contribution is compared with.
    pub reference: f64,
}

impl HingeFeature {
    /// f(x), a part of the log odds.
    pub fn contribution(&self, value: f64) -> f64 {
        let x = value.clamp(self.range[0], self.range[1]);
        let (linear, hinges) = self.weights.split_first().map_or((0.0, &[][..]), |(w, rest)| (*w, rest));
        linear * x + self.knots.iter().zip(hinges).map(|(knot, weight)| weight * (x - knot).max(0.0)).sum::<f64>()
    }

    /// The expansion of a value: x and its hinges, as long as `weights`.
    pub fn expand(value: f64, range: [f64; 2], knots: &[f64]) -> impl Iterator<Item = f64> {
        let x = value.clamp(range[0], range[1]);
        std::iter::once(x).chain(knots.iter().map(move |knot| (x - knot).max(0.0)))
    }
}

/// Log odds = intercept + Σ contributions. Features stand in the order of the feature set, from its first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additive {
    /// The parts, in the order of the feature set.
    pub features: Vec<HingeFeature>,
    /// Log odds where all contributions are zero.
    pub intercept: f64,
}

impl Additive {
    /// Log odds of a cramp for a row of finite values (those beyond the model's features are ignored).
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        self.intercept + self.features.iter().zip(row).map(|(feature, value)| feature.contribution(*value)).sum::<f64>()
    }

    /// What each feature adds to the log odds beyond what it adds in windows without a cramp.
    pub fn contributions<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = (&'a str, f64)> {
        self.features.iter().zip(row).map(|(f, value)| (f.name.as_str(), f.contribution(*value) - f.reference))
    }

    /// Checks names, lengths and numbers against the feature set.
    pub(crate) fn check(&self, names: &[&str]) -> Result<(), DetectError> {
        let unsound = |what: String| Err(DetectError::Unsound { what });
        let found: Vec<&str> = self.features.iter().map(|feature| feature.name.as_str()).collect();
        if found != names {
            return unsound(format!("features are {found:?}, expected {names:?}"));
        }
        for feature in &self.features {
            let numbers = feature.knots.iter().chain(&feature.weights).chain(&feature.range);
            if numbers.chain([&feature.reference, &self.intercept]).any(|number| !number.is_finite()) {
                return unsound(format!("`{}` has a number that is not finite", feature.name));
            }
            if feature.weights.len() != feature.knots.len() + 1 {
                return unsound(format!(
                    "`{}` has {} weights for {} knots",
                    feature.name,
                    feature.weights.len(),
                    feature.knots.len()
                ));
            }
            if feature.range[0] > feature.range[1] {
                return unsound(format!("the range of `{}` is empty", feature.name));
            }
        }
        Ok(())
    }
}

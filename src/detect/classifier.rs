//! A fitted classifier: additive or trees, with the calibration that turns its log odds into probabilities.

use serde::{Deserialize, Serialize};

use super::{Additive, DetectError, Trees};

/// How features become uncalibrated log odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Form {
    /// A sum of piecewise linear functions, one a feature.
    Additive(Additive),
    /// Boosted trees.
    Trees(Trees),
}

impl Form {
    /// Uncalibrated log odds of a cramp for a row of finite values in the order of the feature set.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        match self {
            Self::Additive(additive) => additive.log_odds(row),
            Self::Trees(trees) => trees.log_odds(row),
        }
    }
}

/// Platt's calibration (1999): calibrated log odds = slope · log odds + offset, fitted on people left out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// Factor on the log odds; below 1 where the form is too sure of itself.
    pub slope: f64,
    /// Added after it.
    pub offset: f64,
}

impl Default for Platt {
    /// No change.
    fn default() -> Self {
        Self { slope: 1.0, offset: 0.0 }
    }
}

impl Platt {
    /// Calibrated log odds.
    pub fn apply(&self, log_odds: f64) -> f64 {
        self.slope * log_odds + self.offset
    }

    /// Calibrated probability, 0 to 1.
    pub fn probability(&self, log_odds: f64) -> f64 {
        1.0 / (1.0 + (-self.apply(log_odds)).exp())
    }
}

/// A form and its calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classifier {
    /// How features become log odds.
    pub form: Form,
    /// How log odds become probabilities.
    pub platt: Platt,
}

impl Classifier {
    /// Calibrated log odds of a cramp for a row of finite values in the order of the feature set (those beyond the
    /// classifier's features are ignored). Nothing is allocated.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        self.platt.apply(self.form.log_odds(row))
    }

    /// Calibrated probability of a cramp, 0 to 1.
    pub fn probability(&self, row: &[f64]) -> f64 {
        self.platt.probability(self.form.log_odds(row))
    }

    /// A form whose log odds are the mean of both classifiers' calibrated ones; nothing unless both are trees.
    pub fn mean_form(&self, other: &Self) -> Option<Form> {
        match (&self.form, &other.form) {
            (Form::Trees(one), Form::Trees(two)) => {
                Some(Form::Trees(Trees::mean(&[(one, self.platt), (two, other.platt)])))
            }
            _ => None,
        }
    }

    /// Adds to `out` (one place a feature) what each feature brought to the log odds, compared with windows of training.
    pub fn add_contributions(&self, row: &[f64], out: &mut [f64]) {
        match &self.form {
            Form::Additive(additive) => {
                for (slot, (_, contribution)) in out.iter_mut().zip(additive.contributions(row)) {
                    *slot += contribution;
                }
            }
            Form::Trees(trees) => trees.add_contributions(row, out),
        }
    }

    /// Checks the form against the names of the features, and the calibration.
    pub(crate) fn check(&self, names: &[&str]) -> Result<(), DetectError> {
        if !(self.platt.slope > 0.0 && self.platt.slope.is_finite() && self.platt.offset.is_finite()) {
            return Err(DetectError::Unsound { what: format!("calibration {:?}", self.platt) });
        }
        match &self.form {
            Form::Additive(additive) => additive.check(names),
            Form::Trees(trees) => trees.check(names.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::LEAF;

    #[test]
    fn calibration_stretches_and_shifts_log_odds() {
        let trees = Trees {
            roots: vec![0],
            feature: vec![LEAF],
            threshold: vec![0.0],
            right: vec![0],
            value: vec![2.0],
            base: 0.0,
        };
        let classifier = Classifier { form: Form::Trees(trees), platt: Platt { slope: 0.5, offset: -1.0 } };
        assert!((classifier.probability(&[]) - 0.5).abs() < 1e-12);
        assert!(classifier.check(&[]).is_ok());
        let reversed = Classifier { platt: Platt { slope: -1.0, offset: 0.0 }, ..classifier };
        assert!(reversed.check(&[]).is_err());
    }
}

//! The kinds of classifier that training chooses among.

use linfa::traits::Fit;

use super::rows::dataset;
use super::{AdaBoostOptions, BoostOptions, FitOptions, ForestOptions, NightRows, TrainError, fit_additive};
use crate::detect::Form;

/// A kind of classifier with its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Candidate {
    /// linfa's logistic regression on hinge expansions.
    Additive(FitOptions),
    /// Our boosted trees.
    Trees(BoostOptions),
    /// linfa's random forest, flattened.
    Forest(ForestOptions),
    /// linfa's AdaBoost, flattened.
    AdaBoost(AdaBoostOptions),
}

impl Candidate {
    /// Those that are tried by default: an additive one, few small trees, many middling ones, many large ones.
    pub fn defaults() -> Vec<Self> {
        let small = BoostOptions { trees: 60, leaves: 6, learning_rate: 0.15, ..BoostOptions::default() };
        let middling = BoostOptions { leaves: 24, ..BoostOptions::default() };
        let trees = [small, middling, BoostOptions::default()].map(Self::Trees);
        std::iter::once(Self::Additive(FitOptions::default())).chain(trees).collect()
    }

    /// Those and linfa's two ensembles, which cost minutes.
    pub fn all() -> Vec<Self> {
        let mut all = Self::defaults();
        all.extend([Self::Forest(ForestOptions::default()), Self::AdaBoost(AdaBoostOptions::default())]);
        all
    }

    /// A short name for tables.
    pub fn name(&self) -> String {
        match self {
            Self::Additive(options) => format!("logistic on {} hinges a feature (linfa)", options.knots),
            Self::Trees(options) => format!("{} boosted trees of {} leaves", options.trees, options.leaves),
            Self::Forest(options) => format!("forest of {} trees {} deep (linfa)", options.trees, options.depth),
            Self::AdaBoost(options) => format!("AdaBoost of {} trees {} deep (linfa)", options.trees, options.depth),
        }
    }

    /// Whether both parts are asked where there is acceleration, and their mean counts: trees of both parts make one forest.
    pub(crate) fn is_blended(&self) -> bool {
        !matches!(self, Self::Additive(_))
    }

    /// Fits on nights with (or without) the motion features; trees see every `every`-th row.
    ///
    /// # Errors
    /// One class, values that are not finite, or a fit that fails.
    pub(crate) fn fit(&self, nights: &[&NightRows], with_motion: bool, every: usize) -> Result<Form, TrainError> {
        Ok(match self {
            Self::Additive(options) => Form::Additive(fit_additive(nights, with_motion, options)?),
            Self::Trees(options) => Form::Trees(options.fit(&dataset(nights, with_motion, every))?),
            Self::Forest(options) => Form::Trees(options.fit(&dataset(nights, with_motion, every))?),
            Self::AdaBoost(options) => Form::Trees(options.fit(&dataset(nights, with_motion, every))?),
        })
    }
}

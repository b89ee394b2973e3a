//! linfa's AdaBoost as a candidate, flattened into our own arrays.

use linfa::ParamGuard;
use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::Fit;
use linfa_ensemble::{AdaBoost, AdaBoostParams};
use ndarray::{ArrayBase, Data, Ix2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::TrainError;
use super::votes::{DecidedTree, LinfaTree, Sample};
use crate::detect::Trees;

/// How linfa's AdaBoost is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdaBoostOptions {
    /// Most trees; linfa stops early where one is perfect or no better than chance.
    pub trees: usize,
    /// Most splits on the way to a leaf; 1 gives stumps.
    pub depth: usize,
    /// Factor on each tree's vote and on how much more wrong rows weigh for the next.
    pub learning_rate: f64,
    /// Most rows, half of each class; linfa's time grows with rows times nodes.
    pub most_rows: usize,
    /// Seed of the choices of rows.
    pub seed: u64,
}

impl Default for AdaBoostOptions {
    fn default() -> Self {
        Self { trees: 40, depth: 2, learning_rate: 0.7, most_rows: 15_000, seed: 1 }
    }
}

impl<D: Data<Elem = f32>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, TrainError> for AdaBoostOptions {
    type Object = Trees;

    /// Each tree votes with its weight; rows of more weight are more likely among those that are looked at.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Trees, TrainError> {
        let cramp: Vec<bool> = dataset.as_single_targets().iter().copied().collect();
        let sample = Sample::of(dataset.records().view(), &cramp, dataset.weights(), self.most_rows, self.seed)?;
        let boosted = boost(&sample, self)?;
        Ok(sample.flatten(&boosted.models, &boosted.model_weights, None))
    }
}

fn boost(sample: &Sample, options: &AdaBoostOptions) -> Result<AdaBoost<LinfaTree, usize>, TrainError> {
    let tree = DecidedTree::new(options.depth, 10.0);
    let params = AdaBoostParams::new_fixed_rng(tree, ChaCha8Rng::seed_from_u64(options.seed))
        .n_estimators(options.trees)
        .learning_rate(options.learning_rate)
        .check()?;
    Ok(params.fit(&sample.dataset())?)
}

#[cfg(test)]
mod tests {
    use super::super::votes::tests::{both_high, right_and_agreeing};
    use super::*;
    use linfa::traits::Predict;

    #[test]
    fn the_flat_trees_say_what_linfas_adaboost_says() {
        let options = AdaBoostOptions { trees: 25, ..AdaBoostOptions::default() };
        let (train, test) = (both_high(1500, 1), both_high(1500, 2));
        let sample = Sample::of(train.records().view(), &train.targets().to_vec(), None, 15_000, options.seed).unwrap();
        let linfa = boost(&sample, &options).unwrap().predict(&sample.standardised(test.records())).to_vec();
        let flat = options.fit(&train).unwrap();
        assert!(flat.roots.len() > 3);
        let right = right_and_agreeing(&flat, test.records(), test.targets(), &linfa);
        assert!(right > 0.82, "{right}");
    }

    #[test]
    fn the_same_seed_gives_the_same_trees_and_another_seed_others() {
        let train = both_high(800, 1);
        let fit = |seed| AdaBoostOptions { trees: 6, seed, ..AdaBoostOptions::default() }.fit(&train).unwrap();
        assert_eq!(fit(1), fit(1));
        assert_ne!(fit(1), fit(2));
    }

    #[test]
    fn votes_stay_finite_where_a_tree_is_perfect() {
        let mut train = both_high(400, 1);
        // linfa gives a perfect tree a vote of a million, so that it outvotes all others.
        train.targets = train.records().column(1).iter().map(|value| *value > 3.0).collect();
        let flat = AdaBoostOptions::default().fit(&train).unwrap();
        assert!(flat.log_odds(&[0.0, 3.5, 0.0, 0.0]) > 7.99 && flat.log_odds(&[0.0, 2.5, 0.0, 0.0]) < -7.99);
    }
}

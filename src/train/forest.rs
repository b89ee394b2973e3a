//! linfa's random forest as a candidate, flattened into our own arrays.

use linfa::ParamGuard;
use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::Fit;
use linfa_ensemble::{EnsembleLearnerParams, RandomForest};
use ndarray::{ArrayBase, Data, Ix2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::TrainError;
use super::votes::{DecidedTree, Sample};
use crate::detect::Trees;

/// How linfa's forest is grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForestOptions {
    /// Number of trees.
    pub trees: usize,
    /// Most splits on the way to a leaf.
    pub depth: usize,
    /// Least rows in a leaf.
    pub least_rows_in_leaf: f32,
    /// Share of the features that each tree may ask for, above 0 to 1. linfa draws them with replacement, so that fewer
    /// different ones come.
    pub feature_share: f64,
    /// Most rows, half of each class; linfa's time grows with rows times nodes.
    pub most_rows: usize,
    /// Seed of the choices of rows and features.
    pub seed: u64,
}

impl Default for ForestOptions {
    fn default() -> Self {
        Self { trees: 40, depth: 8, least_rows_in_leaf: 10.0, feature_share: 0.4, most_rows: 15_000, seed: 1 }
    }
}

impl<D: Data<Elem = f32>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, TrainError> for ForestOptions {
    type Object = Trees;

    /// Each tree votes for or against a cramp; rows of more weight are more likely among those that are looked at.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Trees, TrainError> {
        let cramp: Vec<bool> = dataset.as_single_targets().iter().copied().collect();
        let sample = Sample::of(dataset.records().view(), &cramp, dataset.weights(), self.most_rows, self.seed)?;
        let forest = grow(&sample, self)?;
        Ok(sample.flatten(&forest.models, &vec![1.0; forest.models.len()], Some(&forest.model_features)))
    }
}

fn grow(sample: &Sample, options: &ForestOptions) -> Result<RandomForest<f64, usize>, TrainError> {
    let tree = DecidedTree::new(options.depth, options.least_rows_in_leaf);
    let params = EnsembleLearnerParams::new_fixed_rng(tree, ChaCha8Rng::seed_from_u64(options.seed))
        .ensemble_size(options.trees)
        .feature_proportion(options.feature_share)
        .check()?;
    Ok(params.fit(&sample.dataset())?)
}

#[cfg(test)]
mod tests {
    use super::super::votes::tests::{both_high, right_and_agreeing};
    use super::*;
    use linfa::traits::Predict;

    #[test]
    fn the_flat_forest_says_what_linfas_forest_says() {
        let options = ForestOptions { trees: 15, depth: 5, feature_share: 1.0, ..ForestOptions::default() };
        let (train, test) = (both_high(1500, 1), both_high(1500, 2));
        let cramp = train.targets().to_vec();
        let sample = Sample::of(train.records().view(), &cramp, None, options.most_rows, options.seed).unwrap();
        let forest = grow(&sample, &options).unwrap();
        let linfa = forest.predict(&sample.standardised(test.records())).to_vec();
        let flat = options.fit(&train).unwrap();
        let right = right_and_agreeing(&flat, test.records(), test.targets(), &linfa);
        assert!(right > 0.82, "{right}");
        // Single trees as well, whose every vote is seen.
        for (index, tree) in forest.models.iter().enumerate() {
            let columns = test.records().select(ndarray::Axis(1), &(0..4).collect::<Vec<_>>());
            let rows = sample.standardised(&columns).select(ndarray::Axis(1), &forest.model_features[index]);
            let alone = sample.flatten(&forest.models[index..=index], &[1.0], Some(&forest.model_features[index..]));
            right_and_agreeing(&alone, test.records(), test.targets(), &tree.predict(&rows).to_vec());
        }
    }

    #[test]
    fn the_same_seed_grows_the_same_forest_and_another_seed_another() {
        let train = both_high(800, 1);
        let fit = |seed| ForestOptions { trees: 6, depth: 6, seed, ..ForestOptions::default() }.fit(&train).unwrap();
        assert_eq!(fit(1), fit(1));
        assert_ne!(fit(1), fit(2));
    }

    #[test]
    fn a_row_is_explained_by_what_it_was_asked_for() {
        let train = both_high(1500, 1);
        let flat =
            ForestOptions { trees: 10, depth: 5, feature_share: 1.0, ..ForestOptions::default() }.fit(&train).unwrap();
        let mut parts = [0.0; 4];
        let row = [3.0, 3.8, 9000.0, 3.0];
        flat.add_contributions(&row, &mut parts);
        let of_roots: f64 = flat.roots.iter().map(|root| f64::from(flat.value[*root as usize])).sum();
        assert!((parts.iter().sum::<f64>() + of_roots - flat.log_odds(&row)).abs() < 1e-4);
        assert!(parts[1] + parts[2] > 3.0 * (parts[0] + parts[3]).abs(), "{parts:?}");
    }

    #[test]
    fn settings_that_cannot_be_are_refused_by_linfa() {
        let train = both_high(100, 1);
        let refused = |options: ForestOptions| options.fit(&train).unwrap_err().to_string();
        assert!(refused(ForestOptions { trees: 0, ..ForestOptions::default() }).contains("linfa"));
        assert!(refused(ForestOptions { feature_share: 1.5, ..ForestOptions::default() }).contains("1.5"));
    }
}

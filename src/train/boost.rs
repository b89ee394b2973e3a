//! Gradient boosting of small trees on histograms, behind linfa's `Fit` and `Predict`: linfa has none.
//!
//! Logistic loss with Newton steps (Friedman 2001; Chen & Guestrin 2016), values in at most 255 bins and the best leaf split
//! first (Ke 2017). Deterministic: sums run in the order of the rows, randomness comes from the seed.

use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::TrainError;
use super::bins::Bins;
use super::grow::{Grower, Sample};
use crate::detect::{LEAF, Trees};

/// How trees are boosted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoostOptions {
    /// Number of trees.
    pub trees: usize,
    /// Most leaves of a tree.
    pub leaves: usize,
    /// Share of a tree's step that is taken.
    pub learning_rate: f64,
    /// L2 penalty on a leaf's value, in units of Hessian.
    pub l2: f64,
    /// Least weight of rows in a leaf.
    pub least_weight: f64,
    /// Most bins of a feature, 2–255.
    pub bins: usize,
    /// Share of the features that each tree may ask for.
    pub feature_share: f64,
    /// Share of the rows that each tree sees.
    pub row_share: f64,
    /// Seed of the choices of features and rows.
    pub seed: u64,
}

impl Default for BoostOptions {
    fn default() -> Self {
        Self {
            trees: 300,
            leaves: 128,
            learning_rate: 0.07,
            l2: 20.0,
            least_weight: 200.0,
            bins: 128,
            feature_share: 0.2,
            row_share: 0.5,
            seed: 1,
        }
    }
}

impl<D: Data<Elem = f32>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, TrainError> for BoostOptions {
    type Object = Trees;

    /// Fits P(target is true); rows have the dataset's weights, or 1 each.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Trees, TrainError> {
        let targets: Vec<bool> = dataset.as_single_targets().iter().copied().collect();
        let weights = dataset.weights().map_or_else(|| vec![1.0; targets.len()], <[f32]>::to_vec);
        boost(dataset.records().view(), &targets, &weights, self)
    }
}

impl<D: Data<Elem = f32>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for Trees {
    /// Log odds of each row.
    fn predict_inplace<'a>(&'a self, rows: &'a ArrayBase<D, Ix2>, log_odds: &mut Array1<f64>) {
        for (row, slot) in rows.rows().into_iter().zip(log_odds.iter_mut()) {
            let wide: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            *slot = self.log_odds(&wide);
        }
    }

    fn default_target(&self, rows: &ArrayBase<D, Ix2>) -> Array1<f64> {
        Array1::zeros(rows.nrows())
    }
}

fn boost(
    rows: ArrayView2<'_, f32>,
    targets: &[bool],
    weights: &[f32],
    options: &BoostOptions,
) -> Result<Trees, TrainError> {
    let cramps = targets.iter().filter(|target| **target).count();
    if cramps == 0 || cramps == targets.len() {
        return Err(TrainError::OneClass { cramp: cramps, other: targets.len() - cramps });
    }
    let bins = Bins::of(rows, options.bins)?;
    let (mut positive, mut total) = (0.0, 0.0);
    for (target, weight) in targets.iter().zip(weights) {
        positive += f64::from(u8::from(*target)) * f64::from(*weight);
        total += f64::from(*weight);
    }
    let mut trees = Trees { base: (positive / (total - positive)).ln(), ..Trees::default() };
    let mut random = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    let mut log_odds = vec![trees.base; targets.len()];
    let mut samples: Vec<Sample> = Vec::with_capacity(targets.len());
    let mut grower = Grower::new(&bins, options);
    for _ in 0..options.trees {
        samples.clear();
        for (row, (target, weight)) in targets.iter().zip(weights).enumerate() {
            if options.row_share < 1.0 && !random.random_bool(options.row_share) {
                continue;
            }
            let probability = 1.0 / (1.0 + (-log_odds[row]).exp());
            let weight = f64::from(*weight);
            samples.push(Sample {
                row: row as u32,
                gradient: (weight * (probability - f64::from(u8::from(*target)))) as f32,
                hessian: (weight * (probability * (1.0 - probability)).max(1e-6)) as f32,
                weight: weight as f32,
            });
        }
        let features = choose(rows.ncols(), options.feature_share, &mut random);
        let first = trees.feature.len();
        grower.grow(&mut samples, &features, &mut trees);
        let steps = Step::of_newest(&trees, first, &bins);
        for (row, slot) in log_odds.iter_mut().enumerate() {
            *slot += f64::from(trees.value[first + leaf_of(&steps, bins.row(row))]);
        }
    }
    Ok(trees)
}

/// A node of the newest tree, for binned rows: bins keep the order of values, so up to and including `bin` is left.
#[derive(Debug, Clone, Copy)]
struct Step {
    feature: u16,
    bin: u8,
    /// Place of the right child, from the tree's root.
    right: u32,
}

impl Step {
    /// The nodes of the tree that begins at `first`.
    fn of_newest(trees: &Trees, first: usize, bins: &Bins) -> Vec<Self> {
        let step = |node: usize| {
            let feature = trees.feature[node];
            if feature == LEAF {
                return Self { feature, bin: 0, right: 0 };
            }
            let bin = bins.bin_up_to(usize::from(feature), trees.threshold[node]);
            Self { feature, bin, right: trees.right[node] - first as u32 }
        };
        (first..trees.feature.len()).map(step).collect()
    }
}

/// The leaf that a binned row falls to, from the tree's root.
fn leaf_of(steps: &[Step], row: &[u8]) -> usize {
    let mut node = 0;
    while steps[node].feature != LEAF {
        let step = steps[node];
        node = if row[usize::from(step.feature)] <= step.bin { node + 1 } else { step.right as usize };
    }
    node
}

/// About `share` of the features, at least one, in order.
fn choose(n: usize, share: f64, random: &mut Xoshiro256PlusPlus) -> Vec<usize> {
    let wanted = ((n as f64 * share).round() as usize).clamp(1, n);
    let mut all: Vec<usize> = (0..n).collect();
    for place in 0..wanted {
        let other = random.random_range(place..n);
        all.swap(place, other);
    }
    all.truncate(wanted);
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::dataset::Dataset;
    use linfa::traits::Predict;
    use ndarray::Array2;

    /// Cramp where exactly one of two features is high: nothing that adds up could tell.
    fn either_or(n: usize, cramps_are_rare: bool) -> Dataset<f32, bool, ndarray::Ix1> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(4);
        let mut records = Array2::<f32>::zeros((n, 3));
        records.mapv_inplace(|_| random.random_range(-1.0..1.0));
        let rare = |row: usize| !cramps_are_rare || row.is_multiple_of(5);
        let targets = (0..n).map(|row| (records[[row, 0]] > 0.0) != (records[[row, 2]] > 0.3) && rare(row)).collect();
        Dataset::new(records, Array1::from_vec(targets))
    }

    #[test]
    fn trees_learn_what_no_sum_of_features_can_tell() {
        let dataset = either_or(4000, false);
        let trees = BoostOptions { trees: 40, feature_share: 1.0, ..BoostOptions::default() }.fit(&dataset).unwrap();
        let log_odds = trees.predict(dataset.records());
        let right = log_odds.iter().zip(dataset.targets()).filter(|(odds, target)| (**odds > 0.0) == **target).count();
        assert!(right > 3900, "{right}");
    }

    #[test]
    fn log_odds_are_those_of_true_whichever_class_is_the_majority() {
        let dataset = either_or(4000, true);
        let trees = BoostOptions { trees: 40, feature_share: 1.0, ..BoostOptions::default() }.fit(&dataset).unwrap();
        assert!(trees.log_odds(&[0.5, 0.0, -0.5]) > trees.log_odds(&[0.5, 0.0, 0.8]) + 1.0);
    }

    #[test]
    fn the_same_seed_gives_the_same_trees_and_another_gives_others() {
        let dataset = either_or(1500, false);
        let fit = |seed| BoostOptions { trees: 5, seed, ..BoostOptions::default() }.fit(&dataset).unwrap();
        assert_eq!(fit(1), fit(1));
        assert_ne!(fit(1), fit(2));
    }

    #[test]
    fn weights_count_as_rows() {
        let dataset = either_or(1000, false);
        let options =
            BoostOptions { trees: 8, row_share: 1.0, feature_share: 1.0, least_weight: 1.0, ..BoostOptions::default() };
        let doubled = ndarray::concatenate![ndarray::Axis(0), dataset.records().view(), dataset.records().view()];
        let targets = ndarray::concatenate![ndarray::Axis(0), dataset.targets().view(), dataset.targets().view()];
        let twice = options.fit(&Dataset::new(doubled, targets)).unwrap();
        let heavy = options.fit(&dataset.with_weights(Array1::from_elem(1000, 2.0))).unwrap();
        let row = [0.4, 0.1, -0.2];
        assert!((twice.log_odds(&row) - heavy.log_odds(&row)).abs() < 1e-3);
    }

    #[test]
    fn one_class_and_nan_are_refused() {
        let records = Array2::<f32>::zeros((10, 2));
        let one = Dataset::new(records.clone(), Array1::from_elem(10, true));
        assert!(matches!(BoostOptions::default().fit(&one), Err(TrainError::OneClass { cramp: 10, other: 0 })));
        let mut broken = either_or(100, false);
        broken.records[[3, 1]] = f32::NAN;
        assert!(matches!(BoostOptions::default().fit(&broken), Err(TrainError::NotFinite { .. })));
    }
}

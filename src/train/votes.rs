//! What linfa's voting ensembles share: the rows they are fitted on, and their trees as our flat arrays.
//!
//! linfa's trees split values only if they differ by 1e-5, whatever the unit, so rows are standardised; their time grows
//! with rows times nodes, so rows are thinned; their leaves keep a class and no counts, so a leaf votes for or against.

use linfa::dataset::{AsSingleTargets, DatasetBase, Labels};
use linfa::traits::Fit;
use linfa_trees::{DecisionTree, DecisionTreeParams, TreeNode};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::TrainError;
use super::rows::check_finite;
use crate::detect::{LEAF, Trees};

/// A tree of linfa: features as f64, classes as [`CRAMP`] and 0.
pub(super) type LinfaTree = DecisionTree<f64, usize>;
/// The class of cramps, as linfa's AdaBoost wants it.
pub(super) const CRAMP: usize = 1;
/// Sum of all votes if they agree, as log odds; calibration comes after.
const ALL_VOTES: f64 = 8.0;
/// How much more a cramp weighs than another row in a tree's fit. It decides where both classes are equally many: there
/// linfa takes the one that its hash map gives last, which differs from run to run.
const TIE_BREAK: f32 = 1.0 + 1.0 / 4096.0;

/// Thinned rows of both classes, and the scale that linfa sees them on.
#[derive(Debug)]
pub(super) struct Sample {
    rows: Array2<f32>,
    targets: Array1<usize>,
    scale: Scale,
}

/// Mean and deviation of each feature.
#[derive(Debug)]
pub(super) struct Scale(Vec<(f64, f64)>);

impl Scale {
    fn of(rows: &Array2<f32>) -> Self {
        let n = rows.nrows().max(1) as f64;
        let column = |values: ndarray::ArrayView1<'_, f32>| {
            let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
            let variance = values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / n;
            (mean, if variance > 0.0 { variance.sqrt() } else { 1.0 })
        };
        Self(rows.columns().into_iter().map(column).collect())
    }

    fn apply(&self, feature: usize, value: f32) -> f64 {
        let (mean, deviation) = self.0[feature];
        (f64::from(value) - mean) / deviation
    }

    /// The largest raw value that linfa's prediction still sends left, which it does below `split` and not at it. Rounding
    /// in [`Self::apply`] may move it by a step or two.
    fn threshold(&self, feature: usize, split: f64) -> f32 {
        let (mean, deviation) = self.0[feature];
        let mut threshold = ((split * deviation + mean) as f32).clamp(f32::MIN, f32::MAX);
        while threshold > f32::MIN && self.apply(feature, threshold) >= split {
            threshold = threshold.next_down();
        }
        while threshold < f32::MAX && self.apply(feature, threshold.next_up()) < split {
            threshold = threshold.next_up();
        }
        threshold
    }
}

impl Sample {
    /// At most `most_rows` rows, half of each class as far as there are so many; rows of more weight are more likely taken.
    ///
    /// # Errors
    /// [`TrainError::OneClass`], [`TrainError::NotFinite`].
    pub(super) fn of(
        rows: ArrayView2<'_, f32>,
        cramp: &[bool],
        weights: Option<&[f32]>,
        most_rows: usize,
        seed: u64,
    ) -> Result<Self, TrainError> {
        let cramps = cramp.iter().filter(|cramp| **cramp).count();
        if cramps == 0 || cramps == cramp.len() {
            return Err(TrainError::OneClass { cramp: cramps, other: cramp.len() - cramps });
        }
        check_finite(rows)?;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        // Weighted sampling without replacement (Efraimidis & Spirakis 2006): the largest u^(1/weight) are taken.
        let mut keyed: Vec<(f64, usize)> = (0..cramp.len())
            .map(|row| {
                let weight = weights.map_or(1.0, |weights| f64::from(weights[row])).max(1e-9);
                (random.random_range(f64::MIN_POSITIVE..1.0).ln() / weight, row)
            })
            .collect();
        keyed.sort_by(|a, b| b.0.total_cmp(&a.0));
        let most = (most_rows / 2).max(1);
        let class =
            |wanted: bool| keyed.iter().map(|(_, row)| *row).filter(move |row| cramp[*row] == wanted).take(most);
        let mut taken: Vec<usize> = class(true).chain(class(false)).collect();
        taken.sort_unstable();
        let rows = rows.select(Axis(0), &taken);
        let targets = taken.iter().map(|row| usize::from(cramp[*row])).collect();
        Ok(Self { scale: Scale::of(&rows), rows, targets })
    }

    /// As linfa sees it.
    pub(super) fn dataset(&self) -> DatasetBase<Array2<f64>, Array1<usize>> {
        DatasetBase::new(self.standardised(&self.rows), self.targets.clone())
    }

    /// Rows on linfa's scale.
    pub(super) fn standardised(&self, rows: &Array2<f32>) -> Array2<f64> {
        Array2::from_shape_fn(rows.dim(), |(row, feature)| self.scale.apply(feature, rows[[row, feature]]))
    }

    /// Flat trees of a weighted vote. `features` names each tree's columns where it has not all of them in their order.
    pub(super) fn flatten(&self, trees: &[LinfaTree], votes: &[f64], features: Option<&[Vec<usize>]>) -> Trees {
        let all: f64 = votes.iter().sum();
        let mut flat = Trees::default();
        for (index, (tree, vote)) in trees.iter().zip(votes).enumerate() {
            let columns = features.and_then(|features| features.get(index)).map(Vec::as_slice);
            flat.roots.push(flat.feature.len() as u32);
            self.push(tree.root_node(), ALL_VOTES * vote / all, columns, &mut flat);
        }
        self.fill_inner_values(&mut flat);
        flat
    }

    fn push(&self, node: &TreeNode<f64, usize>, vote: f64, columns: Option<&[usize]>, flat: &mut Trees) {
        let at = flat.feature.len();
        let children: Vec<_> = node.children().into_iter().flatten().collect();
        // linfa calls a node with one child a leaf as well.
        let (false, [left, right]) = (node.is_leaf(), children.as_slice()) else {
            let is_cramp = node.prediction() == Some(CRAMP);
            flat.feature.push(LEAF);
            flat.threshold.push(0.0);
            flat.right.push(0);
            flat.value.push(if is_cramp { vote } else { -vote } as f32);
            return;
        };
        let (column, split, _) = node.split();
        let feature = columns.map_or(column, |columns| columns[column]);
        flat.feature.push(feature as u16);
        flat.threshold.push(self.scale.threshold(feature, split));
        flat.right.push(0);
        flat.value.push(0.0);
        self.push(left, vote, columns, flat);
        flat.right[at] = flat.feature.len() as u32;
        self.push(right, vote, columns, flat);
    }

    /// Gives each inner node the mean vote of the rows that pass it, so that the reasons of an alarm can be told.
    fn fill_inner_values(&self, flat: &mut Trees) {
        let mut passed = vec![(0.0_f64, 0_u32); flat.feature.len()];
        let mut way = Vec::new();
        for row in self.rows.rows() {
            for root in &flat.roots {
                let mut node = *root as usize;
                way.clear();
                while flat.feature[node] != LEAF {
                    way.push(node);
                    let left = row[usize::from(flat.feature[node])] <= flat.threshold[node];
                    node = if left { node + 1 } else { flat.right[node] as usize };
                }
                for inner in &way {
                    passed[*inner].0 += f64::from(flat.value[node]);
                    passed[*inner].1 += 1;
                }
            }
        }
        for (node, (sum, n)) in passed.into_iter().enumerate().filter(|(_, (_, n))| *n > 0) {
            flat.value[node] = (sum / f64::from(n)) as f32;
        }
    }
}

/// linfa's decision tree as the learner of an ensemble, with rows weighted so that no leaf is undecided.
#[derive(Debug, Clone, Copy)]
pub(super) struct DecidedTree(pub(super) DecisionTreeParams<f64, usize>);

impl DecidedTree {
    pub(super) fn new(depth: usize, least_rows_in_leaf: f32) -> Self {
        Self(DecisionTree::params().max_depth(Some(depth)).min_weight_leaf(least_rows_in_leaf))
    }
}

impl<T> Fit<Array2<f64>, T, linfa::Error> for DecidedTree
where
    T: AsSingleTargets<Elem = usize> + Labels<Elem = usize> + Clone,
{
    type Object = LinfaTree;

    fn fit(&self, dataset: &DatasetBase<Array2<f64>, T>) -> linfa::error::Result<LinfaTree> {
        let weight = |class: &usize| if *class == CRAMP { TIE_BREAK } else { 1.0 };
        let weights: Array1<f32> = dataset.as_single_targets().iter().map(weight).collect();
        let weighted = DatasetBase::new(dataset.records().clone(), dataset.targets().clone()).with_weights(weights);
        self.0.fit(&weighted)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use linfa::dataset::Dataset;
    use ndarray::Ix1;

    /// Cramp where two of four features, of very different units, are both high; one in ten is mislabelled.
    pub(crate) fn both_high(n: usize, seed: u64) -> Dataset<f32, bool, Ix1> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let units = [1e-6, 1.0, 1e4, 1.0];
        let records =
            Array2::from_shape_fn((n, 4), |(_, feature)| random.random_range(-1.0..1.0_f32) * units[feature] + 3.0);
        let high = |row: usize, feature: usize| records[[row, feature]] > 3.0;
        let targets = (0..n).map(|row| (high(row, 1) && high(row, 2)) != random.random_bool(0.1)).collect();
        Dataset::new(records, targets)
    }

    /// Share of rows on the right side of zero, and whether that agrees with linfa's own answers for every row.
    pub(crate) fn right_and_agreeing(trees: &Trees, rows: &Array2<f32>, truth: &Array1<bool>, linfa: &[usize]) -> f64 {
        let mut right = 0;
        for ((row, truth), class) in rows.rows().into_iter().zip(truth).zip(linfa) {
            let wide: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            let votes = trees.log_odds(&wide);
            // A vote that ends even is decided by a hash map in linfa.
            assert!(votes.abs() < 1e-5 || (votes > 0.0) == (*class == CRAMP), "{votes} against {class}");
            right += usize::from((votes > 0.0) == *truth);
        }
        right as f64 / rows.nrows() as f64
    }

    #[test]
    fn thresholds_split_exactly_as_linfa_does_on_its_own_scale() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        for _ in 0..2000 {
            let scale = Scale(vec![(random.random_range(-1e3..1e3), random.random_range(1e-6..1e3))]);
            let value = random.random_range(-1e3..1e3_f32);
            // The worst place for a split: on a value itself.
            let split = scale.apply(0, value);
            let threshold = scale.threshold(0, split);
            assert!(scale.apply(0, threshold) < split && scale.apply(0, threshold.next_up()) >= split);
            assert!(value > threshold);
        }
    }

    #[test]
    fn a_sample_is_balanced_takes_heavy_rows_first_and_is_the_same_each_time() {
        let dataset = both_high(2000, 1);
        let cramp: Vec<bool> = (0..2000).map(|row| row % 4 == 0).collect();
        let weights: Vec<f32> = (0..2000).map(|row| if row < 1000 { 100.0 } else { 0.01 }).collect();
        let sample = |seed| Sample::of(dataset.records().view(), &cramp, Some(&weights), 200, seed).unwrap();
        let first = sample(1);
        assert_eq!((first.rows.nrows(), first.targets.sum()), (200, 100));
        assert_eq!(first.rows, sample(1).rows);
        assert_ne!(first.rows, sample(2).rows);
        let is_heavy = |row: ndarray::ArrayView1<'_, f32>| {
            dataset.records().rows().into_iter().take(1000).any(|other| other == row)
        };
        assert!(first.rows.rows().into_iter().all(is_heavy));
    }
}

//! Boosted regression trees as flat arrays: a row falls through each tree, the leaves add up to log odds.

use serde::{Deserialize, Serialize};

use super::{DetectError, Platt};

/// Marks a leaf in [`Trees::feature`].
pub const LEAF: u16 = u16::MAX;

/// Trees in preorder: a node's left child stands right behind it, its right child at `right`. All arrays are as long as
/// there are nodes in all trees, but `roots`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trees {
    /// Log odds before any tree.
    pub base: f64,
    /// First node of each tree.
    pub roots: Vec<u32>,
    /// Feature that a node asks for, in the order of the feature set; [`LEAF`] for a leaf.
    pub feature: Vec<u16>,
    /// Rows with a value up to and including this go left.
    pub threshold: Vec<f32>,
    /// Right child; 0 for a leaf.
    pub right: Vec<u32>,
    /// What a node would add if it were a leaf; what a leaf adds.
    pub value: Vec<f32>,
}

impl Trees {
    /// Log odds for a row of finite values in the order of the feature set.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        self.base + self.roots.iter().map(|root| f64::from(self.value[self.leaf(*root as usize, row)])).sum::<f64>()
    }

    fn leaf(&self, root: usize, row: &[f64]) -> usize {
        let mut node = root;
        while self.feature[node] != LEAF {
            // Training compares as f32; so must we.
            let left = row[usize::from(self.feature[node])] as f32 <= self.threshold[node];
            node = if left { node + 1 } else { self.right[node] as usize };
        }
        node
    }

    /// Adds to `out` (one place a feature) what each feature's splits on the row's way added to the log odds: the change of
    /// a node's value from parent to child belongs to the parent's feature (Saabas 2014). They sum to the log odds less
    /// the base and the roots' values.
    pub fn add_contributions(&self, row: &[f64], out: &mut [f64]) {
        for root in &self.roots {
            let mut node = *root as usize;
            while self.feature[node] != LEAF {
                let feature = usize::from(self.feature[node]);
                let left = row[feature] as f32 <= self.threshold[node];
                let child = if left { node + 1 } else { self.right[node] as usize };
                if let Some(slot) = out.get_mut(feature) {
                    *slot += f64::from(self.value[child]) - f64::from(self.value[node]);
                }
                node = child;
            }
        }
    }

    /// Trees whose log odds are the mean of the calibrated log odds of `parts`, but for rounding of the leaves.
    pub fn mean(parts: &[(&Self, Platt)]) -> Self {
        let mut all = Self::default();
        for (trees, platt) in parts {
            let share = 1.0 / parts.len() as f64;
            let before = all.feature.len() as u32;
            all.base += platt.apply(trees.base) * share;
            all.roots.extend(trees.roots.iter().map(|root| root + before));
            all.feature.extend(&trees.feature);
            all.threshold.extend(&trees.threshold);
            all.right.extend(trees.right.iter().map(|right| if *right == 0 { 0 } else { right + before }));
            all.value.extend(trees.value.iter().map(|value| (f64::from(*value) * platt.slope * share) as f32));
        }
        all
    }

    /// Checks that every way from a root ends in a leaf and asks only for the first `n_features` features.
    pub(crate) fn check(&self, n_features: usize) -> Result<(), DetectError> {
        let unsound = |what: &str| Err(DetectError::Unsound { what: format!("trees: {what}") });
        let n = self.feature.len();
        if [self.threshold.len(), self.right.len(), self.value.len()] != [n; 3] {
            return unsound("arrays of different lengths");
        }
        if !self.base.is_finite() || self.threshold.iter().chain(&self.value).any(|number| !number.is_finite()) {
            return unsound("a number that is not finite");
        }
        if self.roots.iter().any(|root| *root as usize >= n) {
            return unsound("a root outside the nodes");
        }
        for node in 0..n {
            if self.feature[node] == LEAF {
                continue;
            }
            if usize::from(self.feature[node]) >= n_features {
                return unsound("a feature that is not in the set");
            }
            // Children stand behind their parent, so that every way ends.
            let right = self.right[node] as usize;
            if node + 1 >= n || right <= node + 1 || right >= n {
                return unsound("a child that is not behind its parent");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x₀ ≤ 1 → −1; else x₁ ≤ 2 → 0.5, else 2.
    fn small() -> Trees {
        Trees {
            base: 0.25,
            roots: vec![0],
            feature: vec![0, LEAF, 1, LEAF, LEAF],
            threshold: vec![1.0, 0.0, 2.0, 0.0, 0.0],
            right: vec![2, 0, 4, 0, 0],
            value: vec![0.1, -1.0, 1.0, 0.5, 2.0],
        }
    }

    #[test]
    fn a_row_falls_to_its_leaf_and_equality_goes_left() {
        let trees = small();
        trees.check(2).unwrap();
        for (row, expected) in [([1.0, 9.0], -0.75), ([1.5, 2.0], 0.75), ([1.5, 2.5], 2.25)] {
            assert!((trees.log_odds(&row) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn contributions_sum_to_what_the_leaves_add_beyond_the_roots() {
        let mut parts = [0.0; 2];
        small().add_contributions(&[1.5, 2.5], &mut parts);
        assert!((parts[0] - 0.9).abs() < 1e-6 && (parts[1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_mean_of_two_forests_is_the_mean_of_their_calibrated_log_odds() {
        let other = Trees { base: -1.0, threshold: vec![0.5, 0.0, 4.0, 0.0, 0.0], ..small() };
        let (first, second) = (Platt { slope: 0.8, offset: 0.3 }, Platt { slope: 1.2, offset: -0.1 });
        let mean = Trees::mean(&[(&small(), first), (&other, second)]);
        mean.check(2).unwrap();
        for row in [[1.0, 9.0], [1.5, 2.0], [0.2, 2.5], [3.0, 5.0]] {
            let expected = (first.apply(small().log_odds(&row)) + second.apply(other.log_odds(&row))) / 2.0;
            assert!((mean.log_odds(&row) - expected).abs() < 1e-6, "{row:?}");
        }
    }

    #[test]
    fn a_tree_that_never_ends_or_asks_for_the_unknown_is_refused() {
        assert!(small().check(1).is_err());
        let mut circle = small();
        circle.right[2] = 2;
        assert!(circle.check(2).is_err());
        let mut short = small();
        short.value.pop();
        assert!(short.check(2).is_err());
        let mut nan = small();
        nan.value[1] = f32::NAN;
        assert!(nan.check(2).is_err());
    }
}

//! A classifier made ready to be asked at every hop: eight bytes for a node of its trees, so that even large ones stay near
//! the core that asks, and several trees asked at a time. It says what the classifier says, to the last bit.

use super::{Classifier, Form, LEAF, Platt, Trees};
use crate::signal::N_FEATURES;

/// A classifier to be asked.
#[derive(Debug)]
pub struct Packed {
    form: PackedForm,
    platt: Platt,
}

impl Packed {
    /// Packs a classifier.
    pub fn of(classifier: &Classifier) -> Self {
        Self { form: PackedForm::of(&classifier.form), platt: classifier.platt }
    }

    /// As [`Classifier::probability`].
    pub fn probability(&self, row: &[f64]) -> f64 {
        self.platt.probability(self.form.log_odds(row))
    }
}

/// A form to be asked.
#[derive(Debug)]
pub(crate) enum PackedForm {
    Trees(PackedTrees),
    /// What cannot be packed.
    Whole(Form),
}

impl PackedForm {
    pub(crate) fn of(form: &Form) -> Self {
        let trees = match form {
            Form::Trees(trees) => PackedTrees::of(trees),
            Form::Additive(_) => None,
        };
        trees.map_or_else(|| Self::Whole(form.clone()), Self::Trees)
    }

    /// As [`Form::log_odds`].
    pub(crate) fn log_odds(&self, row: &[f64]) -> f64 {
        match self {
            Self::Trees(trees) => trees.log_odds(row),
            Self::Whole(form) => form.log_odds(row),
        }
    }
}

/// [`Trees`] without what only reasons need.
#[derive(Debug)]
pub(crate) struct PackedTrees {
    base: f64,
    roots: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    /// The threshold; of a leaf, what it adds.
    number: f32,
    feature: u16,
    /// How many nodes ahead the right child stands; 0 in a leaf.
    right: u16,
}

impl Node {
    /// How many nodes ahead the row goes on; 0 where it has arrived. Without a branch: which way a row goes cannot be foretold.
    fn step(self, row: &[f32; N_FEATURES]) -> usize {
        let left = usize::from(self.right != 0);
        if row[usize::from(self.feature)] <= self.number { left } else { usize::from(self.right) }
    }
}

/// Trees asked at a time: while one waits for its next node, the others go on.
const TOGETHER: usize = 8;

impl PackedTrees {
    /// Nothing if a tree is too large for this form, or asks for more features than there are.
    fn of(trees: &Trees) -> Option<Self> {
        let node = |at: usize| {
            let feature = trees.feature[at];
            if feature == LEAF {
                return Some(Node { number: trees.value[at], feature: 0, right: 0 });
            }
            let right = u16::try_from(trees.right[at] as usize - at).ok()?;
            (usize::from(feature) < N_FEATURES).then_some(Node { number: trees.threshold[at], feature, right })
        };
        let nodes = (0..trees.feature.len()).map(node).collect::<Option<Vec<Node>>>()?;
        Some(Self { base: trees.base, roots: trees.roots.clone(), nodes })
    }

    fn log_odds(&self, row: &[f64]) -> f64 {
        // Training compares as f32; so must we.
        let mut narrow = [0.0; N_FEATURES];
        for (narrow, wide) in narrow.iter_mut().zip(row) {
            *narrow = *wide as f32;
        }
        let (together, rest) = self.roots.as_chunks::<TOGETHER>();
        // In the order of the trees, so that the sum is the same to the last bit.
        let mut sum = 0.0;
        for roots in together {
            for leaf in self.leaves(*roots, &narrow) {
                sum += f64::from(leaf);
            }
        }
        for root in rest {
            let [leaf] = self.leaves([*root], &narrow);
            sum += f64::from(leaf);
        }
        self.base + sum
    }

    /// What the leaves add that the row falls to.
    fn leaves<const N: usize>(&self, roots: [u32; N], row: &[f32; N_FEATURES]) -> [f32; N] {
        let mut at = roots.map(|root| root as usize);
        loop {
            let mut moved = false;
            for at in &mut at {
                let step = self.nodes[*at].step(row);
                moved |= step != 0;
                *at += step;
            }
            if !moved {
                return at.map(|at| self.nodes[at].number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Model;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_packed_classifier_says_what_the_classifier_says(row in prop::collection::vec(-6.0..12.0_f64, N_FEATURES)) {
            let model = Model::built_in().unwrap();
            for classifier in [model.part(true), model.part(false)] {
                let packed = Packed::of(classifier);
                prop_assert!(matches!(packed.form, PackedForm::Trees(_)));
                prop_assert_eq!(packed.probability(&row).to_bits(), classifier.probability(&row).to_bits());
            }
        }
    }

    #[test]
    fn a_tree_too_large_to_be_packed_is_asked_as_it_is() {
        // x₀ ≤ 0 → a chain of 70,000 nodes to the left; else 5.
        let n = 70_000;
        let mut trees = Trees { roots: vec![0], ..Trees::default() };
        for at in 0..n {
            trees.feature.push(if at + 1 < n / 2 { 0 } else { LEAF });
            trees.threshold.push(0.0);
            trees.right.push(if at + 1 < n / 2 { n - 1 - at } else { 0 });
            trees.value.push(5.0);
        }
        let classifier = Classifier { form: Form::Trees(trees), platt: Platt::default() };
        classifier.check(&["x"]).unwrap();
        let packed = Packed::of(&classifier);
        assert!(matches!(packed.form, PackedForm::Whole(_)));
        assert_eq!(packed.probability(&[1.0]).to_bits(), classifier.probability(&[1.0]).to_bits());
    }
}

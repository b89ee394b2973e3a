//! A classifier made ready to be asked at every hop: eight bytes for a node of its trees, so that even large ones stay near
//! the core that asks. It says what the classifier says, to the last bit.

use super::{Classifier, Form, LEAF, Platt, Trees};

/// A classifier to be asked.
#[derive(Debug)]
pub(super) struct Packed {
    form: PackedForm,
    platt: Platt,
}

#[derive(Debug)]
enum PackedForm {
    Trees(PackedTrees),
    /// What cannot be packed.
    Whole(Form),
}

impl Packed {
    pub(super) fn of(classifier: &Classifier) -> Self {
        let trees = match &classifier.form {
            Form::Trees(trees) => PackedTrees::of(trees),
            Form::Additive(_) => None,
        };
        let form = trees.map_or_else(|| PackedForm::Whole(classifier.form.clone()), PackedForm::Trees);
        Self { form, platt: classifier.platt }
    }

    /// As [`Classifier::probability`].
    pub(super) fn probability(&self, row: &[f64]) -> f64 {
        let log_odds = match &self.form {
            PackedForm::Trees(trees) => trees.log_odds(row),
            PackedForm::Whole(form) => form.log_odds(row),
        };
        self.platt.probability(log_odds)
    }
}

/// [`Trees`] without what only reasons need.
#[derive(Debug)]
struct PackedTrees {
    base: f64,
    roots: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    /// The threshold; of a leaf, what it adds.
    number: f32,
    feature: u16,
    /// How many nodes ahead the right child stands.
    right: u16,
}

impl PackedTrees {
    /// Nothing if a tree is too large for this form.
    fn of(trees: &Trees) -> Option<Self> {
        let node = |at: usize| {
            let feature = trees.feature[at];
            if feature == LEAF {
                return Some(Node { number: trees.value[at], feature, right: 0 });
            }
            let right = u16::try_from(trees.right[at] as usize - at).ok()?;
            Some(Node { number: trees.threshold[at], feature, right })
        };
        let nodes = (0..trees.feature.len()).map(node).collect::<Option<Vec<Node>>>()?;
        Some(Self { base: trees.base, roots: trees.roots.clone(), nodes })
    }

    fn log_odds(&self, row: &[f64]) -> f64 {
        self.base + self.roots.iter().map(|root| f64::from(self.leaf(*root as usize, row))).sum::<f64>()
    }

    /// What the leaf adds that the row falls to.
    fn leaf(&self, root: usize, row: &[f64]) -> f32 {
        let mut at = root;
        loop {
            let node = self.nodes[at];
            if node.feature == LEAF {
                return node.number;
            }
            let left = row[usize::from(node.feature)] as f32 <= node.number;
            at += if left { 1 } else { usize::from(node.right) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Model;
    use crate::signal::N_FEATURES;
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

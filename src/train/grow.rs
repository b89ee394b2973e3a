//! Growing one tree: histograms of gradients, and the leaf that gains most is split next.

use super::BoostOptions;
use super::bins::Bins;
use crate::detect::{LEAF, Trees};

/// A row with its derivatives of the loss.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Which row; while a tree grows, which of the tree's samples.
    pub(crate) row: u32,
    pub(crate) gradient: f32,
    pub(crate) hessian: f32,
    pub(crate) weight: f32,
}

/// Sums over rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    gradient: f64,
    hessian: f64,
    weight: f64,
}

impl Sums {
    fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            weight: self.weight - other.weight,
        }
    }

    fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
        self.weight += other.weight;
    }
}

/// Sums in each bin of each chosen feature, feature after feature.
type Histogram = Vec<Sums>;

#[derive(Debug, Clone, Copy)]
struct Split {
    /// Which of the tree's features.
    feature: usize,
    bin: u8,
    gain: f64,
    left: Sums,
}

/// A leaf that may still be split, with its rows `from..to` among the samples.
#[derive(Debug)]
struct Open {
    node: usize,
    from: usize,
    to: usize,
    sums: Sums,
    histogram: Histogram,
    best: Option<Split>,
}

/// A node while the tree grows; children are places in the list of nodes.
#[derive(Debug, Clone, Copy)]
struct Node {
    split: Option<(usize, f32, usize, usize)>,
    value: f64,
}

/// Grows trees on the same binned rows.
#[derive(Debug)]
pub(crate) struct Grower<'a> {
    bins: &'a Bins,
    options: &'a BoostOptions,
    scratch: Vec<Sample>,
    /// Bins of the tree's features alone, sample by sample: what a tree asks for again and again lies close together.
    codes: Vec<u8>,
}

impl<'a> Grower<'a> {
    pub(crate) fn new(bins: &'a Bins, options: &'a BoostOptions) -> Self {
        Self { bins, options, scratch: Vec::new(), codes: Vec::new() }
    }

    /// Appends the tree that fits `samples` best, asking only for `features`, to `trees`. Reorders and renumbers the samples.
    pub(crate) fn grow(&mut self, samples: &mut [Sample], features: &[usize], trees: &mut Trees) {
        self.codes.clear();
        for (number, sample) in samples.iter_mut().enumerate() {
            let row = self.bins.row(sample.row as usize);
            self.codes.extend(features.iter().map(|feature| row[*feature]));
            sample.row = number as u32;
        }
        let mut nodes = Vec::new();
        let sums = total(samples);
        nodes.push(Node { split: None, value: self.value(sums) });
        let histogram = self.histogram(samples, features);
        let best = self.best_split(&histogram, features, sums);
        let mut open = vec![Open { node: 0, from: 0, to: samples.len(), sums, histogram, best }];
        for _ in 1..self.options.leaves {
            let gain = |leaf: &Open| leaf.best.map_or(0.0, |split| split.gain);
            // The first of equals, so that the order never depends on anything but the data.
            let Some(place) = (0..open.len()).reduce(|a, b| if gain(&open[b]) > gain(&open[a]) { b } else { a }) else {
                break;
            };
            let Some(split) = open[place].best else { break };
            let leaf = open.swap_remove(place);
            let middle = leaf.from + self.partition(&mut samples[leaf.from..leaf.to], features.len(), split);
            let (left, right) = (split.left, leaf.sums.minus(split.left));
            let children = (nodes.len(), nodes.len() + 1);
            nodes.push(Node { split: None, value: self.value(left) });
            nodes.push(Node { split: None, value: self.value(right) });
            let feature = features[split.feature];
            let threshold = self.bins.upper_edge(feature, split.bin);
            nodes[leaf.node].split = Some((feature, threshold, children.0, children.1));
            // Only the smaller child is counted; the other is the difference.
            let left_is_smaller = middle - leaf.from <= leaf.to - middle;
            let counted = if left_is_smaller { &samples[leaf.from..middle] } else { &samples[middle..leaf.to] };
            let small = self.histogram(counted, features);
            let large: Histogram = leaf.histogram.iter().zip(&small).map(|(all, part)| all.minus(*part)).collect();
            let (left_histogram, right_histogram) = if left_is_smaller { (small, large) } else { (large, small) };
            for (node, from, to, sums, histogram) in [
                (children.0, leaf.from, middle, left, left_histogram),
                (children.1, middle, leaf.to, right, right_histogram),
            ] {
                let best = self.best_split(&histogram, features, sums);
                open.push(Open { node, from, to, sums, histogram, best });
            }
        }
        trees.roots.push(trees.feature.len() as u32);
        write(&nodes, 0, trees);
    }

    /// The Newton step of a leaf.
    fn value(&self, sums: Sums) -> f64 {
        -self.options.learning_rate * sums.gradient / (sums.hessian + self.options.l2)
    }

    fn histogram(&self, samples: &[Sample], features: &[usize]) -> Histogram {
        let mut starts = Vec::with_capacity(features.len());
        let mut length = 0;
        for feature in features {
            starts.push(length);
            length += self.bins.count(*feature);
        }
        let mut histogram = vec![Sums::default(); length];
        for sample in samples {
            let sums = Sums {
                gradient: f64::from(sample.gradient),
                hessian: f64::from(sample.hessian),
                weight: f64::from(sample.weight),
            };
            let first = sample.row as usize * features.len();
            for (start, code) in starts.iter().zip(&self.codes[first..first + features.len()]) {
                histogram[start + usize::from(*code)].add(sums);
            }
        }
        histogram
    }

    fn best_split(&self, histogram: &Histogram, features: &[usize], all: Sums) -> Option<Split> {
        let l2 = self.options.l2;
        let score = |sums: Sums| sums.gradient * sums.gradient / (sums.hessian + l2);
        let parent = score(all);
        let mut best: Option<Split> = None;
        let mut start = 0;
        for (place, feature) in features.iter().enumerate() {
            let count = self.bins.count(*feature);
            let mut left = Sums::default();
            for (bin, sums) in histogram[start..start + count - 1].iter().enumerate() {
                left.add(*sums);
                let right = all.minus(left);
                if left.weight < self.options.least_weight {
                    continue;
                }
                if right.weight < self.options.least_weight {
                    break;
                }
                let gain = score(left) + score(right) - parent;
                if gain > best.map_or(1e-6, |split| split.gain) {
                    best = Some(Split { feature: place, bin: bin as u8, gain, left });
                }
            }
            start += count;
        }
        best
    }

    /// Moves the rows that go left to the front, keeping the order on both sides; returns their number.
    fn partition(&mut self, samples: &mut [Sample], n_features: usize, split: Split) -> usize {
        self.scratch.clear();
        let mut kept = 0;
        for index in 0..samples.len() {
            let sample = samples[index];
            if self.codes[sample.row as usize * n_features + split.feature] <= split.bin {
                samples[kept] = sample;
                kept += 1;
            } else {
                self.scratch.push(sample);
            }
        }
        samples[kept..].copy_from_slice(&self.scratch);
        kept
    }
}

fn total(samples: &[Sample]) -> Sums {
    let mut sums = Sums::default();
    for sample in samples {
        sums.add(Sums {
            gradient: f64::from(sample.gradient),
            hessian: f64::from(sample.hessian),
            weight: f64::from(sample.weight),
        });
    }
    sums
}

/// Appends a node and all below it in preorder.
fn write(nodes: &[Node], at: usize, trees: &mut Trees) {
    let node = nodes[at];
    let place = trees.feature.len();
    let (feature, threshold) = node.split.map_or((LEAF, 0.0), |(feature, threshold, ..)| (feature as u16, threshold));
    trees.feature.push(feature);
    trees.threshold.push(threshold);
    trees.right.push(0);
    trees.value.push(node.value as f32);
    if let Some((.., left, right)) = node.split {
        write(nodes, left, trees);
        trees.right[place] = trees.feature.len() as u32;
        write(nodes, right, trees);
    }
}

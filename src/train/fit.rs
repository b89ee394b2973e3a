//! One additive model from labelled rows: hinge expansion at quantiles, linfa's logistic regression, weights folded back.

use linfa::dataset::Dataset;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::collect::Label;
use super::interval::quantile;
use super::{NightRows, TrainError};
use crate::detect::{Additive, HingeFeature};
use crate::signal::{FeatureRow, N_FEATURES, feature_names};

/// How a fit is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitOptions {
    /// Most rows of each class; more are thinned at random.
    pub most_rows_per_class: usize,
    /// Most rows of one cramp or one activity, spread evenly over it: a long one teaches no more than a short one.
    pub most_rows_per_event: usize,
    /// L2 penalty on standardised columns.
    pub alpha: f64,
    /// Hinges of each feature.
    pub knots: usize,
    /// Seed of the thinning.
    pub seed: u64,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { most_rows_per_class: 20_000, most_rows_per_event: 80, alpha: 3.0, knots: 3, seed: 1 }
    }
}

/// Fits the model for rows with (or without) acceleration.
///
/// # Errors
/// When there is only one class, a value is not finite, or linfa fails.
pub fn fit_additive(nights: &[&NightRows], with_motion: bool, options: &FitOptions) -> Result<Additive, TrainError> {
    let n_features = if with_motion { N_FEATURES } else { FeatureRow::n_without_motion() };
    let (rows, labels) = gather(nights, options)?;
    check_finite(&rows, n_features)?;
    let shapes: Vec<Shape> = (0..n_features).map(|j| Shape::of(&rows, j, options.knots)).collect();
    let columns: usize = shapes.iter().map(|shape| shape.knots.len() + 1).sum();
    let mut matrix = Array2::<f64>::zeros((rows.len(), columns));
    for (i, row) in rows.iter().enumerate() {
        let expanded = shapes.iter().zip(row.iter()).flat_map(|(shape, value)| shape.expand(f64::from(*value)));
        for (cell, value) in matrix.row_mut(i).iter_mut().zip(expanded) {
            *cell = value;
        }
    }
    let (means, deviations) = standardise(&mut matrix);
    let dataset = Dataset::new(matrix, Array1::from(labels.clone()));
    let fitted = LogisticRegression::default()
        .alpha(options.alpha)
        .max_iterations(80)
        .gradient_tolerance(1e-3)
        .fit(&dataset)
        .map_err(|error| TrainError::Fit(error.to_string()))?;
    // linfa calls the majority class positive; we want the log odds of a cramp whichever it is.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let weights: Vec<f64> = fitted.params().iter().zip(&deviations).map(|(w, d)| sign * w / d).collect();
    let intercept = sign * fitted.intercept() - weights.iter().zip(&means).map(|(w, m)| w * m).sum::<f64>();
    let mut features = Vec::with_capacity(n_features);
    let mut at = 0;
    for (j, shape) in shapes.into_iter().enumerate() {
        let n = shape.knots.len() + 1;
        let mut feature = HingeFeature {
            name: feature_names()[j].to_owned(),
            range: shape.range,
            knots: shape.knots,
            weights: weights[at..at + n].to_vec(),
            reference: 0.0,
        };
        let others = rows.iter().zip(&labels).filter(|(_, cramp)| !**cramp);
        let (sum, count) = others
            .fold((0.0, 0.0), |(sum, count), (row, _)| (sum + feature.contribution(f64::from(row[j])), count + 1.0));
        feature.reference = sum / count;
        features.push(feature);
        at += n;
    }
    Ok(Additive { features, intercept })
}

/// Rows of clear label, each event and then each class thinned to its limit.
fn gather<'a>(
    nights: &[&'a NightRows],
    options: &FitOptions,
) -> Result<(Vec<&'a [f32; N_FEATURES]>, Vec<bool>), TrainError> {
    let clear = |wanted: Label| -> Vec<&'a [f32; N_FEATURES]> {
        let of_night = |night: &'a NightRows| {
            even_rows(night, wanted, options.most_rows_per_event).into_iter().map(|index| &night.rows[index])
        };
        nights.iter().flat_map(|night| of_night(night)).collect()
    };
    let (mut cramp, mut other) = (clear(Label::Cramp), clear(Label::Other));
    if cramp.is_empty() || other.is_empty() {
        let count = |wanted: Label| nights.iter().flat_map(|night| &night.labels).filter(|l| **l == wanted).count();
        return Err(TrainError::OneClass { cramp: count(Label::Cramp), other: count(Label::Other) });
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(options.seed);
    for class in [&mut cramp, &mut other] {
        while class.len() > options.most_rows_per_class {
            let victim = random.random_range(0..class.len());
            class.swap_remove(victim);
        }
    }
    let labels = std::iter::repeat_n(true, cramp.len()).chain(std::iter::repeat_n(false, other.len())).collect();
    cramp.append(&mut other);
    Ok((cramp, labels))
}

/// Rows of one label of a night: of each stretch of neighbouring ones at most `most`, evenly spread.
fn even_rows(night: &NightRows, wanted: Label, most: usize) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut stretch: Vec<usize> = Vec::new();
    let mut close = |stretch: &mut Vec<usize>| {
        let n = stretch.len();
        let step = n.div_ceil(most.max(1)).max(1);
        kept.extend(stretch.drain(..).step_by(step));
    };
    let mut last = 0;
    for hop in &night.hops {
        let Some(row) = hop.row.map(|row| row as usize) else { continue };
        if hop.quarter > last + NEIGHBOURS {
            close(&mut stretch);
        }
        last = hop.quarter;
        if night.labels.get(row) == Some(&wanted) {
            stretch.push(row);
        }
    }
    close(&mut stretch);
    kept
}

/// Rows at most this many quarters apart belong to one event.
const NEIGHBOURS: u32 = 4;

/// linfa aborts or fails obscurely on NaN; nothing of the kind may reach it.
fn check_finite(rows: &[&[f32; N_FEATURES]], n_features: usize) -> Result<(), TrainError> {
    for row in rows {
        if let Some(j) = row[..n_features].iter().position(|value| !value.is_finite()) {
            return Err(TrainError::NotFinite { name: feature_names()[j].to_owned(), value: f64::from(row[j]) });
        }
    }
    Ok(())
}

struct Shape {
    range: [f64; 2],
    knots: Vec<f64>,
}

impl Shape {
    /// Range between the 0.1st and 99.9th percentile, knots at inner quantiles; fewer where values repeat.
    fn of(rows: &[&[f32; N_FEATURES]], feature: usize, n_knots: usize) -> Self {
        let mut values: Vec<f64> = rows.iter().map(|row| f64::from(row[feature])).collect();
        let range = [quantile(&mut values, 0.001), quantile(&mut values, 0.999)];
        let mut knots: Vec<f64> =
            (1..=n_knots).map(|i| quantile(&mut values, i as f64 / (n_knots + 1) as f64)).collect();
        let least_distance = (range[1] - range[0]) * 0.01;
        knots.dedup_by(|later, earlier| *later - *earlier <= least_distance);
        knots.retain(|knot| *knot > range[0] + least_distance && *knot < range[1] - least_distance);
        Self { range, knots }
    }

    fn expand(&self, value: f64) -> impl Iterator<Item = f64> {
        HingeFeature::expand(value, self.range, &self.knots)
    }
}

/// Centres and scales columns in place; constant columns keep a deviation of 1.
fn standardise(matrix: &mut Array2<f64>) -> (Vec<f64>, Vec<f64>) {
    let n = matrix.nrows().max(1) as f64;
    let mut means = Vec::with_capacity(matrix.ncols());
    let mut deviations = Vec::with_capacity(matrix.ncols());
    for mut column in matrix.columns_mut() {
        let mean = column.sum() / n;
        let variance = column.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
        let deviation = if variance > 1e-12 { variance.sqrt() } else { 1.0 };
        column.mapv_inplace(|value| (value - mean) / deviation);
        means.push(mean);
        deviations.push(deviation);
    }
    (means, deviations)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::train::collect::HopRecord;

    /// Rows whose first feature alone decides, with `cramps` of `n` positive.
    pub(crate) fn night(n: u32, cramps: u32) -> NightRows {
        let value = |i: u32| if i < cramps { 2.0 } else { 0.0 } + (i * 7919 % 100) as f32 / 100.0;
        NightRows {
            person: 0,
            name: "made".to_owned(),
            truth: Vec::new(),
            others: Vec::new(),
            density: 1.0,
            emg_rate_hz: 1000.0,
            recorded_s: f64::from(n) / 4.0,
            hops: (0..n).map(|i| HopRecord { quarter: i, active_for: Some(0), row: Some(i) }).collect(),
            rows: (0..n).map(|i| std::array::from_fn(|j| if j == 0 { value(i) } else { (i % 5) as f32 })).collect(),
            labels: (0..n).map(|i| if i < cramps { Label::Cramp } else { Label::Other }).collect(),
            row_has_motion: vec![true; n as usize],
            has_motion: true,
        }
    }

    fn row(first: f64) -> [f64; N_FEATURES] {
        std::array::from_fn(|j| if j == 0 { first } else { 2.0 })
    }

    #[test]
    fn the_probability_is_that_of_a_cramp_whichever_class_is_the_majority() {
        for cramps in [100, 900] {
            let night = night(1000, cramps);
            let model = fit_additive(&[&night], true, &FitOptions { alpha: 0.1, ..FitOptions::default() }).unwrap();
            assert!(model.log_odds(&row(2.9)) > 1.4, "{cramps}");
            assert!(model.log_odds(&row(0.1)) < -1.4, "{cramps}");
        }
    }

    #[test]
    fn one_class_and_nan_are_refused() {
        assert!(matches!(
            fit_additive(&[&night(100, 0)], true, &FitOptions::default()),
            Err(TrainError::OneClass { cramp: 0, other: 100 })
        ));
        let mut broken = night(100, 50);
        broken.rows[7][3] = f32::NAN;
        assert!(matches!(fit_additive(&[&broken], true, &FitOptions::default()), Err(TrainError::NotFinite { .. })));
    }
}

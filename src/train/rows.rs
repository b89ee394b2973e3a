//! The rows that trees are fitted on, as linfa's dataset with weights.

use linfa::dataset::Dataset;
use ndarray::{Array1, Array2, ArrayView2, Ix1};

use super::collect::Label;
use super::{NightRows, TrainError};
use crate::signal::{FeatureRow, N_FEATURES, feature_names};

/// Rows of one event that count in full; of a longer one each counts less, so that a long event teaches no more.
const FULL_ROWS_PER_EVENT: f32 = 80.0;
/// Rows at most this many quarters apart belong to one event.
const NEIGHBOURS: u32 = 4;

/// Every `every`-th row of clear label, with (or without) the motion features; targets are true in a cramp.
pub(crate) fn dataset(nights: &[&NightRows], with_motion: bool, every: usize) -> Dataset<f32, bool, Ix1> {
    let n_features = if with_motion { N_FEATURES } else { FeatureRow::n_without_motion() };
    let (mut values, mut targets, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for night in nights {
        for (index, weight) in event_weights(night).into_iter().enumerate().step_by(every.max(1)) {
            let label = night.labels[index];
            if label != Label::Unclear {
                values.extend_from_slice(&night.rows[index][..n_features]);
                targets.push(label == Label::Cramp);
                weights.push(weight * every as f32);
            }
        }
    }
    // The shape is right by construction; an empty dataset is refused by the fit.
    let records = Array2::from_shape_vec((targets.len(), n_features), values).unwrap_or_default();
    Dataset::new(records, Array1::from_vec(targets)).with_weights(Array1::from_vec(weights))
}

/// Refuses rows with values that are not finite: an unknown value has no place among others, and linfa's trees abort the
/// whole process on it.
///
/// # Errors
/// [`TrainError::NotFinite`] with the first such value.
pub(crate) fn check_finite(rows: ArrayView2<'_, f32>) -> Result<(), TrainError> {
    let Some(((_, feature), value)) = rows.indexed_iter().find(|(_, value)| !value.is_finite()) else { return Ok(()) };
    let name = feature_names().get(feature).map_or_else(|| feature.to_string(), |name| (*name).to_owned());
    Err(TrainError::NotFinite { name, value: f64::from(*value) })
}

/// The weight of each row: 1, or less in stretches of one label that are longer than [`FULL_ROWS_PER_EVENT`].
pub(crate) fn event_weights(night: &NightRows) -> Vec<f32> {
    let mut weights = vec![1.0; night.rows.len()];
    let quarters: Vec<u32> = night.hops.iter().filter(|hop| hop.row.is_some()).map(|hop| hop.quarter).collect();
    let mut start = 0;
    for index in 1..=quarters.len() {
        let ends = index == quarters.len()
            || quarters[index] > quarters[index - 1] + NEIGHBOURS
            || night.labels[index] != night.labels[index - 1];
        if ends {
            let weight = (FULL_ROWS_PER_EVENT / (index - start) as f32).min(1.0);
            weights[start..index].fill(weight);
            start = index;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::night;
    use super::*;

    #[test]
    fn a_long_event_counts_no_more_than_eighty_rows() {
        let night = night(500, 100);
        let weights = event_weights(&night);
        let of_cramp: f32 = weights[..100].iter().sum();
        let of_others: f32 = weights[100..].iter().sum();
        assert!((of_cramp - 80.0).abs() < 1e-3 && (of_others - 80.0).abs() < 1e-3);
        let dataset = dataset(&[&night], false, 5);
        assert_eq!(dataset.records().dim(), (100, FeatureRow::n_without_motion()));
    }
}

//! Feature values as small integers: quantiles of the training rows are the edges.

use ndarray::ArrayView2;

use super::TrainError;
use super::rows::check_finite;

/// Rows looked at for quantiles; more change nothing.
const MOST_FOR_QUANTILES: usize = 100_000;

/// Binned rows, row by row.
#[derive(Debug)]
pub(crate) struct Bins {
    n_features: usize,
    codes: Vec<u8>,
    /// For each feature, the largest value of each bin but the last; rising.
    edges: Vec<Vec<f32>>,
}

impl Bins {
    /// Bins with about equally many rows each, at most `most` a feature.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`]: an unknown value has no place.
    pub(crate) fn of(rows: ArrayView2<'_, f32>, most: usize) -> Result<Self, TrainError> {
        let n_features = rows.ncols();
        check_finite(rows)?;
        let most = most.clamp(2, 255);
        let step = rows.nrows().div_ceil(MOST_FOR_QUANTILES).max(1);
        let edges: Vec<Vec<f32>> = (0..n_features)
            .map(|feature| {
                let mut values: Vec<f32> = rows.column(feature).iter().step_by(step).copied().collect();
                values.sort_by(f32::total_cmp);
                let at = |bin: usize| values[bin * (values.len() - 1) / most];
                let mut edges: Vec<f32> = (1..most).map(at).collect();
                edges.dedup();
                edges
            })
            .collect();
        let code = |(feature, value): (usize, &f32)| edges[feature].partition_point(|edge| edge < value) as u8;
        let codes = rows
            .rows()
            .into_iter()
            .flat_map(|row| row.into_iter().enumerate().map(code).collect::<Vec<u8>>())
            .collect();
        Ok(Self { n_features, codes, edges })
    }

    /// All bins of a row.
    #[inline]
    pub(crate) fn row(&self, row: usize) -> &[u8] {
        &self.codes[row * self.n_features..(row + 1) * self.n_features]
    }

    /// Number of bins of a feature.
    pub(crate) fn count(&self, feature: usize) -> usize {
        self.edges[feature].len() + 1
    }

    /// The bin whose largest value is `edge`, one that [`Self::upper_edge`] gave.
    pub(crate) fn bin_up_to(&self, feature: usize, edge: f32) -> u8 {
        self.edges[feature].partition_point(|other| *other < edge) as u8
    }

    /// Largest value of a bin; infinite for the last.
    pub(crate) fn upper_edge(&self, feature: usize, bin: u8) -> f32 {
        self.edges[feature].get(usize::from(bin)).copied().unwrap_or(f32::INFINITY)
    }
}

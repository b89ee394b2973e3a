//! Bayesian logistic regression with normal priors: mode by Newton's method, spread by Laplace's approximation.
//!
//! The penalised log-likelihood is Σ wᵢ (yᵢ ηᵢ − ln(1 + exp ηᵢ)) − ½ Σ (bₖ − mₖ)² / sₖ², η = X b. It is strictly concave, so the
//! mode exists and is finite also if a column separates the nights (Gelman, Jakulin, Pittau, Su 2008). The covariance is the
//! inverse of XᵀWX + P at the mode.

use super::cholesky::{Cholesky, dot};

const MOST_STEPS: usize = 50;
const NEAR_ENOUGH: f64 = 1e-9;

/// A normal prior.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Prior {
    pub(crate) mean: f64,
    pub(crate) sd: f64,
}

/// Rows of nights: columns, outcome, weight.
#[derive(Debug, Clone)]
pub(crate) struct Regression {
    pub(crate) columns: usize,
    /// Row-major.
    pub(crate) x: Vec<f64>,
    pub(crate) cramp: Vec<bool>,
    pub(crate) weight: Vec<f64>,
    pub(crate) priors: Vec<Prior>,
}

/// The mode and the curvature there.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) mode: Vec<f64>,
    curvature: Cholesky,
}

impl Fit {
    /// Mode and standard deviation of coefficient `place`.
    pub(crate) fn of(&self, place: usize) -> (f64, f64) {
        (self.mode[place], self.curvature.inverse_diagonal(place).sqrt())
    }
}

impl Regression {
    /// `None` only if numbers went in that are not finite.
    pub(crate) fn fit(&self) -> Option<Fit> {
        self.fit_but(None).map(|(fit, _)| fit)
    }

    /// The score test of column `place` (Rao 1948): its statistic is standard normal if the column has nothing to do with the
    /// outcome. It needs the fit without the column only, and stays finite under separation. Its variance is that of the weighted
    /// score itself (White 1982): weights below 1 are not frequencies, and taken as such they would make the test too careful.
    pub(crate) fn score(&self, place: usize) -> Option<f64> {
        let (fit, chances) = self.fit_but(Some(place))?;
        let rows = || self.x.chunks_exact(self.columns).zip(&chances).zip(self.cramp.iter().zip(&self.weight));
        let mut shared = vec![0.0; self.columns];
        for ((row, &chance), (_, &weight)) in rows() {
            let spread = weight * chance * (1.0 - chance) * row[place];
            for (shared, value) in shared.iter_mut().zip(row) {
                *shared += spread * value;
            }
        }
        shared[place] = 0.0;
        // The column without what the other columns say of it.
        let explained = fit.curvature.solve(&shared);
        let (mut score, mut variance) = (0.0, 0.0);
        for ((row, &chance), (&cramp, &weight)) in rows() {
            let own = row[place] - dot(row, &explained) + row[place] * explained[place];
            score += weight * row[place] * (f64::from(u8::from(cramp)) - chance);
            variance += (weight * own).powi(2) * chance * (1.0 - chance);
        }
        (variance > 0.0).then(|| score / variance.sqrt()).filter(|score| score.is_finite())
    }

    /// Fits with column `without` held at zero; also the chance of a cramp for each row.
    fn fit_but(&self, without: Option<usize>) -> Option<(Fit, Vec<f64>)> {
        let mut mode: Vec<f64> = self.priors.iter().map(|prior| prior.mean).collect();
        if let Some(place) = without {
            mode[place] = 0.0;
        }
        let mut height = self.height(&mode);
        for _ in 0..MOST_STEPS {
            let (gradient, curvature, _) = self.derivatives(&mode, without)?;
            let step = curvature.solve(&gradient);
            let rise = dot(&step, &gradient);
            if !rise.is_finite() {
                return None;
            }
            if rise < NEAR_ENOUGH {
                break;
            }
            // Newton's step can overshoot far from the mode; half of it, and half again, cannot.
            let mut scale = 1.0;
            loop {
                let next: Vec<f64> = mode.iter().zip(&step).map(|(mode, step)| mode + scale * step).collect();
                let next_height = self.height(&next);
                if next_height >= height || scale < 1e-6 {
                    (mode, height) = (next, next_height);
                    break;
                }
                scale *= 0.5;
            }
        }
        let (_, curvature, chances) = self.derivatives(&mode, without)?;
        mode.iter().all(|value| value.is_finite()).then_some((Fit { mode, curvature }, chances))
    }

    fn height(&self, mode: &[f64]) -> f64 {
        let rows = self.x.chunks_exact(self.columns).zip(self.cramp.iter().zip(&self.weight));
        let likelihood: f64 = rows
            .map(|(row, (&cramp, &weight))| {
                let eta = dot(row, mode);
                weight * (if cramp { eta } else { 0.0 } - log_1p_exp(eta))
            })
            .sum();
        let penalty = mode.iter().zip(&self.priors).map(|(value, prior)| ((value - prior.mean) / prior.sd).powi(2));
        likelihood - 0.5 * penalty.sum::<f64>()
    }

    fn derivatives(&self, mode: &[f64], without: Option<usize>) -> Option<(Vec<f64>, Cholesky, Vec<f64>)> {
        let size = self.columns;
        let mut gradient = vec![0.0; size];
        let mut curvature = vec![0.0; size * size];
        let mut chances = Vec::with_capacity(self.cramp.len());
        for (row, (&cramp, &weight)) in self.x.chunks_exact(size).zip(self.cramp.iter().zip(&self.weight)) {
            let chance = 1.0 / (1.0 + (-dot(row, mode)).exp());
            chances.push(chance);
            let surprise = weight * (f64::from(u8::from(cramp)) - chance);
            let spread = weight * chance * (1.0 - chance);
            for (place, &value) in row.iter().enumerate() {
                gradient[place] += surprise * value;
                let scaled = spread * value;
                for (cell, other) in curvature[place * size..=place * size + place].iter_mut().zip(row) {
                    *cell += scaled * other;
                }
            }
        }
        for (place, prior) in self.priors.iter().enumerate() {
            let precision = prior.sd.powi(-2);
            gradient[place] -= precision * (mode[place] - prior.mean);
            curvature[place * size + place] += precision;
        }
        if let Some(place) = without {
            gradient[place] = 0.0;
            for other in 0..size {
                curvature[place.max(other) * size + place.min(other)] = f64::from(u8::from(other == place));
            }
        }
        Some((gradient, Cholesky::of(&curvature, size)?, chances))
    }
}

/// ln(1 + exp x) that does not overflow.
fn log_1p_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An intercept and one column: `counts` are (value, cramp nights, nights).
    fn regression(counts: &[(f64, usize, usize)], sd: f64) -> Regression {
        let rows = counts.iter().flat_map(|&(value, cramps, nights)| (0..nights).map(move |n| (value, n < cramps)));
        let rows: Vec<(f64, bool)> = rows.collect();
        Regression {
            columns: 2,
            x: rows.iter().flat_map(|row| [1.0, row.0]).collect(),
            cramp: rows.iter().map(|row| row.1).collect(),
            weight: vec![1.0; rows.len()],
            priors: vec![Prior { mean: 0.0, sd: 100.0 }, Prior { mean: 0.0, sd }],
        }
    }

    #[test]
    fn with_a_flat_prior_it_is_the_odds_ratio_of_the_table_with_its_standard_error() {
        let (mode, sd) = regression(&[(0.0, 20, 100), (1.0, 25, 50)], 100.0).fit().unwrap().of(1);
        assert!((mode - 4.0_f64.ln()).abs() < 1e-3, "{mode}");
        let expected = (1.0 / 20.0 + 1.0 / 80.0 + 1.0 / 25.0 + 1.0 / 25.0_f64).sqrt();
        assert!((sd - expected).abs() < 1e-3, "{sd}");
    }

    #[test]
    fn separated_nights_give_a_finite_mode() {
        let (mode, sd) = regression(&[(0.0, 0, 100), (1.0, 40, 40)], 0.35).fit().unwrap().of(1);
        assert!(mode > 0.5 && mode < 5.0 && sd > 0.0 && sd <= 0.35, "{mode} {sd}");
        let score = regression(&[(0.0, 0, 100), (1.0, 40, 40)], 0.35).score(1).unwrap();
        assert!(score > 5.0 && score.is_finite());
    }

    #[test]
    fn the_score_of_two_groups_is_that_of_pearson() {
        // χ² of the table 20/80, 25/25: 150 (20·25 − 80·25)² / (100 · 50 · 45 · 105) = 14.286.
        let score = regression(&[(0.0, 20, 100), (1.0, 25, 50)], 1.0).score(1).unwrap();
        assert!((score * score - 14.286).abs() < 0.01, "{score}");
    }
}

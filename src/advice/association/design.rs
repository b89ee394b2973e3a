//! The columns of the regression: intercept, slow trend, the night before, weekend, factors.
//!
//! Yes and no are centred on their mean, amounts scaled to mean 0 and standard deviation 0.5, so that one prior fits both
//! (Gelman 2008). An unknown value becomes 0, the mean: it says nothing of its own factor and stands in the way of no other.

use jiff::civil::Date;

use super::AssociationOptions;
use super::logistic::{Prior, Regression};
use crate::advice::pairing::{Cut, FactorValues, Paired};

/// Amounts further out than so many of their scaled units (3 standard deviations) count as that far: one wild entry decides nothing.
const FARTHEST: f64 = 1.5;
/// Nights from which on the trend may bend twice.
const NIGHTS_OF_THREE: usize = 120;

/// Columns before the first factor.
pub(super) struct Design {
    pub(super) regression: Regression,
    /// The column of the first factor; the others follow.
    pub(super) first_factor: usize,
}

/// Lays the columns out; `factors` are those that are let in.
pub(super) fn design(paired: &Paired, factors: &[(&FactorValues, &Cut)], options: &AssociationOptions) -> Design {
    let nights = &paired.nights;
    let weight: Vec<f64> =
        nights.iter().map(|night| if night.weight > 0.0 { night.weight.min(1.0) } else { 0.0 }).collect();
    let total: f64 = weight.iter().sum();
    let cramps: f64 = nights.iter().zip(&weight).filter(|(night, _)| night.cramp).map(|(_, weight)| weight).sum();
    let rate = options.stated_rate.unwrap_or((cramps + 0.5) / (total + 1.0)).clamp(0.01, 0.99);

    let mut columns = vec![vec![1.0; nights.len()]];
    let mut priors = vec![Prior { mean: (rate / (1.0 - rate)).ln(), sd: options.intercept_sd }];
    for column in trend(paired) {
        columns.push(column);
        priors.push(Prior { mean: 0.0, sd: options.trend_sd });
    }
    columns.push(centred(nights.iter().map(|night| night.previous.map(yes))));
    priors.push(Prior { mean: 0.0, sd: options.previous_sd });
    columns.push(centred(nights.iter().map(|night| Some(yes(night.weekend)))));
    priors.push(Prior { mean: 0.0, sd: options.weekend_sd });
    let first_factor = columns.len();
    for (factor, cut) in factors {
        columns.push(if cut.yes_no {
            centred(cut.exposed.iter().map(|exposed| exposed.map(yes)))
        } else {
            scaled(factor.values.iter().copied())
        });
        priors.push(Prior { mean: 0.0, sd: options.factor_sd });
    }
    let x = (0..nights.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let cramp = nights.iter().map(|night| night.cramp).collect();
    Design { regression: Regression { columns: columns.len(), x, cramp, weight, priors }, first_factor }
}

/// Days from the first night to each.
pub(super) fn days(paired: &Paired) -> Vec<f64> {
    let first = paired.nights.first().map_or(Date::ZERO, |night| night.night);
    paired.nights.iter().map(|night| night.night.duration_since(first).as_secs_f64() / 86400.0).collect()
}

/// A natural cubic spline over time without its constant: 2 columns, from 120 nights on 3 (Harrell 2001, section 2.4.5; knots at
/// his quantiles).
fn trend(paired: &Paired) -> Vec<Vec<f64>> {
    let days = days(paired);
    let span = days.last().copied().unwrap_or(0.0);
    if days.len() < 10 || span <= 0.0 {
        return Vec::new();
    }
    let quantiles: &[f64] = if days.len() < NIGHTS_OF_THREE { &[0.1, 0.5, 0.9] } else { &[0.05, 0.35, 0.65, 0.95] };
    let knots: Vec<f64> =
        quantiles.iter().map(|quantile| days[(quantile * (days.len() - 1) as f64) as usize] / span).collect();
    let (last, before_last) = (knots[knots.len() - 1], knots[knots.len() - 2]);
    let cube = |x: f64| x.max(0.0).powi(3);
    let mut columns = vec![scaled(days.iter().map(|day| Some(day / span)))];
    for &knot in &knots[..knots.len() - 2] {
        if last <= before_last {
            break;
        }
        let (far, near) = ((before_last - knot) / (last - before_last), (last - knot) / (last - before_last));
        columns.push(scaled(days.iter().map(|day| {
            let x = day / span;
            Some(cube(x - knot) - cube(x - before_last) * near + cube(x - last) * far)
        })));
    }
    columns
}

fn yes(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

fn centred(values: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    let values: Vec<Option<f64>> = values.collect();
    let (mean, _) = mean_and_sd(&values);
    values.iter().map(|value| value.map_or(0.0, |value| value - mean)).collect()
}

fn scaled(values: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    let values: Vec<Option<f64>> = values.collect();
    let (mean, sd) = mean_and_sd(&values);
    // A spread of rounding errors is no spread.
    let scale = if sd > 1e-6 * mean.abs() && sd > 0.0 { 0.5 / sd } else { 0.0 };
    let value = |value: Option<f64>| value.map_or(0.0, |value| ((value - mean) * scale).clamp(-FARTHEST, FARTHEST));
    values.into_iter().map(value).collect()
}

fn mean_and_sd(values: &[Option<f64>]) -> (f64, f64) {
    let count = values.iter().flatten().count().max(1) as f64;
    let mean = values.iter().flatten().sum::<f64>() / count;
    let squares: f64 = values.iter().flatten().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_mean_zero_and_half_a_unit_of_spread_and_the_unknown_is_the_mean() {
        let column = scaled([Some(100.0), None, Some(300.0)].into_iter());
        assert_eq!(column, vec![-0.5, 0.0, 0.5]);
        assert_eq!(scaled([Some(300.0), Some(300.0)].into_iter()), vec![0.0, 0.0]);
    }

    #[test]
    fn a_wild_entry_is_held_back() {
        let column = scaled((0..100).map(|day| Some(if day == 7 { 1e9 } else { f64::from(day) })));
        assert_eq!(column[7], FARTHEST);
    }
}

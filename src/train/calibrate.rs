//! Probabilities that mean what they say: Platt's calibration with linfa, and the table that shows whether it holds.

use linfa::composing::platt_scaling::{Platt as LinfaPlatt, platt_newton_method};
use linfa::prelude::ParamGuard;
use ndarray::Array1;

use super::collect::Label;
use super::{NightRows, TrainError};
use crate::detect::Platt;

/// Most rows that calibration looks at; more change nothing.
const MOST_ROWS: usize = 300_000;

/// Fits slope and offset on log odds of people left out (a value for each row of each night).
///
/// # Errors
/// [`TrainError::Fit`] when linfa's Newton method fails.
pub(crate) fn calibrate(nights: &[&NightRows], log_odds: &[Vec<f64>]) -> Result<Platt, TrainError> {
    let of_night = |(night, values): (&&NightRows, &Vec<f64>)| -> Vec<(f64, bool)> {
        night.labels.iter().zip(values).filter_map(|(label, value)| clear(*label, *value)).collect()
    };
    let rows: Vec<(f64, bool)> = nights.iter().zip(log_odds).flat_map(of_night).collect();
    let step = rows.len().div_ceil(MOST_ROWS).max(1);
    let values: Array1<f64> = rows.iter().step_by(step).map(|(value, _)| *value).collect();
    let targets: Array1<bool> = rows.iter().step_by(step).map(|(_, cramp)| *cramp).collect();
    let failed = |error: &dyn std::fmt::Display| TrainError::Fit(format!("calibration: {error}"));
    let params = LinfaPlatt::<f64, ()>::params().check().map_err(|error| failed(&error))?;
    let (a, b) = platt_newton_method(values.view(), targets.view(), &params).map_err(|error| failed(&error))?;
    // linfa's probability is 1 / (1 + exp(a·x + b)).
    Ok(Platt { slope: -a, offset: -b })
}

/// One line of a reliability table.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct ReliabilityRow {
    /// Probabilities from here …
    pub from: f64,
    /// … to here.
    pub to: f64,
    /// Windows.
    pub windows: usize,
    /// Their mean probability.
    pub said: f64,
    /// Share of them that were in a cramp.
    pub found: f64,
}

/// What was said against what was found, in ten steps of probability; steps without windows are left out.
pub(crate) fn reliability(nights: &[&NightRows], probabilities: &[Vec<f64>]) -> Vec<ReliabilityRow> {
    let mut steps = [(0_usize, 0.0, 0_usize); 10];
    for (probability, cramp) in labelled(nights, probabilities) {
        let step = &mut steps[((probability * 10.0) as usize).min(9)];
        *step = (step.0 + 1, step.1 + probability, step.2 + usize::from(cramp));
    }
    let row = |(index, (windows, said, found)): (usize, (usize, f64, usize))| ReliabilityRow {
        from: index as f64 / 10.0,
        to: (index + 1) as f64 / 10.0,
        windows,
        said: said / windows as f64,
        found: found as f64 / windows as f64,
    };
    steps.into_iter().enumerate().filter(|(_, step)| step.0 > 0).map(row).collect()
}

/// Values of hops with a row of clear label, and whether that is a cramp.
fn labelled(nights: &[&NightRows], values: &[Vec<f64>]) -> Vec<(f64, bool)> {
    let of_night = |(night, values): (&&NightRows, &Vec<f64>)| -> Vec<(f64, bool)> {
        let kept = night.hops.iter().zip(values);
        kept.filter_map(|(hop, value)| clear(night.labels[hop.row? as usize], *value)).collect()
    };
    nights.iter().zip(values).flat_map(of_night).collect()
}

/// A value and whether it is of a cramp; nothing if that is unclear.
fn clear(label: Label, value: f64) -> Option<(f64, bool)> {
    (label != Label::Unclear).then_some((value, label == Label::Cramp))
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::night;
    use super::*;

    #[test]
    fn calibration_is_right_way_round_and_undoes_overconfidence() {
        // A third of the hops with high log odds are no cramp: 4 says far too much.
        let night = night(3000, 1000);
        let values: Vec<f64> = (0..3000).map(|i| if i < 1500 { 4.0 } else { -4.0 }).collect();
        let platt = calibrate(&[&night], std::slice::from_ref(&values)).unwrap();
        assert!(platt.slope > 0.0);
        let probability = |value: f64| 1.0 / (1.0 + (-platt.apply(value)).exp());
        assert!((probability(4.0) - 2.0 / 3.0).abs() < 0.02 && probability(-4.0) < 0.01);
        let said: Vec<f64> = values.iter().map(|value| probability(*value)).collect();
        for row in reliability(&[&night], &[said]) {
            assert!((row.said - row.found).abs() < 0.02, "{row:?}");
        }
    }
}

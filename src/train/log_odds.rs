//! Log odds of each row of each night, and the probabilities they mean for each hop.

use super::NightRows;
use super::parallel::in_parallel;
use super::tune::{at_hops, of_rows};
use crate::detect::{Form, PackedForm, Platt};

/// Log odds of each row of each night.
pub(super) type LogOdds = Vec<Vec<f64>>;

/// What training says of a row whose acceleration dropped out: not judged, since half a row teaches neither part.
const NOT_JUDGED: f64 = -50.0;

/// Raw log odds of each row of each night by that of the forms which `of` names.
pub(super) fn raw_log_odds(nights: &[&NightRows], forms: &[&Form], of: impl Fn(&NightRows) -> usize + Sync) -> LogOdds {
    let forms: Vec<PackedForm> = forms.iter().map(|form| PackedForm::of(form)).collect();
    in_parallel(nights.len(), |index| {
        let form = &forms[of(nights[index])];
        let night = nights[index];
        let odds = |row: &[f64], has_motion: bool| {
            if has_motion || !night.has_motion { form.log_odds(row) } else { NOT_JUDGED }
        };
        of_rows(night, odds)
    })
}

/// Calibrated probabilities of each hop of each night.
pub(super) fn hop_probabilities(nights: &[&NightRows], log_odds: &LogOdds, platt: Platt) -> Vec<Vec<f64>> {
    let night = |(night, odds): (&&NightRows, &Vec<f64>)| {
        let of_rows: Vec<f64> = odds.iter().map(|odds| platt.probability(*odds)).collect();
        at_hops(night, &of_rows)
    };
    nights.iter().zip(log_odds).map(night).collect()
}

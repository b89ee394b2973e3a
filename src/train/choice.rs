//! What is decided without each outer fold, by two inner halves of the other people: the candidate, its calibration and
//! its thresholds.

use super::blend::{Blend, RawOdds};
use super::calibrate::calibrate;
use super::folds::Folds;
use super::log_odds::{LogOdds, hop_probabilities, raw_log_odds};
use super::parallel::in_parallel;
use super::tune::Tuned;
use super::{NightRows, TrainError, TrainOptions, tune};
use crate::detect::{Form, Platt, Thresholds};

/// What each candidate is worth without one outer fold.
#[derive(Debug)]
pub(super) struct FoldChoice {
    /// Of each candidate.
    pub(super) worth: Vec<f64>,
    /// Fits of each candidate on the two inner folds, with the motion features.
    forms: Vec<[Form; 2]>,
}

/// For each outer fold: two inner folds by person among the others, each candidate fitted on one and judged on the other.
pub(super) fn choose_in_each_fold(
    all: &[&NightRows],
    folds: &Folds,
    options: &TrainOptions,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Vec<FoldChoice>, TrainError> {
    let mut choices = Vec::new();
    for fold in 0..folds.n {
        tell(&format!("choosing without fold {} of {}", fold + 1, folds.n));
        let (rest, halves) = folds.inner(all, fold);
        let jobs = options.candidates.len() * 2;
        let fits = in_parallel(jobs, |job| options.candidates[job / 2].fit(&halves[job % 2], true, options.every * 3));
        let forms = fits.into_iter().collect::<Result<Vec<Form>, TrainError>>()?;
        let mut choice = FoldChoice { worth: Vec::new(), forms: Vec::new() };
        for pair in forms.as_chunks::<2>().0 {
            let log_odds = judged_by_the_other_half(&rest, folds, pair);
            let platt = calibrate(&rest, &log_odds)?;
            choice.worth.push(tune(&rest, &hop_probabilities(&rest, &log_odds, platt)).worth);
            choice.forms.push(pair.clone());
        }
        choices.push(choice);
    }
    Ok(choices)
}

/// Calibration and thresholds of the chosen candidate without each outer fold, from the inner folds.
pub(super) fn settings_of_each_fold(
    all: &[&NightRows],
    folds: &Folds,
    options: &TrainOptions,
    choices: Vec<FoldChoice>,
    best: usize,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Vec<(Blend, Thresholds)>, TrainError> {
    let chosen = options.candidates[best];
    let mut settings = Vec::new();
    for (fold, choice) in choices.into_iter().enumerate() {
        tell(&format!("calibrating without fold {} of {}", fold + 1, folds.n));
        let (rest, halves) = folds.inner(all, fold);
        let with_motion = judged_by_the_other_half(&rest, folds, &choice.forms[best]);
        let without_motion = if chosen.is_blended() {
            let fits = in_parallel(2, |half| chosen.fit(&halves[half], false, options.every * 3));
            let forms = fits.into_iter().collect::<Result<Vec<Form>, TrainError>>()?;
            Some(judged_by_the_other_half(&rest, folds, &forms))
        } else {
            None
        };
        let raw = RawOdds { with_motion, without_motion };
        let blend = Blend::of(&rest, &raw)?;
        let Tuned { thresholds, .. } = tune(&rest, &hop_probabilities(&rest, &blend.apply(&raw), Platt::default()));
        settings.push((blend, thresholds));
    }
    Ok(settings)
}

/// Raw log odds of each inner half by the fit on the other.
fn judged_by_the_other_half(rest: &[&NightRows], folds: &Folds, of_halves: &[Form]) -> LogOdds {
    raw_log_odds(rest, &of_halves.iter().collect::<Vec<_>>(), |night| 1 - folds.half_of(night))
}

//! The whole of training: fold by person, choose, calibrate and tune on people left out, fit on all.

use super::blend::{Blend, RawOdds};
use super::calibrate::{ReliabilityRow, calibrate, reliability};
use super::choice::{choose_in_each_fold, settings_of_each_fold};
use super::folds::Folds;
use super::log_odds::{LogOdds, hop_probabilities, raw_log_odds};
use super::parallel::in_parallel;
use super::tune::score_all;
use super::{Candidate, Figures, NightRows, NightScore, TrainError, tune};
use crate::detect::{Classifier, Form, Model, Platt, Thresholds};
use crate::signal::FEATURE_SET;

/// How a model is trained.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// Id of the new model.
    pub id: String,
    /// Outer folds, split by person.
    pub folds: usize,
    /// What is chosen among.
    pub candidates: Vec<Candidate>,
    /// Of neighbouring rows, one in this many is used in the fits that figures come from; in the choice among candidates one
    /// in three times as many.
    pub every: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self { id: "trees-6".to_owned(), folds: 3, candidates: Candidate::defaults(), every: 8 }
    }
}

/// A new model and its figures on people left out.
#[derive(Debug)]
pub struct Learned {
    /// Fitted on all people.
    pub model: Model,
    /// What was chosen.
    pub chosen: Candidate,
    /// What each candidate was worth in the inner folds, in the order of the options: mean over outer folds.
    pub worth: Vec<(String, f64)>,
    /// Out of the outer folds, calibration and thresholds chosen without the fold. The candidate is that of the best mean worth.
    pub nested: Figures,
    /// Out of fold with the model's own calibration and thresholds, with acceleration.
    pub with_motion: Figures,
    /// Out of fold, without.
    pub without_motion: Figures,
    /// What was said against what was found, out of fold, with acceleration.
    pub reliability: Vec<ReliabilityRow>,
    /// Windows of cramp, other windows.
    pub windows: (usize, usize),
}

/// Trains on nights; `tell` hears of each step.
///
/// # Errors
/// When there are too few people, one class, or a fit fails.
pub fn train(
    nights: &[NightRows],
    options: &TrainOptions,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Learned, TrainError> {
    let folds = Folds::of(nights, options.folds.max(2))?;
    let all: Vec<&NightRows> = nights.iter().collect();
    let choices = choose_in_each_fold(&all, &folds, options, tell)?;
    let n = choices.len() as f64;
    let mean_worth = |index: usize| choices.iter().map(|choice| choice.worth[index]).sum::<f64>() / n;
    let worth: Vec<(String, f64)> =
        options.candidates.iter().enumerate().map(|(index, c)| (c.name(), mean_worth(index))).collect();
    let best = best_of(&worth.iter().map(|(_, worth)| *worth).collect::<Vec<_>>());
    let chosen = options.candidates[best];
    let settings = settings_of_each_fold(&all, &folds, options, choices, best, tell)?;
    tell(&format!("chosen: {}; fitting it on each fold and on all", chosen.name()));
    let mut jobs: Vec<(Option<usize>, bool)> = vec![(None, true), (None, false)];
    jobs.extend((0..folds.n).flat_map(|fold| [(Some(fold), true), (Some(fold), false)]));
    let fits = in_parallel(jobs.len(), |job| {
        let (fold, with_motion) = jobs[job];
        let part: Vec<&NightRows> = all.iter().copied().filter(|night| folds.of_night(night) != fold).collect();
        let form = chosen.fit(&part, with_motion, options.every);
        tell(&format!("fit {} of {} done", job + 1, jobs.len()));
        form
    });
    let mut forms = fits.into_iter().collect::<Result<Vec<Form>, TrainError>>()?;
    let of_folds = forms.split_off(2);
    let (Some(without_motion), Some(with_motion)) = (forms.pop(), forms.pop()) else {
        return Err(TrainError::Fit("a fit is missing".to_owned()));
    };
    tell("judging it on people left out");
    let held_out = |form: usize| {
        let of_fold: Vec<&Form> = of_folds.iter().skip(form).step_by(2).collect();
        raw_log_odds(&all, &of_fold, |night| folds.of_night(night).unwrap_or(0))
    };
    let without = held_out(1);
    let raw = RawOdds { with_motion: held_out(0), without_motion: chosen.is_blended().then_some(without.clone()) };
    let blend = Blend::of(&all, &raw)?;
    let platt_without = blend.without_motion().map_or_else(|| calibrate(&all, &without), Ok)?;
    let nested = nested_figures(&all, &folds, &settings, &raw);
    let probabilities = hop_probabilities(&all, &blend.apply(&raw), Platt::default());
    let thresholds = tune(&all, &probabilities).thresholds;
    let model = Model {
        id: options.id.clone(),
        feature_set: FEATURE_SET.to_owned(),
        with_motion: blend.classifier(with_motion, &without_motion),
        without_motion: Classifier { form: without_motion, platt: platt_without },
        thresholds,
        sha256: String::new(),
    };
    Ok(Learned {
        // Through its own file form, so that the model carries its hash and what is returned is what will be loaded.
        model: Model::from_json(&model.to_json()?)?,
        chosen,
        worth,
        nested,
        with_motion: figures(&all, &probabilities, thresholds),
        without_motion: figures(&all, &hop_probabilities(&all, &without, platt_without), thresholds),
        reliability: reliability(&all, &probabilities),
        windows: windows(nights),
    })
}

/// Figures of the whole procedure: each fold judged with the calibration and thresholds that were chosen without it. Folds
/// whose choice was another candidate are judged with their settings of the one that was chosen in the end.
fn nested_figures(all: &[&NightRows], folds: &Folds, settings: &[(Blend, Thresholds)], raw: &RawOdds) -> Figures {
    let mut scores: Vec<(usize, NightScore)> = Vec::new();
    for (fold, (blend, thresholds)) in settings.iter().enumerate() {
        let mine = |index: &usize| folds.of_night(all[*index]) == Some(fold);
        let places: Vec<usize> = (0..all.len()).filter(mine).collect();
        let nights: Vec<&NightRows> = places.iter().map(|index| all[*index]).collect();
        let part = |odds: &LogOdds| -> LogOdds { places.iter().map(|index| odds[*index].clone()).collect() };
        let raw =
            RawOdds { with_motion: part(&raw.with_motion), without_motion: raw.without_motion.as_ref().map(part) };
        scores.extend(score_all(
            &nights,
            &hop_probabilities(&nights, &blend.apply(&raw), Platt::default()),
            *thresholds,
        ));
    }
    of_scores(&scores)
}

fn best_of(worth: &[f64]) -> usize {
    (0..worth.len()).reduce(|a, b| if worth[b] > worth[a] { b } else { a }).unwrap_or(0)
}

fn figures(nights: &[&NightRows], probabilities: &[Vec<f64>], thresholds: Thresholds) -> Figures {
    of_scores(&score_all(nights, probabilities, thresholds))
}

pub(super) fn of_scores(scores: &[(usize, NightScore)]) -> Figures {
    let refs: Vec<(usize, &NightScore)> = scores.iter().map(|(person, score)| (*person, score)).collect();
    Figures::of(&refs, 1)
}

fn windows(nights: &[NightRows]) -> (usize, usize) {
    use super::collect::Label;
    let count = |wanted: Label| nights.iter().flat_map(|night| &night.labels).filter(|label| **label == wanted).count();
    (count(Label::Cramp), count(Label::Other))
}

/// Thresholds of a model, for tables.
impl std::fmt::Display for Thresholds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "suspected from {:.2}, started from {:.2} after {} s, ended after {} s below {:.2}",
            self.suspect_probability,
            self.start_probability,
            self.start_after_s,
            self.exit_after_s,
            self.exit_probability
        )
    }
}

//! The whole of training: fold by person, choose, calibrate and tune on people left out, fit on all.

use super::calibrate::{ReliabilityRow, calibrate, reliability};
use super::parallel::in_parallel;
use super::tune::{Tuned, map_rows, score_all};
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
        Self { id: "trees-5".to_owned(), folds: 3, candidates: Candidate::defaults(), every: 8 }
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
    /// Out of the outer folds, candidate, calibration and thresholds chosen without the fold: nothing flatters it.
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

/// Log odds of each hop of each night.
type LogOdds = Vec<Vec<f64>>;

/// Far below any threshold: said of hops where nothing happens.
const NOTHING: f64 = -20.0;

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
    let held_out = |with_motion: bool| -> LogOdds {
        in_parallel(all.len(), |index| {
            let fold = folds.of_night(all[index]).unwrap_or(0);
            raw_log_odds(all[index], &of_folds[2 * fold + usize::from(!with_motion)])
        })
    };
    let (with, without) = (held_out(true), held_out(false));
    let platt = [calibrate(&all, &with)?, calibrate(&all, &without)?];
    let probabilities = [apply(&with, platt[0]), apply(&without, platt[1])];
    let thresholds = tune(&all, &probabilities[0]).thresholds;
    let nested = nested_figures(&all, &folds, &choices, best, &with);
    let mut parts = forms.into_iter().zip(platt).map(|(form, platt)| Classifier { form, platt });
    let (Some(with_motion), Some(without_motion)) = (parts.next(), parts.next()) else {
        return Err(TrainError::Fit("a fit is missing".to_owned()));
    };
    let model = Model {
        id: options.id.clone(),
        feature_set: FEATURE_SET.to_owned(),
        with_motion,
        without_motion,
        thresholds,
        sha256: String::new(),
    };
    Ok(Learned {
        // Through its own file form, so that the model carries its hash and what is returned is what will be loaded.
        model: Model::from_json(&model.to_json()?)?,
        chosen,
        worth,
        nested,
        with_motion: figures(&all, &probabilities[0], thresholds),
        without_motion: figures(&all, &probabilities[1], thresholds),
        reliability: reliability(&all, &probabilities[0]),
        windows: windows(nights),
    })
}

/// What was chosen without one outer fold.
#[derive(Debug)]
struct Choice {
    /// What each candidate was worth on the inner folds.
    worth: Vec<f64>,
    /// Calibration and thresholds of each candidate, from the inner folds.
    settings: Vec<(Platt, Thresholds)>,
}

/// For each outer fold: two inner folds by person among the others, each candidate fitted on one and judged on the other.
fn choose_in_each_fold(
    all: &[&NightRows],
    folds: &Folds,
    options: &TrainOptions,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Vec<Choice>, TrainError> {
    let mut choices = Vec::new();
    for fold in 0..folds.n {
        tell(&format!("choosing without fold {} of {}", fold + 1, folds.n));
        let rest: Vec<&NightRows> = all.iter().copied().filter(|night| folds.of_night(night) != Some(fold)).collect();
        let halves: [Vec<&NightRows>; 2] =
            [0, 1].map(|half| rest.iter().copied().filter(|night| folds.half_of(night) == half).collect());
        let jobs = options.candidates.len() * 2;
        let fits = in_parallel(jobs, |job| options.candidates[job / 2].fit(&halves[job % 2], true, options.every * 3));
        let forms = fits.into_iter().collect::<Result<Vec<Form>, TrainError>>()?;
        let mut choice = Choice { worth: Vec::new(), settings: Vec::new() };
        for pair in forms.chunks(2) {
            let log_odds: LogOdds =
                in_parallel(rest.len(), |index| raw_log_odds(rest[index], &pair[1 - folds.half_of(rest[index])]));
            let platt = calibrate(&rest, &log_odds)?;
            let Tuned { thresholds, worth } = tune(&rest, &apply(&log_odds, platt));
            choice.worth.push(worth);
            choice.settings.push((platt, thresholds));
        }
        choices.push(choice);
    }
    Ok(choices)
}

/// Figures of the whole procedure: each fold judged with the calibration and thresholds that were chosen without it. Folds
/// whose choice was another candidate are judged with their settings of the one that was chosen in the end.
fn nested_figures(all: &[&NightRows], folds: &Folds, choices: &[Choice], best: usize, log_odds: &LogOdds) -> Figures {
    let mut scores: Vec<(usize, NightScore)> = Vec::new();
    for (fold, choice) in choices.iter().enumerate() {
        let (platt, thresholds) = choice.settings[best];
        let mine = |index: &usize| folds.of_night(all[*index]) == Some(fold);
        let places: Vec<usize> = (0..all.len()).filter(mine).collect();
        let nights: Vec<&NightRows> = places.iter().map(|index| all[*index]).collect();
        let part: LogOdds = places.iter().map(|index| log_odds[*index].clone()).collect();
        scores.extend(score_all(&nights, &apply(&part, platt), thresholds));
    }
    of_scores(&scores)
}

/// Which people are left out together.
#[derive(Debug)]
pub(super) struct Folds {
    people: Vec<usize>,
    n: usize,
}

impl Folds {
    pub(super) fn of(nights: &[NightRows], n: usize) -> Result<Self, TrainError> {
        let mut people: Vec<usize> = nights.iter().map(|night| night.person).collect();
        people.sort_unstable();
        people.dedup();
        // Inner folds halve what is left of each outer one.
        if people.len() < 2 * n {
            return Err(TrainError::TooFewPeople { found: people.len(), expected: 2 * n });
        }
        Ok(Self { people, n })
    }

    fn rank(&self, night: &NightRows) -> usize {
        self.people.binary_search(&night.person).unwrap_or(0)
    }

    pub(super) fn of_night(&self, night: &NightRows) -> Option<usize> {
        Some(self.rank(night) % self.n)
    }

    /// Inner half, independent of the outer fold.
    pub(super) fn half_of(&self, night: &NightRows) -> usize {
        self.rank(night) / self.n % 2
    }
}

fn best_of(worth: &[f64]) -> usize {
    (0..worth.len()).reduce(|a, b| if worth[b] > worth[a] { b } else { a }).unwrap_or(0)
}

fn raw_log_odds(night: &NightRows, form: &Form) -> Vec<f64> {
    map_rows(night, NOTHING, |row| form.log_odds(row))
}

/// Calibrated probabilities.
fn apply(log_odds: &LogOdds, platt: Platt) -> Vec<Vec<f64>> {
    let probability = |value: &f64| if *value <= NOTHING { 0.0 } else { platt.probability(*value) };
    log_odds.iter().map(|night| night.iter().map(probability).collect()).collect()
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

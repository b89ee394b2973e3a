//! The whole of training: fold by person, choose, calibrate and tune on people left out, fit on all.

use super::blend::{Blend, LogOdds, RawOdds};
use super::calibrate::{ReliabilityRow, calibrate, reliability};
use super::parallel::in_parallel;
use super::tune::{Tuned, at_hops, of_rows, score_all};
use super::{Candidate, Figures, NightRows, NightScore, TrainError, tune};
use crate::detect::{Classifier, Form, Model, PackedForm, Platt, Thresholds};
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
    let platt_without = calibrate(&all, &without)?;
    let raw = RawOdds { with_motion: held_out(0), without_motion: chosen.is_blended().then_some(without.clone()) };
    let blend = Blend::of(&all, &raw)?;
    let nested = nested_figures(&all, &folds, &settings, &raw);
    let probabilities = apply(&all, &blend.apply(&raw), Platt::default());
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
        without_motion: figures(&all, &apply(&all, &without, platt_without), thresholds),
        reliability: reliability(&all, &probabilities),
        windows: windows(nights),
    })
}

/// What each candidate is worth without one outer fold.
#[derive(Debug)]
struct Choice {
    worth: Vec<f64>,
    /// Fits of each candidate on the two inner folds, with the motion features.
    forms: Vec<[Form; 2]>,
}

/// The people of all outer folds but one, and its inner halves.
fn inner<'a>(all: &[&'a NightRows], folds: &Folds, fold: usize) -> (Vec<&'a NightRows>, [Vec<&'a NightRows>; 2]) {
    let rest: Vec<&NightRows> = all.iter().copied().filter(|night| folds.of_night(night) != Some(fold)).collect();
    let halves = [0, 1].map(|half| rest.iter().copied().filter(|night| folds.half_of(night) == half).collect());
    (rest, halves)
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
        let (rest, halves) = inner(all, folds, fold);
        let jobs = options.candidates.len() * 2;
        let fits = in_parallel(jobs, |job| options.candidates[job / 2].fit(&halves[job % 2], true, options.every * 3));
        let forms = fits.into_iter().collect::<Result<Vec<Form>, TrainError>>()?;
        let mut choice = Choice { worth: Vec::new(), forms: Vec::new() };
        for pair in forms.as_chunks::<2>().0 {
            let log_odds = judged_by_the_other_half(&rest, folds, pair);
            let platt = calibrate(&rest, &log_odds)?;
            choice.worth.push(tune(&rest, &apply(&rest, &log_odds, platt)).worth);
            choice.forms.push(pair.clone());
        }
        choices.push(choice);
    }
    Ok(choices)
}

/// Calibration and thresholds of the chosen candidate without each outer fold, from the inner folds.
fn settings_of_each_fold(
    all: &[&NightRows],
    folds: &Folds,
    options: &TrainOptions,
    choices: Vec<Choice>,
    best: usize,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Vec<(Blend, Thresholds)>, TrainError> {
    let chosen = options.candidates[best];
    let mut settings = Vec::new();
    for (fold, choice) in choices.into_iter().enumerate() {
        tell(&format!("calibrating without fold {} of {}", fold + 1, folds.n));
        let (rest, halves) = inner(all, folds, fold);
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
        let Tuned { thresholds, .. } = tune(&rest, &apply(&rest, &blend.apply(&raw), Platt::default()));
        settings.push((blend, thresholds));
    }
    Ok(settings)
}

/// Raw log odds of each inner half by the fit on the other.
fn judged_by_the_other_half(rest: &[&NightRows], folds: &Folds, of_halves: &[Form]) -> LogOdds {
    raw_log_odds(rest, &of_halves.iter().collect::<Vec<_>>(), |night| 1 - folds.half_of(night))
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
        scores.extend(score_all(&nights, &apply(&nights, &blend.apply(&raw), Platt::default()), *thresholds));
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

/// Raw log odds of each row of each night by that of the forms which `of` names.
fn raw_log_odds(nights: &[&NightRows], forms: &[&Form], of: impl Fn(&NightRows) -> usize + Sync) -> LogOdds {
    let forms: Vec<PackedForm> = forms.iter().map(|form| PackedForm::of(form)).collect();
    in_parallel(nights.len(), |index| {
        let form = &forms[of(nights[index])];
        of_rows(nights[index], |row| form.log_odds(row))
    })
}

/// Calibrated probabilities of each hop of each night.
fn apply(nights: &[&NightRows], log_odds: &LogOdds, platt: Platt) -> Vec<Vec<f64>> {
    let night = |(night, odds): (&&NightRows, &Vec<f64>)| {
        let of_rows: Vec<f64> = odds.iter().map(|odds| platt.probability(*odds)).collect();
        at_hops(night, &of_rows)
    };
    nights.iter().zip(log_odds).map(night).collect()
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

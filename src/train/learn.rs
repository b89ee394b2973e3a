//! The whole of training and evaluation: collect, fold by person, fit, tune on people left out, fit on all.

use super::tune::{probabilities, score_all};
use super::{Figures, FitOptions, Material, NightRows, NightScore, TrainError, fit_additive, tune};
use crate::detect::{Additive, Model, Thresholds};
use crate::signal::FEATURE_SET;

/// How a model is trained.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// Id of the new model.
    pub id: String,
    /// Folds, split by person.
    pub folds: usize,
    /// Each fit.
    pub fit: FitOptions,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self { id: "additive-1".to_owned(), folds: 4, fit: FitOptions::default() }
    }
}

/// A new model and its figures on people left out.
#[derive(Debug)]
pub struct Learned {
    /// Fitted on all people.
    pub model: Model,
    /// Out of fold, with acceleration.
    pub with_motion: Figures,
    /// Out of fold, without.
    pub without_motion: Figures,
    /// Windows of cramp, other windows.
    pub windows: (usize, usize),
}

/// Trains on nights. Thresholds are chosen on the same people left out that the figures are made on, so those figures
/// flatter a little: the card says so, and `evaluate` on other people is the figure to believe.
///
/// # Errors
/// When there are too few people, one class, or the fit fails.
pub fn train(nights: &[NightRows], options: &TrainOptions) -> Result<Learned, TrainError> {
    let mut people: Vec<usize> = nights.iter().map(|night| night.person).collect();
    people.sort_unstable();
    people.dedup();
    let folds = options.folds.max(2);
    if people.len() < folds {
        return Err(TrainError::TooFewPeople { found: people.len(), expected: folds });
    }
    let fold_of = |night: &NightRows| people.binary_search(&night.person).unwrap_or(0) % folds;
    let all: Vec<&NightRows> = nights.iter().collect();
    let mut out_of_fold = [Vec::new(), Vec::new()];
    for (with_motion, out) in [true, false].into_iter().zip(&mut out_of_fold) {
        *out = vec![Vec::new(); nights.len()];
        let parts: Vec<Result<(usize, Additive), TrainError>> = in_parallel(folds, |fold| {
            let rest: Vec<&NightRows> = nights.iter().filter(|night| fold_of(night) != fold).collect();
            fit_additive(&rest, with_motion, &options.fit).map(|model| (fold, model))
        });
        for part in parts {
            let (fold, model) = part?;
            for (night, slot) in nights.iter().zip(out.iter_mut()).filter(|(night, _)| fold_of(night) == fold) {
                *slot = probabilities(night, &model);
            }
        }
    }
    let thresholds = tune(&all, &out_of_fold[0]);
    let figures = |p: &[Vec<f64>]| of_scores(&score_all(&all, p, thresholds));
    let (with_motion, without_motion) = (figures(&out_of_fold[0]), figures(&out_of_fold[1]));
    let model = Model {
        id: options.id.clone(),
        feature_set: FEATURE_SET.to_owned(),
        with_motion: fit_additive(&all, true, &options.fit)?,
        without_motion: fit_additive(&all, false, &options.fit)?,
        thresholds,
        sha256: String::new(),
    };
    // Through its own file form, so that the model carries its hash and what is returned is what will be loaded.
    let model = Model::from_json(&model.to_json()?)?;
    Ok(Learned { model, with_motion, without_motion, windows: windows(nights) })
}

/// Event figures of a model on nights, with and without acceleration.
///
/// # Errors
/// When a night cannot be read.
pub fn evaluate(
    model: &Model,
    material: &Material,
    with_motion: bool,
    done: &(dyn Fn() + Sync),
) -> Result<(Figures, Vec<NightRows>), TrainError> {
    let nights = material.collect(done)?;
    let all: Vec<&NightRows> = nights.iter().collect();
    let part = |night: &NightRows| model.part(with_motion && night.has_motion);
    let p: Vec<Vec<f64>> = nights.iter().map(|night| probabilities(night, part(night))).collect();
    let figures = of_scores(&score_all(&all, &p, model.thresholds));
    Ok((figures, nights))
}

fn of_scores(scores: &[(usize, NightScore)]) -> Figures {
    let refs: Vec<(usize, &NightScore)> = scores.iter().map(|(person, score)| (*person, score)).collect();
    Figures::of(&refs, 1)
}

fn windows(nights: &[NightRows]) -> (usize, usize) {
    use super::collect::Label;
    let count = |wanted: Label| nights.iter().flat_map(|night| &night.labels).filter(|label| **label == wanted).count();
    (count(Label::Cramp), count(Label::Other))
}

/// Runs `work` for 0..n on as many threads as there are cores; results in order.
fn in_parallel<T: Send>(n: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut results = Vec::with_capacity(n);
    for start in (0..n).step_by(cores.max(1)) {
        let part: Vec<Option<T>> = std::thread::scope(|scope| {
            let work = &work;
            let handles: Vec<_> = (start..n.min(start + cores)).map(|i| scope.spawn(move || work(i))).collect();
            handles.into_iter().map(|handle| handle.join().ok()).collect()
        });
        results.extend(part.into_iter().flatten());
    }
    results
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

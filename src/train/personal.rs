//! A model for one leg: the thresholds that serve its labelled nights, and what both models make of all stored nights.
//!
//! The classifier is not fitted anew: a person labels a handful of events a week, which is enough to place a threshold and far
//! too little to learn features from.

mod choice;
mod judgement;
mod stored;
mod tables;

pub use choice::{Choice, Evidence, MIN_LABELS, PRIOR_EVENTS};
pub use stored::{StoredNight, stored_nights};
pub use tables::{NightComparison, NightResult, comparison_table, personal_card};

use sha2::{Digest as _, Sha256};

use self::choice::{choose, gain, sort};
use self::stored::{Replay, replay};
use super::tune::probabilities;
use super::{TrainError, detect_night, score_night};
use crate::detect::{Model, Thresholds};

/// What stands in the id of a personal model, between that of its origin and the leg.
const PERSONAL: &str = "-personal-";

/// What to start from.
#[derive(Debug, Clone)]
pub struct PersonalOptions {
    /// The leg, such as `me_left`.
    pub leg: String,
    /// The model for everybody, whose thresholds are moved.
    pub base: Model,
    /// The model that the daemon uses now: what the new one is compared with. Often the same.
    pub in_use: Model,
    /// `detection.enter_probability` of the configuration, which goes before any model's own.
    pub suspect_probability: Option<f64>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Personal {
    /// The new model; none if the labels give no reason for one. Then [`NightComparison::after`] is that of the base.
    pub model: Option<Model>,
    /// The thresholds and what they rest on.
    pub choice: Choice,
    /// The model in use serves the labelled nights better than the new one: it rests on another base.
    pub in_use_is_better: bool,
    /// Every stored night that has raw data, oldest first.
    pub nights: Vec<NightComparison>,
    /// Nights without a label, which were not used for choosing.
    pub unlabelled: usize,
    /// Nights that could not be replayed, each with the reason.
    pub left_out: Vec<String>,
}

/// Whether a model is a personal one: such a one holds its labels already and is no place to start from.
pub fn is_personal(model: &Model) -> bool {
    model.id.contains(PERSONAL)
}

/// Chooses thresholds on the labelled nights and replays all nights with the model in use and the new one. `done` is called
/// after each night.
///
/// # Errors
/// When there is no night to replay, too few labels ([`TrainError::TooFewLabels`]), or the base is a personal model.
pub fn personalise(nights: &[StoredNight], options: &PersonalOptions, done: &dyn Fn()) -> Result<Personal, TrainError> {
    if is_personal(&options.base) {
        return Err(TrainError::PersonalBase { id: options.base.id.clone() });
    }
    let mut left_out = Vec::new();
    let read = |night: &StoredNight, left_out: &mut Vec<String>| {
        let read = replay(night);
        done();
        read.map_err(|error| left_out.push(format!("night of {}: {error}", night.night))).ok()
    };
    // Labelled nights stay in memory for the choice; the others are read one at a time.
    let (labelled, rest): (Vec<&StoredNight>, Vec<&StoredNight>) =
        nights.iter().partition(|night| !night.labels.is_empty());
    let mut judged: Vec<(Replay, Vec<f64>)> = Vec::new();
    for night in labelled {
        if let Some(night) = read(night, &mut left_out) {
            let p = probabilities(&night.rows, &options.base, true);
            judged.push((night, p));
        }
    }
    let choice = choose(&judged, options.base.thresholds).map_err(|error| match error {
        TrainError::TooFewLabels { nights, cramps, false_alarms, .. } if !left_out.is_empty() => {
            let left_out = format!(" (left out: {})", left_out.join("; "));
            TrainError::TooFewLabels { nights, cramps, false_alarms, left_out }
        }
        other => other,
    })?;
    let model = if choice.is_worth_it() { Some(personal_model(options, choice.thresholds)?) } else { None };
    let after = model.as_ref().unwrap_or(&options.base);
    let new_gain = gain(&judged, after.thresholds);
    for (night, p) in &mut judged {
        *p = probabilities(&night.rows, &options.in_use, true);
    }
    let in_use_is_better = gain(&judged, options.in_use.thresholds) > new_gain + 1e-9;
    let mut compared: Vec<NightComparison> = judged.iter().map(|(night, _)| compare(night, options, after)).collect();
    let n_labelled = compared.len();
    for night in rest {
        compared.extend(read(night, &mut left_out).map(|night| compare(&night, options, after)));
    }
    let unlabelled = compared.len() - n_labelled;
    compared.sort_by_key(|night| night.night);
    Ok(Personal { model, choice, in_use_is_better, nights: compared, unlabelled, left_out })
}

/// The base with other thresholds. The id tells base, leg and thresholds, so that the same labels give the same model.
fn personal_model(options: &PersonalOptions, thresholds: Thresholds) -> Result<Model, TrainError> {
    let leg: String = options.leg.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let digest = Sha256::digest(format!("{} {thresholds:?}", options.base.sha256).as_bytes());
    let short = digest.iter().take(3).fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let model = Model { id: format!("{}{PERSONAL}{leg}-{short}", options.base.id), thresholds, ..options.base.clone() };
    // Through its own file form, so that it carries its hash and is what will be loaded.
    Ok(Model::from_json(&model.to_json()?)?)
}

fn compare(night: &Replay, options: &PersonalOptions, after: &Model) -> NightComparison {
    let is_labelled = night.n_labels > 0;
    let result = |model: &Model| {
        let mut thresholds = model.thresholds;
        thresholds.suspect_probability = options.suspect_probability.unwrap_or(thresholds.suspect_probability);
        let p = probabilities(&night.rows, model, true);
        let alarms = detect_night(&night.rows, &p, thresholds);
        let sorted = sort(night, &alarms);
        NightResult {
            episodes: alarms.len(),
            found: score_night(&night.rows.truth, &sorted.judged, night.rows.valid_s()).found,
            again: sorted.again,
            other: if is_labelled { sorted.other } else { 0 },
        }
    };
    NightComparison {
        night: night.night,
        valid_s: night.rows.valid_s(),
        is_labelled,
        cramps: night.rows.truth.len(),
        false_alarms: night.not.len(),
        before: result(&options.in_use),
        after: result(after),
    }
}

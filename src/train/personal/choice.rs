//! Thresholds for one person: the same cost as for everybody, taken only as far as the labels carry.

use super::stored::Replay;
use crate::detect::Thresholds;
use crate::train::event_score::{Alarm, Truth, score_night};
use crate::train::tune::{COST_OF_A_FALSE_ALARM_PER_8H, COST_OF_TEN_SECONDS};
use crate::train::{Figures, NightScore, TrainError, detect_night};

/// The population's choice weighs as much as this many labelled events. It comes from hundreds of simulated cramps, but of
/// other people; ten events of one's own weigh as much.
pub const PRIOR_EVENTS: f64 = 10.0;
/// Labelled cramps, or labelled false alarms, without which nothing is chosen.
pub const MIN_LABELS: usize = 3;
/// What a change must gain on the labelled nights to be worth another model: a second of delay.
const WORTH: f64 = COST_OF_TEN_SECONDS / 10.0;

/// What the labels are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Labelled nights with a raw night.
    pub nights: usize,
    /// Labelled cramps that could be seen in them.
    pub cramps: usize,
    /// Alarms labelled `not`.
    pub false_alarms: usize,
}

/// Thresholds and where they come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The thresholds to use: the population's, moved towards [`Self::best`].
    pub thresholds: Thresholds,
    /// What would serve the labelled nights best, taken by itself.
    pub best: Thresholds,
    /// How far from the population's (0) to the best (1), in log odds and seconds.
    pub weight: f64,
    /// On what.
    pub evidence: Evidence,
    /// Gain of [`Self::thresholds`] over the population's on the labelled nights, in shares of cramps.
    pub gain: f64,
}

impl Choice {
    /// Whether it is worth another model.
    pub fn is_worth_it(&self) -> bool {
        self.gain >= WORTH
    }
}

/// Where the alarms of a night belong.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sorted {
    /// On labelled cramps, on alarms labelled `not`, and elsewhere, but not where nobody knows.
    pub(super) judged: Vec<Alarm>,
    /// Alarms labelled `not` that are raised again.
    pub(super) again: usize,
    /// Alarms where the labels tell of nothing.
    pub(super) other: usize,
}

pub(super) fn sort(night: &Replay, alarms: &[Alarm]) -> Sorted {
    let within = |spans: &[Truth], alarm: &Alarm| spans.iter().position(|span| span.is_alarmed_by(alarm));
    let mut sorted = Sorted::default();
    let mut again = vec![false; night.not.len()];
    for alarm in alarms {
        if within(&night.rows.truth, alarm).is_none() {
            if let Some(index) = within(&night.not, alarm) {
                again[index] = true;
            } else if within(&night.unknown, alarm).is_some() {
                continue;
            } else {
                sorted.other += 1;
            }
        }
        sorted.judged.push(*alarm);
    }
    sorted.again = again.into_iter().filter(|again| *again).count();
    sorted
}

/// Scores a labelled night; stretches of which nobody knows are left out.
fn score(night: &Replay, probabilities: &[f64], thresholds: Thresholds) -> NightScore {
    let alarms = sort(night, &detect_night(&night.rows, probabilities, thresholds)).judged;
    let unknown_s: f64 = night.unknown.iter().map(|span| span.end_s - span.onset_s).sum();
    score_night(&night.rows.truth, &alarms, (night.rows.valid_s() - unknown_s).max(60.0))
}

/// Cramps found less what false alarms and delay cost, as in the choice for everybody.
pub(super) fn gain(nights: &[(Replay, Vec<f64>)], thresholds: Thresholds) -> f64 {
    let scores: Vec<NightScore> = nights.iter().map(|(night, p)| score(night, p, thresholds)).collect();
    let refs: Vec<(usize, &NightScore)> = scores.iter().map(|score| (0, score)).collect();
    let (sensitivity, false_alarms, started_s) = Figures::point(&refs);
    let delay = if started_s.is_finite() { COST_OF_TEN_SECONDS * started_s / 10.0 } else { 0.0 };
    sensitivity - COST_OF_A_FALSE_ALARM_PER_8H * false_alarms - delay
}

/// Chooses on labelled nights, each with the probabilities of its hops.
///
/// # Errors
/// [`TrainError::TooFewLabels`].
pub(super) fn choose(nights: &[(Replay, Vec<f64>)], population: Thresholds) -> Result<Choice, TrainError> {
    let evidence = Evidence {
        nights: nights.len(),
        cramps: nights.iter().map(|(night, _)| night.rows.truth.len()).sum(),
        false_alarms: nights.iter().map(|(night, _)| night.not.len()).sum(),
    };
    let Evidence { cramps, false_alarms, .. } = evidence;
    // Without a cramp the highest threshold would seem best: nothing would be missed.
    if cramps == 0 || (cramps < MIN_LABELS && false_alarms < MIN_LABELS) {
        return Err(TrainError::TooFewLabels {
            nights: evidence.nights,
            cramps,
            false_alarms,
            left_out: String::new(),
        });
    }
    let base = gain(nights, population);
    let mut best = (base, 0.0, population);
    for thresholds in candidates(population) {
        let far = (logit(thresholds.start_probability) - logit(population.start_probability)).abs()
            + (thresholds.start_after_s - population.start_after_s).abs() / 10.0;
        let gain = gain(nights, thresholds);
        // Among equals the nearest: labels that do not tell two thresholds apart are no reason to move.
        if gain > best.0 + 1e-9 || (gain > best.0 - 1e-9 && far < best.1) {
            best = (gain, far, thresholds);
        }
    }
    let events = (cramps + false_alarms) as f64;
    let weight = events / (events + PRIOR_EVENTS);
    let thresholds = between(population, best.2, weight);
    let gained = gain(nights, thresholds) - base;
    Ok(Choice { thresholds, best: best.2, weight, evidence, gain: gained })
}

fn candidates(population: Thresholds) -> Vec<Thresholds> {
    let mut all = Vec::new();
    for step in 0..=30 {
        let start_probability = sigmoid(f64::from(step) * 0.2);
        for start_after_s in [4.0, 5.0, 6.0, 8.0, population.start_after_s] {
            if start_probability > population.exit_probability + 0.05 {
                all.push(moved(population, start_probability, start_after_s));
            }
        }
    }
    all
}

/// Suspicion stays where it is: what it costs is not in the cost. It only makes way for a start below it.
fn moved(population: Thresholds, start_probability: f64, start_after_s: f64) -> Thresholds {
    let suspect_probability = population.suspect_probability.min(start_probability);
    Thresholds { suspect_probability, start_probability, start_after_s, ..population }
}

/// `weight` of the way from one to the other.
fn between(from: Thresholds, to: Thresholds, weight: f64) -> Thresholds {
    let mix = |a: f64, b: f64| a + weight * (b - a);
    let start = sigmoid(mix(logit(from.start_probability), logit(to.start_probability)));
    // Rounded, so that the file shows what was meant.
    let start = if to == from { from.start_probability } else { round(start, 1e4) };
    moved(from, start, round(mix(from.start_after_s, to.start_after_s), 1e2))
}

fn round(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_the_population_to_the_best_is_as_long_as_the_evidence() {
        let population = Thresholds { start_probability: 0.8, suspect_probability: 0.6, ..Thresholds::default() };
        let best = moved(population, 0.95, 8.0);
        assert_eq!(between(population, best, 0.0).start_probability, 0.8);
        let half = between(population, best, 0.5);
        assert!((logit(half.start_probability) - 0.5 * (logit(0.8) + logit(0.95))).abs() < 1e-2, "{half:?}");
        assert_eq!(half.start_after_s, 6.5);
        assert_eq!(half.suspect_probability, 0.6);
        assert_eq!(moved(population, 0.55, 4.0).suspect_probability, 0.55);
        assert_eq!(between(population, population, 0.4), population);
    }

    #[test]
    fn every_candidate_is_sound_and_no_start_lies_below_suspicion() {
        let population = Thresholds::default();
        let all = candidates(population);
        assert_eq!(all.len(), 31 * 5);
        assert!(all.iter().all(|thresholds| thresholds.check().is_ok()), "{all:?}");
        assert!(all.iter().all(|thresholds| thresholds.suspect_probability <= thresholds.start_probability));
    }
}

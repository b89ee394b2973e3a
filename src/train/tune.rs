//! A model over collected nights: the episode machine run on kept rows, and the thresholds that serve best.

use super::{Alarm, Figures, NightRows, NightScore, score_night};
use crate::detect::{Additive, EpisodeEvent, EpisodeMachine, MachineInput, Thresholds};

/// Probabilities of a night's hops: a value for each hop of the night.
pub(crate) fn probabilities(night: &NightRows, model: &Additive) -> Vec<f64> {
    let mut row = [0.0; crate::signal::N_FEATURES];
    let of = |hop: &super::collect::HopRecord| {
        hop.row.map_or(0.0, |index| {
            for (wide, narrow) in row.iter_mut().zip(&night.rows[index as usize]) {
                *wide = f64::from(*narrow);
            }
            model.probability(&row)
        })
    };
    night.hops.iter().map(of).collect()
}

/// Runs the episode machine over a night's probabilities.
pub fn detect_night(night: &NightRows, probabilities: &[f64], thresholds: Thresholds) -> Vec<Alarm> {
    let mut machine = EpisodeMachine::new(thresholds);
    let mut alarms: Vec<Alarm> = Vec::new();
    let mut suspected_s = 0.0;
    let mut open = false;
    let mut listen = |event: EpisodeEvent, quarter: u64| {
        let now_s = (quarter + 1) as f64 / 4.0;
        match event {
            EpisodeEvent::Suspected { .. } => suspected_s = now_s,
            EpisodeEvent::Dropped => {}
            EpisodeEvent::Started { onset_quarter } => {
                let onset_s = onset_quarter as f64 / 4.0;
                alarms.push(Alarm { onset_s, suspected_s, alarm_s: now_s, end_s: now_s });
                open = true;
            }
            EpisodeEvent::Ended { end_quarter, .. } => {
                if let (true, Some(alarm)) = (open, alarms.last_mut()) {
                    alarm.end_s = end_quarter as f64 / 4.0;
                    open = false;
                }
            }
        }
    };
    let mut last = 0;
    for (hop, probability) in night.hops.iter().zip(probabilities) {
        last = u64::from(hop.quarter);
        let active_since = hop.active_for.map(|quarters| last - u64::from(quarters));
        let input = MachineInput { quarter: last, probability: Some(*probability), active_since };
        machine.step(input, |event| listen(event, last));
    }
    machine.finish(|event| listen(event, last));
    alarms
}

/// Scores of nights under thresholds, each with its person.
pub(crate) fn score_all(
    nights: &[&NightRows],
    probabilities: &[Vec<f64>],
    thresholds: Thresholds,
) -> Vec<(usize, NightScore)> {
    let score = |(night, p): (&&NightRows, &Vec<f64>)| {
        (night.person, score_night(&night.truth, &detect_night(night, p, thresholds), night.valid_s()))
    };
    nights.iter().zip(probabilities).map(score).collect()
}

/// A false alarm per eight hours weighs as much as this share of the cramps missed.
pub(super) const COST_OF_A_FALSE_ALARM_PER_8H: f64 = 0.13;
/// Ten seconds of median delay weigh as much as this share of the cramps missed.
pub(super) const COST_OF_TEN_SECONDS: f64 = 0.05;

/// Chooses thresholds on out-of-fold probabilities.
pub fn tune(nights: &[&NightRows], probabilities: &[Vec<f64>]) -> Thresholds {
    let mut best = (f64::NEG_INFINITY, Thresholds::default());
    for start_probability in
        [0.6, 0.65, 0.7, 0.74, 0.78, 0.81, 0.84, 0.865, 0.885, 0.905, 0.92, 0.935, 0.947, 0.957, 0.965]
    {
        for start_after_s in [4.0, 5.0, 6.0, 8.0] {
            let thresholds = Thresholds {
                start_probability,
                start_after_s,
                suspect_probability: (start_probability * 0.75).max(0.5),
                ..Thresholds::default()
            };
            let scores = score_all(nights, probabilities, thresholds);
            let refs: Vec<(usize, &NightScore)> = scores.iter().map(|(person, score)| (*person, score)).collect();
            let (sensitivity, false_alarms, started_s) = Figures::point(&refs);
            let delay = if started_s.is_finite() { COST_OF_TEN_SECONDS * started_s / 10.0 } else { 0.0 };
            let gain = sensitivity - COST_OF_A_FALSE_ALARM_PER_8H * false_alarms - delay;
            if gain > best.0 {
                best = (gain, thresholds);
            }
        }
    }
    best.1
}

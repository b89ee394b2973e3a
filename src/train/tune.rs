//! A model over collected nights: the episode machine run on kept rows, and the thresholds that serve best.

use super::event_score::false_suspicions;
use super::parallel::in_parallel;
use super::{Alarm, Figures, NightRows, NightScore, score_night};
use crate::detect::{EpisodeEvent, EpisodeMachine, MachineInput, Model, PackedForm, Thresholds};

/// Probabilities of a night's hops: a value for each hop of the night. As in the detector, each row is judged by the part
/// for what it has; without `with_motion` acceleration is not looked at.
pub(crate) fn probabilities(night: &NightRows, model: &Model, with_motion: bool) -> Vec<f64> {
    let forms = [false, true].map(|with_motion| PackedForm::of(&model.part(with_motion).form));
    let probability = |row: &[f64], has_motion: bool| {
        let with_motion = with_motion && has_motion;
        model.part(with_motion).platt.probability(forms[usize::from(with_motion)].log_odds(row))
    };
    at_hops(night, &of_rows(night, probability))
}

/// What `of` says of each row of a night, told whether the row has acceleration.
pub(crate) fn of_rows(night: &NightRows, of: impl Fn(&[f64], bool) -> f64) -> Vec<f64> {
    let mut wide = [0.0; crate::signal::N_FEATURES];
    let value = |(row, has_motion): (&[f32; crate::signal::N_FEATURES], &bool)| {
        for (wide, narrow) in wide.iter_mut().zip(row) {
            *wide = f64::from(*narrow);
        }
        of(&wide, *has_motion)
    };
    night.rows.iter().zip(&night.row_has_motion).map(value).collect()
}

/// Probabilities of rows at the hops that have one; 0 at the others, where nothing happens.
pub(crate) fn at_hops(night: &NightRows, of_rows: &[f64]) -> Vec<f64> {
    night.hops.iter().map(|hop| hop.row.map_or(0.0, |row| of_rows[row as usize])).collect()
}

/// Runs the episode machine over a night's probabilities.
pub fn detect_night(night: &NightRows, probabilities: &[f64], thresholds: Thresholds) -> Vec<Alarm> {
    hear_night(night, probabilities, thresholds).0
}

/// [`detect_night`] with the moments of all suspicions in seconds, whatever became of them.
fn hear_night(night: &NightRows, probabilities: &[f64], thresholds: Thresholds) -> (Vec<Alarm>, Vec<f64>) {
    let mut machine = EpisodeMachine::new(thresholds);
    let mut alarms: Vec<Alarm> = Vec::new();
    let mut suspicions_s: Vec<f64> = Vec::new();
    let mut open = false;
    let mut listen = |event: EpisodeEvent, quarter: u64| {
        let now_s = (quarter + 1) as f64 / 4.0;
        match event {
            EpisodeEvent::Suspected { .. } => suspicions_s.push(now_s),
            EpisodeEvent::Dropped => {}
            EpisodeEvent::Started { onset_quarter } => {
                let onset_s = onset_quarter as f64 / 4.0;
                let suspected_s = suspicions_s.last().copied().unwrap_or(now_s);
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
    (alarms, suspicions_s)
}

/// Scores of nights under thresholds, each with its person.
pub(crate) fn score_all(
    nights: &[&NightRows],
    probabilities: &[Vec<f64>],
    thresholds: Thresholds,
) -> Vec<(usize, NightScore)> {
    in_parallel(nights.len().min(probabilities.len()), |index| {
        let night = nights[index];
        let (alarms, suspicions_s) = hear_night(night, &probabilities[index], thresholds);
        let score = score_night(&night.truth, &alarms, night.exposure_s());
        let score = NightScore {
            false_suspicions: false_suspicions(&night.truth, &alarms, &suspicions_s),
            judged_s: night.valid_s(),
            recorded_s: night.recorded_s,
            ..score
        };
        (night.person, score)
    })
}

/// A false alarm per eight hours weighs as much as this share of the cramps missed.
pub(super) const COST_OF_A_FALSE_ALARM_PER_8H: f64 = 0.2;
/// Ten seconds of median delay weigh as much as this share of the cramps missed.
pub(super) const COST_OF_TEN_SECONDS: f64 = 0.02;
/// Log odds of the start that are tried: 0, 0.1, … 6.
const TRIED: std::ops::RangeInclusive<u32> = 0..=60;

/// Thresholds and what they are worth: sensitivity less the costs above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuned {
    /// The best of those tried.
    pub thresholds: Thresholds,
    /// What they are worth on the nights they were chosen on.
    pub worth: f64,
}

/// Chooses thresholds on probabilities of people left out.
pub fn tune(nights: &[&NightRows], probabilities: &[Vec<f64>]) -> Tuned {
    let mut best = Tuned { thresholds: Thresholds::default(), worth: f64::NEG_INFINITY };
    for step in TRIED {
        let thresholds = at_log_odds(f64::from(step) / 10.0);
        let scores = score_all(nights, probabilities, thresholds);
        let refs: Vec<(usize, &NightScore)> = scores.iter().map(|(person, score)| (*person, score)).collect();
        let (sensitivity, false_alarms, started_s) = Figures::point(&refs);
        let delay = if started_s.is_finite() { COST_OF_TEN_SECONDS * started_s / 10.0 } else { 0.0 };
        let worth = sensitivity - COST_OF_A_FALSE_ALARM_PER_8H * false_alarms - delay;
        if worth > best.worth {
            best = Tuned { thresholds, worth };
        }
    }
    best
}

/// The thresholds with a start at these log odds.
pub(crate) fn at_log_odds(log_odds: f64) -> Thresholds {
    let start_probability = 1.0 / (1.0 + (-log_odds).exp());
    Thresholds { start_probability, start_after_s: 4.0, suspect_probability: 0.5, ..Thresholds::default() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::collect;
    use super::*;
    use crate::chunk::Chunk;
    use crate::detect::{Detector, Output};
    use crate::simulate::{CrampCount, Digitiser, EventKind, Night, NightOptions, Person, Second};

    #[test]
    fn what_evaluate_hears_is_what_the_detector_says_also_where_acceleration_drops_out() {
        let options = NightOptions {
            duration_s: 1500,
            emg_rate_hz: 500,
            cramps: CrampCount::Exactly(3),
            drop_out: true,
            ..NightOptions::default()
        };
        let mut night = Night::new(&Person::random(21), &options, 21);
        let mut digitiser = Digitiser::new(&options);
        let (mut second, mut chunks): (_, Vec<Chunk>) = (Second::default(), Vec::new());
        while night.next_second(&mut second) {
            chunks.extend(digitiser.chunk(&second));
        }
        let cramps: Vec<_> = night.truth().iter().filter(|event| event.kind == EventKind::Cramp).collect();
        let second_cramp = cramps[1].onset_s - 20.0..cramps[1].end_s + 20.0;
        let mut without = 0;
        for chunk in &mut chunks {
            if second_cramp.contains(&(chunk.emg_first as f64 / 500.0)) {
                without += chunk.acc.len();
                chunk.acc.clear();
            }
        }
        assert!(without > 0);

        let model = Arc::new(Model::built_in().unwrap());
        let mut detector = Detector::new(digitiser.layout(), Arc::clone(&model)).unwrap();
        let (mut live, mut said): (Vec<(u64, u64, u64)>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut listen = |output| match output {
            Output::Hop(hop) => said.extend(hop.probability),
            Output::Started { onset_quarter, at_quarter, .. } => live.push((onset_quarter, at_quarter, 0)),
            Output::Ended { end_quarter, .. } => live.last_mut().unwrap().2 = end_quarter,
            _ => {}
        };
        chunks.iter().for_each(|chunk| detector.push(chunk, &mut listen));
        detector.finish(&mut listen);

        let rows = collect(1, "made", digitiser.layout(), |sink| {
            chunks.iter().for_each(sink);
            Ok(Vec::new())
        });
        let rows = rows.unwrap();
        assert!(rows.row_has_motion.iter().any(|has| !has) && rows.row_has_motion.iter().any(|has| *has));
        let heard = probabilities(&rows, &model, true);
        assert_eq!(heard.len(), said.len());
        let alarms = detect_night(&rows, &heard, model.thresholds);
        let quarters = |seconds: f64| (seconds * 4.0) as u64;
        let replayed: Vec<(u64, u64, u64)> = alarms
            .iter()
            .map(|alarm| (quarters(alarm.onset_s), quarters(alarm.alarm_s) - 1, quarters(alarm.end_s)))
            .collect();
        assert_eq!(replayed, live);
        assert!(live.len() >= 3, "{live:?}");
        // Kept rows are in single precision; a value next to a split may fall to its other side.
        let differing = heard.iter().zip(&said).filter(|(one, two)| (*one - *two).abs() > 1e-6).count();
        assert!(differing * 200 < said.len(), "{differing} of {}", said.len());
    }
}

//! Everything that is said of a model on nights: figures, by rate and by what happened, a curve, SzCORE, reliability.

use serde::Serialize;

use super::calibrate::{ReliabilityRow, reliability};
use super::learn::of_scores;
use super::parallel::in_parallel;
use super::tune::{at_log_odds, probabilities, score_all};
use super::{
    Alarm, Figures, NightRows, NightScore, SzcoreRow, SzcoreRules, detect_night, szcore_events, szcore_samples,
};
use crate::detect::{Model, Thresholds};

/// An evaluation of one model on one set of nights.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// With acceleration, where there is any.
    pub with_motion: Figures,
    /// EMG alone.
    pub without_motion: Figures,
    /// By EMG rate in Hz, rising; with acceleration.
    pub by_rate: Vec<(f64, Figures)>,
    /// By what happened, most false alarms first.
    pub by_event: Vec<EventRow>,
    /// By the length of the cramp.
    pub by_length: Vec<LengthRow>,
    /// The start threshold moved, all else as it is; with acceleration.
    pub curve: Vec<CurvePoint>,
    /// The same without acceleration.
    pub curve_without_motion: Vec<CurvePoint>,
    /// SzCORE's rules, unchanged, on episodes.
    pub szcore: SzcoreRow,
    /// SzCORE's rules with constants for cramps.
    pub szcore_cramp: SzcoreRow,
    /// SzCORE's sample scoring at 1 Hz.
    pub szcore_samples: SzcoreRow,
    /// What was said against what was found, with acceleration.
    pub reliability: Vec<ReliabilityRow>,
}

/// False alarms that fell on one kind of event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventRow {
    /// What it was; `nothing` for alarms that fell on no event.
    pub name: String,
    /// How often it happened.
    pub events: usize,
    /// False alarms between 3 s before and 3 s after it. One alarm counts for each event that it fell on.
    pub false_alarms: usize,
}

/// Cramps of some length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LengthRow {
    /// From here in seconds …
    pub from_s: f64,
    /// … to here.
    pub to_s: f64,
    /// Cramps.
    pub cramps: usize,
    /// Those with an alarm.
    pub found: usize,
}

/// One threshold on the curve of sensitivity against false alarms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Evidence, as a probability, from which an episode starts.
    pub start_probability: f64,
    /// Share of cramps found.
    pub sensitivity: f64,
    /// False alarms per eight hours.
    pub false_alarms_per_8h: f64,
    /// Median seconds from onset to `cramp_started`.
    pub started_median_s: f64,
}

/// Evaluates a model on nights.
pub fn evaluate(model: &Model, nights: &[NightRows]) -> Evaluation {
    let all: Vec<&NightRows> = nights.iter().collect();
    let said = |with_motion: bool| in_parallel(all.len(), |index| probabilities(all[index], model, with_motion));
    let (with, without) = (said(true), said(false));
    let scores = score_all(&all, &with, model.thresholds);
    let alarms: Vec<Vec<Alarm>> =
        all.iter().zip(&with).map(|(night, p)| detect_night(night, p, model.thresholds)).collect();
    let mut rates: Vec<f64> = all.iter().map(|night| night.emg_rate_hz).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    let of_rate = |rate: f64| -> Vec<(usize, NightScore)> {
        let mine = all.iter().zip(&scores).filter(|(night, _)| (night.emg_rate_hz - rate).abs() < 1e-9);
        mine.map(|(_, score)| score.clone()).collect()
    };
    Evaluation {
        with_motion: of_scores(&scores),
        without_motion: of_scores(&score_all(&all, &without, model.thresholds)),
        by_rate: rates.iter().map(|rate| (*rate, of_scores(&of_rate(*rate)))).collect(),
        by_event: by_event(&all, &scores),
        by_length: by_length(&all, &alarms),
        curve: curve(&all, &with, model.thresholds),
        curve_without_motion: curve(&all, &without, model.thresholds),
        szcore: SzcoreRow::of(&all, &alarms, |truth, alarms, s| {
            szcore_events(truth, alarms, s, &SzcoreRules::default())
        }),
        szcore_cramp: SzcoreRow::of(&all, &alarms, |truth, alarms, s| {
            szcore_events(truth, alarms, s, &SzcoreRules::cramp())
        }),
        szcore_samples: SzcoreRow::of(&all, &alarms, szcore_samples),
        reliability: reliability(&all, &with),
    }
}

fn curve(nights: &[&NightRows], probabilities: &[Vec<f64>], thresholds: Thresholds) -> Vec<CurvePoint> {
    in_parallel(26, |step| {
        let start_probability = at_log_odds(step as f64 / 4.0 - 0.25).start_probability;
        let scores = score_all(nights, probabilities, Thresholds { start_probability, ..thresholds });
        let refs: Vec<(usize, &NightScore)> = scores.iter().map(|(person, score)| (*person, score)).collect();
        let (sensitivity, false_alarms_per_8h, started_median_s) = Figures::point(&refs);
        CurvePoint { start_probability, sensitivity, false_alarms_per_8h, started_median_s }
    })
}

/// How far from an event a false alarm may lie to be its own, in seconds.
const NEAR_S: f64 = 3.0;

fn by_event(nights: &[&NightRows], scores: &[(usize, NightScore)]) -> Vec<EventRow> {
    let mut rows: Vec<EventRow> = Vec::new();
    let mut count = |name: &str, events: usize, false_alarms: usize| match rows.iter_mut().find(|row| row.name == name)
    {
        Some(row) => {
            row.events += events;
            row.false_alarms += false_alarms;
        }
        None => rows.push(EventRow { name: name.to_owned(), events, false_alarms }),
    };
    for (night, (_, score)) in nights.iter().zip(scores) {
        for event in &night.others {
            let near = |alarm: &&Alarm| event.from_s - NEAR_S <= alarm.alarm_s && event.to_s + NEAR_S >= alarm.onset_s;
            count(&event.name, 1, score.false_ones.iter().filter(near).count());
        }
        let lonely = |alarm: &&Alarm| {
            !night
                .others
                .iter()
                .any(|event| event.from_s - NEAR_S <= alarm.alarm_s && event.to_s + NEAR_S >= alarm.onset_s)
        };
        count("nothing", 0, score.false_ones.iter().filter(lonely).count());
    }
    rows.sort_by(|a, b| b.false_alarms.cmp(&a.false_alarms).then(a.name.cmp(&b.name)));
    rows
}

/// Edges of the lengths of cramps, in seconds.
const LENGTHS_S: [f64; 6] = [0.0, 15.0, 30.0, 60.0, 120.0, 100_000.0];

fn by_length(nights: &[&NightRows], alarms: &[Vec<Alarm>]) -> Vec<LengthRow> {
    let row = |edges: &[f64]| {
        let (from_s, to_s) = (edges[0], edges[1]);
        let mut row = LengthRow { from_s, to_s, cramps: 0, found: 0 };
        for (night, alarms) in nights.iter().zip(alarms) {
            for cramp in night.truth.iter().filter(|cramp| (from_s..to_s).contains(&(cramp.end_s - cramp.onset_s))) {
                row.cramps += 1;
                row.found += usize::from(alarms.iter().any(|alarm| cramp.is_alarmed_by(alarm)));
            }
        }
        row
    };
    LENGTHS_S.windows(2).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Truth;
    use super::super::collect::{HopRecord, Label, OtherEvent};
    use super::*;
    use crate::detect::{Classifier, Form, LEAF, Platt, Trees};

    /// Sure of a cramp where the first feature is above 1.5, sure of none elsewhere.
    fn sure_model() -> Model {
        let tree = Trees {
            base: 0.0,
            roots: vec![0],
            feature: vec![0, LEAF, LEAF],
            threshold: vec![1.5, 0.0, 0.0],
            right: vec![2, 0, 0],
            value: vec![0.0, -6.0, 6.0],
        };
        let part = Classifier { form: Form::Trees(tree), platt: Platt::default() };
        let built_in = Model::built_in().unwrap();
        Model { with_motion: part.clone(), without_motion: part, thresholds: at_log_odds(2.0), ..built_in }
    }

    /// A recorded hour without its last ten minutes, in which the model is sure from `from_s` to `to_s` of each of `alarmed`.
    fn hour(person: usize, emg_rate_hz: f64, truth: &[(f64, f64)], alarmed: &[(f64, f64)]) -> NightRows {
        let at = |quarter: u32| alarmed.iter().find(|(from, to)| (*from..*to).contains(&(f64::from(quarter) / 4.0)));
        let judged = 50 * 60 * 4;
        let active_for = |quarter: u32| at(quarter).map(|(from, _)| quarter - (from * 4.0) as u32);
        let rows = (0..judged).map(|quarter| {
            let sure = if at(quarter).is_some() { 2.0 } else { 0.0 };
            std::array::from_fn(|feature| if feature == 0 { sure } else { 0.0 })
        });
        let is_cramp = |quarter: u32| truth.iter().any(|(from, to)| (*from..*to).contains(&(f64::from(quarter) / 4.0)));
        let label = |quarter| if is_cramp(quarter) { Label::Cramp } else { Label::Other };
        NightRows {
            person,
            name: "by hand".to_owned(),
            truth: truth.iter().map(|(onset_s, end_s)| Truth { onset_s: *onset_s, end_s: *end_s }).collect(),
            others: vec![
                OtherEvent { name: "turn".to_owned(), from_s: 1500.0, to_s: 1510.0 },
                OtherEvent { name: "turn".to_owned(), from_s: 2500.0, to_s: 2510.0 },
                OtherEvent { name: "walk".to_owned(), from_s: 2000.0, to_s: 2060.0 },
            ],
            density: 1.0,
            emg_rate_hz,
            recorded_s: 3600.0,
            hops: (0..judged)
                .map(|quarter| HopRecord { quarter, active_for: active_for(quarter), row: Some(quarter) })
                .collect(),
            rows: rows.collect(),
            labels: (0..judged).map(label).collect(),
            row_has_motion: vec![true; judged as usize],
            has_motion: true,
        }
    }

    /// Two people, four cramps: two found as they were, one found late, one missed; an alarm on a turn, one on nothing.
    fn by_hand() -> Evaluation {
        let nights = [
            hour(1, 500.0, &[(600.0, 660.0), (900.0, 1000.0)], &[(600.0, 660.0), (950.0, 1000.0), (1500.0, 1520.0)]),
            hour(2, 1000.0, &[(600.0, 640.0), (900.0, 910.0)], &[(600.0, 640.0), (2300.0, 2330.0)]),
        ];
        evaluate(&sure_model(), &nights)
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
    }

    #[test]
    fn the_figures_of_nights_made_by_hand_are_those_worked_out_by_hand() {
        let evaluation = by_hand();
        let figures = &evaluation.with_motion;
        assert_eq!((figures.people, figures.nights, figures.cramps), (2, 2, 4));
        near(figures.valid_h, 2.0 * 50.0 / 60.0);
        near(figures.coverage.value, 50.0 / 60.0);
        near(figures.sensitivity.value, 3.0 / 4.0);
        near(figures.precision.value, 3.0 / 5.0);
        near(figures.f1.value, 2.0 * 0.75 * 0.6 / (0.75 + 0.6));
        near(figures.false_alarms_per_8h.value, 2.0 / (100.0 / 60.0 / 8.0));
        near(figures.repeats_per_cramp.value, 0.0);
        // An episode has the onset of its stretch; the fast mean needs three quarters more to fall below 0.3.
        near(figures.overlap.value, (60.0 / 60.75 + 50.0 / 100.75 + 40.0 / 40.75) / 3.0);
        near(figures.alarmed_outside_min_per_8h.value, (20.0 + 30.0 + 5.0 * 0.75) / 60.0 / (100.0 / 60.0 / 8.0));
        // Suspected once the fast mean is above one half, started once the muscle has been active for 4 s.
        near(figures.started_median_s.value, 4.0);
        near(figures.started_p90_s.value, 0.8 * 54.0 + 0.2 * 4.0);
        assert!(figures.suspected_median_s.value > 0.0 && figures.suspected_median_s.value <= 1.0, "{figures:?}");
        assert_eq!(evaluation.without_motion.sensitivity, figures.sensitivity);
    }

    #[test]
    fn rows_by_rate_event_and_length_count_each_night_cramp_and_alarm_where_it_belongs() {
        let evaluation = by_hand();
        let rates: Vec<(f64, f64)> =
            evaluation.by_rate.iter().map(|(rate, figures)| (*rate, figures.sensitivity.value)).collect();
        assert_eq!(rates, [(500.0, 1.0), (1000.0, 0.5)]);
        let events: Vec<(&str, usize, usize)> =
            evaluation.by_event.iter().map(|row| (row.name.as_str(), row.events, row.false_alarms)).collect();
        assert_eq!(events, [("nothing", 0, 1), ("turn", 4, 1), ("walk", 2, 0)]);
        let lengths: Vec<(f64, usize, usize)> =
            evaluation.by_length.iter().map(|row| (row.from_s, row.cramps, row.found)).collect();
        assert_eq!(lengths, [(0.0, 1, 0), (15.0, 0, 0), (30.0, 1, 1), (60.0, 2, 2), (120.0, 0, 0)]);
    }

    #[test]
    fn the_curve_falls_with_the_threshold_and_holds_the_figures_at_it() {
        let evaluation = by_hand();
        assert!(evaluation.curve.is_sorted_by(|low, high| low.start_probability < high.start_probability));
        assert!(evaluation.curve.is_sorted_by(|low, high| low.sensitivity >= high.sensitivity));
        let here = evaluation
            .curve
            .iter()
            .find(|point| (point.start_probability - 1.0 / (1.0 + (-2.0_f64).exp())).abs() < 1e-9);
        let here = here.unwrap();
        near(here.sensitivity, evaluation.with_motion.sensitivity.value);
        near(here.false_alarms_per_8h, evaluation.with_motion.false_alarms_per_8h.value);
        // Nothing is surer than the model ever is.
        assert_eq!(evaluation.curve.last().map(|point| point.sensitivity), Some(0.0));
    }
}

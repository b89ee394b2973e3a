//! Everything that is said of a model on nights: figures, by rate and by what happened, a curve, SzCORE, reliability.

use serde::Serialize;

use super::calibrate::{ReliabilityRow, reliability};
use super::learn::of_scores;
use super::parallel::in_parallel;
use super::tune::{at_log_odds, probabilities, score_all};
use super::{
    Alarm, Figures, NightRows, NightScore, SzcoreCounts, SzcoreRules, detect_night, szcore_events, szcore_samples,
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

/// SzCORE's figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SzcoreRow {
    /// Share of reference events found.
    pub sensitivity: Option<f64>,
    /// Share of detections that were right.
    pub precision: Option<f64>,
    /// Harmonic mean of both.
    pub f1: Option<f64>,
    /// False positives per 24 hours.
    pub false_positives_per_24h: Option<f64>,
}

impl From<&SzcoreCounts> for SzcoreRow {
    fn from(counts: &SzcoreCounts) -> Self {
        Self {
            sensitivity: counts.sensitivity(),
            precision: counts.precision(),
            f1: counts.f1(),
            false_positives_per_24h: counts.false_positives_per_24h(),
        }
    }
}

/// Evaluates a model on nights.
pub fn evaluate(model: &Model, nights: &[NightRows]) -> Evaluation {
    let all: Vec<&NightRows> = nights.iter().collect();
    let said = |with_motion: bool| {
        in_parallel(all.len(), |index| probabilities(all[index], model.part(with_motion && all[index].has_motion)))
    };
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
        szcore: szcore(&all, &alarms, |truth, alarms, s| szcore_events(truth, alarms, s, &SzcoreRules::default())),
        szcore_cramp: szcore(&all, &alarms, |truth, alarms, s| szcore_events(truth, alarms, s, &SzcoreRules::cramp())),
        szcore_samples: szcore(&all, &alarms, szcore_samples),
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

fn szcore(
    nights: &[&NightRows],
    alarms: &[Vec<Alarm>],
    of: impl Fn(&[(f64, f64)], &[(f64, f64)], f64) -> SzcoreCounts,
) -> SzcoreRow {
    let mut total = SzcoreCounts::default();
    for (night, alarms) in nights.iter().zip(alarms) {
        let truth: Vec<(f64, f64)> = night.truth.iter().map(|cramp| (cramp.onset_s, cramp.end_s)).collect();
        let alarms: Vec<(f64, f64)> = alarms.iter().map(|alarm| (alarm.onset_s, alarm.end_s)).collect();
        total.add(&of(&truth, &alarms, night.recorded_s));
    }
    SzcoreRow::from(&total)
}

//! SzCORE's figures over many nights, each with its interval from a bootstrap over people.

use std::fmt::Write as _;

use super::interval::bootstrap;
use super::{Alarm, Evaluation, Interval, NightRows, SzcoreCounts};

/// SzCORE's figures.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct SzcoreRow {
    /// Share of reference events found.
    pub sensitivity: Interval,
    /// Share of detections that were right.
    pub precision: Interval,
    /// Harmonic mean of both.
    pub f1: Interval,
    /// False positives per 24 hours.
    pub false_positives_per_24h: Interval,
}

impl SzcoreRow {
    /// Figures of nights by the rules `of`, which takes true events and alarms as (start, end) in seconds, and the length of
    /// the recording in seconds.
    pub(super) fn of(
        nights: &[&NightRows],
        alarms: &[Vec<Alarm>],
        of: impl Fn(&[(f64, f64)], &[(f64, f64)], f64) -> SzcoreCounts,
    ) -> Self {
        let count = |(night, alarms): (&&NightRows, &Vec<Alarm>)| {
            let truth: Vec<(f64, f64)> = night.truth.iter().map(|cramp| (cramp.onset_s, cramp.end_s)).collect();
            let alarms: Vec<(f64, f64)> = alarms.iter().map(|alarm| (alarm.onset_s, alarm.end_s)).collect();
            (night.person, of(&truth, &alarms, night.recorded_s))
        };
        let counts: Vec<(usize, SzcoreCounts)> = nights.iter().zip(alarms).map(count).collect();
        let counts: Vec<(usize, &SzcoreCounts)> = counts.iter().map(|(person, counts)| (*person, counts)).collect();
        let [sensitivity, precision, f1, false_positives_per_24h] = bootstrap(&counts, 1, figures);
        Self { sensitivity, precision, f1, false_positives_per_24h }
    }
}

fn figures(nights: &[&SzcoreCounts]) -> [f64; 4] {
    let mut sum = SzcoreCounts::default();
    nights.iter().for_each(|night| sum.add(night));
    [sum.sensitivity(), sum.precision(), sum.f1(), sum.false_positives_per_24h()]
        .map(|figure| figure.unwrap_or(f64::NAN))
}

/// A Markdown table of SzCORE's figures. Writing to a String cannot fail.
pub fn szcore_table(text: &mut String, evaluation: &Evaluation) {
    text.push_str("| rules | sensitivity | precision | F1 | false positives per 24 h |\n|---|---|---|---|---|\n");
    for (name, row) in [
        ("unchanged", &evaluation.szcore),
        ("constants for cramps", &evaluation.szcore_cramp),
        ("samples at 1 Hz", &evaluation.szcore_samples),
    ] {
        let figures = [row.sensitivity, row.precision, row.f1, row.false_positives_per_24h];
        let _ = writeln!(text, "| {name} | {} |", figures.map(|figure| figure.text(3)).join(" | "));
    }
}

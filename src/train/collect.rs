//! The feature rows of a night, with their labels, compact enough to keep many nights in memory.

use super::{TrainError, Truth};
use crate::chunk::{Chunk, StreamLayout};
use crate::signal::{Conditioner, FeatureExtractor, FeatureRow, N_FEATURES, feature_names};

/// A window's place in truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// Ends within a cramp.
    Cramp,
    /// Touches no cramp.
    Other,
    /// Neither: not used for fitting.
    Unclear,
}

/// One judged hop; rows are kept only where something happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HopRecord {
    pub(crate) quarter: u32,
    /// Quarters since the activity began, if any.
    pub(crate) active_for: Option<u32>,
    /// Position of the row, if the window is active.
    pub(crate) row: Option<u32>,
}

/// Something that happened and is no cramp.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherEvent {
    /// What it was, as in the annotations: `turn`, `bracing` …
    pub name: String,
    /// From here, in seconds from the start of the night.
    pub from_s: f64,
    /// To here.
    pub to_s: f64,
}

/// A night as the trainer sees it.
#[derive(Debug, Clone)]
pub struct NightRows {
    /// Number of the person: what folds are split by.
    pub person: usize,
    /// Name for messages.
    pub name: String,
    /// True cramps.
    pub truth: Vec<Truth>,
    /// What else is known to have happened.
    pub others: Vec<OtherEvent>,
    /// How many times as much as in a natural night happens in it: training nights are packed.
    pub density: f64,
    /// EMG samples per second.
    pub emg_rate_hz: f64,
    /// Seconds from the first to the last sample, gaps included.
    pub recorded_s: f64,
    pub(crate) hops: Vec<HopRecord>,
    pub(crate) rows: Vec<[f32; N_FEATURES]>,
    pub(crate) labels: Vec<Label>,
    /// Of each row: there was acceleration. Where it drops out for a while, the part without it is asked, as at night.
    pub(crate) row_has_motion: Vec<bool>,
    pub(crate) has_motion: bool,
}

impl NightRows {
    /// Judged seconds.
    pub fn valid_s(&self) -> f64 {
        self.hops.len() as f64 / 4.0
    }

    /// Judged seconds of natural nights that hold as much as this one: what false alarms are counted over.
    pub fn exposure_s(&self) -> f64 {
        self.valid_s() * self.density
    }
}

/// How much of a cramp must have been judged for it to count: one that nobody could see (lost link, electrode off) is
/// neither found nor missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Five seconds, or half of a shorter one.
    FiveSecondsOrHalf,
    /// Five seconds, so that shorter ones never count. By this the built-in model was trained and measured on simulated
    /// nights, where about one cramp in 400 is so short; it must come out again to the last bit, so this stays until another
    /// is trained.
    FiveSeconds,
}

impl Seen {
    fn is_enough(self, judged_s: f64, cramp: &Truth) -> bool {
        let half = self == Self::FiveSecondsOrHalf && judged_s >= (cramp.end_s - cramp.onset_s) / 2.0;
        judged_s >= 5.0 || half
    }
}

/// Collects a night. `chunks` gives the night and, once it is over, its cramps.
///
/// # Errors
/// When the layout cannot be conditioned or a feature is not finite.
pub fn collect(
    person: usize,
    name: &str,
    layout: &StreamLayout,
    chunks: impl FnMut(&mut dyn FnMut(&Chunk)) -> Result<Vec<Truth>, TrainError>,
) -> Result<NightRows, TrainError> {
    collect_seen(Seen::FiveSecondsOrHalf, person, name, layout, chunks)
}

/// [`collect`] with another rule of which cramps count.
pub(super) fn collect_seen(
    seen: Seen,
    person: usize,
    name: &str,
    layout: &StreamLayout,
    mut chunks: impl FnMut(&mut dyn FnMut(&Chunk)) -> Result<Vec<Truth>, TrainError>,
) -> Result<NightRows, TrainError> {
    let mut conditioner = Conditioner::new(layout)?;
    let mut extractor = FeatureExtractor::new(layout);
    let mut night = NightRows {
        person,
        name: name.to_owned(),
        truth: Vec::new(),
        others: Vec::new(),
        density: 1.0,
        emg_rate_hz: layout.emg.rate.as_hz(),
        recorded_s: 0.0,
        hops: Vec::new(),
        rows: Vec::new(),
        labels: Vec::new(),
        row_has_motion: Vec::new(),
        has_motion: layout.acc.is_some(),
    };
    let mut trouble = None;
    night.truth = chunks(&mut |chunk| {
        conditioner.push(chunk, |quarter| {
            let row = extractor.push(&quarter);
            night.recorded_s = (quarter.index + 1) as f64 / 4.0;
            if row.valid {
                if let Some((index, value)) = row.values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
                    trouble = Some((index, *value));
                }
                night.add(&row);
            }
        });
    })?;
    if let Some((index, value)) = trouble {
        return Err(TrainError::NotFinite { name: feature_names()[index].to_owned(), value });
    }
    night.label(seen);
    Ok(night)
}

impl NightRows {
    fn add(&mut self, row: &FeatureRow) {
        self.hops.push(HopRecord {
            quarter: row.quarter as u32,
            active_for: row.active_since.map(|since| (row.quarter - since) as u32),
            row: row.active.then_some(self.rows.len() as u32),
        });
        if row.active {
            self.row_has_motion.push(row.has_motion);
            self.rows.push(row.values.map(|value| value as f32));
        }
    }

    fn label(&mut self, rule: Seen) {
        let seen = |cramp: &Truth| {
            let inside = |hop: &&HopRecord| {
                let at_s = f64::from(hop.quarter) / 4.0;
                at_s >= cramp.onset_s && at_s < cramp.end_s
            };
            rule.is_enough(self.hops.iter().filter(inside).count() as f64 / 4.0, cramp)
        };
        let kept: Vec<Truth> = self.truth.iter().copied().filter(seen).collect();
        self.truth = kept;
        let truth = &self.truth;
        let lacks_motion = |row: u32| self.has_motion && !self.row_has_motion[row as usize];
        let place = |hop: &HopRecord| {
            if hop.row.is_some_and(lacks_motion) {
                // Half a row: neither part learns from it.
                return Label::Unclear;
            }
            let end_s = f64::from(hop.quarter + 1) / 4.0;
            let start_s = end_s - 1.0;
            if truth.iter().any(|cramp| end_s >= cramp.onset_s + 0.25 && end_s <= cramp.end_s + 0.25) {
                Label::Cramp
            } else if truth.iter().any(|cramp| end_s > cramp.onset_s - 15.0 && start_s < cramp.end_s + 15.0) {
                // Low tension before, and patchy decay after: neither the one nor the other.
                Label::Unclear
            } else {
                Label::Other
            }
        };
        self.labels = self.hops.iter().filter(|hop| hop.row.is_some()).map(place).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;

    /// Cramps that count in two minutes of noise without the seconds 90 to 100.
    fn counted(rule: Seen, cramps: &[(f64, f64)]) -> Vec<f64> {
        let layout = StreamLayout::reference(Rate::hz(250), 1, None);
        let second = |second: u64| Chunk {
            emg_first: second * 250,
            emg: (0..250_i32).map(|i| ((i * 7919 + second as i32 * 31) % 80 - 40) as i16).collect(),
            ..Chunk::default()
        };
        let night = collect_seen(rule, 1, "made", &layout, |sink| {
            (0..120).filter(|number| !(90..100).contains(number)).for_each(|number| sink(&second(number)));
            Ok(cramps.iter().map(|(onset_s, end_s)| Truth { onset_s: *onset_s, end_s: *end_s }).collect())
        });
        night.unwrap().truth.iter().map(|cramp| cramp.onset_s).collect()
    }

    #[test]
    fn a_short_cramp_counts_if_it_was_seen_and_a_long_one_too_if_five_seconds_were() {
        let cramps = [(70.0, 73.0), (80.0, 95.0), (91.0, 99.0), (88.0, 93.0), (105.0, 115.0)];
        // The last second before a hole and the first after it are judged by halves; nothing is judged within.
        assert_eq!(counted(Seen::FiveSecondsOrHalf, &cramps), [70.0, 80.0, 105.0]);
        assert_eq!(counted(Seen::FiveSeconds, &cramps), [80.0, 105.0]);
    }
}

//! Event figures over many nights, each with its interval from a bootstrap over people.

use super::interval::{bootstrap, people_of, quantile};
use super::{Interval, NightScore};

/// Event figures of a model on nights.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Figures {
    /// People.
    pub people: usize,
    /// Nights.
    pub nights: usize,
    /// Judged hours (of natural nights, for packed ones).
    pub valid_h: f64,
    /// True cramps.
    pub cramps: usize,
    /// Share of cramps with an alarm.
    pub sensitivity: Interval,
    /// Share of alarms that were right (repeats are left out).
    pub precision: Interval,
    /// Harmonic mean of sensitivity and precision.
    pub f1: Interval,
    /// False alarms per eight judged hours.
    pub false_alarms_per_8h: Interval,
    /// Suspicions that belong to no cramp, per eight judged hours.
    pub false_suspicions_per_8h: Interval,
    /// Further alarms for a cramp already found, per cramp.
    pub repeats_per_cramp: Interval,
    /// Minutes in an episode outside any cramp, per eight judged hours.
    pub alarmed_outside_min_per_8h: Interval,
    /// Median seconds from onset to `cramp_suspected`.
    pub suspected_median_s: Interval,
    /// 90th percentile of seconds from onset to `cramp_suspected`.
    pub suspected_p90_s: Interval,
    /// Median seconds from onset to `cramp_started`.
    pub started_median_s: Interval,
    /// 90th percentile of seconds from onset to `cramp_started`.
    pub started_p90_s: Interval,
    /// Mean intersection over union of cramp and episode.
    pub overlap: Interval,
    /// Judged time over recorded time.
    pub coverage: Interval,
}

impl Figures {
    /// Figures of nights, each with the number of its person; `seed` fixes the bootstrap.
    pub fn of(nights: &[(usize, &NightScore)], seed: u64) -> Self {
        let all: Vec<&NightScore> = nights.iter().map(|(_, score)| *score).collect();
        let intervals = bootstrap(nights, seed, figures);
        let interval = |index: usize| intervals[index];
        Self {
            people: people_of(nights).len(),
            nights: nights.len(),
            valid_h: all.iter().map(|night| night.valid_s).sum::<f64>() / 3600.0,
            cramps: all.iter().map(|night| night.cramps).sum(),
            sensitivity: interval(0),
            precision: interval(1),
            f1: interval(2),
            false_alarms_per_8h: interval(3),
            repeats_per_cramp: interval(4),
            alarmed_outside_min_per_8h: interval(5),
            suspected_median_s: interval(6),
            suspected_p90_s: interval(7),
            started_median_s: interval(8),
            started_p90_s: interval(9),
            overlap: interval(10),
            coverage: interval(11),
            false_suspicions_per_8h: interval(12),
        }
    }

    /// Sensitivity, false alarms per eight hours and median delay of `cramp_started` in seconds, without intervals.
    pub(crate) fn point(nights: &[(usize, &NightScore)]) -> (f64, f64, f64) {
        let all: Vec<&NightScore> = nights.iter().map(|(_, score)| *score).collect();
        let figures = figures(&all);
        (figures[0], figures[3], figures[8])
    }

    /// The rows of a table: name, figure with interval.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let (share, plain) = (|figure: Interval| figure.text(3), |figure: Interval| figure.text(2));
        vec![
            ("people, nights, judged hours", format!("{}, {}, {:.0}", self.people, self.nights, self.valid_h)),
            ("cramps", self.cramps.to_string()),
            ("sensitivity", share(self.sensitivity)),
            ("precision", share(self.precision)),
            ("F1", share(self.f1)),
            ("false alarms per 8 h", plain(self.false_alarms_per_8h)),
            ("false suspicions per 8 h", plain(self.false_suspicions_per_8h)),
            ("repeats per cramp", share(self.repeats_per_cramp)),
            ("minutes alarmed outside cramps per 8 h", plain(self.alarmed_outside_min_per_8h)),
            ("cramp_suspected after onset, median s", plain(self.suspected_median_s)),
            ("cramp_suspected after onset, 90th percentile s", plain(self.suspected_p90_s)),
            ("cramp_started after onset, median s", plain(self.started_median_s)),
            ("cramp_started after onset, 90th percentile s", plain(self.started_p90_s)),
            ("overlap (IoU) of cramps found", share(self.overlap)),
            ("coverage (judged over recorded time)", share(self.coverage)),
        ]
    }
}

/// The figures in the order of [`Figures::of`]; NaN where there is nothing to divide by.
fn figures(nights: &[&NightScore]) -> [f64; 13] {
    let sum = |pick: fn(&NightScore) -> f64| nights.iter().map(|night| pick(night)).sum::<f64>();
    let cramps = sum(|n| n.cramps as f64);
    let found = sum(|n| n.found as f64);
    let false_alarms = sum(|n| n.false_alarms as f64);
    let eights = sum(|n| n.valid_s) / 28_800.0;
    let gather = |pick: fn(&NightScore) -> &Vec<f64>| -> Vec<f64> {
        nights.iter().flat_map(|night| pick(night).iter().copied()).collect()
    };
    let overlap = gather(|n| &n.overlap);
    let mut suspected = gather(|n| &n.suspected_delay_s);
    let mut started = gather(|n| &n.started_delay_s);
    [
        found / cramps,
        found / (found + false_alarms),
        2.0 * found / (cramps + found + false_alarms),
        false_alarms / eights,
        sum(|n| n.repeats as f64) / cramps,
        sum(|n| n.alarmed_outside_s) / 60.0 / eights,
        quantile(&mut suspected, 0.5),
        quantile(&mut suspected, 0.9),
        quantile(&mut started, 0.5),
        quantile(&mut started, 0.9),
        overlap.iter().sum::<f64>() / overlap.len() as f64,
        sum(|n| n.judged_s) / sum(|n| n.recorded_s),
        sum(|n| n.false_suspicions as f64) / eights,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_holds_the_value_and_narrows_with_people() {
        let night = |found| NightScore {
            cramps: 4,
            found,
            valid_s: 28_800.0,
            false_alarms: 1,
            false_suspicions: 3,
            ..NightScore::default()
        };
        let nights: Vec<NightScore> = (0..40).map(|i| night(3 + i % 2)).collect();
        let few: Vec<_> = nights.iter().take(6).enumerate().collect();
        let many: Vec<_> = nights.iter().enumerate().collect();
        let (few, many) = (Figures::of(&few, 1), Figures::of(&many, 1));
        assert!(many.sensitivity.low <= 0.875 && many.sensitivity.high >= 0.875);
        assert!(many.sensitivity.high - many.sensitivity.low < few.sensitivity.high - few.sensitivity.low);
        assert_eq!(many.false_alarms_per_8h.value, 1.0);
        assert_eq!(many.false_suspicions_per_8h, Interval { value: 3.0, low: 3.0, high: 3.0 });
        assert!(many.rows().contains(&("false suspicions per 8 h", "3.00 (3.00 to 3.00)".to_owned())));
    }
}

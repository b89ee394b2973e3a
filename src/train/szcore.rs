//! SzCORE: the scoring that seizure detectors are compared with (Dan et al. 2024, Epilepsia, 10.1111/epi.18113), event by
//! event and second by second, to the same counts as the Python package `timescoring` 0.0.7. It stands beside the
//! headline score of `event_score`, so that figures can be compared with published ones.
//!
//! Where the package surprises, it is followed, since a figure under a public name must be the public figure: edges are
//! rounded to 0.1 s with ties to the even tick, an event of the later start sets the end of a merged one even if it ends
//! earlier, and an alarm too short to hold a tick is false wherever it lies.

use serde::{Deserialize, Serialize};

/// An event as (start, end) in seconds from the start of the recording.
type Event = (f64, f64);

/// Ticks a second in which events are compared.
const EVENT_TICKS_HZ: f64 = 10.0;
/// Ticks a second of the scoring by samples.
const SAMPLE_TICKS_HZ: f64 = 1.0;
/// The overlap must be more than the least one by this share, as in the package.
const OVERLAP_MARGIN: f64 = 1e-6;

/// The constants of SzCORE's scoring of events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SzcoreRules {
    /// An alarm may come this long before a true event, in seconds.
    pub tolerance_start_s: f64,
    /// An alarm may come this long after a true event, in seconds.
    pub tolerance_end_s: f64,
    /// Events with a shorter pause between them are one, in seconds.
    pub min_between_s: f64,
    /// Longer events are cut into pieces of this length, in seconds; more than 0.
    pub max_event_s: f64,
    /// An event is found if more than this share of it, tolerances included, is alarmed; 0: any overlap.
    pub min_overlap: f64,
}

impl Default for SzcoreRules {
    /// SzCORE's own, made for epileptic seizures.
    fn default() -> Self {
        Self {
            tolerance_start_s: 30.0,
            tolerance_end_s: 60.0,
            min_between_s: 90.0,
            max_event_s: 300.0,
            min_overlap: 0.0,
        }
    }
}

impl SzcoreRules {
    /// The same for cramps, which come in clusters and may last for minutes: merged below 60 s, cut at 600 s.
    pub fn cramp() -> Self {
        Self { min_between_s: 60.0, max_event_s: 600.0, ..Self::default() }
    }
}

/// What a recording gives, in events or in seconds; sums over recordings by [`SzcoreCounts::add`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct SzcoreCounts {
    /// True events (seconds), after merging and cutting.
    pub ref_true: u64,
    /// Those that were found.
    pub tp: u64,
    /// False alarms (seconds), after merging and cutting.
    pub fp: u64,
    /// Length of the recording in seconds, rounded to a tick.
    pub duration_s: f64,
}

impl SzcoreCounts {
    /// Adds another recording. Ratios of the sum weigh every event alike, not every person.
    pub fn add(&mut self, other: &Self) {
        self.ref_true += other.ref_true;
        self.tp += other.tp;
        self.fp += other.fp;
        self.duration_s += other.duration_s;
    }

    /// Share of true events that were found; `None` without true events.
    pub fn sensitivity(&self) -> Option<f64> {
        ratio(self.tp, self.ref_true)
    }

    /// Found events as a share of these and the false alarms; `None` without either.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.fp)
    }

    /// 2·TP / (2·TP + FP + FN); `None` without true events and false alarms.
    pub fn f1(&self) -> Option<f64> {
        ratio(2 * self.tp, self.tp + self.fp + self.ref_true)
    }

    /// False alarms (seconds) in 24 h; `None` without any time.
    pub fn false_positives_per_24h(&self) -> Option<f64> {
        (self.duration_s > 0.0).then(|| self.fp as f64 / (self.duration_s / 3600.0 / 24.0))
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Scores by events: both sides are merged and cut, true events are widened by the tolerances within the recording, one
/// that is alarmed long enough is found, and an alarm that touches no found one is false.
///
/// `truth` and `alarms` are (start, end) in seconds from the start of the recording, in order of their starts and within
/// it: what begins before 0 is counted from 0, what lies beyond the end can be neither found nor right. An event without
/// finite edges is left out.
pub fn szcore_events(truth: &[Event], alarms: &[Event], duration_s: f64, rules: &SzcoreRules) -> SzcoreCounts {
    let ticks = Ticks::new(duration_s, EVENT_TICKS_HZ);
    let truth = cut(merge(usable(truth), rules.min_between_s), rules.max_event_s);
    let alarms = cut(merge(usable(alarms), rules.min_between_s), rules.max_event_s);
    let alarmed = ticks.marks(&alarms);
    let found: Vec<Event> = truth
        .iter()
        .map(|(start, end)| {
            ((start - rules.tolerance_start_s).max(0.0), (end + rules.tolerance_end_s).min(ticks.duration_s()))
        })
        .filter(|widened| {
            let alarmed_s = alarmed.within(ticks.range(widened)) as f64 / EVENT_TICKS_HZ;
            // An event of no length has no share: 0/0 compares false.
            alarmed_s / (widened.1 - widened.0) > rules.min_overlap + OVERLAP_MARGIN
        })
        .collect();
    let forgiven = ticks.marks(&found);
    SzcoreCounts {
        ref_true: truth.len() as u64,
        tp: found.len() as u64,
        fp: alarms.iter().filter(|alarm| forgiven.within(ticks.range(alarm)) == 0).count() as u64,
        duration_s: ticks.duration_s(),
    }
}

/// Scores by samples at 1 Hz: the counts are seconds. Events as in [`szcore_events`].
pub fn szcore_samples(truth: &[Event], alarms: &[Event], duration_s: f64) -> SzcoreCounts {
    let ticks = Ticks::new(duration_s, SAMPLE_TICKS_HZ);
    let truth = ticks.marks(&usable(truth));
    let alarmed = ticks.marks(&usable(alarms));
    let both: u64 = truth.0.iter().map(|range| alarmed.within(*range)).sum();
    SzcoreCounts { ref_true: truth.total(), tp: both, fp: alarmed.total() - both, duration_s: ticks.duration_s() }
}

fn usable(events: &[Event]) -> Vec<Event> {
    let finite = events.iter().filter(|(start, end)| start.is_finite() && end.is_finite());
    finite.map(|(start, end)| (start.max(0.0), *end)).collect()
}

fn merge(events: Vec<Event>, min_between_s: f64) -> Vec<Event> {
    let mut merged: Vec<Event> = Vec::with_capacity(events.len());
    for event in events {
        match merged.last_mut() {
            Some(last) if event.0 - last.1 < min_between_s => last.1 = event.1,
            _ => merged.push(event),
        }
    }
    merged
}

fn cut(events: Vec<Event>, max_event_s: f64) -> Vec<Event> {
    let mut pieces = Vec::with_capacity(events.len());
    for (mut start, end) in events {
        // The second condition ends the loop where a length is not positive or too small to add.
        while end - start > max_event_s && start + max_event_s > start {
            pieces.push((start, start + max_event_s));
            start += max_event_s;
        }
        pieces.push((start, end));
    }
    pieces
}

/// The time grid of a recording.
#[derive(Debug, Clone, Copy)]
struct Ticks {
    n: u64,
    rate_hz: f64,
}

impl Ticks {
    fn new(duration_s: f64, rate_hz: f64) -> Self {
        // A cast takes NaN and what is negative to 0.
        Self { n: (duration_s * rate_hz).round_ties_even() as u64, rate_hz }
    }

    fn duration_s(self) -> f64 {
        self.n as f64 / self.rate_hz
    }

    fn range(self, event: &Event) -> (u64, u64) {
        let tick = |seconds: f64| ((seconds * self.rate_hz).round_ties_even() as u64).min(self.n);
        (tick(event.0), tick(event.1))
    }

    fn marks(self, events: &[Event]) -> Marks {
        let mut ranges: Vec<(u64, u64)> =
            events.iter().map(|event| self.range(event)).filter(|(from, to)| from < to).collect();
        ranges.sort_unstable();
        let mut marks: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match marks.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => marks.push((from, to)),
            }
        }
        Marks(marks)
    }
}

/// Marked ticks as ranges [from, to): in order, apart, none empty. What the package keeps as a mask.
#[derive(Debug)]
struct Marks(Vec<(u64, u64)>);

impl Marks {
    fn within(&self, (from, to): (u64, u64)) -> u64 {
        self.0.iter().map(|mark| mark.1.min(to).saturating_sub(mark.0.max(from))).sum()
    }

    fn total(&self) -> u64 {
        self.0.iter().map(|(from, to)| to - from).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn events(truth: &[Event], alarms: &[Event]) -> (u64, u64, u64) {
        let counts = szcore_events(truth, alarms, 3600.0, &SzcoreRules::default());
        (counts.ref_true, counts.tp, counts.fp)
    }

    #[test]
    fn an_alarm_within_the_tolerances_is_right_and_one_a_tick_outside_is_false() {
        let truth = [(600.0, 660.0)];
        assert_eq!(events(&truth, &[(560.0, 570.1)]), (1, 1, 0));
        assert_eq!(events(&truth, &[(560.0, 570.0)]), (1, 0, 1));
        assert_eq!(events(&truth, &[(719.9, 730.0)]), (1, 1, 0));
        assert_eq!(events(&truth, &[(720.0, 730.0)]), (1, 0, 1));
    }

    #[test]
    fn events_less_than_90_s_apart_are_one_and_at_90_s_two() {
        assert_eq!(events(&[(100.0, 120.0), (209.9, 220.0)], &[]), (1, 0, 0));
        assert_eq!(events(&[(100.0, 120.0), (210.0, 220.0)], &[]), (2, 0, 0));
        assert_eq!(events(&[], &[(100.0, 120.0), (209.9, 220.0), (300.0, 310.0)]), (0, 0, 1));
    }

    #[test]
    fn a_long_event_is_cut_after_merging_and_each_piece_must_be_found() {
        assert_eq!(events(&[(0.0, 300.0)], &[]), (1, 0, 0));
        assert_eq!(events(&[(0.0, 300.1)], &[]), (2, 0, 0));
        // Two of 200 s and a pause of 50 s are 450 s, so two pieces; the first ends, with its tolerance, at 360 s.
        assert_eq!(events(&[(0.0, 200.0), (250.0, 450.0)], &[(10.0, 20.0)]), (2, 1, 0));
        assert_eq!(events(&[(0.0, 200.0), (250.0, 450.0)], &[(280.0, 285.0)]), (2, 2, 0));
        assert_eq!(events(&[], &[(0.0, 1000.0)]), (0, 0, 4));
    }

    #[test]
    fn the_cramp_constants_merge_below_60_s_and_cut_at_600_s() {
        let count = |truth: &[Event]| szcore_events(truth, &[], 3600.0, &SzcoreRules::cramp()).ref_true;
        assert_eq!(count(&[(100.0, 120.0), (180.0, 200.0)]), 2);
        assert_eq!(count(&[(100.0, 120.0), (179.0, 200.0)]), 1);
        assert_eq!((count(&[(0.0, 600.0)]), count(&[(0.0, 601.0)])), (1, 2));
    }

    #[test]
    fn an_alarm_too_short_for_a_tick_is_false_even_within_a_found_event() {
        assert_eq!(events(&[(600.0, 660.0)], &[(560.0, 575.0), (700.0, 700.06)]), (1, 1, 0));
        assert_eq!(events(&[(600.0, 660.0)], &[(560.0, 575.0), (700.0, 700.04)]), (1, 1, 1));
    }

    #[test]
    fn edges_are_rounded_to_the_even_tick() {
        // 570.05 s is tick 5700.5 and goes to 5700, where the tolerance begins; 570.15 s goes to 5702.
        assert_eq!(events(&[(600.0, 660.0)], &[(560.0, 570.05)]), (1, 0, 1));
        assert_eq!(events(&[(600.0, 660.0)], &[(560.0, 570.15)]), (1, 1, 0));
    }

    #[test]
    fn a_least_overlap_counts_against_the_widened_event_within_the_recording() {
        let rules = SzcoreRules { min_overlap: 0.5, ..SzcoreRules::default() };
        // Widened to 0..100 s of a recording of 100 s.
        let found = |alarm: Event| szcore_events(&[(10.0, 60.0)], &[alarm], 100.0, &rules).tp;
        assert_eq!((found((0.0, 50.0)), found((0.0, 50.1))), (0, 1));
    }

    #[test]
    fn samples_are_counted_in_seconds() {
        let counts = szcore_samples(&[(10.0, 20.0), (15.0, 30.0)], &[(25.0, 40.0), (55.0, 90.0)], 60.0);
        assert_eq!(counts, SzcoreCounts { ref_true: 20, tp: 5, fp: 15, duration_s: 60.0 });
        assert_eq!((counts.sensitivity(), counts.precision()), (Some(0.25), Some(0.25)));
    }

    #[test]
    fn figures_of_summed_recordings_are_of_the_sums_and_none_where_undefined() {
        let mut sum = SzcoreCounts::default();
        assert_eq!(
            (sum.sensitivity(), sum.precision(), sum.f1(), sum.false_positives_per_24h()),
            (None, None, None, None)
        );
        sum.add(&SzcoreCounts { ref_true: 3, tp: 2, fp: 1, duration_s: 3600.0 });
        sum.add(&SzcoreCounts { ref_true: 1, tp: 1, fp: 2, duration_s: 7200.0 });
        assert_eq!((sum.sensitivity(), sum.precision(), sum.f1()), (Some(0.75), Some(0.5), Some(0.6)));
        assert_eq!(sum.false_positives_per_24h(), Some(24.0));
        let quiet = SzcoreCounts { duration_s: 3600.0, ..SzcoreCounts::default() };
        assert_eq!((quiet.f1(), quiet.false_positives_per_24h()), (None, Some(0.0)));
    }

    #[test]
    fn what_is_no_event_or_no_recording_does_no_harm() {
        let odd = [(f64::NAN, 3.0), (1.0, f64::INFINITY), (-50.0, 10.0)];
        assert_eq!(szcore_events(&odd, &odd, 100.0, &SzcoreRules::default()).tp, 1);
        assert_eq!(szcore_samples(&odd, &odd, 100.0).tp, 10);
        for duration_s in [0.0, -5.0, f64::NAN] {
            let counts = szcore_events(&[(0.0, 10.0)], &[(0.0, 10.0)], duration_s, &SzcoreRules::default());
            assert_eq!((counts.ref_true, counts.tp, counts.fp, counts.duration_s), (1, 0, 1, 0.0));
        }
        let rules = SzcoreRules { max_event_s: 0.0, ..SzcoreRules::default() };
        assert_eq!(szcore_events(&[(0.0, 1000.0)], &[], 2000.0, &rules).ref_true, 1);
    }

    #[derive(Deserialize)]
    struct Case {
        truth: Vec<Event>,
        alarms: Vec<Event>,
        duration_s: f64,
        rules: SzcoreRules,
        answers: Answers,
    }

    #[derive(Deserialize)]
    struct Answers {
        default: Figures,
        cramp: Figures,
        given: Figures,
        samples: Figures,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Figures {
        ref_true: u64,
        tp: u64,
        fp: u64,
        sensitivity: Option<f64>,
        precision: Option<f64>,
        f1: Option<f64>,
        false_positives_per_24h: Option<f64>,
    }

    impl From<SzcoreCounts> for Figures {
        fn from(counts: SzcoreCounts) -> Self {
            Self {
                ref_true: counts.ref_true,
                tp: counts.tp,
                fp: counts.fp,
                sensitivity: counts.sensitivity(),
                precision: counts.precision(),
                f1: counts.f1(),
                false_positives_per_24h: counts.false_positives_per_24h(),
            }
        }
    }

    /// Answers of `timescoring`, written by `tests/py/szcore_agrees.py --write-fixture`; `./check` asks it afresh.
    #[test]
    fn every_figure_of_stored_cases_is_that_of_the_timescoring_package() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/data/szcore/cases.json")).unwrap();
        assert!(cases.len() >= 60);
        for (number, case) in cases.into_iter().enumerate() {
            let Case { truth, alarms, duration_s, rules, answers } = case;
            let by = |rules: &SzcoreRules| Figures::from(szcore_events(&truth, &alarms, duration_s, rules));
            assert_eq!(by(&SzcoreRules::default()), answers.default, "case {number}, default");
            assert_eq!(by(&SzcoreRules::cramp()), answers.cramp, "case {number}, cramp");
            assert_eq!(by(&rules), answers.given, "case {number}, {rules:?}");
            assert_eq!(Figures::from(szcore_samples(&truth, &alarms, duration_s)), answers.samples, "case {number}");
        }
    }

    proptest! {
        #[test]
        fn found_and_false_never_exceed_what_there_is(
            truth in proptest::collection::vec((0.0..4000.0_f64, 0.0..900.0_f64), 0..20),
            alarms in proptest::collection::vec((0.0..4000.0_f64, 0.0..900.0_f64), 0..20),
        ) {
            let lay = |spans: &[(f64, f64)]| {
                let mut events: Vec<Event> = spans.iter().map(|(start, length)| (*start, start + length)).collect();
                events.sort_by(|a, b| a.0.total_cmp(&b.0));
                events
            };
            let (truth, alarms) = (lay(&truth), lay(&alarms));
            for counts in [szcore_events(&truth, &alarms, 3600.0, &SzcoreRules::cramp()), szcore_samples(&truth, &alarms, 3600.0)] {
                prop_assert!(counts.tp <= counts.ref_true);
                prop_assert!(counts.f1().is_none_or(|f1| (0.0..=1.0).contains(&f1)));
            }
            let same = szcore_samples(&truth, &truth, 3600.0);
            prop_assert_eq!((same.tp, same.fp), (same.ref_true, 0));
        }
    }
}

//! Alarms against cramps. An alarm is right if its alarm time lies between 30 s before the onset and the end of a cramp;
//! a second one for the same cramp is a repeat; every other alarm is false, counted before any merging.

/// A cramp as it truly was, in seconds from the start of the night.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// The muscle began.
    pub onset_s: f64,
    /// It was over.
    pub end_s: f64,
}

impl Truth {
    /// Whether an alarm is right for this cramp: from 30 s before its onset to its end.
    pub fn is_alarmed_by(&self, alarm: &Alarm) -> bool {
        alarm.alarm_s >= self.onset_s - EARLY_S && alarm.alarm_s <= self.end_s
    }
}

/// A detected episode, in seconds from the start of the night.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarm {
    /// Where the detector puts the onset.
    pub onset_s: f64,
    /// When it was suspected.
    pub suspected_s: f64,
    /// When it was called a cramp.
    pub alarm_s: f64,
    /// Where the detector puts the end.
    pub end_s: f64,
}

/// Tolerance before the onset in seconds: fasciculations and low tension come first.
const EARLY_S: f64 = 30.0;

/// What one night gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NightScore {
    /// Cramps that could be seen (the stretch from onset to end has some valid signal).
    pub cramps: usize,
    /// Cramps with an alarm.
    pub found: usize,
    /// Alarms for no cramp.
    pub false_alarms: usize,
    /// Further alarms for a cramp already found.
    pub repeats: usize,
    /// Suspicions that belong to no cramp, whatever became of them.
    pub false_suspicions: usize,
    /// Seconds from onset to `cramp_suspected`, a value for each cramp found.
    pub suspected_delay_s: Vec<f64>,
    /// Seconds from onset to `cramp_started`, a value for each cramp found.
    pub started_delay_s: Vec<f64>,
    /// Intersection over union of each cramp found with its first episode.
    pub overlap: Vec<f64>,
    /// Seconds in an episode and in no cramp.
    pub alarmed_outside_s: f64,
    /// The alarms for no cramp, for a look at what caused them.
    pub false_ones: Vec<Alarm>,
    /// Judged seconds (of natural nights, for packed ones): what false alarms are counted over.
    pub valid_s: f64,
    /// Judged seconds as they are.
    pub judged_s: f64,
    /// Recorded seconds, judged or not.
    pub recorded_s: f64,
}

/// Scores a night. `valid_s` are its judged seconds.
pub fn score_night(truth: &[Truth], alarms: &[Alarm], valid_s: f64) -> NightScore {
    let mut score = NightScore { cramps: truth.len(), valid_s, ..NightScore::default() };
    let mut found = vec![false; truth.len()];
    for alarm in alarms {
        match truth.iter().position(|cramp| cramp.is_alarmed_by(alarm)) {
            None => {
                score.false_alarms += 1;
                score.false_ones.push(*alarm);
            }
            Some(index) if found[index] => score.repeats += 1,
            Some(index) => {
                found[index] = true;
                let cramp = truth[index];
                score.suspected_delay_s.push(alarm.suspected_s - cramp.onset_s);
                score.started_delay_s.push(alarm.alarm_s - cramp.onset_s);
                let both = overlap_s(cramp.onset_s, cramp.end_s, alarm.onset_s, alarm.end_s);
                let union = (cramp.end_s - cramp.onset_s) + (alarm.end_s - alarm.onset_s) - both;
                score.overlap.push(if union > 0.0 { both / union } else { 0.0 });
            }
        }
        let inside: f64 =
            truth.iter().map(|cramp| overlap_s(cramp.onset_s, cramp.end_s, alarm.onset_s, alarm.end_s)).sum();
        score.alarmed_outside_s += (alarm.end_s - alarm.onset_s - inside).max(0.0);
    }
    score.found = found.iter().filter(|f| **f).count();
    score
}

/// How many suspicions belong to no cramp: raised neither between 30 s before the onset and the end of one, nor the
/// beginning of an alarm that was right. `suspected_s` are the moments of all suspicions.
pub(crate) fn false_suspicions(truth: &[Truth], alarms: &[Alarm], suspected_s: &[f64]) -> usize {
    let is_right = |at_s: f64| {
        let during = |cramp: &Truth| at_s >= cramp.onset_s - EARLY_S && at_s <= cramp.end_s;
        let began = |alarm: &&Alarm| (alarm.suspected_s - at_s).abs() < 1e-9;
        truth.iter().any(during)
            || alarms.iter().filter(began).any(|alarm| truth.iter().any(|cramp| cramp.is_alarmed_by(alarm)))
    };
    suspected_s.iter().filter(|at_s| !is_right(**at_s)).count()
}

fn overlap_s(a_from: f64, a_to: f64, b_from: f64, b_to: f64) -> f64 {
    (a_to.min(b_to) - a_from.max(b_from)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(alarm_s: f64) -> Alarm {
        Alarm { onset_s: alarm_s - 6.0, suspected_s: alarm_s - 3.0, alarm_s, end_s: alarm_s + 40.0 }
    }

    #[test]
    fn a_second_alarm_for_a_cramp_is_a_repeat_and_another_is_false() {
        let truth = [Truth { onset_s: 100.0, end_s: 180.0 }];
        let score = score_night(&truth, &[alarm(106.0), alarm(170.0), alarm(300.0)], 3600.0);
        assert_eq!((score.cramps, score.found, score.repeats, score.false_alarms), (1, 1, 1, 1));
        assert_eq!((score.suspected_delay_s[0], score.started_delay_s[0]), (3.0, 6.0));
    }

    #[test]
    fn a_suspicion_is_false_unless_it_falls_on_a_cramp_or_became_a_right_alarm() {
        let truth = [Truth { onset_s: 100.0, end_s: 180.0 }];
        assert_eq!(false_suspicions(&truth, &[], &[10.0, 69.0, 71.0, 150.0, 180.0, 181.0]), 3);
        // Suspected too early, but the alarm came with the cramp.
        let early = Alarm { onset_s: 55.0, suspected_s: 60.0, alarm_s: 101.0, end_s: 170.0 };
        assert_eq!(false_suspicions(&truth, &[early], &[60.0, 61.0]), 1);
        assert_eq!(false_suspicions(&truth, &[alarm(300.0)], &[297.0]), 1);
        assert_eq!(false_suspicions(&[], &[], &[]), 0);
    }

    #[test]
    fn an_alarm_after_the_end_is_false_and_one_in_the_half_minute_before_is_right() {
        let truth = [Truth { onset_s: 100.0, end_s: 180.0 }];
        assert_eq!(score_night(&truth, &[alarm(181.0)], 1.0).false_alarms, 1);
        assert_eq!(score_night(&truth, &[alarm(75.0)], 1.0).found, 1);
        assert_eq!(score_night(&truth, &[alarm(69.0)], 1.0).false_alarms, 1);
    }
}

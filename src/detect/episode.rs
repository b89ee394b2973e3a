//! The episode machine: suspected → started → ended, with hysteresis, merging, a minimum, and no data as a state.

use serde::{Deserialize, Serialize};

use super::DetectError;

/// When an episode begins and ends. Chosen in training, kept with the model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// A fast mean of the probability (time constant 0.7 s) from here on is suspicion.
    pub suspect_probability: f64,
    /// The evidence (mean log odds over the last 4 s of the activity, as a probability) from here on is a cramp ...
    pub start_probability: f64,
    /// ... if the muscle has been active this long, in seconds.
    pub start_after_s: f64,
    /// Below this the fast mean counts as quiet.
    pub exit_probability: f64,
    /// Quiet for this long ends an episode, in seconds; a shorter pause is part of it.
    pub exit_after_s: f64,
    /// Quiet for this long drops a suspicion, in seconds.
    pub drop_after_s: f64,
    /// No data for this long ends an episode, in seconds.
    pub no_data_after_s: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            suspect_probability: 0.6,
            start_probability: 0.8,
            start_after_s: 5.0,
            exit_probability: 0.3,
            exit_after_s: 12.0,
            drop_after_s: 3.0,
            no_data_after_s: 60.0,
        }
    }
}

impl Thresholds {
    /// Probabilities in (0, 1), exit below suspicion, times positive and below an hour.
    pub(crate) fn check(&self) -> Result<(), DetectError> {
        let probabilities = [self.suspect_probability, self.start_probability, self.exit_probability];
        let times = [self.start_after_s, self.exit_after_s, self.drop_after_s, self.no_data_after_s];
        let sound = probabilities.iter().all(|p| *p > 0.0 && *p < 1.0)
            && times.iter().all(|t| *t > 0.0 && *t < 3600.0)
            && self.exit_probability < self.suspect_probability
            && self.exit_probability < self.start_probability;
        if sound { Ok(()) } else { Err(DetectError::Unsound { what: format!("thresholds {self:?}") }) }
    }
}

/// Where the machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpisodePhase {
    /// Nothing.
    Idle,
    /// An early rise.
    Suspected,
    /// A cramp.
    Started,
}

/// Why an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// The muscle became quiet.
    Quiet,
    /// No valid samples for too long.
    NoData,
    /// The stream was over.
    StreamEnd,
}

impl EndReason {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::NoData => "no_data",
            Self::StreamEnd => "stream_end",
        }
    }
}

/// What the machine says. Positions are in quarters of a second since the stream's sample 0; the moment of an event is
/// the end of the quarter at which it was decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EpisodeEvent {
    /// An early rise that began at `onset_quarter`.
    Suspected {
        /// Where the muscle began.
        onset_quarter: u64,
    },
    /// The suspicion came to nothing.
    Dropped,
    /// A cramp that began at `onset_quarter`.
    Started {
        /// Where the muscle began.
        onset_quarter: u64,
    },
    /// The cramp was over before `end_quarter`.
    Ended {
        /// First quarter after the cramp.
        end_quarter: u64,
        /// Why it is over.
        reason: EndReason,
    },
}

/// One hop for the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MachineInput {
    /// The newest quarter of the window; grows.
    pub quarter: u64,
    /// Probability of a cramp; `None` without a valid window.
    pub probability: Option<f64>,
    /// First quarter of the activity under way.
    pub active_since: Option<u64>,
}

/// The machine of one leg. Constant memory.
#[derive(Debug, Clone)]
pub struct EpisodeMachine {
    thresholds: Thresholds,
    phase: EpisodePhase,
    fast: f64,
    evidence: Evidence,
    onset: u64,
    /// Last quarter that was not quiet.
    last_active: u64,
    last_valid: u64,
    /// An onset never lies before this quarter, the end of the last episode.
    floor: u64,
}

/// Hops whose log odds count (4 s): the features look back far enough themselves.
const EVIDENCE_HOPS: usize = 16;
/// Hops of no evidence either way that every activity begins with: a second of certainty is not yet a cramp.
const PRIOR_HOPS: f64 = 4.0;
/// No single hop counts for more than these log odds.
const MOST_LOG_ODDS: f64 = 8.0;

/// Log odds of the last hops of one activity. A mean of log odds lets many middling windows outweigh a few sure ones,
/// which a mean of probabilities, saturated at both ends, does not.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    ring: [f64; EVIDENCE_HOPS],
    heard: usize,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { ring: [0.0; EVIDENCE_HOPS], heard: 0 }
    }
}

impl Evidence {
    fn add(&mut self, probability: f64) {
        let p = probability.clamp(1e-6, 1.0 - 1e-6);
        self.ring[self.heard % EVIDENCE_HOPS] = (p / (1.0 - p)).ln().clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS);
        self.heard += 1;
    }

    fn probability(&self) -> f64 {
        let n = self.heard.min(EVIDENCE_HOPS) as f64;
        let mean = self.ring.iter().sum::<f64>() / (n + PRIOR_HOPS);
        1.0 / (1.0 + (-mean).exp())
    }
}

/// An onset is looked for at most this far back, in quarters (30 s).
const FARTHEST_ONSET: u64 = 120;

impl EpisodeMachine {
    /// An idle machine.
    pub fn new(thresholds: Thresholds) -> Self {
        Self {
            thresholds,
            phase: EpisodePhase::Idle,
            fast: 0.0,
            evidence: Evidence::default(),
            onset: 0,
            last_active: 0,
            last_valid: 0,
            floor: 0,
        }
    }

    /// A machine that goes on with an episode that was open when the daemon was killed.
    pub fn resumed(thresholds: Thresholds) -> Self {
        let sure = thresholds.start_probability;
        Self { phase: EpisodePhase::Started, fast: sure, ..Self::new(thresholds) }
    }

    /// Where it is.
    pub fn phase(&self) -> EpisodePhase {
        self.phase
    }

    /// Takes a hop and gives what it decides.
    pub fn step(&mut self, input: MachineInput, mut sink: impl FnMut(EpisodeEvent)) {
        self.no_data_until(input.quarter, &mut sink);
        let Some(probability) = input.probability else { return };
        self.last_valid = input.quarter;
        // Time constant 0.7 s at four hops a second.
        self.fast += (probability - self.fast) * 0.3;
        match input.active_since {
            Some(_) => self.evidence.add(probability),
            // Most hops of a night are quiet ones: nothing is to be forgotten twice.
            None if self.evidence.heard > 0 => self.evidence = Evidence::default(),
            None => {}
        }
        if self.fast >= self.thresholds.exit_probability {
            self.last_active = input.quarter;
        }
        let quiet_s = (input.quarter - self.last_active) as f64 / 4.0;
        if self.phase == EpisodePhase::Idle && self.fast >= self.thresholds.suspect_probability {
            let since = input.active_since.unwrap_or(input.quarter).min(input.quarter);
            self.onset = since.max(input.quarter.saturating_sub(FARTHEST_ONSET)).max(self.floor);
            self.phase = EpisodePhase::Suspected;
            sink(EpisodeEvent::Suspected { onset_quarter: self.onset });
        }
        match self.phase {
            EpisodePhase::Idle => {}
            EpisodePhase::Suspected => {
                let active_s = (input.quarter + 1 - self.onset) as f64 / 4.0;
                if self.evidence.probability() >= self.thresholds.start_probability
                    && active_s >= self.thresholds.start_after_s
                {
                    self.phase = EpisodePhase::Started;
                    sink(EpisodeEvent::Started { onset_quarter: self.onset });
                } else if quiet_s >= self.thresholds.drop_after_s {
                    self.phase = EpisodePhase::Idle;
                    sink(EpisodeEvent::Dropped);
                }
            }
            EpisodePhase::Started => {
                if quiet_s >= self.thresholds.exit_after_s {
                    self.end(self.last_active + 1, EndReason::Quiet, &mut sink);
                }
            }
        }
    }

    /// Time has come to `quarter` without valid samples since the last hop.
    pub fn no_data_until(&mut self, quarter: u64, mut sink: impl FnMut(EpisodeEvent)) {
        let silent_s = quarter.saturating_sub(self.last_valid + 1) as f64 / 4.0;
        if silent_s < self.thresholds.no_data_after_s {
            return;
        }
        match self.phase {
            EpisodePhase::Idle => {}
            EpisodePhase::Suspected => {
                self.phase = EpisodePhase::Idle;
                sink(EpisodeEvent::Dropped);
            }
            EpisodePhase::Started => self.end(self.last_valid + 1, EndReason::NoData, &mut sink),
        }
        self.fast = 0.0;
        self.evidence = Evidence::default();
    }

    /// The stream is over: an open episode ends where the data ended.
    pub fn finish(&mut self, mut sink: impl FnMut(EpisodeEvent)) {
        match self.phase {
            EpisodePhase::Idle => {}
            EpisodePhase::Suspected => {
                self.phase = EpisodePhase::Idle;
                sink(EpisodeEvent::Dropped);
            }
            EpisodePhase::Started => self.end(self.last_active + 1, EndReason::StreamEnd, &mut sink),
        }
    }

    fn end(&mut self, end_quarter: u64, reason: EndReason, sink: &mut impl FnMut(EpisodeEvent)) {
        self.phase = EpisodePhase::Idle;
        self.floor = end_quarter;
        self.fast = 0.0;
        self.evidence = Evidence::default();
        sink(EpisodeEvent::Ended { end_quarter, reason });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs the machine over (probability, seconds) stretches; a negative probability is no data.
    fn run(stretches: &[(f64, f64)]) -> Vec<(f64, EpisodeEvent)> {
        let mut machine = EpisodeMachine::new(Thresholds::default());
        let mut events = Vec::new();
        let mut quarter = 0;
        let mut since = None;
        for (probability, seconds) in stretches {
            for _ in 0..(seconds * 4.0) as u64 {
                since = if *probability > 0.5 { since.or(Some(quarter)) } else { None };
                let input = MachineInput {
                    quarter,
                    probability: (*probability >= 0.0).then_some(*probability),
                    active_since: since,
                };
                machine.step(input, |event| events.push((quarter as f64 / 4.0, event)));
                quarter += 1;
            }
        }
        events
    }

    fn names(events: &[(f64, EpisodeEvent)]) -> String {
        let letter = |event: &EpisodeEvent| match event {
            EpisodeEvent::Suspected { .. } => 's',
            EpisodeEvent::Dropped => 'd',
            EpisodeEvent::Started { .. } => 'S',
            EpisodeEvent::Ended { .. } => 'E',
        };
        events.iter().map(|(_, event)| letter(event)).collect()
    }

    #[test]
    fn a_cramp_is_suspected_started_and_ended_with_its_true_onset_and_end() {
        let events = run(&[(0.0, 60.0), (0.95, 40.0), (0.0, 60.0)]);
        assert_eq!(names(&events), "sSE");
        assert!(matches!(events[0].1, EpisodeEvent::Suspected { onset_quarter: 240 }));
        assert!(events[0].0 < 62.0 && events[1].0 < 67.0, "{events:?}");
        let EpisodeEvent::Ended { end_quarter, reason: EndReason::Quiet } = events[2].1 else { panic!("{events:?}") };
        assert!((400..=408).contains(&end_quarter));
    }

    #[test]
    fn evidence_is_shared_among_hops_and_grows_with_their_number() {
        let of = |hops: &[f64]| {
            let mut evidence = Evidence::default();
            hops.iter().for_each(|p| evidence.add(*p));
            evidence.probability()
        };
        assert_eq!(of(&[]), 0.5);
        assert!(of(&[0.9; 4]) < of(&[0.9; 32]) && of(&[0.9; 32]) < 0.9);
        assert_eq!(of(&[0.9; 32]), of(&[0.9; 200]));
        // Middling windows that agree outweigh one sure window among doubtful ones.
        assert!(of(&[0.8; 12]) > of(&[0.999, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]));
    }

    #[test]
    fn a_burst_is_only_suspected() {
        assert_eq!(names(&run(&[(0.0, 60.0), (0.95, 2.5), (0.0, 60.0)])), "sd");
    }

    #[test]
    fn a_short_pause_is_part_of_the_episode() {
        assert_eq!(names(&run(&[(0.0, 9.0), (0.95, 20.0), (0.0, 8.0), (0.95, 20.0), (0.0, 30.0)])), "sSE");
    }

    #[test]
    fn a_short_gap_ends_nothing_and_a_long_one_ends_with_its_reason() {
        assert_eq!(names(&run(&[(0.0, 9.0), (0.95, 20.0), (-1.0, 50.0), (0.95, 20.0)])), "sS");
        let events = run(&[(0.0, 9.0), (0.95, 20.0), (-1.0, 80.0)]);
        assert!(
            matches!(events[2].1, EpisodeEvent::Ended { end_quarter: 116, reason: EndReason::NoData }),
            "{events:?}"
        );
    }

    #[test]
    fn a_resumed_episode_ends_when_the_muscle_is_quiet() {
        let mut machine = EpisodeMachine::resumed(Thresholds::default());
        let mut ended = None;
        for quarter in 0..200 {
            machine.step(MachineInput { quarter, probability: Some(0.0), active_since: None }, |event| {
                ended = ended.or(Some((quarter, event)));
            });
        }
        assert!(matches!(ended, Some((_, EpisodeEvent::Ended { reason: EndReason::Quiet, .. }))));
    }

    proptest! {
        #[test]
        fn episodes_never_overlap_and_always_come_in_order(
            hops in proptest::collection::vec((proptest::option::weighted(0.9, 0.0..1.0_f64), 1_u64..6), 1..600),
            long_gap in 0_u64..2000,
        ) {
            let mut machine = EpisodeMachine::new(Thresholds { start_probability: 0.5, suspect_probability: 0.4, ..Thresholds::default() });
            let mut quarter = 0;
            let mut events = Vec::new();
            for (i, (probability, step)) in hops.iter().enumerate() {
                quarter += step + if i == hops.len() / 2 { long_gap } else { 0 };
                machine.step(MachineInput { quarter, probability: *probability, active_since: Some(quarter.saturating_sub(40)) }, |e| events.push(e));
            }
            machine.finish(|e| events.push(e));
            let mut phase = EpisodePhase::Idle;
            let mut last_end = 0;
            for event in events {
                phase = match (phase, event) {
                    (EpisodePhase::Idle, EpisodeEvent::Suspected { onset_quarter }) => {
                        prop_assert!(onset_quarter >= last_end);
                        EpisodePhase::Suspected
                    }
                    (EpisodePhase::Suspected, EpisodeEvent::Dropped) => EpisodePhase::Idle,
                    (EpisodePhase::Suspected, EpisodeEvent::Started { onset_quarter }) => {
                        prop_assert!(onset_quarter >= last_end);
                        EpisodePhase::Started
                    }
                    (EpisodePhase::Started, EpisodeEvent::Ended { end_quarter, .. }) => {
                        prop_assert!(end_quarter > last_end);
                        last_end = end_quarter;
                        EpisodePhase::Idle
                    }
                    other => return Err(TestCaseError::fail(format!("{other:?}"))),
                };
            }
            prop_assert_eq!(phase, EpisodePhase::Idle);
        }
    }
}

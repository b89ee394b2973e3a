//! The whole way from chunks to episodes: one code live, on replay, in `score`, `train` and `evaluate`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::packed::Packed;
use super::periodic_movements::PeriodicMovements;
use super::{
    Coverage, DetectError, EpisodeEvent, EpisodeMachine, EpisodePhase, LegMovements, MachineInput, Model, Severity,
    Stretch, reasons, severity,
};
use crate::chunk::{Chunk, StreamLayout};
use crate::signal::{
    Baseline, BaselineState, Conditioner, FeatureExtractor, FeatureRow, MotionState, Quality, Quarter,
};

/// One hop of the detector, four a second.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// The newest quarter of the window; the hop is at its end.
    pub quarter: u64,
    /// Probability of a cramp; `None` without a valid window.
    pub probability: Option<f64>,
    /// What the signal was worth.
    pub quality: Quality,
    /// The features that it was judged from.
    pub row: FeatureRow,
}

/// What the detector gives, in order.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "hops are nearly all there is; a box would allocate for each of them")]
pub enum Output {
    /// A hop.
    Hop(Hop),
    /// A gap that is over.
    Gap(Stretch),
    /// An early rise.
    Suspected {
        /// Quarter in which the muscle began.
        onset_quarter: u64,
        /// Quarter at whose end this was decided.
        at_quarter: u64,
        /// Highest probability so far.
        probability: f64,
    },
    /// The suspicion came to nothing.
    Dropped {
        /// Quarter at whose end this was decided.
        at_quarter: u64,
    },
    /// A cramp.
    Started {
        /// Quarter in which the muscle began.
        onset_quarter: u64,
        /// Quarter at whose end this was decided: the alarm time.
        at_quarter: u64,
        /// What is known of it by now.
        summary: Summary,
    },
    /// The cramp is over.
    Ended {
        /// First quarter after the cramp.
        end_quarter: u64,
        /// Quarter at whose end this was decided.
        at_quarter: u64,
        /// Why it is over.
        reason: super::EndReason,
        /// What is known of it.
        summary: Summary,
    },
}

/// What is known of an episode at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How bad.
    pub severity: Severity,
    /// Highest slow mean of the probability.
    pub probability: f64,
    /// Why it was called a cramp, in plain words, as of its start.
    pub reasons: Vec<String>,
    /// Highest RMS of a second, µV.
    pub emg_rms_uv: f64,
    /// Movement RMS when it started, mg.
    pub acc_rms_mg: f64,
}

/// What survives a restart of the daemon: what is quiet, and what is lying.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorState {
    /// Of each EMG channel.
    pub baselines: Vec<BaselineState>,
    /// Postures known.
    pub motion: MotionState,
}

/// The detector of one leg. Constant memory, whatever the length of the night.
#[derive(Debug)]
pub struct Detector {
    conditioner: Conditioner,
    judge: Judge,
}

impl Detector {
    /// A detector for a stream.
    ///
    /// # Errors
    /// When the layout cannot be conditioned.
    pub fn new(layout: &StreamLayout, model: Arc<Model>) -> Result<Self, DetectError> {
        Ok(Self { conditioner: Conditioner::new(layout)?, judge: Judge::new(layout, model) })
    }

    /// The strongest voluntary RMS of the person on the strongest channel in µV, from a calibration.
    pub fn set_mvc_rms_uv(&mut self, mvc_rms_uv: Option<f64>) {
        self.judge.mvc_rms_uv = mvc_rms_uv;
    }

    /// Goes on from a state of an earlier run; ignored if it does not fit the layout.
    pub fn restore(&mut self, state: &DetectorState) {
        let baselines: Option<Vec<Baseline>> = state.baselines.iter().map(Baseline::restore).collect();
        if let Some(baselines) = baselines {
            self.judge.extractor.restore(baselines, state.motion.clone());
        }
    }

    /// The resting RMS of each channel in µV, from a calibration of just these electrodes: with it nothing has to be learnt
    /// before the first window is judged. It is believed once a second of such rest is heard, weighs little against what is
    /// heard then, and is dropped after a minute without. Ignored if it does not fit the layout.
    pub fn expect_rest(&mut self, rest_rms_uv: &[f64]) {
        let quiet_uv: Vec<f64> = rest_rms_uv.iter().map(|rest| rest / RESTING_OVER_QUIET).collect();
        if quiet_uv.iter().all(|quiet| quiet.is_finite() && *quiet > 0.0) {
            self.judge.extractor.expect_quiet(&quiet_uv);
        }
    }

    /// Goes on with an episode that was open when an earlier run was killed: the next event is its end.
    pub fn resume_episode(&mut self) {
        self.judge.machine = EpisodeMachine::resumed(self.judge.model.thresholds);
    }

    /// Forgets what quiet is on this leg: nothing is judged until a minute of it has been heard again.
    pub fn relearn_quiet_level(&mut self) {
        let extractor = &mut self.judge.extractor;
        let (unknown, motion) = (vec![Baseline::default(); extractor.baselines().len()], extractor.motion().clone());
        extractor.restore(unknown, motion);
    }

    /// For [`Self::restore`].
    pub fn state(&self) -> DetectorState {
        DetectorState {
            baselines: self.judge.extractor.baselines().iter().map(Baseline::state).collect(),
            motion: self.judge.extractor.motion().clone(),
        }
    }

    /// Takes a chunk and gives what follows from it. The outputs do not depend on how chunks are cut.
    pub fn push(&mut self, chunk: &Chunk, mut sink: impl FnMut(Output)) {
        let judge = &mut self.judge;
        self.conditioner.push(chunk, |quarter| judge.step(&quarter, &mut sink));
    }

    /// Time has come to `quarter` without samples: an open episode may end for want of data.
    pub fn no_data_until(&mut self, quarter: u64, mut sink: impl FnMut(Output)) {
        let mut events = Vec::new();
        self.judge.machine.no_data_until(quarter, |event| events.push(event));
        for event in events {
            self.judge.tell(event, quarter, &mut sink);
        }
    }

    /// The stream is over.
    pub fn finish(&mut self, mut sink: impl FnMut(Output)) {
        let mut events = Vec::new();
        self.judge.machine.finish(|event| events.push(event));
        let last = self.judge.last_quarter;
        for event in events {
            self.judge.tell(event, last, &mut sink);
        }
        if let Some(gap) = self.judge.coverage.open_gap() {
            sink(Output::Gap(gap));
        }
    }

    /// From here on also scores leg movements on the first EMG channel. It costs a little, and only researchers ask.
    pub fn score_leg_movements(&mut self) {
        self.judge.movements = Some(PeriodicMovements::new());
    }

    /// Leg movements since [`Self::score_leg_movements`]; nothing if that was not asked.
    pub fn leg_movements(&self) -> Option<LegMovements> {
        self.judge.movements.as_ref().map(PeriodicMovements::so_far)
    }

    /// Coverage so far.
    pub fn coverage(&self) -> &Coverage {
        &self.judge.coverage
    }

    /// Where the episode machine is.
    pub fn phase(&self) -> EpisodePhase {
        self.judge.machine.phase()
    }

    /// Whether the quiet level of every channel is known.
    pub fn is_calibrated(&self) -> bool {
        self.judge.extractor.baselines().iter().all(|baseline| baseline.quiet_uv().is_some())
    }
}

/// Everything behind the conditioner.
#[derive(Debug)]
struct Judge {
    extractor: FeatureExtractor,
    model: Arc<Model>,
    /// The model's parts without and with acceleration, to be asked at each hop.
    parts: [Packed; 2],
    machine: EpisodeMachine,
    coverage: Coverage,
    mvc_rms_uv: Option<f64>,
    last_quarter: u64,
    onset_quarter: u64,
    summary: Summary,
    peak_ratio: f64,
    movements: Option<PeriodicMovements>,
}

/// Above this quiet level in µV noise crosses the 8 µV by which a leg movement begins, and none is scored.
const MOST_RESTING_UV: f64 = 7.0;
/// The mean RMS of a quiet leg over its quiet level, a low percentile.
const RESTING_OVER_QUIET: f64 = 1.1;

impl Judge {
    fn new(layout: &StreamLayout, model: Arc<Model>) -> Self {
        Self {
            extractor: FeatureExtractor::new(layout),
            machine: EpisodeMachine::new(model.thresholds),
            parts: [false, true].map(|with_motion| Packed::of(model.part(with_motion))),
            model,
            coverage: Coverage::default(),
            mvc_rms_uv: None,
            last_quarter: 0,
            onset_quarter: 0,
            summary: Summary {
                severity: Severity::Mild,
                probability: 0.0,
                reasons: Vec::new(),
                emg_rms_uv: 0.0,
                acc_rms_mg: 0.0,
            },
            peak_ratio: 0.0,
            movements: None,
        }
    }

    fn score_movements(&mut self, quarter: &Quarter) {
        let Some(movements) = &mut self.movements else { return };
        let quiet_uv = self.extractor.baselines().first().and_then(Baseline::quiet_uv);
        let resting_uv = quiet_uv.map(|quiet| quiet * RESTING_OVER_QUIET).filter(|resting| *resting <= MOST_RESTING_UV);
        movements.push(quarter, resting_uv);
    }

    fn step(&mut self, quarter: &Quarter, sink: &mut impl FnMut(Output)) {
        let row = self.extractor.push(quarter);
        self.score_movements(quarter);
        self.last_quarter = quarter.index;
        self.coverage.add(quarter.index, quarter.quality, row.valid, |gap| sink(Output::Gap(gap)));
        let probability = row.valid.then(|| self.probability(&row));
        let mut events = [None; 3];
        let mut n = 0;
        let input = MachineInput { quarter: quarter.index, probability, active_since: row.active_since };
        self.machine.step(input, |event| {
            if let Some(slot) = events.get_mut(n) {
                *slot = Some(event);
            }
            n += 1;
        });
        if let Some(probability) = probability {
            self.gather(&row, probability);
        }
        let suspected = events.iter().flatten().any(|event| matches!(event, EpisodeEvent::Suspected { .. }));
        if suspected {
            self.begin_summary(&row, probability.unwrap_or(0.0));
        }
        if events.iter().flatten().any(|event| matches!(event, EpisodeEvent::Started { .. })) {
            self.summary.reasons = reasons(self.model.part(row.has_motion), &row);
        }
        for event in events.into_iter().flatten() {
            self.tell(event, quarter.index, sink);
        }
        sink(Output::Hop(Hop { quarter: quarter.index, probability, quality: quarter.quality, row }));
    }

    fn probability(&self, row: &FeatureRow) -> f64 {
        if row.active { self.parts[usize::from(row.has_motion)].probability(&row.values) } else { 0.0 }
    }

    fn begin_summary(&mut self, row: &FeatureRow, probability: f64) {
        self.peak_ratio = row.ratio;
        self.summary.probability = probability;
        self.summary.emg_rms_uv = row.emg_rms_uv;
        self.summary.acc_rms_mg = row.acc_rms_mg;
        self.summary.reasons.clear();
    }

    fn gather(&mut self, row: &FeatureRow, probability: f64) {
        if self.machine.phase() != EpisodePhase::Idle {
            self.peak_ratio = self.peak_ratio.max(row.ratio);
            self.summary.probability = self.summary.probability.max(probability);
            self.summary.emg_rms_uv = self.summary.emg_rms_uv.max(row.emg_rms_uv);
        }
    }

    fn tell(&mut self, event: EpisodeEvent, at_quarter: u64, sink: &mut impl FnMut(Output)) {
        match event {
            EpisodeEvent::Suspected { onset_quarter } => {
                self.onset_quarter = onset_quarter;
                sink(Output::Suspected { onset_quarter, at_quarter, probability: self.summary.probability });
            }
            EpisodeEvent::Dropped => sink(Output::Dropped { at_quarter }),
            EpisodeEvent::Started { onset_quarter } => {
                let summary = self.summary_at(at_quarter + 1);
                sink(Output::Started { onset_quarter, at_quarter, summary });
            }
            EpisodeEvent::Ended { end_quarter, reason } => {
                let summary = self.summary_at(end_quarter);
                sink(Output::Ended { end_quarter, at_quarter, reason, summary });
            }
        }
    }

    fn summary_at(&self, quarter: u64) -> Summary {
        let duration_s = quarter.saturating_sub(self.onset_quarter) as f64 / 4.0;
        let share = self.mvc_rms_uv.map(|mvc| self.summary.emg_rms_uv / mvc.max(1.0));
        Summary { severity: severity(self.peak_ratio, share, duration_s), ..self.summary.clone() }
    }
}

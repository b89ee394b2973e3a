//! Leg movements and their periodic series by both sets of rules, scored beside the episodes of a stream.

use super::leg_movements::{LegMovementRules, LegMovementScorer};
use super::plms::PlmsCounter;
use crate::signal::Quarter;

/// Leg movements on the first EMG channel: they never make an episode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LegMovementSummary {
    /// Movements.
    pub movements: u64,
    /// Series of periodic ones.
    pub series: u64,
    /// Movements in series.
    pub periodic: u64,
    /// Periodic movements per scored hour: the PLMS index; `None` before anything was scored.
    pub index_per_hour: Option<f64>,
}

/// The same by both sets of rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LegMovements {
    /// By WASM 2016.
    pub wasm_2016: LegMovementSummary,
    /// By the AASM.
    pub aasm: LegMovementSummary,
}

/// Finds movements by both sets of rules. Constant memory.
#[derive(Debug)]
pub(super) struct PeriodicMovements {
    wasm_2016: ByRules,
    aasm: ByRules,
}

impl PeriodicMovements {
    /// Nothing heard yet.
    pub(super) fn new() -> Self {
        Self { wasm_2016: ByRules::new(LegMovementRules::Wasm2016), aasm: ByRules::new(LegMovementRules::Aasm) }
    }

    /// Takes a quarter; without a `resting_uv` nothing is scored in it.
    pub(super) fn push(&mut self, quarter: &Quarter, resting_uv: Option<f64>) {
        self.wasm_2016.push(quarter, resting_uv);
        self.aasm.push(quarter, resting_uv);
    }

    /// What was found so far.
    pub(super) fn so_far(&self) -> LegMovements {
        LegMovements { wasm_2016: self.wasm_2016.summary(), aasm: self.aasm.summary() }
    }
}

/// Finds movements and counts those in series.
#[derive(Debug)]
struct ByRules {
    scorer: LegMovementScorer,
    counter: PlmsCounter,
}

impl ByRules {
    fn new(rules: LegMovementRules) -> Self {
        Self { scorer: LegMovementScorer::new(rules), counter: PlmsCounter::new(rules) }
    }

    fn push(&mut self, quarter: &Quarter, resting_uv: Option<f64>) {
        self.scorer.push_quarter(quarter, 0, resting_uv, |movement| self.counter.push(movement));
    }

    fn summary(&self) -> LegMovementSummary {
        LegMovementSummary {
            movements: self.counter.movements(),
            series: self.counter.series(),
            periodic: self.counter.periodic(),
            index_per_hour: self.counter.index_per_hour(self.scorer.scored_s()),
        }
    }
}

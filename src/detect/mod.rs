//! Classifier, episode machine, severity, reasons; pure. It must never do IO, read a clock or spawn.
//!
//! [`Detector`] is the whole way from chunks to episodes, the same live, on replay, in `score`, `train` and `evaluate`.

mod additive;
mod classifier;
mod coverage;
mod detector;
mod episode;
mod leg_movements;
mod model;
mod packed;
mod periodic_movements;
mod plms;
mod reasons;
mod severity;
mod stillness;
mod trees;

pub use additive::{Additive, HingeFeature};
pub use classifier::{Classifier, Form, Platt};
pub use coverage::{Coverage, Stretch};
pub use detector::{Detector, DetectorState, Hop, Output, Summary};
pub use episode::{EndReason, EpisodeEvent, EpisodeMachine, EpisodePhase, MachineInput, Thresholds};
pub use leg_movements::{LegMovement, LegMovementRules, LegMovementScorer};
pub use model::{MODEL_FORMAT, Model};
pub use packed::Packed;
pub(crate) use packed::PackedForm;
pub use periodic_movements::{LegMovementSummary, LegMovements};
pub use plms::PlmsCounter;
pub use reasons::reasons;
pub use severity::{Severity, severity};
pub use stillness::Stillness;
pub use trees::{LEAF, Trees};

use crate::signal::SignalError;

/// Errors of the detect room.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The stream cannot be conditioned.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// The model is no JSON of our form.
    #[error("no model: {message} (line {line}, column {column}); expected a model.json written by `crampwatch train`")]
    Syntax {
        /// What the parser says.
        message: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The model file is of another version.
    #[error(
        "model format {found}; expected {expected}: train it again with this version of crampwatch, or use the built-in model"
    )]
    Format {
        /// Format found.
        found: u64,
        /// Format of this version.
        expected: u64,
    },
    /// The content does not match its hash.
    #[error(
        "model hash {found} does not match its content ({expected}): the file was changed or damaged; take it from its source again or train it again"
    )]
    Hash {
        /// Hash in the file.
        found: String,
        /// Hash of the content.
        expected: String,
    },
    /// Trained on other features.
    #[error("model uses feature set `{found}`; expected `{expected}`: train it again with this version of crampwatch")]
    FeatureSet {
        /// Feature set of the model.
        found: String,
        /// Feature set of this version.
        expected: &'static str,
    },
    /// A person's own probability of suspicion does not fit the model.
    #[error(
        "suspicion from probability {found}; expected more than {exit}, below which this model calls the leg quiet, and less than \
         1: set detection.enter_probability within that, or leave it out"
    )]
    SuspectProbability {
        /// Probability found.
        found: f64,
        /// The model's exit probability.
        exit: f64,
    },
    /// A number or list of the model makes no sense.
    #[error("model is not sound: {what}; train it again")]
    Unsound {
        /// What is wrong.
        what: String,
    },
}

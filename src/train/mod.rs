//! Training, evaluation and model cards. It must never change a model without a new card, nor split a person.

mod adaboost;
mod bins;
mod blend;
mod boost;
mod calibrate;
mod candidate;
mod card;
mod choice;
mod collect;
mod evaluation;
mod event_score;
mod figures;
mod files;
mod fit;
mod floor;
mod folds;
mod forest;
mod grow;
mod interval;
mod learn;
#[cfg(test)]
mod linfa_traps;
mod log_odds;
#[cfg(test)]
mod look_alikes;
mod material;
mod page;
mod parallel;
mod personal;
mod real;
mod real_whole;
mod rows;
mod splice;
mod szcore;
mod szcore_row;
mod tune;
mod votes;

pub use adaboost::AdaBoostOptions;
pub use boost::BoostOptions;
pub use calibrate::ReliabilityRow;
pub use candidate::Candidate;
pub use card::{card, table as figures_table};
pub use collect::{NightRows, OtherEvent, collect};
pub use evaluation::{CurvePoint, Evaluation, EventRow, LengthRow, evaluate};
pub use event_score::{Alarm, NightScore, Truth, score_night};
pub use figures::Figures;
pub use fit::{FitOptions, fit_additive};
pub use floor::{Breach, Floor, Limits};
pub use forest::ForestOptions;
pub use interval::{Interval, number_text};
pub use learn::{Learned, TrainOptions, train};
pub use material::{Generator, Material, NightSource, SimulatedSet};
pub use page::page as evaluation_page;
pub use personal::{
    Choice, Evidence, MIN_LABELS, NightComparison, NightResult, PRIOR_EVENTS, Personal, PersonalOptions, StoredNight,
    comparison_table, is_personal, personal_card, personalise, stored_nights,
};
pub use real::{RealRecording, RealSet};
pub use real_whole::{RealRow, evaluate_real};
pub use szcore::{SzcoreCounts, SzcoreRules, szcore_events, szcore_samples};
pub use szcore_row::{SzcoreRow, szcore_table};
pub use tune::{Tuned, detect_night, tune};

use crate::detect::DetectError;
use crate::signal::SignalError;

/// Errors of the train room.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Fewer people than folds.
    #[error(
        "{found} people in the training nights; expected at least {expected}, since figures are made on people left out: add nights of other people"
    )]
    TooFewPeople {
        /// People found.
        found: usize,
        /// People needed.
        expected: usize,
    },
    /// Only cramps or no cramps.
    #[error(
        "{cramp} windows of cramp and {other} others; expected some of both: check the `cramp` annotations of the nights"
    )]
    OneClass {
        /// Positive windows.
        cramp: usize,
        /// Negative windows.
        other: usize,
    },
    /// A feature is not finite.
    #[error(
        "feature `{name}` of a window is {value}; expected a finite number: this is a defect, please report the night"
    )]
    NotFinite {
        /// Feature.
        name: String,
        /// Its value.
        value: f64,
    },
    /// linfa refused.
    #[error("linfa: {0}")]
    Linfa(#[from] linfa::Error),
    /// The fit did not converge or failed.
    #[error("the logistic fit failed: {0}")]
    Fit(String),
    /// A night cannot be conditioned.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// A plot could not be drawn.
    #[error("cannot draw a plot: {0}; leave --html out")]
    Plot(String),
    /// The result is not sound.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// A person's labels do not carry a choice.
    #[error(
        "{cramps} labelled cramps and {false_alarms} labelled false alarms on {nights} labelled nights with raw data{left_out}; expected at \
         least 3 cramps, or 3 false alarms and a cramp: label more (crampwatch label --list shows what there is)"
    )]
    TooFewLabels {
        /// Labelled nights with raw data.
        nights: usize,
        /// Labelled cramps that could be seen.
        cramps: usize,
        /// Alarms labelled `not`.
        false_alarms: usize,
        /// Nights that could not be replayed, as ` (left out: …)`; empty if there is none.
        left_out: String,
    },
    /// A personal model as the start of another.
    #[error(
        "model `{id}` is a personal one, whose thresholds hold these labels already; start from the model that it was made from \
         (--model PATH, or --model built-in)"
    )]
    PersonalBase {
        /// The model's id.
        id: String,
    },
    /// A folder of real recordings, or a file in it, cannot be used.
    #[error("{path}: found {found}, expected {expected}; {to_do}")]
    RealFolder {
        /// Folder or file.
        path: String,
        /// What is there.
        found: String,
        /// What should be.
        expected: &'static str,
        /// What to do.
        to_do: &'static str,
    },
    /// A night cannot be read.
    #[error("{0}")]
    Material(String),
}

//! SQLite: what must survive a power cut. It must never hold raw samples.
//!
//! A [`Store`] is one data folder. Writes are `BEGIN IMMEDIATE` transactions on a single connection, made durable
//! (`synchronous = FULL`) before the call returns; reads have connections of their own. The command line may hold a
//! second `Store` on the folder of a running daemon, which sees the change in [`Store::data_version`].

mod advice_given;
mod brings;
mod calibration;
mod columns;
mod command_answer;
mod database;
mod diary;
mod episode;
mod error;
mod folder;
mod gap;
mod glass;
mod intake;
mod label;
mod leg;
mod night;
mod night_seen;
mod outbox;
mod own_food;
mod preset;
mod profile;
mod revision;
mod segment;
mod trial;

pub use advice_given::AdviceRow;
pub use calibration::CalibrationRow;
pub use command_answer::CommandAnswerRow;
pub use database::{DATABASE_FILE, Store};
pub use diary::Imported;
pub use episode::EpisodeRow;
pub use error::StoreError;
pub use folder::ensure_private_folder;
pub use gap::GapRow;
pub use intake::IntakeRow;
pub use label::{LabelRow, LabelSource, LabelWord, MISSED_LENGTH_S, SAME_MARK_WITHIN_S};
pub use leg::Side;
pub use night::NightRow;
pub use outbox::{NewEvent, OutboxRow};
pub use own_food::OwnFoodRow;
pub use preset::PresetRow;
pub use segment::SegmentRow;
pub use trial::TrialRow;

#[cfg(test)]
mod diary_tests;
#[cfg(test)]
mod label_tests;
#[cfg(test)]
mod tests;

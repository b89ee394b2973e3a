//! The morning summary. It must never say anything about a gap.

mod summary;
mod words;

pub use summary::{NightSummary, TrueEvent};
pub use words::{clock_time, length, watched_line};

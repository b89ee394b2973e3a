//! The morning summary, and what advice is made from. It must never say anything about a gap.

mod counsel;
mod summary;
mod words;

pub use counsel::{Counsel, usual_supplements};
pub use summary::{NightSummary, TrueEvent};
pub use words::{clock_time, length, watched_line};

//! Device counter to UTC, and the days that nights and diaries are kept by.
//! Pure: arrival times come in as values. It must never read a clock and never look at samples.

mod device;
mod envelope;
mod nights;

pub use device::{DeviceClock, UtcAnchor};
pub use nights::{diary_day_bounds, diary_day_of, night_bounds, night_of};

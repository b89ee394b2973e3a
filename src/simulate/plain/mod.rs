//! A second, plain night generator; pure and seeded. One of three people that a model learns from is made here.
//!
//! It shares no assumption with the first simulator on purpose: a handful of units is drawn anew for each event, their
//! potentials are a travelling tripole seen by two electrodes (or three damped lobes), and everything is made at the
//! asked rate. What a detector learns from two such simulators is more likely to be about muscles than about either.
//!
//! ```
//! use crampwatch::simulate::plain::PlainNight;
//! use crampwatch::simulate::{OneChannelNight, OneChannelOptions, Second};
//!
//! let options = OneChannelOptions { duration_s: 60, emg_rate_hz: 512, cramps: 0, ..OneChannelOptions::default() };
//! let mut night = PlainNight::new(1, 1, &options);
//! let mut second = Second::default();
//! let mut samples = 0;
//! while night.next_second(&mut second) {
//!     samples += second.emg_uv.len();
//! }
//! assert_eq!(samples, 60 * 512);
//! ```

mod background;
mod body;
mod cramp;
mod drive;
mod effort;
mod firing;
mod motion;
mod night;
mod part;
mod plan;
mod plan_bed;
mod plan_cramps;
mod plan_twitches;
mod plan_up;
mod plan_wires;
mod potential;
#[cfg(test)]
mod tests;
mod twitches;
mod wires;

pub use night::PlainNight;

//! A night generator for judging the detector only; pure and seeded. It must never train a model.
//!
//! Its assumptions were made by somebody who knew neither the detector nor the other simulators. A person has one fixed pool of some
//! 300 motor units with places in the muscle; contractions recruit them by size with rates that saturate, and several
//! contractions at once count as the strongest. A cramp is a creeping territory of the same units, whose excitability
//! wanders or jumps by itself; their intervals follow one of three laws. Movements are strings of ballistic
//! sub-movements, each with its own shake, artefact and burst. Rates are those of published nights; levels, lengths and
//! spectra of cramps and of voluntary tension overlap on purpose.
//!
//! ```
//! use crampwatch::simulate::judge::JudgeNight;
//! use crampwatch::simulate::{OneChannelNight, OneChannelOptions, Second};
//!
//! let options = OneChannelOptions { duration_s: 60, emg_rate_hz: 512, cramps: 0, ..OneChannelOptions::default() };
//! let mut night = JudgeNight::new(1, 1, &options);
//! let mut second = Second::default();
//! let mut samples = 0;
//! while night.next_second(&mut second) {
//!     samples += second.emg_uv.len();
//! }
//! assert_eq!(samples, 60 * 512);
//! ```

mod artefact;
mod contact;
mod course;
mod cramp;
mod cramp_clock;
mod cramp_units;
mod deed;
mod deed_large;
mod deed_small;
mod effort;
mod muscle;
mod night;
mod person;
mod plan;
mod plan_bed;
mod plan_cramps;
mod plan_rest;
mod pool;
mod pose;
mod potential;
mod shake;
mod slow;
#[cfg(test)]
mod tests;
mod wire;

pub use night::JudgeNight;

//! A third night generator, written apart with assumptions of its own; pure and seeded. Models learn from it, as from the
//! first two.
//!
//! Its assumptions were made by somebody who knew neither the detector nor the other simulators. A person has one fixed
//! pool of 70 to 220 motor units, whose discharges are renewals: gamma intervals in the time that the unit's own rate
//! stretches. Voluntary contraction recruits the pool by size until it is as loud as asked; a cramp hands activity from
//! unit to unit within a wandering territory. Levels and lengths of cramps, bracing and holds come from one range. Each
//! event is worked out whole shortly before it begins, and then played.
//!
//! ```
//! use crampwatch::simulate::renewal::RenewalNight;
//! use crampwatch::simulate::{OneChannelNight, OneChannelOptions, Second};
//!
//! let options = OneChannelOptions { duration_s: 60, emg_rate_hz: 512, cramps: 0, ..OneChannelOptions::default() };
//! let mut night = RenewalNight::new(1, 1, &options);
//! let mut second = Second::default();
//! let mut samples = 0;
//! while night.next_second(&mut second) {
//!     samples += second.emg_uv.len();
//! }
//! assert_eq!(samples, 60 * 512);
//! ```

mod artefact;
mod contact;
mod contraction;
mod course;
mod cramp;
mod cramp_units;
mod deed;
mod heart;
mod movement;
mod movement_small;
mod night;
mod noise;
mod person;
mod plan;
mod plan_bed;
mod plan_cramps;
mod plan_twitches;
mod plan_wires;
mod pool;
mod pose;
mod potential;
mod resampler;
mod stage;
mod territory;
#[cfg(test)]
mod tests;
mod tonic;
mod train;
mod upright;
mod wire;

pub use night::RenewalNight;

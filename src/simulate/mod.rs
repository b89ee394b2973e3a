//! Simulated people and nights with known cramps; pure and seeded. It must never do IO or read a clock.
//!
//! A [`Person`] has a body, a sensor and habits; a [`Night`] of that person is planned as a list of events, then made
//! second by second at 2000 Hz: motor units fire where something happens, noise is always there, and lower rates are
//! decimations of the same night. No public recording of a cramp exists; the discharge follows published single-unit
//! data (Minetto 2009 and 2011, Ross & Thomas 1995, Roeleveld 2000) and Fuglevand's pool (1993).
//!
//! ```
//! use crampwatch::simulate::{Night, NightOptions, Person, Second};
//!
//! let person = Person::random(7);
//! let mut night = Night::new(&person, &NightOptions { duration_s: 60, ..NightOptions::default() }, 1);
//! let mut second = Second::default();
//! let mut samples = 0;
//! while night.next_second(&mut second) {
//!     samples += second.emg_uv.len();
//! }
//! assert_eq!(samples, 60 * 2 * 1000);
//! ```

mod artefact;
mod contact;
mod contraction;
mod course;
mod cramp;
mod cramp_train;
mod decimate;
mod dice;
mod digitise;
mod frame;
mod gait;
pub mod judge;
mod muap;
mod night;
mod noise;
mod one_channel;
mod options;
mod part;
mod person;
mod person_draw;
pub mod plain;
mod plan;
mod plan_cramps;
mod plan_in_bed;
mod plan_out_of_bed;
mod plan_twitches;
mod pool;
mod posture;
pub mod renewal;
mod second;
mod shake;
#[cfg(test)]
mod tests;
mod travelling;
mod truth;
mod twitch;
mod voluntary;

pub use digitise::Digitiser;
pub use night::Night;
pub use one_channel::{OneChannelNight, OneChannelOptions};
pub use options::{CrampCount, NightOptions};
pub use person::{Anatomy, CrampHabit, Habits, Mounting, NoiseHabit, Person};
pub use second::Second;
pub use travelling::Conductor;
pub use truth::{EventKind, TruthEvent, UnknownEventKind};

//! A guided session of rest, flex and stretch: what rest and full effort look like on each EMG channel of a leg; pure.
//! It must never do IO or read a clock: samples and the stream's time come in as values.
//!
//! A [`Session`] measures what the detector divides by a person's strongest contraction: the RMS of a whole second after
//! the same filters, judged by the same quality. It gives an [`Outcome`] once, whole or not at all.

mod measure;
mod outcome;
mod script;
mod session;
#[cfg(test)]
mod tests;
mod words;

pub use outcome::{Calibrated, ChannelCalibration, Failure, LEAST_EFFORT, Outcome};
pub use script::{Step, session_s};
pub use session::{News, Session, Trouble, View};
pub use words::BEFORE;

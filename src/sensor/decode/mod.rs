//! Decoders of sensors other than the reference one: bytes in, timed chunks out. Pure: no IO, no clock; after warm-up
//! no allocation a frame. It must never interpret a signal.
//!
//! [`Declared`], [`Ganglion`] and [`Polar`] turn notifications into packets; `stream` puts packets in their place.

mod acc_track;
mod declared;
mod ganglion;
mod least_delay;
mod packet;
mod pair;
mod polar;
mod stream;
#[cfg(test)]
mod stream_tests;

pub use declared::Declared;
pub use ganglion::Ganglion;
pub use pair::{Pair, PairPart};
pub use polar::Polar;

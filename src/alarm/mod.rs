//! What must sound, and stale data; pure. It must never do IO, read a clock or spawn.
//!
//! Liveness is the age of valid samples, never a callback or a connected flag: a dead sensor is an event.

mod liveness;

pub use liveness::{Liveness, LivenessChange};

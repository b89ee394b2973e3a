//! Looks at everything that a night depends on, and says of each thing whether it is in order, and what to do if not.
//!
//! What is said is decided in [`finding`] and [`judge`], which are pure; the probes ask the system, each with a time limit of its
//! own and all at the same time. It must never change anything: it makes no store, switches nothing on, and leaves the
//! sensor to a daemon that runs.

mod broker;
mod clock;
mod examine;
pub mod finding;
pub mod judge;
mod kept;
mod listen;
mod program;
mod radio;

pub use examine::{Plan, examine};
pub use finding::{Finding, Report, State};

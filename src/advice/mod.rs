//! What is known, what this person's own nights show, and what may be said of it. It must never name an amount to take, diagnose
//! or tell anyone to stop a medicine; it does no IO and reads no clock.

pub mod association;
mod link;
mod night;
pub mod pairing;
mod person;
pub mod self_test;
pub mod trial;

pub use link::{Factor, Link, OddsRatio, Share, Strength};
pub use night::NightSeen;
pub use person::{Answered, Condition, LifeState, MedicineClass, Person, Sex};

//! What is known, what this person's own nights show, and what may be said of it. It must never name an amount to take, diagnose
//! or tell anyone to stop a medicine; it does no IO and reads no clock.

pub mod association;
pub mod compose;
pub mod foods;
pub mod input;
mod link;
mod medicine_names;
mod night;
pub mod pairing;
mod person;
pub mod reference;
pub mod remedies;
pub mod safety;
pub mod self_test;
mod texts;
pub mod trial;
pub mod wire;
pub mod words;

pub use compose::{Advice, advise};
pub use input::{AdviceInput, NutrientAverage, ReliefOutcome};
pub use link::{Factor, Link, OddsRatio, Share, Strength};
pub use medicine_names::{medicine_classes, medicine_names};
pub use night::NightSeen;
pub use person::{Answered, Condition, LifeState, MedicineClass, Person, Sex};

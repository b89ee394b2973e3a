//! What must sound, and stale data; pure. It must never do IO, read a clock or spawn.
//!
//! [`AlarmPolicy`] is told what happens on a leg and what time it is, and says what to tell. It never decides what is a cramp.
//! Silent by default: a cramp wakes its owner anyway, and the light and the spoken relief instruction hang on `cramp_started`.
//! What acknowledging, muting, dismissing and disarming mean stands at [`AlarmInput`].
//!
//! - A cramp: sounds as `wake` says, pauses while muted and in quiet hours, escalates, stops when it is answered (`cramp.rs`).
//! - Missing data: first a state, then a fault, which no mute silences (`outage.rs`). Liveness is the age of valid samples, never
//!   a callback or a connected flag: a dead sensor is an event.
//! - A sensor that is not worn (`wear.rs`) and a battery that will not last (`battery.rs`), in the sleep window.
//! - Reminders (`reminders.rs`), the test before sleep (`self_test.rs`), and what waking costs in false alarms (`odds.rs`).

mod action;
mod battery;
mod cramp;
mod input;
mod liveness;
mod odds;
mod outage;
mod policy;
mod reminders;
mod self_test;
mod settings;
mod state;
mod wear;
mod window;

pub use action::{AlarmAction, AlarmFlags};
pub use input::{AlarmInput, LONGEST_MUTE_MIN};
pub use odds::{FalseAlarmRate, false_alarms_line};
pub use policy::AlarmPolicy;
pub use reminders::Reminder;
pub use self_test::{LegFacts, SelfTestFacts, clock_trouble, self_test};
pub use settings::{AlarmSettings, Wake};
pub use state::AlarmState;
pub use window::DailyWindow;

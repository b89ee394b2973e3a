//! Components with a start, a stop and bounded channels, and their supervisor. It must never compute.
//!
//! `source` → bounded channel → `leg` (record, detect, commit, tell) → store outbox → `mqtt`. `diary` and `advice` republish
//! what the command line wrote and what follows from it. [`Daemon::start`] makes them, [`Daemon::stop`] ends them in the order of the data.

mod advice;
mod assembly;
mod backbone;
mod calibration;
mod commands;
mod diary;
mod disk;
mod error;
mod id_key;
mod leg;
mod model_choice;
mod profile_choice;
mod retention;
mod settings;
mod smart_home;
mod sources;
mod supervisor;
mod unwritten;
mod watchdog;

pub use assembly::{Daemon, external_broker, is_running, stop_signal};
pub use backbone::LegView;
pub use calibration::{Bench, SourceKind};
pub(crate) use disk::free_mb;
pub use error::DaemonError;
pub use id_key::id_key;
pub use model_choice::{ModelOrigin, model_in_use, promoted_folder};
pub use profile_choice::{LegProfiles, leg_profiles};
pub use settings::{BrokerPort, DaemonSettings, TimeOfEvents};
pub use smart_home::announced;
pub use sources::{BluetoothPlay, Play, SimulatedPlay};

//! What others may ask of the daemon over MQTT: commands, and whether somebody lies in bed.
//!
//! A command is taken from its topic and payload, checked, and handed on as a [`Request`]; what it does is decided elsewhere. Each is
//! answered on `bridge/result`.

mod arguments;
mod bucket;
mod desk;
mod ear;
mod parse;
mod presence;
mod refusal;

#[cfg(test)]
mod parse_tests;

pub(crate) use ear::Ear;
pub use ear::Listening;
pub(crate) use parse::Message;
#[cfg(test)]
pub(crate) use parse::parse;
pub use refusal::{Reason, Refusal};

use crate::units::UtcMicros;

/// What was heard on a topic that the daemon listens to.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A command that was understood, is young enough and was not retained.
    Request(Request),
    /// Whether somebody lies in bed, from a topic that the user named.
    BedPresence {
        /// True if somebody does.
        occupied: bool,
    },
}

/// A command that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Honoured once if there is one; honoured each time without.
    pub request_id: Option<String>,
    /// When it was sent, if it says so.
    pub sent_at: Option<UtcMicros>,
    /// When it came in.
    pub received_at: UtcMicros,
    /// The leg that it is for, such as `me_left`; none for the daemon as a whole.
    pub leg: Option<String>,
    /// What is asked.
    pub command: Command,
}

/// What can be asked; a closed set.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Water was drunk.
    LogIntake(Water),
    /// A glass holds so many millilitres from now on, 50 to 1000.
    SetGlassSize {
        /// Millilitres.
        ml: f64,
    },
    /// I have noticed the alarm: it stops and does not escalate. The cramp stays a cramp, later ones alarm as before.
    Acknowledge,
    /// It was no cramp: the latest one is labelled "not a cramp", and its alarm stops.
    Dismiss,
    /// No alarm for so many minutes, 0 (ends it) to 720; cramps are detected, told and counted as before.
    Mute {
        /// Minutes.
        minutes: u32,
    },
    /// There is a cramp now, whether or not it was detected.
    ReportCramp,
    /// Watch the leg, or stop watching it: nothing is recorded and nothing is told until it is watched again, at the latest at the
    /// next noon. What the four do to an alarm stands at [`AlarmInput`](crate::alarm::AlarmInput).
    SetArmed {
        /// True to watch.
        armed: bool,
    },
    /// Learn the quiet level of the leg anew.
    Calibrate,
}

/// How much water.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Water {
    /// Millilitres, 1 to 5000.
    Millilitres(f64),
    /// Glasses of the size that was set, above 0 to 20.
    Glasses(f64),
}

impl Water {
    /// Least that can be logged at once, in ml.
    pub const MIN_ML: f64 = 1.0;
    /// Most that can be logged at once, in ml.
    pub const MAX_ML: f64 = 5000.0;
    /// Most glasses that can be logged at once.
    pub const MAX_GLASSES: f64 = 20.0;
}

/// Whom a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The daemon as a whole: `<base>/bridge/cmd/<verb>`.
    Daemon,
    /// One leg: `<base>/<leg>/cmd/<verb>`.
    Leg,
}

impl Command {
    /// Every verb, in the order of docs/mqtt.md.
    pub const VERBS: [&'static str; 8] =
        ["log_intake", "set_glass_size", "acknowledge", "mute", "dismiss", "set_armed", "report_cramp", "calibrate"];
    /// Smallest glass, in ml.
    pub const GLASS_MIN_ML: f64 = 50.0;
    /// Largest glass, in ml.
    pub const GLASS_MAX_ML: f64 = 1000.0;
    /// Longest mute, in minutes.
    pub const MUTE_MAX_MINUTES: u32 = 720;

    /// Whom a command of this verb is for.
    pub fn scope(verb: &str) -> Scope {
        if matches!(verb, "log_intake" | "set_glass_size") { Scope::Daemon } else { Scope::Leg }
    }

    /// The verb: the last part of the command's topic.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::LogIntake(_) => "log_intake",
            Self::SetGlassSize { .. } => "set_glass_size",
            Self::Acknowledge => "acknowledge",
            Self::Dismiss => "dismiss",
            Self::Mute { .. } => "mute",
            Self::ReportCramp => "report_cramp",
            Self::SetArmed { .. } => "set_armed",
            Self::Calibrate => "calibrate",
        }
    }
}

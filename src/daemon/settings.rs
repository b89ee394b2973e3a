//! What the daemon is started with: the checked configuration, and what only a demo or a test changes.

use super::sources::Play;
use crate::config::Config;

/// How the daemon is to run.
#[derive(Debug, Clone)]
pub struct DaemonSettings {
    /// The configuration.
    pub config: Config,
    /// Where samples come from.
    pub play: Play,
    /// End when the source ends; otherwise it begins again.
    pub once: bool,
    /// What the age of an event is counted from.
    pub time_of_events: TimeOfEvents,
    /// What to do if the embedded broker's port is taken.
    pub broker_port: BrokerPort,
}

/// What the age of an event is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeOfEvents {
    /// The time in the stream: a live sensor. What arrives late is late.
    Stream,
    /// The moment of its commit: a stream that is played faster than it was, or again.
    Commit,
}

/// What to do if the embedded broker's port is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokerPort {
    /// Refuse, with the remedy.
    Exact,
    /// Take a free one.
    PreferOrFree,
}

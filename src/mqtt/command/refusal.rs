//! Why a command was not taken, in words for whoever sent it.

use super::Command;
use crate::mqtt::payload::CommandResult;

/// A command that was not taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The command's own id, if one could be read.
    pub request_id: Option<String>,
    /// The last part of the topic, at most 64 characters of it.
    pub verb: String,
    /// Why.
    pub reason: Reason,
}

/// Why a command was not taken: what was found, what was expected. What was found is cut to a few words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Reason {
    /// Not a topic of commands.
    #[error("this is no topic for commands, expected <base>/bridge/cmd/<verb> or <base>/<leg>/cmd/<verb>")]
    Topic,
    /// Not a verb.
    #[error("there is no such command, expected one of {}", Command::VERBS.join(", "))]
    UnknownVerb,
    /// A leg's command to the daemon or the other way round.
    #[error("{verb} was sent to {found}, expected {expected}")]
    WrongScope {
        /// The verb.
        verb: &'static str,
        /// `the daemon` or `a leg`.
        found: &'static str,
        /// Which topic would do.
        expected: &'static str,
    },
    /// No such leg here.
    #[error("leg {found:?} is not watched here, expected one of {known}")]
    UnknownLeg {
        /// What the topic says.
        found: String,
        /// The legs that are watched.
        known: String,
    },
    /// It would come again at each connection.
    #[error(
        "the command was published with the retain flag and is not done: publish it without, and empty the topic by \
         publishing an empty retained message"
    )]
    Retained,
    /// Too many bytes.
    #[error("the payload has {found_bytes} bytes, expected at most {}", super::parse::PAYLOAD_LIMIT_BYTES)]
    TooLarge {
        /// Its length.
        found_bytes: usize,
    },
    /// Not JSON.
    #[error("the payload is not JSON ({detail}), expected an object such as {{\"request_id\":\"1\"}}")]
    NotJson {
        /// Where and why.
        detail: String,
    },
    /// JSON, but no object.
    #[error("the payload is {found}, expected a JSON object such as {{\"request_id\":\"1\"}}")]
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
    /// The id is none.
    #[error("request_id is {found}, expected text of 1 to 64 characters, or none")]
    RequestId {
        /// What it is.
        found: String,
    },
    /// Not an instant.
    #[error("sent_at is {found}, expected a time with a zone such as \"2026-11-22T02:14:03+01:00\", or none")]
    NotATime {
        /// What it is.
        found: String,
    },
    /// Too old to be meant still.
    #[error("the command was sent {age_s:.0} s ago, expected at most {} s: send it again", super::parse::OLDEST_S)]
    TooOld {
        /// Its age in seconds.
        age_s: f64,
    },
    /// From the future.
    #[error("sent_at is {ahead_s:.0} s in the future, expected at most {} s: set both clocks", super::parse::AHEAD_S)]
    FromTheFuture {
        /// How far, in seconds.
        ahead_s: f64,
    },
    /// It may have waited at the broker for hours.
    #[error("the command has no sent_at and came right after a reconnect, so its age is not known: send it again")]
    AgeUnknown,
    /// A key is not there.
    #[error("{key} is missing, expected {expected}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What would do.
        expected: &'static str,
    },
    /// A value will not do.
    #[error("{key} is {found}, expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it is.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// Too much at once.
    #[error("busy, try again")]
    Busy,
    /// The daemon takes no commands any more.
    #[error("the daemon is stopping, try again when it is back")]
    Stopping,
    /// The id belongs to another command.
    #[error("request_id was already used for {verb}, expected one that is new")]
    IdUsed {
        /// The other command's verb.
        verb: String,
    },
    /// Nobody can say whether it was done before.
    #[error("the database cannot be read, so that nobody knows whether this was done before: try again")]
    Store,
}

impl Refusal {
    /// The answer to publish.
    pub fn answer(&self) -> CommandResult {
        CommandResult {
            request_id: self.request_id.clone(),
            verb: self.verb.clone(),
            ok: false,
            error: Some(self.reason.to_string()),
        }
    }
}

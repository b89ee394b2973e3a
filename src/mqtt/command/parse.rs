//! From topic and payload to a [`Request`] or a [`Refusal`]; no IO, no clock.

use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::refusal::{Reason, Refusal};
use super::{Command, Request, Scope, arguments};
use crate::mqtt::topics::Topics;
use crate::units::UtcMicros;

/// Longest payload that is looked at, in bytes.
pub(crate) const PAYLOAD_LIMIT_BYTES: usize = 4 * 1024;
/// A command sent longer ago, in seconds, is not done: nobody may still mean it.
pub(crate) const OLDEST_S: f64 = 60.0;
/// A command sent so far in the future, in seconds, shows that a clock is wrong: its age cannot be known.
pub(crate) const AHEAD_S: f64 = 60.0;
/// Longest id of a command, in characters.
const ID_LIMIT: usize = 64;
/// How much of what was found is said again, in characters.
const FOUND_LIMIT: usize = 40;

/// A message on a command topic, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'message> {
    pub(crate) topic: &'message str,
    pub(crate) payload: &'message [u8],
    pub(crate) retained: bool,
    pub(crate) now: UtcMicros,
}

/// What the topic says.
struct Address<'topic> {
    /// None for the daemon.
    leg: Option<&'topic str>,
    verb: &'topic str,
}

/// Understands a command for the daemon or one of `legs`.
pub(crate) fn parse(message: &Message<'_>, topics: &Topics, legs: &[String]) -> Result<Request, Refusal> {
    let Some(address) = address(message.topic, topics) else {
        return Err(Refusal { request_id: None, verb: String::new(), reason: Reason::Topic });
    };
    let object = object(message.payload);
    // Even a command that is refused is answered under its id, if that can be read.
    let id = object.as_ref().map_or(Ok(None), request_id);
    let refused = |reason| Refusal {
        request_id: id.clone().ok().flatten(),
        verb: address.verb.chars().take(ID_LIMIT).collect(),
        reason,
    };
    if message.retained {
        return Err(refused(Reason::Retained));
    }
    let verb = verb(&address, legs).map_err(refused)?;
    let object = object.map_err(refused)?;
    let request_id = id.clone().map_err(refused)?;
    let sent_at = sent_at(&object, message.now).map_err(refused)?;
    let command = arguments::command(verb, &object).map_err(refused)?;
    let leg = address.leg.map(str::to_owned);
    Ok(Request { request_id, sent_at, received_at: message.now, leg, command })
}

fn address<'topic>(topic: &'topic str, topics: &Topics) -> Option<Address<'topic>> {
    let mut levels = topic.strip_prefix(topics.base())?.strip_prefix('/')?.split('/');
    let (whom, word, verb) = (levels.next()?, levels.next()?, levels.next()?);
    if word != "cmd" || levels.next().is_some() {
        return None;
    }
    Some(Address { leg: (whom != "bridge").then_some(whom), verb })
}

fn verb(address: &Address<'_>, legs: &[String]) -> Result<&'static str, Reason> {
    let known = Command::VERBS.iter().copied().find(|verb| *verb == address.verb);
    let verb = known.ok_or(Reason::UnknownVerb)?;
    match (Command::scope(verb), address.leg) {
        (Scope::Daemon, None) => Ok(verb),
        (Scope::Leg, None) => {
            Err(Reason::WrongScope { verb, found: "the daemon", expected: "<base>/<leg>/cmd/<verb>, for one leg" })
        }
        (Scope::Daemon, Some(_)) => {
            Err(Reason::WrongScope { verb, found: "a leg", expected: "<base>/bridge/cmd/<verb>, for the daemon" })
        }
        (Scope::Leg, Some(leg)) if legs.iter().any(|known| known == leg) => Ok(verb),
        (Scope::Leg, Some(leg)) => Err(Reason::UnknownLeg { found: cut(leg), known: legs.join(", ") }),
    }
}

/// The payload as an object; nothing at all is an empty one, because people publish by hand.
fn object(payload: &[u8]) -> Result<Map<String, Value>, Reason> {
    if payload.len() > PAYLOAD_LIMIT_BYTES {
        return Err(Reason::TooLarge { found_bytes: payload.len() });
    }
    if payload.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(payload) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(Reason::NotAnObject { found: kind(&other) }),
        Err(error) => Err(Reason::NotJson { detail: error.to_string() }),
    }
}

fn request_id(object: &Map<String, Value>) -> Result<Option<String>, Reason> {
    match object.get("request_id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if id.is_empty() => Err(Reason::RequestId { found: "empty".to_owned() }),
        Some(Value::String(id)) if id.chars().count() > ID_LIMIT => {
            Err(Reason::RequestId { found: format!("{} characters long", id.chars().count()) })
        }
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(other) => Err(Reason::RequestId { found: kind(other).to_owned() }),
    }
}

fn sent_at(object: &Map<String, Value>, now: UtcMicros) -> Result<Option<UtcMicros>, Reason> {
    let text = match object.get("sent_at") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => return Err(Reason::NotATime { found: found(other) }),
    };
    let instant = Timestamp::from_str(text).map_err(|_| Reason::NotATime { found: format!("{:?}", cut(text)) })?;
    let sent_at = UtcMicros::from_timestamp(instant);
    let age_s = now.seconds_since(sent_at);
    if age_s > OLDEST_S {
        Err(Reason::TooOld { age_s })
    } else if age_s < -AHEAD_S {
        Err(Reason::FromTheFuture { ahead_s: -age_s })
    } else {
        Ok(Some(sent_at))
    }
}

/// A value as it is said again in an answer.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        other => cut(&other.to_string()),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(FOUND_LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

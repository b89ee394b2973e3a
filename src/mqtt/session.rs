//! What may be sent next, and what an acknowledgement means; no IO here.
//!
//! At most one acknowledged message is under way, so the next acknowledgement belongs to it. An event that was handed to
//! the network stays in hand until the broker has acknowledged it: nobody knows whether it arrived, so it must be repeated
//! on the topic it first went to, whatever its age, or it could arrive on both.
//!
//! What is retained goes in an order that Home Assistant can follow: which entities there are (discovery), whether the daemon
//! and the legs are there, then what they say.
//!
//! Answers to commands wait in a short queue. A live event goes before all of them; late events and answers take turns, so that
//! neither a long backlog nor many commands hold up the other.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::discovery::DiscoveryMessage;
use super::error::MqttError;
use super::outgoing::{Delivery, Message, online_word};
use super::topics::Topics;
use crate::store::OutboxRow;
use crate::units::UtcMicros;

/// Retained topics kept for a reconnect: eight a leg would do for thirty legs.
pub(super) const RETAINED_LIMIT: usize = 256;
/// Answers that wait; whoever asks faster than the broker takes answers loses the rest.
pub(super) const ANSWER_LIMIT: usize = 64;

#[derive(Debug)]
pub(crate) struct Session {
    topics: Topics,
    connected: bool,
    retained: BTreeMap<String, Retained>,
    event: Option<EventInHand>,
    answers: VecDeque<Message>,
    /// Whether an answer was the last that went: then a late event is next.
    answered_last: bool,
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct Retained {
    payload: Vec<u8>,
    said: bool,
    rank: Rank,
}

/// What is said before what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// By place: a leg's device refers to the daemon's.
    Discovery(usize),
    Status,
    Availability,
    State,
}

#[derive(Debug)]
struct EventInHand {
    row: OutboxRow,
    topic: String,
    delivery: Delivery,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum UnderWay {
    Subscription,
    State(String),
    Event,
    Answer,
}

/// What an acknowledgement was for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The event with this `seq` has arrived.
    EventDelivered(i64),
    /// The broker does not want the event; it stays in the outbox.
    EventRefused,
    /// The broker does not want this retained state.
    StateRefused(String),
    /// The broker does not want the answer to a command.
    AnswerRefused,
    /// A retained state, an answer or a subscription has arrived, or nothing was under way.
    Nothing,
}

impl Session {
    pub(crate) fn new(topics: Topics) -> Self {
        let mut session = Self {
            topics,
            connected: false,
            retained: BTreeMap::new(),
            event: None,
            answers: VecDeque::new(),
            answered_last: false,
            under_way: None,
        };
        session.set_online(true);
        session
    }

    pub(crate) fn topics(&self) -> &Topics {
        &self.topics
    }

    pub(crate) fn connected(&self) -> bool {
        self.connected
    }

    /// Sets what `bridge/status` says.
    pub(crate) fn set_online(&mut self, online: bool) {
        self.keep(self.topics.bridge_status(), online_word(online).into());
    }

    /// Keeps what Home Assistant is told of devices, to be said before all else in this order.
    pub(crate) fn announce(&mut self, messages: Vec<DiscoveryMessage>) {
        for (place, message) in messages.into_iter().enumerate() {
            let payload = message.payload.into_bytes();
            let rank = Rank::Discovery(place);
            self.retained.insert(message.topic, Retained { payload, said: false, rank });
        }
    }

    /// Keeps the latest payload of a retained topic for sending; false if there are too many topics.
    pub(crate) fn keep(&mut self, topic: String, payload: Vec<u8>) -> bool {
        if self.retained.len() >= RETAINED_LIMIT && !self.retained.contains_key(&topic) {
            return false;
        }
        let rank = if topic == self.topics.bridge_status() {
            Rank::Status
        } else if topic.ends_with("/availability") {
            Rank::Availability
        } else {
            Rank::State
        };
        self.retained.insert(topic, Retained { payload, said: false, rank });
        true
    }

    /// A broker answered: everything retained is said again, an event in hand is repeated.
    pub(crate) fn on_connected(&mut self) {
        self.connected = true;
        self.under_way = None;
        self.say_again();
    }

    /// Everything retained is said again, in its order.
    pub(crate) fn say_again(&mut self) {
        for retained in self.retained.values_mut() {
            retained.said = false;
        }
    }

    /// A subscription was handed to the client. Nothing acknowledged goes before its answer: the client gives both the same
    /// packet id.
    pub(crate) fn on_subscribing(&mut self) {
        self.under_way = Some(UnderWay::Subscription);
    }

    /// The broker answered a subscription.
    pub(crate) fn on_subscribed(&mut self) {
        if self.under_way == Some(UnderWay::Subscription) {
            self.under_way = None;
        }
    }

    /// The connection broke. `never_left`: what was under way had not been handed to the network yet. An acknowledgement that was
    /// read before the break may still come, so what is under way is forgotten only at the next connection.
    pub(crate) fn on_disconnected(&mut self, never_left: bool) {
        self.connected = false;
        // Whoever waits for an answer hears "once" from a repeat; an answer out of the blue helps nobody.
        self.answers.clear();
        if never_left && self.under_way == Some(UnderWay::Event) {
            self.event = None;
            self.under_way = None;
        }
    }

    /// The broker answered the message under way.
    pub(crate) fn on_acknowledged(&mut self, accepted: bool) -> Settled {
        match self.under_way.take() {
            None | Some(UnderWay::Subscription) => Settled::Nothing,
            Some(UnderWay::State(topic)) => {
                if accepted {
                    Settled::Nothing
                } else {
                    Settled::StateRefused(topic)
                }
            }
            Some(UnderWay::Answer) => {
                if accepted {
                    Settled::Nothing
                } else {
                    Settled::AnswerRefused
                }
            }
            Some(UnderWay::Event) => match self.event.take() {
                Some(event) if accepted => Settled::EventDelivered(event.row.seq),
                _ => Settled::EventRefused,
            },
        }
    }

    /// Whether an acknowledged message may go now.
    pub(crate) fn free(&self) -> bool {
        self.connected && self.under_way.is_none()
    }

    /// Whether the latest word of `bridge/status` was handed to the client.
    pub(crate) fn status_said(&self) -> bool {
        self.retained.get(&self.topics.bridge_status()).is_some_and(|status| status.said)
    }

    /// Whether an event is in hand, sent or not.
    #[cfg(test)]
    pub(super) fn has_event(&self) -> bool {
        self.event.is_some()
    }

    /// Takes the next row of the outbox in hand and decides its topic; only when none is.
    pub(crate) fn take_event(&mut self, row: OutboxRow, live: bool) -> Result<(), MqttError> {
        let (topic, delivery) = if live {
            (self.topics.event(&row.leg)?, Delivery::LiveEvent)
        } else {
            (self.topics.event_late(&row.leg)?, Delivery::LateEvent)
        };
        self.event = Some(EventInHand { row, topic, delivery });
        Ok(())
    }

    /// Takes an answer to be sent soon; false if it is dropped: no connection, or too many wait.
    pub(crate) fn take_answer(&mut self, message: Message) -> bool {
        let room = self.connected && self.answers.len() < ANSWER_LIMIT;
        if room {
            self.answers.push_back(message);
        }
        room
    }

    /// Whether an event could go now and none is in hand: answers that wait are no reason not to look for one.
    pub(crate) fn wants_event(&self) -> bool {
        self.free() && self.event.is_none() && self.retained.values().all(|retained| retained.said)
    }

    /// The next acknowledged message: discovery, the daemon's status, availability, other retained states, then the event in hand
    /// and the answers.
    pub(crate) fn next(&self, now: UtcMicros) -> Option<Message> {
        if !self.free() {
            return None;
        }
        let unsaid = self.retained.iter().filter(|(_, retained)| !retained.said);
        if let Some((topic, retained)) = unsaid.min_by_key(|(_, retained)| retained.rank) {
            let (topic, payload) = (topic.clone(), retained.payload.clone());
            return Some(Message { topic, payload, delivery: Delivery::RetainedState });
        }
        let event_is_late = self.event.as_ref().is_some_and(|event| event.delivery == Delivery::LateEvent);
        let answer = self.answers.front();
        if answer.is_some() && (self.event.is_none() || (event_is_late && !self.answered_last)) {
            return answer.cloned();
        }
        self.event.as_ref().map(|event| Message {
            topic: event.topic.clone(),
            payload: event_payload(&event.row, now),
            delivery: event.delivery,
        })
    }

    /// `message`, as [`Self::next`] gave it, was handed to the client.
    pub(crate) fn on_sent(&mut self, message: &Message) {
        self.answered_last = message.delivery == Delivery::Answer;
        self.under_way = Some(match message.delivery {
            Delivery::LiveEvent | Delivery::LateEvent => UnderWay::Event,
            Delivery::Answer => {
                self.answers.pop_front();
                UnderWay::Answer
            }
            Delivery::RetainedState | Delivery::MomentaryState => {
                if let Some(retained) = self.retained.get_mut(&message.topic) {
                    retained.said = true;
                }
                UnderWay::State(message.topic.clone())
            }
        });
    }
}

/// The stored payload plus `sent_at`; the ids stay what they are, whichever copy it is.
pub(super) fn event_payload(row: &OutboxRow, now: UtcMicros) -> Vec<u8> {
    let mut object = match &row.payload {
        Value::Object(object) => object.clone(),
        // Not written by this version; say at least what happened, a row that can never be sent would block all others.
        other => serde_json::Map::from_iter([
            ("event_type".to_owned(), Value::from(row.event_type.as_str())),
            ("leg".to_owned(), Value::from(row.leg.as_str())),
            ("detail".to_owned(), other.clone()),
        ]),
    };
    object.insert("seq".to_owned(), Value::from(row.seq));
    object.insert("sent_at".to_owned(), Value::from(now.to_rfc3339()));
    Value::Object(object).to_string().into_bytes()
}

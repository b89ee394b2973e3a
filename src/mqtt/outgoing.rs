//! What the daemon says besides events, and the one place that knows what is retained and how surely it is delivered.

use serde::Serialize;
use serde_json::Value;

use super::error::MqttError;
use super::payload::{
    BridgeInfo, CommandResult, Diagnostics, GlassSize, IntakeToday, LastEpisodePayload, LivePayload, NightPayload,
    OnOff, SelfTest,
};
use super::topics::Topics;
use crate::advice::wire::AdviceWire;

/// An event older than this when it is sent goes to `event_late`; the broker forgets a live one after as long.
pub(crate) const EVENT_LIVE_S: u32 = 60;

/// How a message is delivered; the only ways there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The broker keeps the latest; acknowledged; said again after each reconnect.
    RetainedState,
    /// True only now: not kept, not acknowledged, dropped while the broker is away.
    MomentaryState,
    /// From the outbox to `event`: acknowledged, never retained (Home Assistant drops retained events), and forgotten by
    /// the broker after 60 s.
    LiveEvent,
    /// From the outbox to `event_late`: acknowledged, never retained.
    LateEvent,
    /// The answer to a command, and an event that is not in the outbox: acknowledged, never retained, forgotten by the broker
    /// after 60 s; dropped while it is away.
    Answer,
}

impl Delivery {
    /// Whether the broker keeps the message for later subscribers.
    pub const fn retain(self) -> bool {
        matches!(self, Self::RetainedState)
    }

    /// Whether the broker acknowledges the message (QoS 1); else QoS 0.
    pub const fn acknowledged(self) -> bool {
        !matches!(self, Self::MomentaryState)
    }

    /// MQTT 5 message expiry in seconds.
    pub const fn expiry_s(self) -> Option<u32> {
        match self {
            Self::LiveEvent | Self::Answer => Some(EVENT_LIVE_S),
            Self::RetainedState | Self::MomentaryState | Self::LateEvent => None,
        }
    }
}

/// One message as it goes to the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Full topic.
    pub topic: String,
    /// Text or JSON; empty only to remove a device from Home Assistant.
    pub payload: Vec<u8>,
    /// How it is delivered.
    pub delivery: Delivery,
}

/// A state to publish. Events come from the store's outbox, unless the disk is full.
#[derive(Debug, Clone, PartialEq)]
pub enum Outgoing {
    /// What runs.
    BridgeInfo(BridgeInfo),
    /// Whether everything is ready for the night.
    SelfTest(SelfTest),
    /// What was drunk on this diary day.
    IntakeToday(IntakeToday),
    /// Today's advice, at most 255 characters.
    Advice(String),
    /// All of today's advice.
    AdviceAttributes(Box<AdviceWire>),
    /// Whether valid samples of a leg arrive.
    Availability {
        /// Person and side.
        leg: String,
        /// True while they do.
        online: bool,
    },
    /// What a leg is doing now.
    Live {
        /// Person and side.
        leg: String,
        /// The message.
        payload: LivePayload,
    },
    /// The last finished episode of `payload.leg`.
    LastEpisode(LastEpisodePayload),
    /// The night of a leg.
    Night {
        /// Person and side.
        leg: String,
        /// The message.
        payload: NightPayload,
    },
    /// Whether a leg is to be watched.
    Armed {
        /// Person and side.
        leg: String,
        /// True if it is.
        armed: bool,
    },
    /// An event that could not be written to the store, for want of room on the disk: it goes out once, without `seq`.
    Unwritten {
        /// Person and side.
        leg: String,
        /// The event, with `sent_at`.
        payload: Value,
    },
    /// The answer to a command.
    CommandResult(CommandResult),
    /// What a glass holds.
    GlassSize(GlassSize),
    /// Health of a sensor.
    Diagnostics {
        /// `s-` and 8 hexadecimal digits; never an address.
        sensor: String,
        /// The message.
        payload: Diagnostics,
    },
}

impl Outgoing {
    /// How this state is delivered.
    pub const fn delivery(&self) -> Delivery {
        match self {
            // Both have an expiry in Home Assistant; a retained copy would revive an old value when it restarts.
            Self::Live { .. } | Self::Diagnostics { .. } => Delivery::MomentaryState,
            Self::CommandResult(_) | Self::Unwritten { .. } => Delivery::Answer,
            Self::BridgeInfo(_)
            | Self::SelfTest(_)
            | Self::IntakeToday(_)
            | Self::GlassSize(_)
            | Self::Advice(_)
            | Self::AdviceAttributes(_)
            | Self::Availability { .. }
            | Self::LastEpisode(_)
            | Self::Night { .. }
            | Self::Armed { .. } => Delivery::RetainedState,
        }
    }

    /// The message for the broker.
    ///
    /// # Errors
    /// [`MqttError::Id`] if a leg or sensor id cannot stand in a topic, [`MqttError::Encode`] if JSON fails.
    pub fn message(&self, topics: &Topics) -> Result<Message, MqttError> {
        let delivery = self.delivery();
        let (topic, payload) = match self {
            Self::BridgeInfo(payload) => json(topics.bridge_info(), payload)?,
            Self::SelfTest(payload) => json(topics.bridge_self_test(), payload)?,
            Self::IntakeToday(payload) => json(topics.bridge_intake_today(), payload)?,
            Self::Advice(text) => (topics.bridge_advice(), text.clone().into_bytes()),
            Self::AdviceAttributes(payload) => json(topics.bridge_advice_attributes(), payload)?,
            Self::Availability { leg, online } => (topics.availability(leg)?, online_word(*online).into()),
            Self::Live { leg, payload } => json(topics.live(leg)?, payload)?,
            Self::LastEpisode(payload) => json(topics.last_episode(&payload.leg)?, payload)?,
            Self::Night { leg, payload } => json(topics.night(leg)?, payload)?,
            Self::Armed { leg, armed } => (topics.armed(leg)?, OnOff::from(*armed).as_str().into()),
            Self::Unwritten { leg, payload } => json(topics.event(leg)?, payload)?,
            Self::CommandResult(payload) => json(topics.bridge_result(), payload)?,
            Self::GlassSize(payload) => json(topics.bridge_glass_size(), payload)?,
            Self::Diagnostics { sensor, payload } => json(topics.diagnostics(sensor)?, payload)?,
        };
        Ok(Message { topic, payload, delivery })
    }
}

/// The word for the daemon's and a leg's availability.
pub(crate) const fn online_word(online: bool) -> &'static str {
    if online { "online" } else { "offline" }
}

fn json(topic: String, payload: &impl Serialize) -> Result<(String, Vec<u8>), MqttError> {
    match serde_json::to_vec(payload) {
        Ok(bytes) => Ok((topic, bytes)),
        Err(source) => Err(MqttError::Encode { topic, source }),
    }
}

//! What Home Assistant is told so that the daemon and each leg appear there by themselves; pure, no IO.
//!
//! One retained device message for the daemon and one for each leg (Home Assistant's "device discovery"). `wire` holds the
//! messages field for field, `bridge`, `leg`, `buttons` and `sensor` say which entities there are. Only what the daemon really
//! says and takes is announced.

mod bridge;
mod buttons;
mod leg;
mod names;
mod sensor;
mod wire;

#[cfg(test)]
mod command_tests;
#[cfg(test)]
mod tests;

use super::error::MqttError;
use super::topics::{Topics, good_topic};
use wire::DeviceMessage;

/// What is announced, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoverySettings {
    /// First part of Home Assistant's own topics, `homeassistant` unless it was changed there.
    pub prefix: String,
    /// The legs that are watched.
    pub legs: Vec<LegDevice>,
    /// Legs that are watched no longer, such as `me_left`: their devices are removed.
    pub retired: Vec<String>,
}

/// A leg as a device of Home Assistant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegDevice {
    /// Person and side as in topics, `me_left`.
    pub leg: String,
    /// Name for people, `Left leg`; entity ids begin with it.
    pub name: String,
    /// What is on the leg, in plain words.
    pub model: String,
    /// Id of the sensor, `s-` and 8 hexadecimal digits; without one there are no entities for its battery and contact.
    pub sensor: Option<String>,
}

/// One message of discovery; always retained and acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveryMessage {
    /// Full topic.
    pub topic: String,
    /// JSON; empty text removes the device.
    pub payload: String,
}

impl DiscoverySettings {
    /// Where Home Assistant says that it has come up.
    pub fn status_topic(&self) -> String {
        format!("{}/status", self.prefix)
    }

    /// Checks the prefix.
    ///
    /// # Errors
    /// [`MqttError::Setting`] if it cannot begin a topic.
    pub fn validate(&self) -> Result<(), MqttError> {
        if good_topic(&self.prefix) {
            return Ok(());
        }
        Err(MqttError::Setting {
            key: "discovery_prefix",
            found: format!("{:?}", self.prefix),
            expected: "words joined by single slashes, without + # $ or spaces, usually \"homeassistant\"",
        })
    }

    fn config_topic(&self, object_id: &str) -> String {
        format!("{}/device/{object_id}/config", self.prefix)
    }
}

/// Everything to be said, in this order: removals, the daemon, then the legs, which refer to it.
///
/// # Errors
/// [`MqttError::Setting`] for a bad prefix, [`MqttError::Id`] if a leg or a sensor cannot stand in a topic.
pub fn discovery(settings: &DiscoverySettings, topics: &Topics) -> Result<Vec<DiscoveryMessage>, MqttError> {
    settings.validate()?;
    let mut messages = Vec::with_capacity(settings.legs.len() + settings.retired.len() + 1);
    for leg in &settings.retired {
        messages.push(removal(settings, topics, leg)?);
    }
    messages.push(encode(settings.config_topic(&names::bridge_id(topics)), &bridge::message(topics)?)?);
    for device in &settings.legs {
        let topic = settings.config_topic(&names::leg_id(topics, &device.leg));
        messages.push(encode(topic, &leg::message(topics, device)?)?);
    }
    Ok(messages)
}

/// The empty message that removes the device of a leg and all its entities.
///
/// # Errors
/// [`MqttError::Id`] if the leg cannot stand in a topic.
pub fn removal(settings: &DiscoverySettings, topics: &Topics, leg: &str) -> Result<DiscoveryMessage, MqttError> {
    topics.availability(leg)?;
    Ok(DiscoveryMessage { topic: settings.config_topic(&names::leg_id(topics, leg)), payload: String::new() })
}

fn encode(topic: String, message: &DeviceMessage) -> Result<DiscoveryMessage, MqttError> {
    match serde_json::to_string(message) {
        Ok(payload) => Ok(DiscoveryMessage { topic, payload }),
        Err(source) => Err(MqttError::Encode { topic, source }),
    }
}

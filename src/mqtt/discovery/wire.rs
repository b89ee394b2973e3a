//! A device message as Home Assistant reads it, field for field. It refuses the whole message for one unknown key at the
//! root, in `device` or in `origin`, so these types are closed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::names::Names;

/// One device with all its entities.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DeviceMessage {
    pub(super) device: Device,
    pub(super) origin: Origin,
    /// What all entities depend on that do not say otherwise.
    pub(super) availability: Vec<Availability>,
    pub(super) availability_mode: &'static str,
    pub(super) qos: u8,
    pub(super) components: BTreeMap<&'static str, Component>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Device {
    pub(super) identifiers: [String; 1],
    pub(super) name: String,
    pub(super) manufacturer: &'static str,
    pub(super) model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sw_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) via_device: Option<String>,
}

/// Who sends the message.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Origin {
    name: &'static str,
    sw_version: &'static str,
    support_url: &'static str,
}

/// A topic that says `online` or `offline`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Availability {
    topic: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Platform {
    BinarySensor,
    Button,
    Event,
    Number,
    Sensor,
    Switch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeviceClass {
    Battery,
    Connectivity,
    Duration,
    Enum,
    Problem,
    SignalStrength,
    Timestamp,
    Volume,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StateClass {
    Measurement,
    Total,
}

/// One entity.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Component {
    #[serde(skip)]
    pub(super) key: &'static str,
    pub(super) platform: Platform,
    pub(super) unique_id: String,
    pub(super) default_entity_id: String,
    pub(super) name: &'static str,
    /// None for a button, which has no state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state_topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icon: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entity_category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) enabled_by_default: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device_class: Option<DeviceClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state_class: Option<StateClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit_of_measurement: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suggested_display_precision: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) availability: Option<Vec<Availability>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value_template: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_reset_value_template: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) json_attributes_topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload_on: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload_off: Option<&'static str>,
    /// Silence in seconds after which the entity is unavailable; only for topics that are not retained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expire_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) options: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event_types: Option<Vec<&'static str>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<CommandKeys>,
}

/// What an entity has that sends a command.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CommandKeys {
    command_topic: String,
    command_template: String,
    /// Home Assistant 2025.4 does not share the device's.
    qos: u8,
    /// False where there is a state: the daemon says when it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    optimistic: Option<bool>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

/// Which numbers can be set.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Range {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) step: f64,
    pub(super) mode: &'static str,
}

impl Origin {
    pub(super) const fn this() -> Self {
        Self { name: "crampwatch", sw_version: env!("CARGO_PKG_VERSION"), support_url: env!("CARGO_PKG_REPOSITORY") }
    }
}

impl Availability {
    pub(super) const fn of(topic: String) -> Self {
        Self { topic }
    }
}

impl Platform {
    const fn domain(self) -> &'static str {
        match self {
            Self::BinarySensor => "binary_sensor",
            Self::Button => "button",
            Self::Event => "event",
            Self::Number => "number",
            Self::Sensor => "sensor",
            Self::Switch => "switch",
        }
    }
}

impl Component {
    /// An entity with what every one has. `key` ends its unique id, `entity` its entity id; Home Assistant puts the
    /// device's name before `name` by itself.
    pub(super) fn new(
        names: &Names,
        platform: Platform,
        (key, entity): (&'static str, &'static str),
        name: &'static str,
        state_topic: String,
    ) -> Self {
        Self {
            key,
            platform,
            unique_id: format!("{}_{key}", names.unique),
            default_entity_id: format!("{}.{}_{entity}", platform.domain(), names.entity),
            name,
            state_topic: Some(state_topic),
            icon: None,
            entity_category: None,
            enabled_by_default: None,
            device_class: None,
            state_class: None,
            unit_of_measurement: None,
            suggested_display_precision: None,
            availability: None,
            value_template: None,
            last_reset_value_template: None,
            json_attributes_topic: None,
            payload_on: None,
            payload_off: None,
            expire_after: None,
            options: None,
            event_types: None,
            command: None,
        }
    }

    /// A button that sends a command; see [`template`] for `arguments`.
    pub(super) fn button(
        names: &Names,
        ids: (&'static str, &'static str),
        name: &'static str,
        command_topic: String,
        arguments: &str,
    ) -> Self {
        let button = Self::new(names, Platform::Button, ids, name, String::new());
        Self { state_topic: None, ..button }.sends(command_topic, arguments)
    }

    /// Sends a command; see [`template`] for `arguments`.
    pub(super) fn sends(self, command_topic: String, arguments: &str) -> Self {
        let optimistic = self.state_topic.is_some().then_some(false);
        let command_template = template(arguments);
        Self { command: Some(CommandKeys { command_topic, command_template, qos: 1, optimistic, range: None }), ..self }
    }

    /// Takes numbers within a range only.
    pub(super) fn within(mut self, range: Range) -> Self {
        if let Some(command) = &mut self.command {
            command.range = Some(range);
        }
        self
    }

    /// Says `ON` and `OFF` as the wire types do.
    pub(super) fn on_off(self, value_template: &'static str) -> Self {
        Self { value_template: Some(value_template), payload_on: Some("ON"), payload_off: Some("OFF"), ..self }
    }
}

/// The payload of a command as Home Assistant fills it in: an id of its own each time, when it was sent, and `arguments`, which
/// are pairs of JSON such as `"minutes":30`, or nothing.
fn template(arguments: &str) -> String {
    let comma = if arguments.is_empty() { "" } else { "," };
    format!(
        "{{\"request_id\":\"{{{{ now().timestamp() }}}}\",\"sent_at\":\"{{{{ now().isoformat() }}}}\"{comma}{arguments}}}"
    )
}

/// Entities by their key.
pub(super) fn by_key<const N: usize>(components: [Component; N]) -> BTreeMap<&'static str, Component> {
    components.into_iter().map(|component| (component.key, component)).collect()
}

//! A leg as a device: what happens on it now, its last episode, its night.

use std::collections::BTreeMap;

use super::super::error::MqttError;
use super::super::payload::{EventType, MonitorState, Severity};
use super::super::topics::Topics;
use super::names::{Names, bridge_id, leg_id, slug};
use super::wire::{Availability, Component, Device, DeviceClass, DeviceMessage, Origin, Platform, StateClass, by_key};
use super::{LegDevice, buttons, sensor};

/// The live state comes each 30 s; after three of them missing, what it said is no longer known.
const LIVE_EXPIRES_S: u32 = 120;

pub(super) fn message(topics: &Topics, device: &LegDevice) -> Result<DeviceMessage, MqttError> {
    let id = leg_id(topics, &device.leg);
    let names = Names { unique: id.clone(), entity: slug(&device.name) };
    let leg = &device.leg;
    let mut components = now(topics, leg, &names)?;
    components.extend(last_episode(topics, leg, &names)?);
    components.extend(night(topics, leg, &names)?);
    components.extend(buttons::components(topics, leg, &names)?);
    if let Some(sensor_id) = &device.sensor {
        components.extend(sensor::components(topics, sensor_id, &names)?);
    }
    Ok(DeviceMessage {
        device: Device {
            identifiers: [id],
            name: device.name.clone(),
            manufacturer: "crampwatch",
            model: device.model.clone(),
            sw_version: None,
            via_device: Some(bridge_id(topics)),
        },
        origin: Origin::this(),
        availability: vec![Availability::of(topics.bridge_status()), Availability::of(topics.availability(leg)?)],
        availability_mode: "all",
        qos: 1,
        components,
    })
}

type Components = BTreeMap<&'static str, Component>;

/// What needs the daemon only: a dead sensor must be told of, and what was stays known without one.
pub(super) fn without_sensor(topics: &Topics) -> Option<Vec<Availability>> {
    Some(vec![Availability::of(topics.bridge_status())])
}

fn now(topics: &Topics, leg: &str, names: &Names) -> Result<Components, MqttError> {
    let live = topics.live(leg)?;
    let new = |platform, key, name, topic| Component::new(names, platform, (key, key), name, topic);
    Ok(by_key([
        Component {
            icon: Some("mdi:flash-alert"),
            expire_after: Some(LIVE_EXPIRES_S),
            ..new(Platform::BinarySensor, "cramp", "Cramp", live.clone()).on_off("{{ value_json.cramp }}")
        },
        Component {
            icon: Some("mdi:flash-alert"),
            availability: without_sensor(topics),
            event_types: Some(EventType::ALL.iter().map(|word| word.as_str()).collect()),
            ..Component::new(names, Platform::Event, ("cramp_event", "cramp"), "Cramp event", topics.event(leg)?)
        },
        Component {
            device_class: Some(DeviceClass::Enum),
            options: Some(MonitorState::ALL.iter().map(|word| word.as_str()).collect()),
            availability: without_sensor(topics),
            value_template: Some("{{ value_json.state }}"),
            expire_after: Some(LIVE_EXPIRES_S),
            ..new(Platform::Sensor, "monitor_state", "Monitor state", live.clone())
        },
        Component {
            entity_category: Some("diagnostic"),
            expire_after: Some(LIVE_EXPIRES_S),
            ..new(Platform::BinarySensor, "muted", "Muted", live).on_off("{{ value_json.muted }}")
        },
        Component {
            entity_category: Some("diagnostic"),
            device_class: Some(DeviceClass::Connectivity),
            availability: without_sensor(topics),
            payload_on: Some("online"),
            payload_off: Some("offline"),
            ..new(Platform::BinarySensor, "link", "Link", topics.availability(leg)?)
        },
    ]))
}

fn last_episode(topics: &Topics, leg: &str, names: &Names) -> Result<Components, MqttError> {
    let topic = topics.last_episode(leg)?;
    let sensor = |key, name| Component {
        availability: without_sensor(topics),
        ..Component::new(names, Platform::Sensor, (key, key), name, topic.clone())
    };
    Ok(by_key([
        Component {
            device_class: Some(DeviceClass::Enum),
            options: Some(Severity::ALL.iter().map(|word| word.as_str()).collect()),
            value_template: Some("{{ value_json.severity }}"),
            json_attributes_topic: Some(topic.clone()),
            ..sensor("last_severity", "Last cramp severity")
        },
        Component {
            device_class: Some(DeviceClass::Duration),
            state_class: Some(StateClass::Measurement),
            unit_of_measurement: Some("s"),
            suggested_display_precision: Some(0),
            value_template: Some("{{ value_json.duration_s }}"),
            ..sensor("last_duration", "Last cramp duration")
        },
        Component {
            device_class: Some(DeviceClass::Timestamp),
            value_template: Some("{{ value_json.onset_at }}"),
            ..sensor("last_onset", "Last cramp onset")
        },
    ]))
}

fn night(topics: &Topics, leg: &str, names: &Names) -> Result<Components, MqttError> {
    let topic = topics.night(leg)?;
    let sensor = |ids, name| Component {
        availability: without_sensor(topics),
        ..Component::new(names, Platform::Sensor, ids, name, topic.clone())
    };
    Ok(by_key([
        Component {
            icon: Some("mdi:counter"),
            state_class: Some(StateClass::Total),
            unit_of_measurement: Some("cramps"),
            value_template: Some("{{ value_json.cramp_count }}"),
            last_reset_value_template: Some("{{ value_json.night_started_at }}"),
            json_attributes_topic: Some(topic.clone()),
            ..sensor(("night_count", "cramps_tonight"), "Cramps tonight")
        },
        Component {
            entity_category: Some("diagnostic"),
            state_class: Some(StateClass::Measurement),
            unit_of_measurement: Some("%"),
            value_template: Some("{{ value_json.coverage_pct }}"),
            ..sensor(("night_coverage", "night_coverage"), "Night coverage")
        },
    ]))
}

//! The daemon as a device: what it says of itself, of the diary and of advice.

use super::super::topics::Topics;
use super::names::{Names, bridge_id, slug};
use super::wire::{Availability, Component, Device, DeviceClass, DeviceMessage, Origin, Platform, StateClass, by_key};

pub(super) fn message(topics: &Topics) -> DeviceMessage {
    let id = bridge_id(topics);
    let names = Names { unique: id.clone(), entity: slug(topics.base()) };
    let sensor = |key, name, topic| Component::new(&names, Platform::Sensor, (key, key), name, topic);
    let components = by_key([
        Component {
            icon: Some("mdi:lightbulb-on-outline"),
            json_attributes_topic: Some(topics.bridge_advice_attributes()),
            ..sensor("advice", "Advice", topics.bridge_advice())
        },
        Component {
            device_class: Some(DeviceClass::Problem),
            // A problem is there if the test was not passed.
            value_template: Some("{{ 'OFF' if value_json.ok else 'ON' }}"),
            json_attributes_topic: Some(topics.bridge_self_test()),
            ..Component::new(
                &names,
                Platform::BinarySensor,
                ("self_test", "self_test"),
                "Ready for the night",
                topics.bridge_self_test(),
            )
        },
        Component {
            device_class: Some(DeviceClass::Volume),
            state_class: Some(StateClass::Total),
            unit_of_measurement: Some("mL"),
            suggested_display_precision: Some(0),
            value_template: Some("{{ value_json.water_ml }}"),
            last_reset_value_template: Some("{{ value_json.day_started_at }}"),
            ..sensor("water_today", "Water today", topics.bridge_intake_today())
        },
    ]);
    DeviceMessage {
        device: Device {
            identifiers: [id],
            name: "Leg cramp monitor".to_owned(),
            manufacturer: "crampwatch",
            model: "Daemon".to_owned(),
            sw_version: Some(env!("CARGO_PKG_VERSION")),
            via_device: None,
        },
        origin: Origin::this(),
        availability: vec![Availability::of(topics.bridge_status())],
        availability_mode: "all",
        qos: 1,
        components,
    }
}

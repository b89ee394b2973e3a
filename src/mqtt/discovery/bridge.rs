//! The daemon as a device: what it says of itself, of the diary and of advice.

use std::collections::BTreeMap;

use super::super::command::Command;
use super::super::error::MqttError;
use super::super::topics::Topics;
use super::names::{Names, bridge_id, slug};
use super::wire::{
    Availability, Component, Device, DeviceClass, DeviceMessage, Origin, Platform, Range, StateClass, by_key,
};

pub(super) fn message(topics: &Topics) -> Result<DeviceMessage, MqttError> {
    let id = bridge_id(topics);
    let names = Names { unique: id.clone(), entity: slug(topics.base()) };
    let sensor = |key, name, topic| Component::new(&names, Platform::Sensor, (key, key), name, topic);
    let mut components = by_key([
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
    components.extend(commands(topics, &names)?);
    Ok(DeviceMessage {
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
    })
}

fn commands(topics: &Topics, names: &Names) -> Result<BTreeMap<&'static str, Component>, MqttError> {
    let log = topics.bridge_command("log_intake")?;
    let glass_size = ("glass_size", "glass_size");
    Ok(by_key([
        Component {
            icon: Some("mdi:cup-water"),
            ..Component::button(
                names,
                ("log_water_250", "log_water_250_ml"),
                "Log water 250 ml",
                log.clone(),
                r#""kind":"water","amount":250,"unit":"ml""#,
            )
        },
        Component {
            icon: Some("mdi:cup-water"),
            ..Component::button(
                names,
                ("log_glass", "log_glass"),
                "Log one glass",
                log,
                r#""kind":"water","amount":"glass""#,
            )
        },
        Component {
            entity_category: Some("config"),
            device_class: Some(DeviceClass::Volume),
            unit_of_measurement: Some("mL"),
            ..Component::new(names, Platform::Number, glass_size, "Glass size", topics.bridge_glass_size())
                .sends(topics.bridge_command("set_glass_size")?, r#""ml":{{ value }}"#)
                .within(Range { min: Command::GLASS_MIN_ML, max: Command::GLASS_MAX_ML, step: 10.0, mode: "box" })
        },
    ]))
}

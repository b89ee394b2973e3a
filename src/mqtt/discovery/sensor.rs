//! The sensor on a leg: battery, radio, electrodes. They belong to the leg's device, because a sensor may be replaced.

use std::collections::BTreeMap;

use super::super::error::MqttError;
use super::super::topics::Topics;
use super::names::Names;
use super::wire::{Component, DeviceClass, Platform, StateClass, by_key};

/// Diagnostics come each minute; a sensor that is charged in the kitchen for a moment need not vanish.
const DIAGNOSTICS_EXPIRE_S: u32 = 600;

pub(super) fn components(
    topics: &Topics,
    sensor_id: &str,
    names: &Names,
) -> Result<BTreeMap<&'static str, Component>, MqttError> {
    let topic = topics.diagnostics(sensor_id)?;
    let new = |platform, ids, name| Component {
        entity_category: Some("diagnostic"),
        expire_after: Some(DIAGNOSTICS_EXPIRE_S),
        ..Component::new(names, platform, ids, name, topic.clone())
    };
    let measured = |ids, name, unit, value_template| Component {
        state_class: Some(StateClass::Measurement),
        unit_of_measurement: Some(unit),
        value_template: Some(value_template),
        ..new(Platform::Sensor, ids, name)
    };
    Ok(by_key([
        Component {
            device_class: Some(DeviceClass::Battery),
            ..measured(("battery", "battery"), "Battery", "%", "{{ value_json.battery_pct }}")
        },
        Component {
            device_class: Some(DeviceClass::SignalStrength),
            // It changes all the time and few people look at it.
            enabled_by_default: Some(false),
            ..measured(("rssi", "signal_strength"), "Signal strength", "dBm", "{{ value_json.rssi_dbm }}")
        },
        measured(("contact", "electrode_contact"), "Electrode contact", "%", "{{ value_json.contact_pct }}"),
        Component {
            device_class: Some(DeviceClass::Problem),
            ..new(Platform::BinarySensor, ("electrode_problem", "electrode_problem"), "Electrode problem")
                .on_off("{{ value_json.electrode_problem }}")
        },
    ]))
}

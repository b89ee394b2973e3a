//! What can be asked of a leg. It works without the sensor: somebody who wants an alarm to stop must not have to wait for one.

use std::collections::BTreeMap;

use super::super::error::MqttError;
use super::super::topics::Topics;
use super::leg::without_sensor;
use super::names::Names;
use super::wire::{Component, Platform, by_key};

pub(super) fn components(
    topics: &Topics,
    leg: &str,
    names: &Names,
) -> Result<BTreeMap<&'static str, Component>, MqttError> {
    let button = |key, verb, name, icon, arguments| {
        let button = Component::button(names, (key, key), name, topics.command(leg, verb)?, arguments);
        Ok::<_, MqttError>(Component { icon: Some(icon), availability: without_sensor(topics), ..button })
    };
    let switch = Component::new(names, Platform::Switch, ("armed", "armed"), "Night monitoring", topics.armed(leg)?);
    Ok(by_key([
        button("acknowledge", "acknowledge", "Acknowledge", "mdi:check", "")?,
        button("false_alarm", "dismiss", "It was not a cramp", "mdi:close", "")?,
        button("mute", "mute", "Mute for 30 min", "mdi:bell-sleep", r#""minutes":30"#)?,
        button("unmute", "mute", "Unmute", "mdi:bell-ring", r#""minutes":0"#)?,
        button("report_cramp", "report_cramp", "I have a cramp", "mdi:flash", "")?,
        Component {
            entity_category: Some("config"),
            ..button("calibrate", "calibrate", "Learn the quiet level anew", "mdi:tune", "")?
        },
        Component {
            icon: Some("mdi:weather-night"),
            availability: without_sensor(topics),
            payload_on: Some("ON"),
            payload_off: Some("OFF"),
            ..switch.sends(topics.command(leg, "set_armed")?, r#""armed":"{{ value }}""#)
        },
    ]))
}

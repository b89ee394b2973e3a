//! Home Assistant's rules for discovery, each by name, and the messages as they are.

use rstest::rstest;
use serde_json::Value;

use super::*;
use crate::mqtt::payload::EventType;

const DOCUMENT: &str = include_str!("../../../docs/mqtt.md");

fn settings() -> DiscoverySettings {
    DiscoverySettings {
        prefix: "homeassistant".to_owned(),
        legs: vec![LegDevice {
            leg: "me_left".to_owned(),
            name: "Left leg".to_owned(),
            model: "EMG and acceleration sensor".to_owned(),
            sensor: Some("s-5f0c21aa".to_owned()),
        }],
        retired: vec![],
    }
}

pub(super) fn topics() -> Topics {
    Topics::new("crampwatch").unwrap()
}

fn messages() -> Vec<(String, Value)> {
    let messages = discovery(&settings(), &topics()).unwrap();
    messages.iter().map(|m| (m.topic.clone(), serde_json::from_str(&m.payload).unwrap())).collect()
}

/// Every entity of every device with its key.
pub(super) fn entities() -> Vec<(String, Value)> {
    let all = messages().into_iter().map(|(_, message)| message["components"].as_object().unwrap().clone());
    all.flatten().collect()
}

/// The row of the document's table for a topic: whether it is retained.
pub(super) fn is_retained(topic: &str) -> bool {
    let topic = topic.replace("me_left", "<leg>").replace("s-5f0c21aa", "<id>");
    let begin = format!("| `{topic}` | ");
    let row = DOCUMENT.lines().find_map(|line| line.strip_prefix(&begin));
    row.unwrap_or_else(|| panic!("docs/mqtt.md does not know {topic}")).starts_with("yes")
}

/// All keys of a value, however deep.
fn keys(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(key, value)| [vec![key.clone()], keys(value)].concat()).collect()
        }
        Value::Array(values) => values.iter().flat_map(keys).collect(),
        _ => vec![],
    }
}

#[rstest]
#[case("daemon", 0)]
#[case("leg", 1)]
fn the_messages_are_as_agreed(#[case] name: &str, #[case] index: usize) {
    let (topic, mut message) = messages().swap_remove(index);
    message["origin"]["sw_version"] = Value::from("[version]");
    if let Some(version) = message["device"].get_mut("sw_version") {
        *version = Value::from("[version]");
    }
    insta::assert_json_snapshot!(name, serde_json::json!({ "topic": topic, "payload": message }));
}

#[test]
fn every_entity_has_ids_a_name_and_a_topic_of_the_document() {
    let mut unique = std::collections::BTreeSet::new();
    let mut entity_ids = std::collections::BTreeSet::new();
    for (key, entity) in entities() {
        assert!(unique.insert(entity["unique_id"].as_str().unwrap().to_owned()), "{key}");
        let entity_id = entity["default_entity_id"].as_str().unwrap();
        assert!(entity_ids.insert(entity_id.to_owned()), "{key}");
        assert_eq!(entity_id.split('.').next(), entity["platform"].as_str(), "{key}");
        assert!(!entity["name"].as_str().unwrap().is_empty(), "{key}");
        for topic in [&entity["state_topic"], &entity["json_attributes_topic"]].into_iter().filter_map(Value::as_str) {
            is_retained(topic);
        }
    }
    assert_eq!(unique.len(), 3 + 10 + 4 + 3 + 7, "no two entities share a key");
}

#[test]
fn every_number_has_a_state_class_so_that_statistics_are_kept() {
    // Texts, words, times: what is no number.
    let exempt = ["advice", "monitor_state", "last_severity", "last_onset"];
    for (key, entity) in entities() {
        let is_number = entity["platform"] == "sensor" && !exempt.contains(&key.as_str());
        assert_eq!(entity.get("state_class").is_some(), is_number, "{key}");
        assert_eq!(entity.get("unit_of_measurement").is_some(), is_number || entity["platform"] == "number", "{key}");
        let resets = entity.get("last_reset_value_template").is_some();
        assert!(!resets || entity["state_class"] == "total", "{key}");
    }
}

#[test]
fn the_event_types_are_the_closed_set() {
    let entities = entities();
    let (_, event) = entities.iter().find(|(_, entity)| entity["platform"] == "event").unwrap();
    assert_eq!(event["event_types"], serde_json::to_value(EventType::ALL).unwrap());
    assert!(event.get("device_class").is_none() && event.get("value_template").is_none());
    assert!(!is_retained(event["state_topic"].as_str().unwrap()), "Home Assistant drops retained events");
}

#[test]
fn keys_that_home_assistant_refuses_or_forgot_are_not_there() {
    for (topic, message) in messages() {
        let keys = keys(&message);
        assert!(!keys.iter().any(|key| key == "object_id" || key == "~"), "{topic}");
        let known = ["device", "origin", "availability", "availability_mode", "qos", "components"];
        assert!(message.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{topic}");
    }
}

#[test]
fn only_what_is_not_retained_expires_and_all_of_it_does() {
    for (key, entity) in entities().iter().filter(|(_, entity)| entity["platform"] != "event") {
        let Some(topic) = entity["state_topic"].as_str() else { continue };
        let retained = is_retained(topic);
        assert_ne!(entity.get("expire_after").is_some(), retained, "{key}");
    }
}

#[test]
fn words_have_options_and_no_unit() {
    for (key, entity) in entities() {
        let is_enum = entity.get("device_class").is_some_and(|class| class == "enum");
        assert_eq!(entity.get("options").is_some(), is_enum, "{key}");
        assert!(!is_enum || (entity.get("unit_of_measurement").is_none() && entity.get("state_class").is_none()));
    }
}

#[test]
fn what_must_tell_of_a_dead_sensor_does_not_depend_on_it() {
    let entities = entities();
    for key in ["cramp_event", "monitor_state", "link", "last_severity", "night_count", "night_coverage"] {
        let (_, entity) = entities.iter().find(|(name, _)| name == key).unwrap();
        assert_eq!(entity["availability"], serde_json::json!([{ "topic": "crampwatch/bridge/status" }]), "{key}");
    }
    let (_, leg) = messages().swap_remove(1);
    assert_eq!(leg["availability_mode"], "all");
    assert_eq!(leg["availability"].as_array().unwrap().len(), 2);
}

#[test]
fn templates_read_keys_that_the_payloads_have() {
    for (key, entity) in entities() {
        let Some(topic) = entity["state_topic"].as_str() else { continue };
        let topic = topic.replace("me_left", "<leg>").replace("s-5f0c21aa", "<id>");
        for template in [&entity["value_template"], &entity["last_reset_value_template"]] {
            let Some((_, rest)) = template.as_str().and_then(|text| text.split_once("value_json.")) else { continue };
            let field = rest.split(' ').next().unwrap();
            let (_, section) = DOCUMENT.split_once(&format!("### `{topic}`\n")).unwrap();
            let example = section.split("```json\n").nth(1).unwrap().lines().next().unwrap();
            assert!(example.contains(&format!("\"{field}\":")), "{key}: {topic} has no {field}");
        }
    }
}

#[test]
fn a_leg_refers_to_the_daemon_which_is_announced_before_it() {
    let messages = messages();
    assert_eq!(messages[0].0, "homeassistant/device/crampwatch_bridge/config");
    assert_eq!(messages[1].0, "homeassistant/device/crampwatch_me_left/config");
    assert_eq!(messages[1].1["device"]["via_device"], messages[0].1["device"]["identifiers"][0]);
}

#[test]
fn a_retired_leg_is_removed_by_an_empty_message() {
    let retired = DiscoverySettings { retired: vec!["me_right".to_owned()], ..settings() };
    let messages = discovery(&retired, &topics()).unwrap();
    assert_eq!(messages[0].topic, "homeassistant/device/crampwatch_me_right/config");
    assert_eq!((messages[0].payload.as_str(), messages.len()), ("", 3));
}

#[test]
fn two_daemons_on_one_broker_share_no_id() {
    let other = discovery(&settings(), &Topics::new("anna/Crampwatch").unwrap()).unwrap();
    assert_eq!(other[0].topic, "homeassistant/device/anna_crampwatch_bridge/config");
    assert!(!other[0].payload.contains("\"crampwatch_bridge"), "{}", other[0].payload);
    assert!(other[0].payload.contains("\"sensor.anna_crampwatch_advice\""), "{}", other[0].payload);
}

#[test]
fn without_a_sensor_id_its_entities_wait() {
    let mut settings = settings();
    settings.legs[0].sensor = None;
    let leg = discovery(&settings, &topics()).unwrap().swap_remove(1);
    assert!(!leg.payload.contains("battery_pct") && leg.payload.contains("night_count"));
}

#[rstest]
#[case("")]
#[case("home assistant")]
#[case("homeassistant/#")]
fn a_prefix_that_is_no_topic_is_refused(#[case] prefix: &str) {
    let settings = DiscoverySettings { prefix: prefix.to_owned(), ..settings() };
    let error = discovery(&settings, &topics()).unwrap_err().to_string();
    assert!(error.contains("mqtt.discovery_prefix"), "{error}");
}

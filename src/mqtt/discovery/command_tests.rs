//! What Home Assistant sends when somebody presses, sets or switches, and whether the daemon understands it.

use serde_json::Value;

use super::tests::{entities, is_retained, topics};
use crate::mqtt::command::{Command, Message, Request, Water, parse};
use crate::units::UtcMicros;

const NOW: &str = "2026-11-22T03:14:03.120000+01:00";

/// The entities that send commands.
fn senders() -> Vec<(String, Value)> {
    let entities = entities().into_iter();
    let senders: Vec<_> = entities.filter(|(_, entity)| entity.get("command_topic").is_some()).collect();
    assert_eq!(senders.len(), 3 + 7);
    senders
}

fn entity(key: &str) -> Value {
    let found = senders().into_iter().find(|(name, _)| name == key);
    found.unwrap_or_else(|| panic!("no entity {key}")).1
}

/// The template of `entity` as Home Assistant fills it in.
fn rendered(entity: &Value, value: &str) -> String {
    let template = entity["command_template"].as_str().unwrap();
    let rendered = template
        .replace("{{ now().timestamp() }}", "1795313643.12")
        .replace("{{ now().isoformat() }}", NOW)
        .replace("{{ value }}", value);
    assert!(!rendered.contains("{{"), "{rendered}");
    rendered
}

fn sent(entity: &Value, value: &str) -> Result<Request, String> {
    let payload = rendered(entity, value);
    let now = UtcMicros::from_timestamp(NOW.parse().unwrap());
    let topic = entity["command_topic"].as_str().unwrap();
    let message = Message { topic, payload: payload.as_bytes(), retained: false, now };
    parse(&message, &topics(), &["me_left".to_owned()]).map_err(|refusal| refusal.reason.to_string())
}

#[test]
fn what_an_entity_sends_is_the_command_that_it_is_named_for() {
    let cases = [
        ("log_water_250", "", Command::LogIntake(Water::Millilitres(250.0))),
        ("log_glass", "", Command::LogIntake(Water::Glasses(1.0))),
        ("glass_size", "300", Command::SetGlassSize { ml: 300.0 }),
        ("acknowledge", "", Command::Acknowledge),
        ("false_alarm", "", Command::Dismiss),
        ("mute", "", Command::Mute { minutes: 30 }),
        ("unmute", "", Command::Mute { minutes: 0 }),
        ("report_cramp", "", Command::ReportCramp),
        ("calibrate", "", Command::Calibrate),
        ("armed", "ON", Command::SetArmed { armed: true }),
    ];
    assert_eq!(cases.len(), senders().len());
    for (key, value, command) in cases {
        let request = sent(&entity(key), value).unwrap();
        assert_eq!(request.command, command, "{key}");
        assert!(request.request_id.is_some() && request.sent_at.is_some(), "{key}");
    }
}

#[test]
fn the_switch_sends_the_words_that_it_reads() {
    let switch = entity("armed");
    for (word, armed) in [("payload_on", true), ("payload_off", false)] {
        let request = sent(&switch, switch[word].as_str().unwrap()).unwrap();
        assert_eq!(request.command, Command::SetArmed { armed });
    }
}

#[test]
fn the_number_takes_what_the_daemon_takes_and_no_more() {
    let number = entity("glass_size");
    let (min, max) = (number["min"].as_f64().unwrap(), number["max"].as_f64().unwrap());
    for good in [min, max] {
        assert!(sent(&number, &good.to_string()).is_ok(), "{good}");
    }
    for bad in [min - 1.0, max + 1.0] {
        assert!(sent(&number, &bad.to_string()).is_err(), "{bad}");
    }
}

#[test]
fn a_command_is_acknowledged_never_retained_and_shown_as_done_only_when_it_is() {
    for (key, entity) in senders() {
        assert_eq!(entity["qos"], 1, "{key}: Home Assistant 2025.4 does not take the device's");
        assert!(entity.get("retain").is_none(), "{key}");
        let has_state = entity.get("state_topic").is_some();
        assert_eq!(entity["platform"] != "button", has_state, "{key}");
        assert_eq!(entity.get("optimistic"), has_state.then_some(&Value::Bool(false)), "{key}");
        assert!(entity["state_topic"].as_str().is_none_or(is_retained), "{key}");
        assert!(entity.get("device_class").is_none() || entity["platform"] == "number", "{key}");
    }
}

#[test]
fn a_command_can_be_sent_while_the_sensor_is_dead() {
    for (key, entity) in senders() {
        let of_a_leg = entity["command_topic"].as_str().unwrap().contains("/me_left/");
        let bridge_only = serde_json::json!([{ "topic": "crampwatch/bridge/status" }]);
        assert_eq!(entity.get("availability"), of_a_leg.then_some(&bridge_only), "{key}");
    }
}

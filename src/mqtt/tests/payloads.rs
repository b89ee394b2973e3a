//! The wire types, written and read, against snapshots and docs/mqtt.md.

use jiff::civil::date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::advice::wire::AdviceWire;
use crate::advice::{AdviceInput, advise};
use crate::mqtt::command::{Command, Message, Scope, parse};
use crate::mqtt::payload::*;
use crate::mqtt::{Delivery, Outgoing, Topics};
use crate::units::UtcMicros;

const DOCUMENT: &str = include_str!("../../../docs/mqtt.md");

fn at(text: &str) -> WireTime {
    WireTime(UtcMicros::from_timestamp(text.parse().unwrap()))
}

fn event() -> Event {
    Event {
        event_type: EventType::CrampStarted,
        seq: Some(412),
        episode_id: Some("01936f2c-7b3e-7c31-9a55-0d5f4a1f2b10".into()),
        leg: "me_left".into(),
        at: at("2026-11-22T02:14:08Z"),
        onset_at: Some(at("2026-11-22T02:14:03.12Z")),
        alarm_at: Some(at("2026-11-22T02:14:08Z")),
        sent_at: Some(at("2026-11-22T02:14:08.031Z")),
        severity: Some(Severity::Moderate),
        probability: Some(0.93),
        reasons: vec!["steady calf activity for 6 s".into(), "leg still".into()],
        emg_rms_uv: Some(184.2),
        acc_rms_mg: Some(41.0),
        model_id: Some("logistic-1".into()),
        model_sha256: Some("5b0cf9a1".into()),
        config_rev: 3,
        source: EventSource::Live,
    }
}

fn outgoing() -> Vec<Outgoing> {
    let leg = || "me_left".to_owned();
    vec![
        Outgoing::BridgeInfo(BridgeInfo {
            version: "0.1.0".into(),
            model_id: "logistic-1".into(),
            model_sha256: "5b0cf9a1".into(),
            config_rev: 3,
            started_at: at("2026-11-21T18:02:11Z"),
        }),
        Outgoing::SelfTest(SelfTest { ok: true, failed: vec![], at: at("2026-11-21T21:30:00Z") }),
        Outgoing::IntakeToday(IntakeToday { water_ml: 1250, day_started_at: at("2026-11-21T04:00:00+01:00") }),
        Outgoing::Advice("Stretch the calf before bed.".to_owned()),
        Outgoing::AdviceAttributes(Box::new(AdviceWire::from(&advise(&AdviceInput::empty(date(2026, 11, 22)))))),
        Outgoing::Availability { leg: leg(), online: false },
        Outgoing::Live {
            leg: leg(),
            payload: LivePayload {
                cramp: OnOff::Off,
                state: MonitorState::Monitoring,
                probability: Some(0.03),
                muted: OnOff::Off,
                seq: 118,
                at: at("2026-11-22T02:13:30Z"),
            },
        },
        Outgoing::LastEpisode(LastEpisodePayload {
            episode_id: "01936f2c-7b3e-7c31-9a55-0d5f4a1f2b10".into(),
            leg: leg(),
            onset_at: at("2026-11-22T02:14:03.12Z"),
            alarm_at: Some(at("2026-11-22T02:14:08Z")),
            end_at: at("2026-11-22T02:15:17.62Z"),
            duration_s: 74.5,
            severity: Severity::Moderate,
            probability: 0.97,
            end_reason: "quiet".into(),
            acknowledged: true,
            label: None,
        }),
        Outgoing::Night {
            leg: leg(),
            payload: NightPayload {
                night: "2026-11-21".into(),
                night_started_at: at("2026-11-21T22:41:00Z"),
                cramp_count: 2,
                cramp_total_s: 131.0,
                worn_h: 6.9,
                coverage_pct: Some(97.4),
                gap_count: 3,
                closed: false,
            },
        },
        Outgoing::Armed { leg: leg(), armed: true },
        Outgoing::GlassSize(GlassSize(250.0)),
        Outgoing::CommandResult(CommandResult {
            request_id: Some("1795313643.12".into()),
            verb: "mute".into(),
            ok: false,
            error: Some("minutes is 721, expected whole minutes, 0 (ends it) to 720".into()),
        }),
        Outgoing::Diagnostics {
            sensor: "s-5f0c21aa".into(),
            payload: Diagnostics {
                battery_pct: Some(81),
                rssi_dbm: Some(-63),
                contact_pct: Some(98.5),
                sample_loss_pct: Some(0.2),
                electrode_problem: OnOff::Off,
                at: at("2026-11-22T02:13:00Z"),
            },
        },
    ]
}

#[test]
fn an_event_is_written_as_agreed() {
    insta::assert_json_snapshot!("event", event());
    let not_sent = Event { seq: None, sent_at: None, ..event() };
    let written = serde_json::to_value(not_sent).unwrap();
    assert!(written.get("seq").is_none() && written.get("sent_at").is_none());
}

#[test]
fn every_state_is_written_as_agreed() {
    let topics = Topics::new("crampwatch").unwrap();
    let written: Vec<Value> = outgoing()
        .iter()
        .map(|state| {
            let message = state.message(&topics).unwrap();
            let text = String::from_utf8(message.payload).unwrap();
            serde_json::json!({
                "topic": message.topic,
                "retain": message.delivery.retain(),
                "acknowledged": message.delivery.acknowledged(),
                "payload": serde_json::from_str(&text).unwrap_or(Value::String(text)),
            })
        })
        .collect();
    insta::assert_json_snapshot!("states", written);
}

#[test]
fn no_event_is_ever_retained_and_only_a_live_one_expires() {
    for delivery in [Delivery::LiveEvent, Delivery::LateEvent] {
        assert!(!delivery.retain() && delivery.acknowledged());
    }
    assert_eq!(Delivery::LiveEvent.expiry_s(), Some(60));
    assert_eq!((Delivery::Answer.expiry_s(), Delivery::Answer.retain()), (Some(60), false));
    assert_eq!(Delivery::LateEvent.expiry_s(), None);
}

#[test]
fn words_on_the_wire_are_the_same_in_json_and_in_text() {
    for word in EventType::ALL {
        assert_eq!(serde_json::to_value(word).unwrap(), Value::from(word.to_string()));
    }
    for word in MonitorState::ALL {
        assert_eq!(serde_json::to_value(word).unwrap(), Value::from(word.as_str()));
    }
    assert_eq!((EventType::ALL.len(), MonitorState::ALL.len()), (14, 9));
}

#[test]
fn a_time_without_a_zone_is_refused() {
    let error = serde_json::from_str::<WireTime>("\"2026-11-22T02:14:03\"").unwrap_err().to_string();
    assert!(error.contains("zone"), "{error}");
    let local: WireTime = serde_json::from_str("\"2026-11-22T03:14:03.12+01:00\"").unwrap();
    assert_eq!(local, at("2026-11-22T02:14:03.12Z"));
}

/// The text of the document below the heading of `topic`.
fn section(topic: &str) -> &'static str {
    let heading = format!("### `{topic}`\n");
    let begin = DOCUMENT.find(&heading).unwrap_or_else(|| panic!("docs/mqtt.md has no section {topic}"));
    let rest = &DOCUMENT[begin + heading.len()..];
    rest.split("\n#").next().unwrap()
}

/// The example of a topic is this type, with no key more or less.
fn example<T: Serialize + DeserializeOwned>(topic: &str) -> T {
    let text = section(topic);
    let json = text.split("```json\n").nth(1).unwrap().split("\n```").next().unwrap();
    let parsed: T = serde_json::from_str(json).unwrap_or_else(|error| panic!("example of {topic}: {error}"));
    let (again, original) = (serde_json::to_value(&parsed).unwrap(), serde_json::from_str::<Value>(json).unwrap());
    assert_eq!(again, original, "example of {topic}");
    parsed
}

#[test]
fn the_examples_of_the_document_are_the_wire_types() {
    example::<BridgeInfo>("crampwatch/bridge/info");
    example::<SelfTest>("crampwatch/bridge/self_test");
    example::<IntakeToday>("crampwatch/bridge/intake_today");
    example::<LivePayload>("crampwatch/<leg>/live");
    example::<Event>("crampwatch/<leg>/event");
    example::<Event>("crampwatch/<leg>/event_late");
    example::<LastEpisodePayload>("crampwatch/<leg>/last_episode");
    example::<NightPayload>("crampwatch/<leg>/night");
    example::<Diagnostics>("crampwatch/sensor/<id>/diagnostics");
    example::<GlassSize>("crampwatch/bridge/glass_size");
    example::<CommandResult>("crampwatch/bridge/result");
}

#[test]
fn the_document_shows_every_command_as_the_daemon_understands_it() {
    let topics = Topics::new("crampwatch").unwrap();
    let now = at("2026-11-22T02:14:05Z").0;
    let mut shown = Vec::new();
    for verb in Command::VERBS {
        let whom = if Command::scope(verb) == Scope::Daemon { "bridge" } else { "<leg>" };
        let section = section(&format!("crampwatch/{whom}/cmd/{verb}"));
        let blocks = section.split("```json\n").skip(1).map(|block| block.split("\n```").next().unwrap());
        for payload in blocks.flat_map(str::lines) {
            let topic = format!("crampwatch/{}/cmd/{verb}", whom.replace("<leg>", "me_left"));
            let message = Message { topic: &topic, payload: payload.as_bytes(), retained: false, now };
            let request = parse(&message, &topics, &["me_left".to_owned()]);
            assert_eq!(request.unwrap_or_else(|refusal| panic!("{payload}: {}", refusal.reason)).command.verb(), verb);
            shown.push(verb);
        }
    }
    assert!(Command::VERBS.iter().all(|verb| shown.contains(verb)), "each verb has an example: {shown:?}");
}

#[test]
fn the_document_names_every_topic_and_every_word() {
    let topics = Topics::new("crampwatch").unwrap();
    let mut rows = vec![
        (topics.bridge_status(), Delivery::RetainedState),
        (topics.event("me_left").unwrap(), Delivery::LiveEvent),
        (topics.event_late("me_left").unwrap(), Delivery::LateEvent),
    ];
    rows.extend(outgoing().iter().map(|state| (state.message(&topics).unwrap().topic, state.delivery())));
    for (topic, delivery) in &rows {
        let topic = topic.replace("me_left", "<leg>").replace("s-5f0c21aa", "<id>");
        section(&topic);
        let retained = if delivery.retain() { "yes" } else { "no" };
        let row = format!("| `{topic}` | {retained} | {} |", u8::from(delivery.acknowledged()));
        assert!(DOCUMENT.contains(&row), "docs/mqtt.md lacks the row {row}");
    }
    let table_rows = DOCUMENT.lines().filter(|line| line.starts_with("| `crampwatch/")).count();
    assert_eq!(table_rows, rows.len(), "docs/mqtt.md names a topic that is never published");
    let words =
        EventType::ALL.iter().map(|word| word.as_str()).chain(MonitorState::ALL.iter().map(|word| word.as_str()));
    for word in words {
        assert!(DOCUMENT.contains(&format!("`{word}`")), "docs/mqtt.md lacks {word}");
    }
}

//! What is understood and what is refused, each with its words.

use proptest::prelude::*;
use rstest::rstest;

use serde_json::Value;

use super::parse::{Message, parse};
use super::*;
use crate::mqtt::Topics;

const NOW: UtcMicros = UtcMicros(1_795_313_643_120_000);

fn heard(topic: &str, payload: &[u8], retained: bool) -> Result<Request, Refusal> {
    let legs = ["me_left".to_owned(), "me_right".to_owned()];
    parse(&Message { topic, payload, retained, now: NOW }, &Topics::new("home/crampwatch").unwrap(), &legs)
}

fn bridge(verb: &str, payload: &str) -> Result<Command, String> {
    let heard = heard(&format!("home/crampwatch/bridge/cmd/{verb}"), payload.as_bytes(), false);
    heard.map(|request| request.command).map_err(|refusal| refusal.reason.to_string())
}

fn leg(verb: &str, payload: &str) -> Result<Command, String> {
    let heard = heard(&format!("home/crampwatch/me_left/cmd/{verb}"), payload.as_bytes(), false);
    heard.map(|request| request.command).map_err(|refusal| refusal.reason.to_string())
}

#[test]
fn a_command_brings_its_id_its_time_and_its_leg() {
    let payload = br#"{"request_id":"1795313643.1","sent_at":"2026-11-22T02:14:03.120000+00:00","minutes":30}"#;
    let now = UtcMicros::from_timestamp("2026-11-22T02:14:05Z".parse().unwrap());
    let message = Message { topic: "crampwatch/me_left/cmd/mute", payload, retained: false, now };
    let request = parse(&message, &Topics::new("crampwatch").unwrap(), &["me_left".to_owned()]).unwrap();
    assert_eq!(request.request_id.as_deref(), Some("1795313643.1"));
    assert_eq!(request.sent_at, Some(now.plus_micros(-1_880_000)));
    assert_eq!((request.received_at, request.leg.as_deref()), (now, Some("me_left")));
    assert_eq!(request.command, Command::Mute { minutes: 30 });
}

#[rstest]
#[case("log_intake", r#"{"kind":"water","amount":250,"unit":"ml"}"#, Command::LogIntake(Water::Millilitres(250.0)))]
#[case("log_intake", r#"{"kind":"water","amount":"250","unit":"mL"}"#, Command::LogIntake(Water::Millilitres(250.0)))]
#[case("log_intake", r#"{"kind":"water","amount":"glass"}"#, Command::LogIntake(Water::Glasses(1.0)))]
#[case("log_intake", r#"{"kind":"water","amount":1.5,"unit":"glass"}"#, Command::LogIntake(Water::Glasses(1.5)))]
#[case("set_glass_size", r#"{"ml":300}"#, Command::SetGlassSize { ml: 300.0 })]
#[case("set_glass_size", r#"{"ml":"300.0"}"#, Command::SetGlassSize { ml: 300.0 })]
fn what_is_asked_of_the_daemon_is_understood(#[case] verb: &str, #[case] payload: &str, #[case] command: Command) {
    assert_eq!(bridge(verb, payload), Ok(command));
}

#[rstest]
#[case("acknowledge", "", Command::Acknowledge)]
#[case("dismiss", " \n", Command::Dismiss)]
#[case("report_cramp", "{}", Command::ReportCramp)]
#[case("calibrate", r#"{"request_id":null,"sent_at":null}"#, Command::Calibrate)]
#[case("mute", r#"{"minutes":0}"#, Command::Mute { minutes: 0 })]
#[case("mute", r#"{"minutes":"720"}"#, Command::Mute { minutes: 720 })]
#[case("set_armed", r#"{"armed":"ON"}"#, Command::SetArmed { armed: true })]
#[case("set_armed", r#"{"armed":"off"}"#, Command::SetArmed { armed: false })]
#[case("set_armed", r#"{"armed":true}"#, Command::SetArmed { armed: true })]
fn what_is_asked_of_a_leg_is_understood(#[case] verb: &str, #[case] payload: &str, #[case] command: Command) {
    assert_eq!(leg(verb, payload), Ok(command));
}

#[rstest]
#[case("log_intake", "", "kind is missing")]
#[case("log_intake", r#"{"kind":"beer","amount":1,"unit":"ml"}"#, "kind is \"beer\", expected \"water\"")]
#[case("log_intake", r#"{"kind":"water"}"#, "amount is missing")]
#[case("log_intake", r#"{"kind":"water","amount":250}"#, "unit is missing, expected \"ml\" or \"glass\"")]
#[case("log_intake", r#"{"kind":"water","amount":250,"unit":"gallon"}"#, "unit is \"gallon\"")]
#[case("log_intake", r#"{"kind":"water","amount":-250,"unit":"ml"}"#, "amount is -250, expected 1 to 5000 ml")]
#[case("log_intake", r#"{"kind":"water","amount":0,"unit":"glass"}"#, "amount is 0, expected above 0")]
#[case("log_intake", r#"{"kind":"water","amount":5001,"unit":"ml"}"#, "amount is 5001")]
#[case("log_intake", r#"{"kind":"water","amount":1e300,"unit":"ml"}"#, "amount is 1e+300")]
#[case("log_intake", r#"{"kind":"water","amount":"NaN","unit":"ml"}"#, "amount is \"NaN\"")]
#[case("log_intake", r#"{"kind":"water","amount":"inf","unit":"ml"}"#, "amount is \"inf\"")]
#[case("log_intake", r#"{"kind":"water","amount":[1],"unit":"ml"}"#, "amount is a list")]
#[case("log_intake", r#"{"kind":"water","amount":1e999,"unit":"ml"}"#, "not JSON (number out of range")]
#[case("log_intake", r#"{"kind":"water","amount":NaN}"#, "not JSON")]
#[case("set_glass_size", r#"{"ml":49.9}"#, "ml is 49.9, expected 50 to 1000 ml")]
#[case("set_glass_size", r#"{"ml":1001}"#, "ml is 1001")]
#[case("set_glass_size", "300", "the payload is a number, expected a JSON object")]
#[case("set_glass_size", "[300]", "the payload is a list")]
#[case("acknowledge", "", "acknowledge was sent to the daemon, expected <base>/<leg>/cmd/<verb>")]
#[case("shutdown", "", "expected one of log_intake, set_glass_size, acknowledge, mute")]
fn what_will_not_do_for_the_daemon_is_named(#[case] verb: &str, #[case] payload: &str, #[case] words: &str) {
    let said = bridge(verb, payload).unwrap_err();
    assert!(said.contains(words), "{said}");
}

#[rstest]
#[case("mute", "", "minutes is missing")]
#[case("mute", r#"{"minutes":721}"#, "minutes is 721, expected whole minutes, 0 (ends it) to 720")]
#[case("mute", r#"{"minutes":-1}"#, "minutes is -1")]
#[case("mute", r#"{"minutes":1.5}"#, "minutes is 1.5")]
#[case("set_armed", r#"{"armed":"maybe"}"#, "armed is \"maybe\", expected \"ON\" or \"OFF\"")]
#[case("set_armed", r#"{"armed":1}"#, "armed is 1")]
#[case("dismiss", "PRESS", "not JSON")]
#[case("dismiss", "\"PRESS\"", "the payload is text")]
#[case("dismiss", r#"{"request_id":7}"#, "request_id is a number, expected text")]
#[case("dismiss", r#"{"request_id":""}"#, "request_id is empty")]
#[case("dismiss", r#"{"sent_at":"yesterday"}"#, "sent_at is \"yesterday\", expected a time with a zone")]
#[case("dismiss", r#"{"sent_at":"2026-11-22T02:14:03"}"#, "expected a time with a zone")]
#[case("dismiss", r#"{"sent_at":1795313643}"#, "sent_at is 1795313643")]
#[case("log_intake", "{}", "log_intake was sent to a leg, expected <base>/bridge/cmd/<verb>")]
fn what_will_not_do_for_a_leg_is_named(#[case] verb: &str, #[case] payload: &str, #[case] words: &str) {
    let said = leg(verb, payload).unwrap_err();
    assert!(said.contains(words), "{said}");
}

#[rstest]
#[case(-61.0, Some("was sent 61 s ago, expected at most 60 s"))]
#[case(-60.0, None)]
#[case(0.0, None)]
#[case(60.0, None)]
#[case(61.0, Some("61 s in the future, expected at most 60 s"))]
#[case(-86_400.0, Some("86400 s ago"))]
fn a_command_is_done_within_a_minute_of_its_sending(#[case] after_s: f64, #[case] words: Option<&str>) {
    let sent_at = NOW.plus_seconds(after_s).to_rfc3339();
    let result = leg("acknowledge", &format!("{{\"sent_at\":\"{sent_at}\"}}"));
    match words {
        None => assert_eq!(result, Ok(Command::Acknowledge)),
        Some(words) => assert!(result.clone().unwrap_err().contains(words), "{result:?}"),
    }
}

#[test]
fn a_retained_command_is_refused_under_its_id() {
    let refusal = heard("home/crampwatch/me_left/cmd/acknowledge", br#"{"request_id":"7"}"#, true).unwrap_err();
    assert_eq!((refusal.request_id.as_deref(), refusal.verb.as_str()), (Some("7"), "acknowledge"));
    assert_eq!(refusal.reason, Reason::Retained);
    let answer = refusal.answer();
    assert!(!answer.ok && answer.error.unwrap().contains("retain flag"));
}

#[test]
fn a_payload_over_4_kib_is_not_read() {
    let payload = format!("{{\"request_id\":\"{}\"}}", "x".repeat(5000));
    let refusal = heard("home/crampwatch/me_left/cmd/dismiss", payload.as_bytes(), false).unwrap_err();
    assert_eq!(refusal.request_id, None);
    assert!(refusal.reason.to_string().contains("5017 bytes, expected at most 4096"), "{}", refusal.reason);
}

#[test]
fn an_id_of_64_characters_is_the_longest() {
    let with = |length| format!("{{\"request_id\":\"{}\"}}", "ä".repeat(length));
    assert!(leg("dismiss", &with(64)).is_ok());
    assert!(leg("dismiss", &with(65)).unwrap_err().contains("65 characters long, expected text of 1 to 64"));
}

#[test]
fn a_leg_that_is_not_watched_here_is_named_with_those_that_are() {
    let refusal = heard("home/crampwatch/you_left/cmd/dismiss", b"", false).unwrap_err();
    assert!(
        refusal.reason.to_string().contains("leg \"you_left\" is not watched here, expected one of me_left, me_right")
    );
}

#[rstest]
#[case("home/crampwatch/bridge/cmd")]
#[case("home/crampwatch/bridge/cmd/mute/now")]
#[case("home/crampwatch/bridge/status")]
#[case("home/crampwatchbridge/cmd/mute")]
#[case("crampwatch/bridge/cmd/mute")]
fn other_topics_are_none_of_commands(#[case] topic: &str) {
    let refusal = heard(topic, b"", false).unwrap_err();
    assert_eq!((refusal.reason, refusal.verb.as_str()), (Reason::Topic, ""));
}

#[test]
fn every_verb_is_the_one_of_its_command() {
    for verb in Command::VERBS {
        let everything = r#"{"kind":"water","amount":"glass","ml":200,"minutes":5,"armed":"ON"}"#;
        let command =
            if Command::scope(verb) == Scope::Daemon { bridge(verb, everything) } else { leg(verb, everything) };
        assert_eq!(command.unwrap().verb(), verb);
    }
}

fn topic() -> impl Strategy<Value = String> {
    let part =
        || prop_oneof![Just("bridge".to_owned()), Just("me_left".to_owned()), Just("cmd".to_owned()), "\\PC{0,8}"];
    let verb = prop_oneof![proptest::sample::select(&Command::VERBS[..]).prop_map(str::to_owned), "\\PC{0,100}"];
    (part(), part(), verb).prop_map(|(whom, word, verb)| format!("home/crampwatch/{whom}/{word}/{verb}"))
}

fn json() -> impl Strategy<Value = String> {
    let key = prop_oneof!["request_id", "sent_at", "kind", "amount", "unit", "ml", "minutes", "armed", "\\PC{0,5}"];
    let value = prop_oneof![
        any::<f64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "\\PC{0,80}".prop_map(|text| Value::from(text).to_string()),
        Just("\"water\"".to_owned()),
        Just("\"ml\"".to_owned()),
        Just("[[{}]]".to_owned()),
        Just("null".to_owned()),
    ];
    let pair = (key, value).prop_map(|(key, value)| format!("{}:{value}", Value::from(key)));
    proptest::collection::vec(pair, 0..6).prop_map(|pairs| format!("{{{}}}", pairs.join(",")))
}

/// Whatever came: a request with an id that can be kept, or an answer that is not long.
fn is_in_order(result: &Result<Request, Refusal>) -> bool {
    match result {
        Ok(request) => request.request_id.as_ref().is_none_or(|id| (1..=64).contains(&id.chars().count())),
        Err(refusal) => refusal.answer().error.unwrap().len() < 500 && refusal.verb.chars().count() <= 64,
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_request_or_a_refusal(topic in topic(), payload: Vec<u8>, retained: bool) {
        prop_assert!(is_in_order(&heard(&topic, &payload, retained)));
    }

    #[test]
    fn any_object_is_a_request_or_a_refusal(topic in topic(), payload in json()) {
        prop_assert!(is_in_order(&heard(&topic, payload.as_bytes(), false)));
    }

    #[test]
    fn amounts_are_within_their_limits_or_refused(amount: f64) {
        let payload = format!("{{\"kind\":\"water\",\"amount\":\"{amount}\",\"unit\":\"ml\"}}");
        match bridge("log_intake", &payload) {
            Ok(Command::LogIntake(Water::Millilitres(ml))) => prop_assert!((1.0..=5000.0).contains(&ml)),
            Ok(other) => prop_assert!(false, "{other:?}"),
            Err(words) => prop_assert!(words.contains("amount")),
        }
    }
}

//! In which order things go, and what an acknowledgement settles.

use serde_json::Value;

use super::discovery::DiscoveryMessage;
use super::outgoing::{Delivery, Message};
use super::session::*;
use super::topics::Topics;
use crate::store::OutboxRow;
use crate::units::UtcMicros;

const NOW: UtcMicros = UtcMicros(1_763_777_643_120_000);

fn session() -> Session {
    Session::new(Topics::new("crampwatch").unwrap())
}

fn row(seq: i64) -> OutboxRow {
    OutboxRow {
        seq,
        leg: "me_left".into(),
        event_type: "cramp_started".into(),
        payload: serde_json::json!({"event_type": "cramp_started", "seq": seq}),
        due_at: NOW,
    }
}

/// Sends everything that may go, acknowledging each; gives the topics in order.
fn drain(session: &mut Session) -> Vec<String> {
    let mut topics = Vec::new();
    while let Some(message) = session.next(NOW) {
        session.on_sent(&message);
        session.on_acknowledged(true);
        topics.push(message.topic);
    }
    topics
}

#[test]
fn status_goes_first_then_states_then_the_event() {
    let mut session = session();
    session.keep("crampwatch/a/armed".into(), b"ON".to_vec());
    session.take_event(row(1), true).unwrap();
    assert!(session.next(NOW).is_none(), "nothing goes before the broker answered");
    session.on_connected();
    assert_eq!(drain(&mut session), ["crampwatch/bridge/status", "crampwatch/a/armed", "crampwatch/me_left/event"]);
    session.on_disconnected(false);
    session.on_connected();
    assert_eq!(drain(&mut session), ["crampwatch/bridge/status", "crampwatch/a/armed"], "states are said again");
}

#[test]
fn home_assistant_hears_what_there_is_then_whether_it_is_there_then_what_it_says() {
    let mut session = session();
    let message = |topic: &str| DiscoveryMessage { topic: topic.into(), payload: "{}".into() };
    session.announce(vec![message("ha/device/z_bridge/config"), message("ha/device/a_leg/config")]);
    session.keep("crampwatch/a/armed".into(), b"ON".to_vec());
    session.keep("crampwatch/b/availability".into(), b"online".to_vec());
    session.take_event(row(1), true).unwrap();
    let states = [
        "ha/device/z_bridge/config",
        "ha/device/a_leg/config",
        "crampwatch/bridge/status",
        "crampwatch/b/availability",
        "crampwatch/a/armed",
    ];
    session.on_connected();
    assert_eq!(drain(&mut session), [&states[..], &["crampwatch/me_left/event"]].concat());
    session.say_again();
    assert_eq!(drain(&mut session), states);
}

#[test]
fn nothing_acknowledged_goes_before_a_subscription_is_answered() {
    let mut session = session();
    session.on_connected();
    session.on_subscribing();
    assert!(session.next(NOW).is_none());
    session.on_subscribed();
    assert_eq!(session.next(NOW).unwrap().topic, "crampwatch/bridge/status");
}

#[test]
fn one_acknowledged_message_is_under_way_at_a_time() {
    let mut session = session();
    session.on_connected();
    let status = session.next(NOW).unwrap();
    session.on_sent(&status);
    session.keep("crampwatch/a/armed".into(), b"ON".to_vec());
    assert!(session.next(NOW).is_none());
    assert_eq!(session.on_acknowledged(true), Settled::Nothing);
    assert_eq!(session.next(NOW).unwrap().topic, "crampwatch/a/armed");
}

#[test]
fn an_event_that_may_have_arrived_is_repeated_on_the_same_topic() {
    let mut session = session();
    session.on_connected();
    drain(&mut session);
    session.take_event(row(7), true).unwrap();
    let first = session.next(NOW).unwrap();
    session.on_sent(&first);
    session.on_disconnected(false);
    session.on_connected();
    let status = session.next(NOW).unwrap();
    session.on_sent(&status);
    session.on_acknowledged(true);
    let repeat = session.next(NOW.plus_seconds(300.0)).unwrap();
    assert_eq!(repeat.topic, "crampwatch/me_left/event");
    session.on_sent(&repeat);
    assert_eq!(session.on_acknowledged(true), Settled::EventDelivered(7));
}

#[test]
fn an_event_that_never_left_is_decided_anew() {
    let mut session = session();
    session.on_connected();
    drain(&mut session);
    session.take_event(row(7), true).unwrap();
    let message = session.next(NOW).unwrap();
    session.on_sent(&message);
    session.on_disconnected(true);
    assert!(!session.has_event());
}

#[test]
fn an_acknowledgement_read_just_before_the_break_counts() {
    let mut session = session();
    session.on_connected();
    drain(&mut session);
    session.take_event(row(7), false).unwrap();
    let message = session.next(NOW).unwrap();
    session.on_sent(&message);
    session.on_disconnected(false);
    assert_eq!(session.on_acknowledged(true), Settled::EventDelivered(7));
    session.on_connected();
    assert_eq!(drain(&mut session), ["crampwatch/bridge/status"]);
}

fn answer(number: usize) -> Message {
    let payload = number.to_string().into_bytes();
    Message { topic: "crampwatch/bridge/result".into(), payload, delivery: Delivery::Answer }
}

#[test]
fn a_live_event_goes_before_all_answers_and_late_events_take_turns_with_them() {
    let mut session = session();
    session.on_connected();
    drain(&mut session);
    for number in 0..3 {
        assert!(session.take_answer(answer(number)));
    }
    assert!(session.wants_event(), "answers that wait do not hide the outbox");
    session.take_event(row(1), true).unwrap();
    let (event, late, result) =
        ("crampwatch/me_left/event", "crampwatch/me_left/event_late", "crampwatch/bridge/result");
    let step = |session: &mut Session| {
        let message = session.next(NOW).unwrap();
        session.on_sent(&message);
        session.on_acknowledged(true);
        message.topic
    };
    assert_eq!(step(&mut session), event);
    session.take_event(row(2), false).unwrap();
    assert_eq!([step(&mut session), step(&mut session)], [result, late]);
    session.take_event(row(3), false).unwrap();
    assert_eq!([step(&mut session), step(&mut session), step(&mut session)], [result, late, result]);
    assert_eq!(session.next(NOW), None);
}

#[test]
fn answers_are_few_in_their_order_and_gone_with_the_connection() {
    let mut session = session();
    assert!(!session.take_answer(answer(0)), "nobody waits while the broker is away");
    session.on_connected();
    drain(&mut session);
    let taken = (0..1000).filter(|number| session.take_answer(answer(*number))).count();
    assert_eq!(taken, ANSWER_LIMIT);
    let first = session.next(NOW).unwrap();
    assert_eq!(first, answer(0));
    session.on_sent(&first);
    assert_eq!(session.on_acknowledged(false), Settled::AnswerRefused);
    assert_eq!(session.next(NOW).unwrap(), answer(1));
    session.on_disconnected(false);
    session.on_connected();
    assert_eq!(drain(&mut session), ["crampwatch/bridge/status"]);
}

#[test]
fn a_refused_event_stays_in_the_outbox() {
    let mut session = session();
    session.on_connected();
    drain(&mut session);
    session.take_event(row(7), false).unwrap();
    let message = session.next(NOW).unwrap();
    session.on_sent(&message);
    assert_eq!(session.on_acknowledged(false), Settled::EventRefused);
    assert!(!session.has_event());
}

#[test]
fn a_newer_state_of_the_same_topic_replaces_the_older() {
    let mut session = session();
    session.keep("crampwatch/a/night".into(), b"1".to_vec());
    session.keep("crampwatch/a/night".into(), b"2".to_vec());
    session.on_connected();
    let status = session.next(NOW).unwrap();
    session.on_sent(&status);
    session.on_acknowledged(true);
    let night = session.next(NOW).unwrap();
    assert_eq!(night.payload, b"2");
    session.on_sent(&night);
    session.keep("crampwatch/a/night".into(), b"3".to_vec());
    session.on_acknowledged(true);
    assert_eq!(session.next(NOW).unwrap().payload, b"3", "a change while the older one was under way is sent too");
}

#[test]
fn the_map_of_retained_states_does_not_grow_without_end() {
    let mut session = session();
    let kept = (0..1000).filter(|index| session.keep(format!("crampwatch/{index}/armed"), b"ON".to_vec())).count();
    assert_eq!(kept, RETAINED_LIMIT - 1);
}

#[test]
fn an_event_carries_its_number_and_the_time_it_was_sent() {
    let payload: Value = serde_json::from_slice(&event_payload(&row(7), NOW)).unwrap();
    assert_eq!(payload["seq"], 7);
    assert_eq!(payload["sent_at"], "2025-11-22T02:14:03.120+00:00");
    assert_eq!(payload["event_type"], "cramp_started");
}

//! A leg over hours and restarts: what is written, told and remembered.

use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::sync::oneshot;

use super::presses::tests::leg;
use super::*;
use crate::mqtt::command::Command;
use crate::units::Rate;

/// 02:14 in UTC, in the sleep window.
const NIGHT: UtcMicros = UtcMicros(1_763_777_643_000_000);

async fn open(to: &Arc<Backbone>) -> Leg {
    let layout = StreamLayout::reference(Rate::hz(1000), 2, Some(Rate::hz(100)));
    Leg::open(to.clone(), &layout, 0).await.unwrap()
}

/// In UTC, whatever the machine's zone. The folder must outlive it.
async fn house() -> (tempfile::TempDir, Arc<Backbone>) {
    let (folder, mut to) = leg().await;
    to.config.person.time_zone = TimeZone::UTC;
    (folder, Arc::new(to))
}

/// Time has come so far, and nothing was sent.
async fn time(leg: &mut Leg, seconds: f64) {
    let now = NIGHT.plus_seconds(seconds);
    leg.take(SourceItem { chunks: Vec::new(), status: None, now }).await.unwrap();
}

async fn ask(leg: &mut Leg, command: Command) {
    let (answer, answered) = oneshot::channel();
    leg.answer(LegRequest { command, answer }).await.unwrap();
    assert_eq!(answered.await.unwrap(), Ok(()));
}

/// The types of all events told so far, in order.
async fn told(to: &Backbone) -> Vec<String> {
    let mut told = Vec::new();
    while let Some((row, _)) = to.store.outbox_next(NIGHT, 60.0).await.unwrap() {
        told.push(row.payload.get("event_type").and_then(Value::as_str).unwrap().to_owned());
        to.store.outbox_delivered(row.seq).await.unwrap();
    }
    told
}

#[tokio::test]
async fn the_raw_night_stops_with_a_disarm_and_goes_on_when_that_ends_by_itself() {
    let (_folder, to) = house().await;
    let mut leg = open(&to).await;
    time(&mut leg, 0.0).await;
    assert!(leg.raw.is_recording());
    ask(&mut leg, Command::SetArmed { armed: false }).await;
    time(&mut leg, 60.0).await;
    assert!(!leg.raw.is_recording() && !leg.flags.armed);
    // 12:14: the noon is over.
    time(&mut leg, 36_000.0).await;
    assert!(leg.raw.is_recording() && leg.flags.armed);
}

#[tokio::test]
async fn a_restart_while_disarmed_writes_nothing() {
    let (_folder, to) = house().await;
    let mut leg = open(&to).await;
    time(&mut leg, 0.0).await;
    ask(&mut leg, Command::SetArmed { armed: false }).await;
    leg.close(false).await.unwrap();
    let mut leg = open(&to).await;
    time(&mut leg, 60.0).await;
    assert!(!leg.raw.is_recording() && !leg.flags.armed);
}

#[tokio::test]
async fn a_suspicion_is_dropped_and_no_cramp_is_told_when_the_leg_is_disarmed() {
    let (_folder, to) = house().await;
    let mut leg = open(&to).await;
    time(&mut leg, 0.0).await;
    let episode = leg.episodes.suspected(&to, NIGHT, NIGHT, 0.7).await.unwrap();
    ask(&mut leg, Command::SetArmed { armed: false }).await;
    assert_eq!(to.store.episode(episode).await.unwrap().unwrap().end_reason.as_deref(), Some("dropped"));
    assert_eq!(told(&to).await, ["cramp_suspected"]);
}

#[tokio::test]
async fn the_daemon_being_away_is_no_silence_of_the_sensor() {
    let (_folder, to) = house().await;
    let mut leg = open(&to).await;
    time(&mut leg, 0.0).await;
    leg.alarm_quality(crate::signal::Quality::Good, NIGHT).await.unwrap();
    leg.close(false).await.unwrap();
    let mut leg = open(&to).await;
    time(&mut leg, 1800.0).await;
    assert_eq!(told(&to).await, [""; 0], "half an hour without the daemon");
    time(&mut leg, 1900.0).await;
    assert_eq!(told(&to).await, ["monitoring_fault"], "and then a minute without the sensor");
}

#[tokio::test]
async fn the_self_test_is_said_anew_when_the_broker_comes() {
    let (_folder, mut to) = leg().await;
    let (broker, broker_up) = tokio::sync::watch::channel(false);
    to.broker_up = broker_up;
    let mut leg = open(&Arc::new(to)).await;
    let broker_missing = |leg: &Leg| leg.failed.as_ref().unwrap().iter().any(|line| line.contains("broker"));
    time(&mut leg, 0.0).await;
    assert!(broker_missing(&leg));
    broker.send(true).unwrap();
    time(&mut leg, 1.0).await;
    assert!(!broker_missing(&leg));
}

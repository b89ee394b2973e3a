//! A leg over hours and restarts: what is written, told and remembered.

use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::sync::oneshot;

use super::presses::tests::leg;
use super::*;
use crate::mqtt::command::Command;
use crate::sensor::{LinkTrouble, TroubleKind};
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

#[tokio::test]
async fn trouble_of_the_link_stands_in_the_self_test_while_it_lasts() {
    let (_folder, to) = house().await;
    let mut leg = open(&to).await;
    time(&mut leg, 0.0).await;
    let words = "the Bluetooth adapter is off; switch it on".to_owned();
    let off = LinkReport { trouble: Some(LinkTrouble { kind: TroubleKind::Machine, words }), ..LinkReport::default() };
    leg.take_link(off, NIGHT.plus_seconds(1.0)).await.unwrap();
    let says_so = |leg: &Leg| leg.failed.as_ref().unwrap().iter().any(|line| line.contains("switch it on"));
    assert!(!leg.flags.available && says_so(&leg));
    assert_eq!(to.view.borrow().link.as_deref(), Some("the Bluetooth adapter is off; switch it on"));
    leg.take_link(LinkReport::default(), NIGHT.plus_seconds(2.0)).await.unwrap();
    assert!(!says_so(&leg) && !leg.flags.available, "only samples bring it back");
}

/// A second of quiet signal, sent `seconds` after the begin.
async fn second(leg: &mut Leg, seconds: u32) {
    let chunk = crate::chunk::Chunk {
        emg_first: u64::from(seconds) * 1000,
        emg: vec![0; 2000],
        acc_first: u64::from(seconds) * 100,
        acc: vec![0; 300],
        ..crate::chunk::Chunk::default()
    };
    let start_at = NIGHT.plus_seconds(f64::from(seconds));
    let item =
        SourceItem { chunks: vec![TimedChunk { chunk, start_at }], status: None, now: start_at.plus_seconds(1.0) };
    leg.take(item).await.unwrap();
}

#[tokio::test]
async fn a_raw_night_that_the_disk_refuses_is_said_and_begins_again_by_itself() {
    let (folder, to) = house().await;
    let nights = folder.path().join("nights");
    std::fs::write(&nights, "in the way").unwrap();
    let mut leg = open(&to).await;
    let said = |leg: &Leg| leg.failed.as_ref().unwrap().iter().any(|line| line.contains("raw night is not recorded"));
    second(&mut leg, 0).await;
    assert!(!leg.raw.is_recording() && said(&leg));
    assert_eq!(leg.place, Some((0, NIGHT)), "detection has the samples");
    std::fs::remove_file(&nights).unwrap();
    second(&mut leg, 1).await;
    second(&mut leg, 2).await;
    assert!(leg.raw.is_recording() && !said(&leg));
    leg.close(false).await.unwrap();
    assert_eq!(to.store.segments().await.unwrap()[0].n_samples, Some(2000));
}

#[tokio::test]
async fn with_too_little_room_the_rest_is_left_to_the_database() {
    let (_folder, mut to) = leg().await;
    to.config.storage.min_free_mb = u32::MAX;
    let mut leg = open(&Arc::new(to)).await;
    second(&mut leg, 0).await;
    assert!(leg.raw.trouble().unwrap().contains("left to the database"));
}

#[tokio::test]
async fn what_the_disk_refuses_is_told_all_the_same_and_written_later() {
    let (_folder, mut to) = leg().await;
    let (states, mut said) = tokio::sync::mpsc::channel(64);
    to.states = states;
    let to = Arc::new(to);
    let mut leg = open(&to).await;
    time(&mut leg, 0.0).await;
    let writer = to.store.writer_for_test();
    sqlx::query("PRAGMA query_only = 1").execute(&writer).await.unwrap();
    let episode = leg.episodes.suspected(&to, NIGHT, NIGHT, 0.7).await.unwrap();
    time(&mut leg, 1.0).await;
    leg.end_episode(NIGHT.plus_seconds(5.0), NIGHT.plus_seconds(6.0), "quiet", None).await.unwrap();
    assert!(leg.failed.as_ref().unwrap().iter().any(|line| line.contains("Nothing can be written")));
    let mut events = Vec::new();
    while let Ok(state) = said.try_recv() {
        if let crate::mqtt::Outgoing::Unwritten { payload, .. } = state {
            assert!(payload["seq"].is_null() && payload["sent_at"].is_string(), "{payload}");
            events.push(payload["event_type"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(events, ["cramp_suspected", "cramp_ended"]);
    let second = leg.episodes.suspected(&to, NIGHT.plus_seconds(9.0), NIGHT.plus_seconds(9.0), 0.7).await.unwrap();
    sqlx::query("PRAGMA query_only = 0").execute(&writer).await.unwrap();
    leg.drop_episode(NIGHT.plus_seconds(11.0)).await.unwrap();
    leg.keep().await.unwrap();
    assert!(to.store.episode(second).await.unwrap().unwrap().end_at.is_some(), "what waited did not undo its end");
    assert!(to.store.episode(episode).await.unwrap().unwrap().end_at.is_some());
    assert_eq!(to.unwritten.trouble(), None);
}

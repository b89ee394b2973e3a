//! The alarm of a cramp: when it sounds, escalates, latches and keeps quiet.

use super::*;

#[test]
fn nothing_sounds_by_default() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(suspected(1));
    night.does(started(1));
    night.pass(600);
    night.does(AlarmInput::CrampEnded);
    assert_eq!(night.told(), NOTHING);
}

#[test]
fn a_cramp_sounds_once_and_its_end_ends_it() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(suspected(1));
    night.pass(10);
    assert_eq!(night.told(), NOTHING);
    night.does(started(1));
    assert!(night.policy.flags().alarm);
    night.pass(30);
    night.does(AlarmInput::CrampEnded);
    assert!(!night.policy.flags().alarm);
    night.pass(600);
    assert_eq!(night.told(), ["cramp_alarm"]);
}

#[test]
fn an_early_alarm_sounds_at_the_suspicion_and_not_again_at_the_start() {
    let mut night = Night::begin(wake(Wake::Early), NIGHT);
    night.does(suspected(1));
    night.pass(5);
    night.does(started(1));
    night.pass(5);
    assert_eq!(night.told(), ["cramp_alarm"]);
    night.does(AlarmInput::CrampEnded);
    night.does(suspected(2));
    night.does(AlarmInput::SuspicionDropped);
    assert!(!night.policy.flags().alarm);
    night.pass(600);
    assert_eq!(night.told(), ["cramp_alarm"], "a dropped suspicion ends its alarm");
}

#[test]
fn an_alarm_that_nobody_answers_escalates_so_often_and_no_more() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(started(1));
    night.pass(59);
    assert_eq!(night.told(), ["cramp_alarm"]);
    night.pass(2);
    assert_eq!(night.told(), ["cramp_escalated"]);
    night.pass(60);
    assert_eq!(night.told(), ["cramp_escalated"]);
    night.pass(3600);
    assert_eq!(night.told(), NOTHING);

    let mut night = Night::begin(AlarmSettings { escalate_times: 0, ..wake(Wake::Cramp) }, NIGHT);
    night.does(started(1));
    night.pass(3600);
    assert_eq!(night.told(), ["cramp_alarm"]);
}

#[test]
fn a_latched_alarm_outlives_its_cramp_but_a_dropped_suspicion_does_not_latch() {
    let settings = AlarmSettings { latch: true, ..wake(Wake::Early) };
    let mut night = Night::begin(settings, NIGHT);
    night.does(suspected(1));
    night.does(AlarmInput::SuspicionDropped);
    assert!(!night.policy.flags().alarm);
    night.does(suspected(2));
    night.does(started(2));
    night.does(AlarmInput::CrampEnded);
    assert!(night.policy.flags().alarm);
    night.does(suspected(3));
    night.does(AlarmInput::SuspicionDropped);
    assert!(night.policy.flags().alarm, "the cramp before still waits for an answer");
    night.pass(61);
    night.does(AlarmInput::Acknowledge);
    assert!(!night.policy.flags().alarm);
    night.pass(600);
    assert_eq!(night.told(), ["cramp_alarm", "cramp_alarm", "cramp_alarm", "cramp_escalated", "cramp_acknowledged"]);
}

#[test]
fn quiet_hours_hold_alarms_and_no_faults() {
    let quiet = Some(DailyWindow::new(time(23, 0, 0, 0), time(6, 0, 0, 0)));
    let mut night = Night::begin(AlarmSettings { quiet, ..wake(Wake::Cramp) }, "2026-11-22T21:59:00Z");
    night.does(started(1));
    assert_eq!(night.told(), ["cramp_alarm"]);
    night.samples = false;
    night.until("2026-11-22T22:05:00Z");
    assert_eq!(night.told(), ["monitoring_fault"], "no escalation after 23:00");
    night.samples = true;
    night.until("2026-11-23T04:59:59Z");
    assert_eq!(night.told(), ["monitoring_restored"]);
    night.pass(1);
    assert_eq!(night.told(), ["cramp_alarm"], "the cramp still goes on at 06:00");
}

#[test]
fn quiet_hours_keep_their_local_end_in_both_nights_of_the_clock_change() {
    for (evening, last, first) in [
        ("2026-03-28T23:00:00Z", "2026-03-29T03:59:59Z", "2026-03-29T04:00:00Z"),
        ("2026-10-24T23:00:00Z", "2026-10-25T04:59:59Z", "2026-10-25T05:00:00Z"),
    ] {
        let quiet = Some(DailyWindow::new(time(22, 0, 0, 0), time(6, 0, 0, 0)));
        let mut night = Night::begin(AlarmSettings { quiet, ..wake(Wake::Cramp) }, evening);
        night.does(started(1));
        night.until(last);
        assert_eq!(night.told(), NOTHING, "{last} is before 06:00");
        night.until(first);
        assert_eq!(night.told(), ["cramp_alarm"], "{first} is 06:00");
    }
}

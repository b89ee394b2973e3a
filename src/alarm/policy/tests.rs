use jiff::civil::time;
use uuid::Uuid;

use super::super::reminders::Reminder;
use super::super::settings::Wake;
use super::super::window::DailyWindow;
use super::super::window::tests::{berlin, utc};
use super::*;

/// A leg whose time goes on second by second.
struct Night {
    policy: AlarmPolicy,
    now: UtcMicros,
    samples: bool,
    told: Vec<AlarmAction>,
}

impl Night {
    fn begin(settings: AlarmSettings, at: &str) -> Self {
        let mut night =
            Self { policy: AlarmPolicy::new(settings, berlin()), now: utc(at), samples: true, told: Vec::new() };
        night.pass(1);
        night
    }

    fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.now = self.now.plus_seconds(1.0);
            let told = self.policy.time(self.now);
            self.told.extend(told);
            if self.samples {
                self.does(AlarmInput::ValidSamples);
            }
        }
    }

    fn until(&mut self, at: &str) {
        self.pass(utc(at).seconds_since(self.now) as u32);
    }

    fn does(&mut self, input: AlarmInput) {
        let told = self.policy.step(input, self.now);
        self.told.extend(told);
    }

    /// Words of the events told since the last time, with `again` behind a fault that was told before.
    fn told(&mut self) -> Vec<String> {
        let told = std::mem::take(&mut self.told);
        let words = told.iter().filter_map(|action| match action {
            AlarmAction::MonitoringFault { again: true, .. } => Some("monitoring_fault again".to_owned()),
            action => action.event_word().map(str::to_owned),
        });
        words.collect()
    }
}

fn wake(wake: Wake) -> AlarmSettings {
    AlarmSettings { wake, ..Default::default() }
}

fn suspected(number: u128) -> AlarmInput {
    AlarmInput::CrampSuspected { episode: Uuid::from_u128(number) }
}

fn started(number: u128) -> AlarmInput {
    AlarmInput::CrampStarted { episode: Uuid::from_u128(number) }
}

const NIGHT: &str = "2026-11-22T23:00:00Z";
const DAY: &str = "2026-11-22T13:00:00Z";
const NOTHING: [&str; 0] = [];

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
fn acknowledging_is_for_this_cramp_only() {
    let mut night = Night::begin(wake(Wake::Early), NIGHT);
    night.does(suspected(1));
    night.does(AlarmInput::Acknowledge);
    night.does(started(1));
    night.pass(600);
    assert_eq!(night.told(), ["cramp_alarm", "cramp_acknowledged"]);
    night.does(AlarmInput::CrampEnded);
    night.does(suspected(2));
    assert_eq!(night.told(), ["cramp_alarm"]);
}

#[test]
fn acknowledging_nothing_is_answered_and_does_no_harm() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    assert_eq!(
        night.policy.step(AlarmInput::Acknowledge, night.now),
        [AlarmAction::CrampAcknowledged { episode: None }]
    );
    night.does(started(1));
    assert_eq!(night.told(), ["cramp_alarm"]);
}

#[test]
fn dismissing_means_the_latest_cramp_even_when_it_is_over() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    assert_eq!(night.policy.step(AlarmInput::Dismiss, night.now), [AlarmAction::CrampDismissed { episode: None }]);
    night.does(started(7));
    night.does(AlarmInput::CrampEnded);
    night.pass(60);
    let dismissed = night.policy.step(AlarmInput::Dismiss, night.now);
    assert_eq!(dismissed, [AlarmAction::CrampDismissed { episode: Some(Uuid::from_u128(7)) }]);
}

#[test]
fn a_mute_silences_every_cramp_but_no_fault_and_a_cramp_that_goes_on_sounds_after_it() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(started(1));
    night.does(AlarmInput::Mute { minutes: 10 });
    assert!(night.policy.flags().muted && !night.policy.flags().alarm);
    night.does(AlarmInput::CrampEnded);
    night.does(started(2));
    night.samples = false;
    night.pass(120);
    assert_eq!(night.told(), ["cramp_alarm", "monitoring_fault"]);
    night.samples = true;
    night.pass(479);
    assert_eq!(night.told(), ["monitoring_restored"]);
    night.pass(1);
    assert_eq!(night.told(), ["cramp_alarm"]);
    assert!(!night.policy.flags().muted);
}

#[test]
fn a_mute_of_no_minutes_ends_it_and_none_is_longer_than_twelve_hours() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(AlarmInput::Mute { minutes: u32::MAX });
    assert_eq!(night.policy.muted_until(), Some(night.now.plus_seconds(43_200.0)));
    night.does(started(1));
    assert_eq!(night.told(), NOTHING);
    night.does(AlarmInput::Mute { minutes: 0 });
    assert_eq!(night.told(), ["cramp_alarm"]);
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

#[test]
fn a_disarm_ends_the_alarm_and_itself_at_the_next_noon() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(started(1));
    night.does(AlarmInput::SetArmed(false));
    assert!(!night.policy.flags().armed && !night.policy.flags().alarm);
    night.samples = false;
    night.pass(7200);
    assert_eq!(night.told(), ["cramp_alarm"]);
    assert_eq!(night.policy.disarmed_until(), Some(utc("2026-11-23T11:00:00Z")));
    night.until("2026-11-23T11:00:00Z");
    assert!(night.policy.flags().armed);
    assert_eq!(night.told(), NOTHING);
    night.until("2026-11-23T20:01:01Z");
    assert_eq!(night.told(), ["monitoring_fault"], "the next evening is watched");
}

#[test]
fn noon_is_noon_in_the_nights_of_the_clock_change() {
    for (evening, noon) in
        [("2026-03-28T21:00:00Z", "2026-03-29T10:00:00Z"), ("2026-10-24T21:00:00Z", "2026-10-25T11:00:00Z")]
    {
        let mut night = Night::begin(wake(Wake::Cramp), evening);
        night.does(AlarmInput::SetArmed(false));
        assert_eq!(night.policy.disarmed_until(), Some(utc(noon)));
    }
}

#[test]
fn missing_samples_are_a_state_first_and_then_a_fault_told_again_while_it_lasts() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.samples = false;
    night.does(AlarmInput::Trouble { why: "electrodes off the skin".to_owned() });
    night.pass(11);
    assert!(!night.policy.flags().available);
    assert_eq!(night.told(), NOTHING);
    night.pass(50);
    let fault = night.told.iter().find(|action| action.event_word().is_some()).unwrap();
    assert_eq!(fault.reasons(), ["electrodes off the skin for 61 s"]);
    assert_eq!(night.told(), ["monitoring_fault"]);
    night.pass(1799);
    assert_eq!(night.told(), NOTHING);
    night.pass(1);
    assert_eq!(night.told(), ["monitoring_fault again"]);
    night.samples = true;
    night.pass(9);
    assert_eq!(night.told(), NOTHING, "a few samples are no end of an outage");
    assert!(night.policy.flags().available);
    night.pass(2);
    assert_eq!(night.told(), ["monitoring_restored"]);
    assert!(!night.policy.has_fault());
}

#[test]
fn an_outage_that_was_not_told_has_no_end_to_tell_either() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.samples = false;
    night.pass(55);
    night.samples = true;
    night.pass(60);
    assert_eq!(night.told(), NOTHING);
}

#[test]
fn a_loose_electrode_does_not_tell_a_fault_each_minute() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    for _ in 0..25 {
        night.samples = false;
        night.pass(65);
        night.samples = true;
        night.pass(2);
    }
    assert_eq!(night.told(), ["monitoring_fault"]);
}

#[test]
fn a_sensor_that_never_sends_is_a_fault() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.policy = AlarmPolicy::new(AlarmSettings::default(), berlin());
    night.samples = false;
    night.pass(63);
    assert_eq!(night.told(), ["monitoring_fault"]);
    assert!(!night.policy.flags().ready);
}

#[test]
fn by_day_nothing_is_a_fault_until_the_leg_is_armed_by_hand() {
    let mut night = Night::begin(AlarmSettings::default(), DAY);
    night.samples = false;
    night.does(AlarmInput::Worn(false));
    night.pass(3600);
    assert_eq!(night.told(), NOTHING);
    assert!(!night.policy.flags().watching);
    night.does(AlarmInput::SetArmed(true));
    night.pass(62);
    assert_eq!(night.told(), ["monitoring_fault"]);
    night.pass(540);
    assert_eq!(night.told(), ["not_worn"]);
    night.until("2026-11-23T09:00:00Z");
    let again = night.told();
    assert!(again.iter().all(|word| word == "monitoring_fault again") && again.len() > 10, "{again:?}");
    night.until("2026-11-23T19:00:00Z");
    assert_eq!(night.told(), NOTHING, "watching by hand ends with the sleep window");
}

#[test]
fn in_the_evening_silence_counts_from_the_beginning_of_the_window() {
    let mut night = Night::begin(AlarmSettings::default(), DAY);
    night.samples = false;
    night.until("2026-11-22T20:01:00Z");
    assert_eq!(night.told(), NOTHING);
    night.pass(2);
    assert_eq!(night.told(), ["monitoring_fault"]);
}

#[test]
fn an_empty_bed_has_no_faults_and_one_that_nobody_knows_of_has() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(AlarmInput::Bed(Some(false)));
    night.samples = false;
    night.does(AlarmInput::Worn(false));
    night.pass(3600);
    assert_eq!(night.told(), NOTHING);
    night.does(AlarmInput::Bed(None));
    night.pass(62);
    assert_eq!(night.told(), ["monitoring_fault"]);
    night.pass(540);
    assert_eq!(night.told(), ["not_worn"]);
}

#[test]
fn a_sensor_that_is_off_is_told_once_a_stretch() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(AlarmInput::Worn(false));
    night.pass(599);
    assert_eq!(night.told(), NOTHING);
    night.pass(3000);
    assert_eq!(night.told(), ["not_worn"]);
    night.does(AlarmInput::Worn(true));
    night.does(AlarmInput::Worn(false));
    night.pass(601);
    assert_eq!(night.told(), ["not_worn"]);
    assert_eq!(night.policy.is_worn(), Some(false));
}

#[test]
fn a_battery_that_will_not_last_is_told_once_a_night() {
    // 10 % an hour from 60 %: 6 h, and the night has 10 h left at 00:00.
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    for minute in 0..180 {
        night.does(AlarmInput::Battery { pct: 60 - (minute / 6) as u8 });
        night.pass(60);
        if minute == 18 {
            assert_eq!(night.told(), NOTHING, "not known yet");
        }
    }
    assert_eq!(night.told(), ["battery_short"]);
    let left_h = night.policy.battery_left_h().unwrap();
    assert!((2.7..3.3).contains(&left_h), "{left_h}");
    assert!(!night.policy.flags().ready);
}

#[test]
fn a_battery_that_lasts_is_not_told_and_neither_is_one_wrong_reading() {
    // 4 % an hour from 80 %: 20 h.
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    for minute in 0..300_u32 {
        let pct = if minute % 20 == 7 { 1 } else { 80 - (minute / 15) as u8 };
        night.does(AlarmInput::Battery { pct });
        night.pass(60);
    }
    assert_eq!(night.told(), NOTHING);
}

#[test]
fn an_all_but_empty_battery_is_told_at_once() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    for _ in 0..3 {
        night.does(AlarmInput::Battery { pct: 4 });
        night.pass(60);
    }
    assert_eq!(night.told(), ["battery_short"]);
}

#[test]
fn reminders_come_unless_disarmed() {
    let reminders = vec![Reminder { at: time(22, 0, 0, 0), text: "Stretch the calves".to_owned() }];
    let settings = AlarmSettings { reminders, ..Default::default() };
    let mut night = Night::begin(settings.clone(), "2026-11-22T20:50:00Z");
    night.until("2026-11-22T22:00:00Z");
    assert_eq!(night.told(), ["reminder"]);
    let mut night = Night::begin(settings, "2026-11-22T20:50:00Z");
    night.does(AlarmInput::SetArmed(false));
    night.until("2026-11-22T22:00:00Z");
    assert_eq!(night.told(), NOTHING);
}

#[test]
fn a_restart_neither_repeats_nor_forgets() {
    let settings = AlarmSettings { latch: true, ..wake(Wake::Cramp) };
    let mut night = Night::begin(settings.clone(), NIGHT);
    night.does(started(1));
    night.does(AlarmInput::CrampEnded);
    night.samples = false;
    night.pass(65);
    assert_eq!(night.told(), ["cramp_alarm", "cramp_escalated", "monitoring_fault"]);
    let state = serde_json::from_str(&serde_json::to_string(night.policy.state()).unwrap()).unwrap();
    night.now = night.now.plus_seconds(300.0);
    night.policy = AlarmPolicy::restored(settings, berlin(), state, night.now);
    assert!(night.policy.flags().alarm && night.policy.has_fault());
    night.samples = true;
    night.pass(600);
    assert_eq!(night.told(), ["cramp_escalated", "monitoring_restored"]);
    night.does(AlarmInput::Acknowledge);
    assert_eq!(night.told(), ["cramp_acknowledged"]);
}

#[test]
fn the_daemon_being_away_is_no_silence_of_the_sensor() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(AlarmInput::Worn(false));
    night.pass(60);
    let state = night.policy.state().clone();
    night.now = night.now.plus_seconds(7200.0);
    night.policy = AlarmPolicy::restored(AlarmSettings::default(), berlin(), state, night.now);
    night.samples = false;
    night.pass(55);
    assert_eq!(night.told(), NOTHING);
    night.pass(10);
    assert_eq!(night.told(), ["monitoring_fault"]);
    night.pass(480);
    assert_eq!(night.told(), ["not_worn"]);
}

#[test]
fn a_clock_that_was_set_back_does_not_prolong_a_mute() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(AlarmInput::Mute { minutes: 10 });
    night.now = night.now.plus_seconds(-30.0 * 86_400.0);
    night.does(started(1));
    night.pass(599);
    assert_eq!(night.told(), NOTHING);
    night.pass(1);
    assert_eq!(night.told(), ["cramp_alarm"]);
}

//! Restarts and a clock that is set.

use super::*;

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
    night.pass(60);
    let state = night.policy.state().clone();
    night.now = night.now.plus_seconds(7200.0);
    night.policy = AlarmPolicy::restored(AlarmSettings::default(), berlin(), state, night.now);
    night.samples = false;
    night.pass(55);
    assert_eq!(night.told(), NOTHING);
    night.pass(10);
    assert_eq!(night.told(), ["monitoring_fault"]);
}

#[test]
fn a_clock_that_was_set_back_does_not_prolong_a_mute() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(AlarmInput::Mute { minutes: 10 });
    night.now = night.now.plus_seconds(-30.0 * 86_400.0);
    night.pass(1);
    night.does(started(1));
    night.pass(599);
    assert_eq!(night.told(), NOTHING);
    night.pass(1);
    assert_eq!(night.told(), ["cramp_alarm"]);
}

#[test]
fn an_instant_far_ahead_does_not_hide_an_outage() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    let told = night.policy.step(AlarmInput::ValidSamples, night.now.plus_seconds(7200.0));
    assert!(told.iter().all(|action| action.event_word().is_none()), "{told:?}");
    night.samples = false;
    night.pass(65);
    assert_eq!(night.told(), ["monitoring_fault"]);
}

#[test]
fn samples_that_come_late_do_not_turn_the_clock_back() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(AlarmInput::Mute { minutes: 10 });
    night.does(started(1));
    for _ in 0..599 {
        night.pass(1);
        night.policy.step(AlarmInput::ValidSamples, night.now.plus_seconds(-120.0));
    }
    assert_eq!(night.told(), NOTHING);
    night.pass(1);
    assert_eq!(night.told(), ["cramp_alarm"]);
}

#[test]
fn changed_settings_hold_from_the_restart_on() {
    let mut night = Night::begin(AlarmSettings { latch: true, ..wake(Wake::Early) }, NIGHT);
    night.does(suspected(1));
    assert!(night.policy.flags().alarm);
    for settings in [wake(Wake::Cramp), AlarmSettings::default()] {
        let mut policy = AlarmPolicy::restored(settings, berlin(), night.policy.state().clone(), night.now);
        policy.time(night.now.plus_seconds(1.0));
        assert!(!policy.flags().alarm);
    }
}

#[test]
fn after_being_away_nobody_knows_of_the_bed() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(AlarmInput::Bed(Some(false)));
    assert!(!night.policy.flags().watching);
    for (away_s, watching) in [(59.0, false), (60.0, true)] {
        let at = night.now.plus_seconds(away_s);
        let state = night.policy.state().clone();
        let mut policy = AlarmPolicy::restored(AlarmSettings::default(), berlin(), state, at);
        policy.time(at);
        assert_eq!(policy.flags().watching, watching);
    }
}

#[test]
fn an_outage_that_was_told_is_as_long_as_it_was_with_the_daemon_away() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.samples = false;
    night.pass(65);
    let state = night.policy.state().clone();
    night.now = night.now.plus_seconds(300.0);
    night.policy = AlarmPolicy::restored(AlarmSettings::default(), berlin(), state, night.now);
    night.told.clear();
    night.samples = true;
    night.pass(20);
    let reasons: Vec<_> = night.told.iter().flat_map(AlarmAction::reasons).collect();
    assert_eq!(reasons, ["valid samples again after 6 min"]);
}

//! Acknowledge, mute, dismiss and disarm.

use super::*;

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
    night.until("2026-11-23T22:01:01Z");
    assert_eq!(night.told(), ["monitoring_fault"], "the next night is watched");
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
fn answering_a_latched_alarm_does_not_answer_for_a_suspicion_that_nobody_heard_of() {
    let mut night = Night::begin(AlarmSettings { latch: true, ..wake(Wake::Cramp) }, NIGHT);
    night.does(started(1));
    night.does(AlarmInput::CrampEnded);
    night.does(suspected(2));
    let answered = night.policy.step(AlarmInput::Dismiss, night.now);
    assert_eq!(answered[0], AlarmAction::CrampDismissed { episode: Some(Uuid::from_u128(1)) });
    night.does(started(2));
    assert_eq!(night.told(), ["cramp_alarm", "cramp_alarm"]);
}

#[test]
fn a_latched_alarm_that_was_muted_comes_back() {
    let mut night = Night::begin(AlarmSettings { latch: true, ..wake(Wake::Cramp) }, NIGHT);
    night.does(started(1));
    night.does(AlarmInput::Mute { minutes: 5 });
    night.does(AlarmInput::CrampEnded);
    night.pass(299);
    assert_eq!(night.told(), ["cramp_alarm"]);
    night.pass(1);
    assert_eq!(night.told(), ["cramp_alarm"]);
}

#[test]
fn a_cramp_that_began_while_disarmed_sounds_when_the_leg_is_armed_and_an_earlier_one_does_not() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(started(1));
    night.does(AlarmInput::SetArmed(false));
    night.does(AlarmInput::SetArmed(true));
    assert_eq!(night.told(), ["cramp_alarm"]);
    night.does(AlarmInput::SetArmed(false));
    night.does(started(2));
    assert_eq!(night.told(), NOTHING);
    night.does(AlarmInput::SetArmed(true));
    assert_eq!(night.told(), ["cramp_alarm"]);
}

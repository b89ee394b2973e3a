//! Missing samples: when they are a fault, and for whom.

use super::*;

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
    assert_eq!(night.told(), ["monitoring_fault"], "midnight is two hours into the window");
    assert!(!night.policy.flags().ready);
}

#[test]
fn a_sensor_that_is_not_on_yet_in_the_evening_is_no_fault_and_one_that_was_on_is() {
    let mut night = Night::begin(AlarmSettings::default(), DAY);
    night.samples = false;
    night.until("2026-11-22T21:30:00Z");
    assert_eq!(night.told(), NOTHING, "an hour and a half into the window nothing was heard yet");
    night.samples = true;
    night.pass(60);
    night.samples = false;
    night.pass(62);
    assert_eq!(night.told(), ["monitoring_fault"]);
}

#[test]
fn a_sensor_that_was_taken_off_in_the_morning_is_not_broken() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.until("2026-11-23T06:00:00Z");
    night.does(AlarmInput::Worn(false));
    night.samples = false;
    night.until("2026-11-23T09:00:00Z");
    assert_eq!(night.told(), ["not_worn"]);
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
    night.pass(602);
    assert_eq!(night.told(), ["not_worn"]);
    night.does(AlarmInput::Worn(true));
    night.pass(62);
    assert_eq!(night.told(), ["monitoring_fault"]);
    night.until("2026-11-23T09:00:00Z");
    let again = night.told();
    assert!(again.iter().all(|word| word == "monitoring_fault again") && again.len() > 10, "{again:?}");
    night.until("2026-11-23T19:00:00Z");
    assert_eq!(night.told(), NOTHING, "watching by hand ends with the sleep window");
}

#[test]
fn in_the_evening_silence_counts_from_two_hours_into_the_window() {
    let mut night = Night::begin(AlarmSettings::default(), DAY);
    night.samples = false;
    night.until("2026-11-22T22:01:00Z");
    assert_eq!(night.told(), NOTHING);
    night.pass(2);
    assert_eq!(night.told(), ["monitoring_fault"]);
}

#[test]
fn an_empty_bed_has_no_faults_and_one_that_nobody_knows_of_has() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(AlarmInput::Bed(Some(false)));
    night.samples = false;
    night.pass(3600);
    assert_eq!(night.told(), NOTHING);
    night.does(AlarmInput::Bed(None));
    night.pass(62);
    assert_eq!(night.told(), ["monitoring_fault"]);
    night.does(AlarmInput::Worn(false));
    night.pass(602);
    assert_eq!(night.told(), ["not_worn"]);
}

#[test]
fn a_reason_is_forgotten_when_samples_come_again() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(AlarmInput::Trouble { why: "electrodes off the skin".to_owned() });
    night.pass(1);
    night.samples = false;
    night.pass(61);
    let reasons: Vec<_> = night.told.iter().flat_map(AlarmAction::reasons).collect();
    assert_eq!(reasons, ["no samples from the sensor for 61 s"]);
}

#[test]
fn a_bed_that_has_said_nothing_for_a_day_is_not_believed() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.does(AlarmInput::Bed(Some(false)));
    night.samples = false;
    night.pass(86_400);
    assert_eq!(night.told(), NOTHING);
    night.pass(62);
    assert_eq!(night.told(), ["monitoring_fault"]);
}

#[test]
fn a_link_that_is_cut_makes_the_leg_unavailable_at_once_and_names_its_fault() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    night.pass(60);
    night.does(AlarmInput::LinkCut { why: "the Bluetooth adapter is off".to_owned() });
    assert!(!night.policy.flags().available);
    night.samples = false;
    night.told.clear();
    night.pass(90);
    let reasons: Vec<_> = night.told.iter().flat_map(AlarmAction::reasons).collect();
    assert_eq!(reasons, ["the Bluetooth adapter is off for 61 s"]);
    night.samples = true;
    night.pass(2);
    assert!(night.policy.flags().available);
}

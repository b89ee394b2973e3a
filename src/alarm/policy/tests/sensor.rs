//! A sensor that is off, its battery, and reminders.

use super::*;

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
fn a_sensor_that_is_forgotten_for_two_nights_is_told_twice() {
    let mut night = Night::begin(AlarmSettings::default(), NIGHT);
    assert!(night.policy.flags().ready);
    night.does(AlarmInput::Worn(false));
    assert!(!night.policy.flags().ready);
    night.until("2026-11-23T19:59:00Z");
    assert_eq!(night.told(), ["not_worn"]);
    night.until("2026-11-23T20:11:00Z");
    assert_eq!(night.told(), ["not_worn"]);
}

#[test]
fn a_guess_from_stillness_is_told_and_silences_neither_alarms_nor_faults() {
    let mut night = Night::begin(wake(Wake::Cramp), NIGHT);
    night.does(AlarmInput::Worn(true));
    night.pass(1800);
    night.does(AlarmInput::Still(Some(1800.0)));
    night.pass(1);
    assert_eq!((night.told(), night.policy.is_worn()), (vec!["not_worn".to_owned()], Some(false)));
    assert!(!night.policy.flags().ready);
    night.does(suspected(1));
    night.does(started(1));
    night.pass(1);
    assert_eq!(night.told(), ["cramp_alarm"]);
    night.does(AlarmInput::CrampEnded);
    night.samples = false;
    night.pass(90);
    assert_eq!(night.told(), ["monitoring_fault"]);
    night.does(AlarmInput::Still(None));
    assert_eq!(night.policy.is_worn(), Some(true));
}

//! What holds whatever happens in whatever order.

use jiff::civil::time;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::reminders::Reminder;
use super::super::settings::Wake;
use super::super::window::DailyWindow;
use super::super::window::tests::{berlin, utc};
use super::*;

/// A happening and how many seconds later it comes; between them time is looked at each second or so.
type Steps = Vec<(Option<AlarmInput>, u32)>;

fn input() -> impl Strategy<Value = Option<AlarmInput>> {
    let episode = (1_u128..4).prop_map(Uuid::from_u128);
    prop_oneof![
        2 => Just(None),
        3 => episode.clone().prop_map(|episode| Some(AlarmInput::CrampSuspected { episode })),
        4 => episode.prop_map(|episode| Some(AlarmInput::CrampStarted { episode })),
        1 => Just(Some(AlarmInput::SuspicionDropped)),
        2 => Just(Some(AlarmInput::CrampEnded)),
        1 => Just(Some(AlarmInput::Acknowledge)),
        1 => Just(Some(AlarmInput::Dismiss)),
        1 => (0_u32..1000).prop_map(|minutes| Some(AlarmInput::Mute { minutes })),
        1 => Just(Some(AlarmInput::Mute { minutes: 0 })),
        1 => any::<bool>().prop_map(|armed| Some(AlarmInput::SetArmed(armed))),
        6 => Just(Some(AlarmInput::ValidSamples)),
        1 => Just(Some(AlarmInput::Trouble { why: "mains hum".to_owned() })),
        1 => Just(Some(AlarmInput::LinkCut { why: "the adapter is off".to_owned() })),
        1 => any::<bool>().prop_map(|worn| Some(AlarmInput::Worn(worn))),
        1 => any::<Option<u16>>().prop_map(|still_s| Some(AlarmInput::Still(still_s.map(f64::from)))),
        1 => any::<Option<bool>>().prop_map(|bed| Some(AlarmInput::Bed(bed))),
        2 => any::<u8>().prop_map(|pct| Some(AlarmInput::Battery { pct })),
    ]
}

fn steps() -> impl Strategy<Value = Steps> {
    let pause = prop_oneof![4 => 0_u32..4, 3 => 0_u32..90, 2 => 0_u32..1500, 1 => 0_u32..14_400];
    prop::collection::vec((input(), pause), 1..80)
}

fn settings() -> impl Strategy<Value = AlarmSettings> {
    let wake = prop_oneof![1 => Just(Wake::Never), 3 => Just(Wake::Cramp), 3 => Just(Wake::Early)];
    let quiet = prop::option::weighted(0.4, (0_i8..24, 1_i8..24));
    (wake, any::<bool>(), 0_u32..4, quiet).prop_map(|(wake, latch, escalate_times, quiet)| AlarmSettings {
        wake,
        latch,
        escalate_times,
        quiet: quiet.map(|(from, length)| DailyWindow::new(time(from, 0, 0, 0), time((from + length) % 24, 0, 0, 0))),
        reminders: vec![Reminder { at: time(2, 30, 0, 0), text: "Drink a glass of water".to_owned() }],
        ..Default::default()
    })
}

fn begin() -> impl Strategy<Value = UtcMicros> {
    prop::sample::select(vec!["2026-03-28T20:30:00Z", "2026-10-24T20:30:00Z", "2026-11-22T13:00:00Z"]).prop_map(utc)
}

/// Plays `steps`; `each` sees the policy as it was before, what came in and what it told.
fn play(
    policy: &mut AlarmPolicy,
    begin: UtcMicros,
    steps: &Steps,
    mut each: impl FnMut(&AlarmPolicy, Option<&AlarmInput>, UtcMicros, &[AlarmAction]) -> Result<(), TestCaseError>,
) -> Result<UtcMicros, TestCaseError> {
    let mut now = begin;
    for (input, pause_s) in steps {
        let stride = (pause_s / 40).max(1);
        for _ in 0..pause_s / stride {
            now = now.plus_seconds(f64::from(stride));
            let told = policy.time(now);
            each(policy, None, now, &told)?;
        }
        if let Some(input) = input {
            let told = policy.step(input.clone(), now);
            each(policy, Some(input), now, &told)?;
        }
    }
    Ok(now)
}

fn is_alarm(action: &AlarmAction) -> bool {
    matches!(action, AlarmAction::CrampAlarm { .. } | AlarmAction::CrampEscalated { .. })
}

proptest! {
    #[test]
    fn never_an_alarm_while_muted_disarmed_in_quiet_hours_or_with_wake_never(
        settings in settings(), begin in begin(), steps in steps(),
    ) {
        let mut policy = AlarmPolicy::new(settings.clone(), berlin());
        let (mut muted, mut disarmed) = (None, None);
        play(&mut policy, begin, &steps, |_, input, now, told| {
            match input {
                Some(AlarmInput::Mute { minutes }) => {
                    muted = Some(now.plus_seconds(f64::from((*minutes).min(720)) * 60.0));
                }
                Some(AlarmInput::SetArmed(true)) => disarmed = None,
                Some(AlarmInput::SetArmed(false)) => disarmed = Some(night_bounds(night_of(now, &berlin()), &berlin()).1),
                _ => {}
            }
            let may = settings.wake != Wake::Never
                && muted.is_none_or(|until| until <= now)
                && disarmed.is_none_or(|until| until <= now)
                && !settings.quiet.is_some_and(|quiet| quiet.contains(now, &berlin()));
            prop_assert!(may || !told.iter().any(is_alarm), "{told:?}");
            prop_assert!(may || !told.iter().any(|told| matches!(told, AlarmAction::Flags(flags) if flags.alarm)));
            Ok(())
        })?;
    }

    #[test]
    fn no_alarm_escalates_more_often_than_it_may(settings in settings(), begin in begin(), steps in steps()) {
        let mut policy = AlarmPolicy::new(settings.clone(), berlin());
        let mut escalations = settings.escalate_times;
        play(&mut policy, begin, &steps, |_, _, _, told| {
            for action in told {
                match action {
                    AlarmAction::CrampAlarm { .. } => escalations = 0,
                    AlarmAction::CrampEscalated { times, .. } => {
                        escalations += 1;
                        prop_assert!(escalations <= settings.escalate_times && *times == escalations);
                    }
                    _ => {}
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn after_an_answer_it_is_silent_until_the_next_episode(
        mut settings in settings(), begin in begin(), steps in steps(), dismiss: bool, after in steps(),
    ) {
        settings.wake = Wake::Early;
        let mut policy = AlarmPolicy::new(settings, berlin());
        let now = play(&mut policy, begin, &steps, |_, _, _, _| Ok(()))?;
        policy.step(AlarmInput::CrampStarted { episode: Uuid::from_u128(9) }, now);
        policy.step(if dismiss { AlarmInput::Dismiss } else { AlarmInput::Acknowledge }, now);
        let next = |input: &Option<AlarmInput>| {
            matches!(input, Some(AlarmInput::CrampSuspected { .. } | AlarmInput::CrampStarted { .. }))
        };
        let after: Steps = after.into_iter().filter(|(input, _)| !next(input)).collect();
        play(&mut policy, now, &after, |_, _, _, told| {
            prop_assert!(!told.iter().any(is_alarm), "{told:?}");
            Ok(())
        })?;
    }

    #[test]
    fn each_fault_is_restored_at_most_once_and_nothing_is_restored_untold(
        settings in settings(), begin in begin(), steps in steps(),
    ) {
        let mut policy = AlarmPolicy::new(settings, berlin());
        let mut fault = false;
        play(&mut policy, begin, &steps, |policy, _, _, told| {
            for action in told {
                match action {
                    AlarmAction::MonitoringFault { again, .. } => {
                        prop_assert_eq!(*again, fault);
                        fault = true;
                    }
                    AlarmAction::MonitoringRestored { .. } => prop_assert!(std::mem::take(&mut fault)),
                    _ => {}
                }
            }
            prop_assert_eq!(policy.has_fault(), fault);
            Ok(())
        })?;
    }

    #[test]
    fn a_restored_policy_does_what_the_uninterrupted_one_does(
        settings in settings(), begin in begin(), before in steps(), after in steps(),
    ) {
        let mut policy = AlarmPolicy::new(settings.clone(), berlin());
        let now = play(&mut policy, begin, &before, |_, _, _, _| Ok(()))?;
        let kept = serde_json::to_string(policy.state()).unwrap();
        let state = serde_json::from_str(&kept).unwrap();
        let mut restored = AlarmPolicy::restored(settings, berlin(), state, now);
        let (mut told, mut told_restored) = (Vec::new(), Vec::new());
        play(&mut policy, now, &after, |_, _, _, actions| { told.extend_from_slice(actions); Ok(()) })?;
        play(&mut restored, now, &after, |_, _, _, actions| { told_restored.extend_from_slice(actions); Ok(()) })?;
        prop_assert_eq!(told, told_restored);
        prop_assert_eq!(policy.state(), restored.state());
    }

    #[test]
    fn no_order_of_instants_panics_and_the_state_stays_small(
        settings in settings(), steps in prop::collection::vec((input(), any::<i64>()), 1..300),
    ) {
        let mut policy = AlarmPolicy::new(settings, berlin());
        for (input, at) in steps {
            policy.time(UtcMicros(at));
            if let Some(input) = input {
                policy.step(input, UtcMicros(at));
            }
        }
        prop_assert!(serde_json::to_string(policy.state()).unwrap().len() < 10_000);
    }
}

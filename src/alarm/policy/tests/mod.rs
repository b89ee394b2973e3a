//! One leg whose time goes on second by second.

mod commands;
mod cramp;
mod monitoring;
mod restart;
mod sensor;

use jiff::civil::time;
use uuid::Uuid;

use super::*;
use crate::alarm::reminders::Reminder;
use crate::alarm::settings::Wake;
use crate::alarm::window::DailyWindow;
use crate::alarm::window::tests::{berlin, utc};

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

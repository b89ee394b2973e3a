//! What may be set about alarms: the one place of their defaults and limits.

use jiff::civil::time;
use serde::{Deserialize, Serialize};

use super::reminders::Reminder;
use super::window::DailyWindow;

/// When an alarm sounds. Light and the spoken relief instruction hang on `cramp_started` and need none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wake {
    /// Never: a cramp wakes its owner anyway.
    #[default]
    Never,
    /// When a cramp has started.
    Cramp,
    /// Already when one is suspected: sooner, with more false alarms.
    Early,
}

impl Wake {
    /// Every choice, the most silent first.
    pub const ALL: [Self; 3] = [Self::Never, Self::Cramp, Self::Early];

    /// The word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Cramp => "cramp",
            Self::Early => "early",
        }
    }
}

/// How a leg's alarms behave. All lengths are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlarmSettings {
    /// When an alarm sounds.
    pub wake: Wake,
    /// True: an alarm stays on after the cramp has ended, until somebody acknowledges or dismisses it. A mute
    /// and quiet hours only pause it.
    pub latch: bool,
    /// An alarm that nobody answers is escalated after so long, and again after so long; 5 to 3600.
    pub escalate_after_s: f64,
    /// How often at most; 0 is never, 100 the limit.
    pub escalate_times: u32,
    /// Quiet hours, in which no alarm sounds or escalates; faults are told all the same.
    pub quiet: Option<DailyWindow>,
    /// Age of the newest valid samples from which the leg is unavailable, which is a state and wakes nobody; 2 to 600.
    pub stale_after_s: f64,
    /// Age from which it is a fault that is told; at least `stale_after_s`, at most 7200.
    pub fault_after_s: f64,
    /// A fault that lasts is told again after so long; 60 to 86,400.
    pub fault_again_after_s: f64,
    /// When somebody sleeps, local time: faults are told only then, or after the leg was armed by hand.
    pub sleep: DailyWindow,
    /// A sensor that is off the leg for so long in the sleep window is told; 60 to 14,400.
    pub not_worn_after_s: f64,
    /// What to remind of; at most 24.
    pub reminders: Vec<Reminder>,
}

impl Default for AlarmSettings {
    fn default() -> Self {
        Self {
            wake: Wake::Never,
            latch: false,
            escalate_after_s: 60.0,
            escalate_times: 2,
            quiet: None,
            stale_after_s: 10.0,
            fault_after_s: 60.0,
            fault_again_after_s: 1800.0,
            sleep: DailyWindow::new(time(21, 0, 0, 0), time(10, 0, 0, 0)),
            not_worn_after_s: 600.0,
            reminders: Vec::new(),
        }
    }
}

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("alarm.{key}: found {found}, expected {expected}; change it or leave it out for the default")]
pub struct AlarmSettingsError {
    /// Name of the setting.
    pub key: &'static str,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
}

impl AlarmSettings {
    /// Checks every limit; the first one that does not hold is the error.
    pub fn validate(&self) -> Result<(), AlarmSettingsError> {
        within("escalate_after_s", self.escalate_after_s, 5.0, 3600.0)?;
        within("escalate_times", f64::from(self.escalate_times), 0.0, 100.0)?;
        within("stale_after_s", self.stale_after_s, 2.0, 600.0)?;
        within("fault_after_s", self.fault_after_s, self.stale_after_s, 7200.0)?;
        within("fault_again_after_s", self.fault_again_after_s, 60.0, 86_400.0)?;
        within("not_worn_after_s", self.not_worn_after_s, 60.0, 14_400.0)?;
        if let Some(quiet) = self.quiet.filter(|quiet| quiet.from == quiet.until) {
            let found = format!("quiet hours from {} until {}", clock(quiet.from), clock(quiet.until));
            let expected = "two different times (for no alarm at any hour: wake = \"never\")".to_owned();
            return Err(AlarmSettingsError { key: "quiet", found, expected });
        }
        if self.reminders.len() > 24 {
            let found = format!("{} reminders", self.reminders.len());
            return Err(AlarmSettingsError { key: "reminders", found, expected: "at most 24".to_owned() });
        }
        let bad = self.reminders.iter().find(|reminder| !(1..=200).contains(&reminder.text.trim().chars().count()));
        if let Some(bad) = bad {
            let found = format!("a text of {} characters at {}", bad.text.trim().chars().count(), clock(bad.at));
            return Err(AlarmSettingsError { key: "reminders", found, expected: "1 to 200 characters".to_owned() });
        }
        Ok(())
    }
}

fn clock(time: jiff::civil::Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn within(key: &'static str, found: f64, least: f64, most: f64) -> Result<(), AlarmSettingsError> {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(AlarmSettingsError { key, found: found.to_string(), expected: format!("{least} to {most}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn the_default_is_silent_and_valid() {
        let settings = AlarmSettings::default();
        assert_eq!(settings.validate(), Ok(()));
        assert_eq!((settings.wake, settings.latch), (Wake::Never, false));
    }

    #[rstest]
    #[case(AlarmSettings { fault_after_s: 5.0, ..Default::default() }, "alarm.fault_after_s: found 5, expected 10 to 7200")]
    #[case(AlarmSettings { stale_after_s: f64::NAN, ..Default::default() }, "alarm.stale_after_s: found NaN, expected 2 to 600")]
    #[case(AlarmSettings { escalate_times: 101, ..Default::default() }, "alarm.escalate_times: found 101, expected 0 to 100")]
    #[case(AlarmSettings { not_worn_after_s: 59.0, ..Default::default() }, "alarm.not_worn_after_s: found 59, expected 60 to 14400")]
    #[case(AlarmSettings { quiet: Some(DailyWindow::new(time(7, 0, 0, 0), time(7, 0, 0, 0))), ..Default::default() },
        "alarm.quiet: found quiet hours from 07:00 until 07:00, expected two different times")]
    #[case(AlarmSettings { reminders: vec![Reminder { at: time(22, 0, 0, 0), text: " ".to_owned() }], ..Default::default() },
        "alarm.reminders: found a text of 0 characters at 22:00, expected 1 to 200 characters")]
    fn what_cannot_be_is_named(#[case] settings: AlarmSettings, #[case] message: &str) {
        let said = settings.validate().unwrap_err().to_string();
        assert!(said.starts_with(message), "{said}");
    }

    #[test]
    fn times_of_day_are_written_as_people_write_them() {
        let settings: AlarmSettings =
            serde_json::from_str(r#"{"sleep": {"from": "22:30", "until": "07:00"}}"#).unwrap();
        assert_eq!(settings.sleep, DailyWindow::new(time(22, 30, 0, 0), time(7, 0, 0, 0)));
        for wake in Wake::ALL {
            assert_eq!(serde_json::to_value(wake).unwrap(), wake.as_str());
        }
    }

    #[test]
    fn unknown_keys_are_refused_and_missing_ones_have_their_default() {
        let settings: AlarmSettings = serde_json::from_str(r#"{"wake": "early"}"#).unwrap();
        assert_eq!(settings, AlarmSettings { wake: Wake::Early, ..Default::default() });
        assert!(serde_json::from_str::<AlarmSettings>(r#"{"wakes": "early"}"#).is_err());
    }
}

//! What may be set about alarms: the one place of their defaults. `config` holds what is set to the ranges named here.

use super::reminders::Reminder;
use super::window::DailyWindow;
use jiff::civil::time;

/// When an alarm sounds. Light and the spoken relief instruction hang on `cramp_started` and need none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, PartialEq)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_silent() {
        let settings = AlarmSettings::default();
        assert_eq!((settings.wake, settings.latch), (Wake::Never, false));
    }
}

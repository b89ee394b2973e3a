//! What the alarm policy wants told.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::units::UtcMicros;

/// Something to tell; all but the flags are events.
#[derive(Debug, Clone, PartialEq)]
pub enum AlarmAction {
    /// An alarm sounds, for the first time or again after a mute or quiet hours.
    CrampAlarm {
        /// The episode it is about.
        episode: Uuid,
        /// True if the cramp is only suspected.
        suspected: bool,
    },
    /// Nobody answered the alarm.
    CrampEscalated {
        /// The episode it is about.
        episode: Uuid,
        /// 1 for the first time.
        times: u32,
        /// Seconds since the alarm.
        unanswered_s: f64,
    },
    /// Somebody took note.
    CrampAcknowledged {
        /// The episode whose alarm was on, else the one that is on; `None` if there was nothing to acknowledge: answer that it is
        /// done, tell no event.
        episode: Option<Uuid>,
    },
    /// Somebody said that it was no cramp.
    CrampDismissed {
        /// The episode to label: the one whose alarm was on, else the latest; `None` if the policy knows of none: the store may.
        episode: Option<Uuid>,
    },
    /// No valid samples although the leg should be watched.
    MonitoringFault {
        /// End of the newest valid samples, or when they began to be wanted.
        since: UtcMicros,
        /// Seconds without.
        silent_s: f64,
        /// Why, in the caller's words.
        why: String,
        /// True if this outage was told before.
        again: bool,
    },
    /// Valid samples arrive again after a fault that was told.
    MonitoringRestored {
        /// Seconds without.
        silent_s: f64,
    },
    /// The sensor is not on the leg in the sleep window.
    NotWorn {
        /// Seconds off.
        off_s: f64,
        /// Guessed from stillness; else the electrodes say so.
        guessed: bool,
    },
    /// The battery will not last until the end of the sleep window.
    BatteryShort {
        /// Level, 0 to 100.
        pct: u8,
        /// Hours it will last; `None` if it is all but empty and its slope is not known yet.
        left_h: Option<f64>,
        /// Hours until the end of the window.
        needed_h: f64,
    },
    /// Something the user asked to be reminded of.
    Reminder {
        /// The user's text.
        text: String,
    },
    /// States of the leg that changed.
    Flags(AlarmFlags),
}

/// States of a leg as the policy sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmFlags {
    /// False after a disarm.
    pub armed: bool,
    /// Whether alarms are muted; quiet hours are not a mute.
    pub muted: bool,
    /// Whether valid samples arrive (the first of the two levels of stale data).
    pub available: bool,
    /// Whether faults would be told now: armed by hand, or in the sleep window after the first samples or two hours of it; not
    /// disarmed, not out of bed.
    pub watching: bool,
    /// Whether nothing known stands against a watched night: armed, available, worn, battery not short.
    pub ready: bool,
    /// Whether an alarm sounds.
    pub alarm: bool,
}

impl Default for AlarmFlags {
    /// Before anything is known.
    fn default() -> Self {
        Self { armed: true, muted: false, available: true, watching: false, ready: false, alarm: false }
    }
}

impl AlarmAction {
    /// The event type on the wire; `None` for flags and for an acknowledgement of nothing.
    pub const fn event_word(&self) -> Option<&'static str> {
        Some(match self {
            Self::CrampAlarm { .. } => "cramp_alarm",
            Self::CrampEscalated { .. } => "cramp_escalated",
            Self::CrampAcknowledged { episode: Some(_) } => "cramp_acknowledged",
            Self::CrampDismissed { .. } => "cramp_dismissed",
            Self::MonitoringFault { .. } => "monitoring_fault",
            Self::MonitoringRestored { .. } => "monitoring_restored",
            Self::NotWorn { .. } => "not_worn",
            Self::BatteryShort { .. } => "battery_short",
            Self::Reminder { .. } => "reminder",
            Self::CrampAcknowledged { episode: None } | Self::Flags(_) => return None,
        })
    }

    /// The episode it is about.
    pub const fn episode(&self) -> Option<Uuid> {
        match self {
            Self::CrampAlarm { episode, .. } | Self::CrampEscalated { episode, .. } => Some(*episode),
            Self::CrampAcknowledged { episode } | Self::CrampDismissed { episode } => *episode,
            _ => None,
        }
    }

    /// Why, in plain words, for an event's `reasons`.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::CrampAlarm { suspected: true, .. } => vec!["a cramp is suspected".to_owned()],
            Self::CrampAlarm { .. } => vec!["a cramp is on".to_owned()],
            Self::CrampEscalated { unanswered_s, .. } => vec![format!("nobody answered for {}", words(*unanswered_s))],
            Self::MonitoringFault { silent_s, why, again, .. } => {
                vec![format!("{why} {}for {}", if *again { "still, " } else { "" }, words(*silent_s))]
            }
            Self::MonitoringRestored { silent_s } => vec![format!("valid samples again after {}", words(*silent_s))],
            Self::NotWorn { off_s, guessed: true } => {
                vec![format!("neither movement nor muscle for {}: is the sensor on the leg?", words(*off_s))]
            }
            Self::NotWorn { off_s, .. } => vec![format!("the sensor is off the leg for {}", words(*off_s))],
            Self::BatteryShort { pct, left_h: Some(left_h), needed_h } => {
                vec![format!("the battery ({pct} %) lasts about {left_h:.1} h, the night {needed_h:.1} h")]
            }
            Self::BatteryShort { pct, needed_h, .. } => {
                vec![format!("the battery ({pct} %) is all but empty, the night lasts {needed_h:.1} h")]
            }
            Self::Reminder { text } => vec![text.clone()],
            Self::CrampAcknowledged { .. } | Self::CrampDismissed { .. } | Self::Flags(_) => Vec::new(),
        }
    }
}

/// `90 s`, `12 min` or `3.5 h`.
pub(super) fn words(seconds: f64) -> String {
    match seconds.max(0.0) {
        seconds if seconds < 120.0 => format!("{seconds:.0} s"),
        seconds if seconds < 7200.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_plain_words() {
        let fault = |again| AlarmAction::MonitoringFault {
            since: UtcMicros(0),
            silent_s: 61.0,
            why: "no samples from the sensor".to_owned(),
            again,
        };
        assert_eq!(fault(false).reasons(), ["no samples from the sensor for 61 s"]);
        assert_eq!(fault(true).reasons(), ["no samples from the sensor still, for 61 s"]);
        let short = AlarmAction::BatteryShort { pct: 20, left_h: Some(3.04), needed_h: 8.0 };
        assert_eq!(short.reasons(), ["the battery (20 %) lasts about 3.0 h, the night 8.0 h"]);
        let off = |guessed| AlarmAction::NotWorn { off_s: 600.0, guessed }.reasons();
        assert_eq!(off(false), ["the sensor is off the leg for 10 min"]);
        assert_eq!(off(true), ["neither movement nor muscle for 10 min: is the sensor on the leg?"]);
    }

    #[test]
    fn an_acknowledgement_of_nothing_is_no_event() {
        assert_eq!(AlarmAction::CrampAcknowledged { episode: None }.event_word(), None);
        let episode = Some(Uuid::nil());
        assert_eq!(AlarmAction::CrampAcknowledged { episode }.event_word(), Some("cramp_acknowledged"));
    }
}

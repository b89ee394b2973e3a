//! Reminders: once a day each, at their time, never in a heap after the daemon was away.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::window::{instant_of, local_date};
use crate::units::UtcMicros;

/// A reminder that could not be told in time is still told within this many seconds.
const GRACE_S: f64 = 15.0 * 60.0;

/// Something to be reminded of each day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// Local time of day. One that the clock change skips comes at the change.
    pub at: Time,
    /// What is said, 1 to 200 characters.
    pub text: String,
}

/// Of which days reminders were told; keeps one entry a reminder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ToldReminders(Vec<(Reminder, Date)>);

impl ToldReminders {
    /// Reminders that are due at `now` and were not told for their day.
    pub(super) fn due(&mut self, reminders: &[Reminder], now: UtcMicros, zone: &TimeZone) -> Vec<Reminder> {
        if reminders.is_empty() {
            return Vec::new();
        }
        self.0.retain(|(reminder, _)| reminders.contains(reminder));
        let today = local_date(now, zone);
        // One of shortly before midnight may be due on the next day only.
        let days = [today.yesterday().unwrap_or(today), today];
        let due_on = |reminder: &Reminder| {
            days.into_iter()
                .find(|day| (0.0..GRACE_S).contains(&now.seconds_since(instant_of(*day, reminder.at, zone))))
        };
        let mut due = Vec::new();
        for reminder in reminders {
            let Some(day) = due_on(reminder) else { continue };
            match self.0.iter_mut().find(|(told, _)| told == reminder) {
                // A clock that was ahead by days once must not silence the reminder until then.
                Some((_, told)) if *told == day || Some(*told) == day.tomorrow().ok() => continue,
                Some((_, told)) => *told = day,
                None => self.0.push((reminder.clone(), day)),
            }
            due.push(reminder.clone());
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::super::window::tests::{berlin, utc};
    use super::*;
    use jiff::civil::time;

    fn at(hour: i8, minute: i8) -> Reminder {
        Reminder { at: time(hour, minute, 0, 0), text: "Stretch the calves".to_owned() }
    }

    /// Instants at which the reminder is told when time is looked at each minute.
    fn told(reminder: &Reminder, from: &str, minutes: i64) -> Vec<String> {
        let mut state = ToldReminders::default();
        let instants = (0..minutes).map(|minute| utc(from).plus_micros(minute * 60_000_000));
        let due = instants.filter(|now| !state.due(std::slice::from_ref(reminder), *now, &berlin()).is_empty());
        due.map(|now| now.to_rfc3339()[..16].to_owned()).collect()
    }

    #[test]
    fn a_reminder_comes_once_a_day_at_its_time() {
        let days = told(&at(22, 15), "2026-11-20T00:00:00Z", 3 * 1440);
        assert_eq!(days, ["2026-11-20T21:15", "2026-11-21T21:15", "2026-11-22T21:15"]);
    }

    #[test]
    fn after_days_away_only_one_of_the_last_quarter_of_an_hour_comes() {
        assert_eq!(told(&at(22, 15), "2026-11-22T21:29:00Z", 60), ["2026-11-22T21:29"]);
        assert!(told(&at(22, 15), "2026-11-22T21:30:00Z", 60).is_empty());
        assert_eq!(told(&at(23, 55), "2026-11-22T23:05:00Z", 60), ["2026-11-22T23:05"], "after midnight");
    }

    #[test]
    fn clock_changes_neither_swallow_nor_double_one() {
        assert_eq!(told(&at(2, 30), "2026-03-28T12:00:00Z", 1440), ["2026-03-29T01:00"], "02:30 does not exist");
        assert_eq!(told(&at(2, 30), "2026-10-24T12:00:00Z", 1440), ["2026-10-25T00:30"], "02:30 comes twice");
        assert_eq!(told(&at(3, 5), "2026-10-25T00:00:00Z", 600), ["2026-10-25T02:05"]);
    }

    #[test]
    fn what_was_told_survives_being_written_and_read() {
        let mut state = ToldReminders::default();
        let now = utc("2026-11-22T21:15:00Z");
        assert_eq!(state.due(&[at(22, 15)], now, &berlin()).len(), 1);
        let mut again: ToldReminders = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        assert!(again.due(&[at(22, 15)], now.plus_seconds(60.0), &berlin()).is_empty());
        assert_eq!(again.due(&[at(22, 15), at(22, 10)], now.plus_seconds(60.0), &berlin()), [at(22, 10)]);
    }
}

//! The section `[alarm]`: times of day and reminders as people write them.

use jiff::civil::Time;
use toml::Spanned;

use super::check::{Checked, Checker};
use super::raw::{RawAlarm, Value};
use super::validated::AlarmConfig;
use crate::alarm::{DailyWindow, Reminder, Wake};

/// Most that can be reminded of.
const MOST_REMINDERS: usize = 24;
/// Longest text of a reminder, in characters.
const LONGEST_REMINDER: usize = 200;

impl Checker<'_> {
    /// `base_topic` is the daemon's own, below which nobody else speaks.
    pub(super) fn alarm(&self, raw: RawAlarm, base_topic: &str, alarm: &mut AlarmConfig) -> Checked {
        let to = &mut alarm.policy;
        self.choice(raw.wake, &Wake::ALL.map(|wake| (wake.as_str(), wake)), &mut to.wake)?;
        if let Some(latch) = raw.latch {
            to.latch = latch.into_inner();
        }
        self.number(raw.escalate_after_s, 5.0..=3600.0, "seconds", &mut to.escalate_after_s)?;
        self.integer(raw.escalate_times, 0..=100, "times", &mut to.escalate_times)?;
        self.number(raw.stale_after_s, 2.0..=600.0, "seconds", &mut to.stale_after_s)?;
        let least_s = to.stale_after_s;
        to.fault_after_s = to.fault_after_s.max(least_s);
        self.number(raw.fault_after_s, least_s..=7200.0, "seconds", &mut to.fault_after_s)?;
        self.number(raw.fault_again_after_s, 60.0..=86_400.0, "seconds", &mut to.fault_again_after_s)?;
        self.number(raw.not_worn_after_s, 60.0..=14_400.0, "seconds", &mut to.not_worn_after_s)?;
        to.quiet = self.quiet_hours(raw.quiet_from, raw.quiet_until)?;
        to.sleep.from = self.time_of_day(raw.sleep_from)?.unwrap_or(to.sleep.from);
        to.sleep.until = self.time_of_day(raw.sleep_until)?.unwrap_or(to.sleep.until);
        to.reminders = self.reminders(raw.reminders)?;
        alarm.bed_presence_topic = self.listened_topic(raw.bed_presence_topic, base_topic)?;
        Ok(())
    }

    fn quiet_hours(&self, from: Value<String>, until: Value<String>) -> Checked<Option<DailyWindow>> {
        let place = from.as_ref().or(until.as_ref()).map(Spanned::span);
        let (from, until) = (self.time_of_day(from)?, self.time_of_day(until)?);
        let Some(place) = place else { return Ok(None) };
        match (from, until) {
            (Some(from), Some(until)) if from != until => Ok(Some(DailyWindow::new(from, until))),
            (Some(_), Some(_)) => {
                let remedy = "for no alarm at any hour write wake = \"never\"";
                Err(self.fail_at(&place, "quiet hours from and until the same time", "two different times", remedy))
            }
            _ => {
                let remedy = "write both, such as quiet_from = \"22:00\" and quiet_until = \"07:00\"";
                Err(self.fail_at(&place, "one end of the quiet hours", "quiet_from and quiet_until", remedy))
            }
        }
    }

    fn time_of_day(&self, raw: Value<String>) -> Checked<Option<Time>> {
        let Some(raw) = raw else { return Ok(None) };
        clock(raw.get_ref()).map(Some).ok_or_else(|| {
            let found = format!("the time {:?}", raw.get_ref());
            self.fail(
                &raw,
                found,
                "a time of day from \"00:00\" to \"23:59\"",
                "write hours and minutes, such as \"22:30\"",
            )
        })
    }

    fn reminders(&self, raw: Value<Vec<String>>) -> Checked<Vec<Reminder>> {
        let Some(raw) = raw else { return Ok(Vec::new()) };
        let remedy = "write each as a time and a text, such as \"21:30 Put the sensor on\"";
        if raw.get_ref().len() > MOST_REMINDERS {
            let found = format!("{} reminders", raw.get_ref().len());
            return Err(self.fail(&raw, found, format!("at most {MOST_REMINDERS}"), "keep those that matter"));
        }
        let one = |line: &String| {
            let (time, text) = line.trim().split_once(' ')?;
            let (at, text) = (clock(time)?, text.trim());
            (1..=LONGEST_REMINDER).contains(&text.chars().count()).then(|| Reminder { at, text: text.to_owned() })
        };
        raw.get_ref()
            .iter()
            .map(|line| {
                one(line).ok_or_else(|| {
                    let expected = format!("a time of day and a text of 1 to {LONGEST_REMINDER} characters");
                    self.fail(&raw, format!("the reminder {line:?}"), expected, remedy)
                })
            })
            .collect()
    }

    /// A full topic of somebody else's that the daemon listens to.
    fn listened_topic(&self, raw: Value<String>, base_topic: &str) -> Checked<Option<String>> {
        let Some(raw) = raw else { return Ok(None) };
        if raw.get_ref().strip_prefix(base_topic).is_some_and(|rest| rest.starts_with('/')) {
            let (found, expected) =
                (format!("the topic {:?}", raw.get_ref()), "a topic that is not below mqtt.base_topic");
            return Err(self.fail(&raw, found, expected, "name the topic on which the bed sensor itself speaks"));
        }
        // The topic in the slot is only an example for the message.
        let mut topic = "homeassistant/binary_sensor/bed/state".to_owned();
        self.first_topic(Some(raw), &mut topic)?;
        Ok(Some(topic))
    }
}

/// Hours and minutes; jiff would also take seconds, fractions and other forms that nobody sets an alarm by.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        (lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    Time::new(digits(hour, 1..=2)?, digits(minute, 2..=2)?, 0, 0).ok()
}

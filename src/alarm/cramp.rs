//! The alarm of a cramp: when it sounds, pauses, escalates and stops. What is a cramp is decided elsewhere.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::action::AlarmAction;
use super::settings::{AlarmSettings, Wake};
use crate::units::UtcMicros;

/// The episode that is on and the alarm that is on; the alarm may outlive the episode if it latches.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct CrampAlarm {
    open: Option<Open>,
    latest: Option<Uuid>,
    alarm: Option<Sounding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Open {
    episode: Uuid,
    started: bool,
    answered: bool,
}

/// An alarm that was told and that nobody has answered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Sounding {
    episode: Uuid,
    since: UtcMicros,
    last_told: UtcMicros,
    escalations: u32,
    /// Whether a cramp and not only a suspicion is behind it.
    cramp: bool,
    /// Whether a mute or quiet hours keep it silent for now.
    held: bool,
}

impl CrampAlarm {
    pub(super) fn suspected(&mut self, episode: Uuid) {
        self.open(episode);
    }

    pub(super) fn started(&mut self, episode: Uuid) {
        self.open(episode).started = true;
        if let Some(alarm) = self.alarm.as_mut().filter(|alarm| alarm.episode == episode) {
            alarm.cramp = true;
        }
    }

    /// The episode is over, as a cramp or as a suspicion that came to nothing.
    pub(super) fn ended(&mut self) {
        self.open = None;
    }

    /// Somebody answered: the alarm stops, and the episode that is on stays silent. Gives the episode that was meant: the cramp
    /// that is on, else the one whose alarm was on, else the suspicion.
    pub(super) fn answer(&mut self) -> Option<Uuid> {
        let alarm = self.alarm.take().map(|alarm| alarm.episode);
        // Who answers the latched alarm of an earlier cramp has not answered for a suspicion that nobody has heard of.
        let meant = |open: &&mut Open| open.started || alarm.is_none_or(|episode| episode == open.episode);
        let open = self.open.as_mut().filter(meant).map(|open| {
            open.answered = true;
            open.episode
        });
        open.or(alarm)
    }

    /// The episode that is on, else the one before.
    pub(super) fn latest(&self) -> Option<Uuid> {
        self.latest
    }

    pub(super) fn is_sounding(&self) -> bool {
        self.alarm.is_some_and(|alarm| !alarm.held)
    }

    /// Sounds, pauses and escalates as `settings` want it; `allowed` is false while disarmed, `held` is true while muted or in
    /// quiet hours.
    pub(super) fn settle(
        &mut self,
        allowed: bool,
        held: bool,
        settings: &AlarmSettings,
        now: UtcMicros,
    ) -> Option<AlarmAction> {
        if !allowed || settings.wake == Wake::Never {
            self.alarm = None;
            return None;
        }
        let on = self.open.map(|open| open.episode);
        self.alarm.take_if(|alarm| {
            // An early alarm may come from settings that were changed since.
            let wanted = alarm.cramp || settings.wake == Wake::Early;
            let over = on != Some(alarm.episode);
            !wanted || (over && !(settings.latch && alarm.cramp))
        });
        if held {
            self.alarm.iter_mut().for_each(|alarm| alarm.held = true);
            return None;
        }
        let wanted = self.open.filter(|open| !open.answered && (open.started || settings.wake == Wake::Early));
        if let Some(open) = wanted.filter(|open| self.alarm.is_none_or(|alarm| alarm.episode != open.episode)) {
            // An earlier alarm that latched lives on in the new one.
            let cramp = open.started || self.alarm.is_some_and(|alarm| alarm.cramp);
            return Some(self.sound(open.episode, !open.started, cramp, now));
        }
        let alarm = self.alarm.as_mut()?;
        if alarm.held {
            let (episode, cramp) = (alarm.episode, alarm.cramp);
            return Some(self.sound(episode, !cramp, cramp, now));
        }
        let due = now.seconds_since(alarm.last_told) >= settings.escalate_after_s;
        if !due || alarm.escalations >= settings.escalate_times {
            return None;
        }
        alarm.escalations += 1;
        alarm.last_told = now;
        Some(AlarmAction::CrampEscalated {
            episode: alarm.episode,
            times: alarm.escalations,
            unanswered_s: now.seconds_since(alarm.since),
        })
    }

    /// Moves every instant, because the clock was set back.
    pub(super) fn shift(&mut self, micros: i64) {
        if let Some(alarm) = &mut self.alarm {
            alarm.since = alarm.since.plus_micros(micros);
            alarm.last_told = alarm.last_told.plus_micros(micros);
        }
    }

    fn sound(&mut self, episode: Uuid, suspected: bool, cramp: bool, now: UtcMicros) -> AlarmAction {
        self.alarm = Some(Sounding { episode, since: now, last_told: now, escalations: 0, cramp, held: false });
        AlarmAction::CrampAlarm { episode, suspected }
    }

    fn open(&mut self, episode: Uuid) -> &mut Open {
        self.latest = Some(episode);
        let same = self.open.filter(|open| open.episode == episode);
        self.open.insert(same.unwrap_or(Open { episode, started: false, answered: false }))
    }
}

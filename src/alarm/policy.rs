//! The alarm policy of one leg: what sounds and what is told, from what happens and from time.

use jiff::tz::TimeZone;

use super::action::{AlarmAction, AlarmFlags};
use super::input::{AlarmInput, LONGEST_MUTE_MIN};
use super::settings::AlarmSettings;
use super::state::AlarmState;
use crate::clock::{night_bounds, night_of};
use crate::units::UtcMicros;

/// Timers are looked at this often at most, whatever the rate of samples.
const EVERY_S: f64 = 0.5;
/// A sensor that has sent nothing since the sleep window began is a fault only so long after it, in seconds.
const EXPECTED_AFTER_S: f64 = 2.0 * 3600.0;
/// What a bed said longer ago than this is not believed: a dead bed sensor must not silence faults for ever.
const BED_KNOWN_FOR_S: f64 = 24.0 * 3600.0;

/// Decides for one leg what sounds and what is told. `cramp_suspected`, `cramp_started` and `cramp_ended` are told elsewhere and
/// never wait for it.
#[derive(Debug, Clone)]
pub struct AlarmPolicy {
    settings: AlarmSettings,
    zone: TimeZone,
    state: AlarmState,
}

impl AlarmPolicy {
    /// A policy that knows nothing yet: armed, not muted. `settings` must lie in the ranges that they name; `zone` is that of
    /// the person's nights.
    pub fn new(settings: AlarmSettings, zone: TimeZone) -> Self {
        let state = AlarmState::new(&settings);
        Self { settings, zone, state }
    }

    /// Goes on at `at` from a state of an earlier run, neither repeating nor forgetting; settings may have changed. The time in
    /// between counts as no silence of the sensor. An episode that is over by now must be ended with
    /// [`AlarmInput::CrampEnded`] or [`AlarmInput::SuspicionDropped`].
    pub fn restored(settings: AlarmSettings, zone: TimeZone, state: AlarmState, at: UtcMicros) -> Self {
        let mut policy = Self { settings, zone, state };
        policy.state.outage.set(&policy.settings);
        policy.state.away_until(at);
        policy
    }

    /// What must survive a restart; keep it after each step that gave an action, and now and then.
    pub fn state(&self) -> &AlarmState {
        &self.state
    }

    /// Takes `input` of instant `at`; gives what is to be told, in order.
    pub fn step(&mut self, input: AlarmInput, at: UtcMicros) -> Vec<AlarmAction> {
        let now = self.state.not_before(at);
        let mut actions = Vec::new();
        let quick = input == AlarmInput::ValidSamples && self.state.outage.is_fresh();
        self.expire(now);
        actions.extend(self.apply(input, at, now));
        self.settle(now, quick, &mut actions);
        actions
    }

    /// Time has come to `at`; to be called every second or so, samples or not. Instants of inputs may lag behind it, as samples do;
    /// if this one goes back, the clock was set back, and what is under way keeps its rest.
    pub fn time(&mut self, at: UtcMicros) -> Vec<AlarmAction> {
        let now = self.state.time_at(at);
        let mut actions = Vec::new();
        self.expire(now);
        self.settle(now, true, &mut actions);
        actions
    }

    /// States as they were last told; to be said once at the start, changes come as [`AlarmAction::Flags`].
    pub fn flags(&self) -> AlarmFlags {
        self.state.said
    }

    /// Whether a fault was told that is not over.
    pub fn has_fault(&self) -> bool {
        self.state.outage.is_told()
    }

    /// Whether the sensor is on the leg, as far as can be told; `None` if that is not known.
    pub fn is_worn(&self) -> Option<bool> {
        let wear = &self.state.wear;
        (wear.is_on() || wear.seems_off()).then(|| !wear.seems_off())
    }

    /// Hours that the battery will last; `None` as long as its slope is not known.
    pub fn battery_left_h(&self) -> Option<f64> {
        self.state.battery.left_h()
    }

    /// Percent an hour by which the battery falls; `None` as long as that is not known.
    pub fn battery_fall_pct_per_h(&self) -> Option<f64> {
        self.state.battery.fall_pct_per_h()
    }

    /// Until when alarms are muted.
    pub fn muted_until(&self) -> Option<UtcMicros> {
        self.state.muted_until
    }

    /// Until when the leg is disarmed.
    pub fn disarmed_until(&self) -> Option<UtcMicros> {
        self.state.disarmed_until
    }

    fn apply(&mut self, input: AlarmInput, at: UtcMicros, now: UtcMicros) -> Option<AlarmAction> {
        let state = &mut self.state;
        match input {
            AlarmInput::CrampSuspected { episode } => state.cramp.suspected(episode),
            AlarmInput::CrampStarted { episode } => state.cramp.started(episode),
            AlarmInput::SuspicionDropped | AlarmInput::CrampEnded => state.cramp.ended(),
            AlarmInput::Acknowledge => {
                return Some(AlarmAction::CrampAcknowledged { episode: state.cramp.answer() });
            }
            AlarmInput::Dismiss => {
                let episode = state.cramp.answer().or(state.cramp.latest());
                return Some(AlarmAction::CrampDismissed { episode });
            }
            AlarmInput::Mute { minutes: 0 } => state.muted_until = None,
            AlarmInput::Mute { minutes } => {
                state.muted_until = Some(now.plus_seconds(f64::from(minutes.min(LONGEST_MUTE_MIN)) * 60.0));
            }
            AlarmInput::SetArmed(true) => {
                state.disarmed_until = None;
                state.watched_until = Some(self.settings.sleep.next_end(now, &self.zone));
            }
            AlarmInput::SetArmed(false) => {
                state.disarmed_until = Some(night_bounds(night_of(now, &self.zone), &self.zone).1);
                state.watched_until = None;
                state.cramp.answer();
            }
            AlarmInput::ValidSamples => return state.outage.data(at, &self.settings),
            AlarmInput::Trouble { why } => state.outage.trouble(why),
            AlarmInput::LinkCut { why } => state.outage.cut(why, at),
            AlarmInput::Worn(on) => state.wear.worn(on, at),
            AlarmInput::Still(for_s) => state.wear.still(for_s.map(|for_s| at.plus_seconds(-for_s))),
            AlarmInput::Bed(occupied) => state.bed = occupied.map(|occupied| (occupied, now)),
            AlarmInput::Battery { pct } => state.battery.reading(pct, at),
        }
        None
    }

    fn expire(&mut self, now: UtcMicros) {
        self.state.muted_until.take_if(|until| *until <= now);
        self.state.disarmed_until.take_if(|until| *until <= now);
        self.state.watched_until.take_if(|until| *until <= now);
        self.state.bed.take_if(|(_, said)| now.seconds_since(*said) > BED_KNOWN_FOR_S);
    }

    fn settle(&mut self, now: UtcMicros, quick: bool, actions: &mut Vec<AlarmAction>) {
        let recently = |settled: &UtcMicros| (0.0..EVERY_S).contains(&now.seconds_since(*settled));
        if quick && self.state.settled.as_ref().is_some_and(recently) {
            return;
        }
        let (settings, state, zone) = (&self.settings, &mut self.state, &self.zone);
        state.settled = Some(now);
        let (armed, muted) = (state.disarmed_until.is_none(), state.muted_until.is_some());
        let (by_hand, begin) = (state.watched_until.is_some(), settings.sleep.begin_of(now, zone));
        let tonight = armed && (by_hand || begin.is_some());
        // Who has not put the sensor on yet sits in an armchair; after two hours it may have been forgotten.
        let expected =
            begin.is_some_and(|begin| state.outage.heard_since(begin) || now.seconds_since(begin) >= EXPECTED_AFTER_S);
        let out_of_bed = matches!(state.bed, Some((false, _)));
        let watching = tonight && !out_of_bed && (by_hand || expected);
        let since = state.watching_since.unwrap_or(now);
        state.watching_since = watching.then_some(since);
        let night = night_of(now, zone);

        let held = muted || settings.quiet.is_some_and(|quiet| quiet.contains(now, zone));
        actions.extend(state.cramp.settle(armed, held, settings, now));
        // A sensor that was taken off is not broken: that is told as not worn. A guess is not enough to be silent.
        let relied_on_since = state.watching_since.filter(|_| !state.wear.is_off());
        actions.extend(state.outage.time(now, relied_on_since, settings));
        actions.extend(state.wear.time(now, state.watching_since, settings.not_worn_after_s, night));
        let needed_h = tonight.then(|| settings.sleep.next_end(now, zone).seconds_since(now) / 3600.0);
        actions.extend(state.battery.time(needed_h, night));
        if armed {
            let due = state.reminders.due(&settings.reminders, now, zone);
            actions.extend(due.into_iter().map(|reminder| AlarmAction::Reminder { text: reminder.text }));
        }
        let ready = armed && state.outage.is_fresh() && !state.wear.seems_off() && !state.battery.is_short();
        let alarm = state.cramp.is_sounding();
        let available = !state.outage.is_stale();
        let flags = AlarmFlags { armed, muted, available, watching, ready, alarm };
        if std::mem::replace(&mut state.said, flags) != flags {
            actions.push(AlarmAction::Flags(flags));
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

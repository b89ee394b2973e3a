//! Between the leg and its alarm policy: what the policy is told, and what becomes of what it wants.

use super::Leg;
use super::episodes::{say_last_episode, tell, tell_of};
use crate::alarm::{AlarmAction, AlarmFlags, AlarmInput, AlarmPolicy};
use crate::daemon::DaemonError;
use crate::detect::{Hop, Stillness};
use crate::mqtt::Outgoing;
use crate::mqtt::payload::EventType;
use crate::signal::Quality;
use crate::store::{EpisodeRow, LabelSource, LabelWord};
use crate::units::UtcMicros;

/// A cramp that ended longer ago is no longer meant by "it was not a cramp".
const MEANT_FOR_S: f64 = 12.0 * 3600.0;
/// Electrodes off the skin for so long: the sensor is off the leg, before its silence is a fault.
const OFF_AFTER_QUARTERS: u32 = 160;
/// Good contact for so long: it is on again.
const ON_AFTER_QUARTERS: u32 = 40;

/// Follows contact, to tell a sensor that was taken off from an electrode that came loose for a moment.
#[derive(Debug, Default)]
pub(super) struct Contact {
    off: u32,
    on: u32,
    worn: Option<bool>,
}

impl Contact {
    /// A quarter second was judged; gives whether the sensor is worn when that changes.
    fn quarter(&mut self, quality: Quality) -> Option<bool> {
        match quality {
            Quality::LeadOff => (self.off, self.on) = (self.off + 1, 0),
            Quality::Good => (self.off, self.on) = (0, self.on + 1),
            // Neither says anything of the skin.
            Quality::Incomplete | Quality::WarmUp | Quality::Clipped | Quality::Flat | Quality::Mains => {}
        }
        let worn = match (self.off, self.on) {
            (OFF_AFTER_QUARTERS.., _) => Some(false),
            (_, ON_AFTER_QUARTERS..) => Some(true),
            _ => self.worn,
        };
        (worn != self.worn).then(|| self.worn = worn).and(worn)
    }
}

impl Leg {
    /// Goes on with what was muted, disarmed and told at the last stop. Only the stream knows when its present is; the time
    /// since the stop is no silence of the sensor.
    pub(super) async fn resume_alarms(&mut self, now: UtcMicros) -> Result<(), DaemonError> {
        if let Some(state) = self.kept_alarms.take() {
            let (settings, zone) = (self.to.config.alarm.policy.clone(), self.to.config.person.time_zone.clone());
            self.policy = AlarmPolicy::restored(settings, zone, state, now);
            self.flags = self.policy.flags();
            if self.episodes.open().is_none() {
                // It may remember a cramp that has been ended since.
                self.alarm(AlarmInput::CrampEnded, now).await?;
            }
        }
        self.switch_recorder().await
    }

    /// Tells the policy something, and does what it wants.
    pub(super) async fn alarm(&mut self, input: AlarmInput, at: UtcMicros) -> Result<(), DaemonError> {
        let actions = self.policy.step(input, at);
        self.perform(actions, at).await
    }

    /// Time has come to `now`.
    pub(super) async fn alarm_time(&mut self, now: UtcMicros) -> Result<(), DaemonError> {
        let occupied = *self.to.bed.borrow();
        if self.bed != occupied {
            self.bed = occupied;
            self.alarm(AlarmInput::Bed(occupied), now).await?;
        }
        let actions = self.policy.time(now);
        self.perform(actions, now).await
    }

    /// What a quarter second says of contact and of missing samples.
    pub(super) async fn alarm_quality(&mut self, quality: Quality, at: UtcMicros) -> Result<(), DaemonError> {
        self.minute.quarter(quality);
        if let Some(worn) = self.contact.quarter(quality) {
            self.alarm(AlarmInput::Worn(worn), at).await?;
        }
        let why = match quality {
            Quality::Good => return self.alarm(AlarmInput::ValidSamples, at).await,
            Quality::LeadOff => "electrodes off the skin",
            Quality::Clipped | Quality::Flat | Quality::Mains => "an electrode is loose",
            Quality::Incomplete | Quality::WarmUp => return Ok(()),
        };
        self.alarm(AlarmInput::Trouble { why: why.to_owned() }, at).await
    }

    /// What half an hour without movement or muscle says of wearing; the muscle of `hop` ends it at once.
    pub(super) async fn follow_stillness(&mut self, hop: &Hop, at: UtcMicros) -> Result<(), DaemonError> {
        self.stillness.hop(hop);
        let still = self.stillness.is_still();
        if std::mem::replace(&mut self.still, still) == still {
            return Ok(());
        }
        self.alarm(AlarmInput::Still(still.then_some(Stillness::WINDOW_S)), at).await
    }

    /// What the policy must not forget, for the next start.
    pub(super) async fn keep_alarms(&self, at: UtcMicros) -> Result<(), DaemonError> {
        let state = serde_json::to_value(self.policy.state())?;
        self.to.noted(self.to.store.save_alarm_state(&self.to.leg, &state, at).await)?;
        Ok(())
    }

    async fn perform(&mut self, actions: Vec<AlarmAction>, at: UtcMicros) -> Result<(), DaemonError> {
        if actions.is_empty() {
            return Ok(());
        }
        for action in actions {
            match &action {
                AlarmAction::Flags(flags) => self.take_flags(*flags).await?,
                AlarmAction::CrampAcknowledged { episode } => self.acknowledged(*episode, at).await?,
                AlarmAction::CrampDismissed { episode } => self.dismissed(*episode, at).await?,
                _ => self.tell_action(&action, at).await?,
            }
        }
        self.keep_alarms(at).await
    }

    async fn tell_action(&self, action: &AlarmAction, at: UtcMicros) -> Result<(), DaemonError> {
        let word = action.event_word();
        let Some(event_type) = EventType::ALL.iter().copied().find(|event| Some(event.as_str()) == word) else {
            return Ok(());
        };
        match self.row(action.episode()).await? {
            Some(row) => tell_of(&self.to, event_type, at, &row, action.reasons()).await,
            None => tell(&self.to, event_type, at, action.reasons()).await,
        }
    }

    async fn take_flags(&mut self, flags: AlarmFlags) -> Result<(), DaemonError> {
        let before = std::mem::replace(&mut self.flags, flags);
        if before.available != flags.available {
            self.say_availability(flags.available).await;
        }
        if before.armed != flags.armed {
            self.switch_recorder().await?;
            self.to.say(Outgoing::Armed { leg: self.to.leg.clone(), armed: flags.armed }).await;
        }
        if before.muted != flags.muted || before.armed != flags.armed {
            self.say_live(true).await;
        }
        Ok(())
    }

    async fn acknowledged(&mut self, episode: Option<uuid::Uuid>, at: UtcMicros) -> Result<(), DaemonError> {
        let Some(mut row) = self.row_or_meant(episode, at).await? else { return Ok(()) };
        self.to.noted(self.to.store.acknowledge_episode(row.id).await)?;
        self.episodes.note(row.id, |open| open.acknowledged = true);
        row.acknowledged = true;
        tell_of(&self.to, EventType::CrampAcknowledged, at, &row, Vec::new()).await?;
        say_last_episode(&self.to, &row).await;
        Ok(())
    }

    async fn dismissed(&mut self, episode: Option<uuid::Uuid>, at: UtcMicros) -> Result<(), DaemonError> {
        let Some(mut row) = self.row_or_meant(episode, at).await? else { return Ok(()) };
        self.to.noted(self.to.store.label_episode(row.id, LabelWord::Not, LabelSource::User, at).await)?;
        row.label = Some(LabelWord::Not.as_str().to_owned());
        self.episodes.note(row.id, |open| open.label.clone_from(&row.label));
        tell_of(&self.to, EventType::CrampDismissed, at, &row, Vec::new()).await?;
        say_last_episode(&self.to, &row).await;
        Ok(())
    }

    async fn row_or_meant(
        &self,
        episode: Option<uuid::Uuid>,
        at: UtcMicros,
    ) -> Result<Option<EpisodeRow>, DaemonError> {
        match self.row(episode).await? {
            Some(row) => Ok(Some(row)),
            None => self.meant(at).await,
        }
    }

    async fn row(&self, episode: Option<uuid::Uuid>) -> Result<Option<EpisodeRow>, DaemonError> {
        let Some(id) = episode else { return Ok(None) };
        if let Some(open) = self.episodes.open().filter(|open| open.id == id) {
            return Ok(Some(open.clone()));
        }
        Ok(self.to.store.episode(id).await?)
    }

    /// The episode that a person means who has just been alarmed: the open one, else the newest of this night.
    pub(super) async fn meant(&self, at: UtcMicros) -> Result<Option<EpisodeRow>, DaemonError> {
        if let Some(open) = self.episodes.open() {
            return Ok(Some(open.clone()));
        }
        let newest = self.to.store.newest_alarm(&self.to.leg).await?;
        Ok(newest.filter(|episode| episode.end_at.is_some_and(|end| at.seconds_since(end) <= MEANT_FOR_S)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(contact: &mut Contact, quality: Quality, quarters: u32) -> Option<bool> {
        (0..quarters).filter_map(|_| contact.quarter(quality)).last()
    }

    #[test]
    fn most_of_a_minute_without_skin_is_off_the_leg_and_a_loose_moment_is_not() {
        let mut contact = Contact::default();
        assert_eq!(after(&mut contact, Quality::Good, 60), Some(true));
        assert_eq!(after(&mut contact, Quality::LeadOff, 120), None);
        assert_eq!(after(&mut contact, Quality::Good, 1), None);
        assert_eq!(after(&mut contact, Quality::LeadOff, 240), Some(false));
        assert_eq!(after(&mut contact, Quality::Good, 39), None);
        assert_eq!(after(&mut contact, Quality::Good, 1), Some(true));
    }
}

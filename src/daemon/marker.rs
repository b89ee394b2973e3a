//! Presses of the sensor's button, "cramp now": told once, and kept as labels.

use uuid::Uuid;

use super::DaemonError;
use super::backbone::Backbone;
use super::episodes::{Episodes, tell};
use crate::clock::night_of;
use crate::mqtt::payload::EventType;
use crate::store::{LabelRow, LabelSource, LabelWord, MISSED_LENGTH_S, SAME_MARK_WITHIN_S};
use crate::units::UtcMicros;

/// Who wakes from a cramp first gets rid of it: a press so long after the end of an episode still means that one.
const PRESS_AFTER_S: f64 = 60.0;
/// No episode is longer than this, in seconds.
const LONGEST_EPISODE_S: f64 = 6.0 * 3600.0;

/// The presses of a leg.
#[derive(Debug, Default)]
pub(super) struct Presses {
    last: Option<UtcMicros>,
}

impl Presses {
    /// The button was pressed at `at`. A press on an open episode, or on one that has just ended, says that it was a
    /// cramp; any other marks a cramp that was missed. Presses within a minute of one are the same.
    pub(super) async fn take(
        &mut self,
        to: &Backbone,
        episodes: &mut Episodes,
        at: UtcMicros,
    ) -> Result<(), DaemonError> {
        if self.last.is_some_and(|last| at.seconds_since(last).abs() < SAME_MARK_WITHIN_S) {
            return Ok(());
        }
        self.last = Some(at);
        tell(to, EventType::CrampReported, at, vec!["marked on the sensor".to_owned()]).await?;
        if episodes.marked(to, at).await? {
            return Ok(());
        }
        let before = to.store.episodes_between(&to.leg, at.plus_seconds(-LONGEST_EPISODE_S), at).await?;
        let just_ended = before.iter().rev().find(|episode| {
            episode.alarm_at.is_some() && episode.end_at.is_some_and(|end| at.seconds_since(end) <= PRESS_AFTER_S)
        });
        if let Some(episode) = just_ended {
            to.store.label_episode(episode.id, LabelWord::Cramp, LabelSource::Marker, at).await?;
            return Ok(());
        }
        let mark = LabelRow {
            id: Uuid::now_v7(),
            person_id: to.config.person.id.clone(),
            leg: to.leg.clone(),
            night: night_of(at, &to.config.person.time_zone),
            episode_id: None,
            from_at: at,
            to_at: Some(at.plus_seconds(MISSED_LENGTH_S)),
            label: LabelWord::Cramp,
            source: LabelSource::Marker,
            labelled_at: at,
        };
        to.store.mark(&mark).await?;
        Ok(())
    }
}

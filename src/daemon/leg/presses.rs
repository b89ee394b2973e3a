//! "I have a cramp", by the sensor's button or a command: told once, and kept as labels.

use uuid::Uuid;

use super::episodes::{Episodes, tell};
use crate::clock::night_of;
use crate::daemon::DaemonError;
use crate::daemon::backbone::Backbone;
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
    /// "I have a cramp" was said at `at`, `how` in plain words. A press on an open episode, or on one that has just ended, says that it was a
    /// cramp; any other marks a cramp that was missed. Presses within a minute of one are the same.
    pub(super) async fn take(
        &mut self,
        to: &Backbone,
        episodes: &mut Episodes,
        at: UtcMicros,
        how: &str,
    ) -> Result<(), DaemonError> {
        if self.last.is_some_and(|last| at.seconds_since(last).abs() < SAME_MARK_WITHIN_S) {
            return Ok(());
        }
        self.last = Some(at);
        tell(to, EventType::CrampReported, at, vec![how.to_owned()]).await?;
        if episodes.marked(to, at).await? {
            return Ok(());
        }
        let before = to.store.episodes_between(&to.leg, at.plus_seconds(-LONGEST_EPISODE_S), at).await?;
        let just_ended = before.iter().rev().find(|episode| {
            episode.alarm_at.is_some() && episode.end_at.is_some_and(|end| at.seconds_since(end) <= PRESS_AFTER_S)
        });
        if let Some(episode) = just_ended {
            to.noted(to.store.label_episode(episode.id, LabelWord::Cramp, LabelSource::Marker, at).await)?;
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
        to.noted(to.store.mark(&mark).await)?;
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use tokio::sync::{Mutex, Notify, mpsc, watch};

    use super::*;
    use crate::config::Config;
    use crate::daemon::unwritten::Unwritten;
    use crate::daemon::{LegView, TimeOfEvents};
    use crate::detect::Model;
    use crate::mqtt::payload::{EventSource, MonitorState};
    use crate::store::{Side, Store};

    const T0: UtcMicros = UtcMicros(1_763_777_643_000_000);

    fn at(seconds: f64) -> UtcMicros {
        T0.plus_seconds(seconds)
    }

    /// A leg in an empty store. The folder must outlive it.
    pub(in crate::daemon) async fn leg() -> (tempfile::TempDir, Backbone) {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.storage.data_dir = folder.path().to_owned();
        let store = Store::open(folder.path()).await.unwrap();
        let leg = store.ensure_leg("me", Side::Left).await.unwrap();
        let view = LegView {
            now: T0,
            state: MonitorState::Waiting,
            ratio: 0.0,
            cramps: 0,
            watched_s: 0.0,
            monitored_s: 0.0,
            nights_over: 0,
            link: None,
        };
        let backbone = Backbone {
            config,
            store,
            model: Arc::new(Model::built_in().unwrap()),
            config_rev: 1,
            leg,
            source: EventSource::Simulated,
            time_of_events: TimeOfEvents::Commit,
            states: mpsc::channel(8).0,
            outbox_changed: Arc::new(Notify::new()),
            states_dropped: AtomicU64::new(0),
            view: watch::channel(view).0,
            beats: AtomicU64::new(0),
            unwritten: Unwritten::default(),
            raw_changed: Notify::new(),
            diary_changed: Notify::new(),
            leg_requests: mpsc::channel(1).0,
            waiting_requests: Arc::new(Mutex::new(mpsc::channel(1).1)),
            sensor_id: None,
            id_key: Vec::new(),
            broker_up: watch::channel(true).1,
            bed: watch::channel(None).0,
        };
        (folder, backbone)
    }

    async fn labels(to: &Backbone) -> Vec<LabelRow> {
        to.store.labels_between("me_left", at(-9e4), at(9e4)).await.unwrap()
    }

    #[tokio::test]
    async fn a_press_without_an_episode_is_a_missed_cramp_and_a_second_one_within_a_minute_the_same() {
        let (_folder, to) = leg().await;
        let (mut presses, mut episodes) = (Presses::default(), Episodes::default());
        for seconds in [0.0, 20.0, 59.0, 300.0] {
            presses.take(&to, &mut episodes, at(seconds), "marked").await.unwrap();
        }
        let labels = labels(&to).await;
        let times: Vec<_> = labels.iter().map(|label| (label.from_at, label.to_at)).collect();
        assert_eq!(times, [(at(0.0), Some(at(60.0))), (at(300.0), Some(at(360.0)))]);
        assert!(labels.iter().all(|label| label.source == LabelSource::Marker && label.episode_id.is_none()));
        assert_eq!(to.store.outbox_len().await.unwrap(), 2, "each is told once");
    }

    #[tokio::test]
    async fn a_press_on_an_open_episode_labels_it_and_goes_with_its_end() {
        let (_folder, to) = leg().await;
        let (mut presses, mut episodes) = (Presses::default(), Episodes::default());
        episodes.suspected(&to, at(0.0), at(3.0), 0.9).await.unwrap();
        let id = episodes.open().unwrap().id;
        presses.take(&to, &mut episodes, at(5.0), "marked").await.unwrap();
        episodes.ended(&to, at(40.0), at(50.0), "quiet", None).await.unwrap();
        let stored = to.store.episode(id).await.unwrap().unwrap();
        assert_eq!((stored.label.as_deref(), stored.end_at), (Some("cramp"), Some(at(40.0))));
        let labels = labels(&to).await;
        assert_eq!((labels.len(), labels[0].episode_id, labels[0].source), (1, Some(id), LabelSource::Marker));
    }

    #[tokio::test]
    async fn a_press_after_an_alarm_means_it_but_never_replaces_the_word_of_a_person() {
        let (_folder, to) = leg().await;
        let (mut presses, mut episodes) = (Presses::default(), Episodes::default());
        episodes.suspected(&to, at(0.0), at(3.0), 0.9).await.unwrap();
        let mut row = episodes.open().unwrap().clone();
        row.alarm_at = Some(at(6.0));
        episodes.resume(row.clone());
        episodes.ended(&to, at(40.0), at(50.0), "quiet", None).await.unwrap();
        presses.take(&to, &mut episodes, at(95.0), "marked").await.unwrap();
        assert_eq!(labels(&to).await[0].episode_id, Some(row.id));
        to.store.label_episode(row.id, LabelWord::Not, LabelSource::User, at(96.0)).await.unwrap();
        Presses::default().take(&to, &mut episodes, at(99.0), "marked").await.unwrap();
        let labels = labels(&to).await;
        assert_eq!((labels.len(), labels[0].label, labels[0].source), (1, LabelWord::Not, LabelSource::User));
    }
}

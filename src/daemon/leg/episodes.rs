//! Detector outputs as rows and events: an episode is committed before anyone is told.

use uuid::Uuid;

use crate::clock::night_of;
use crate::daemon::DaemonError;
use crate::daemon::backbone::Backbone;
use crate::detect::{Severity, Summary};
use crate::mqtt::Outgoing;
use crate::mqtt::payload::{self, Event, EventType, LastEpisodePayload, WireTime};
use crate::store::{EpisodeRow, LabelSource, LabelWord, NewEvent};
use crate::units::UtcMicros;

/// The episode of a leg that is open, suspected or started.
#[derive(Debug, Default)]
pub(super) struct Episodes {
    open: Option<EpisodeRow>,
    last_touch: Option<UtcMicros>,
}

/// While an episode is open, how far its data have come is kept this often, in seconds.
const TOUCH_EVERY_S: f64 = 1.0;

impl Episodes {
    /// The open episode.
    pub(super) fn open(&self) -> Option<&EpisodeRow> {
        self.open.as_ref()
    }

    /// Goes on with an episode of the store.
    pub(super) fn resume(&mut self, row: EpisodeRow) {
        self.open = Some(row);
    }

    /// Notes on the open episode what a person said of it, if it is this one.
    pub(super) fn note(&mut self, id: Uuid, change: impl FnOnce(&mut EpisodeRow)) {
        if let Some(row) = self.open.as_mut().filter(|row| row.id == id) {
            change(row);
        }
    }

    pub(super) async fn suspected(
        &mut self,
        to: &Backbone,
        onset_at: UtcMicros,
        at: UtcMicros,
        probability: f64,
    ) -> Result<Uuid, DaemonError> {
        let row = EpisodeRow {
            id: Uuid::now_v7(),
            person_id: to.config.person.id.clone(),
            leg: to.leg.clone(),
            night: night_of(onset_at, &to.config.person.time_zone),
            onset_at,
            suspected_at: at,
            alarm_at: None,
            end_at: None,
            last_data_at: at,
            severity: None,
            probability,
            peak_emg_rms_uv: 0.0,
            acc_rms_mg: None,
            reasons: Vec::new(),
            end_reason: None,
            model_id: to.model.id.clone(),
            model_sha256: to.model.sha256.clone(),
            config_rev: to.config_rev,
            source: to.source.as_str().to_owned(),
            label: None,
            acknowledged: false,
        };
        commit(to, &row, EventType::CrampSuspected, at).await?;
        Ok(self.open.insert(row).id)
    }

    pub(super) async fn dropped(&mut self, to: &Backbone, at: UtcMicros) -> Result<(), DaemonError> {
        if let Some(mut row) = self.open.take() {
            row.end_at = Some(at);
            row.last_data_at = at;
            row.end_reason = Some("dropped".to_owned());
            to.commit_episode(&row, &[]).await?;
        }
        Ok(())
    }

    pub(super) async fn started(
        &mut self,
        to: &Backbone,
        onset_at: UtcMicros,
        at: UtcMicros,
        summary: &Summary,
    ) -> Result<Option<Uuid>, DaemonError> {
        let Some(row) = &mut self.open else { return Ok(None) };
        row.onset_at = onset_at;
        row.alarm_at = Some(at);
        row.last_data_at = at;
        take_summary(row, summary);
        commit(to, row, EventType::CrampStarted, at).await?;
        Ok(Some(row.id))
    }

    /// Ends the open episode; gives its length in seconds.
    pub(super) async fn ended(
        &mut self,
        to: &Backbone,
        end_at: UtcMicros,
        at: UtcMicros,
        reason: &str,
        summary: Option<&Summary>,
    ) -> Result<Option<f64>, DaemonError> {
        let Some(mut row) = self.open.take() else { return Ok(None) };
        row.end_at = Some(end_at.max(row.onset_at));
        row.last_data_at = row.last_data_at.max(end_at);
        row.end_reason = Some(reason.to_owned());
        // A resumed episode keeps what was known of it: its new summary has seen only the end.
        if let Some(summary) = summary.filter(|summary| !summary.reasons.is_empty()) {
            take_summary(&mut row, summary);
        }
        commit(to, &row, EventType::CrampEnded, at).await?;
        say_last_episode(to, &row).await;
        let duration_s = end_at.seconds_since(row.onset_at).max(0.0);
        Ok(Some(duration_s))
    }

    /// The wearer marked a cramp: the open episode is one, unless a person has said something else. `false` without one.
    pub(super) async fn marked(&mut self, to: &Backbone, at: UtcMicros) -> Result<bool, DaemonError> {
        let Some(row) = &mut self.open else { return Ok(false) };
        let labelled = to.store.label_episode(row.id, LabelWord::Cramp, LabelSource::Marker, at).await;
        if to.noted(labelled)? == Some(true) {
            row.label = Some(LabelWord::Cramp.as_str().to_owned());
        }
        Ok(true)
    }

    /// Keeps how far the data of the open episode have come, at most once a second.
    pub(super) async fn touch(&mut self, to: &Backbone, at: UtcMicros) -> Result<(), DaemonError> {
        let Some(row) = &mut self.open else { return Ok(()) };
        if self.last_touch.is_none_or(|last| at.seconds_since(last) >= TOUCH_EVERY_S || at < last) {
            self.last_touch = Some(at);
            row.last_data_at = at;
            to.noted(to.store.touch_episode(row.id, at).await)?;
        }
        Ok(())
    }
}

/// The latest episode that is over, as it is known now; an open or suspected one is not told here.
pub(super) async fn say_last_episode(to: &Backbone, row: &EpisodeRow) {
    let (Some(end_at), Some(end_reason)) = (row.end_at, &row.end_reason) else { return };
    let duration_s = end_at.seconds_since(row.onset_at).max(0.0);
    to.say(Outgoing::LastEpisode(LastEpisodePayload {
        episode_id: row.id.to_string(),
        leg: row.leg.clone(),
        onset_at: WireTime(row.onset_at),
        alarm_at: row.alarm_at.map(WireTime),
        end_at: WireTime(end_at),
        duration_s: (duration_s * 10.0).round() / 10.0,
        severity: severity_word(row.severity.as_deref()).unwrap_or(payload::Severity::Mild),
        probability: round2(row.probability),
        end_reason: end_reason.clone(),
        acknowledged: row.acknowledged,
        label: row.label.clone(),
    }))
    .await;
}

fn take_summary(row: &mut EpisodeRow, summary: &Summary) {
    row.severity = Some(summary.severity.as_str().to_owned());
    row.probability = summary.probability;
    row.peak_emg_rms_uv = summary.emg_rms_uv;
    row.acc_rms_mg = Some(summary.acc_rms_mg);
    row.reasons.clone_from(&summary.reasons);
}

/// One transaction: the episode as it is now, and the event that tells of it.
async fn commit(to: &Backbone, row: &EpisodeRow, event_type: EventType, at: UtcMicros) -> Result<(), DaemonError> {
    let event = new_event(to, event_type, at, Some(row), row.reasons.clone())?;
    Ok(to.commit_episode(row, &[event]).await?)
}

/// An event that belongs to no episode.
pub(super) async fn tell(
    to: &Backbone,
    event_type: EventType,
    at: UtcMicros,
    reasons: Vec<String>,
) -> Result<(), DaemonError> {
    Ok(to.add_events(&[new_event(to, event_type, at, None, reasons)?]).await?)
}

/// An event about an episode that changes nothing of it, such as its alarm.
pub(super) async fn tell_of(
    to: &Backbone,
    event_type: EventType,
    at: UtcMicros,
    row: &EpisodeRow,
    reasons: Vec<String>,
) -> Result<(), DaemonError> {
    Ok(to.add_events(&[new_event(to, event_type, at, Some(row), reasons)?]).await?)
}

fn new_event(
    to: &Backbone,
    event_type: EventType,
    at: UtcMicros,
    row: Option<&EpisodeRow>,
    reasons: Vec<String>,
) -> Result<NewEvent, DaemonError> {
    // What a suspicion has not measured yet is not told as zero.
    let measured = row.filter(|row| row.alarm_at.is_some() || row.end_at.is_some());
    let event = Event {
        event_type,
        seq: None,
        episode_id: row.map(|row| row.id.to_string()),
        leg: to.leg.clone(),
        at: WireTime(at),
        onset_at: row.map(|row| WireTime(row.onset_at)),
        alarm_at: row.and_then(|row| row.alarm_at).map(WireTime),
        sent_at: None,
        severity: row.and_then(|row| severity_word(row.severity.as_deref())),
        probability: row.map(|row| round2(row.probability)),
        reasons,
        emg_rms_uv: measured.map(|row| (row.peak_emg_rms_uv * 10.0).round() / 10.0),
        acc_rms_mg: row.and_then(|row| row.acc_rms_mg).map(|mg| (mg * 10.0).round() / 10.0),
        model_id: Some(row.map_or(&to.model.id, |row| &row.model_id).clone()),
        model_sha256: Some(row.map_or(&to.model.sha256, |row| &row.model_sha256).clone()),
        config_rev: to.config_rev,
        source: to.source,
    };
    Ok(NewEvent {
        leg: to.leg.clone(),
        event_type: event_type.as_str().to_owned(),
        payload: serde_json::to_value(&event)?,
        due_at: to.due_at(at),
    })
}

/// The wire's own severity for a word of the store.
fn severity_word(word: Option<&str>) -> Option<payload::Severity> {
    [Severity::Mild, Severity::Moderate, Severity::Severe].into_iter().find(|s| Some(s.as_str()) == word).map(|s| {
        match s {
            Severity::Mild => payload::Severity::Mild,
            Severity::Moderate => payload::Severity::Moderate,
            Severity::Severe => payload::Severity::Severe,
        }
    })
}

fn round2(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

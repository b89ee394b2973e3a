//! Episodes: committed together with the events that announce them.

use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{NewEvent, Store, StoreError, columns};
use crate::units::UtcMicros;

/// One suspected or certain cramp. It is a cramp when [`Self::alarm_at`] is set.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeRow {
    /// UUID v7, kept through upserts and restarts.
    pub id: Uuid,
    /// Whose leg.
    pub person_id: String,
    /// Which leg, such as `me_left`.
    pub leg: String,
    /// The night (noon to noon, local) in which the onset lies.
    pub night: Date,
    /// When the muscle began.
    pub onset_at: UtcMicros,
    /// When `cramp_suspected` was emitted.
    pub suspected_at: UtcMicros,
    /// When `cramp_started` was emitted; none for a suspicion that did not (yet) become a cramp.
    pub alarm_at: Option<UtcMicros>,
    /// When the muscle rested again; none while the episode is open.
    pub end_at: Option<UtcMicros>,
    /// Instant of the newest samples that belong to it.
    pub last_data_at: UtcMicros,
    /// `mild`, `moderate` or `severe`; none for a mere suspicion.
    pub severity: Option<String>,
    /// Highest calibrated probability, 0 to 1.
    pub probability: f64,
    /// Highest EMG RMS of a 1 s window, in µV.
    pub peak_emg_rms_uv: f64,
    /// RMS of the acceleration's change in mg; none without an accelerometer.
    pub acc_rms_mg: Option<f64>,
    /// Top reasons in plain words.
    pub reasons: Vec<String>,
    /// Why it ended, such as `relaxed` or `interrupted`.
    pub end_reason: Option<String>,
    /// The model that decided.
    pub model_id: String,
    /// SHA-256 of the model file, in hex.
    pub model_sha256: String,
    /// Revision of the configuration, from [`Store::config_rev`].
    pub config_rev: i64,
    /// Where the samples came from, such as `simulated` or `replay`.
    pub source: String,
    /// What a person said it was; the detector never overwrites it.
    pub label: Option<String>,
    /// A person has acknowledged it; the detector never takes that back.
    pub acknowledged: bool,
}

impl Store {
    /// Adds or updates an episode and adds the events that announce it, in one durable transaction. Gives the events'
    /// sequence numbers. What identifies the episode (person, leg, night, onset, source) and what a person said about
    /// it stay as they are.
    pub async fn commit_episode(&self, episode: &EpisodeRow, events: &[NewEvent]) -> Result<Vec<i64>, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO episodes (id, person_id, leg, night, onset_at, suspected_at, alarm_at, end_at, last_data_at,
                 severity, probability, peak_emg_rms_uv, acc_rms_mg, reasons, end_reason, model_id, model_sha256,
                 config_rev, source, label, acknowledged)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
             ON CONFLICT (id) DO UPDATE SET alarm_at = excluded.alarm_at, end_at = excluded.end_at,
                 last_data_at = excluded.last_data_at, severity = excluded.severity,
                 probability = excluded.probability, peak_emg_rms_uv = excluded.peak_emg_rms_uv,
                 acc_rms_mg = excluded.acc_rms_mg, reasons = excluded.reasons, end_reason = excluded.end_reason,
                 model_id = excluded.model_id, model_sha256 = excluded.model_sha256,
                 config_rev = excluded.config_rev, label = COALESCE(episodes.label, excluded.label),
                 acknowledged = CASE WHEN episodes.acknowledged = 1 THEN 1 ELSE excluded.acknowledged END",
        )
        .bind(episode.id.to_string())
        .bind(episode.person_id.as_str())
        .bind(episode.leg.as_str())
        .bind(episode.night.to_string())
        .bind(episode.onset_at.0)
        .bind(episode.suspected_at.0)
        .bind(episode.alarm_at.map(|at| at.0))
        .bind(episode.end_at.map(|at| at.0))
        .bind(episode.last_data_at.0)
        .bind(episode.severity.as_deref())
        .bind(episode.probability)
        .bind(episode.peak_emg_rms_uv)
        .bind(episode.acc_rms_mg)
        .bind(serde_json::Value::from(episode.reasons.clone()).to_string())
        .bind(episode.end_reason.as_deref())
        .bind(episode.model_id.as_str())
        .bind(episode.model_sha256.as_str())
        .bind(episode.config_rev)
        .bind(episode.source.as_str())
        .bind(episode.label.as_deref())
        .bind(i64::from(episode.acknowledged))
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        let seqs = self.insert_events(&mut transaction, events).await?;
        self.commit(transaction).await?;
        Ok(seqs)
    }

    /// Notes that an open episode still has data, so that a restart knows whether to resume it. Never moves back.
    pub async fn touch_episode(&self, id: Uuid, last_data_at: UtcMicros) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE episodes SET last_data_at = $2 WHERE id = $1 AND last_data_at < $2");
        self.write(query.bind(id.to_string()).bind(last_data_at.0)).await.map(drop)
    }

    /// One episode.
    pub async fn episode(&self, id: Uuid) -> Result<Option<EpisodeRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM episodes WHERE id = $1").bind(id.to_string());
        self.read_first(query, episode_row).await
    }

    /// Episodes of a leg that have no end, in the order of their onsets.
    pub async fn open_episodes(&self, leg: &str) -> Result<Vec<EpisodeRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM episodes WHERE leg = $1 AND end_at IS NULL ORDER BY onset_at").bind(leg);
        self.read_as(query, episode_row).await
    }

    /// All episodes of a night in the order of their onsets, mere suspicions (no `alarm_at`) included.
    pub async fn episodes_of_night(&self, leg: &str, night: Date) -> Result<Vec<EpisodeRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM episodes WHERE leg = $1 AND night = $2 ORDER BY onset_at, id");
        self.read_as(query.bind(leg).bind(night.to_string()), episode_row).await
    }

    /// Records that a person has acknowledged an episode.
    pub async fn acknowledge_episode(&self, id: Uuid) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE episodes SET acknowledged = 1 WHERE id = $1").bind(id.to_string());
        self.require_episode(id, self.write(query).await?)
    }

    fn require_episode(&self, id: Uuid, touched: u64) -> Result<(), StoreError> {
        if touched > 0 {
            return Ok(());
        }
        Err(StoreError::NotFound { path: self.path().to_owned(), what: "episode", id: id.to_string() })
    }
}

pub(crate) fn episode_row(row: &AnyRow) -> sqlx::Result<EpisodeRow> {
    Ok(EpisodeRow {
        id: columns::uuid(row, "id")?,
        person_id: row.try_get("person_id")?,
        leg: row.try_get("leg")?,
        night: columns::date(row, "night")?,
        onset_at: columns::at(row, "onset_at")?,
        suspected_at: columns::at(row, "suspected_at")?,
        alarm_at: columns::at_or_none(row, "alarm_at")?,
        end_at: columns::at_or_none(row, "end_at")?,
        last_data_at: columns::at(row, "last_data_at")?,
        severity: row.try_get("severity")?,
        probability: row.try_get("probability")?,
        peak_emg_rms_uv: row.try_get("peak_emg_rms_uv")?,
        acc_rms_mg: row.try_get("acc_rms_mg")?,
        reasons: columns::json(row, "reasons")?,
        end_reason: row.try_get("end_reason")?,
        model_id: row.try_get("model_id")?,
        model_sha256: row.try_get("model_sha256")?,
        config_rev: row.try_get("config_rev")?,
        source: row.try_get("source")?,
        label: row.try_get("label")?,
        acknowledged: columns::flag(row, "acknowledged")?,
    })
}

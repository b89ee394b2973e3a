//! Calibrations: what rest and full effort look like on one channel.

use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// Rest and greatest voluntary contraction of one EMG channel.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationRow {
    /// Whose leg.
    pub person_id: String,
    /// Which leg, such as `me_left`.
    pub leg: String,
    /// Label of the channel, such as `EMG MG`.
    pub channel: String,
    /// EMG RMS at rest, in µV.
    pub rest_rms_uv: f64,
    /// EMG RMS at the greatest voluntary contraction, in µV; none if only rest was measured.
    pub mvc_rms_uv: Option<f64>,
    /// When it was measured.
    pub at: UtcMicros,
}

impl Store {
    /// Adds the calibrations of a session, all of them or none; earlier ones stay.
    pub async fn add_calibrations(&self, calibrations: &[CalibrationRow]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for calibration in calibrations {
            sqlx::query(
                "INSERT INTO calibrations (id, person_id, leg, channel, rest_rms_uv, mvc_rms_uv, at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(Uuid::now_v7().to_string())
            .bind(calibration.person_id.as_str())
            .bind(calibration.leg.as_str())
            .bind(calibration.channel.as_str())
            .bind(calibration.rest_rms_uv)
            .bind(calibration.mvc_rms_uv)
            .bind(calibration.at.0)
            .execute(&mut *transaction)
            .await
            .map_err(|source| self.explain(source))?;
        }
        self.commit(transaction).await
    }

    /// All calibrations of a leg, newest first.
    pub async fn all_calibrations(&self, leg: &str) -> Result<Vec<CalibrationRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM calibrations WHERE leg = $1 ORDER BY at DESC, channel, id DESC");
        self.read_as(query.bind(leg), calibration_row).await
    }

    /// The strongest effort of each channel of a leg in µV, by label: of the newest session in which one was seen.
    pub async fn efforts(&self, leg: &str) -> Result<Vec<(String, f64)>, StoreError> {
        let mut efforts: Vec<(String, f64)> = Vec::new();
        for row in self.all_calibrations(leg).await? {
            if let Some(mvc_rms_uv) = row.mvc_rms_uv
                && efforts.iter().all(|(channel, _)| *channel != row.channel)
            {
                efforts.push((row.channel, mvc_rms_uv));
            }
        }
        Ok(efforts)
    }

    /// The newest calibration of each channel of a leg, by channel label.
    pub async fn calibrations(&self, leg: &str) -> Result<Vec<CalibrationRow>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM calibrations AS c
             WHERE leg = $1 AND NOT EXISTS (
                 SELECT 1 FROM calibrations AS newer WHERE newer.leg = c.leg AND newer.channel = c.channel
                     AND (newer.at > c.at OR (newer.at = c.at AND newer.id > c.id)))
             ORDER BY channel",
        );
        self.read_as(query.bind(leg), calibration_row).await
    }
}

fn calibration_row(row: &AnyRow) -> sqlx::Result<CalibrationRow> {
    Ok(CalibrationRow {
        person_id: row.try_get("person_id")?,
        leg: row.try_get("leg")?,
        channel: row.try_get("channel")?,
        rest_rms_uv: row.try_get("rest_rms_uv")?,
        mvc_rms_uv: row.try_get("mvc_rms_uv")?,
        at: columns::at(row, "at")?,
    })
}

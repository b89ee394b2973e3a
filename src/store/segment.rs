//! Where the raw night lies: EDF+ segments in the data folder.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// One raw file of a night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// The leg, such as `me_left`.
    pub leg: String,
    /// The night in which it begins.
    pub night: Date,
    /// Path of the EDF+ file as it was written; [`SegmentRow::file`] says where it is now.
    pub path: String,
    /// The exact instant of its first sample (the EDF header only has the second).
    pub started_at: UtcMicros,
    /// EMG samples per channel; none while it is being written, or if the daemon was killed.
    pub n_samples: Option<i64>,
    /// When the file was deleted to keep to `[storage]`; none while it is there.
    pub deleted_at: Option<UtcMicros>,
}

impl SegmentRow {
    /// Where the file is now: the data folder may have moved since it was written; its name stays.
    pub fn file(&self, data_dir: &Path) -> PathBuf {
        let path = Path::new(&self.path);
        let here = path.file_name().map(|name| data_dir.join("nights").join(name)).filter(|here| here.exists());
        here.unwrap_or_else(|| data_dir.join(path))
    }
}

impl Store {
    /// Notes a segment; one that is known is replaced.
    pub async fn add_segment(&self, segment: &SegmentRow) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO segments (path, person_id, leg, night, started_at, n_samples)
             VALUES ($1, (SELECT person_id FROM legs WHERE leg = $2), $2, $3, $4, $5)
             ON CONFLICT (path) DO UPDATE SET night = excluded.night, started_at = excluded.started_at,
                 n_samples = excluded.n_samples, deleted_at = NULL",
        )
        .bind(segment.path.as_str())
        .bind(segment.leg.as_str())
        .bind(segment.night.to_string())
        .bind(segment.started_at.0)
        .bind(segment.n_samples);
        self.write(query).await.map(drop)
    }

    /// Notes that a segment is complete with `n_samples` EMG samples per channel.
    pub async fn finish_segment(&self, path: &str, n_samples: i64) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE segments SET n_samples = $2 WHERE path = $1").bind(path).bind(n_samples);
        if self.write(query).await? > 0 {
            return Ok(());
        }
        Err(StoreError::NotFound { path: self.path().to_owned(), what: "segment", id: path.to_owned() })
    }

    /// The segments of a night in the order of time.
    pub async fn segments_of_night(&self, leg: &str, night: Date) -> Result<Vec<SegmentRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM segments WHERE leg = $1 AND night = $2 ORDER BY started_at");
        self.read_as(query.bind(leg).bind(night.to_string()), segment_row).await
    }

    /// All segments of all legs, those included whose files were deleted, in the order of time.
    pub async fn segments(&self) -> Result<Vec<SegmentRow>, StoreError> {
        self.read_as(sqlx::query("SELECT * FROM segments ORDER BY started_at, path"), segment_row).await
    }

    /// Notes that the files of a night were deleted at `at`.
    pub async fn note_night_deleted(&self, leg: &str, night: Date, at: UtcMicros) -> Result<(), StoreError> {
        let query =
            sqlx::query("UPDATE segments SET deleted_at = $3 WHERE leg = $1 AND night = $2 AND deleted_at IS NULL");
        self.write(query.bind(leg).bind(night.to_string()).bind(at.0)).await.map(drop)
    }

    /// Leg and date of every night of which somebody, or the sensor's button, said something.
    pub async fn labelled_nights(&self) -> Result<Vec<(String, Date)>, StoreError> {
        let query = sqlx::query("SELECT DISTINCT leg, night FROM labels ORDER BY leg, night");
        self.read_as(query, |row| Ok((row.try_get("leg")?, columns::date(row, "night")?))).await
    }

    /// Segments of a leg that were begun and not finished: after a start, those that a kill cut off.
    pub async fn unfinished_segments(&self, leg: &str) -> Result<Vec<SegmentRow>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM segments WHERE leg = $1 AND n_samples IS NULL AND deleted_at IS NULL ORDER BY started_at",
        );
        self.read_as(query.bind(leg), segment_row).await
    }
}

fn segment_row(row: &AnyRow) -> sqlx::Result<SegmentRow> {
    Ok(SegmentRow {
        leg: row.try_get("leg")?,
        night: columns::date(row, "night")?,
        path: row.try_get("path")?,
        started_at: columns::at(row, "started_at")?,
        n_samples: row.try_get("n_samples")?,
        deleted_at: columns::at_or_none(row, "deleted_at")?,
    })
}

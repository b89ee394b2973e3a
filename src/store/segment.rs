//! Where the raw night lies: EDF+ segments in the data folder.

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
    /// Path of the EDF+ file, relative to the data folder.
    pub path: String,
    /// The exact instant of its first sample (the EDF header only has the second).
    pub started_at: UtcMicros,
    /// EMG samples per channel; none while it is being written, or if the daemon was killed.
    pub n_samples: Option<i64>,
}

impl Store {
    /// Notes a segment; one that is known is replaced.
    pub async fn add_segment(&self, segment: &SegmentRow) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO segments (path, person_id, leg, night, started_at, n_samples)
             VALUES ($1, (SELECT person_id FROM legs WHERE leg = $2), $2, $3, $4, $5)
             ON CONFLICT (path) DO UPDATE SET started_at = excluded.started_at, n_samples = excluded.n_samples",
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

    /// Segments of a leg that were begun and not finished: after a start, those that a kill cut off.
    pub async fn unfinished_segments(&self, leg: &str) -> Result<Vec<SegmentRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM segments WHERE leg = $1 AND n_samples IS NULL ORDER BY started_at");
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
    })
}

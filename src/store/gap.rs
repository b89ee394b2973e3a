//! Gaps: stretches without valid samples. A gap is data.

use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, columns};
use crate::chunk::GapReason;
use crate::units::UtcMicros;

/// A stretch of a night without valid samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRow {
    /// The leg, such as `me_left`.
    pub leg: String,
    /// The night in which it begins.
    pub night: Date,
    /// First instant without valid samples.
    pub from_at: UtcMicros,
    /// First instant with valid samples again, or the newest known one of a gap that goes on.
    pub to_at: UtcMicros,
    /// Why.
    pub reason: GapReason,
}

impl Store {
    /// Adds a gap, or moves the end of the gap of this leg that begins at the same instant.
    pub async fn add_gap(&self, gap: &GapRow) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO gaps (leg, from_at, person_id, night, to_at, reason)
             VALUES ($1, $2, (SELECT person_id FROM legs WHERE leg = $1), $3, $4, $5)
             ON CONFLICT (leg, from_at) DO UPDATE SET to_at = excluded.to_at, reason = excluded.reason",
        )
        .bind(gap.leg.as_str())
        .bind(gap.from_at.0)
        .bind(gap.night.to_string())
        .bind(gap.to_at.0)
        .bind(reason_text(gap.reason));
        self.write(query).await.map(drop)
    }

    /// The gaps of a night in the order of time.
    pub async fn gaps_of_night(&self, leg: &str, night: Date) -> Result<Vec<GapRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM gaps WHERE leg = $1 AND night = $2 ORDER BY from_at");
        self.read_as(query.bind(leg).bind(night.to_string()), gap_row).await
    }
}

const fn reason_text(reason: GapReason) -> &'static str {
    match reason {
        GapReason::NoData => "no_data",
        GapReason::LeadOff => "lead_off",
    }
}

fn gap_row(row: &AnyRow) -> sqlx::Result<GapRow> {
    Ok(GapRow {
        leg: row.try_get("leg")?,
        night: columns::date(row, "night")?,
        from_at: columns::at(row, "from_at")?,
        to_at: columns::at(row, "to_at")?,
        reason: columns::parsed(row, "reason", |text| match text {
            "no_data" => Ok(GapReason::NoData),
            "lead_off" => Ok(GapReason::LeadOff),
            other => Err(format!("unknown gap reason {other:?}")),
        })?,
    })
}

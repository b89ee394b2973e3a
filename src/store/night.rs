//! Nights and their coverage.

use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// One night of one leg: noon to noon local time.
#[derive(Debug, Clone, PartialEq)]
pub struct NightRow {
    /// The leg, such as `me_left`.
    pub leg: String,
    /// The local date on which the night begins.
    pub night: Date,
    /// IANA name of the time zone by which it was cut, such as `Europe/Berlin`.
    pub time_zone: String,
    /// First monitored instant.
    pub started_at: UtcMicros,
    /// Last monitored instant so far.
    pub ended_at: UtcMicros,
    /// First instant with valid samples; the diary pairs with what came before it.
    pub first_worn_at: Option<UtcMicros>,
    /// Time in which the leg was to be watched, in seconds.
    pub monitored_s: f64,
    /// Time with valid samples, in seconds; coverage is `valid_s / monitored_s`.
    pub valid_s: f64,
    /// How many gaps.
    pub gap_count: i64,
    /// How many episodes that reached the alarm.
    pub cramp_count: i64,
    /// The night is over and its numbers are final.
    pub closed: bool,
}

impl Store {
    /// Adds or replaces a night.
    pub async fn save_night(&self, night: &NightRow) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO nights (leg, night, person_id, time_zone, started_at, ended_at, first_worn_at, monitored_s,
                 valid_s, gap_count, cramp_count, closed)
             VALUES ($1, $2, (SELECT person_id FROM legs WHERE leg = $1), $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (leg, night) DO UPDATE SET time_zone = excluded.time_zone, started_at = excluded.started_at,
                 ended_at = excluded.ended_at, first_worn_at = excluded.first_worn_at,
                 monitored_s = excluded.monitored_s, valid_s = excluded.valid_s, gap_count = excluded.gap_count,
                 cramp_count = excluded.cramp_count, closed = excluded.closed",
        )
        .bind(night.leg.as_str())
        .bind(night.night.to_string())
        .bind(night.time_zone.as_str())
        .bind(night.started_at.0)
        .bind(night.ended_at.0)
        .bind(night.first_worn_at.map(|at| at.0))
        .bind(night.monitored_s)
        .bind(night.valid_s)
        .bind(night.gap_count)
        .bind(night.cramp_count)
        .bind(i64::from(night.closed));
        self.write(query).await.map(drop)
    }

    /// One night of a leg.
    pub async fn night(&self, leg: &str, night: Date) -> Result<Option<NightRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM nights WHERE leg = $1 AND night = $2");
        self.read_first(query.bind(leg).bind(night.to_string()), night_row).await
    }

    /// The newest `limit` nights of a leg, newest first.
    pub async fn nights(&self, leg: &str, limit: u32) -> Result<Vec<NightRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM nights WHERE leg = $1 ORDER BY night DESC LIMIT $2");
        self.read_as(query.bind(leg).bind(i64::from(limit)), night_row).await
    }
}

fn night_row(row: &AnyRow) -> sqlx::Result<NightRow> {
    Ok(NightRow {
        leg: row.try_get("leg")?,
        night: columns::date(row, "night")?,
        time_zone: row.try_get("time_zone")?,
        started_at: columns::at(row, "started_at")?,
        ended_at: columns::at(row, "ended_at")?,
        first_worn_at: columns::at_or_none(row, "first_worn_at")?,
        monitored_s: row.try_get("monitored_s")?,
        valid_s: row.try_get("valid_s")?,
        gap_count: row.try_get("gap_count")?,
        cramp_count: row.try_get("cramp_count")?,
        closed: columns::flag(row, "closed")?,
    })
}

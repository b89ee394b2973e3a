//! Events that must reach the broker: written with what they announce, deleted when the broker has acknowledged.

use serde_json::Value;
use sqlx::any::{Any, AnyRow};
use sqlx::{Row, Transaction};

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// An event to deliver.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// The leg that it concerns, such as `me_left`.
    pub leg: String,
    /// Name in the closed set of events, such as `cramp_started`.
    pub event_type: String,
    /// A JSON object without `seq` (added here) and `sent_at` (added at delivery).
    pub payload: Value,
    /// The instant that its age is counted from: what is older than a minute when sent is late.
    pub due_at: UtcMicros,
}

/// An event that the broker has not acknowledged yet.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxRow {
    /// Grows by one with every event of this data folder; never used twice.
    pub seq: i64,
    /// The leg that it concerns.
    pub leg: String,
    /// Name in the closed set of events.
    pub event_type: String,
    /// The JSON object with `seq`.
    pub payload: Value,
    /// The instant that its age is counted from.
    pub due_at: UtcMicros,
}

impl Store {
    /// Adds events in one transaction; gives their sequence numbers in the same order.
    pub async fn add_events(&self, events: &[NewEvent]) -> Result<Vec<i64>, StoreError> {
        let mut transaction = self.begin().await?;
        let seqs = self.insert_events(&mut transaction, events).await?;
        self.commit(transaction).await?;
        Ok(seqs)
    }

    /// The next event to send and whether it is live. Events younger than `live_for_s` go first, so that a backlog
    /// never delays an alarm; both kinds go in the order of `seq`.
    pub async fn outbox_next(&self, now: UtcMicros, live_for_s: f64) -> Result<Option<(OutboxRow, bool)>, StoreError> {
        let live_since = now.plus_seconds(-live_for_s);
        let live = sqlx::query("SELECT * FROM outbox WHERE due_at > $1 ORDER BY seq LIMIT 1").bind(live_since.0);
        if let Some(row) = self.read_first(live, outbox_row).await? {
            return Ok(Some((row, true)));
        }
        let oldest = sqlx::query("SELECT * FROM outbox ORDER BY seq LIMIT 1");
        Ok(self.read_first(oldest, outbox_row).await?.map(|row| {
            // It may have been added since the first query.
            let live = row.due_at > live_since;
            (row, live)
        }))
    }

    /// Forgets an event that the broker has acknowledged.
    pub async fn outbox_delivered(&self, seq: i64) -> Result<(), StoreError> {
        self.write(sqlx::query("DELETE FROM outbox WHERE seq = $1").bind(seq)).await.map(drop)
    }

    /// How many events wait.
    pub async fn outbox_len(&self) -> Result<i64, StoreError> {
        let count = self.read_first(sqlx::query("SELECT COUNT(*) AS n FROM outbox"), |row| row.try_get("n")).await?;
        Ok(count.unwrap_or(0))
    }

    /// Adds events within a transaction, so that they and what they announce are committed together or not at all.
    pub(crate) async fn insert_events(
        &self,
        transaction: &mut Transaction<'static, Any>,
        events: &[NewEvent],
    ) -> Result<Vec<i64>, StoreError> {
        let mut seqs = Vec::with_capacity(events.len());
        for event in events {
            let Value::Object(mut payload) = event.payload.clone() else {
                let found = event.payload.to_string();
                return Err(StoreError::PayloadNotObject { event_type: event.event_type.clone(), found });
            };
            let seq = self.next_number(transaction, "event_seq").await?;
            payload.insert("seq".to_owned(), seq.into());
            sqlx::query(
                "INSERT INTO outbox (seq, person_id, leg, event_type, payload, due_at)
                 VALUES ($1, (SELECT person_id FROM legs WHERE leg = $2), $2, $3, $4, $5)",
            )
            .bind(seq)
            .bind(event.leg.as_str())
            .bind(event.event_type.as_str())
            .bind(Value::Object(payload).to_string())
            .bind(event.due_at.0)
            .execute(&mut **transaction)
            .await
            .map_err(|source| self.explain(source))?;
            seqs.push(seq);
        }
        Ok(seqs)
    }

    /// The next number of a counter, taken in the transaction that uses it.
    pub(crate) async fn next_number(
        &self,
        transaction: &mut Transaction<'static, Any>,
        counter: &'static str,
    ) -> Result<i64, StoreError> {
        let row = sqlx::query("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value")
            .bind(counter)
            .fetch_one(&mut **transaction)
            .await;
        row.and_then(|row| row.try_get("value")).map_err(|source| self.explain(source))
    }
}

fn outbox_row(row: &AnyRow) -> sqlx::Result<OutboxRow> {
    Ok(OutboxRow {
        seq: row.try_get("seq")?,
        leg: row.try_get("leg")?,
        event_type: row.try_get("event_type")?,
        payload: columns::json(row, "payload")?,
        due_at: columns::at(row, "due_at")?,
    })
}

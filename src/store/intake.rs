//! Water, as stored among the diary's entries; the diary gives it its meaning.

use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// One intake as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeRow {
    /// UUID v7.
    pub id: Uuid,
    /// Who took it.
    pub person_id: String,
    /// When it was taken.
    pub at: UtcMicros,
    /// What it was, such as `water`.
    pub kind: String,
    /// The number as it was given.
    pub amount: f64,
    /// The unit as it was given, such as `glass`.
    pub unit: String,
    /// The volume in ml, for drinks.
    pub amount_ml: Option<f64>,
    /// What the person added.
    pub note: Option<String>,
    /// When it was logged.
    pub logged_at: UtcMicros,
}

impl Store {
    /// Adds an intake, and its person if new. The same id again changes nothing, so that a repeated command counts
    /// once; gives whether it was added.
    pub async fn add_intake(&self, intake: &IntakeRow) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, &intake.person_id).await?;
        let added = sqlx::query(
            "INSERT INTO diary_entries (id, person_id, at, kind, name, batch, amount, unit, amount_ml, note, logged_at)
             VALUES ($1, $2, $3, $4, $4, $1, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
        )
        .bind(intake.id.to_string())
        .bind(intake.person_id.as_str())
        .bind(intake.at.0)
        .bind(intake.kind.as_str())
        .bind(intake.amount)
        .bind(intake.unit.as_str())
        .bind(intake.amount_ml)
        .bind(intake.note.as_deref())
        .bind(intake.logged_at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        self.commit(transaction).await?;
        Ok(added.rows_affected() > 0)
    }

    /// Water of a person in `[from, to)`, in the order of time; [`Store::entries_between`] has everything.
    pub async fn intakes_between(
        &self,
        person: &str,
        from: UtcMicros,
        to: UtcMicros,
    ) -> Result<Vec<IntakeRow>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM diary_entries WHERE person_id = $1 AND at >= $2 AND at < $3 AND kind = 'water'
             AND deleted_at IS NULL ORDER BY at, id",
        );
        self.read_as(query.bind(person).bind(from.0).bind(to.0), intake_row).await
    }

    /// Water that a person logged for `[from, to)`, in ml.
    pub async fn water_ml_between(&self, person: &str, from: UtcMicros, to: UtcMicros) -> Result<f64, StoreError> {
        let query = sqlx::query(
            "SELECT SUM(amount_ml) AS water_ml FROM diary_entries
             WHERE person_id = $1 AND kind = 'water' AND at >= $2 AND at < $3 AND deleted_at IS NULL",
        );
        let sum = self
            .read_first(query.bind(person).bind(from.0).bind(to.0), |row| row.try_get::<Option<f64>, _>("water_ml"))
            .await?;
        Ok(sum.flatten().unwrap_or(0.0))
    }
}

fn intake_row(row: &AnyRow) -> sqlx::Result<IntakeRow> {
    Ok(IntakeRow {
        id: columns::uuid(row, "id")?,
        person_id: row.try_get("person_id")?,
        at: columns::at(row, "at")?,
        kind: row.try_get("kind")?,
        amount: row.try_get("amount")?,
        unit: row.try_get("unit")?,
        amount_ml: row.try_get("amount_ml")?,
        note: row.try_get("note")?,
        logged_at: columns::at(row, "logged_at")?,
    })
}

//! Trials on oneself, as drawn, and what the person said of each day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{Store, StoreError, columns};
use crate::advice::trial::Plan;
use crate::units::UtcMicros;

/// One trial.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRow {
    /// UUID v7.
    pub id: Uuid,
    /// As it was drawn; never changed.
    pub plan: Plan,
    /// When.
    pub drawn_at: UtcMicros,
    /// When the person stopped it before its end.
    pub stopped_at: Option<UtcMicros>,
}

impl Store {
    /// Keeps a new trial, and its person if new.
    pub async fn add_trial(&self, person: &str, trial: &TrialRow) -> Result<(), StoreError> {
        let plan = serde_json::to_string(&trial.plan).unwrap_or_default();
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        sqlx::query("INSERT INTO trials (id, person_id, plan, drawn_at, stopped_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(trial.id.to_string())
            .bind(person)
            .bind(plan)
            .bind(trial.drawn_at.0)
            .bind(trial.stopped_at.map(|at| at.0))
            .execute(&mut *transaction)
            .await
            .map_err(|source| self.explain(source))?;
        self.commit(transaction).await
    }

    /// The trials of a person, newest first.
    pub async fn trials(&self, person: &str) -> Result<Vec<TrialRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM trials WHERE person_id = $1 ORDER BY drawn_at DESC, id DESC");
        self.read_as(query.bind(person), trial_row).await
    }

    /// Says that a trial was stopped before its end.
    pub async fn stop_trial(&self, trial: Uuid, now: UtcMicros) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE trials SET stopped_at = $2 WHERE id = $1 AND stopped_at IS NULL");
        self.write(query.bind(trial.to_string()).bind(now.0)).await.map(drop)
    }

    /// Says whether the habit was kept on a day; the last word stands.
    pub async fn mark_trial(&self, trial: Uuid, day: Date, kept: bool, now: UtcMicros) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO trial_marks (trial_id, day, kept, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (trial_id, day) DO UPDATE SET kept = excluded.kept, at = excluded.at",
        );
        let query = query.bind(trial.to_string()).bind(day.to_string()).bind(i64::from(kept)).bind(now.0);
        self.write(query).await.map(drop)
    }

    /// What the person said of each day of a trial.
    pub async fn trial_marks(&self, trial: Uuid) -> Result<BTreeMap<Date, bool>, StoreError> {
        let query = sqlx::query("SELECT day, kept FROM trial_marks WHERE trial_id = $1").bind(trial.to_string());
        let marks = self.read_as(query, |row| Ok((columns::date(row, "day")?, columns::flag(row, "kept")?))).await?;
        Ok(marks.into_iter().collect())
    }
}

fn trial_row(row: &AnyRow) -> sqlx::Result<TrialRow> {
    Ok(TrialRow {
        id: columns::uuid(row, "id")?,
        plan: columns::json(row, "plan")?,
        drawn_at: columns::at(row, "drawn_at")?,
        stopped_at: columns::at_or_none(row, "stopped_at")?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::advice::trial::{Habit, Permission};

    #[tokio::test]
    async fn a_trial_comes_back_as_it_was_drawn_with_the_last_word_on_each_day() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let plan = Plan::draw(7, Habit::Stretching, date(2026, 11, 23), 3, &Permission::default()).unwrap();
        let trial = TrialRow { id: Uuid::now_v7(), plan, drawn_at: UtcMicros(5), stopped_at: None };
        store.add_trial("me", &trial).await.unwrap();
        assert_eq!(store.trials("me").await.unwrap(), vec![trial.clone()]);
        assert!(store.trials("you").await.unwrap().is_empty());
        store.mark_trial(trial.id, date(2026, 11, 23), true, UtcMicros(6)).await.unwrap();
        store.mark_trial(trial.id, date(2026, 11, 23), false, UtcMicros(7)).await.unwrap();
        assert_eq!(store.trial_marks(trial.id).await.unwrap(), BTreeMap::from([(date(2026, 11, 23), false)]));
        store.stop_trial(trial.id, UtcMicros(8)).await.unwrap();
        store.stop_trial(trial.id, UtcMicros(9)).await.unwrap();
        assert_eq!(store.trials("me").await.unwrap()[0].stopped_at, Some(UtcMicros(8)));
    }
}

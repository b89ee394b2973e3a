//! Persons, their legs, and what the detector knows about a leg.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::any::Any;
use sqlx::{Row, Transaction};

use super::database::now;
use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// Which leg of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The left leg.
    Left,
    /// The right leg.
    Right,
}

impl Side {
    /// `left` or `right`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The name of this leg of `person`, such as `me_left`: the unit of episodes, baselines and topics.
    pub fn leg_name(self, person: &str) -> String {
        format!("{person}_{self}")
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Store {
    /// Makes the person and the leg if they are new; gives the leg's name.
    pub async fn ensure_leg(&self, person: &str, side: Side) -> Result<String, StoreError> {
        let leg = side.leg_name(person);
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        sqlx::query("INSERT INTO legs (leg, person_id, side) VALUES ($1, $2, $3) ON CONFLICT (leg) DO NOTHING")
            .bind(leg.as_str())
            .bind(person)
            .bind(side.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(|source| self.explain(source))?;
        self.commit(transaction).await?;
        Ok(leg)
    }

    pub(crate) async fn ensure_person(
        &self,
        transaction: &mut Transaction<'static, Any>,
        person: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO persons (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(person)
            .bind(now().0)
            .execute(&mut **transaction)
            .await
            .map(drop)
            .map_err(|source| self.explain(source))
    }

    /// Keeps what the detector knows about a leg (its baseline) as of `at`, to go on after a restart.
    pub async fn save_leg_state(&self, leg: &str, state: &Value, at: UtcMicros) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO leg_state (leg, person_id, state, at)
             VALUES ($1, (SELECT person_id FROM legs WHERE leg = $1), $2, $3)
             ON CONFLICT (leg) DO UPDATE SET state = excluded.state, at = excluded.at",
        );
        self.write(query.bind(leg).bind(state.to_string()).bind(at.0)).await.map(drop)
    }

    /// What [`Self::save_leg_state`] kept, with its instant.
    pub async fn leg_state(&self, leg: &str) -> Result<Option<(Value, UtcMicros)>, StoreError> {
        let query = sqlx::query("SELECT state, at FROM leg_state WHERE leg = $1").bind(leg);
        self.read_first(query, |row| Ok((columns::json(row, "state")?, columns::at(row, "at")?))).await
    }

    /// Keeps what the alarm of a leg must not forget as of `at`.
    pub async fn save_alarm_state(&self, leg: &str, state: &Value, at: UtcMicros) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO alarm_states (leg, person_id, state, at)
             VALUES ($1, (SELECT person_id FROM legs WHERE leg = $1), $2, $3)
             ON CONFLICT (leg) DO UPDATE SET state = excluded.state, at = excluded.at",
        );
        self.write(query.bind(leg).bind(state.to_string()).bind(at.0)).await.map(drop)
    }

    /// What [`Self::save_alarm_state`] kept, with its instant.
    pub async fn alarm_state(&self, leg: &str) -> Result<Option<(Value, UtcMicros)>, StoreError> {
        let query = sqlx::query("SELECT state, at FROM alarm_states WHERE leg = $1").bind(leg);
        self.read_first(query, |row| Ok((columns::json(row, "state")?, columns::at(row, "at")?))).await
    }

    /// Names of all legs of a person, left before right.
    pub async fn legs_of(&self, person: &str) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query("SELECT leg FROM legs WHERE person_id = $1 ORDER BY side").bind(person);
        self.read_as(query, |row| row.try_get("leg")).await
    }
}

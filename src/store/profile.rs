//! What a person said about themselves.

use std::collections::BTreeSet;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, columns};
use crate::advice::{Answered, Condition, LifeState, MedicineClass, Person, Sex};
use crate::units::UtcMicros;

impl Store {
    /// What a person said about themselves; nothing at all if they never did.
    pub async fn profile(&self, person: &str) -> Result<Person, StoreError> {
        let query = sqlx::query("SELECT * FROM person_profiles WHERE person_id = $1").bind(person);
        Ok(self.read_first(query, profile_row).await?.unwrap_or_default())
    }

    /// Replaces what a person said about themselves; makes the person if new.
    pub async fn save_profile(&self, id: &str, person: &Person, now: UtcMicros) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, id).await?;
        sqlx::query(
            "INSERT INTO person_profiles (person_id, birth_year, sex, life_state, weight_kg, conditions, medicines,
                 changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (person_id) DO UPDATE SET birth_year = excluded.birth_year, sex = excluded.sex,
                 life_state = excluded.life_state, weight_kg = excluded.weight_kg, conditions = excluded.conditions,
                 medicines = excluded.medicines, changed_at = excluded.changed_at",
        )
        .bind(id)
        .bind(person.birth_year.map(i64::from))
        .bind(person.sex.map(Sex::as_str))
        .bind(person.life_state.map(LifeState::as_str))
        .bind(person.weight_kg)
        .bind(set_text(&person.conditions, Condition::as_str))
        .bind(set_text(&person.medicines, MedicineClass::as_str))
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        self.commit(transaction).await
    }
}

fn set_text<T: Ord + Copy>(answer: &Answered<T>, word: impl Fn(T) -> &'static str) -> Option<String> {
    match answer {
        Answered::Unknown => None,
        Answered::Known(set) => {
            let words: Vec<serde_json::Value> = set.iter().map(|one| word(*one).into()).collect();
            Some(serde_json::Value::Array(words).to_string())
        }
    }
}

/// A word that only a newer version knows must not pass for "none": the row is refused then.
fn set<T: Ord>(row: &AnyRow, column: &str, parse: impl Fn(&str) -> Option<T>) -> sqlx::Result<Answered<T>> {
    let known = columns::parsed_or_none(row, column, |text| {
        let words: Vec<String> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let one = |word: &String| parse(word).ok_or_else(|| format!("unknown {word:?}"));
        words.iter().map(one).collect::<Result<BTreeSet<T>, String>>()
    })?;
    Ok(known.map_or(Answered::Unknown, Answered::Known))
}

fn profile_row(row: &AnyRow) -> sqlx::Result<Person> {
    let unknown = |text: &str| format!("unknown {text:?}");
    let year = row.try_get::<Option<i64>, _>("birth_year")?;
    Ok(Person {
        birth_year: year.and_then(|year| i16::try_from(year).ok()),
        sex: columns::parsed_or_none(row, "sex", |text| Sex::parse(text).ok_or_else(|| unknown(text)))?,
        life_state: columns::parsed_or_none(row, "life_state", |text| {
            LifeState::parse(text).ok_or_else(|| unknown(text))
        })?,
        weight_kg: row.try_get("weight_kg")?,
        conditions: set(row, "conditions", Condition::parse)?,
        medicines: set(row, "medicines", MedicineClass::parse)?,
    })
}

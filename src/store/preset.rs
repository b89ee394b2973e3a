//! Presets: entries that a person logs often, kept as what would be typed.

use sqlx::Row;

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// One preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresetRow {
    /// Its name; unique for the person.
    pub name: String,
    /// What would be typed after `crampwatch log`, an entry a line.
    pub lines: Vec<String>,
}

impl Store {
    /// Adds a preset, or replaces the one of the same name; makes the person if new.
    pub async fn save_preset(&self, person: &str, preset: &PresetRow, now: UtcMicros) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        sqlx::query(
            "INSERT INTO presets (person_id, name, lines, changed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (person_id, name) DO UPDATE SET lines = excluded.lines, changed_at = excluded.changed_at",
        )
        .bind(person)
        .bind(preset.name.as_str())
        .bind(serde_json::json!(preset.lines).to_string())
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        self.commit(transaction).await
    }

    /// All presets of a person, by name.
    pub async fn presets(&self, person: &str) -> Result<Vec<PresetRow>, StoreError> {
        let query = sqlx::query("SELECT name, lines FROM presets WHERE person_id = $1 ORDER BY name");
        let preset =
            |row: &sqlx::any::AnyRow| Ok(PresetRow { name: row.try_get("name")?, lines: columns::json(row, "lines")? });
        self.read_as(query.bind(person), preset).await
    }
}

//! Foods and recipes that a person made known.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, brings, columns};
use crate::diary::Nutrients;
use crate::units::UtcMicros;

/// One food or recipe of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnFoodRow {
    /// Its name; unique for the person.
    pub name: String,
    /// What 100 g of it bring.
    pub per_100g: Nutrients,
    /// Portions: name and mass in g.
    pub portions: Vec<(String, f64)>,
    /// Parts of a recipe: name and mass in g; `None` for a food.
    pub recipe: Option<Vec<(String, f64)>>,
}

impl Store {
    /// Adds a food, or replaces the one of the same name; makes the person if new.
    pub async fn save_own_food(&self, person: &str, food: &OwnFoodRow, now: UtcMicros) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        sqlx::query(
            "INSERT INTO own_foods (person_id, name, per_100g, portions, recipe, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (person_id, name) DO UPDATE SET per_100g = excluded.per_100g, portions = excluded.portions,
                 recipe = excluded.recipe, changed_at = excluded.changed_at",
        )
        .bind(person)
        .bind(food.name.as_str())
        .bind(brings::to_json(&food.per_100g))
        .bind(list_text(&food.portions))
        .bind(food.recipe.as_deref().map(list_text))
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        self.commit(transaction).await
    }

    /// All own foods and recipes of a person, by name.
    pub async fn own_foods(&self, person: &str) -> Result<Vec<OwnFoodRow>, StoreError> {
        let query = sqlx::query("SELECT * FROM own_foods WHERE person_id = $1 ORDER BY name");
        self.read_as(query.bind(person), own_food_row).await
    }
}

fn list_text(list: &[(String, f64)]) -> String {
    let pairs = list.iter().map(|(name, grams)| serde_json::json!([name, grams]));
    serde_json::Value::Array(pairs.collect()).to_string()
}

fn own_food_row(row: &AnyRow) -> sqlx::Result<OwnFoodRow> {
    Ok(OwnFoodRow {
        name: row.try_get("name")?,
        per_100g: columns::parsed(row, "per_100g", brings::from_json)?,
        portions: columns::json(row, "portions")?,
        recipe: columns::parsed_or_none(row, "recipe", |text| serde_json::from_str(text))?,
    })
}

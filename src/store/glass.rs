//! What a person's glass holds, once it was set over MQTT.

use sqlx::Row;

use super::{Store, StoreError};
use crate::units::UtcMicros;

impl Store {
    /// Millilitres of a person's glass; none if it was never set here, and the configuration says it.
    pub async fn glass_ml(&self, person: &str) -> Result<Option<f64>, StoreError> {
        let query = sqlx::query("SELECT glass_ml FROM glasses WHERE person_id = $1").bind(person);
        self.read_first(query, |row| row.try_get("glass_ml")).await
    }

    /// Sets what a person's glass holds; the person must be known.
    pub async fn set_glass_ml(&self, person: &str, glass_ml: f64, at: UtcMicros) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO glasses (person_id, glass_ml, at) VALUES ($1, $2, $3)
             ON CONFLICT (person_id) DO UPDATE SET glass_ml = excluded.glass_ml, at = excluded.at",
        );
        self.write(query.bind(person).bind(glass_ml).bind(at.0)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::*;

    #[tokio::test]
    async fn a_glass_is_unknown_until_it_is_set_and_the_last_size_counts() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.ensure_leg("me", Side::Left).await.unwrap();
        assert_eq!(store.glass_ml("me").await.unwrap(), None);
        for glass_ml in [250.0, 300.0] {
            store.set_glass_ml("me", glass_ml, UtcMicros(1)).await.unwrap();
        }
        assert_eq!(store.glass_ml("me").await.unwrap(), Some(300.0));
        assert_eq!(store.glass_ml("anna").await.unwrap(), None);
    }
}

//! Revisions of the configuration: every episode says under which one it was found.

use sqlx::Row;

use super::database::now;
use super::{Store, StoreError};

impl Store {
    /// The revision number of the configuration with this hash: the current one if the hash is unchanged, else the
    /// next one. The first is 1.
    pub async fn config_rev(&self, hash: &str) -> Result<i64, StoreError> {
        let mut transaction = self.begin().await?;
        let current = sqlx::query("SELECT rev, hash FROM config_revisions ORDER BY rev DESC LIMIT 1")
            .fetch_optional(&mut *transaction)
            .await
            .map_err(|source| self.explain(source))?;
        if let Some(row) = current {
            let known: String = row.try_get("hash").map_err(|source| self.explain(source))?;
            if known == hash {
                return row.try_get("rev").map_err(|source| self.explain(source));
            }
        }
        let rev = self.next_number(&mut transaction, "config_rev").await?;
        sqlx::query("INSERT INTO config_revisions (rev, hash, at) VALUES ($1, $2, $3)")
            .bind(rev)
            .bind(hash)
            .bind(now().0)
            .execute(&mut *transaction)
            .await
            .map_err(|source| self.explain(source))?;
        self.commit(transaction).await?;
        Ok(rev)
    }
}

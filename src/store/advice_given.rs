//! What a person was told, one line for each local day.

use jiff::civil::Date;
use sqlx::Row;

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// What was said on one day; the last advice of a day stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdviceRow {
    /// The local date.
    pub day: Date,
    /// Id of the remedy, if one was suggested.
    pub remedy: Option<String>,
    /// The short text.
    pub text: String,
    /// When it was said.
    pub at: UtcMicros,
}

impl Store {
    /// Keeps what was said on a day, and its person if new. The same words again write nothing.
    pub async fn save_advice(&self, person: &str, advice: &AdviceRow) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        sqlx::query(
            "INSERT INTO advice_given (person_id, day, remedy, text, at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (person_id, day) DO UPDATE SET remedy = excluded.remedy, text = excluded.text, at = excluded.at
             WHERE advice_given.text <> excluded.text",
        )
        .bind(person)
        .bind(advice.day.to_string())
        .bind(advice.remedy.as_deref())
        .bind(advice.text.as_str())
        .bind(advice.at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        self.commit(transaction).await
    }

    /// What a person was told before `day`: the newest `limit` days, newest first.
    pub async fn advice_before(&self, person: &str, day: Date, limit: u32) -> Result<Vec<AdviceRow>, StoreError> {
        let query = sqlx::query(
            "SELECT day, remedy, text, at FROM advice_given WHERE person_id = $1 AND day < $2 ORDER BY day DESC LIMIT $3",
        );
        self.read_as(query.bind(person).bind(day.to_string()).bind(i64::from(limit)), |row| {
            Ok(AdviceRow {
                day: columns::date(row, "day")?,
                remedy: row.try_get("remedy")?,
                text: row.try_get("text")?,
                at: columns::at(row, "at")?,
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[tokio::test]
    async fn the_last_advice_of_each_day_stands_and_today_is_not_before_today() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let said = |day: i8, remedy: Option<&str>, text: &str| AdviceRow {
            day: date(2026, 11, day),
            remedy: remedy.map(str::to_owned),
            text: text.to_owned(),
            at: UtcMicros(i64::from(day)),
        };
        for advice in [said(20, Some("massage"), "a"), said(21, None, "b"), said(21, Some("heat"), "c")] {
            store.save_advice("me", &advice).await.unwrap();
        }
        let before = async |person: &str, day: i8| store.advice_before(person, date(2026, 11, day), 9).await.unwrap();
        assert_eq!(before("me", 22).await, [said(21, Some("heat"), "c"), said(20, Some("massage"), "a")]);
        assert_eq!(before("me", 21).await, [said(20, Some("massage"), "a")]);
        assert!(before("me", 20).await.is_empty());
        assert!(before("you", 22).await.is_empty());
    }
}

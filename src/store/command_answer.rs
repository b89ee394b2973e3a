//! Commands that carried an id and what was answered to them, for a day.

use sqlx::Row;

use super::{Store, StoreError, columns};
use crate::units::UtcMicros;

/// How long an answer is kept, in microseconds.
const KEPT_MICROS: i64 = 24 * 3600 * 1_000_000;

/// The answer to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandAnswerRow {
    /// The command's own id.
    pub request_id: String,
    /// What was asked, such as `log_intake`.
    pub verb: String,
    /// Whether it was done.
    pub ok: bool,
    /// Why it was not done, in plain words; none if it was.
    pub error: Option<String>,
    /// When the command came in.
    pub received_at: UtcMicros,
}

impl Store {
    /// What was answered to the command of this id, in the last day.
    pub async fn command_answer(&self, request_id: &str) -> Result<Option<CommandAnswerRow>, StoreError> {
        let query =
            sqlx::query("SELECT request_id, verb, ok, error, received_at FROM command_answers WHERE request_id = $1");
        self.read_first(query.bind(request_id), |row| {
            Ok(CommandAnswerRow {
                request_id: row.try_get("request_id")?,
                verb: row.try_get("verb")?,
                ok: columns::flag(row, "ok")?,
                error: row.try_get("error")?,
                received_at: columns::at(row, "received_at")?,
            })
        })
        .await
    }

    /// Keeps an answer, and its person if new; the first answer to an id stands. Deletes what came in more than a day before it.
    pub async fn keep_command_answer(&self, person: &str, answer: &CommandAnswerRow) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        let old = sqlx::query("DELETE FROM command_answers WHERE received_at < $1");
        old.bind(answer.received_at.plus_micros(-KEPT_MICROS).0)
            .execute(&mut *transaction)
            .await
            .map_err(|source| self.explain(source))?;
        sqlx::query(
            "INSERT INTO command_answers (request_id, person_id, verb, ok, error, received_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (request_id) DO NOTHING",
        )
        .bind(answer.request_id.as_str())
        .bind(person)
        .bind(answer.verb.as_str())
        .bind(i64::from(answer.ok))
        .bind(answer.error.as_deref())
        .bind(answer.received_at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        self.commit(transaction).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request_id: &str, received_at: UtcMicros, error: Option<&str>) -> CommandAnswerRow {
        CommandAnswerRow {
            request_id: request_id.to_owned(),
            verb: "log_intake".to_owned(),
            ok: error.is_none(),
            error: error.map(str::to_owned),
            received_at,
        }
    }

    #[tokio::test]
    async fn the_first_answer_to_an_id_stands_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let start = UtcMicros(1_795_313_643_000_000);
        let (first, second) = (answer("a", start, None), answer("b", start.plus_micros(1), Some("no glass size")));
        store.keep_command_answer("me", &first).await.unwrap();
        store.keep_command_answer("me", &answer("a", start.plus_micros(9), Some("twice"))).await.unwrap();
        store.keep_command_answer("me", &second).await.unwrap();
        assert_eq!(store.command_answer("a").await.unwrap(), Some(first.clone()));
        assert_eq!(store.command_answer("b").await.unwrap(), Some(second.clone()));
        assert_eq!(store.command_answer("c").await.unwrap(), None);
        store.keep_command_answer("me", &answer("c", start.plus_micros(KEPT_MICROS), None)).await.unwrap();
        assert_eq!(store.command_answer("a").await.unwrap(), Some(first));
        store.keep_command_answer("me", &answer("d", start.plus_micros(KEPT_MICROS + 1), None)).await.unwrap();
        assert_eq!(store.command_answer("a").await.unwrap(), None, "older than a day");
        assert_eq!(store.command_answer("b").await.unwrap(), Some(second));
    }
}

//! The diary's entries. What is taken back or changed is marked, never deleted.

use sqlx::any::{Any, AnyRow};
use sqlx::{Row, Transaction};
use uuid::Uuid;

use super::brings;
use super::{Store, StoreError, columns};
use crate::diary::{CONTENT_KEY, Entry, EntryKind, Item, Outcome, item_of, nutrients_of};
use crate::units::UtcMicros;

/// Between the fields of an entry, and between entries, where a day is read as one text.
const FIELD_SEPARATOR: &str = "\u{1f}";
const ENTRY_SEPARATOR: &str = "\u{1e}";

/// An item with what puts it in order.
type Placed = (UtcMicros, Uuid, Item);

/// What a change of many entries came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Entries that are new.
    pub added: usize,
    /// Entries that replaced an earlier form of the same day.
    pub replaced: usize,
    /// Entries that were there already.
    pub known: usize,
}

impl Store {
    /// Adds entries as one batch in one transaction: all of them or none. An id or an import key that is there already
    /// is passed over; gives how many were added.
    pub async fn add_entries(&self, person: &str, entries: &[Entry]) -> Result<usize, StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        let batch = entries.first().map_or_else(Uuid::now_v7, |entry| entry.id);
        let mut added = 0;
        for entry in entries {
            added += self.insert_entry(&mut transaction, person, batch, entry).await?;
        }
        self.commit(transaction).await?;
        Ok(added)
    }

    /// Adds entries of a file in one transaction. An import key that is there already with the same content is passed
    /// over; with other content the entry replaces the earlier one. A key or an id whose entry was changed since is
    /// passed over too: what the person changed stands. An id that was taken back is put back.
    pub async fn import_entries(&self, person: &str, entries: &[Entry]) -> Result<Imported, StoreError> {
        let mut transaction = self.begin().await?;
        self.ensure_person(&mut transaction, person).await?;
        let batch = entries.first().map_or_else(Uuid::now_v7, |entry| entry.id);
        let mut imported = Imported::default();
        for entry in entries {
            let there = sqlx::query(
                "SELECT * FROM diary_entries WHERE person_id = $1 AND import_key = $2 AND deleted_at IS NULL",
            )
            .bind(person)
            .bind(entry.import_key.as_deref())
            .fetch_optional(&mut *transaction)
            .await
            .and_then(|row| row.as_ref().map(entry_row).transpose())
            .map_err(|source| self.explain(source))?;
            match there {
                Some(there) if same_row(&there, entry) => imported.known += 1,
                Some(there) => {
                    self.mark_deleted(&mut transaction, there.id, entry.logged_at).await?;
                    let entry = Entry { edited_from: Some(there.id), ..entry.clone() };
                    self.insert_entry(&mut transaction, person, batch, &entry).await?;
                    imported.replaced += 1;
                }
                None if self.is_changed_since(&mut transaction, person, entry).await? => imported.known += 1,
                None if self.insert_entry(&mut transaction, person, batch, entry).await? > 0 => imported.added += 1,
                None if self.put_back(&mut transaction, person, batch, entry).await? => imported.added += 1,
                None => imported.known += 1,
            }
        }
        self.commit(transaction).await?;
        Ok(imported)
    }

    /// Puts `new` in the place of the entry with the id `new.edited_from`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if that entry is not there or was taken back.
    pub async fn replace_entry(&self, person: &str, old: Uuid, new: &Entry) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        if self.mark_deleted(&mut transaction, old, new.logged_at).await? == 0 {
            return Err(StoreError::NotFound { path: self.path().to_owned(), what: "entry", id: old.to_string() });
        }
        let new = Entry { edited_from: Some(old), ..new.clone() };
        self.insert_entry(&mut transaction, person, new.id, &new).await?;
        self.commit(transaction).await
    }

    /// Takes back what the newest command wrote, and puts back what it had replaced. Gives what was taken back; nothing
    /// if there was nothing to take back.
    pub async fn undo_entries(&self, person: &str, now: UtcMicros) -> Result<Vec<Entry>, StoreError> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(
            "SELECT * FROM diary_entries WHERE deleted_at IS NULL AND batch = (
                 SELECT batch FROM diary_entries WHERE person_id = $1 AND deleted_at IS NULL
                 ORDER BY logged_at DESC, id DESC LIMIT 1) ORDER BY at, id",
        )
        .bind(person)
        .fetch_all(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        let entries: Vec<Entry> =
            rows.iter().map(entry_row).collect::<sqlx::Result<_>>().map_err(|source| self.explain(source))?;
        for entry in &entries {
            self.mark_deleted(&mut transaction, entry.id, now).await?;
            if let Some(old) = entry.edited_from {
                sqlx::query("UPDATE diary_entries SET deleted_at = NULL WHERE id = $1")
                    .bind(old.to_string())
                    .execute(&mut *transaction)
                    .await
                    .map_err(|source| self.explain(source))?;
            }
        }
        self.commit(transaction).await?;
        Ok(entries)
    }

    /// Entries of a person in `[from, to)`, in the order of time.
    pub async fn entries_between(
        &self,
        person: &str,
        from: UtcMicros,
        to: UtcMicros,
    ) -> Result<Vec<Entry>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM diary_entries WHERE person_id = $1 AND at >= $2 AND at < $3 AND deleted_at IS NULL
             ORDER BY at, id",
        );
        self.read_as(query.bind(person).bind(from.0).bind(to.0), entry_row).await
    }

    /// Everything that a person tried against a cramp in `[from, to)`, in the order of time.
    pub async fn reliefs_between(
        &self,
        person: &str,
        from: UtcMicros,
        to: UtcMicros,
    ) -> Result<Vec<Entry>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM diary_entries WHERE person_id = $1 AND at >= $2 AND at < $3 AND deleted_at IS NULL
             AND kind = 'relief' ORDER BY at, id",
        );
        self.read_as(query.bind(person).bind(from.0).bind(to.0), entry_row).await
    }

    /// Up to 20 entries of a person, newest first, whose id begins or ends with `part` (hexadecimal digits and `-`).
    pub async fn entries_by_part_of_id(&self, person: &str, part: &str) -> Result<Vec<Entry>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM diary_entries WHERE person_id = $1 AND deleted_at IS NULL AND (id LIKE $2 OR id LIKE $3)
             ORDER BY at DESC, id LIMIT 20",
        );
        let (begins, ends) = super::label::patterns(part);
        self.read_as(query.bind(person).bind(begins).bind(ends), entry_row).await
    }

    /// What the advice reads of a person in `[from, to)`, in the order of time; only what it needs, as it may be years.
    pub async fn items_between(&self, person: &str, from: UtcMicros, to: UtcMicros) -> Result<Vec<Item>, StoreError> {
        // One row of the result for each day, not one for each entry: sqlx hands over each value of a row by itself.
        let query = sqlx::query(
            "SELECT string_agg(CAST(at AS TEXT) || $4 || id || $4 || kind || $4 || COALESCE(brings, '') || $4
                 || COALESCE(CAST(amount_ml AS TEXT), '') || $4 || COALESCE(CAST(exposure_amount AS TEXT), '') || $4
                 || name, $5) AS entries
             FROM diary_entries
             WHERE person_id = $1 AND at >= $2 AND at < $3 AND deleted_at IS NULL AND kind NOT IN ('relief', 'note')
             GROUP BY at / 86400000000",
        );
        let query = query.bind(person).bind(from.0).bind(to.0).bind(FIELD_SEPARATOR).bind(ENTRY_SEPARATOR);
        let days = self.read_as(query, |row| columns::parsed(row, "entries", items_of_day)).await?;
        let mut items: Vec<Placed> = days.into_iter().flatten().collect();
        items.sort_by_key(|(at, id, _)| (*at, *id));
        Ok(items.into_iter().map(|(_, _, item)| item).collect())
    }

    /// Whether something that is there came, by one change or several, out of the entry with this id or import key.
    async fn is_changed_since(
        &self,
        transaction: &mut Transaction<'static, Any>,
        person: &str,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let later = sqlx::query(
            "WITH RECURSIVE later (id) AS (
                 SELECT id FROM diary_entries WHERE person_id = $1 AND (import_key = $2 OR id = $3)
                 UNION SELECT changed.id FROM diary_entries changed JOIN later ON changed.edited_from = later.id)
             SELECT 1 FROM diary_entries WHERE deleted_at IS NULL AND id <> $3 AND id IN (SELECT id FROM later)",
        );
        later
            .bind(person)
            .bind(entry.import_key.as_deref())
            .bind(entry.id.to_string())
            .fetch_optional(&mut **transaction)
            .await
            .map(|row| row.is_some())
            .map_err(|source| self.explain(source))
    }

    /// Puts an entry back that was taken back, as one of `batch`, in the place of an earlier form that is there again.
    async fn put_back(
        &self,
        transaction: &mut Transaction<'static, Any>,
        person: &str,
        batch: Uuid,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let id = entry.id.to_string();
        let restored = sqlx::query(
            "UPDATE diary_entries SET deleted_at = NULL, batch = $3, logged_at = $4
             WHERE id = $1 AND person_id = $2 AND deleted_at IS NOT NULL",
        );
        let restored = restored
            .bind(id.as_str())
            .bind(person)
            .bind(batch.to_string())
            .bind(entry.logged_at.0)
            .execute(&mut **transaction)
            .await
            .map_err(|source| self.explain(source))?;
        if restored.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "WITH RECURSIVE earlier (id) AS (
                 SELECT edited_from FROM diary_entries WHERE id = $1
                 UNION SELECT entry.edited_from FROM diary_entries entry JOIN earlier ON entry.id = earlier.id)
             UPDATE diary_entries SET deleted_at = $2 WHERE deleted_at IS NULL AND id IN (SELECT id FROM earlier)",
        )
        .bind(id.as_str())
        .bind(entry.logged_at.0)
        .execute(&mut **transaction)
        .await
        .map_err(|source| self.explain(source))?;
        Ok(true)
    }

    async fn mark_deleted(
        &self,
        transaction: &mut Transaction<'static, Any>,
        id: Uuid,
        now: UtcMicros,
    ) -> Result<u64, StoreError> {
        sqlx::query("UPDATE diary_entries SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL")
            .bind(id.to_string())
            .bind(now.0)
            .execute(&mut **transaction)
            .await
            .map(|done| done.rows_affected())
            .map_err(|source| self.explain(source))
    }

    pub(super) async fn insert_entry(
        &self,
        transaction: &mut Transaction<'static, Any>,
        person: &str,
        batch: Uuid,
        entry: &Entry,
    ) -> Result<usize, StoreError> {
        let added = sqlx::query(
            "INSERT INTO diary_entries (id, person_id, batch, kind, name, amount, unit, amount_ml, brings,
                 exposure_amount, outcome, episode_id, note, at, logged_at, edited_from, import_key)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             ON CONFLICT DO NOTHING",
        )
        .bind(entry.id.to_string())
        .bind(person)
        .bind(batch.to_string())
        .bind(entry.kind.as_str())
        .bind(entry.name.replace(char::is_control, " "))
        .bind(entry.amount)
        .bind(entry.unit.as_deref())
        .bind(entry.amount_ml)
        .bind(entry.brings.as_ref().map(brings::to_json))
        .bind(entry.exposure_amount)
        .bind(entry.outcome.map(Outcome::as_str))
        .bind(entry.episode_id.map(|id| id.to_string()))
        .bind(entry.note.as_ref().map(|note| note.replace(char::is_control, " ")))
        .bind(entry.at.0)
        .bind(entry.logged_at.0)
        .bind(entry.edited_from.map(|id| id.to_string()))
        .bind(entry.import_key.as_deref())
        .execute(&mut **transaction)
        .await
        .map_err(|source| self.explain(source))?;
        Ok(usize::from(added.rows_affected() > 0))
    }
}

/// Whether the row of the file is the one that made `there`.
fn same_row(there: &Entry, new: &Entry) -> bool {
    if new.import_key.as_deref().is_some_and(|key| key.starts_with(CONTENT_KEY)) {
        return true;
    }
    let same = Entry { id: there.id, logged_at: there.logged_at, edited_from: there.edited_from, ..new.clone() };
    same == *there
}

fn kind(row: &AnyRow) -> sqlx::Result<EntryKind> {
    columns::parsed(row, "kind", |text| EntryKind::parse(text).ok_or_else(|| format!("unknown {text:?}")))
}

fn nutrients(row: &AnyRow) -> sqlx::Result<Option<crate::diary::Nutrients>> {
    columns::parsed_or_none(row, "brings", brings::from_json)
}

/// Entries of a day in one text. The name comes last, and control characters are in no name.
fn items_of_day(text: &str) -> Result<Vec<Placed>, Box<dyn std::error::Error + Send + Sync>> {
    let mut items = Vec::new();
    for entry in text.split(ENTRY_SEPARATOR) {
        let mut fields = entry.splitn(7, FIELD_SEPARATOR);
        let mut field = || fields.next().ok_or("an entry is cut short");
        let (at, id, kind) = (UtcMicros(field()?.parse()?), Uuid::parse_str(field()?)?, field()?);
        let kind = EntryKind::parse(kind).ok_or_else(|| format!("unknown {kind:?}"))?;
        let brings = Some(field()?).filter(|text| !text.is_empty()).map(brings::from_json).transpose()?;
        let (amount_ml, exposure_amount) = (number(field()?)?, number(field()?)?);
        let nutrients = nutrients_of(kind, amount_ml, brings);
        items.extend(item_of(kind, field()?, at, nutrients, exposure_amount).map(|item| (at, id, item)));
    }
    Ok(items)
}

fn number(text: &str) -> Result<Option<f64>, std::num::ParseFloatError> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

pub(super) fn entry_row(row: &AnyRow) -> sqlx::Result<Entry> {
    Ok(Entry {
        id: columns::uuid(row, "id")?,
        kind: kind(row)?,
        name: row.try_get("name")?,
        amount: row.try_get("amount")?,
        unit: row.try_get("unit")?,
        amount_ml: row.try_get("amount_ml")?,
        brings: nutrients(row)?,
        exposure_amount: row.try_get("exposure_amount")?,
        outcome: columns::parsed_or_none(row, "outcome", |text| {
            Outcome::parse(text).ok_or_else(|| format!("unknown {text:?}"))
        })?,
        episode_id: columns::parsed_or_none(row, "episode_id", Uuid::parse_str)?,
        note: row.try_get("note")?,
        at: columns::at(row, "at")?,
        logged_at: columns::at(row, "logged_at")?,
        edited_from: columns::parsed_or_none(row, "edited_from", Uuid::parse_str)?,
        import_key: row.try_get("import_key")?,
    })
}

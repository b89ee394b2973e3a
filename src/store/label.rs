//! Labels: what a person, or the sensor's button, said an episode was, and cramps that nothing found.

use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{EpisodeRow, Store, StoreError, columns, episode::episode_row};
use crate::units::UtcMicros;

/// Marks of missed cramps that begin within so many seconds of each other are one: a press repeated, a time corrected.
pub const SAME_MARK_WITHIN_S: f64 = 60.0;

/// Length that is taken for a missed cramp of which nobody said how long it was, in seconds.
pub const MISSED_LENGTH_S: f64 = 60.0;

/// What something was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelWord {
    /// A cramp.
    Cramp,
    /// No cramp.
    Not,
    /// Nobody knows: left out of judging.
    Unsure,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelSource {
    /// A person, later, with a command.
    User,
    /// The wearer, at once, with the sensor's button. Never replaces what a person said.
    Marker,
}

impl LabelWord {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cramp, Self::Not, Self::Unsure];

    /// `cramp`, `not` or `unsure`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cramp => "cramp",
            Self::Not => "not",
            Self::Unsure => "unsure",
        }
    }

    /// Reads [`Self::as_str`]; case does not matter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

impl LabelSource {
    /// `user` or `marker`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Marker => "marker",
        }
    }
}

/// One label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// UUID v7; a mark of a missed cramp is known by it.
    pub id: Uuid,
    /// Whose leg.
    pub person_id: String,
    /// Which leg, such as `me_left`.
    pub leg: String,
    /// The night in which it lies.
    pub night: Date,
    /// The episode that it speaks of; none for a mark of a cramp that was missed.
    pub episode_id: Option<Uuid>,
    /// The episode's onset, or the begin of what was missed.
    pub from_at: UtcMicros,
    /// End of what was missed; none for an episode, which has its own.
    pub to_at: Option<UtcMicros>,
    /// What it was.
    pub label: LabelWord,
    /// Who said so.
    pub source: LabelSource,
    /// When it was said.
    pub labelled_at: UtcMicros,
}

impl Store {
    /// Records what an episode was, in place of an earlier label of it. Gives whether it was recorded: the marker
    /// never replaces the word of a person.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown episode.
    pub async fn label_episode(
        &self,
        episode: Uuid,
        label: LabelWord,
        source: LabelSource,
        labelled_at: UtcMicros,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let labelled = sqlx::query(
            "INSERT INTO labels (id, person_id, leg, night, episode_id, from_at, to_at, label, source, labelled_at)
             SELECT $1, person_id, leg, night, id, onset_at, NULL, $3, $4, $5 FROM episodes WHERE id = $2
             ON CONFLICT (episode_id) DO UPDATE SET label = excluded.label, source = excluded.source,
                 labelled_at = excluded.labelled_at
             WHERE excluded.source = 'user' OR labels.source = 'marker'",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(episode.to_string())
        .bind(label.as_str())
        .bind(source.as_str())
        .bind(labelled_at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?
        .rows_affected();
        if labelled > 0 {
            sqlx::query("UPDATE episodes SET label = $2 WHERE id = $1")
                .bind(episode.to_string())
                .bind(label.as_str())
                .execute(&mut *transaction)
                .await
                .map_err(|source| self.explain(source))?;
        }
        self.commit(transaction).await?;
        if labelled == 0 && self.episode(episode).await?.is_none() {
            return Err(StoreError::NotFound {
                path: self.path().to_owned(),
                what: "episode",
                id: episode.to_string(),
            });
        }
        Ok(labelled > 0)
    }

    /// Records a stretch that belongs to no episode, mostly a cramp that was missed. One that begins within
    /// [`SAME_MARK_WITHIN_S`] of an earlier mark is the same: a person's replaces it under its id, the marker's changes
    /// nothing. Gives the id under which it is kept.
    pub async fn mark(&self, mark: &LabelRow) -> Result<Uuid, StoreError> {
        let mut transaction = self.begin().await?;
        let same = sqlx::query(
            "SELECT id FROM labels WHERE leg = $1 AND episode_id IS NULL AND from_at > $2 AND from_at < $3
             ORDER BY from_at LIMIT 1",
        )
        .bind(mark.leg.as_str())
        .bind(mark.from_at.plus_seconds(-SAME_MARK_WITHIN_S).0)
        .bind(mark.from_at.plus_seconds(SAME_MARK_WITHIN_S).0)
        .fetch_optional(&mut *transaction)
        .await
        .and_then(|row| row.map(|row| columns::uuid(&row, "id")).transpose())
        .map_err(|source| self.explain(source))?;
        let id = match (same, mark.source) {
            (Some(id), LabelSource::Marker) => return Ok(id),
            (same, _) => same.unwrap_or(mark.id),
        };
        sqlx::query(
            "INSERT INTO labels (id, person_id, leg, night, episode_id, from_at, to_at, label, source, labelled_at)
             VALUES ($1, $2, $3, $4, NULL, $5, $6, $7, $8, $9)
             ON CONFLICT (id) DO UPDATE SET night = excluded.night, from_at = excluded.from_at,
                 to_at = excluded.to_at, label = excluded.label, source = excluded.source,
                 labelled_at = excluded.labelled_at",
        )
        .bind(id.to_string())
        .bind(mark.person_id.as_str())
        .bind(mark.leg.as_str())
        .bind(mark.night.to_string())
        .bind(mark.from_at.0)
        .bind(mark.to_at.map(|at| at.0))
        .bind(mark.label.as_str())
        .bind(mark.source.as_str())
        .bind(mark.labelled_at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|source| self.explain(source))?;
        self.commit(transaction).await?;
        Ok(id)
    }

    /// What a person now says of a mark.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown mark.
    pub async fn relabel_mark(&self, id: Uuid, label: LabelWord, labelled_at: UtcMicros) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE labels SET label = $2, source = 'user', labelled_at = $3 WHERE id = $1 AND episode_id IS NULL",
        )
        .bind(id.to_string())
        .bind(label.as_str())
        .bind(labelled_at.0);
        if self.write(query).await? > 0 {
            return Ok(());
        }
        Err(StoreError::NotFound { path: self.path().to_owned(), what: "mark", id: id.to_string() })
    }

    /// Labels and marks of a leg that begin in `[from, to)`, in the order of time.
    pub async fn labels_between(&self, leg: &str, from: UtcMicros, to: UtcMicros) -> Result<Vec<LabelRow>, StoreError> {
        let query =
            sqlx::query("SELECT * FROM labels WHERE leg = $1 AND from_at >= $2 AND from_at < $3 ORDER BY from_at, id");
        self.read_as(query.bind(leg).bind(from.0).bind(to.0), label_row).await
    }

    /// Episodes of a leg whose onset lies in `[from, to)`, in the order of time, mere suspicions included.
    pub async fn episodes_between(
        &self,
        leg: &str,
        from: UtcMicros,
        to: UtcMicros,
    ) -> Result<Vec<EpisodeRow>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM episodes WHERE leg = $1 AND onset_at >= $2 AND onset_at < $3 ORDER BY onset_at, id",
        );
        self.read_as(query.bind(leg).bind(from.0).bind(to.0), episode_row).await
    }

    /// The newest episode of a leg that raised an alarm.
    pub async fn newest_alarm(&self, leg: &str) -> Result<Option<EpisodeRow>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM episodes WHERE leg = $1 AND alarm_at IS NOT NULL ORDER BY onset_at DESC, id DESC LIMIT 1",
        );
        self.read_first(query.bind(leg), episode_row).await
    }

    /// Up to 20 episodes of a leg, newest first, whose id begins or ends with `part` (hexadecimal digits and `-`).
    pub async fn episodes_by_part_of_id(&self, leg: &str, part: &str) -> Result<Vec<EpisodeRow>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM episodes WHERE leg = $1 AND (id LIKE $2 OR id LIKE $3) ORDER BY onset_at DESC, id LIMIT 20",
        );
        let (begins, ends) = patterns(part);
        self.read_as(query.bind(leg).bind(begins).bind(ends), episode_row).await
    }

    /// The same for marks of missed cramps.
    pub async fn marks_by_part_of_id(&self, leg: &str, part: &str) -> Result<Vec<LabelRow>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM labels WHERE leg = $1 AND episode_id IS NULL AND (id LIKE $2 OR id LIKE $3)
             ORDER BY from_at DESC, id LIMIT 20",
        );
        let (begins, ends) = patterns(part);
        self.read_as(query.bind(leg).bind(begins).bind(ends), label_row).await
    }
}

/// `LIKE` patterns; what is no part of an id is left out, so that `%` and `_` mean nothing.
pub(super) fn patterns(part: &str) -> (String, String) {
    let clean: String = part.to_lowercase().chars().filter(|c| c.is_ascii_hexdigit() || *c == '-').collect();
    (format!("{clean}%"), format!("%{clean}"))
}

fn label_row(row: &AnyRow) -> sqlx::Result<LabelRow> {
    Ok(LabelRow {
        id: columns::uuid(row, "id")?,
        person_id: row.try_get("person_id")?,
        leg: row.try_get("leg")?,
        night: columns::date(row, "night")?,
        episode_id: row
            .try_get::<Option<String>, _>("episode_id")?
            .map(|text| Uuid::parse_str(&text))
            .transpose()
            .map_err(|source| sqlx::Error::ColumnDecode { index: "episode_id".to_owned(), source: source.into() })?,
        from_at: columns::at(row, "from_at")?,
        to_at: columns::at_or_none(row, "to_at")?,
        label: columns::parsed(row, "label", |text| LabelWord::parse(text).ok_or_else(|| format!("unknown {text:?}")))?,
        source: columns::parsed(row, "source", |text| match text {
            "user" => Ok(LabelSource::User),
            "marker" => Ok(LabelSource::Marker),
            other => Err(format!("unknown {other:?}")),
        })?,
        labelled_at: columns::at(row, "labelled_at")?,
    })
}

//! Nights as the advice reads them: of several legs one night, with the cramps of all.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sqlx::Row;

use super::{Store, StoreError, columns};
use crate::advice::NightSeen;

/// How many cramps, and the longest of them in seconds.
type Cramps = BTreeMap<Date, (u32, Option<f64>)>;

impl Store {
    /// All closed nights of a person, oldest first. A cramp is an alarm that was not labelled `not`, an episode without
    /// an alarm that was labelled `cramp`, or a missed one that was told.
    pub async fn nights_seen(&self, person: &str) -> Result<Vec<NightSeen>, StoreError> {
        let cramps = self.cramps_by_night(person).await?;
        let query = sqlx::query(
            "SELECT night, first_worn_at, valid_s, monitored_s FROM nights WHERE person_id = $1 AND closed = 1
             ORDER BY night, valid_s DESC, leg",
        );
        let mut nights = self
            .read_as(query.bind(person), |row| {
                let night = columns::date(row, "night")?;
                let (count, longest_cramp_s) = cramps.get(&night).copied().unwrap_or((0, None));
                Ok(NightSeen {
                    night,
                    first_worn_at: columns::at_or_none(row, "first_worn_at")?,
                    valid_s: row.try_get("valid_s")?,
                    monitored_s: row.try_get("monitored_s")?,
                    cramps: count,
                    longest_cramp_s,
                })
            })
            .await?;
        // The leg that was watched longest comes first.
        nights.dedup_by_key(|night| night.night);
        Ok(nights)
    }

    async fn cramps_by_night(&self, person: &str) -> Result<Cramps, StoreError> {
        let query = sqlx::query(
            "SELECT night, onset_at AS from_at, end_at AS to_at FROM episodes WHERE person_id = $1
                 AND (alarm_at IS NOT NULL OR label = 'cramp') AND (label IS NULL OR label <> 'not')
             UNION ALL
             SELECT night, from_at, to_at FROM labels
             WHERE person_id = $1 AND episode_id IS NULL AND label = 'cramp'",
        );
        let rows = self
            .read_as(query.bind(person), |row| {
                let from = columns::at(row, "from_at")?;
                let length_s = columns::at_or_none(row, "to_at")?.map(|to| to.seconds_since(from));
                Ok((columns::date(row, "night")?, length_s))
            })
            .await?;
        let mut cramps = Cramps::new();
        for (night, length_s) in rows {
            let (count, longest) = cramps.entry(night).or_default();
            *count += 1;
            *longest = match (*longest, length_s) {
                (Some(a), Some(b)) => Some(f64::max(a, b)),
                (a, b) => a.or(b),
            };
        }
        Ok(cramps)
    }
}

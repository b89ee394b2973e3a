//! One intake: what, how much, when; and its stored form.

use std::fmt;

use uuid::Uuid;

use super::amount::{Amount, Measures, parse_amount};
use crate::store::IntakeRow;
use crate::units::UtcMicros;

/// Clocks of a phone and of the daemon may differ by this much, in seconds.
const CLOCK_TOLERANCE_S: f64 = 60.0;

/// What was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IntakeKind {
    /// Plain water.
    Water,
}

impl IntakeKind {
    /// The form that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Water => "water",
        }
    }

    /// Reads a kind as typed or stored.
    pub fn parse(text: &str) -> Result<Self, IntakeError> {
        match text.trim().to_lowercase().as_str() {
            "water" => Ok(Self::Water),
            _ => Err(IntakeError::UnknownKind { found: text.trim().to_owned() }),
        }
    }
}

impl fmt::Display for IntakeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why an intake was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// A kind that the diary does not have.
    #[error("found {found:?}, expected water; for example: crampwatch log water 250ml")]
    UnknownKind {
        /// The text.
        found: String,
    },
    /// It has not happened yet.
    #[error("found an intake at {at}, which is after now ({now}), expected a time that has passed; check the date")]
    InFuture {
        /// When it is said to have been.
        at: String,
        /// When it was logged.
        now: String,
    },
    /// A stored row whose amount is not one.
    #[error("found {found:?} as a stored amount, expected {expected}; the row was not written by this version")]
    StoredAmount {
        /// The stored amount.
        found: String,
        /// Why it was refused.
        expected: String,
    },
}

/// Something that a person took in.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// UUID v7.
    pub id: Uuid,
    /// Who.
    pub person_id: String,
    /// What.
    pub kind: IntakeKind,
    /// How much.
    pub amount: Amount,
    /// When.
    pub at: UtcMicros,
    /// When it was logged.
    pub logged_at: UtcMicros,
    /// What the person added.
    pub note: Option<String>,
}

impl Intake {
    /// Makes an intake with a new id.
    ///
    /// # Errors
    /// [`IntakeError::InFuture`] if `at` is more than a minute after `logged_at`.
    pub fn new(
        person_id: &str,
        kind: IntakeKind,
        amount: Amount,
        at: UtcMicros,
        logged_at: UtcMicros,
    ) -> Result<Self, IntakeError> {
        if at.seconds_since(logged_at) > CLOCK_TOLERANCE_S {
            return Err(IntakeError::InFuture { at: at.to_rfc3339(), now: logged_at.to_rfc3339() });
        }
        Ok(Self { id: Uuid::now_v7(), person_id: person_id.to_owned(), kind, amount, at, logged_at, note: None })
    }

    /// The stored form.
    pub fn to_row(&self) -> IntakeRow {
        IntakeRow {
            id: self.id,
            person_id: self.person_id.clone(),
            at: self.at,
            kind: self.kind.as_str().to_owned(),
            amount: self.amount.value,
            unit: self.amount.unit.as_str().to_owned(),
            amount_ml: Some(self.amount.millilitres),
            note: self.note.clone(),
            logged_at: self.logged_at,
        }
    }

    /// Reads the stored form. The stored ml count, not today's size of a glass.
    pub fn from_row(row: &IntakeRow) -> Result<Self, IntakeError> {
        let found = format!("{} {}", row.amount, row.unit);
        let stored = |expected: String| IntakeError::StoredAmount { found: found.clone(), expected };
        let millilitres = row.amount_ml.ok_or_else(|| stored("a volume in ml".to_owned()))?;
        let amount = parse_amount(&found, &Measures::default()).map_err(|error| stored(error.to_string()))?;
        Ok(Self {
            id: row.id,
            person_id: row.person_id.clone(),
            kind: IntakeKind::parse(&row.kind)?,
            amount: Amount { millilitres, ..amount },
            at: row.at,
            logged_at: row.logged_at,
            note: row.note.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMicros = UtcMicros(1_763_777_643_000_000);

    fn amount(text: &str) -> Amount {
        parse_amount(text, &Measures { glass_ml: 333.0, cup_ml: 150.0 }).unwrap()
    }

    #[test]
    fn the_stored_form_is_read_back_with_the_glass_of_its_day() {
        for text in ["250ml", "0.3 l", "2 glasses", "1 cup", "8 fl oz", "7 imp fl oz"] {
            let mut intake = Intake::new("me", IntakeKind::Water, amount(text), NOW, NOW).unwrap();
            intake.note = Some("before bed".to_owned());
            assert_eq!(Intake::from_row(&intake.to_row()).unwrap(), intake);
        }
    }

    #[test]
    fn an_intake_in_the_future_is_refused_but_a_clock_may_be_a_little_off() {
        let at = |seconds| Intake::new("me", IntakeKind::Water, amount("250ml"), NOW.plus_seconds(seconds), NOW);
        assert!(at(60.0).is_ok());
        let message = at(61.0).unwrap_err().to_string();
        assert!(message.contains("2025-11-22T02:15:04") && message.contains("check the date"), "{message}");
    }

    #[test]
    fn an_unknown_kind_shows_an_example() {
        let message = IntakeKind::parse("magnesium").unwrap_err().to_string();
        assert!(message.contains("\"magnesium\"") && message.contains("log water 250ml"), "{message}");
        assert_eq!(IntakeKind::parse(" Water ").unwrap(), IntakeKind::Water);
    }

    #[tokio::test]
    async fn logged_water_is_found_in_its_day() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::store::Store::open(folder.path()).await.unwrap();
        let intake = Intake::new("me", IntakeKind::Water, amount("250ml"), NOW, NOW).unwrap();
        store.add_intake(&intake.to_row()).await.unwrap();
        let rows = store.intakes_between("me", NOW, NOW.plus_micros(1)).await.unwrap();
        assert_eq!(Intake::from_row(&rows[0]).unwrap(), intake);
        assert_eq!(store.water_ml_between("me", NOW, NOW.plus_micros(1)).await.unwrap(), 250.0);
    }
}

//! What may be tried, and what must be known before.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TrialError;

/// A habit that can be kept for two weeks and left for two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Habit {
    /// Stretching calf and hamstrings before sleep.
    Stretching,
    /// Massage of the leg before sleep.
    Massage,
    /// Warmth on the leg before sleep.
    Warmth,
    /// Drinking more of the day's usual water by day than in the evening; the day's sum stays.
    WaterByDay,
    /// A supplement that the person already takes, as they take it.
    Supplement {
        /// Its name in the diary.
        name: String,
    },
}

impl fmt::Display for Habit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stretching => formatter.write_str("stretching before sleep"),
            Self::Massage => formatter.write_str("massage of the leg before sleep"),
            Self::Warmth => formatter.write_str("warmth on the leg before sleep"),
            Self::WaterByDay => formatter.write_str("drinking more of your usual water by day than in the evening"),
            Self::Supplement { name } => write!(formatter, "your own {name}"),
        }
    }
}

/// What the safety rules and the person say of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permission {
    /// The words of the safety rule that forbids it, if one does.
    pub forbidden: Option<String>,
    /// Whether the person already takes it; asked of supplements only.
    pub already_taken: bool,
    /// Whether a clinician wants it taken; asked of supplements only.
    pub prescribed: bool,
}

impl Permission {
    pub(super) fn check(&self, habit: &Habit) -> Result<(), TrialError> {
        let name = habit.to_string();
        if let Some(reason) = &self.forbidden {
            return Err(TrialError::Forbidden { habit: name, reason: reason.clone() });
        }
        match habit {
            Habit::Supplement { .. } if self.prescribed => Err(TrialError::Prescribed { habit: name }),
            Habit::Supplement { .. } if !self.already_taken => Err(TrialError::NotTakenYet { habit: name }),
            _ => Ok(()),
        }
    }
}

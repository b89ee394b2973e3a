//! Daily factors other than what was taken in: exercise, stretching, heat, illness…

use std::fmt;

/// A kind of exposure; the amount beside it has the kind's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exposure {
    /// Exercise, in minutes; hard exercise is [`Exposure::HardExercise`].
    Exercise,
    /// Exercise that was hard for this person, in minutes.
    HardExercise,
    /// Stretching of calf or hamstrings, in minutes.
    Stretch,
    /// Heavy sweating: yes or no.
    Sweat,
    /// A hot day, or warmth put on the leg: yes or no.
    Heat,
    /// Illness, such as fever, vomiting or diarrhoea: yes or no.
    Illness,
    /// Sun on the skin, in minutes.
    Sun,
    /// Standing for long, in minutes.
    Standing,
    /// A sleeping position that points the toes, or another one that the person watches: yes or no.
    Position,
    /// A medicine that was taken, by name in the note: yes or no.
    Medicine,
    /// A stressful day: yes or no.
    Stress,
    /// Massage of the leg: yes or no.
    Massage,
    /// Sitting for most of the day: yes or no.
    Sitting,
}

impl Exposure {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Exercise,
        Self::HardExercise,
        Self::Stretch,
        Self::Sweat,
        Self::Heat,
        Self::Illness,
        Self::Sun,
        Self::Standing,
        Self::Position,
        Self::Medicine,
        Self::Stress,
        Self::Massage,
        Self::Sitting,
    ];

    /// The stored form, such as `hard_exercise`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exercise => "exercise",
            Self::HardExercise => "hard_exercise",
            Self::Stretch => "stretch",
            Self::Sweat => "sweat",
            Self::Heat => "heat",
            Self::Illness => "illness",
            Self::Sun => "sun",
            Self::Standing => "standing",
            Self::Position => "position",
            Self::Medicine => "medicine",
            Self::Stress => "stress",
            Self::Massage => "massage",
            Self::Sitting => "sitting",
        }
    }

    /// Whether its amount is a duration in minutes; otherwise it is 1 for yes and 0 for an answered no.
    pub const fn in_minutes(self) -> bool {
        matches!(self, Self::Exercise | Self::HardExercise | Self::Stretch | Self::Sun | Self::Standing)
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|exposure| exposure.as_str() == text)
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.as_str().replace('_', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exposure_is_read_back() {
        for exposure in Exposure::ALL {
            assert_eq!(Exposure::parse(exposure.as_str()), Some(exposure));
        }
    }
}

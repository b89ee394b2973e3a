//! What is asked for, in which order and how long.

/// What the person is to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Put the sensor on; goes on by itself after five good seconds.
    Contact,
    /// Lie still.
    Rest,
    /// What comes next is a flex.
    BeforeFlexes,
    /// Point the toes and hold; the number counts from 1.
    Flex(u8),
    /// Let go.
    LetGo,
    /// What comes next is the stretch.
    BeforeStretch,
    /// Pull the foot up and hold.
    Stretch,
}

/// A step with its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    pub(super) step: Step,
    pub(super) seconds: f64,
}

const fn stage(step: Step, seconds: f64) -> Stage {
    Stage { step, seconds }
}

/// A standardised isometric MVC is the second method of the consensus on normalising EMG (CEDE, Besomi et al. 2020, J
/// Electromyogr Kinesiol 53:102438). Three of them, half a minute apart against fatigue, are what fits into three minutes.
pub(super) const SCRIPT: [Stage; 10] = [
    stage(Step::Rest, 60.0),
    stage(Step::BeforeFlexes, 10.0),
    stage(Step::Flex(1), 5.0),
    stage(Step::LetGo, 30.0),
    stage(Step::Flex(2), 5.0),
    stage(Step::LetGo, 30.0),
    stage(Step::Flex(3), 5.0),
    // Who lets go late is still measured; the flexes are judged at its end.
    stage(Step::LetGo, 5.0),
    stage(Step::BeforeStretch, 10.0),
    stage(Step::Stretch, 20.0),
];

/// Place of the rest.
pub(super) const REST: usize = 0;
/// Place of the announcement of the flexes: where they begin again.
pub(super) const BEFORE_FLEXES: usize = 1;
/// Place at whose end the flexes are judged.
pub(super) const AFTER_FLEXES: usize = 7;
/// Place of the announcement of the stretch.
pub(super) const BEFORE_STRETCH: usize = 8;
/// Place of the stretch, the last.
pub(super) const STRETCH: usize = 9;

/// Length of a session in seconds in which nothing has to be repeated, without the wait for contact.
pub fn session_s() -> f64 {
    SCRIPT.iter().map(|stage| stage.seconds).sum()
}

/// Where a session goes on that was interrupted at `stage`.
pub(super) fn begins_again_at(stage: usize) -> usize {
    match stage {
        BEFORE_FLEXES..=AFTER_FLEXES => BEFORE_FLEXES,
        BEFORE_STRETCH.. => BEFORE_STRETCH,
        _ => REST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_takes_three_minutes() {
        assert!((session_s() - 180.0).abs() < 1e-9);
    }

    #[test]
    fn the_places_are_those_of_their_steps() {
        assert_eq!(SCRIPT[REST].step, Step::Rest);
        assert_eq!(SCRIPT[BEFORE_FLEXES].step, Step::BeforeFlexes);
        assert_eq!(SCRIPT[AFTER_FLEXES - 1].step, Step::Flex(3));
        assert_eq!(SCRIPT[BEFORE_STRETCH].step, Step::BeforeStretch);
        assert_eq!(SCRIPT[STRETCH].step, Step::Stretch);
    }
}

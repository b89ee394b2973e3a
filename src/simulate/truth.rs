//! What really happened in a simulated night.

use std::fmt;
use std::str::FromStr;

/// Everything that happens in a simulated night. The names are those of the EDF+ annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// A cramp: what Crampwatch is to find.
    Cramp,
    /// A cramp of 2–5 s as under a nerve block: a boundary case, not counted as a cramp.
    PeripheralCramp,
    /// Turning over: a new posture.
    Turn,
    /// A large muscle-group movement of 3–45 s without turning over.
    LargeMovement,
    /// A stretch of 2–10 s, also the one that breaks a cramp.
    Stretch,
    /// A deliberate contraction of 10–60 s.
    LongHold,
    /// A series of periodic leg movements; each is a [`EventKind::LegMovement`] of its own.
    PlmsSeries,
    /// One leg movement of 0.5–10 s.
    LegMovement,
    /// Walking, such as to the bathroom.
    Walk,
    /// Standing still with weight on the leg.
    Standing,
    /// Tonic tension while lying still.
    Bracing,
    /// Hypnagogic foot tremor.
    Tremor,
    /// Fragmentary myoclonus or the twitches of REM sleep.
    FragmentaryMyoclonus,
    /// One jerk while falling asleep.
    HypnicJerk,
    /// Single motor units that fire by themselves.
    Fasciculation,
    /// Mains interference grows for a while.
    MainsJump,
    /// A hand rubs the calf or the blanket rubs the electrodes.
    Rub,
    /// An electrode with bad contact that the sensor does not notice: mains and noise.
    LooseElectrode,
    /// An electrode off the skin; the sensor's lead-off flag is set.
    LostElectrode,
    /// The radio link is down.
    LinkDown,
    /// Sweat lowers the amplitude slowly.
    SweatDrift,
    /// The bed shakes, the leg does nothing.
    BedVibration,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 22] = [
        Self::Cramp,
        Self::PeripheralCramp,
        Self::Turn,
        Self::LargeMovement,
        Self::Stretch,
        Self::LongHold,
        Self::PlmsSeries,
        Self::LegMovement,
        Self::Walk,
        Self::Standing,
        Self::Bracing,
        Self::Tremor,
        Self::FragmentaryMyoclonus,
        Self::HypnicJerk,
        Self::Fasciculation,
        Self::MainsJump,
        Self::Rub,
        Self::LooseElectrode,
        Self::LostElectrode,
        Self::LinkDown,
        Self::SweatDrift,
        Self::BedVibration,
    ];

    /// The name in annotations, in snake case; [`FromStr`] reads it back.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cramp => "cramp",
            Self::PeripheralCramp => "peripheral_cramp",
            Self::Turn => "turn",
            Self::LargeMovement => "large_movement",
            Self::Stretch => "stretch",
            Self::LongHold => "long_hold",
            Self::PlmsSeries => "plms_series",
            Self::LegMovement => "leg_movement",
            Self::Walk => "walk",
            Self::Standing => "standing",
            Self::Bracing => "bracing",
            Self::Tremor => "tremor",
            Self::FragmentaryMyoclonus => "fragmentary_myoclonus",
            Self::HypnicJerk => "hypnic_jerk",
            Self::Fasciculation => "fasciculation",
            Self::MainsJump => "mains_jump",
            Self::Rub => "rub",
            Self::LooseElectrode => "loose_electrode",
            Self::LostElectrode => "lost_electrode",
            Self::LinkDown => "link_down",
            Self::SweatDrift => "sweat_drift",
            Self::BedVibration => "bed_vibration",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is no [`EventKind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown event {found:?}, expected one of the simulator's event names such as \"cramp\" or \"turn\"")]
pub struct UnknownEventKind {
    /// The name that was given.
    pub found: String,
}

impl FromStr for EventKind {
    type Err = UnknownEventKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|kind| kind.name() == name);
        known.ok_or_else(|| UnknownEventKind { found: name.to_owned() })
    }
}

/// One event of a night.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthEvent {
    /// What it was.
    pub kind: EventKind,
    /// Start in seconds from the start of the night. For cramps: start of the first quarter second in which the
    /// cramp's own RMS, noise-free, on its strongest channel, exceeds twice the quiet RMS.
    pub onset_s: f64,
    /// End in seconds. For cramps: end of the last such quarter second.
    pub end_s: f64,
    /// EMG level in µV RMS on the strongest channel: for cramps the highest quarter second of the cramp alone, for
    /// contractions the planned plateau, 0 where it has no meaning.
    pub level_uv: f64,
    /// A word on how it came about, such as `relief` for what was done against a cramp; often empty.
    pub note: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for kind in EventKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!("Cramp".parse::<EventKind>().is_err());
    }
}

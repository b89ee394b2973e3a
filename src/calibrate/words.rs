//! The words of a session: plain, and short enough to be read while lying down.

use super::outcome::LEAST_EFFORT;
use super::script::Step;
use crate::signal::Quality;

/// What must be said before anybody flexes.
pub const BEFORE: &str = "\
Before you begin: pointing the toes hard can itself set off a cramp of the calf. Press only as hard as is comfortable:
a weaker flex counts too, your cramps are then judged somewhat stronger beside it. If it begins to cramp, stop and pull
the toes towards the shin. Leave the flexes out if the leg is hurt or somebody treating you said not to strain it.
You can stop at any time with Ctrl-C, or q and Enter; then nothing is stored.
";

impl Step {
    /// What to do, in one sentence or two.
    pub const fn instruction(self) -> &'static str {
        match self {
            Self::Contact => "Put the sensor on the calf, lie down with the leg straight, and let it go soft.",
            Self::Rest => "Lie still with the leg soft. Nothing else to do until the count-down ends.",
            Self::BeforeFlexes => "Next you point your toes away from you. Not yet: lie still.",
            Self::Flex(_) => "NOW point your toes away, as hard as is comfortable, and hold.",
            Self::LetGo => "Let go, and let the leg go soft.",
            Self::BeforeStretch => "Next you pull the foot up towards the shin. Not yet: lie still.",
            Self::Stretch => "NOW pull the foot up with your hands or a towel, the leg soft, and hold.",
        }
    }

    /// A name for lists.
    pub fn name(self) -> String {
        match self {
            Self::Contact => "contact".to_owned(),
            Self::Rest => "rest".to_owned(),
            Self::BeforeFlexes | Self::BeforeStretch => "get ready".to_owned(),
            Self::Flex(number) => format!("flex {number} of 3"),
            Self::LetGo => "let go".to_owned(),
            Self::Stretch => "stretch".to_owned(),
        }
    }
}

/// What is wrong with a signal, and what to do.
pub(super) const fn quality_words(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "it comes and goes: press the electrodes on, keep cables still",
        Quality::Incomplete => "samples are missing: bring the sensor closer",
        Quality::WarmUp => "the filters settle",
        Quality::LeadOff => "an electrode is off the skin: press it on",
        Quality::Clipped => "the amplifier is at its limit: press the electrodes on, keep cables still",
        Quality::Flat => "the same value again and again: is the electrode cable plugged in?",
        Quality::Mains => "mostly mains hum: press the electrodes on, move away from chargers and lamps",
    }
}

pub(super) const NO_DATA: &str =
    "no samples come from the sensor: is it on, charged, within a few metres and not connected to something else?";
pub(super) const RESTLESS: &str = "That was too restless for a resting level: once more.";
pub(super) const TOO_LITTLE: &str = "Too much of the signal was missing or bad to tell rest: once more.";
pub(super) const INTERRUPTED: &str = "The signal was lost: as soon as it is back, this part begins again.";

pub(super) fn no_flex_yet() -> String {
    format!(
        "No flex was seen: nothing reached {LEAST_EFFORT} times your resting level. Once more; if it hurts, just lie still, \
         and only rest is kept."
    )
}

pub(super) fn no_flex_note(label: &str, greatest_uv: Option<f64>) -> String {
    let seen = greatest_uv.map_or("it was not heard".to_owned(), |uv| format!("{uv:.0} µV at most"));
    format!(
        "No flex was seen on {label} ({seen}, expected {LEAST_EFFORT} times rest): only its resting level is known, and cramps \
         are judged by that."
    )
}

pub(super) fn uneven_note(label: &str, greatest_uv: f64, second_uv: f64) -> String {
    format!(
        "The flexes on {label} were uneven ({greatest_uv:.0} µV, then {second_uv:.0} µV): the strongest one counts; do it again \
         if it was a jerk rather than a flex."
    )
}

pub(super) fn high_rest_note(label: &str, rest_uv: f64) -> String {
    format!("{label} is loud for a resting calf ({rest_uv:.0} µV): clean skin, fresh electrodes, no charger near?")
}

pub(super) fn silent_note(label: &str) -> String {
    format!("{label} gives hardly any signal: is its electrode cable plugged in?")
}

pub(super) fn missing_note(share: f64) -> String {
    format!("{:.0} % of the rest was missing or bad.", share * 100.0)
}

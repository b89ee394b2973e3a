//! The names of the features, in the order of a row.

use super::features_held::{HELD_NAMES, N_HELD};

/// Name of this set; a model trained on another set is refused.
pub const FEATURE_SET: &str = "quarters-3";

/// Features a row.
pub const N_FEATURES: usize = NAMES.len();
/// The first of the features that need acceleration; all after it do too.
pub(crate) const FIRST_MOTION: usize = FIRST_HELD + N_HELD;
/// The first of the features of what has been held.
pub(crate) const FIRST_HELD: usize = 16;

const NAMES: [&str; 70] = [
    "level",
    "sustained_level",
    "envelope_variation",
    "slow_modulation",
    "duty_10s",
    "duty_30s",
    "active_time",
    "rise",
    "mean_frequency",
    "complexity",
    "peakiness",
    "head_difference",
    "second_head_level",
    "mains_share",
    "twitches_before",
    "tension_before",
    HELD_NAMES[0],
    HELD_NAMES[1],
    HELD_NAMES[2],
    HELD_NAMES[3],
    HELD_NAMES[4],
    HELD_NAMES[5],
    HELD_NAMES[6],
    HELD_NAMES[7],
    HELD_NAMES[8],
    HELD_NAMES[9],
    HELD_NAMES[10],
    HELD_NAMES[11],
    HELD_NAMES[12],
    HELD_NAMES[13],
    HELD_NAMES[14],
    HELD_NAMES[15],
    HELD_NAMES[16],
    HELD_NAMES[17],
    HELD_NAMES[18],
    HELD_NAMES[19],
    HELD_NAMES[20],
    HELD_NAMES[21],
    HELD_NAMES[22],
    HELD_NAMES[23],
    HELD_NAMES[24],
    HELD_NAMES[25],
    HELD_NAMES[26],
    HELD_NAMES[27],
    HELD_NAMES[28],
    HELD_NAMES[29],
    HELD_NAMES[30],
    HELD_NAMES[31],
    HELD_NAMES[32],
    HELD_NAMES[33],
    HELD_NAMES[34],
    HELD_NAMES[35],
    HELD_NAMES[36],
    HELD_NAMES[37],
    HELD_NAMES[38],
    HELD_NAMES[39],
    HELD_NAMES[40],
    HELD_NAMES[41],
    HELD_NAMES[42],
    HELD_NAMES[43],
    HELD_NAMES[44],
    "movement_2s",
    "movement_10s",
    "movement_before",
    "posture_change",
    "posture_familiarity",
    "recent_turn",
    "movement_since_onset",
    "movement_at_onset",
    "posture_since_onset",
];

/// The names of the features in the order of a row; the first [`FeatureRow::n_without_motion`](super::FeatureRow::n_without_motion) need no acceleration.
pub fn feature_names() -> &'static [&'static str] {
    &NAMES
}

/// Position of a feature in a row.
pub fn feature_index(name: &str) -> Option<usize> {
    NAMES.iter().position(|candidate| *candidate == name)
}

//! The names of the features, in the order of a row.

use super::features_held::{HELD_NAMES, N_HELD};
use super::since_onset::{N_SINCE, SINCE_NAMES};
use super::spike_intervals::{INTERVAL_NAMES, N_INTERVAL};

/// Name of this set; a model trained on another set is refused.
pub const FEATURE_SET: &str = "quarters-4";

/// Features a row.
pub const N_FEATURES: usize = FIRST_MOTION + MOTION_NAMES.len();
/// The first of the features of what has been held.
pub(crate) const FIRST_HELD: usize = NOW_NAMES.len();
/// The first of the features of the highest peaks.
pub(crate) const FIRST_INTERVAL: usize = FIRST_HELD + N_HELD;
/// The first of the features of all since the onset.
pub(crate) const FIRST_SINCE: usize = FIRST_INTERVAL + N_INTERVAL;
/// The first of the features that need acceleration; all after it do too.
pub(crate) const FIRST_MOTION: usize = FIRST_SINCE + N_SINCE;

const NOW_NAMES: [&str; 16] = [
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
];
const MOTION_NAMES: [&str; 4] = ["movement_2s", "movement_10s", "posture_familiarity", "movement_since_onset"];
const NAMES: [&str; N_FEATURES] = joined();

const fn joined() -> [&'static str; N_FEATURES] {
    let groups: [&[&'static str]; 5] = [&NOW_NAMES, &HELD_NAMES, &INTERVAL_NAMES, &SINCE_NAMES, &MOTION_NAMES];
    let mut all = [""; N_FEATURES];
    let (mut group, mut place) = (0, 0);
    while group < groups.len() {
        let mut index = 0;
        while index < groups[group].len() {
            all[place] = groups[group][index];
            index += 1;
            place += 1;
        }
        group += 1;
    }
    all
}

/// The names of the features in the order of a row; the first [`FeatureRow::n_without_motion`](super::FeatureRow::n_without_motion) need no acceleration.
pub fn feature_names() -> &'static [&'static str] {
    &NAMES
}

/// Position of a feature in a row.
pub fn feature_index(name: &str) -> Option<usize> {
    NAMES.iter().position(|candidate| *candidate == name)
}

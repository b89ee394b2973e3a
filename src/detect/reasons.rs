//! Why an episode was called a cramp, in plain words, from the model's own contributions.

use super::Classifier;
use crate::signal::{FeatureRow, N_FEATURES, feature_index, feature_names};

/// Most reasons given.
const MOST: usize = 3;
/// A feature must add at least this to the log odds to be a reason.
const LEAST: f64 = 0.2;

/// The strongest reasons for a row, strongest first, each a short phrase; features of one meaning count together.
pub fn reasons(model: &Classifier, row: &FeatureRow) -> Vec<String> {
    let mut groups: Vec<(Meaning, f64)> = Vec::new();
    let mut contributions = [0.0; N_FEATURES];
    model.add_contributions(&row.values, &mut contributions);
    for (name, contribution) in feature_names().iter().zip(contributions) {
        let meaning = meaning(name);
        match groups.iter_mut().find(|(known, _)| *known == meaning) {
            Some((_, sum)) => *sum += contribution,
            None => groups.push((meaning, contribution)),
        }
    }
    groups.sort_by(|a, b| b.1.total_cmp(&a.1));
    let phrases = groups.iter().filter(|(_, sum)| *sum >= LEAST).filter_map(|(meaning, _)| phrase(*meaning, row));
    let mut reasons: Vec<String> = phrases.take(MOST).collect();
    if reasons.is_empty() {
        reasons.extend(phrase(Meaning::Level, row));
    }
    reasons
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Level,
    Lasting,
    Unsteady,
    Twitches,
    Tension,
    BuildUp,
    OneHead,
    Stillness,
    Posture,
    Other,
}

fn meaning(feature: &str) -> Meaning {
    match feature {
        "level" => Meaning::Level,
        "sustained_level" | "duty_10s" | "duty_30s" | "active_time" => Meaning::Lasting,
        "envelope_variation" | "slow_modulation" | "peakiness" | "wandering" | "wandering_30s" | "peakiness_held"
        | "spectrum_variation" => Meaning::Unsteady,
        "twitches_before" => Meaning::Twitches,
        "tension_before" => Meaning::Tension,
        _ if ["dips_", "envelope_", "discharge_", "sharp_", "spikes_", "onset_"]
            .iter()
            .any(|start| feature.starts_with(start)) =>
        {
            Meaning::Unsteady
        }
        "rise" => Meaning::BuildUp,
        "head_difference" | "second_head_level" => Meaning::OneHead,
        "movement_2s" | "movement_10s" | "movement_since_onset" => Meaning::Stillness,
        "posture_familiarity" => Meaning::Posture,
        _ => Meaning::Other,
    }
}

/// The words, or nothing where the row does not bear them out: a reason must be true, not only weighty.
fn phrase(meaning: Meaning, row: &FeatureRow) -> Option<String> {
    let value = |name: &str| feature_index(name).map_or(0.0, |index| row.values[index]);
    let active_s = value("active_time").exp_m1();
    match meaning {
        Meaning::Level => Some(format!("calf activity at {:.0} times its quiet level", row.ratio)),
        Meaning::Lasting if active_s >= 2.0 => Some(format!("steady calf activity for {active_s:.0} s")),
        Meaning::Unsteady => Some("discharge that wanders as in a cramp".to_owned()),
        Meaning::Twitches if value("twitches_before") > 0.02 => Some("twitches in the half minute before".to_owned()),
        Meaning::Tension if value("tension_before") > 0.1 => Some("some tension in the half minute before".to_owned()),
        Meaning::BuildUp if value("rise") > 0.0 => Some("activity that built up over seconds".to_owned()),
        Meaning::OneHead if value("head_difference") > 0.4 => {
            Some("one head of the calf far ahead of the other".to_owned())
        }
        Meaning::Stillness if row.has_motion && value("movement_2s") < 3.0 => Some("leg still".to_owned()),
        Meaning::Posture if row.has_motion && value("posture_familiarity") > 0.5 => Some("lying as before".to_owned()),
        _ => None,
    }
}

//! What this person's nights show of each factor, as natural frequencies.

use crate::advice::association::companion_sentence;
use crate::advice::input::AdviceInput;
use crate::advice::link::{Factor, Link, OddsRatio, Share, Strength};
use crate::advice::remedies::remedies;
use crate::advice::safety::Verdict;
use crate::advice::texts::{amount, capitalised, factor_name, number, per_cent};

/// What has to be known for reading any link.
const NOTE: &str = "A link is no proof. Cramps that the sensor missed or saw wrongly make every link look smaller than it \
    is, and what goes together in your days cannot be told apart.";

/// What is said of one factor.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkLine {
    /// Which.
    pub factor: Factor,
    /// How much may be said.
    pub strength: Strength,
    /// The sentences.
    pub text: String,
}

/// A line for each link, the strongest first.
pub(super) fn links(input: &AdviceInput, verdict: &Verdict) -> Vec<LinkLine> {
    let mut links: Vec<&Link> = input.links.iter().collect();
    links.sort_by_key(|link| (std::cmp::Reverse(link.strength), link.factor));
    links
        .into_iter()
        .map(|link| LinkLine { factor: link.factor, strength: link.strength, text: words(link, input, verdict) })
        .collect()
}

/// What has to be known beside the links, and that some are kept back while their trial runs, since a trial is spoilt for whoever
/// sees how it goes. `input` is what was known before anything was kept back.
pub(super) fn note(input: &AdviceInput, told: &[LinkLine]) -> Option<String> {
    let mut kept_back: Vec<Factor> =
        input.links.iter().map(|link| link.factor).filter(|factor| input.under_trial.contains(factor)).collect();
    kept_back.sort_unstable();
    kept_back.dedup();
    let names: Vec<String> = kept_back.into_iter().map(factor_name).collect();
    let blinded = (!names.is_empty())
        .then(|| format!("What your nights show of {} is not told while a trial of it runs.", names.join(" and ")));
    let parts: Vec<String> = blinded.into_iter().chain((!told.is_empty()).then(|| NOTE.to_owned())).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn words(link: &Link, input: &AdviceInput, verdict: &Verdict) -> String {
    if link.strength == Strength::TooEarly {
        return too_early(link);
    }
    let mut text = format!(
        "{}: after days {} {}; otherwise {}.",
        capitalised(&factor_name(link.factor)),
        with(link),
        share(link.exposed),
        share(link.unexposed)
    );
    if let Some(odds) = link.odds_ratio.filter(is_finite) {
        text.push_str(&estimate(&odds));
    }
    text.push_str(&format!(" {}.", capitalised(link.strength.words())));
    if let Some(more) = link.more_nights {
        text.push_str(&format!(" About {more} more nights would tell more."));
    }
    let companion = input.companions.iter().find(|(factor, _)| *factor == link.factor);
    if let Some((factor, companion)) = companion {
        text.push_str(&format!(" {}", companion_sentence(*factor, *companion)));
    }
    if removed(link.factor, verdict) {
        text.push_str(" Change nothing about it by this: your cautions come first.");
    }
    text
}

/// Only the nights are told, not what they seem to show.
fn too_early(link: &Link) -> String {
    let Link { exposed, unexposed, .. } = link;
    let mut text = format!(
        "{}: {}. {} nights know of it, {} of them with a cramp; {} came after days with it and {} after days without.",
        capitalised(&factor_name(link.factor)),
        Strength::TooEarly.words(),
        exposed.nights.saturating_add(unexposed.nights),
        exposed.cramp_nights.saturating_add(unexposed.cramp_nights),
        exposed.nights,
        unexposed.nights
    );
    if let Some(more) = link.more_nights {
        text.push_str(&format!(" About {more} more nights are needed."));
    }
    text
}

fn with(link: &Link) -> String {
    match (link.factor, link.threshold.filter(|threshold| threshold.is_finite() && *threshold > 0.0)) {
        (Factor::Nutrient(nutrient), Some(threshold)) => format!("with more than {}", amount(nutrient, threshold)),
        (Factor::Exposure(exposure), Some(threshold)) if exposure.in_minutes() => {
            format!("with more than {} min", number(threshold))
        }
        _ => "with it".to_owned(),
    }
}

fn share(share: Share) -> String {
    let Share { cramp_nights, nights } = share;
    if nights == 0 {
        return "no night yet".to_owned();
    }
    let part = per_cent(f64::from(cramp_nights) / f64::from(nights));
    format!("{cramp_nights} of {nights} nights had a cramp ({part})")
}

fn estimate(odds: &OddsRatio) -> String {
    let (chance, direction) = if odds.p_lowers > odds.p_raises {
        (odds.p_lowers, "lower (below 0.8)")
    } else {
        (odds.p_raises, "higher (above 1.25)")
    };
    format!(
        " Estimated {:.1} times the odds, 80 % interval {:.1} to {:.1}, 95 % {:.1} to {:.1}; chance that they are truly {direction} {}.",
        odds.estimate,
        odds.interval_80.0,
        odds.interval_80.1,
        odds.interval_95.0,
        odds.interval_95.1,
        per_cent(chance)
    )
}

fn is_finite(odds: &OddsRatio) -> bool {
    let OddsRatio { estimate, interval_80, interval_95, p_raises, p_lowers } = *odds;
    [estimate, interval_80.0, interval_80.1, interval_95.0, interval_95.1, p_raises, p_lowers]
        .iter()
        .all(|n| n.is_finite())
}

/// Whether a rule took away a remedy of this factor by its name.
fn removed(factor: Factor, verdict: &Verdict) -> bool {
    remedies()
        .iter()
        .any(|remedy| remedy.factors.contains(&factor) && remedy.suggestable() && !verdict.allows_mention(remedy))
}

#[cfg(test)]
mod tests {
    use super::super::written::persons;
    use super::super::{Origin, advise};
    use super::*;
    use crate::diary::Nutrient;

    #[test]
    fn what_the_nights_show_of_a_factor_under_trial_shows_nowhere() {
        let (_, mut input) = persons().into_iter().find(|(name, _)| *name == "120_nights_possible_link").unwrap();
        assert_eq!(advise(&input).suggestion.map(|suggestion| suggestion.origin), Some(Origin::OwnNights));
        input.under_trial = vec![Factor::Nutrient(Nutrient::Alcohol)];
        let advice = advise(&input);
        assert!(advice.links.is_empty());
        assert_eq!(
            advice.links_note.as_deref(),
            Some("What your nights show of alcohol is not told while a trial of it runs.")
        );
        assert_eq!(advice.suggestion.map(|suggestion| suggestion.origin), Some(Origin::Reviews));
        assert_eq!(advice.learning, "120 watched nights, 30 with a cramp.");
    }
}

//! What could be suggested, before the rules of safety: from the person's nights, their medicines, their log, and the reviews.

use super::suggestion::Origin;
use crate::advice::input::AdviceInput;
use crate::advice::link::{Factor, Link, OddsRatio, Strength};
use crate::advice::reference::references;
use crate::advice::remedies::{Remedy, Suggest, Wants, remedies};
use crate::advice::safety::{Verdict, medicines_of};
use crate::diary::Nutrient;

/// The medicines review leads for the first days of a month only, so that it does not hide everything else for good.
const REVIEW_DAYS: i8 = 7;

/// A remedy that could be suggested, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// Which.
    pub(super) remedy: &'static Remedy,
    /// Where it came from.
    pub(super) origin: Origin,
    /// The lower, the sooner it is suggested.
    tier: u8,
}

/// All candidates, the best first; within a tier in the order of the file.
pub(super) fn candidates(input: &AdviceInput) -> Vec<Candidate> {
    let age = input.person.age_in(input.year());
    let mut found: Vec<Candidate> = remedies()
        .iter()
        .filter(|remedy| remedy.min_age.is_none_or(|from| age.is_some_and(|age| age >= from)))
        .filter_map(|remedy| candidate(remedy, input))
        .collect();
    found.sort_by_key(|candidate| candidate.tier);
    found
}

/// The first candidate that the verdict allows; what was suggested last stays as long as nothing of a better tier is there.
pub(super) fn choose<'a>(
    candidates: &'a [Candidate],
    verdict: &Verdict,
    previous: Option<&str>,
) -> Option<&'a Candidate> {
    let mut allowed = candidates.iter().filter(|candidate| verdict.allows(candidate.remedy));
    let best = allowed.next()?;
    let kept = allowed.find(|candidate| candidate.tier == best.tier && Some(candidate.remedy.id.as_str()) == previous);
    Some(kept.unwrap_or(best))
}

fn candidate(remedy: &'static Remedy, input: &AdviceInput) -> Option<Candidate> {
    let made = |origin, tier| Some(Candidate { remedy, origin, tier });
    if remedy.suggestable() {
        if links_of(remedy, input).any(|link| link.strength == Strength::ConsistentLink && speaks_for(remedy, link)) {
            return made(Origin::OwnNights, 0);
        }
        if links_of(remedy, input).any(|link| link.strength == Strength::PossibleLink && speaks_for(remedy, link)) {
            return made(Origin::OwnNights, 1);
        }
    }
    match remedy.suggest {
        Suggest::AssociatedMedicine if input.today.day() <= REVIEW_DAYS && medicines_of(input).next().is_some() => {
            made(Origin::Medicines, 2)
        }
        Suggest::Always if tried_without_a_link(remedy, input) => made(Origin::Reviews, 4),
        Suggest::Always => made(Origin::Reviews, 3),
        Suggest::BelowReference if tried_without_a_link(remedy, input) => None,
        Suggest::BelowReference if remedy.nutrients().any(|nutrient| below_reference(nutrient, input)) => {
            made(Origin::Log, 3)
        }
        _ => None,
    }
}

fn links_of<'a>(remedy: &'a Remedy, input: &'a AdviceInput) -> impl Iterator<Item = &'a Link> {
    let is_of = |factor: Factor| remedy.factors.contains(&factor);
    input.links.iter().filter(move |link| is_of(link.factor))
}

/// Whether a link points to more of what the remedy wants more of, or to less of what it wants less of.
fn speaks_for(remedy: &Remedy, link: &Link) -> bool {
    let Some(OddsRatio { p_raises, p_lowers, .. }) = link.odds_ratio else { return false };
    match remedy.wants {
        Some(Wants::Less) => p_raises > p_lowers,
        Some(Wants::More) => p_lowers > p_raises,
        None => false,
    }
}

/// Whether the person's own nights have been long enough with and without it, and did not speak for it.
fn tried_without_a_link(remedy: &Remedy, input: &AdviceInput) -> bool {
    links_of(remedy, input).any(|link| match link.strength {
        Strength::TooEarly => false,
        Strength::NoClearLink => true,
        Strength::PossibleLink | Strength::ConsistentLink => !speaks_for(remedy, link),
    })
}

/// Whether the log knows enough to say that it averages less than every reference.
fn below_reference(nutrient: Nutrient, input: &AdviceInput) -> bool {
    let Some(average) = input.average(nutrient).filter(|average| average.comparable()) else { return false };
    let references = references(nutrient, &input.person, input.year());
    !references.is_empty() && references.iter().all(|reference| average.average_per_day < reference.value)
}

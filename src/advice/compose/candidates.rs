//! What could be suggested, before the rules of safety: from the person's nights, their medicines, their log, and the reviews.

use jiff::ToSpan;

use super::suggestion::Origin;
use crate::advice::input::AdviceInput;
use crate::advice::link::{Factor, Link, OddsRatio, Strength};
use crate::advice::reference::references;
use crate::advice::remedies::{Remedy, Suggest, Wants, remedies};
use crate::advice::safety::{Verdict, medicines_of};
use crate::diary::Nutrient;

/// The medicines review leads for the first days of a month only, so that it does not hide everything else for good.
const REVIEW_DAYS: i8 = 7;
/// How long something is tried before the next has its turn: as long as the trial of stretching was (Hallegraeff 2012).
const DAYS_TO_TRY: i32 = 42;
/// From this tier on suggestions take turns. What the own nights point to stays, however long it was told.
const TAKES_TURNS: u8 = 3;

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

/// The first candidate that the verdict allows and no running trial is about. What was suggested last stays as long as nothing of a better tier is there; what
/// comes from the log or the reviews gives way to the next of its tier after [`DAYS_TO_TRY`], and has another turn after the last.
pub(super) fn choose<'a>(candidates: &'a [Candidate], verdict: &Verdict, input: &AdviceInput) -> Option<&'a Candidate> {
    let in_trial = |candidate: &&Candidate| Some(&candidate.remedy.id) == input.remedy_under_trial.as_ref();
    let allowed: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| verdict.allows(candidate.remedy))
        .filter(|candidate| !in_trial(candidate))
        .collect();
    let best = *allowed.first()?;
    let mut turns = allowed.into_iter().filter(|candidate| candidate.tier == best.tier);
    let previous = input.previous_suggestion.as_deref();
    let Some(kept) = turns.find(|candidate| Some(candidate.remedy.id.as_str()) == previous) else { return Some(best) };
    if best.tier >= TAKES_TURNS && previous_had_its_time(input) {
        return Some(turns.next().unwrap_or(best));
    }
    Some(kept)
}

/// Whether what was suggested last was suggested for [`DAYS_TO_TRY`] without a break.
pub(super) fn previous_had_its_time(input: &AdviceInput) -> bool {
    let until = input.previous_since.and_then(|since| since.checked_add(DAYS_TO_TRY.days()).ok());
    until.is_some_and(|until| until <= input.today)
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

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::super::advise;
    use super::super::written::persons;
    use super::*;

    /// What this written person is told day after day, each remedy with the days of its turn.
    fn turns(name: &str, days: i32) -> Vec<(String, i32)> {
        let (_, mut input) = persons().into_iter().find(|(written, _)| *written == name).unwrap();
        input.previous_suggestion = None;
        let first = input.today;
        let mut told: Vec<(String, i32)> = Vec::new();
        for day in 0..days {
            input.today = first.checked_add(day.days()).unwrap();
            let now = advise(&input).suggestion.unwrap().remedy;
            if input.previous_suggestion.as_ref() == Some(&now) {
                told.last_mut().unwrap().1 += 1;
            } else {
                input.previous_since = Some(input.today);
                told.push((now.clone(), 1));
            }
            input.previous_suggestion = Some(now);
        }
        told
    }

    fn of_six_weeks(ids: &[&str]) -> Vec<(String, i32)> {
        ids.iter().map(|id| ((*id).to_owned(), DAYS_TO_TRY)).collect()
    }

    #[test]
    fn who_stretched_without_a_clear_effect_is_told_each_of_the_others_in_turn_and_then_the_first_again() {
        let ids = ["evening_breathing", "massage", "heat", "vitamin_k2", "evening_breathing"];
        assert_eq!(turns("stretch_that_shows_nothing", 5 * DAYS_TO_TRY), of_six_weeks(&ids));
    }

    #[test]
    fn what_the_own_nights_point_to_is_told_for_as_long_as_they_do() {
        assert_eq!(turns("120_nights_possible_link", 200), [("alcohol_less".to_owned(), 200)]);
    }

    #[test]
    fn without_a_first_day_and_with_one_to_come_what_was_suggested_stays() {
        let (_, mut input) = persons().into_iter().find(|(name, _)| *name == "stretch_that_shows_nothing").unwrap();
        input.previous_suggestion = Some("massage".to_owned());
        for since in [None, Some(input.today), Some(Date::MAX), input.today.checked_add(60.days()).ok()] {
            input.previous_since = since;
            assert_eq!(advise(&input).suggestion.unwrap().remedy, "massage", "{since:?}");
        }
    }
}

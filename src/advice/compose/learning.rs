//! What the nights can tell by now, what is different from last time, and why a fall proves nothing by itself.

use super::candidates::previous_had_its_time;
use super::suggestion::{Origin, Suggestion};
use crate::advice::input::AdviceInput;
use crate::advice::link::Strength;
use crate::advice::remedies::remedy;
use crate::advice::safety::Verdict;

/// Watched nights before any link is told.
const NIGHTS_FOR_LINKS: usize = 60;
/// Nights with a cramp before any link is told.
const CRAMP_NIGHTS_FOR_LINKS: usize = 10;

/// Said beside every suggestion.
pub(super) const REGRESSION_NOTE: &str = "In trials, people on placebo had about a third fewer cramps too: one starts in a bad spell \
    and it passes. Fewer cramps after a change prove nothing yet; compare nights with it and without it.";

/// How far the nights are, in one or two sentences.
pub(super) fn learning(input: &AdviceInput) -> String {
    let nights = input.watched_nights();
    let watched = nights.len();
    let with_cramp = nights.iter().filter(|night| night.cramps > 0).count();
    if watched == 0 {
        return format!(
            "No watched night yet. Links with your days can be told from {NIGHTS_FOR_LINKS} watched nights, \
             {CRAMP_NIGHTS_FOR_LINKS} of them with a cramp, on."
        );
    }
    let so_far = format!("{watched} watched nights, {with_cramp} with a cramp.");
    if watched >= NIGHTS_FOR_LINKS && with_cramp >= CRAMP_NIGHTS_FOR_LINKS {
        let told = input.links.iter().filter(|link| link.strength != Strength::TooEarly).count();
        return match (told, input.links.iter().filter_map(|link| link.more_nights).min()) {
            (0, _) if !input.under_trial.is_empty() => so_far,
            (0, _) => {
                format!("{so_far} Each factor needs 10 nights with it and 10 without: answer the evening check-in.")
            }
            (told, Some(more)) => {
                format!("{so_far} Factors judged so far: {told}. About {more} more nights would tell more of one.")
            }
            (told, None) => format!("{so_far} Factors judged so far: {told}."),
        };
    }
    let missing = NIGHTS_FOR_LINKS.saturating_sub(watched);
    let missing_cramps = CRAMP_NIGHTS_FOR_LINKS.saturating_sub(with_cramp);
    let needed = match (missing, missing_cramps) {
        (0, cramps) => format!("{cramps} more cramp nights"),
        (nights, 0) => format!("{nights} more watched nights"),
        (nights, cramps) => format!("{nights} more watched nights and {cramps} more cramp nights"),
    };
    format!("{so_far} Too early for links: they need {needed}. Having few cramps is fine too.")
}

/// What is different from what was suggested last; `None` if nothing was.
pub(super) fn what_changed(input: &AdviceInput, now: Option<&Suggestion>, verdict: &Verdict) -> Option<String> {
    let before = input.previous_suggestion.as_deref()?;
    let Some(before) = remedy(before) else {
        return now.map(|now| format!("What was suggested last is no longer known; now: {}.", now.title));
    };
    let forbidden = !verdict.allows(before);
    if !forbidden && input.remedy_under_trial.as_ref() == Some(&before.id) {
        let now = now.map_or_else(String::new, |now| format!(" Now: {}.", now.title));
        return Some(format!("Last time: {}. It is not suggested while its trial runs.{now}", before.title));
    }
    Some(match now {
        Some(now) if now.remedy == before.id => format!("Same as last time: {}.", now.title),
        Some(now) if forbidden => {
            format!(
                "Last time: {}. By what is known of you now it is not suggested any more. Now: {}.",
                before.title, now.title
            )
        }
        Some(now) => {
            let because = match now.origin {
                Origin::OwnNights => "your own nights point to it",
                Origin::Medicines => "once a month your medicines come first",
                Origin::Log | Origin::Reviews if previous_had_its_time(input) => "the other had its time",
                Origin::Log => "your log points to it",
                Origin::Reviews => "it is what comes first now",
            };
            format!("Last time: {}. Now: {}, because {because}.", before.title, now.title)
        }
        None => format!("Last time: {}. By what is known of you now nothing is suggested.", before.title),
    })
}

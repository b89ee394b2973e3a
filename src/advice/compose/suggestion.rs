//! One thing to try, with why, how sure and from whom.

use super::candidates::Candidate;
use crate::advice::input::AdviceInput;
use crate::advice::link::{Factor, Link, Strength};
use crate::advice::texts::{capitalised, factor_name};

/// Where a suggestion came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This person's own nights.
    OwnNights,
    /// A medicine on their list.
    Medicines,
    /// Their log, beside the reference.
    Log,
    /// Reviews and trials only.
    Reviews,
}

/// One thing to try. Only [`Self::articles_say`] and [`Self::differs`] may quote an amount, as somebody else's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Id of the remedy.
    pub remedy: String,
    /// What to do.
    pub title: String,
    /// Why.
    pub why: String,
    /// How certain that is.
    pub how_sure: String,
    /// Who says so.
    pub from_whom: String,
    /// Where it came from.
    pub origin: Origin,
    /// How to do it, in steps.
    pub how_to: Vec<String>,
    /// What to beware of.
    pub cautions: Vec<String>,
    /// What popular articles claim, each with its title.
    pub articles_say: Vec<String>,
    /// Where the evidence differs from that.
    pub differs: String,
}

/// Words a candidate.
pub(super) fn suggestion(candidate: &Candidate, input: &AdviceInput) -> Suggestion {
    let remedy = candidate.remedy;
    let sources = remedy.sources.join("; ");
    let own = input.links.iter().find(|link| {
        remedy.factors.contains(&link.factor)
            && matches!(link.strength, Strength::PossibleLink | Strength::ConsistentLink)
            && candidate.origin == Origin::OwnNights
    });
    let mut how_sure = format!("{}: {}.", capitalised(remedy.grade.words()), remedy.direction.words());
    if let Some(effect) = &remedy.effect {
        how_sure.push_str(&format!(" {effect}."));
    }
    if let Some(link) = own {
        how_sure.push_str(&format!(" In your own nights: {}, no proof.", link.strength.words()));
    }
    let why = own.map_or_else(
        || remedy.why.clone(),
        |link| format!("After days with {} you had {}. {}", more_of(link), direction(link), without_log(&remedy.why)),
    );
    let from_whom = match candidate.origin {
        Origin::OwnNights => format!("your own nights; {sources}"),
        Origin::Medicines => format!("your list of medicines; {sources}"),
        Origin::Log => format!("your log; {sources}"),
        Origin::Reviews => sources,
    };
    Suggestion {
        remedy: remedy.id.clone(),
        title: remedy.title.clone(),
        why,
        how_sure,
        from_whom,
        origin: candidate.origin,
        how_to: remedy.how_to.clone(),
        cautions: remedy.cautions.clone(),
        articles_say: remedy
            .claims
            .iter()
            .map(|claim| format!("\u{201c}{}\u{201d}: {}", claim.article, claim.text))
            .collect(),
        differs: remedy.differs.clone(),
    }
}

/// `more potassium` where every day has some of it, the plain name elsewhere.
fn more_of(link: &Link) -> String {
    match link.factor {
        Factor::Nutrient(_) => format!("more {}", factor_name(link.factor)),
        Factor::Exposure(_) => factor_name(link.factor),
    }
}

/// In which direction the nights point.
fn direction(link: &Link) -> &'static str {
    if link.odds_ratio.is_some_and(|odds| odds.p_lowers > odds.p_raises) {
        "fewer cramp nights"
    } else {
        "more cramp nights"
    }
}

/// A reason without the sentence that speaks of an average below the reference, which a link does not need.
fn without_log(why: &str) -> &str {
    match why.split_once(". ").or_else(|| why.split_once("; ")) {
        Some((first, rest)) if first.starts_with("Your log") => rest,
        None if why.starts_with("Your log") => "Food is the safe way to more of it.",
        _ => why,
    }
}

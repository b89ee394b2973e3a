//! Puts advice together: one thing to try or to know, and all that belongs beside it. It must never suggest what a safety rule took
//! away.

mod candidates;
#[cfg(test)]
mod golden;
mod intakes;
mod learning;
mod links;
#[cfg(test)]
mod properties;
mod relief;
mod suggestion;
#[cfg(test)]
mod written;

use std::borrow::Cow;

use super::input::AdviceInput;
use super::safety::{Caution, ClinicianPoint, RedFlag, associated_medicines, judge, red_flags};
use super::words::shorten;

pub use intakes::IntakeLine;
pub use links::LinkLine;
pub use suggestion::{Origin, Suggestion};

/// The most characters of a headline; it is also the short text for MQTT.
pub const HEADLINE_LIMIT: usize = 255;

/// What a person is told today.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// The one thing to try or to know, at most [`HEADLINE_LIMIT`] characters.
    pub headline: String,
    /// What to try, if the rules leave anything.
    pub suggestion: Option<Suggestion>,
    /// What to do while a cramp lasts, step by step.
    pub relief_card: Vec<String>,
    /// What to beware of.
    pub cautions: Vec<Caution>,
    /// Reasons to talk to a clinician or pharmacist, the urgent first.
    pub clinician: Vec<ClinicianPoint>,
    /// Reasons that only the person can know.
    pub red_flags: &'static [RedFlag],
    /// What this person's nights show of each factor.
    pub links: Vec<LinkLine>,
    /// What has to be known for reading the links, and whether some are kept back for a trial; `None` without a link.
    pub links_note: Option<String>,
    /// What the log averages, beside the reference.
    pub intakes: Vec<IntakeLine>,
    /// What is different from the last time; `None` the first time.
    pub what_changed: Option<String>,
    /// What the nights can tell by now, and when they will tell more.
    pub learning: String,
    /// Why fewer cramps after a change prove nothing yet; `None` where nothing is suggested.
    pub regression_note: Option<String>,
}

impl Advice {
    /// The text for MQTT, at most 255 characters and never cut within a word.
    pub fn short_text(&self) -> &str {
        &self.headline
    }
}

/// Makes today's advice. The rules of safety run last: they choose from what was found, and add to it.
pub fn advise(input: &AdviceInput) -> Advice {
    let everything = input;
    let input = &without_what_is_under_trial(input);
    let candidates = candidates::candidates(input);
    let verdict = judge(input);
    let chosen = candidates::choose(&candidates, &verdict, input);
    let suggestion = chosen.map(|candidate| suggestion::suggestion(candidate, input));
    let links = links::links(input, &verdict);
    Advice {
        headline: headline(suggestion.as_ref(), &verdict.clinician),
        what_changed: learning::what_changed(input, suggestion.as_ref(), &verdict),
        regression_note: suggestion.is_some().then(|| learning::REGRESSION_NOTE.to_owned()),
        suggestion,
        relief_card: relief::relief_card(input, &verdict),
        red_flags: red_flags(),
        links_note: links::note(everything, &links),
        links,
        intakes: intakes::intakes(input, &verdict),
        learning: learning::learning(input),
        cautions: verdict.cautions,
        clinician: verdict.clinician,
    }
}

/// What the nights show of a factor under trial must show nowhere: not as a link, not as a suggestion, not in a count.
fn without_what_is_under_trial(input: &AdviceInput) -> Cow<'_, AdviceInput> {
    let mut known = Cow::Borrowed(input);
    if !input.under_trial.is_empty() {
        known.to_mut().links.retain(|link| !input.under_trial.contains(&link.factor));
    }
    known
}

/// What is urgent comes first, then what a rule says of a clinician, then what to try.
fn headline(suggestion: Option<&Suggestion>, clinician: &[ClinicianPoint]) -> String {
    let of_a_rule = |point: &&ClinicianPoint| !associated_medicines().iter().any(|m| m.class.as_str() == point.rule);
    let text = match (clinician.iter().find(of_a_rule), suggestion) {
        (Some(point), _) => point.text.clone(),
        (None, Some(suggestion)) => format!("{}. {}", suggestion.title, suggestion.why),
        (None, None) => "Nothing new to try today: speak with your clinician or pharmacist.".to_owned(),
    };
    shorten(&text, HEADLINE_LIMIT)
}

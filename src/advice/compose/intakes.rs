//! What the log averages, beside the reference and the levels it is over. It must never say that anybody lacks anything.

use crate::advice::input::{AdviceInput, MIN_KNOWN_SHARE, MIN_LOGGED_DAYS, NutrientAverage};
use crate::advice::reference::{Reference, has_reference, references};
use crate::advice::remedies::nutrient_facts;
use crate::advice::safety::Verdict;
use crate::advice::texts::{amount, capitalised, per_cent};
use crate::diary::Nutrient;

/// What is said of one nutrient.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeLine {
    /// Which.
    pub nutrient: Nutrient,
    /// The sentence.
    pub text: String,
    /// Amount a day, in the unit of the nutrient; `None` where the log knows too little to say.
    pub average_per_day: Option<f64>,
    /// The first reference; `None` without a comparison.
    pub reference: Option<Reference>,
    /// Share that the log knows, 0 to 1.
    pub known_share: f64,
}

/// A line for each nutrient of the log, in the order of [`Nutrient::ALL`].
pub(super) fn intakes(input: &AdviceInput, verdict: &Verdict) -> Vec<IntakeLine> {
    Nutrient::ALL
        .into_iter()
        .filter(|nutrient| *nutrient != Nutrient::Energy)
        .filter_map(|nutrient| input.average(nutrient))
        .filter(|average| average.average_per_day.is_finite() && average.known_share.is_finite() && average.days > 0)
        .map(|average| line(average, input, verdict))
        .collect()
}

fn line(average: &NutrientAverage, input: &AdviceInput, verdict: &Verdict) -> IntakeLine {
    let nutrient = average.nutrient;
    let named = if nutrient == Nutrient::Water { "water of food and drink".to_owned() } else { nutrient.to_string() };
    let known = per_cent(average.known_share);
    let none = IntakeLine {
        nutrient,
        text: String::new(),
        average_per_day: None,
        reference: None,
        known_share: average.known_share.clamp(0.0, 1.0),
    };
    if average.known_share < MIN_KNOWN_SHARE {
        let text =
            format!("{}: the log knows {known} of it, too little to compare with a reference.", capitalised(&named));
        return IntakeLine { text, ..none };
    }
    if average.days < MIN_LOGGED_DAYS {
        let days = average.days;
        let text = format!("{}: {days} of {MIN_LOGGED_DAYS} logged days, too few to compare.", capitalised(&named));
        return IntakeLine { text, ..none };
    }
    let averages = format!("Your log averages {} of {named} a day", amount(nutrient, average.average_per_day));
    let found = references(nutrient, &input.person, input.year());
    let below = found.iter().any(|reference| average.average_per_day < reference.value);
    let ruled_out = nutrient_facts(nutrient).is_some_and(|facts| verdict.removed.contains(&facts.remedy));
    if below && ruled_out {
        // A reference above the average invites to have more, which a rule speaks against.
        let text =
            format!("{averages}, no reference is named because it may not hold for you, the log knows {known} of it.");
        return IntakeLine { text, average_per_day: Some(average.average_per_day), ..none };
    }
    let reference = match found.as_slice() {
        [] if has_reference(nutrient) => ", no reference holds for what is known of you".to_owned(),
        [] => String::new(),
        several => format!(
            ", the reference is {}",
            several.iter().map(|one| words(nutrient, one)).collect::<Vec<_>>().join(" or ")
        ),
    };
    IntakeLine {
        text: format!("{averages}{reference}, the log knows {known} of it."),
        average_per_day: Some(average.average_per_day),
        reference: found.first().copied(),
        ..none
    }
}

fn words(nutrient: Nutrient, reference: &Reference) -> String {
    format!("{} ({}, {})", amount(nutrient, reference.value), reference.kind.as_str(), reference.source)
}

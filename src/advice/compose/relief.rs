//! What to do while a cramp lasts.

use crate::advice::input::AdviceInput;
use crate::advice::input::ReliefOutcome;
use crate::advice::remedies::{Group, remedies, remedy};
use crate::advice::safety::Verdict;
use crate::advice::words::shorten;

/// The most characters of the person's own words in one line.
const NAME_LIMIT: usize = 60;
/// The most lines of what worked before.
const OWN_LINES: usize = 3;

/// The steps, the stretch first, then what else there is, then what worked for this person.
pub(super) fn relief_card(input: &AdviceInput, verdict: &Verdict) -> Vec<String> {
    let allowed = |group_is_relief: bool| {
        remedies()
            .iter()
            .filter(move |remedy| (remedy.group == Group::Relief) == group_is_relief)
            .filter(|remedy| verdict.allows_mention(remedy))
            .filter_map(|remedy| remedy.relief_step.clone())
    };
    let mut card: Vec<String> = allowed(true).take(1).chain(allowed(false)).collect();
    card.extend(allowed(true).skip(1));
    let mut own: Vec<_> =
        input.relief_outcomes.iter().filter(|outcome| outcome.tried > 0 && may_be_told(outcome, verdict)).collect();
    // By the lower end of what is plausible: 1 of 1 is less sure than 9 of 10.
    own.sort_by(|a, b| plausible(b.worked, b.tried).total_cmp(&plausible(a.worked, a.tried)));
    card.extend(own.into_iter().take(OWN_LINES).map(|outcome| {
        let name = shorten(outcome.name.trim(), NAME_LIMIT);
        format!(
            "In your log: \u{201c}{name}\u{201d} worked {} of {} times.",
            outcome.worked.min(outcome.tried),
            outcome.tried
        )
    }));
    card
}

/// Words of the person that stand for a remedy; a line with one of them is told only where the remedy is allowed. A `*` stands for
/// any end of a word.
const STANDS_FOR: [(&str, &[&str]); 6] = [
    (
        "quinine",
        &[
            "quinin*",
            "chinin*",
            "hydroquinin*",
            "limptar*",
            "qualaquin*",
            "cinchona*",
            "tonic*",
            "bitter lemon",
            "bitterlemon",
            "schweppes",
        ],
    ),
    ("pickle_juice", &["pickle*", "brine", "salt*", "mustard"]),
    ("potassium", &["potassium*", "banana*"]),
    ("magnesium", &["magnesium*"]),
    ("hydration", &["water"]),
    ("heat", &["heat*", "hot", "warm*"]),
];

/// What worked is told again only if no rule speaks against it; quinine never is.
fn may_be_told(outcome: &ReliefOutcome, verdict: &Verdict) -> bool {
    let name = outcome.name.to_lowercase();
    let said: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    STANDS_FOR
        .iter()
        .filter(|(_, phrases)| phrases.iter().any(|phrase| has_phrase(&said, phrase)))
        .all(|(id, _)| remedy(id).is_some_and(|it| verdict.allows_mention(it)))
}

/// Whether the words of the phrase stand one after another in what was said, whole.
fn has_phrase(said: &[&str], phrase: &str) -> bool {
    let wanted: Vec<&str> = phrase.split(' ').collect();
    let same =
        |said: &str, wanted: &str| wanted.strip_suffix('*').map_or(said == wanted, |stem| said.starts_with(stem));
    said.windows(wanted.len()).any(|words| words.iter().zip(&wanted).all(|(said, wanted)| same(said, wanted)))
}

/// The lower end of the 95 % interval of a share (Wilson 1927).
fn plausible(worked: u32, tried: u32) -> f64 {
    let (n, z) = (f64::from(tried), 1.96);
    let p = f64::from(worked.min(tried)) / n;
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    (p + z * z / (2.0 * n) - spread) / (1.0 + z * z / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quinine_that_worked_is_not_told_again() {
        let outcome = |name: &str| ReliefOutcome { name: name.to_owned(), worked: 5, tried: 5 };
        let verdict = crate::advice::safety::judge(&AdviceInput::empty(jiff::civil::date(2026, 11, 22)));
        for name in [
            "Quinine tablet",
            "Limptar",
            "limptar N 200",
            "QUALAQUIN",
            "Bitter Lemon",
            "bitter-lemon, cold",
            "a glass of Schweppes",
            "cinchona bark",
            "Chininsulfat",
            "tonic water",
        ] {
            assert!(!may_be_told(&outcome(name), &verdict), "{name}");
        }
        assert!(!may_be_told(&outcome("pickle juice"), &verdict));
        assert!(may_be_told(&outcome("stood on it"), &verdict));
    }

    #[test]
    fn only_whole_words_stand_for_a_remedy() {
        let said = ["one", "shot", "of", "wheat", "grass", "bitter", "sweet", "lemon"];
        for phrase in ["hot", "heat*", "bitter lemon", "water"] {
            assert!(!has_phrase(&said, phrase), "{phrase}");
        }
        for phrase in ["shot", "wheat*", "gra*", "sweet lemon"] {
            assert!(has_phrase(&said, phrase), "{phrase}");
        }
        assert!(!has_phrase(&[], "hot"));
    }

    #[test]
    fn nine_of_ten_is_surer_than_one_of_one() {
        assert!(plausible(9, 10) > plausible(1, 1));
        assert!(plausible(0, 5) < plausible(1, 5));
    }
}

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

/// Words of the person that stand for a remedy; a line with one of them is told only where the remedy is allowed.
const STANDS_FOR: [(&str, &[&str]); 6] = [
    ("quinine", &["quinine", "chinin", "tonic"]),
    ("pickle_juice", &["pickle", "brine", "salt", "mustard"]),
    ("potassium", &["potassium", "banana"]),
    ("magnesium", &["magnesium"]),
    ("hydration", &["water"]),
    ("heat", &["heat", "hot", "warm"]),
];

/// What worked is told again only if no rule speaks against it; quinine never is.
fn may_be_told(outcome: &ReliefOutcome, verdict: &Verdict) -> bool {
    let name = outcome.name.to_lowercase();
    let means = |words: &[&str]| words.iter().any(|word| name.contains(word));
    STANDS_FOR
        .iter()
        .filter(|(_, words)| means(words))
        .all(|(id, _)| remedy(id).is_some_and(|it| verdict.allows_mention(it)))
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
        assert!(!may_be_told(&outcome("Quinine tablet"), &verdict));
        assert!(!may_be_told(&outcome("pickle juice"), &verdict));
        assert!(may_be_told(&outcome("stood on it"), &verdict));
    }

    #[test]
    fn nine_of_ten_is_surer_than_one_of_one() {
        assert!(plausible(9, 10) > plausible(1, 1));
        assert!(plausible(0, 5) < plausible(1, 5));
    }
}

//! Patterns of nights that are a reason to see a clinician.

use jiff::civil::Date;

use crate::advice::input::AdviceInput;

/// Cramps of so many days count as recent.
const RECENT_DAYS: i32 = 28;

/// The longest cramp of the last four weeks, in seconds.
pub(super) fn longest_recent_cramp_s(input: &AdviceInput) -> Option<f64> {
    let recent =
        input.nights.iter().filter(|night| days_ago(input.today, night.night).is_some_and(|days| days <= RECENT_DAYS));
    recent.filter_map(|night| night.longest_cramp_s).filter(|length| length.is_finite()).reduce(f64::max)
}

/// Whether each of the last `weeks` weeks had at least `a_week` nights with a cramp. A night that was not watched has none.
pub(super) fn every_week_has(input: &AdviceInput, a_week: usize, weeks: i32) -> bool {
    let week_of = |night: Date| days_ago(input.today, night).map(|days| (days.max(1) - 1) / 7);
    (0..weeks).all(|week| {
        let mut nights: Vec<Date> = input
            .nights
            .iter()
            .filter(|night| night.cramps > 0 && week_of(night.night) == Some(week))
            .map(|night| night.night)
            .collect();
        nights.sort_unstable();
        nights.dedup();
        nights.len() >= a_week
    })
}

/// Whether nights with a cramp are at least `factor` times as frequent among the last `recent` watched nights as before, and so
/// many had a probability of at most `chance` at the rate before (exact binomial).
pub(super) fn rate_jumped(input: &AdviceInput, recent: usize, before: usize, factor: f64, chance: f64) -> bool {
    let nights = input.watched_nights();
    if nights.len() < recent + before {
        return false;
    }
    let (earlier, latest) = nights.split_at(nights.len() - recent);
    let with_cramp =
        |nights: &[&crate::advice::night::NightSeen]| nights.iter().filter(|night| night.cramps > 0).count();
    let count = with_cramp(latest);
    // Half a night more keeps a rate of zero from making one cramp impossible.
    let rate = (with_cramp(earlier) as f64 + 0.5) / (earlier.len() as f64 + 1.0);
    count as f64 >= factor * rate * recent as f64 && binomial_tail(recent, count, rate) <= chance
}

/// P(X ≥ `at_least`) for X ~ Binomial(`trials`, `probability`).
fn binomial_tail(trials: usize, at_least: usize, probability: f64) -> f64 {
    let mut term = (1.0 - probability).powi(trials as i32);
    let mut below = 0.0;
    for successes in 0..at_least {
        below += term;
        term *= (trials - successes) as f64 / (successes + 1) as f64 * probability / (1.0 - probability);
    }
    1.0 - below
}

/// Whole days from a night to today; `None` if it is still to come.
fn days_ago(today: Date, night: Date) -> Option<i32> {
    let days = today.since(night).ok()?.get_days();
    (days >= 0).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_binomial_is_that_of_the_tables() {
        assert!((binomial_tail(10, 3, 0.5) - 0.945_312_5).abs() < 1e-9);
        assert!((binomial_tail(14, 0, 0.2) - 1.0).abs() < 1e-9);
    }
}

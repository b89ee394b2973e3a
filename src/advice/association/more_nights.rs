//! About how many more nights would tell: the standard error shrinks with the square root of the nights, the estimate stays.

use super::AssociationOptions;
use super::case_crossover::Crossover;
use super::gates::LONGEST_WAIT_NIGHTS;
use super::normal::{WITHIN_80, below, both_tails};

/// What so many nights say of a factor: posterior mode and standard deviation, in log odds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    pub(super) mode: f64,
    pub(super) sd: f64,
    pub(super) nights: u32,
}

impl Evidence {
    /// Nights until the factor would be shown as a link, of `looked_at` factors; `None` if that would take more than two years,
    /// as it does for a factor that does nothing.
    pub(super) fn until_shown(&self, options: &AssociationOptions, looked_at: usize) -> Option<u32> {
        let prior = options.factor_sd.powi(-2);
        // What the nights say without the prior.
        let information = self.sd.powi(-2) - prior;
        if self.nights == 0 || information.is_nan() || information <= 0.0 {
            return None;
        }
        let estimate = (self.mode * (information + prior) / information).abs();
        let shown = |more: u32| {
            let information = information * f64::from(self.nights + more) / f64::from(self.nights);
            let (mode, sd) = (estimate * information / (information + prior), (information + prior).powf(-0.5));
            below((mode - options.odds_ratio_that_matters.ln()) / sd) >= options.least_probability
                && both_tails(estimate * information.sqrt()) <= options.family_error / looked_at.max(1) as f64
        };
        first(shown)
    }

    /// Nights until the case-crossover comparison would agree; `None` if it points the other way.
    pub(super) fn until_check_agrees(&self, check: &Crossover) -> Option<u32> {
        let estimate = check.log_odds_ratio * self.mode.signum();
        first(|more| {
            let share = f64::from(self.nights) / f64::from(self.nights + more);
            estimate > WITHIN_80 * check.standard_error * share.sqrt()
        })
    }
}

/// The least number of nights for which `holds`; it must go on holding once it does.
fn first(holds: impl Fn(u32) -> bool) -> Option<u32> {
    if !holds(LONGEST_WAIT_NIGHTS) {
        return None;
    }
    let (mut low, mut high) = (0, LONGEST_WAIT_NIGHTS);
    while low < high {
        let middle = u32::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_tendency_needs_few_nights_and_nothing_at_all_needs_forever() {
        let options = AssociationOptions::default();
        let strong = Evidence { mode: 0.5, sd: 0.28, nights: 90 }.until_shown(&options, 12).unwrap();
        assert!((10..120).contains(&strong), "{strong}");
        assert_eq!(Evidence { mode: 0.02, sd: 0.28, nights: 90 }.until_shown(&options, 12), None);
        assert_eq!(Evidence { mode: 0.5, sd: 0.35, nights: 90 }.until_shown(&options, 12), None);
    }

    #[test]
    fn a_check_that_points_the_other_way_never_agrees() {
        let evidence = Evidence { mode: 0.7, sd: 0.2, nights: 100 };
        let check = |log_odds_ratio| Crossover { log_odds_ratio, standard_error: 0.4 };
        // 0.3 against 1.28 · 0.4 · √(100 / n): n = 292.
        assert_eq!(evidence.until_check_agrees(&check(0.3)), Some(192));
        assert_eq!(evidence.until_check_agrees(&check(-0.3)), None);
    }
}

//! The check: each cramp night against the other nights of the same 28 days.
//!
//! Time-stratified referents keep season, trend and habits that last out of the comparison (Lumley and Levy 2000). The odds ratio
//! is that of Mantel and Haenszel (1959), roughly unbiased if exposures are stationary within a stratum (Vines and Farrington
//! 2001), its variance that of Robins, Breslow and Greenland (1986).

use std::collections::BTreeMap;

use super::normal::WITHIN_80;

/// Days of a stratum.
const STRATUM_DAYS: f64 = 28.0;

/// Log odds ratio with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crossover {
    pub(super) log_odds_ratio: f64,
    pub(super) standard_error: f64,
}

impl Crossover {
    /// Whether the 80 % interval excludes 1 on the side of `sign`.
    pub(super) fn agrees(&self, sign: f64) -> bool {
        self.log_odds_ratio * sign.signum() > WITHIN_80 * self.standard_error
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Table {
    exposed_cramp: f64,
    exposed_none: f64,
    unexposed_cramp: f64,
    unexposed_none: f64,
}

/// Sets cramp nights against the others of their stratum; `None` if no stratum can say anything. `nights` are
/// (days since the first night, cramp, exposed).
pub(super) fn crossover(nights: impl Iterator<Item = (f64, bool, bool)>) -> Option<Crossover> {
    let mut strata: BTreeMap<i64, Table> = BTreeMap::new();
    for (day, cramp, exposed) in nights {
        let table = strata.entry((day / STRATUM_DAYS).floor() as i64).or_default();
        *match (exposed, cramp) {
            (true, true) => &mut table.exposed_cramp,
            (true, false) => &mut table.exposed_none,
            (false, true) => &mut table.unexposed_cramp,
            (false, false) => &mut table.unexposed_none,
        } += 1.0;
    }
    let (mut for_sum, mut against_sum) = (0.0, 0.0);
    let (mut for_for, mut mixed, mut against_against) = (0.0, 0.0, 0.0);
    for table in strata.values() {
        let nights = table.exposed_cramp + table.exposed_none + table.unexposed_cramp + table.unexposed_none;
        let pro = table.exposed_cramp * table.unexposed_none / nights;
        let contra = table.exposed_none * table.unexposed_cramp / nights;
        let agree = (table.exposed_cramp + table.unexposed_none) / nights;
        for_sum += pro;
        against_sum += contra;
        for_for += agree * pro;
        mixed += agree * contra + (1.0 - agree) * pro;
        against_against += (1.0 - agree) * contra;
    }
    if for_sum <= 0.0 && against_sum <= 0.0 {
        return None;
    }
    if for_sum <= 0.0 || against_sum <= 0.0 {
        // Every pair that differs points one way: half a night on the other side keeps the ratio finite.
        let (all, half) = (for_sum + against_sum, 0.5);
        let sign = if for_sum > 0.0 { 1.0 } else { -1.0 };
        let standard_error = (1.0 / all + 1.0 / half).sqrt();
        return Some(Crossover { log_odds_ratio: sign * (all / half).ln().max(0.0), standard_error });
    }
    let variance = for_for / (2.0 * for_sum * for_sum)
        + mixed / (2.0 * for_sum * against_sum)
        + against_against / (2.0 * against_sum * against_sum);
    Some(Crossover { log_odds_ratio: (for_sum / against_sum).ln(), standard_error: variance.sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nights of one stratum: `counts` are exposed with and without a cramp, then unexposed with and without.
    fn stratum(number: u32, counts: [usize; 4]) -> Vec<(f64, bool, bool)> {
        let kinds = [(true, true), (false, true), (true, false), (false, false)];
        let nights = kinds.into_iter().zip(counts).flat_map(|(kind, count)| std::iter::repeat_n(kind, count));
        nights.map(|(cramp, exposed)| (f64::from(number) * 28.0 + 3.0, cramp, exposed)).collect()
    }

    #[test]
    fn one_stratum_is_a_plain_table() {
        let found = crossover(stratum(0, [9, 15, 10, 61]).into_iter()).unwrap();
        assert!((found.log_odds_ratio - (9.0 * 61.0 / (15.0 * 10.0_f64)).ln()).abs() < 1e-12);
        let woolf = (1.0 / 9.0 + 1.0 / 15.0 + 1.0 / 10.0 + 1.0 / 61.0_f64).sqrt();
        assert!((found.standard_error - woolf).abs() < 0.02, "{}", found.standard_error);
        assert!(found.agrees(1.0) && !found.agrees(-1.0));
    }

    #[test]
    fn a_season_with_more_of_both_is_no_link() {
        // Four in five nights exposed and with cramps in one month, one in five in the other: within each, nothing.
        let nights = stratum(0, [16, 4, 4, 1]).into_iter().chain(stratum(1, [1, 4, 4, 16]));
        let found = crossover(nights).unwrap();
        assert!(found.log_odds_ratio.abs() < 1e-9 && !found.agrees(1.0));
    }

    #[test]
    fn a_habit_without_contrast_says_nothing_and_a_perfect_one_stays_finite() {
        assert_eq!(crossover(stratum(0, [8, 20, 0, 0]).into_iter()), None);
        let perfect = crossover(stratum(0, [12, 0, 0, 16]).into_iter()).unwrap();
        assert!(perfect.log_odds_ratio.is_finite() && perfect.agrees(1.0));
    }
}

//! What this person's own nights show of each factor. It must never show what could as well be chance, and never calls a link a cause.
//!
//! One Bayesian logistic regression holds all factors at once, with a slow trend, the night before and the weekend. A factor is
//! shown as a *possible link* only if all of this holds:
//! 1. at least 60 nights that know of it, 10 of them with a cramp, 10 with the factor and 10 without;
//! 2. the chance that the odds ratio is above 1.25, or that it is below 0.8, is at least 0.9 under a prior of N(0, 0.35²);
//! 3. the score test of the factor given all others holds against the number of factors that were looked at (Holm 1979), with a
//!    chance of 2 % that anybody without any link is shown one.
//!
//! The third is there because the second alone shows false links the more often the more nights there are: the prior holds a
//! factor back by as much at 400 nights as at 90, while there are 12 of them to be wrong about. [`crate::advice::self_test`]
//! measures it. A *consistent link* is one with which the case-crossover comparison agrees: same direction, and its own 80 % interval
//! excludes 1.

mod case_crossover;
mod cholesky;
mod companions;
mod design;
mod gates;
pub(crate) mod logistic;
mod more_nights;
pub(crate) mod normal;

use super::pairing::{Cut, FactorValues, Paired};
use super::{Link, OddsRatio, Strength};
use case_crossover::{Crossover, crossover};
pub use companions::{companion, companion_sentence};
use design::{days, design};
use gates::{Counts, more_for_gates};
use more_nights::Evidence;
use normal::{WITHIN_80, WITHIN_95, below, both_tails};

/// Priors, gates and what makes a link worth showing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssociationOptions {
    /// Nights that must know of a factor before anything is said of it.
    pub least_nights: u32,
    /// Nights with a cramp among them.
    pub least_cramp_nights: u32,
    /// Nights with the factor, and as many without.
    pub least_of_each: u32,
    /// Share of nights with a cramp as the person states it, 0 to 1; without it that of the nights.
    pub stated_rate: Option<f64>,
    /// Standard deviation of the prior of the intercept, in log odds.
    pub intercept_sd: f64,
    /// Of each part of the slow trend, for a change of two standard deviations.
    pub trend_sd: f64,
    /// Of the night before.
    pub previous_sd: f64,
    /// Of the weekend.
    pub weekend_sd: f64,
    /// Of each factor.
    pub factor_sd: f64,
    /// An odds ratio above this, or below one over this, matters.
    pub odds_ratio_that_matters: f64,
    /// Least chance of such an odds ratio.
    pub least_probability: f64,
    /// Chance that a person without any link is shown one.
    pub family_error: f64,
}

impl Default for AssociationOptions {
    fn default() -> Self {
        Self {
            least_nights: 60,
            least_cramp_nights: 10,
            least_of_each: 10,
            stated_rate: None,
            intercept_sd: 1.5,
            trend_sd: 1.0,
            previous_sd: 1.0,
            weekend_sd: 0.5,
            factor_sd: 0.35,
            odds_ratio_that_matters: 1.25,
            least_probability: 0.9,
            family_error: 0.02,
        }
    }
}

/// What the nights show of every factor with data, in the order of [`Paired::factors`].
///
/// Odds ratios are those of a day with the factor against one without, or, for an amount, of a day with much against one with
/// little (two standard deviations apart).
pub fn associate(paired: &Paired, options: &AssociationOptions) -> Vec<Link> {
    let cuts: Vec<Cut> = paired.factors.iter().map(FactorValues::cut).collect();
    let counts: Vec<Counts> = cuts.iter().map(|cut| Counts::of(&paired.nights, cut)).collect();
    let ready: Vec<usize> = (0..cuts.len()).filter(|&place| counts[place].enough(options)).collect();
    let factors: Vec<(&FactorValues, &Cut)> =
        ready.iter().map(|&place| (&paired.factors[place], &cuts[place])).collect();

    let mut links: Vec<Link> = (0..cuts.len())
        .map(|place| Link {
            factor: paired.factors[place].factor,
            strength: Strength::TooEarly,
            exposed: counts[place].exposed,
            unexposed: counts[place].unexposed,
            threshold: (!paired.factors[place].is_binary()).then_some(cuts[place].threshold),
            odds_ratio: None,
            more_nights: more_for_gates(&counts[place], options),
        })
        .collect();
    if ready.is_empty() {
        return links;
    }
    let design = design(paired, &factors, options);
    let Some(fit) = design.regression.fit() else { return links };

    let mut candidates = Vec::new();
    let mut evidence = Vec::with_capacity(ready.len());
    for (order, &place) in ready.iter().enumerate() {
        let column = design.first_factor + order;
        let (mode, sd) = fit.of(column);
        let ratio = odds_ratio(mode, sd, options.odds_ratio_that_matters);
        if ratio.p_raises.max(ratio.p_lowers) >= options.least_probability {
            let by_chance = design.regression.score(column).map_or(1.0, both_tails);
            candidates.push((by_chance, place));
        }
        links[place].strength = Strength::NoClearLink;
        links[place].odds_ratio = Some(ratio);
        evidence.push((place, Evidence { mode, sd, nights: counts[place].nights() }));
    }
    for place in not_by_chance(candidates, ready.len(), options.family_error) {
        links[place].strength = Strength::PossibleLink;
    }
    let days = days(paired);
    for (place, evidence) in evidence {
        let check = (links[place].strength == Strength::PossibleLink).then(|| check(paired, &cuts[place], &days));
        let check = check.flatten();
        if check.is_some_and(|check| check.agrees(evidence.mode)) {
            links[place].strength = Strength::ConsistentLink;
        }
        links[place].more_nights = match links[place].strength {
            Strength::ConsistentLink => Some(0),
            Strength::PossibleLink => check.and_then(|check| evidence.until_check_agrees(&check)),
            _ => evidence.until_shown(options, ready.len()),
        };
    }
    links
}

/// Odds ratio and intervals of a coefficient with a normal posterior; `matters` is an odds ratio above 1.
pub(crate) fn odds_ratio(mode: f64, sd: f64, matters: f64) -> OddsRatio {
    let interval = |within: f64| ((mode - within * sd).exp(), (mode + within * sd).exp());
    OddsRatio {
        estimate: mode.exp(),
        interval_80: interval(WITHIN_80),
        interval_95: interval(WITHIN_95),
        p_raises: below((mode - matters.ln()) / sd),
        p_lowers: below((-mode - matters.ln()) / sd),
    }
}

/// Holm's step-down: the places that hold against `looked_at` comparisons.
fn not_by_chance(mut candidates: Vec<(f64, usize)>, looked_at: usize, family_error: f64) -> Vec<usize> {
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let holds = |(step, candidate): (usize, &(f64, usize))| {
        (candidate.0 <= family_error / (looked_at - step) as f64).then_some(candidate.1)
    };
    candidates.iter().enumerate().map_while(holds).collect()
}

fn check(paired: &Paired, cut: &Cut, days: &[f64]) -> Option<Crossover> {
    let nights = paired.nights.iter().zip(&cut.exposed).zip(days);
    crossover(nights.filter_map(|((night, exposed), &day)| exposed.map(|exposed| (day, night.cramp, exposed))))
}

#[cfg(test)]
mod tests;

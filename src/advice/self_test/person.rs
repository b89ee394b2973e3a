//! Simulated persons whose nights follow known odds.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{NULL_FACTORS, Setting};
use crate::advice::Factor;
use crate::advice::pairing::{FactorValues, Paired, PairedNight};
use crate::diary::{Exposure, Nutrient};

/// The factor that truly does something, where any does.
pub(super) const TRUE_FACTOR: Factor = Factor::Nutrient(Nutrient::Alcohol);

/// One person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Simulated {
    pub(super) seed: u64,
    pub(super) nights: usize,
    /// Of a night after alcohol; `None`: alcohol is not logged at all.
    pub(super) odds_ratio: Option<f64>,
    pub(super) setting: Setting,
}

impl Simulated {
    /// The nights and diary of this person, in the form in which real ones reach the association.
    pub(super) fn paired(&self, base_rate: f64, prevalence: f64) -> Paired {
        let mut dice = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let hard = self.setting == Setting::Hard;
        let mut factors = Vec::with_capacity(NULL_FACTORS + 1);
        if self.odds_ratio.is_some() {
            let values = (0..self.nights)
                .map(|_| {
                    if dice.random::<f64>() < prevalence {
                        Some(14.0 * (1.0 + dice.random::<f64>()))
                    } else {
                        Some(0.0)
                    }
                })
                .collect();
            factors.push(FactorValues { factor: TRUE_FACTOR, values });
        }
        for (place, exposure) in Exposure::ALL.into_iter().take(NULL_FACTORS).enumerate() {
            let (factor, values) = match place % 3 {
                1 if hard => (Factor::Nutrient(STORED[place / 3]), weekly_mean(&mut dice, self.nights)),
                2 if hard => (Factor::Exposure(exposure), runs(&mut dice, self.nights, prevalence)),
                _ => (Factor::Exposure(exposure), yes_no(&mut dice, self.nights, prevalence)),
            };
            factors.push(FactorValues { factor, values });
        }

        let phase = dice.random::<f64>() * std::f64::consts::TAU;
        let effect = self.odds_ratio.map_or(0.0, f64::ln);
        let mut previous = None;
        let mut nights = Vec::with_capacity(self.nights);
        for night in 0..self.nights {
            let mut log_odds = (base_rate / (1.0 - base_rate)).ln();
            if self.odds_ratio.is_some() && factors[0].values[night] > Some(0.0) {
                log_odds += effect;
            }
            if hard {
                // A year's season of ±0.5 and nights that follow each other.
                log_odds += 0.5 * (phase + std::f64::consts::TAU * night as f64 / 365.0).sin();
                log_odds += if previous == Some(true) { 1.0 } else { -0.3 };
            }
            let cramp = dice.random::<f64>() < 1.0 / (1.0 + (-log_odds).exp());
            let weight = if hard { 0.7 + 0.3 * dice.random::<f64>() } else { 1.0 };
            nights.push(PairedNight::new(day(night), cramp, previous, weight));
            previous = Some(cramp);
        }
        Paired { nights, factors, ..Paired::default() }
    }
}

const STORED: [Nutrient; 4] = [Nutrient::Magnesium, Nutrient::Potassium, Nutrient::VitaminD, Nutrient::VitaminB12];

fn day(night: usize) -> Date {
    let first = date(2025, 1, 1);
    first.checked_add((night as i64).days()).unwrap_or(first)
}

fn yes_no(dice: &mut Xoshiro256PlusPlus, nights: usize, prevalence: f64) -> Vec<Option<f64>> {
    (0..nights).map(|_| Some(f64::from(u8::from(dice.random::<f64>() < prevalence)))).collect()
}

/// Days that follow each other: a habit, an illness, a heat wave of five days in the mean.
fn runs(dice: &mut Xoshiro256PlusPlus, nights: usize, prevalence: f64) -> Vec<Option<f64>> {
    let ends = 0.2;
    let begins = ends * prevalence / (1.0 - prevalence);
    let mut on = dice.random::<f64>() < prevalence;
    let mut next = || {
        on = if on { dice.random::<f64>() >= ends } else { dice.random::<f64>() < begins };
        Some(f64::from(u8::from(on)))
    };
    (0..nights).map(|_| next()).collect()
}

/// The mean of seven days of an amount that differs from day to day.
fn weekly_mean(dice: &mut Xoshiro256PlusPlus, nights: usize) -> Vec<Option<f64>> {
    let days: Vec<f64> = (0..nights + 6).map(|_| 200.0 + 200.0 * dice.random::<f64>()).collect();
    days.windows(7).map(|week| Some(week.iter().sum::<f64>() / 7.0)).collect()
}

//! Factors that come together: nights cannot tell them apart, and the person must hear that.

use crate::advice::Factor;
use crate::advice::pairing::{FactorValues, Paired};

/// Correlation from which on two factors count as coming together.
const TOGETHER: f64 = 0.6;
/// Nights that must know of both.
const LEAST_NIGHTS: usize = 30;

/// The factor that most often comes with `factor` (or stays away with it), if their correlation is 0.6 or more.
pub fn companion(paired: &Paired, factor: Factor) -> Option<Factor> {
    let own = paired.factors.iter().find(|values| values.factor == factor)?;
    let others = paired.factors.iter().filter(|values| values.factor != factor);
    let alike = others.filter_map(|other| correlation(own, other).map(|correlation| (correlation, other.factor)));
    let most = alike.filter(|(correlation, _)| *correlation >= TOGETHER).max_by(|a, b| a.0.total_cmp(&b.0));
    most.map(|(_, factor)| factor)
}

/// What is said of a factor that has a companion.
pub fn companion_sentence(factor: Factor, companion: Factor) -> String {
    format!("Days with {factor} are mostly days with {companion} too: your nights cannot tell which of them it is.")
}

/// Pearson's, over the nights that know of both.
fn correlation(a: &FactorValues, b: &FactorValues) -> Option<f64> {
    let both: Vec<(f64, f64)> = a.values.iter().zip(&b.values).filter_map(|(a, b)| (*a).zip(*b)).collect();
    let count = both.len() as f64;
    let (sum_a, sum_b) = both.iter().fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
    let (mean_a, mean_b) = (sum_a / count, sum_b / count);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in &both {
        aa += (a - mean_a).powi(2);
        bb += (b - mean_b).powi(2);
        ab += (a - mean_a) * (b - mean_b);
    }
    let correlation = ab / (aa * bb).sqrt();
    (both.len() >= LEAST_NIGHTS && correlation.is_finite()).then_some(correlation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diary::{Exposure, Nutrient};

    #[test]
    fn what_comes_in_the_same_pill_is_named_and_what_comes_by_itself_is_not() {
        let (magnesium, vitamin_d) = (Factor::Nutrient(Nutrient::Magnesium), Factor::Nutrient(Nutrient::VitaminD));
        let heat = Factor::Exposure(Exposure::Heat);
        let values = |factor, value: fn(usize) -> f64| FactorValues {
            factor,
            values: (0..60).map(|night| (night % 11 != 0).then(|| value(night))).collect(),
        };
        let paired = Paired {
            factors: vec![
                values(magnesium, |night| 300.0 * (night % 2) as f64),
                values(vitamin_d, |night| 20.0 * (night % 2) as f64),
                values(heat, |night| f64::from(u8::from(night % 7 == 0))),
            ],
            ..Paired::default()
        };
        assert_eq!(companion(&paired, magnesium), Some(vitamin_d));
        assert_eq!(companion(&paired, heat), None);
        assert!(
            companion_sentence(magnesium, vitamin_d)
                .starts_with("Days with magnesium are mostly days with vitamin D too")
        );
    }
}

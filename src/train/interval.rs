//! A figure with its uncertainty: the bootstrap draws whole people, since nights of one person are alike.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A figure and the range in which 95 % of bootstrap samples over people put it.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Interval {
    /// On all nights; not finite (null in JSON) where there is nothing to divide by.
    pub value: f64,
    /// 2.5th percentile of the bootstrap.
    pub low: f64,
    /// 97.5th percentile of the bootstrap.
    pub high: f64,
}

impl Interval {
    /// The value with its range in brackets.
    pub fn text(self, decimals: usize) -> String {
        if self.value.is_finite() {
            format!("{:.decimals$} ({:.decimals$} to {:.decimals$})", self.value, self.low, self.high)
        } else {
            number_text(self.value, decimals)
        }
    }
}

/// A number for a table; a dash where there was nothing to divide by.
pub fn number_text(value: f64, decimals: usize) -> String {
    if value.is_finite() { format!("{value:.decimals$}") } else { "–".to_owned() }
}

/// Bootstrap samples.
const SAMPLES: usize = 1000;

/// `figures` of all nights, each with its interval. A night comes with the number of its person; `seed` fixes the samples.
/// Samples in which a figure is not finite do not count for it.
pub(super) fn bootstrap<T, const N: usize>(
    nights: &[(usize, &T)],
    seed: u64,
    figures: impl Fn(&[&T]) -> [f64; N],
) -> [Interval; N] {
    let people = people_of(nights);
    let of_person = |person: &usize| -> Vec<&T> {
        nights.iter().filter(|(other, _)| other == person).map(|(_, night)| *night).collect()
    };
    let by_person: Vec<Vec<&T>> = people.iter().map(of_person).collect();
    let value = figures(&nights.iter().map(|(_, night)| *night).collect::<Vec<_>>());
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut samples: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(SAMPLES));
    for _ in 0..SAMPLES {
        let drawn: Vec<&T> = (0..by_person.len())
            .flat_map(|_| by_person[random.random_range(0..by_person.len())].iter().copied())
            .collect();
        for (column, figure) in samples.iter_mut().zip(figures(&drawn)) {
            if figure.is_finite() {
                column.push(figure);
            }
        }
    }
    let mut values = value.into_iter();
    samples.map(|mut samples| Interval {
        value: values.next().unwrap_or(f64::NAN),
        low: quantile(&mut samples, 0.025),
        high: quantile(&mut samples, 0.975),
    })
}

/// The people of nights, rising, each once.
pub(super) fn people_of<T>(nights: &[(usize, &T)]) -> Vec<usize> {
    let mut people: Vec<usize> = nights.iter().map(|(person, _)| *person).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// The quantile of unsorted values by linear interpolation; NaN of nothing.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let position = share * (values.len().saturating_sub(1)) as f64;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let low = at(position.floor() as usize);
    low + (at(position.ceil() as usize) - low) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0, 4.0], 0.5), 2.5);
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn people_are_drawn_whole() {
        // Two nights of one person are always the same ones together, so the mean of one person does not vary.
        let mean = |nights: &[&f64]| [nights.iter().copied().sum::<f64>() / nights.len() as f64];
        let [alone] = bootstrap(&[(7, &1.0), (7, &3.0)], 1, mean);
        assert_eq!(alone, Interval { value: 2.0, low: 2.0, high: 2.0 });
        let [apart] = bootstrap(&[(7, &1.0), (8, &3.0)], 1, mean);
        assert_eq!(apart, Interval { value: 2.0, low: 1.0, high: 3.0 });
    }

    #[test]
    fn what_cannot_be_counted_has_no_value() {
        let [nothing] = bootstrap::<f64, 1>(&[], 1, |_| [f64::NAN]);
        assert!(nothing.value.is_nan() && nothing.low.is_nan() && nothing.high.is_nan());
        assert_eq!(nothing.text(3), "–");
    }
}

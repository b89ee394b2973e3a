//! The values of one factor over all nights, and where they are cut into "with" and "without".

use crate::advice::Factor;

/// A factor with its value for each night.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorValues {
    /// Which.
    pub factor: Factor,
    /// In the order of the nights, in the factor's own unit, or 1 and 0 for yes and no; `None` where it is unknown.
    pub values: Vec<Option<f64>>,
}

/// A factor cut into days with it and days without.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// Above what a day counts as one with it, in the factor's own unit.
    pub threshold: f64,
    /// For each night; `None` where it is unknown.
    pub exposed: Vec<Option<bool>>,
    /// Whether it is a matter of yes and no: more is not told from less.
    pub yes_no: bool,
}

impl FactorValues {
    /// Whether the factor is asked as yes or no and has no amount.
    pub const fn is_binary(&self) -> bool {
        match self.factor {
            Factor::Nutrient(_) => false,
            Factor::Exposure(exposure) => !exposure.in_minutes(),
        }
    }

    /// Yes from no, or above from not above the person's own median. Where many days are alike (no alcohol on most), the cut goes
    /// to the side of the median that divides the days more evenly; at zero it becomes a matter of yes and no.
    pub fn cut(&self) -> Cut {
        let threshold = if self.is_binary() { 0.0 } else { self.middle() };
        let exposed: Vec<Option<bool>> = self.values.iter().map(|value| value.map(|value| value > threshold)).collect();
        Cut { threshold, exposed, yes_no: threshold <= 0.0 }
    }

    fn middle(&self) -> f64 {
        let mut known: Vec<f64> = self.values.iter().copied().flatten().collect();
        known.sort_by(f64::total_cmp);
        let Some(&median) = known.get(known.len() / 2) else { return 0.0 };
        let below = known.partition_point(|&value| value < median);
        let above = known.len() - known.partition_point(|&value| value <= median);
        // Cut above the median: `above` days are exposed. Cut below it: `below` days are not.
        match below.checked_sub(1).map(|place| known[place]) {
            Some(next_below) if below > above => next_below,
            _ => median,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diary::{Exposure, Nutrient};

    fn values(factor: Factor, values: &[f64]) -> FactorValues {
        FactorValues { factor, values: values.iter().copied().map(Some).collect() }
    }

    #[test]
    fn an_amount_is_cut_at_the_median_of_the_person() {
        let cut = values(Factor::Nutrient(Nutrient::Water), &[900.0, 1500.0, 1200.0, 2000.0, 1800.0]).cut();
        assert_eq!(cut.threshold, 1500.0);
        assert!(!cut.yes_no);
        assert_eq!(cut.exposed.iter().filter(|exposed| **exposed == Some(true)).count(), 2);
    }

    #[test]
    fn what_is_absent_on_most_days_or_present_on_most_is_cut_at_zero() {
        let rare = values(Factor::Nutrient(Nutrient::Alcohol), &[0.0, 0.0, 0.0, 14.0, 28.0]).cut();
        let usual = values(Factor::Nutrient(Nutrient::Caffeine), &[0.0, 0.0, 80.0, 80.0, 80.0]).cut();
        assert_eq!((rare.threshold, rare.yes_no), (0.0, true));
        assert_eq!((usual.threshold, usual.yes_no), (0.0, true));
        assert_eq!(usual.exposed[2], Some(true));
    }

    #[test]
    fn yes_and_no_are_not_cut_at_a_median() {
        let heat = values(Factor::Exposure(Exposure::Heat), &[1.0, 1.0, 1.0, 0.0]).cut();
        assert_eq!(heat.exposed, vec![Some(true), Some(true), Some(true), Some(false)]);
    }
}

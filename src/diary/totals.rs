//! What a stretch of the diary brought in all, and how much of it is known.

use super::check_in::speaks_of_alcohol_only;
use super::item::{IntakeSource, Item, ItemKind};
use super::nutrient::{Nutrient, Nutrients};

/// The total of one nutrient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// The sum of what is known, in the nutrient's unit; the true total is at least this.
    pub amount: f64,
    /// Share of the logged foods and drinks whose value is known, from 0 to 1; by energy, see [`totals`]. 0 if no food
    /// or drink was logged: an empty log knows nothing.
    pub known_share: f64,
    /// The part of `amount` that came from supplements.
    pub of_supplements: f64,
}

/// The totals of some items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals([Total; Nutrient::ALL.len()]);

impl Totals {
    /// The total of one nutrient.
    pub const fn get(&self, nutrient: Nutrient) -> Total {
        self.0[nutrient as usize]
    }
}

/// A weight for food and drink of unknown energy, in kcal, and for what has hardly any, such as tea: without it a cup of
/// coffee of unknown caffeine would not count.
const LEAST_WEIGHT_KCAL: f64 = 5.0;
const UNKNOWN_WEIGHT_KCAL: f64 = 100.0;

/// Sums up items; exposures bring nothing. What is unknown is never counted as zero: it lowers `known_share`.
///
/// The share is weighted by energy, for an item has its nutrients but not its mass, nutrients go with energy better than
/// with the water that makes most of the mass, and reference intakes are for a whole day's energy. Supplements, and plain
/// water but for the water in it, have no part in the share unless their own value is unknown: that a pill holds no
/// fibre says nothing about the food of the day.
/// An unknown value counts at least 5 kcal; food of unknown energy counts 100 kcal.
pub fn totals<'a>(items: impl IntoIterator<Item = &'a Item>) -> Totals {
    let mut amounts = [0.0; Nutrient::ALL.len()];
    let mut of_supplements = amounts;
    let mut known_weight = amounts;
    let mut weight = amounts;
    for item in items {
        let ItemKind::Intake { source, brings, name } = &item.kind else { continue };
        let energy = brings.get(Nutrient::Energy).unwrap_or(UNKNOWN_WEIGHT_KCAL).max(LEAST_WEIGHT_KCAL);
        let of_alcohol_only = speaks_of_alcohol_only(name);
        for nutrient in Nutrient::ALL {
            if of_alcohol_only && nutrient != Nutrient::Alcohol {
                continue;
            }
            let place = nutrient as usize;
            match brings.get(nutrient) {
                Some(amount) => {
                    amounts[place] += amount;
                    if *source == IntakeSource::Supplement {
                        of_supplements[place] += amount;
                    } else if *source != IntakeSource::Water || nutrient == Nutrient::Water {
                        known_weight[place] += energy;
                        weight[place] += energy;
                    }
                }
                None => weight[place] += energy,
            }
        }
    }
    Totals(std::array::from_fn(|place| Total {
        amount: amounts[place],
        known_share: if weight[place] > 0.0 { known_weight[place] / weight[place] } else { 0.0 },
        of_supplements: of_supplements[place],
    }))
}

/// The sum of two; unknown where either is unknown.
pub(super) fn plus(one: Nutrients, other: Nutrients) -> Nutrients {
    Nutrient::ALL.into_iter().fold(Nutrients::default(), |sum, nutrient| {
        let amount = one.get(nutrient).zip(other.get(nutrient)).map(|(one, other)| one + other);
        sum.with(nutrient, amount)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diary::Exposure;
    use crate::units::UtcMicros;

    fn intake(source: IntakeSource, brings: Nutrients) -> Item {
        let at = UtcMicros::from_timestamp("2025-11-21T12:00:00Z".parse().unwrap());
        Item { at, kind: ItemKind::Intake { source, name: "something".to_owned(), brings } }
    }

    fn food(kcal: f64, magnesium: Option<f64>) -> Item {
        let brings = Nutrients::default().with(Nutrient::Energy, Some(kcal)).with(Nutrient::Magnesium, magnesium);
        intake(IntakeSource::Food, brings)
    }

    #[test]
    fn what_is_unknown_lowers_the_known_share_and_not_the_amount() {
        let total = totals(&[food(300.0, Some(80.0)), food(100.0, None)]).get(Nutrient::Magnesium);
        assert_eq!(total, Total { amount: 80.0, known_share: 0.75, of_supplements: 0.0 });
    }

    #[test]
    fn the_part_of_supplements_stands_by_itself_and_does_not_raise_the_known_share() {
        let pill = Nutrients::none_of_any().with(Nutrient::Magnesium, Some(100.0));
        let items = [food(300.0, None), intake(IntakeSource::Supplement, pill)];
        let total = totals(&items).get(Nutrient::Magnesium);
        assert_eq!(total, Total { amount: 100.0, known_share: 0.0, of_supplements: 100.0 });
    }

    #[test]
    fn plain_water_does_not_pretend_that_the_food_is_known() {
        let water = Nutrients::none_of_any().with(Nutrient::Water, Some(2_000.0));
        let totals = totals(&[intake(IntakeSource::Water, water), food(500.0, None)]);
        assert_eq!(totals.get(Nutrient::Magnesium).known_share, 0.0);
        let of_water = totals.get(Nutrient::Water);
        assert!(of_water.amount == 2_000.0 && of_water.known_share < 0.01, "{of_water:?}");
    }

    #[test]
    fn a_drink_without_energy_still_counts() {
        let tea = Nutrients::none_of_any().with(Nutrient::Caffeine, None);
        let total = totals(&[intake(IntakeSource::Drink, tea)]).get(Nutrient::Caffeine);
        assert_eq!((total.amount, total.known_share), (0.0, 0.0));
    }

    #[test]
    fn an_empty_diary_and_exposures_bring_nothing() {
        let at = UtcMicros::from_timestamp("2025-11-21T12:00:00Z".parse().unwrap());
        let run = Item { at, kind: ItemKind::Exposure { exposure: Exposure::Exercise, amount: 45.0 } };
        for totals in [totals(&[]), totals(&[run])] {
            assert_eq!(totals.get(Nutrient::Energy), Total { amount: 0.0, known_share: 0.0, of_supplements: 0.0 });
        }
    }

    proptest! {
        #[test]
        fn shares_lie_between_zero_and_one(foods in prop::collection::vec((0.0_f64..2e3, prop::option::of(0.0_f64..500.0)), 0..20)) {
            let items: Vec<Item> = foods.iter().map(|(kcal, magnesium)| food(*kcal, *magnesium)).collect();
            for nutrient in Nutrient::ALL {
                let total = totals(&items).get(nutrient);
                prop_assert!((0.0..=1.0).contains(&total.known_share));
                prop_assert!(total.of_supplements <= total.amount);
            }
        }
    }
}

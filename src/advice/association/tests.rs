use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::advice::pairing::PairedNight;
use crate::advice::{Factor, Share};
use crate::diary::{Exposure, Nutrient};

const HEAT: Factor = Factor::Exposure(Exposure::Heat);

/// Nights of one factor; each is (with it, cramp).
fn paired(factor: Factor, nights: &[(f64, bool)]) -> Paired {
    let first = date(2025, 3, 1);
    let mut previous = None;
    let mut paired = Paired::default();
    for (number, &(_, cramp)) in nights.iter().enumerate() {
        let night = first.checked_add((number as i64).days()).unwrap();
        paired.nights.push(PairedNight::new(night, cramp, previous, 1.0));
        previous = Some(cramp);
    }
    let values = nights.iter().map(|night| Some(night.0)).collect();
    paired.factors.push(FactorValues { factor, values });
    paired
}

/// So many nights, every third with heat; of those with it `hot` in ten have a cramp, of the others `cool` in ten, evenly spread.
fn heat(nights: usize, hot: usize, cool: usize) -> Paired {
    let (mut with, mut without) = (0, 0);
    let nights: Vec<(f64, bool)> = (0..nights)
        .map(|night| {
            let exposed = night % 3 == 0;
            let (count, rate) = if exposed { (&mut with, hot) } else { (&mut without, cool) };
            *count += 1;
            (f64::from(u8::from(exposed)), (*count * 7) % 10 < rate)
        })
        .collect();
    paired(HEAT, &nights)
}

fn only(paired: &Paired) -> Link {
    let links = associate(paired, &AssociationOptions::default());
    assert_eq!(links.len(), 1);
    links[0].clone()
}

#[test]
fn a_strong_link_is_recovered_held_back_by_the_prior_and_confirmed_by_the_check() {
    let link = only(&heat(240, 6, 2));
    assert_eq!(link.exposed, Share { cramp_nights: 48, nights: 80 });
    assert_eq!(link.unexposed, Share { cramp_nights: 32, nights: 160 });
    assert_eq!(link.strength, Strength::ConsistentLink);
    let ratio = link.odds_ratio.unwrap();
    // The table itself says 6.
    assert!((2.0..6.0).contains(&ratio.estimate), "{ratio:?}");
    assert!(ratio.interval_95.0 > 1.25 && ratio.p_raises > 0.99 && ratio.p_lowers < 0.001);
    assert_eq!(link.threshold, None);
}

#[test]
fn a_factor_that_protects_is_found_as_one() {
    let link = only(&heat(300, 1, 5));
    let ratio = link.odds_ratio.unwrap();
    assert!(link.strength >= Strength::PossibleLink && ratio.estimate < 0.6 && ratio.p_lowers > 0.9, "{ratio:?}");
}

#[test]
fn nothing_is_said_before_each_gate_is_open() {
    for (paired, more) in [
        (heat(59, 8, 2), Some(1)),
        (heat(90, 1, 0), Some(210)),
        (
            paired(HEAT, &(0..100).map(|night| (f64::from(u8::from(night < 9)), night % 2 == 0)).collect::<Vec<_>>()),
            Some(12),
        ),
        (paired(HEAT, &(0..100).map(|night| (1.0, night % 2 == 0)).collect::<Vec<_>>()), None),
    ] {
        let link = only(&paired);
        assert_eq!((link.strength, link.odds_ratio, link.more_nights), (Strength::TooEarly, None, more));
    }
    assert_ne!(only(&heat(60, 8, 2)).strength, Strength::TooEarly);
}

#[test]
fn no_difference_is_no_clear_link_and_no_wait_would_change_it() {
    let link = only(&heat(200, 3, 3));
    assert_eq!((link.strength, link.more_nights), (Strength::NoClearLink, None));
}

#[test]
fn complete_separation_stays_finite() {
    let link = only(&heat(120, 10, 0));
    let ratio = link.odds_ratio.unwrap();
    assert!(ratio.estimate.is_finite() && ratio.interval_95.1.is_finite() && ratio.estimate > 2.0, "{ratio:?}");
    assert_eq!(link.strength, Strength::ConsistentLink);
}

#[test]
fn two_factors_that_always_come_together_share_what_there_is() {
    let mut both = heat(240, 6, 2);
    let alone = only(&both).odds_ratio.unwrap();
    both.factors.push(FactorValues { factor: Factor::Exposure(Exposure::Sweat), ..both.factors[0].clone() });
    let links = associate(&both, &AssociationOptions::default());
    let shared = links[0].odds_ratio.unwrap();
    assert!((shared.estimate - links[1].odds_ratio.unwrap().estimate).abs() < 1e-6);
    assert!(shared.estimate < alone.estimate);
    assert_eq!(companion(&both, HEAT), Some(Factor::Exposure(Exposure::Sweat)));
}

#[test]
fn a_night_that_counts_less_says_less() {
    let full = heat(200, 6, 2);
    let mut half = full.clone();
    half.nights.iter_mut().for_each(|night| night.weight = 0.5);
    let width = |paired: &Paired| {
        let interval = only(paired).odds_ratio.unwrap().interval_95;
        (interval.1 / interval.0).ln()
    };
    assert!(width(&half) > 1.1 * width(&full));
}

#[test]
fn a_link_that_lies_in_the_season_only_is_not_shown() {
    // Heat and cramps both in the middle third of the nights, but within it one has nothing to do with the other.
    let nights: Vec<(f64, bool)> = (0..240)
        .map(|night| {
            let summer = (80..160).contains(&night);
            let (hot, cramp) =
                if summer { (night % 5 != 0, night % 2 == 0) } else { (night % 10 == 0, night % 8 == 1) };
            (f64::from(u8::from(hot)), cramp)
        })
        .collect();
    assert!(only(&paired(HEAT, &nights)).strength < Strength::ConsistentLink);
}

#[test]
fn holm_asks_most_of_the_best_candidate() {
    assert_eq!(not_by_chance(vec![(0.019, 3), (0.001, 7)], 10, 0.02), vec![7]);
    assert_eq!(not_by_chance(vec![(0.0022, 3), (0.001, 7)], 10, 0.02), vec![7, 3]);
    assert_eq!(not_by_chance(vec![(0.0021, 3), (0.0021, 7)], 10, 0.02), Vec::<usize>::new());
}

#[test]
fn no_nights_give_no_links() {
    assert_eq!(associate(&Paired::default(), &AssociationOptions::default()), Vec::new());
}

prop_compose! {
    fn any_night(factors: usize)(
        values in prop::collection::vec(prop::option::weighted(0.8, prop_oneof![Just(0.0), Just(1.0), 0.0..1e12]), factors),
        cramp: bool,
        previous: Option<bool>,
        weight in prop_oneof![Just(0.0), 0.01..1.0],
        gap in 1_i64..40,
    ) -> (Vec<Option<f64>>, bool, Option<bool>, f64, i64) {
        (values, cramp, previous, weight, gap)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_nights_make_it_panic_or_say_a_number_that_is_none(nights in prop::collection::vec(any_night(6), 0..160)) {
        let factors = [
            Factor::Nutrient(Nutrient::Magnesium),
            Factor::Nutrient(Nutrient::Alcohol),
            HEAT,
            Factor::Exposure(Exposure::Sun),
            Factor::Exposure(Exposure::Stress),
            Factor::Nutrient(Nutrient::Energy),
        ];
        let mut paired = Paired::default();
        let mut night = date(2024, 1, 1);
        for &(_, cramp, previous, weight, gap) in &nights {
            night = night.checked_add(gap.days()).unwrap();
            paired.nights.push(PairedNight::new(night, cramp, previous, weight));
        }
        for (place, factor) in factors.into_iter().enumerate() {
            let values = nights.iter().map(|night| night.0[place]).collect();
            paired.factors.push(FactorValues { factor, values });
        }
        for link in associate(&paired, &AssociationOptions::default()) {
            prop_assert_eq!(link.odds_ratio.is_none(), link.strength == Strength::TooEarly);
            if let Some(ratio) = link.odds_ratio {
                let (low, high) = ratio.interval_95;
                prop_assert!(0.0 < low && low < ratio.estimate && ratio.estimate < high && high.is_finite());
                prop_assert!((0.0..=1.0).contains(&ratio.p_raises) && (0.0..=1.0).contains(&ratio.p_lowers));
            }
        }
    }
}

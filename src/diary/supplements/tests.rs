use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::diary::{Measures, parse_quantity};

fn brings(name: &str, amount: &str, meaning: Meaning) -> Result<Nutrients, SupplementError> {
    Supplement::find(name)?.brings(&parse_quantity(amount, &Measures::default()).unwrap().quantity, meaning)
}

#[rstest]
#[case("magnesium oxide", 60.3)]
#[case("magnesium citrate", 16.2)]
#[case("magnesium bisglycinate", 14.1)]
#[case("magnesium chloride hexahydrate", 12.0)]
#[case("magnesium lactate", 12.0)]
#[case("magnesium sulphate", 9.9)]
#[case("magnesium threonate", 8.3)]
#[case("magnesium carbonate", 28.8)]
#[case("calcium carbonate", 40.0)]
#[case("calcium citrate", 21.1)]
#[case("potassium chloride", 52.4)]
#[case("potassium citrate", 38.3)]
#[case("potassium citrate monohydrate", 36.2)]
#[case("sodium chloride", 39.3)]
#[case("pyridoxine hydrochloride", 82.3)]
#[case("calcium pantothenate", 92.0)]
fn elemental_fractions_follow_from_molar_masses(#[case] name: &str, #[case] percent: f64) {
    let fraction = Supplement::find(name).unwrap().elemental_fraction();
    assert!((fraction * 100.0 - percent).abs() < 0.06, "{fraction}");
}

#[test]
fn an_amount_of_a_compound_is_not_an_amount_of_its_element() {
    let citrate = Supplement::find("magnesium citrate").unwrap();
    assert_eq!(citrate.usual_meaning(), Meaning::Compound);
    let of_compound = brings("magnesium citrate", "300mg", Meaning::Compound).unwrap();
    assert!((of_compound.get(Nutrient::Magnesium).unwrap() - 48.5).abs() < 0.1);
    let elemental = brings("magnesium citrate", "300mg", Meaning::Elemental).unwrap();
    assert_eq!(elemental.get(Nutrient::Magnesium), Some(300.0));
    assert_eq!(Supplement::find("magnesium").unwrap().usual_meaning(), Meaning::Elemental);
    for meaning in [Meaning::Compound, Meaning::Elemental] {
        assert_eq!(brings("magnesium", "300 mg", meaning).unwrap().get(Nutrient::Magnesium), Some(300.0));
    }
}

#[rstest]
#[case("vitamin D3", "800 IU", Nutrient::VitaminD, 20.0)]
#[case("Vit. D", "25 µg", Nutrient::VitaminD, 25.0)]
#[case("B-12", "1 mg", Nutrient::VitaminB12, 1_000.0)]
#[case("vitamin B6 tablets", "10mg", Nutrient::VitaminB6, 10.0)]
#[case("thiamine", "100mg", Nutrient::VitaminB1, 100.0)]
#[case("K2 MK-7", "100 mcg", Nutrient::VitaminK2, 100.0)]
#[case("psyllium husk", "5 g", Nutrient::Fibre, 4.0)]
#[case("citrate magnesium", "0 g", Nutrient::Magnesium, 0.0)]
#[case("magnesium oxide", "10 mmol", Nutrient::Magnesium, 243.05)]
#[case("potassium", "20 mmol", Nutrient::Potassium, 781.96)]
#[case("salt", "1 g", Nutrient::Sodium, 393.4)]
fn labels_are_understood(#[case] name: &str, #[case] amount: &str, #[case] nutrient: Nutrient, #[case] expected: f64) {
    let supplement = Supplement::find(name).unwrap();
    let quantity = if amount == "0 g" {
        Quantity::Mass { mg: 0.0 }
    } else {
        parse_quantity(amount, &Measures::default()).unwrap().quantity
    };
    let found = supplement.brings(&quantity, supplement.usual_meaning()).unwrap().get(nutrient).unwrap();
    assert!((found - expected).abs() < 0.05, "{found}");
}

#[test]
fn what_is_not_in_a_pill_is_a_known_zero() {
    let pill = brings("vitamin D", "20 µg", Meaning::Elemental).unwrap();
    for nutrient in Nutrient::ALL.into_iter().filter(|nutrient| *nutrient != Nutrient::VitaminD) {
        assert_eq!(pill.get(nutrient), Some(0.0));
    }
}

#[test]
fn a_compound_of_two_nutrients_brings_both() {
    let both = brings("calcium pantothenate", "100 mg", Meaning::Compound).unwrap();
    assert!((both.get(Nutrient::VitaminB5).unwrap() - 92.0).abs() < 0.1);
    assert!((both.get(Nutrient::Calcium).unwrap() - 8.4).abs() < 0.1);
}

#[rstest]
#[case("magnesum citrate", "100mg", "did you mean magnesium citrate")]
#[case("vitamin K", "100µg", "vitamin K1")]
#[case("multivitamin", "100mg", "log each nutrient of the label")]
#[case("", "100mg", "did you mean")]
#[case("vitamin B12", "100 IU", "an amount in IU of vitamin B12, expected a mass")]
#[case("vitamin D", "2", "such as 800 IU")]
#[case("magnesium", "2", "as the label says for one piece")]
#[case("vitamin B6", "5 mmol", "mg or µg")]
#[case("vitamin D", "50 mg", "found 50000 µg of vitamin D in one entry, expected at most 15000 µg")]
#[case("magnesium", "300 g", "check the unit")]
fn refusals_say_what_to_write(#[case] name: &str, #[case] amount: &str, #[case] part: &str) {
    let message = brings(name, amount, Meaning::Compound).unwrap_err().to_string();
    assert!(message.contains(part), "{message}");
}

#[test]
fn every_name_finds_its_own_supplement() {
    for supplement in Supplement::all() {
        for name in supplement.names() {
            assert_eq!(Supplement::find(name).unwrap().name, supplement.name, "{name}");
        }
        assert!((0.05..=1.0).contains(&supplement.elemental_fraction()), "{}", supplement.name);
    }
}

proptest! {
    #[test]
    fn any_name_and_mass_is_borne(name in "\\PC{0,40}|[a-z ]{0,20}", mg in 0.0_f64..3e6, place in 0_usize..30) {
        let _ = Supplement::find(&name);
        let supplement = &Supplement::all()[place];
        for meaning in [Meaning::Compound, Meaning::Elemental] {
            if let Ok(brings) = supplement.brings(&Quantity::Mass { mg }, meaning) {
                let amount = brings.get(supplement.nutrient()).unwrap();
                prop_assert!((0.0..=most_of(supplement.nutrient()).unwrap()).contains(&amount));
            }
        }
    }
}

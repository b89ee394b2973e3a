//! What supplements hold. Salts by their molar masses, so that the elemental part follows from the formula.

use super::{Content, Supplement};
use crate::diary::Nutrient;

// Standard atomic weights, conventional values (IUPAC 2021), in g/mol.
const H: f64 = 1.008;
const C: f64 = 12.011;
const N: f64 = 14.007;
const O: f64 = 15.999;
const NA: f64 = 22.990;
const MG: f64 = 24.305;
const S: f64 = 32.06;
const CL: f64 = 35.45;
const K: f64 = 39.098;
const CA: f64 = 40.078;
const WATER: f64 = 2.0 * H + O;
const CITRATE: f64 = 6.0 * C + 5.0 * H + 7.0 * O;

/// Molar mass of C, H, N and O atoms, in g/mol.
const fn organic(c: f64, h: f64, n: f64, o: f64) -> f64 {
    c * C + h * H + n * N + o * O
}

const fn bare(
    name: &'static str,
    other_names: &'static [&'static str],
    nutrient: Nutrient,
    molar_mass: Option<f64>,
) -> Supplement {
    Supplement { name, other_names, content: Content::Itself { nutrient, molar_mass } }
}

const fn salt(
    name: &'static str,
    other_names: &'static [&'static str],
    nutrient: Nutrient,
    molar_mass: f64,
    element: f64,
    rest: f64,
) -> Supplement {
    let fraction = element / (element + rest);
    Supplement { name, other_names, content: Content::Compound { nutrient, molar_mass, fraction, beside: None } }
}

const fn magnesium(name: &'static str, other_names: &'static [&'static str], atoms: f64, rest: f64) -> Supplement {
    salt(name, other_names, Nutrient::Magnesium, MG, atoms * MG, rest)
}

const fn calcium(name: &'static str, other_names: &'static [&'static str], atoms: f64, rest: f64) -> Supplement {
    salt(name, other_names, Nutrient::Calcium, CA, atoms * CA, rest)
}

const fn potassium(name: &'static str, other_names: &'static [&'static str], atoms: f64, rest: f64) -> Supplement {
    salt(name, other_names, Nutrient::Potassium, K, atoms * K, rest)
}

const fn sodium(name: &'static str, other_names: &'static [&'static str], atoms: f64, rest: f64) -> Supplement {
    salt(name, other_names, Nutrient::Sodium, NA, atoms * NA, rest)
}

pub(super) const ALL: &[Supplement] = &[
    bare("magnesium", &["mg", "elemental magnesium"], Nutrient::Magnesium, Some(MG)),
    magnesium("magnesium oxide", &[], 1.0, O),
    // Trimagnesium dicitrate without water; the nonahydrate has 11.9 %.
    magnesium("magnesium citrate", &["trimagnesium dicitrate", "trimagnesium citrate"], 3.0, 2.0 * CITRATE),
    magnesium(
        "magnesium bisglycinate",
        &["magnesium glycinate", "magnesium diglycinate", "chelated magnesium"],
        1.0,
        2.0 * organic(2.0, 4.0, 1.0, 2.0),
    ),
    magnesium("magnesium chloride", &["magnesium chloride hexahydrate"], 1.0, 2.0 * CL + 6.0 * WATER),
    magnesium("magnesium lactate", &[], 1.0, 2.0 * organic(3.0, 5.0, 0.0, 3.0)),
    magnesium(
        "magnesium sulfate",
        &["magnesium sulphate", "magnesium sulfate heptahydrate", "epsom salt", "epsom salts"],
        1.0,
        S + 4.0 * O + 7.0 * WATER,
    ),
    magnesium("magnesium malate", &[], 1.0, organic(4.0, 4.0, 0.0, 5.0)),
    magnesium("magnesium taurate", &["magnesium taurinate"], 1.0, 2.0 * (organic(2.0, 6.0, 1.0, 3.0) + S)),
    magnesium("magnesium threonate", &["magnesium l-threonate"], 1.0, 2.0 * organic(4.0, 7.0, 0.0, 5.0)),
    magnesium("magnesium gluconate", &[], 1.0, 2.0 * organic(6.0, 11.0, 0.0, 7.0)),
    magnesium("magnesium aspartate", &[], 1.0, 2.0 * organic(4.0, 6.0, 1.0, 4.0)),
    magnesium("magnesium orotate", &[], 1.0, 2.0 * organic(5.0, 3.0, 2.0, 4.0)),
    magnesium("magnesium carbonate", &[], 1.0, C + 3.0 * O),
    magnesium("magnesium hydroxide", &["milk of magnesia"], 1.0, 2.0 * (O + H)),
    bare("calcium", &["elemental calcium"], Nutrient::Calcium, Some(CA)),
    calcium("calcium carbonate", &[], 1.0, C + 3.0 * O),
    // The tetrahydrate is what is sold; without water it has 24.1 %.
    calcium("calcium citrate", &["calcium citrate tetrahydrate"], 3.0, 2.0 * CITRATE + 4.0 * WATER),
    calcium("calcium gluconate", &["calcium gluconate monohydrate"], 1.0, 2.0 * organic(6.0, 11.0, 0.0, 7.0) + WATER),
    bare("potassium", &["elemental potassium"], Nutrient::Potassium, Some(K)),
    potassium("potassium chloride", &["kcl"], 1.0, CL),
    potassium("potassium citrate", &["tripotassium citrate"], 3.0, CITRATE),
    potassium("potassium citrate monohydrate", &[], 3.0, CITRATE + WATER),
    potassium("potassium bicarbonate", &["potassium hydrogen carbonate"], 1.0, H + C + 3.0 * O),
    potassium("potassium gluconate", &[], 1.0, organic(6.0, 11.0, 0.0, 7.0)),
    bare("sodium", &["elemental sodium"], Nutrient::Sodium, Some(NA)),
    sodium("salt", &["sodium chloride", "table salt", "salt tablets", "nacl"], 1.0, CL),
    sodium("sodium bicarbonate", &["baking soda", "bicarbonate of soda"], 1.0, H + C + 3.0 * O),
    sodium("sodium citrate", &["trisodium citrate", "sodium citrate dihydrate"], 3.0, CITRATE + 2.0 * WATER),
    bare(
        "vitamin D",
        &["vitamin d3", "vitamin d2", "cholecalciferol", "colecalciferol", "ergocalciferol"],
        Nutrient::VitaminD,
        None,
    ),
    bare("vitamin B1", &["thiamin", "thiamine"], Nutrient::VitaminB1, None),
    bare("vitamin B5", &["pantothenic acid"], Nutrient::VitaminB5, None),
    Supplement {
        name: "calcium pantothenate",
        other_names: &["calcium d-pantothenate"],
        // Two pantothenic acids (C9H17NO5) less a hydrogen each, and one calcium.
        content: Content::Compound {
            nutrient: Nutrient::VitaminB5,
            molar_mass: organic(9.0, 17.0, 1.0, 5.0),
            fraction: 2.0 * organic(9.0, 17.0, 1.0, 5.0) / (2.0 * organic(9.0, 16.0, 1.0, 5.0) + CA),
            beside: Some((Nutrient::Calcium, CA / (2.0 * organic(9.0, 16.0, 1.0, 5.0) + CA))),
        },
    },
    bare("vitamin B6", &["pyridoxine"], Nutrient::VitaminB6, None),
    salt(
        "pyridoxine hydrochloride",
        &["pyridoxine hcl", "vitamin b6 hydrochloride"],
        Nutrient::VitaminB6,
        organic(8.0, 11.0, 1.0, 3.0),
        organic(8.0, 11.0, 1.0, 3.0),
        H + CL,
    ),
    bare(
        "vitamin B12",
        &["cobalamin", "cyanocobalamin", "methylcobalamin", "hydroxocobalamin"],
        Nutrient::VitaminB12,
        None,
    ),
    bare("vitamin K1", &["phylloquinone", "phytomenadione"], Nutrient::VitaminK1, None),
    bare(
        "vitamin K2",
        &["mk-7", "mk-4", "vitamin k2 mk-7", "vitamin k2 mk-4", "menaquinone", "menaquinone-7", "menaquinone-4"],
        Nutrient::VitaminK2,
        None,
    ),
    bare("fibre", &["fiber", "dietary fibre", "dietary fiber"], Nutrient::Fibre, None),
    Supplement {
        name: "psyllium",
        other_names: &["psyllium husk", "psyllium husks", "ispaghula", "ispaghula husk", "metamucil"],
        // Between the soluble fibre of the US rule (7 g in 10.2 g of husk, 21 CFR 101.81) and labels (up to 0.88).
        content: Content::Compound { nutrient: Nutrient::Fibre, molar_mass: 0.0, fraction: 0.8, beside: None },
    },
];

//! Cramps must not differ from what looks like them by level, length or spectrum alone: what is learnt from such nights
//! would be an artefact of the simulator. Measured on the features themselves, for each simulator.

use rstest::rstest;

use super::collect::Label;
use super::{Generator, Material, NightRows, SimulatedSet};
use crate::signal::feature_index;

/// Chance that a value of the one kind exceeds a value of the other: 0.5 tells nothing, 0 or 1 everything.
fn area(cramps: &[f64], others: &[f64]) -> f64 {
    let wins = cramps.iter().flat_map(|cramp| others.iter().map(move |other| cramp > other));
    wins.filter(|won| *won).count() as f64 / (cramps.len() * others.len()) as f64
}

/// Mean of `feature` over the rows that end between `from_s` and `to_s`, if at least five seconds were judged.
fn mean_of(night: &NightRows, feature: usize, from_s: f64, to_s: f64, cramp: bool) -> Option<f64> {
    let values: Vec<f64> = night
        .hops
        .iter()
        .filter(|hop| (from_s + 1.0..to_s).contains(&(f64::from(hop.quarter + 1) / 4.0)))
        .filter_map(|hop| hop.row.map(|row| row as usize))
        .filter(|row| cramp == (night.labels[*row] == Label::Cramp))
        .map(|row| f64::from(night.rows[row][feature]))
        .collect();
    (values.len() >= 20).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[rstest]
#[case::main(Generator::Main)]
#[case::plain(Generator::Plain)]
#[case::renewal(Generator::Renewal)]
#[case::judge(Generator::Judge)]
fn neither_level_nor_length_nor_spectrum_alone_tells_cramps_from_bracing_and_holds(#[case] generator: Generator) {
    let set = SimulatedSet { generator, people: 12, seed: 5_000_001, rates_hz: vec![1000], ..SimulatedSet::packed() };
    let nights = Material::simulated(&set).collect(&|| {}).unwrap();
    let alike = |name: &str| ["bracing", "long_hold"].contains(&name);
    let index = |name: &str| feature_index(name).unwrap();
    for (name, feature) in [("level", index("level")), ("mean frequency", index("mean_frequency"))] {
        let (mut cramps, mut others) = (Vec::new(), Vec::new());
        for night in &nights {
            cramps.extend(night.truth.iter().filter_map(|c| mean_of(night, feature, c.onset_s, c.end_s, true)));
            let look_alikes = night.others.iter().filter(|event| alike(&event.name));
            others.extend(look_alikes.filter_map(|e| mean_of(night, feature, e.from_s, e.to_s, false)));
        }
        let area = area(&cramps, &others);
        assert!(cramps.len() > 40 && others.len() > 20, "{} and {}", cramps.len(), others.len());
        assert!((0.2..0.8).contains(&area), "{name}: {area}");
    }
    let cramps: Vec<f64> = nights.iter().flat_map(|night| &night.truth).map(|c| c.end_s - c.onset_s).collect();
    let others = nights.iter().flat_map(|night| &night.others).filter(|event| alike(&event.name));
    let area = area(&cramps, &others.map(|event| event.to_s - event.from_s).collect::<Vec<_>>());
    assert!((0.2..0.8).contains(&area), "length: {area}");
}

//! What a resting level from a calibration changes, on simulated people: the first minute, and no more false alarms.

use std::sync::Arc;

use crampwatch::detect::{Detector, Model, Output};
use crampwatch::simulate::{CrampCount, Digitiser, Night, NightOptions, Person, Second};

/// Seconds of each night.
const LENGTH_S: u32 = 150;

/// What a detector says of the beginning of a night without cramps.
#[derive(Debug, Default, PartialEq)]
struct Beginning {
    first_valid_s: Option<f64>,
    suspected: usize,
    started: usize,
}

/// The night of this person, with a rest that is `factor` times the true one.
fn beginning(person: u64, density: f64, factor: Option<f64>) -> Beginning {
    let options =
        NightOptions { duration_s: LENGTH_S, cramps: CrampCount::Exactly(0), density, ..NightOptions::default() };
    let mut night = Night::new(&Person::random(person), &options, person);
    let mut digitiser = Digitiser::new(&options);
    let mut detector = Detector::new(digitiser.layout(), Arc::new(Model::built_in().unwrap())).unwrap();
    if let Some(factor) = factor {
        detector.expect_rest(&night.quiet_uv().map(|floor| factor * floor));
    }
    let (mut found, mut second) = (Beginning::default(), Second::default());
    while night.next_second(&mut second) {
        let Some(chunk) = digitiser.chunk(&second) else { continue };
        detector.push(&chunk, |output| match output {
            Output::Hop(hop) if hop.row.valid && found.first_valid_s.is_none() => {
                found.first_valid_s = Some((hop.quarter + 1) as f64 / 4.0);
            }
            Output::Suspected { .. } => found.suspected += 1,
            Output::Started { .. } => found.started += 1,
            _ => {}
        });
    }
    found
}

#[test]
fn with_a_true_rest_a_still_leg_is_judged_within_seconds_and_without_one_after_a_minute() {
    for person in 0..6 {
        let (with, without) = (beginning(person, 0.0, Some(1.0)), beginning(person, 0.0, None));
        assert!(with.first_valid_s.is_some_and(|at| at <= 5.0), "person {person}: {with:?}");
        assert!(without.first_valid_s.is_some_and(|at| at >= 60.0), "person {person}: {without:?}");
        assert_eq!((with.suspected, with.started), (0, 0), "person {person}");
    }
}

#[test]
fn a_rest_that_was_measured_badly_raises_no_alarm_on_a_leg_without_cramps() {
    for factor in [0.25, 0.5, 0.7, 1.0, 1.4, 3.0] {
        for person in 0..8 {
            let found = beginning(person, 0.0, Some(factor));
            assert_eq!(
                (found.suspected, found.started),
                (0, 0),
                "person {person}, {factor} of the true rest: {found:?}"
            );
        }
    }
}

#[test]
fn nor_does_it_on_a_leg_that_moves() {
    let started = |factor| (0..12).map(|person| beginning(person, 3.0, factor).started).sum::<usize>();
    let without = started(None);
    for factor in [0.7, 1.0, 1.4] {
        assert!(started(Some(factor)) <= without + 1, "{factor}");
    }
}

#[test]
fn a_rest_that_does_not_fit_the_stream_is_ignored() {
    for rest in [&[4.0][..], &[4.0, f64::NAN], &[4.0, 0.0]] {
        let options = NightOptions::default();
        let mut detector =
            Detector::new(Digitiser::new(&options).layout(), Arc::new(Model::built_in().unwrap())).unwrap();
        let before = detector.state();
        detector.expect_rest(rest);
        assert_eq!(detector.state(), before);
        assert!(!detector.is_calibrated());
    }
}

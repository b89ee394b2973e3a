//! Trains of single units: doublets and what units have in common.

use super::super::course::CrampCourse;
use super::super::cramp_train::CrampTrain;
use super::super::dice::{Dice, Wander};

/// Discharge counts in quarters of a second of two units of one cramp over `seconds`, and all intervals of both.
fn two_units(course: &CrampCourse, seconds: usize, dice: &mut Dice) -> ([Vec<f64>; 2], Vec<f64>) {
    let mut wander = Wander::new(course.drift.0, 40.0);
    let drift: Vec<f64> = (0..seconds * 40).map(|_| wander.next(dice) * course.drift.1).collect();
    let mut all = Vec::new();
    let counts = [0, 1].map(|_| {
        let train = CrampTrain::random(course, dice);
        let mut counts = vec![0.0; seconds * 4];
        let mut now_s = 0.0;
        while now_s < seconds as f64 {
            counts[(now_s * 4.0) as usize] += 1.0;
            let interval_s = train.interval_s(drift[(now_s * 40.0) as usize], 0.0, dice);
            all.push(interval_s);
            now_s += interval_s;
        }
        counts
    });
    (counts, all)
}

fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(one), mean(other));
    let product =
        |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 { x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum() };
    product(one, a, other, b) / (product(one, a, one, a) * product(other, b, other, b)).sqrt()
}

#[test]
fn doublets_are_as_many_as_the_cramp_has() {
    for doublets in [0.0, 0.04, 0.08] {
        let mut dice = Dice::new(4, 0);
        let mut intervals = Vec::new();
        for _ in 0..40 {
            let course = CrampCourse { doublets, ..CrampCourse::random(&mut dice, 0, 50.0, 0.0, 60.0) };
            let steady = CrampCourse { interval_variation: 0.3, drift: (1.4, 0.1, 1.0), ..course };
            intervals.extend(two_units(&steady, 25, &mut dice).1);
        }
        let short = intervals.iter().filter(|interval_s| **interval_s < 0.0151).count() as f64 / intervals.len() as f64;
        assert!((short - doublets).abs() < 0.01, "{short} of intervals are doublets, {doublets} asked");
    }
}

#[test]
fn rates_of_units_that_share_the_drift_rise_and_fall_together() {
    let mut dice = Dice::new(5, 0);
    let mut together = |share: f64| {
        let mean: f64 = (0..30)
            .map(|_| {
                let course = CrampCourse::random(&mut dice, 0, 50.0, 0.0, 60.0);
                let course = CrampCourse { drift: (1.4, 0.35, share), ..course };
                let ([one, other], _) = two_units(&course, 60, &mut dice);
                correlation(&one, &other)
            })
            .sum();
        mean / 30.0
    };
    let (shared, alone) = (together(1.0), together(0.0));
    assert!(shared > 0.2 && alone.abs() < 0.05, "{shared} together, {alone} alone");
}

#[test]
fn drifts_of_cramps_lie_about_1_4_hz() {
    let mut dice = Dice::new(6, 0);
    let drifts: Vec<f64> = (0..500).map(|_| CrampCourse::random(&mut dice, 0, 50.0, 0.0, 60.0).drift.0).collect();
    let (mean, deviation) = super::mean_and_deviation(&drifts);
    assert!((mean - 1.4).abs() < 0.1 && (deviation - 0.4).abs() < 0.1, "{mean} ± {deviation} Hz");
}

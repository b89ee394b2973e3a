//! What the judge promises.

use super::JudgeNight;
use super::person::Person;
use super::plan::Plan;
use crate::simulate::one_channel::{rms, whole};
use crate::simulate::{EventKind, OneChannelOptions};

fn options(duration_s: u32, cramps: u32, density: f64) -> OneChannelOptions {
    OneChannelOptions { duration_s, cramps, density, ..OneChannelOptions::default() }
}

#[test]
fn the_same_seeds_make_the_same_night_and_others_another() {
    let options = options(240, 1, 4.0);
    let first = whole::<JudgeNight>(3, 4, &options);
    assert_eq!(first, whole::<JudgeNight>(3, 4, &options));
    assert_ne!(first.0, whole::<JudgeNight>(3, 5, &options).0);
    assert_ne!(first.0, whole::<JudgeNight>(4, 4, &options).0);
}

#[test]
fn every_rate_gives_all_samples_finite_and_gravity() {
    for (rate, acc) in [(250, Some(25)), (500, None), (512, Some(5)), (1024, Some(400)), (2000, Some(50))] {
        let options = OneChannelOptions { emg_rate_hz: rate, acc_rate_hz: acc, ..options(200, 1, 6.0) };
        let (emg, g, _, _) = whole::<JudgeNight>(u64::from(rate), 1, &options);
        assert_eq!((emg.len(), g.len()), (200 * rate as usize, 600 * acc.unwrap_or(0) as usize));
        assert!(emg.iter().all(|value| value.is_finite() && value.abs() < 20_000.0));
        assert!(g.iter().all(|value| value.is_finite() && value.abs() < 16.0));
        let mean = g.chunks_exact(3).map(rms).sum::<f64>() * 3_f64.sqrt() / (g.len() as f64 / 3.0).max(1.0);
        assert!(acc.is_none() || (0.9..1.2).contains(&mean), "{mean}");
    }
}

#[test]
fn silence_is_as_loud_as_said() {
    for person_seed in 0..8 {
        let person = Person::random(person_seed);
        let (emg, _, truth, quiet_uv) = whole::<JudgeNight>(person_seed, 1, &options(60, 0, 0.0));
        assert!(truth.is_empty() && (1.0..=6.0).contains(&quiet_uv));
        // An eighth of a second without its mean: the baseline is nearly gone, mains and heart stay.
        let rest = |span: &[f32]| {
            let mean = span.iter().sum::<f32>() / span.len() as f32;
            rms(&span.iter().map(|value| value - mean).collect::<Vec<_>>())
        };
        let mut quarters: Vec<f64> = emg[5000..].chunks_exact(125).map(rest).collect();
        quarters.sort_by(f64::total_cmp);
        let median = quarters[quarters.len() / 2];
        let most = quiet_uv.hypot(2.5 * person.mains_uv).hypot(0.1 * person.wander_uv);
        assert!(median > 0.6 * quiet_uv && median < 1.4 * most, "person {person_seed}: {median} for {quiet_uv}");
    }
}

#[test]
fn a_night_of_density_zero_holds_cramps_and_what_belongs_to_them() {
    for seed in 0..20 {
        let plan = Plan::draw(&Person::random(seed), seed, &options(28_800, 3, 0.0));
        assert_eq!(plan.cramps.len(), 3);
        assert!(plan.truth.iter().all(|event| !event.note.is_empty()));
        assert!(Plan::draw(&Person::random(seed), seed, &options(28_800, 0, 0.0)).deeds.is_empty());
    }
}

#[test]
fn cramps_lie_where_the_truth_says_and_apart() {
    let mut found = 0;
    for person in 0..4 {
        let (emg, _, truth, quiet_uv) = whole::<JudgeNight>(person, 3, &options(1500, 2, 0.0));
        let cramps: Vec<_> = truth.iter().filter(|event| event.kind == EventKind::Cramp).collect();
        for cramp in &cramps {
            let span = (cramp.onset_s * 1000.0) as usize..(cramp.end_s * 1000.0) as usize;
            assert!(rms(&emg[span]) > 1.5 * quiet_uv && cramp.end_s <= 1500.0);
            found += 1;
        }
        assert!(cramps.windows(2).all(|pair| pair[1].onset_s - pair[0].end_s >= 300.0));
    }
    assert!(found >= 6, "{found}");
}

#[test]
fn events_come_as_often_as_in_the_nights_that_it_was_ported_from() {
    let nights = 150_u64;
    let mut counts = std::collections::BTreeMap::<EventKind, usize>::new();
    for seed in 0..nights {
        let plan = Plan::draw(&Person::random(seed), seed, &options(28_800, 4, 1.0));
        assert_eq!(plan.cramps.len(), 4);
        for event in &plan.truth {
            *counts.entry(event.kind).or_default() += 1;
        }
    }
    let per_night = |kind: EventKind| counts[&kind] as f64 / nights as f64;
    assert!((9.0..18.0).contains(&per_night(EventKind::Turn)), "{}", per_night(EventKind::Turn));
    assert!((40.0..75.0).contains(&per_night(EventKind::LargeMovement)), "{}", per_night(EventKind::LargeMovement));
    assert!((2.0..4.0).contains(&per_night(EventKind::Bracing)), "{}", per_night(EventKind::Bracing));
    assert!((1.5..2.5).contains(&per_night(EventKind::LongHold)), "{}", per_night(EventKind::LongHold));
    assert!((5.0..9.0).contains(&per_night(EventKind::Stretch)), "{}", per_night(EventKind::Stretch));
}

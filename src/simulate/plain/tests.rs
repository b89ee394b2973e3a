//! What the plain generator promises.

use super::PlainNight;
use super::body::Body;
use super::cramp::{Cramp, CrampPlan};
use super::drive::Course;
use super::effort::Effort;
use super::motion::Pose;
use super::part::Mix;
use super::plan::Plan;
use crate::simulate::dice::Dice;
use crate::simulate::one_channel::{rms, whole};
use crate::simulate::{EventKind, OneChannelOptions, TruthEvent};

fn options(duration_s: u32, cramps: u32, density: f64) -> OneChannelOptions {
    OneChannelOptions { duration_s, cramps, density, ..OneChannelOptions::default() }
}

#[test]
fn the_same_seeds_give_the_same_night_and_others_another() {
    let options = options(600, 1, 3.0);
    let first = whole::<PlainNight>(4, 9, &options);
    assert_eq!(first, whole::<PlainNight>(4, 9, &options));
    assert_ne!(first.0, whole::<PlainNight>(4, 10, &options).0);
    assert_ne!(first.0, whole::<PlainNight>(5, 9, &options).0);
}

#[test]
fn every_rate_gives_all_samples_finite_and_gravity() {
    for (rate, acc) in [(250, Some(25)), (500, None), (512, Some(50)), (800, Some(100)), (1024, Some(52)), (2000, None)]
    {
        let options = OneChannelOptions { emg_rate_hz: rate, acc_rate_hz: acc, ..options(300, 2, 6.0) };
        let (emg, g, _, _) = whole::<PlainNight>(u64::from(rate), 1, &options);
        assert_eq!((emg.len(), g.len()), (300 * rate as usize, 900 * acc.unwrap_or(0) as usize));
        assert!(emg.iter().all(|value| value.is_finite() && value.abs() < 20_000.0));
        assert!(g.iter().all(|value| value.is_finite() && value.abs() < 16.0));
        let mean = g.chunks_exact(3).map(rms).sum::<f64>() * 3_f64.sqrt() / (g.len() as f64 / 3.0).max(1.0);
        assert!(acc.is_none() || (0.9..1.3).contains(&mean), "{mean}");
    }
}

#[test]
fn silence_is_as_loud_as_said() {
    for person in 0..12 {
        let body = Body::random(person);
        let (emg, _, truth, quiet_uv) = whole::<PlainNight>(person, 1, &options(120, 0, 0.0));
        assert!(truth.is_empty() && (1.5..=8.0).contains(&quiet_uv));
        let noise_uv = (rms(&emg).powi(2) - body.ecg_uv.powi(2) * 0.02).sqrt();
        let all_uv = quiet_uv.hypot(1.4 * body.mains_uv);
        assert!(noise_uv > 0.9 * quiet_uv && noise_uv < 1.15 * all_uv, "person {person}: {noise_uv} for {quiet_uv}");
    }
}

fn some_cramp(person: u64, seed: u64) -> (Body, CrampPlan) {
    let body = Body::random(person);
    let plan = Plan::draw(&body, seed, &options(3600, 1, 0.0));
    (body, plan.cramps[0])
}

fn mix(body: &Body) -> Mix {
    Mix::new(body, 1000, 0, Pose::new([1.0, 0.0, 0.0]))
}

#[test]
fn the_truth_of_a_cramp_is_measured_on_the_cramp_alone() {
    for seed in 0..30 {
        let (body, plan) = some_cramp(seed, seed);
        let mut mix = mix(&body);
        let mut cramp = Cramp::new(plan, &mix.tissue, &mix.grid, 1000);
        let mut quarters = Vec::new();
        let first = plan.start_s as u32;
        for second in first.. {
            mix.begin(second);
            mix.muscle.fill(0.0);
            let goes_on = cramp.second(&mut mix, (1.0, 1.0), body.quiet_uv);
            quarters.extend(mix.muscle[..1000].chunks_exact(250).map(rms));
            if !goes_on {
                break;
            }
        }
        let loud = |rms_uv: &f64| *rms_uv > 2.0 * body.quiet_uv;
        let at_s = |quarter: usize| f64::from(first) + quarter as f64 * 0.25;
        let truth = cramp.truth().expect("a cramp of at least 2.5 times the quiet RMS");
        assert_eq!(Some(truth.onset_s), quarters.iter().position(loud).map(at_s));
        assert_eq!(Some(truth.end_s), quarters.iter().rposition(loud).map(|quarter| at_s(quarter) + 0.25));
        assert_eq!(truth.level_uv, quarters.iter().copied().fold(0.0, f64::max));
        assert!(truth.onset_s >= plan.start_s - 0.25 && truth.onset_s < plan.start_s + plan.duration_s);
        // The asked level is met where all units are active.
        assert!((0.6..4.5).contains(&(truth.level_uv / plan.level_uv)), "{} {}", truth.level_uv, plan.level_uv);
    }
}

/// Coefficient of variation and mean of the intervals within steady firing.
fn intervals(times: &[f64]) -> Option<(f64, f64)> {
    let gaps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]).abs()).filter(|gap| *gap < 0.4).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    (gaps.len() >= 60).then_some((variance.sqrt() / mean, 1.0 / mean))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let all: Vec<f64> = values.collect();
    all.iter().sum::<f64>() / all.len() as f64
}

#[test]
fn cramp_intervals_vary_as_asked_at_some_twenty_per_second() {
    let mut units = Vec::new();
    for seed in 0..40 {
        let (body, plan) = some_cramp(seed, seed + 100);
        let mix = mix(&body);
        let mut cramp = Cramp::new(plan, &mix.tissue, &mix.grid, 1000);
        let own: Vec<_> = cramp.trains(&mix.tissue, &mix.grid).iter().filter_map(|train| intervals(train)).collect();
        if own.len() >= 8 {
            let variation = mean(own.iter().map(|unit| unit.0));
            assert!((variation - plan.variation).abs() < 0.1, "asked {} got {variation}", plan.variation);
            units.extend(own);
        }
    }
    assert!(units.len() > 300, "{}", units.len());
    let (variation, rate_hz) = (mean(units.iter().map(|unit| unit.0)), mean(units.iter().map(|unit| unit.1)));
    assert!((0.38..0.52).contains(&variation) && (15.0..24.0).contains(&rate_hz), "{variation} {rate_hz}");
}

#[test]
fn voluntary_units_join_in_order_of_size_and_fire_steadily() {
    let mut units = Vec::new();
    for seed in 0..40 {
        let body = Body::random(seed);
        let mix = mix(&body);
        let course = Course::hold(8.0, 40.0, 4.0, 0.0);
        let mut effort = Effort::new(0.0, course, 0.4 * body.mvc_uv, 0.4, 0.04, &mut Dice::new(seed, 7));
        let trains = effort.trains(&mix.tissue, &mix.grid);
        let firsts: Vec<f64> = trains.iter().filter_map(|train| train.first().copied()).collect();
        let third = firsts.len() / 3;
        let (small, large) = (&firsts[..third], &firsts[firsts.len() - third..]);
        assert!(mean(large.iter().copied()) > 1.0 + mean(small.iter().copied()), "{firsts:?}");
        let steady = trains.iter().map(|train| train.iter().copied().filter(|at| *at > 10.0 && *at < 46.0).collect());
        units.extend(steady.filter_map(|train: Vec<f64>| intervals(&train)));
    }
    assert!(units.len() > 300);
    assert!(units.iter().filter(|unit| unit.0 < 0.3).count() * 20 > units.len() * 19);
    let (variation, rate_hz) = (mean(units.iter().map(|unit| unit.0)), mean(units.iter().map(|unit| unit.1)));
    assert!((0.12..0.25).contains(&variation) && (7.0..16.0).contains(&rate_hz), "{variation} {rate_hz}");
}

#[test]
fn events_come_as_often_as_published() {
    let nights = 200_u64;
    let mut counts = std::collections::BTreeMap::<EventKind, Vec<f64>>::new();
    let mut cramps = 0;
    for seed in 0..nights {
        let plan = Plan::draw(&Body::random(seed), seed, &options(28_800, 3, 1.0));
        cramps += plan.cramps.len();
        let own = |event: &&TruthEvent| event.note.is_empty();
        for event in plan.truth.iter().filter(own) {
            counts.entry(event.kind).or_default().push(event.end_s - event.onset_s);
        }
    }
    let per_h = |kind: EventKind| counts[&kind].len() as f64 / (8 * nights) as f64;
    let length_s = |kind: EventKind| mean(counts[&kind].iter().copied());
    assert_eq!(cramps as u64, 3 * nights);
    assert!((1.2..2.0).contains(&per_h(EventKind::Turn)));
    assert!((5.0..12.0).contains(&per_h(EventKind::LargeMovement)));
    assert!((10.0..15.0).contains(&length_s(EventKind::LargeMovement)));
    assert!((0.3..0.7).contains(&per_h(EventKind::Bracing)));
    assert!((30.0..70.0).contains(&length_s(EventKind::Bracing)));
    assert!((15.0..120.0).contains(&length_s(EventKind::Standing)));
    assert!((3.0..12.0).contains(&per_h(EventKind::LegMovement)), "{}", per_h(EventKind::LegMovement));
    for kind in [EventKind::Walk, EventKind::LongHold, EventKind::Stretch, EventKind::Tremor, EventKind::Rub] {
        assert!((0.01..1.5).contains(&per_h(kind)), "{kind} {}", per_h(kind));
    }
    for kind in [EventKind::LooseElectrode, EventKind::MainsJump, EventKind::SweatDrift, EventKind::BedVibration] {
        assert!((0.03..2.0).contains(&per_h(kind)), "{kind} {}", per_h(kind));
    }
    for kind in [EventKind::HypnicJerk, EventKind::FragmentaryMyoclonus, EventKind::Fasciculation] {
        assert!((0.05..12.0).contains(&per_h(kind)), "{kind} {}", per_h(kind));
    }
}

#[test]
fn neither_level_nor_length_alone_tells_cramps_from_bracing() {
    let (mut cramps, mut others) = (Vec::new(), Vec::new());
    for seed in 0..300 {
        let body = Body::random(seed);
        let plan = Plan::draw(&body, seed, &options(28_800, 3, 1.0));
        cramps.extend(plan.cramps.iter().map(|cramp| (cramp.level_uv / body.quiet_uv, cramp.duration_s)));
        let alike = |event: &&TruthEvent| {
            event.note.is_empty() && matches!(event.kind, EventKind::Bracing | EventKind::LongHold)
        };
        let facts = |event: &TruthEvent| (event.level_uv / body.quiet_uv, event.end_s - event.onset_s);
        others.extend(plan.truth.iter().filter(alike).map(facts));
    }
    // Chance that a cramp exceeds a look-alike: 0.5 tells nothing, 1 everything.
    let area = |pick: fn(&(f64, f64)) -> f64| {
        let wins = cramps.iter().flat_map(|cramp| others.iter().map(move |other| pick(cramp) > pick(other)));
        wins.filter(|won| *won).count() as f64 / (cramps.len() * others.len()) as f64
    };
    let (level, length) = (area(|fact| fact.0), area(|fact| fact.1));
    assert!((0.35..0.65).contains(&level), "level {level}");
    assert!((0.3..0.75).contains(&length), "length {length}");
}

#[test]
fn cramps_of_a_night_are_found_in_its_samples() {
    let mut found = 0;
    for person in 0..4 {
        let (emg, _, truth, quiet_uv) = whole::<PlainNight>(person, 3, &options(2400, 2, 0.0));
        for cramp in truth.iter().filter(|event| event.kind == EventKind::Cramp) {
            let span = (cramp.onset_s * 1000.0) as usize..(cramp.end_s * 1000.0) as usize;
            assert!(rms(&emg[span]) > 1.5 * quiet_uv && cramp.end_s <= 2400.0);
            found += 1;
        }
    }
    assert!(found >= 7, "{found}");
}

//! Tests of whole nights and of the discharge behind them.

mod confounders;
mod discharge;

use super::contraction::{Contraction, Pattern};
use super::course::CrampCourse;
use super::cramp::Cramp;
use super::cramp_train::CrampTrain;
use super::dice::Dice;
use super::frame::{Frame, SECOND};
use super::pool::Pool;
use super::voluntary::Voluntary;
use super::{CrampCount, EventKind, Night, NightOptions, Person, Second};

fn short_night(duration_s: u32, cramps: u32) -> NightOptions {
    NightOptions { duration_s, cramps: CrampCount::Exactly(cramps), ..NightOptions::default() }
}

/// Plays a night and calls `look` with each second and its number.
fn play(person: &Person, options: &NightOptions, seed: u64, mut look: impl FnMut(usize, &Second)) -> Night {
    let mut night = Night::new(person, options, seed);
    let mut second = Second::default();
    let mut index = 0;
    while night.next_second(&mut second) {
        look(index, &second);
        index += 1;
    }
    assert_eq!(index, options.duration_s as usize);
    night
}

fn rms(samples: &[f32]) -> f64 {
    (samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt())
}

#[test]
fn the_same_seed_gives_the_same_samples_and_another_gives_others() {
    let hash = |person: u64, seed: u64| {
        let mut sums = Vec::new();
        let night = play(&Person::random(person), &short_night(300, 1), seed, |_, second| {
            let bits = second.emg_uv.iter().chain(&second.acc_g).map(|sample| u64::from(sample.to_bits()));
            sums.push(bits.fold(0_u64, |sum, bits| sum.rotate_left(5) ^ bits));
        });
        (sums, night.truth().to_vec())
    };
    assert_eq!(hash(3, 8), hash(3, 8));
    assert_ne!(hash(3, 8).0, hash(3, 9).0);
    assert_ne!(hash(3, 8).0, hash(4, 8).0);
}

#[test]
fn cramp_units_fire_at_20_pps_with_an_interval_variation_near_045() {
    let mut dice = Dice::new(11, 0);
    let (mut rates, mut variations) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        let course = CrampCourse::random(&mut dice, 0, 50.0, 0.0, 60.0);
        for _ in 0..5 {
            let train = CrampTrain::random(&course, &mut dice);
            let mut wander = super::dice::Wander::new(course.drift.0, 40.0);
            let (mut now_s, mut drift, mut stepped_s) = (0.0, 0.0, 0.0);
            let mut intervals = Vec::new();
            while now_s < 25.0 {
                while stepped_s < now_s {
                    drift = wander.next(&mut dice) * course.drift.1;
                    stepped_s += 0.025;
                }
                intervals.push(train.interval_s(drift, now_s, &mut dice));
                now_s += intervals[intervals.len() - 1];
            }
            let (mean, deviation) = mean_and_deviation(&intervals);
            rates.push(1.0 / mean);
            variations.push(deviation / mean);
        }
    }
    let ((rate, spread), (variation, _)) = (mean_and_deviation(&rates), mean_and_deviation(&variations));
    assert!((rate - 20.0).abs() < 2.5 && (3.0..8.0).contains(&spread), "{rate} ± {spread}");
    assert!((variation - 0.45).abs() < 0.06, "{variation}");
}

/// RMS and coefficient of variation of the 100-ms RMS envelope of the seconds 10–20 of one channel.
fn envelope(mut second: impl FnMut(usize) -> Vec<f32>) -> (f64, f64) {
    let mut windows = Vec::new();
    for index in 0..20 {
        let samples = second(index);
        if index >= 10 {
            windows.extend(samples.chunks_exact(SECOND / 10).map(rms));
        }
    }
    let (mean, deviation) = mean_and_deviation(&windows);
    (mean, deviation / mean)
}

#[test]
fn a_cramp_is_less_steady_than_a_voluntary_hold_of_the_same_strength() {
    let (mut held, mut cramped, mut louder) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..16 {
        let person = Person::random(seed);
        let pool = Pool::new(&person);
        let mut dice = Dice::new(seed, 5);
        let level_uv = 0.3 * person.anatomy.mvc_uv[0];
        let mut frame = Frame::new(0);

        let hold = Pattern::Hold { rise_s: 1.0, fall_s: 1.0, drift: 0.0 };
        let mut contraction = Contraction::new([0.3, 0.0], hold, 0.0, 1.0);
        let mut units = Voluntary::new(&pool, person.anatomy.interval_variation, seed);
        let (hold_uv, hold_variation) = envelope(|index| {
            frame.begin(index as f64);
            contraction.step(0.0, 30.0, &mut frame, &mut dice);
            units.render(&pool, 1, &mut frame);
            frame.emg_uv[0][..SECOND].to_vec()
        });

        let mut frame = Frame::new(0);
        let course = CrampCourse::random(&mut dice, 0, level_uv, 0.0, 40.0);
        let mut cramp = Cramp::new(course, &pool, 1, &mut dice);
        let (cramp_uv, cramp_variation) = envelope(|index| {
            frame.begin(index as f64);
            cramp.step([5.0, 5.0], 1, &mut frame, &mut dice);
            frame.emg_uv[0][..SECOND].to_vec()
        });
        held.push(hold_variation);
        cramped.push(cramp_variation);
        louder.push((cramp_uv / hold_uv).ln());
    }
    let ((held, _), (cramped, _)) = (mean_and_deviation(&held), mean_and_deviation(&cramped));
    let (louder, _) = mean_and_deviation(&louder);
    assert!(louder.abs() < 0.35, "the same strength on average: {louder}");
    assert!(cramped > 1.4 * held, "cramp {cramped}, hold {held}");
    assert!((0.08..0.22).contains(&held), "{held}");
}

#[test]
fn truth_is_ordered_within_the_night_and_holds_the_asked_cramps() {
    for seed in 0..4 {
        let night = play(&Person::random(seed), &short_night(1500, 3), seed, |_, _| {});
        let truth = night.truth();
        assert!(truth.windows(2).all(|pair| pair[0].onset_s <= pair[1].onset_s));
        assert!(
            truth.iter().all(|event| event.onset_s >= 0.0 && event.end_s <= 1500.0 && event.onset_s <= event.end_s)
        );
        assert_eq!(truth.iter().filter(|event| event.kind == EventKind::Cramp).count(), 3);
    }
}

#[test]
fn a_night_without_cramps_has_none() {
    let night = play(&Person::random(2), &short_night(1800, 0), 2, |_, _| {});
    let cramps = [EventKind::Cramp, EventKind::PeripheralCramp];
    assert!(night.truth().iter().all(|event| !cramps.contains(&event.kind)));
}

#[test]
fn cramps_rise_above_quiet_where_truth_says_so() {
    for seed in 0..5 {
        let options = NightOptions { density: 0.0, ..short_night(900, 1) };
        let mut person = Person::random(seed);
        person.noise.mains_uv = [0.01; 2];
        let mut levels = Vec::new();
        let night = play(&person, &options, seed, |_, second| {
            let channel = |index: usize| second.emg_uv.iter().skip(index).step_by(2).copied().collect::<Vec<_>>();
            levels.push([rms(&channel(0)), rms(&channel(1))]);
        });
        let cramp = night.truth().iter().find(|event| event.kind == EventKind::Cramp).unwrap();
        let (from, to) = (cramp.onset_s as usize, cramp.end_s.ceil() as usize);
        let ratio = |level: &[f64; 2]| (level[0] / night.quiet_uv()[0]).max(level[1] / night.quiet_uv()[1]);
        let highest = levels[from..to.min(900)].iter().map(ratio).fold(0.0, f64::max);
        assert!(highest > 1.8, "person {seed}: {highest}");
        assert!(ratio(&levels[2]) < 1.4, "quiet at the start: {}", ratio(&levels[2]));
        assert!(cramp.level_uv > 2.0 * night.quiet_uv()[0].min(night.quiet_uv()[1]));
    }
}

#[test]
fn walking_has_a_period_of_07_to_11_strides_a_second() {
    let mut person = Person::random(6);
    person.habits.walks_per_night = 200.0;
    let options = NightOptions { emg_channels: 1, ..short_night(1800, 0) };
    let mut magnitude = Vec::new();
    let night = play(&person, &options, 1, |_, second| {
        magnitude
            .extend(second.acc_g.chunks_exact(3).map(|a| f64::from(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]).sqrt()));
    });
    let walk = |event: &&super::TruthEvent| event.kind == EventKind::Walk && event.end_s - event.onset_s > 14.0;
    let walk = night.truth().iter().find(walk).unwrap();
    let from = walk.onset_s as usize * 100 + 200;
    let steps: Vec<f64> = magnitude[from..from + 1200].to_vec();
    let (mean, deviation) = mean_and_deviation(&steps);
    let alike = |lag: usize| {
        let pairs = steps.iter().zip(&steps[lag..]).map(|(a, b)| (a - mean) * (b - mean));
        pairs.sum::<f64>() / (steps.len() - lag) as f64 / deviation.powi(2)
    };
    let best = (40..200).max_by(|&a, &b| alike(a).total_cmp(&alike(b))).unwrap();
    assert!((90..=145).contains(&best), "stride of {best} hundredths of a second");
    assert!(alike(best) > 0.3, "{}", alike(best));
}

#[test]
fn drop_outs_and_lost_electrodes_are_flagged_exactly_where_truth_says() {
    let options = NightOptions { drop_out: true, loose_electrode: true, ..short_night(3000, 1) };
    let (mut lost, mut down) = (vec![false; 3000], vec![false; 3000]);
    let night = play(&Person::random(12), &options, 4, |index, second| {
        lost[index] = second.lead_off;
        down[index] = second.link_down;
    });
    for (kind, flags) in [(EventKind::LostElectrode, lost), (EventKind::LinkDown, down)] {
        let event = night.truth().iter().find(|event| event.kind == kind).unwrap();
        let inside = |index: usize| (event.onset_s..event.end_s).contains(&(index as f64));
        assert!(flags.iter().enumerate().all(|(index, &flag)| flag == inside(index)), "{kind}");
    }
    assert!(night.truth().iter().any(|event| event.kind == EventKind::LooseElectrode));
}

#[test]
fn lower_rates_are_the_same_night() {
    let power_at = |rate: u32| {
        let options = NightOptions { emg_rate_hz: rate, ..short_night(240, 1) };
        let mut loudness = Vec::new();
        let night = play(&Person::random(1), &options, 3, |_, second| {
            assert_eq!(second.emg_uv.len(), 2 * rate as usize);
            loudness.push(rms(&second.emg_uv));
        });
        (loudness, night.truth().to_vec())
    };
    let (full, full_truth) = power_at(2000);
    for rate in [1000, 500, 250] {
        let (decimated, truth) = power_at(rate);
        assert_eq!(truth, full_truth);
        let loudest = |levels: &[f64]| (0..levels.len()).max_by(|&a, &b| levels[a].total_cmp(&levels[b])).unwrap();
        assert!(loudest(&decimated).abs_diff(loudest(&full)) <= 20, "{rate}");
        assert!(decimated.iter().zip(&full).all(|(low, high)| low < &(high * 1.1)));
    }
}

#[test]
fn a_sensor_without_acceleration_and_with_one_channel_gives_just_that() {
    let options = NightOptions { emg_channels: 1, acc_rate_hz: None, emg_rate_hz: 500, ..short_night(30, 0) };
    play(&Person::random(1), &options, 1, |_, second| {
        assert_eq!((second.emg_uv.len(), second.acc_g.len()), (500, 0));
        assert!(second.emg_uv.iter().all(|sample| sample.is_finite()));
    });
}

#[test]
fn nights_of_any_length_can_be_made() {
    for duration_s in [0, 1, 20, 61, 130] {
        let options = NightOptions { duration_s, density: 20.0, ..NightOptions::demo() };
        let night = play(&Person::random(5), &options, 1, |_, second| {
            assert!(second.emg_uv.iter().chain(&second.acc_g).all(|sample| sample.is_finite()));
        });
        assert!(night.truth().iter().all(|event| event.end_s <= f64::from(duration_s)));
    }
}

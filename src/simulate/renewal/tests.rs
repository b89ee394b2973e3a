//! What these nights promise.

use super::RenewalNight;
use super::person::Person;
use crate::simulate::one_channel::{rms, whole};
use crate::simulate::{EventKind, OneChannelNight, OneChannelOptions, Second, TruthEvent};

fn options(duration_s: u32, cramps: u32, density: f64) -> OneChannelOptions {
    OneChannelOptions { duration_s, cramps, density, ..OneChannelOptions::default() }
}

fn cramps(truth: &[TruthEvent]) -> Vec<&TruthEvent> {
    truth.iter().filter(|event| event.kind == EventKind::Cramp).collect()
}

#[test]
fn seeds_decide_everything() {
    let short = options(300, 1, 5.0);
    let night = whole::<RenewalNight>(11, 2, &short);
    assert_eq!(night, whole::<RenewalNight>(11, 2, &short));
    assert_ne!(night.0, whole::<RenewalNight>(11, 3, &short).0);
    assert_ne!(night.0, whole::<RenewalNight>(12, 2, &short).0);
}

#[test]
fn muscle_is_the_same_without_an_accelerometer() {
    let with = options(400, 1, 5.0);
    let without = OneChannelOptions { acc_rate_hz: None, ..with };
    let (with, without) = (whole::<RenewalNight>(6, 6, &with), whole::<RenewalNight>(6, 6, &without));
    assert!(without.1.is_empty());
    assert_eq!((with.0, with.2), (without.0, without.2));
}

#[test]
fn odd_options_are_brought_into_range() {
    let odd = [
        OneChannelOptions { emg_rate_hz: 1, acc_rate_hz: Some(0), ..options(0, 9, f64::NAN) },
        OneChannelOptions { emg_rate_hz: 9999, acc_rate_hz: Some(9999), ..options(7, 2, 1e9) },
        OneChannelOptions { emg_rate_hz: 250, ..options(2, 1, -3.0) },
        options(31, 4, 10.0),
    ];
    for (seed, options) in (0..).zip(odd) {
        let (emg, g, truth, _) = whole::<RenewalNight>(seed, seed, &options);
        let clamped = options.clamped();
        let seconds = clamped.duration_s as usize;
        assert_eq!(emg.len(), seconds * clamped.emg_rate_hz as usize);
        assert_eq!(g.len(), seconds * 3 * clamped.acc_rate_hz.unwrap() as usize);
        assert!(emg.iter().all(|value| value.is_finite()) && g.iter().all(|value| value.is_finite()));
        assert!(truth.iter().all(|event| event.end_s <= seconds as f64));
    }
}

#[test]
fn quiet_is_as_loud_as_told() {
    for seed in 0..12 {
        let mut night = RenewalNight::new(seed, 1, &options(60, 0, 0.0));
        let has_mains = Person::random(seed).mains_uv > 0.3 * night.quiet_uv();
        if has_mains {
            continue;
        }
        let mut second = Second::default();
        let (mut powers, quiet_uv) = (Vec::new(), night.quiet_uv());
        while night.next_second(&mut second) {
            // Twentieths of a second without their mean: what is below 20 Hz is mostly gone.
            for span in second.emg_uv.chunks_exact(50) {
                let mean = span.iter().sum::<f32>() / span.len() as f32;
                powers.push(rms(&span.iter().map(|value| value - mean).collect::<Vec<_>>()));
            }
        }
        powers.sort_by(f64::total_cmp);
        // The heart beats in fewer than half of them.
        let middle = powers[powers.len() / 2];
        assert!((0.7..1.4).contains(&(middle / quiet_uv)), "{seed}: {middle} for {quiet_uv}");
    }
}

#[test]
fn a_packed_night_holds_its_cramps_apart_and_where_it_says() {
    for seed in 0..3 {
        let (emg, _, truth, quiet_uv) = whole::<RenewalNight>(seed, 7, &options(9000, 5, 3.0));
        let cramps = cramps(&truth);
        assert_eq!(cramps.len(), 5);
        assert!(truth.iter().all(|event| event.onset_s >= 0.0 && event.onset_s < event.end_s && event.end_s <= 9000.0));
        assert!(truth.windows(2).all(|pair| pair[0].onset_s <= pair[1].onset_s));
        for pair in cramps.windows(2) {
            assert!(pair[1].onset_s - pair[0].end_s >= 270.0);
        }
        for cramp in cramps {
            let span = (cramp.onset_s * 1000.0) as usize..(cramp.end_s * 1000.0) as usize;
            assert!(rms(&emg[span]) > 1.4 * quiet_uv && cramp.end_s - cramp.onset_s >= 9.0, "{cramp:?}");
        }
    }
}

#[test]
fn no_more_cramps_than_there_is_room_for() {
    for (duration_s, asked, most) in [(20, 3, 1), (600, 50, 2), (3600, 50, 10), (28_800, 4, 4)] {
        let night = RenewalNight::new(5, 5, &options(duration_s, asked, 0.0));
        let found = cramps(night.truth()).len();
        assert!(found <= most && (duration_s < 600 || found > 0), "{found} in {duration_s} s");
    }
}

#[test]
fn a_night_of_density_zero_holds_cramps_and_what_belongs_to_them() {
    for seed in 0..6 {
        let night = RenewalNight::new(seed, 2, &options(28_800, 3, 0.0));
        assert_eq!(cramps(night.truth()).len(), 3);
        let others = night.truth().iter().filter(|event| event.kind != EventKind::Cramp);
        assert!(others.clone().all(|event| !event.note.is_empty()));
        assert!(RenewalNight::new(seed, 2, &options(28_800, 0, 0.0)).truth().is_empty());
    }
}

#[test]
fn events_come_as_often_as_they_were_written_down() {
    let nights = 30;
    let mut counts = std::collections::BTreeMap::<EventKind, u32>::new();
    for seed in 0..nights {
        for event in RenewalNight::new(seed, 1, &options(28_800, 0, 1.0)).truth() {
            *counts.entry(event.kind).or_default() += 1;
        }
    }
    let per_night = |kind: EventKind| f64::from(counts.get(&kind).copied().unwrap_or(0)) / nights as f64;
    for (kind, usual) in [
        (EventKind::Bracing, 2.5),
        (EventKind::LongHold, 1.45),
        (EventKind::Stretch, 3.5),
        (EventKind::Turn, 14.0),
        (EventKind::LargeMovement, 52.0),
        (EventKind::MainsJump, 2.0),
        (EventKind::BedVibration, 3.0),
    ] {
        let found = per_night(kind);
        assert!((0.6 * usual..1.5 * usual).contains(&found), "{kind}: {found}, usually {usual}");
    }
}

#[test]
fn lying_still_the_accelerometer_feels_gravity() {
    let (_, g, _, _) = whole::<RenewalNight>(4, 1, &options(30, 0, 0.0));
    for at in g.chunks_exact(3) {
        assert!((0.9..1.1).contains(&(3.0_f64.sqrt() * rms(at))));
    }
}

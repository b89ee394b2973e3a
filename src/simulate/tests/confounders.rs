//! What is no cramp, against the numbers of evidence section 2.

use super::super::contact::Trouble;
use super::super::contraction::{Contraction, Pattern};
use super::super::dice::Dice;
use super::super::frame::{Frame, SECOND, STEPS};
use super::super::noise::Noise;
use super::super::plan::Plan;
use super::{mean_and_deviation, rms};
use crate::simulate::{CrampCount, EventKind, NightOptions, Person, TruthEvent};

/// Planned natural nights of `people` people with three cramps each.
fn truths(people: u64) -> Vec<Vec<TruthEvent>> {
    let options = NightOptions { cramps: CrampCount::Exactly(3), ..NightOptions::default() };
    (0..people).map(|seed| Plan::new(&Person::random(seed), &options, seed).truth).collect()
}

fn of_kind(truth: &[TruthEvent], kind: EventKind) -> impl Iterator<Item = &TruthEvent> {
    truth.iter().filter(move |event| event.kind == kind)
}

#[test]
fn periodic_leg_movements_come_at_least_four_together_every_10_to_90_s_for_half_to_10_s() {
    let (mut series, mut with) = (0, 0);
    for truth in truths(80) {
        let all: Vec<&TruthEvent> = of_kind(&truth, EventKind::PlmsSeries).collect();
        with += usize::from(!all.is_empty());
        for one in &all {
            // Two series may overlap; then their movements cannot be told apart here.
            let alone = all.iter().filter(|other| other.onset_s < one.end_s && other.end_s > one.onset_s).count() == 1;
            let within = |event: &&TruthEvent| event.onset_s >= one.onset_s && event.end_s <= one.end_s + 1e-6;
            let movements: Vec<&TruthEvent> = of_kind(&truth, EventKind::LegMovement).filter(within).collect();
            if !alone || one.end_s > 28_700.0 {
                continue;
            }
            series += 1;
            for pair in movements.windows(2) {
                let interval_s = pair[1].onset_s - pair[0].onset_s;
                assert!((10.0..=90.0).contains(&interval_s), "{interval_s} s apart");
            }
            assert!(movements.iter().all(|event| (0.5..=10.0).contains(&(event.end_s - event.onset_s))));
        }
    }
    assert!(series > 20, "{series} series");
    assert!((8..60).contains(&with), "{with} of 80 people have series");
}

#[test]
fn stretches_holds_jerks_and_large_movements_have_their_lengths() {
    for truth in truths(40) {
        for (kind, from_s, to_s) in [
            (EventKind::Stretch, 0.7, 10.0),
            (EventKind::LongHold, 10.0, 60.0),
            (EventKind::HypnicJerk, 0.075, 0.25),
            (EventKind::Tremor, 5.0, 30.0),
            (EventKind::LargeMovement, 3.0, 45.0),
        ] {
            let whole = of_kind(&truth, kind).filter(|event| event.end_s < 28_800.0 && event.onset_s > 0.0);
            for event in whole {
                let length_s = event.end_s - event.onset_s;
                assert!(length_s >= from_s - 1e-6 && length_s <= to_s + 1e-6, "{kind} of {length_s} s");
            }
        }
    }
}

#[test]
fn fasciculations_surround_about_half_of_the_cramps() {
    let (mut cramps, mut twitching) = (0, 0);
    for truth in truths(80) {
        cramps += of_kind(&truth, EventKind::Cramp).count();
        twitching += of_kind(&truth, EventKind::Fasciculation).filter(|event| event.note == "cramp").count();
    }
    // With probability 0.5 before and 0.6 after each.
    let share = twitching as f64 / cramps as f64;
    assert!((0.9..1.3).contains(&share), "{twitching} stretches of twitches around {cramps} cramps");
}

#[test]
fn cramps_of_people_who_have_clusters_follow_each_other_within_an_hour() {
    let followed = |probability: f64| {
        let mut count = 0;
        for seed in 0..60 {
            let mut person = Person::random(seed);
            person.cramps.cluster_probability = probability;
            let options = NightOptions { cramps: CrampCount::Exactly(2), ..NightOptions::default() };
            let plan = Plan::new(&person, &options, seed);
            let onsets: Vec<f64> = of_kind(&plan.truth, EventKind::Cramp).map(|event| event.onset_s).collect();
            let clustered = onsets[1] - onsets[0] < 3600.0;
            let noted = of_kind(&plan.truth, EventKind::Cramp).any(|event| event.note == "cluster");
            assert_eq!(clustered, noted);
            count += usize::from(clustered);
        }
        count
    };
    let (always, never) = (followed(1.0), followed(0.0));
    assert!(always > 50 && never < 30, "{always} and {never} of 60");
}

#[test]
fn movements_and_troubles_of_the_wire_may_fall_on_a_cramp() {
    let mut overlapping = std::collections::BTreeSet::new();
    for truth in truths(150) {
        for cramp in of_kind(&truth, EventKind::Cramp) {
            let during = truth
                .iter()
                .filter(|event| event.note.is_empty() && event.end_s > cramp.onset_s && event.onset_s < cramp.end_s);
            overlapping.extend(during.map(|event| event.kind));
        }
    }
    for kind in [EventKind::LargeMovement, EventKind::LegMovement, EventKind::MainsJump, EventKind::SweatDrift] {
        assert!(overlapping.contains(&kind), "{kind} never falls on a cramp");
    }
}

/// The drive in each step of `seconds` of a contraction at one half.
fn drive(mut contraction: Contraction, seconds: u32, seed: u64) -> Vec<f64> {
    let (mut frame, mut dice) = (Frame::new(0), Dice::new(seed, 1));
    let mut drive = Vec::new();
    for second in 0..seconds {
        frame.begin(f64::from(second));
        contraction.step(-10.0, f64::from(seconds) + 10.0, &mut frame, &mut dice);
        drive.extend(frame.drive_power[0].iter().map(|power| f64::from(*power).sqrt()));
    }
    drive
}

#[test]
fn the_drive_of_bracing_wanders_as_much_as_asked_and_below_2_hz() {
    for (unsteadiness, wander_hz) in [(0.04, 0.5), (0.1, 1.0), (0.2, 2.0)] {
        let hold = Pattern::Hold { rise_s: 0.1, fall_s: 0.1, drift: 0.0 };
        let drive = drive(Contraction::new([0.5, 0.0], hold, unsteadiness, wander_hz), 600, 3);
        let (mean, deviation) = mean_and_deviation(&drive);
        assert!((deviation / mean / unsteadiness - 1.0).abs() < 0.25, "{} for {unsteadiness}", deviation / mean);
        // What is left after a mean over half a second is slower than 2 Hz.
        let slow: Vec<f64> =
            drive.chunks_exact(STEPS / 4).map(|part| part.iter().sum::<f64>() / part.len() as f64).collect();
        let (_, slow_deviation) = mean_and_deviation(&slow);
        assert!(slow_deviation > 0.7 * deviation, "{slow_deviation} of {deviation} at {wander_hz} Hz");
    }
}

#[test]
fn foot_tremor_bursts_once_a_cycle() {
    let cadence = super::super::gait::Cadence { cycles_hz: 1.5, wobble: 0.0, offset: 0.0 };
    let rhythm = Pattern::Rhythm { cadence, phase: 0.0, duty: 0.5 };
    let drive = drive(Contraction::new([0.5, 0.0], rhythm, 0.0, 1.0), 20, 4);
    let begins = drive.windows(2).filter(|pair| pair[0] < 0.05 && pair[1] >= 0.05).count();
    assert!((28..=31).contains(&begins), "{begins} bursts in 20 s at 1.5 Hz");
    let at_work = drive.iter().filter(|level| **level >= 0.05).count() as f64 / drive.len() as f64;
    assert!((0.4..0.52).contains(&at_work), "{at_work}");
}

/// RMS of each second of the noise alone under `trouble`, which lasts all the time.
fn noise_rms_uv(person: &Person, trouble: Option<&Trouble>, seconds: u32) -> Vec<f64> {
    let (mut noise, mut frame, mut dice) = (Noise::new(person, 9), Frame::new(0), Dice::new(9, 1));
    let second = |second: u32| {
        frame.begin(f64::from(second));
        if let Some(trouble) = trouble {
            trouble.step(0.0, f64::from(seconds), &mut frame, &mut dice);
        }
        noise.render(1, &mut frame);
        rms(&frame.emg_uv[0][..SECOND])
    };
    (0..seconds).map(second).collect()
}

#[test]
fn a_mains_jump_raises_the_mains_and_nothing_else() {
    let mut person = Person::random(2);
    (person.noise.ecg_uv, person.noise.mains_uv) = (0.0, [4.0, 4.0]);
    let mean = |values: Vec<f64>| mean_and_deviation(&values).0;
    let (quiet, jump) =
        (noise_rms_uv(&person, None, 20), noise_rms_uv(&person, Some(&Trouble::Mains { factor: 20.0 }), 20));
    assert!(mean(jump) > 5.0 * mean(quiet));
    person.noise.mains_uv = [0.0, 0.0];
    let (quiet, jump) =
        (noise_rms_uv(&person, None, 20), noise_rms_uv(&person, Some(&Trouble::Mains { factor: 20.0 }), 20));
    assert!((mean(jump) / mean(quiet) - 1.0).abs() < 1e-6);
}

#[test]
fn the_heart_beats_at_its_rate() {
    let mut person = Person::random(5);
    (person.noise.ecg_uv, person.noise.heart_rate_bpm) = (400.0, 60.0);
    (person.noise.mains_uv, person.noise.floor_uv) = ([0.0; 2], [1.0; 2]);
    let (mut noise, mut frame) = (Noise::new(&person, 5), Frame::new(0));
    let mut signal = Vec::new();
    for second in 0..60 {
        frame.begin(f64::from(second));
        noise.render(1, &mut frame);
        signal.extend(frame.emg_uv[0][..SECOND].iter().map(|sample| sample.abs()));
    }
    let highest = signal.iter().copied().fold(0.0, f32::max);
    let mut beats = 0;
    let mut next = 0;
    for (at, sample) in signal.iter().enumerate() {
        if *sample > 0.5 * highest && at >= next {
            beats += 1;
            next = at + SECOND / 3;
        }
    }
    assert!((56..=64).contains(&beats), "{beats} beats in a minute");
}

#[test]
fn sweat_takes_the_muscle_away_slowly_and_gives_it_back() {
    let contact = |at_s: f64| {
        let mut frame = Frame::new(0);
        frame.begin(at_s);
        Trouble::Sweat { contact: 0.5 }.step(0.0, 1000.0, &mut frame, &mut Dice::new(1, 1));
        assert!(frame.floor_gain[0][0] == 1.0 && !frame.lead_off);
        f64::from(frame.contact[0][0])
    };
    assert!(contact(0.0) > 0.99 && contact(999.0) > 0.99);
    assert!((contact(500.0) - 0.5).abs() < 0.01);
    assert!(contact(100.0) > contact(200.0) && contact(200.0) > contact(400.0));
}

//! Sensors at the ends of what is taken: 200 and 4000 samples a second, one to four EMG channels, recorded to EDF+ and
//! scored through the front door by the built-in model.

use std::path::Path;

use crampwatch::chunk::{Chunk, StreamLayout};
use crampwatch::recording::NightRecorder;
use crampwatch::simulate::{CrampCount, EventKind, Night, NightOptions, Person, Second, TruthEvent};
use crampwatch::units::{Rate, UtcMicros};
use rstest::rstest;

use crate::front_door::crampwatch_in;

const NIGHT_S: u32 = 840;

/// Two heads at `rate_hz`: from 1000 Hz by a windowed sinc and every fifth sample for 200 Hz, from 2000 Hz by a line
/// between two samples for 4000 Hz.
fn at_rate(frames: &[[f32; 2]], rate_hz: u32) -> Vec<[f32; 2]> {
    match rate_hz {
        200 => {
            const HALF: i32 = 50;
            let tap = |k: i32| {
                let x = 0.18 * std::f32::consts::PI * k as f32;
                let sinc = if k == 0 { 1.0 } else { x.sin() / x };
                0.18 * sinc * (0.54 + 0.46 * (std::f32::consts::PI * k as f32 / HALF as f32).cos())
            };
            let taps: Vec<f32> = (-HALF..=HALF).map(tap).collect();
            let at = |centre: usize, head: usize| {
                let from = centre.saturating_sub(HALF as usize);
                let skipped = HALF as usize - (centre - from);
                frames[from..].iter().zip(&taps[skipped..]).map(|(frame, tap)| frame[head] * tap).sum()
            };
            (0..frames.len()).step_by(5).map(|centre| [0, 1].map(|head| at(centre, head))).collect()
        }
        4000 => (0..frames.len())
            .flat_map(|index| {
                let (one, two) = (frames[index], frames[(index + 1).min(frames.len() - 1)]);
                [one, [0, 1].map(|head| f32::midpoint(one[head], two[head]))]
            })
            .collect(),
        _ => frames.to_vec(),
    }
}

/// Records a night of one person with two cramps, and tells what was in it.
fn record(folder: &Path, seed: u64, rate_hz: u32, channels: usize) -> Vec<TruthEvent> {
    let options = NightOptions {
        duration_s: NIGHT_S,
        emg_rate_hz: if rate_hz == 4000 { 2000 } else { 1000 },
        cramps: CrampCount::Exactly(2),
        ..NightOptions::default()
    };
    let layout = StreamLayout::reference(Rate::hz(rate_hz), channels, Some(Rate::hz(100)));
    let mut recorder = NightRecorder::new(folder, "leg", layout.clone()).unwrap();
    let mut night = Night::new(&Person::random(seed), &options, seed);
    let (mut second, mut heads, mut acc_g) = (Second::default(), Vec::new(), Vec::new());
    while night.next_second(&mut second) {
        heads.extend_from_slice(second.emg_uv.as_chunks::<2>().0);
        acc_g.extend_from_slice(&second.acc_g);
    }
    let frames = at_rate(&heads, rate_hz);
    // A third and a fourth pair of electrodes over the first two heads, farther away.
    let share = |channel: usize| if channel < 2 { 1.0 } else { 0.6 };
    let scale = layout.emg.channels[0].scale;
    let acc_scale = layout.acc.as_ref().unwrap().channels[0].scale;
    for (number, (emg, acc)) in frames.chunks(rate_hz as usize).zip(acc_g.chunks(300)).enumerate() {
        let channels_of =
            |frame: &[f32; 2]| (0..channels).map(|c| scale.quantise(f64::from(frame[c % 2] * share(c)))).collect();
        let chunk = Chunk {
            emg_first: number as u64 * u64::from(rate_hz),
            emg: emg.iter().flat_map(|frame| -> Vec<i16> { channels_of(frame) }).collect(),
            acc_first: number as u64 * 100,
            acc: acc.iter().map(|value| acc_scale.quantise(f64::from(*value))).collect(),
            ..Chunk::default()
        };
        let start = UtcMicros(1_763_758_800_000_000);
        recorder.push(&chunk, start.plus_micros(number as i64 * 1_000_000)).unwrap();
    }
    recorder.finish().unwrap();
    night.truth().iter().filter(|event| event.kind == EventKind::Cramp).cloned().collect()
}

#[rstest]
// Nothing above 90 Hz is heard there, and no model has learnt from such nights: half of the cramps is what there is.
#[case::slow(200, 1, 3)]
#[case::slow_with_two_heads(200, 2, 3)]
#[case::fast(4000, 1, 4)]
#[case::three_pairs(1000, 3, 5)]
#[case::four_pairs(4000, 4, 5)]
fn cramps_are_found_whatever_the_sensor(#[case] rate_hz: u32, #[case] channels: usize, #[case] least: usize) {
    let (mut cramps, mut found, mut false_ones) = (0, 0, 0);
    for seed in [21, 22, 23] {
        let folder = tempfile::tempdir().unwrap();
        let truth = record(folder.path(), seed, rate_hz, channels);
        let file = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let file = file.filter(|path| path.extension().is_some_and(|end| end == "edf")).min().unwrap();
        let ran = crampwatch_in(folder.path(), ["score", file.to_str().unwrap(), "--format", "json"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let recording = &said["recordings"][0];
        assert_eq!(recording["duration_s"].as_f64(), Some(f64::from(NIGHT_S)));
        let alarms: Vec<f64> =
            recording["episodes"].as_array().unwrap().iter().map(|e| e["alarm_s"].as_f64().unwrap()).collect();
        let is_of = |cramp: &TruthEvent, alarm_s: f64| (cramp.onset_s - 30.0..=cramp.end_s).contains(&alarm_s);
        cramps += truth.len();
        found += truth.iter().filter(|cramp| alarms.iter().any(|alarm_s| is_of(cramp, *alarm_s))).count();
        false_ones += alarms.iter().filter(|alarm_s| !truth.iter().any(|cramp| is_of(cramp, **alarm_s))).count();
    }
    assert_eq!(cramps, 6);
    assert!(found >= least && false_ones == 0, "{found} of {cramps} found, {false_ones} false alarms");
}

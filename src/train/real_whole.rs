//! A model judged on real recordings that hold no cramp: episodes per hour, by task.

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal, Uniform};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::parallel::in_parallel;
use super::tune::probabilities;
use super::{Alarm, NightRows, OtherEvent, RealRecording, RealSet, TrainError, collect, detect_night};
use crate::chunk::{ChannelScale, Chunk, StreamLayout};
use crate::detect::Model;

/// Quiet before a recording, from which the detector takes its baseline, in seconds.
const LEAD_IN_S: f64 = 120.0;
/// Quiet after it, in which a late alarm still counts, in seconds.
const TAIL_S: f64 = 20.0;
/// Quiet and recording pass into each other over this time, in seconds.
const FADE_S: f64 = 0.2;

/// What a model says of one task.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RealRow {
    /// The task; `all` for the sum.
    pub task: String,
    /// People.
    pub people: usize,
    /// Recordings, channels of one recording counted once.
    pub recordings: usize,
    /// Hours of them, channels counted once.
    pub recorded_h: f64,
    /// Hours of all channels: each is judged as if it were the only one.
    pub channel_h: f64,
    /// Share of that time that could be judged.
    pub judged: f64,
    /// Episodes that started.
    pub episodes: usize,
    /// Episodes per hour of channels.
    pub episodes_per_h: f64,
    /// One-sided exact 95 % upper bound on episodes per hour (Poisson; 3.0 over the hours if there was none: the rule of
    /// three). Its hours count channels once, since channels of one recording are not independent.
    pub upper_per_h: f64,
}

/// Judges each channel of each recording by itself, without acceleration. Every episode is false.
///
/// # Errors
/// When a recording cannot be conditioned.
pub fn evaluate_real(model: &Model, set: &RealSet) -> Result<Vec<RealRow>, TrainError> {
    let recordings = set.recordings();
    let judged = in_parallel(recordings.len(), |index| {
        let night = quiet_then(&recordings[index], index as u64)?;
        let alarms = detect_night(&night, &probabilities(&night, model, false), model.thresholds);
        Ok((judged_s(&night), alarms))
    });
    let judged = judged.into_iter().collect::<Result<Vec<(f64, Vec<Alarm>)>, TrainError>>()?;
    let mut tasks: Vec<&str> = recordings.iter().map(|recording| recording.task.as_str()).collect();
    tasks.sort_unstable();
    tasks.dedup();
    let all: Vec<(&RealRecording, &(f64, Vec<Alarm>))> = recordings.iter().zip(&judged).collect();
    let of_task = |task: &str| -> RealRow {
        let mine: Vec<_> = all.iter().copied().filter(|(recording, _)| recording.task == task).collect();
        row(task, &mine)
    };
    let mut rows: Vec<RealRow> = tasks.into_iter().map(of_task).collect();
    rows.push(row("all", &all));
    Ok(rows)
}

fn row(task: &str, judged: &[(&RealRecording, &(f64, Vec<Alarm>))]) -> RealRow {
    let count = |mut names: Vec<&str>| {
        names.sort_unstable();
        names.dedup();
        names.len()
    };
    let mut files: Vec<(&str, f64)> =
        judged.iter().map(|(recording, _)| (recording.file.as_str(), recording.duration_s())).collect();
    files.sort_by(|a, b| a.0.cmp(b.0));
    files.dedup_by(|a, b| a.0 == b.0);
    let recorded_h = files.iter().map(|(_, seconds)| seconds).sum::<f64>() / 3600.0;
    let channel_h = judged.iter().map(|(recording, _)| recording.duration_s()).sum::<f64>() / 3600.0;
    let episodes: usize = judged.iter().map(|(_, (_, alarms))| alarms.len()).sum();
    RealRow {
        task: task.to_owned(),
        people: count(judged.iter().map(|(recording, _)| recording.person.as_str()).collect()),
        recordings: files.len(),
        recorded_h,
        channel_h,
        judged: judged.iter().map(|(_, (seconds, _))| seconds).sum::<f64>() / 3600.0 / channel_h,
        episodes,
        episodes_per_h: episodes as f64 / channel_h,
        upper_per_h: poisson_upper(episodes) / recorded_h,
    }
}

/// Judged seconds within the recording.
fn judged_s(night: &NightRows) -> f64 {
    let Some(recording) = night.others.first() else { return 0.0 };
    let within = |quarter: u32| {
        let end_s = f64::from(quarter + 1) / 4.0;
        end_s > recording.from_s && end_s <= recording.to_s + 0.25
    };
    let hops = night.hops.iter().filter(|hop| within(hop.quarter)).count();
    (hops as f64 / 4.0).min(recording.to_s - recording.from_s)
}

/// The mean from which `count` or fewer events come with a probability of 5 %.
fn poisson_upper(count: usize) -> f64 {
    let at_most = |mean: f64| {
        let (mut term, mut sum) = ((-mean).exp(), 0.0);
        for k in 0..=count {
            sum += term;
            term *= mean / (k + 1) as f64;
        }
        sum
    };
    let (mut low, mut high) = (0.0, 10.0 + 3.0 * count as f64);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if at_most(middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// A recording as a stretch of a quiet night: noise of 3 to 8 µV before and after it.
fn quiet_then(recording: &RealRecording, seed: u64) -> Result<NightRows, TrainError> {
    let rate_hz = recording.rate.as_hz();
    let samples = |seconds: f64| (seconds * rate_hz).round() as usize;
    let (lead_in, fade) = (samples(LEAD_IN_S), samples(FADE_S).max(1));
    let n = recording.samples_uv.len();
    let mut signal = quiet(lead_in + n + samples(TAIL_S), seed);
    for (index, value) in recording.samples_uv.iter().enumerate() {
        let edge = (index + 1).min(n - index);
        let share = (edge as f32 / fade as f32).min(1.0);
        let slot = &mut signal[lead_in + index];
        *slot = share * value + (1.0 - share) * *slot;
    }
    let layout = StreamLayout::reference(recording.rate, 1, None);
    let name = format!("{} {}", recording.file, recording.channel);
    let second = samples(1.0).max(1);
    let mut night = collect(0, &name, &layout, |sink| {
        for (index, part) in signal.chunks(second).enumerate() {
            let emg = part.iter().map(|value| ChannelScale::EMG_UV.quantise(f64::from(*value))).collect();
            sink(&Chunk { emg_first: (index * second) as u64, emg, ..Chunk::default() });
        }
        Ok(Vec::new())
    })?;
    let to_s = LEAD_IN_S + recording.duration_s();
    night.others = vec![OtherEvent { name: format!("real_{}", recording.task), from_s: LEAD_IN_S, to_s }];
    Ok(night)
}

/// Coloured Gaussian noise (autoregressive, first order) of 3 to 8 µV.
fn quiet(n: usize, seed: u64) -> Vec<f32> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut draw = |low: f64, high: f64| Uniform::new(low, high).map_or(low, |uniform| uniform.sample(&mut random));
    let (level_uv, colour) = (draw(3.0, 8.0), draw(0.0, 0.5));
    let gain = level_uv * (1.0 - colour * colour).sqrt();
    let mut state = 0.0;
    (0..n)
        .map(|_| {
            let white: f64 = StandardNormal.sample(&mut random);
            state = colour * state + gain * white;
            state as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::real::tests::folder;
    use super::*;
    use crate::detect::{Classifier, Form, LEAF, Platt, Thresholds, Trees};
    use crate::signal::FEATURE_SET;

    /// A cramp wherever the first feature, the level, is above `level`.
    fn model(level: f32) -> Model {
        let trees = Trees {
            base: 0.0,
            roots: vec![0],
            feature: vec![0, LEAF, LEAF],
            threshold: vec![level, 0.0, 0.0],
            right: vec![2, 0, 0],
            value: vec![0.0, -8.0, 8.0],
        };
        let part = Classifier { form: Form::Trees(trees), platt: Platt::default() };
        Model {
            id: "level".to_owned(),
            feature_set: FEATURE_SET.to_owned(),
            with_motion: part.clone(),
            without_motion: part,
            thresholds: Thresholds { start_after_s: 3.0, ..Thresholds::default() },
            sha256: String::new(),
        }
    }

    #[test]
    fn the_bound_is_the_rule_of_three_for_none_and_exact_for_some() {
        // Upper 95 % limits of Poisson counts 0, 1, 10 (Garwood 1936).
        for (count, expected) in [(0, 2.9957), (1, 4.7439), (10, 16.9622)] {
            assert!((poisson_upper(count) - expected).abs() < 1e-3, "{count}");
        }
        assert!((poisson_upper(0) + 0.05_f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn quiet_lies_between_3_and_8_microvolts_and_raises_nothing() {
        for seed in 0..10 {
            let noise = quiet(20_000, seed);
            let rms = (noise.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / 20_000.0).sqrt();
            assert!((2.9..8.2).contains(&rms), "{rms}");
        }
        let silent = RealRecording {
            person: "nobody_1".to_owned(),
            subject: 1,
            task: "rest".to_owned(),
            file: "nobody_1_rest.edf".to_owned(),
            channel: "EMG".to_owned(),
            rate: crate::units::Rate::hz(1000),
            samples_uv: quiet(30_000, 3),
        };
        let night = quiet_then(&silent, 3).unwrap();
        assert!((judged_s(&night) - 30.0).abs() < 0.5 && (night.recorded_s - 170.0).abs() < 0.5);
        let model = model(1.0);
        assert!(detect_night(&night, &probabilities(&night, &model, false), model.thresholds).is_empty());
    }

    #[test]
    fn holds_are_judged_by_task_with_people_and_hours_and_a_mere_level_takes_them_for_cramps() {
        let all = RealSet::test(&folder()).unwrap();
        let rows = evaluate_real(&model(1.0), &all).unwrap();
        let names: Vec<&str> = rows.iter().map(|row| row.task.as_str()).collect();
        assert_eq!(names, ["gait", "hold", "sitting", "standing", "all"]);
        let (hold, total) = (&rows[1], &rows[4]);
        assert_eq!((hold.people, hold.recordings), (9, 27));
        assert!((hold.recorded_h - 260.0 / 3600.0).abs() < 1e-6 && (hold.channel_h - hold.recorded_h).abs() < 1e-9);
        assert!(rows[0].channel_h > 3.9 * rows[0].recorded_h && rows.iter().all(|row| row.judged > 0.95), "{rows:?}");
        assert!(hold.episodes > 20 && hold.upper_per_h > hold.episodes_per_h, "{hold:?}");
        assert_eq!(total.episodes, rows[..4].iter().map(|row| row.episodes).sum::<usize>());
        let deaf = evaluate_real(&model(1e6), &all).unwrap();
        let last = deaf.last().unwrap();
        assert_eq!((last.episodes, last.episodes_per_h), (0, 0.0));
        assert!((last.upper_per_h * last.recorded_h - 2.9957).abs() < 1e-3);
    }
}

//! Real recordings added to simulated nights at quiet places, as training material that is no cramp.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, UnitSphere};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{OtherEvent, RealRecording, RealSet};
use crate::simulate::{EventKind, NightOptions, Second, TruthEvent};

/// Real recordings in an hour of training night. In packed nights, in which three times as much happens, that is one in
/// ninety natural minutes.
const PER_HOUR: f64 = 2.0;
/// Nothing before this: the detector still looks for its baseline, in seconds.
const EARLIEST_S: f64 = 90.0;
/// Least distance to anything else that happens, in seconds.
const MARGIN_S: f64 = 15.0;
/// Recordings fade in and out over this time, in seconds.
const FADE_S: f64 = 0.2;
/// Amplitude against the recording's own: skin, fat and electrodes differ more than that.
const GAIN: std::ops::Range<f64> = 0.2..1.5;
/// Length of a nudge of the sensor, in seconds.
const NUDGE_S: f64 = 0.6;

/// What is added to one night.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<Splice>);

#[derive(Debug)]
struct Splice {
    name: String,
    from_s: f64,
    to_s: f64,
    /// First EMG sample of the night.
    first: usize,
    /// µV at the night's rate, faded.
    emg_uv: Vec<f32>,
    /// Share that the second channel sees.
    second_channel: f32,
    /// Peak of a short push at the begin, in g.
    nudge_g: Option<[f32; 3]>,
}

impl Splices {
    /// Chooses recordings of `real` and quiet places for them; fewer where the night is too busy. `truth` is the plan of
    /// the night.
    pub(super) fn plan(real: &RealSet, options: &NightOptions, truth: &[TruthEvent], seed: u64) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x7265_616c);
        let end_s = f64::from(options.duration_s);
        // A slow change of gain is all night and disturbs nobody.
        let events = truth.iter().filter(|event| event.kind != EventKind::SweatDrift);
        let mut busy: Vec<(f64, f64)> = events.map(|event| (event.onset_s, event.end_s)).collect();
        let mut splices = Vec::new();
        for _ in 0..(end_s / 3600.0 * PER_HOUR).round() as usize {
            let Some(recording) = real.recordings().choose(&mut random) else { break };
            let latest_s = end_s - recording.duration_s() - 1.0;
            if latest_s <= EARLIEST_S {
                continue;
            }
            let is_free = |from_s: &f64| {
                let to_s = from_s + recording.duration_s();
                busy.iter().all(|(begin, end)| to_s + MARGIN_S < *begin || end + MARGIN_S < *from_s)
            };
            let places: Vec<f64> = (0..40).map(|_| random.random_range(EARLIEST_S..latest_s)).collect();
            let Some(from_s) = places.into_iter().find(is_free) else { continue };
            let splice = Splice::new(recording, options, from_s, &mut random);
            busy.push((splice.from_s, splice.to_s));
            splices.push(splice);
        }
        splices.sort_by(|one, other| one.from_s.total_cmp(&other.from_s));
        Self(splices)
    }

    /// Adds what falls into second `number` of the night.
    pub(super) fn add_to(&self, second: &mut Second, number: u32, options: &NightOptions) {
        let (rate, channels) = (options.emg_rate_hz as usize, options.emg_channels as usize);
        let begin = number as usize * rate;
        for splice in &self.0 {
            let from = splice.first.max(begin);
            let to = (splice.first + splice.emg_uv.len()).min(begin + rate);
            for sample in from..to {
                let value = splice.emg_uv[sample - splice.first];
                let place = (sample - begin) * channels;
                second.emg_uv[place] += value;
                if channels > 1 {
                    second.emg_uv[place + 1] += splice.second_channel * value;
                }
            }
            splice.nudge(second, number, options);
        }
    }

    /// What was added, for the truth.
    pub(super) fn events(&self) -> impl Iterator<Item = OtherEvent> {
        let event =
            |splice: &Splice| OtherEvent { name: splice.name.clone(), from_s: splice.from_s, to_s: splice.to_s };
        self.0.iter().map(event)
    }
}

impl Splice {
    fn new(recording: &RealRecording, options: &NightOptions, from_s: f64, random: &mut Xoshiro256PlusPlus) -> Self {
        let rate_hz = f64::from(options.emg_rate_hz);
        let mut emg_uv = resample(&recording.samples_uv, recording.rate.as_hz(), rate_hz);
        let gain = (random.random_range(GAIN.start.ln()..GAIN.end.ln())).exp() as f32;
        let (n, fade) = (emg_uv.len(), (FADE_S * rate_hz) as f32);
        for (index, value) in emg_uv.iter_mut().enumerate() {
            let edge = (index + 1).min(n - index) as f32;
            *value *= gain * (edge / fade).min(1.0);
        }
        let second_channel = random.random_range(0.0..1.0);
        let push_g: f32 = random.random_range(0.02..0.15);
        let direction: [f32; 3] = UnitSphere.sample(random);
        let nudge_g = random.random_bool(0.5).then(|| direction.map(|axis| axis * push_g));
        let first = (from_s * rate_hz) as usize;
        Self {
            name: format!("real_{}", recording.task),
            from_s: first as f64 / rate_hz,
            to_s: (first + n) as f64 / rate_hz,
            first,
            emg_uv,
            second_channel,
            nudge_g,
        }
    }

    /// A half sine of acceleration at the begin.
    fn nudge(&self, second: &mut Second, number: u32, options: &NightOptions) {
        let (Some(nudge_g), Some(rate_hz)) = (self.nudge_g, options.acc_rate_hz) else { return };
        for (index, sample) in second.acc_g.chunks_exact_mut(3).enumerate() {
            let since_s = f64::from(number) + index as f64 / f64::from(rate_hz) - self.from_s;
            if (0.0..NUDGE_S).contains(&since_s) {
                let push = (std::f64::consts::PI * since_s / NUDGE_S).sin() as f32;
                sample.iter_mut().zip(nudge_g).for_each(|(axis, peak)| *axis += push * peak);
            }
        }
    }
}

/// Taps of the filter before samples are left out, on either side and for each step between the rates.
const TAPS: f64 = 16.0;

/// Samples at another rate: straight lines between samples, after a low-pass (windowed sinc at 45 % of the new rate) if it
/// is lower.
fn resample(samples: &[f32], from_hz: f64, to_hz: f64) -> Vec<f32> {
    let filtered = if to_hz < from_hz { low_pass(samples, 0.45 * to_hz / from_hz) } else { samples.to_vec() };
    let n = (samples.len() as f64 / from_hz * to_hz) as usize;
    let at = |index: usize| {
        let position = index as f64 * from_hz / to_hz;
        let low = (position as usize).min(filtered.len().saturating_sub(1));
        let high = (low + 1).min(filtered.len().saturating_sub(1));
        let share = (position - low as f64).clamp(0.0, 1.0) as f32;
        filtered[low] + share * (filtered[high] - filtered[low])
    };
    (0..n).map(at).collect()
}

/// A low-pass without delay; `cutoff` in shares of the rate. Beyond the ends there is nothing.
fn low_pass(samples: &[f32], cutoff: f64) -> Vec<f32> {
    use std::f64::consts::{PI, TAU};
    let half = (TAPS * 0.45 / cutoff) as i64;
    let tap = |place: i64| {
        let x = place as f64;
        let sinc = if place == 0 { 2.0 * cutoff } else { (TAU * cutoff * x).sin() / (PI * x) };
        // Hamming's window.
        sinc * (0.54 + 0.46 * (PI * x / (half + 1) as f64).cos())
    };
    let taps: Vec<f64> = (-half..=half).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    let value = |index: usize| {
        let around = taps.iter().enumerate().filter_map(|(place, tap)| {
            let sample = samples.get((index as i64 + place as i64 - half) as usize)?;
            Some(tap / sum * f64::from(*sample))
        });
        around.sum::<f64>() as f32
    };
    (0..samples.len()).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::super::real::tests::folder;
    use super::*;
    use crate::simulate::{CrampCount, Night, Person};

    fn rms(samples: &[f32]) -> f64 {
        (samples.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
    }

    fn sine(frequency_hz: f64, rate_hz: f64, n: usize) -> Vec<f32> {
        (0..n).map(|i| (std::f64::consts::TAU * frequency_hz * i as f64 / rate_hz).sin() as f32).collect()
    }

    #[test]
    fn resampling_keeps_what_fits_and_drops_what_would_alias() {
        for to_hz in [250.0, 500.0, 1000.0] {
            let slow = resample(&sine(40.0, 2000.0, 8000), 2000.0, to_hz);
            assert_eq!(slow.len(), (4.0 * to_hz) as usize);
            let expected = sine(40.0, to_hz, slow.len());
            let middle = slow.len() / 4..slow.len() * 3 / 4;
            let worst = middle.clone().map(|i| (slow[i] - expected[i]).abs()).fold(0.0, f32::max);
            assert!(worst < 0.03, "{to_hz}: {worst}");
            let alias = resample(&sine(0.6 * to_hz, 2000.0, 8000), 2000.0, to_hz);
            assert!(rms(&alias[middle]) < 0.02, "{to_hz}");
        }
        let up = resample(&sine(40.0, 1000.0, 4000), 1000.0, 2000.0);
        assert_eq!(up.len(), 8000);
        assert!((rms(&up) - 0.5_f64.sqrt()).abs() < 0.02);
    }

    #[test]
    fn recordings_fall_on_quiet_places_and_add_to_the_signal_there_only() {
        let real = RealSet::train(&folder()).unwrap();
        let options = NightOptions {
            duration_s: 3600,
            emg_rate_hz: 500,
            emg_channels: 2,
            acc_rate_hz: Some(50),
            cramps: CrampCount::Exactly(2),
            ..NightOptions::default()
        };
        let (mut placed, mut nudged) = (0, 0);
        for seed in 1..6_u64 {
            let mut night = Night::new(&Person::random(seed), &options, seed);
            let splices = Splices::plan(&real, &options, night.truth(), seed);
            let planned = night.truth().to_vec();
            let again = Splices::plan(&real, &options, night.truth(), seed);
            assert_eq!(splices.events().collect::<Vec<_>>(), again.events().collect::<Vec<_>>());
            for event in splices.events() {
                assert!(event.name.starts_with("real_") && event.from_s >= EARLIEST_S && event.to_s < 3600.0);
                let others = planned.iter().filter(|other| other.kind != EventKind::SweatDrift);
                for other in others {
                    assert!(
                        event.to_s < other.onset_s - 10.0 || event.from_s > other.end_s + 10.0,
                        "{event:?}, {other:?}"
                    );
                }
            }
            placed += splices.0.len();
            nudged += splices.0.iter().filter(|splice| splice.nudge_g.is_some()).count();
            let Some(first) = splices.events().next() else { continue };
            let mut second = Second::default();
            for number in 0..options.duration_s {
                assert!(night.next_second(&mut second));
                let before = second.clone();
                splices.add_to(&mut second, number, &options);
                let at = f64::from(number);
                if splices.events().all(|event| at + 1.0 < event.from_s || at > event.to_s) {
                    assert_eq!((&before.emg_uv, &before.acc_g), (&second.emg_uv, &second.acc_g));
                } else if at > first.from_s && at + 1.0 < first.to_s {
                    assert_ne!(before.emg_uv, second.emg_uv);
                }
            }
        }
        assert!(placed >= 6 && nudged > 0 && nudged < placed, "{placed} placed, {nudged} nudged");
    }
}

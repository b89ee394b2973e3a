//! One row of features a hop (0.25 s): level, steadiness, duration, spectrum, heads, movement and posture.
//!
//! Groups after Phinyomark 2012 (one feature a group) with the cramp-specific ones of Minetto 2009 (wandering
//! discharge), Khan & Burne 2007 (one head active, the other silent) and posture (standing is not a cramp).

use crate::chunk::StreamLayout;

use super::context::{Context, KEPT};
use super::envelope_spectrum::EnvelopeSpectrum;
use super::feature_names::{FIRST_HELD, FIRST_INTERVAL, FIRST_MOTION, FIRST_SINCE, N_FEATURES};
use super::features_held::held_features;
use super::known_rest::KnownRest;
use super::motion::MotionState;
use super::quarter::{EmgQuarter, Quarter, SUB_BLOCKS};
use super::since_onset::SinceOnset;
use super::spike_intervals::interval_features;
use super::{Baseline, Quality};

/// The features of one hop: the window is the second that ends with quarter `quarter`.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRow {
    /// Last quarter of the window.
    pub quarter: u64,
    /// The window can be judged: all four quarters are good and the quiet level is known.
    pub valid: bool,
    /// Something happens: the level is above one and a half times the quiet level, or was within the last seconds.
    pub active: bool,
    /// Values in the order of [`feature_names`](super::feature_names); meaningful only if `valid` and `active`; always finite.
    pub values: [f64; N_FEATURES],
    /// Whether the motion features mean anything.
    pub has_motion: bool,
    /// RMS of the last second on the strongest channel, µV.
    pub emg_rms_uv: f64,
    /// Movement RMS of the last second in mg; 0 without acceleration.
    pub acc_rms_mg: f64,
    /// RMS over the quiet level of the last second on the strongest channel.
    pub ratio: f64,
    /// First quarter of the activity under way: since then no quiet of over 1.5 s.
    pub active_since: Option<u64>,
    /// The wearer marked "cramp now".
    pub marker: bool,
}

impl FeatureRow {
    /// Features at the start of a row that are there without acceleration.
    pub const fn n_without_motion() -> usize {
        FIRST_MOTION
    }
}

/// A quarter is active from twice the quiet level on: the onset rule of the evaluation.
const ACTIVE_RATIO: f64 = 2.0;
/// Rows are worth judging from this level on.
const GATE_RATIO: f64 = 1.5;
/// Quiet quarters that end an activity.
const QUIET_QUARTERS: u64 = 6;

/// Looks back over quarters. Constant memory; one row a quarter.
#[derive(Debug, Clone)]
pub struct FeatureExtractor {
    n_channels: usize,
    sample_rate_hz: f64,
    context: Context,
    baselines: Vec<Baseline>,
    /// A resting level that is yet to be confirmed.
    known_rest: Option<KnownRest>,
    motion: MotionState,
    active_since: Option<u64>,
    last_active: u64,
    before: Before,
    spectrum: EnvelopeSpectrum,
    /// What the activity has been like, a channel each.
    since_onset: Vec<SinceOnset>,
}

/// What the half minute before an activity was like.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    /// Share of quarters above one and a half times the quiet level.
    twitches: f64,
    /// ln of the median ratio to the quiet level.
    tension: f64,
}

impl FeatureExtractor {
    /// An extractor for streams of `layout`.
    pub fn new(layout: &StreamLayout) -> Self {
        Self {
            n_channels: layout.emg.channels.len(),
            sample_rate_hz: layout.emg.rate.as_hz(),
            context: Context::new(),
            baselines: vec![Baseline::default(); layout.emg.channels.len()],
            known_rest: None,
            motion: MotionState::default(),
            active_since: None,
            last_active: 0,
            before: Before::default(),
            spectrum: EnvelopeSpectrum::new(),
            since_onset: vec![SinceOnset::START; layout.emg.channels.len()],
        }
    }

    /// The quiet level of each EMG channel.
    pub fn baselines(&self) -> &[Baseline] {
        &self.baselines
    }

    /// What postures the night has known.
    pub fn motion(&self) -> &MotionState {
        &self.motion
    }

    /// Puts back what was known before a restart; ignored if the channels differ.
    pub fn restore(&mut self, baselines: Vec<Baseline>, motion: MotionState) {
        if baselines.len() == self.n_channels && motion.is_sound() {
            self.baselines = baselines;
            self.motion = motion;
            self.known_rest = None;
        }
    }

    /// Takes the quiet levels in µV that a calibration gave, one a channel, as soon as a second of such quiet is heard;
    /// ignored if the channels differ.
    pub(crate) fn expect_quiet(&mut self, quiet_uv: &[f64]) {
        if quiet_uv.len() == self.n_channels {
            self.known_rest = Some(KnownRest::new(quiet_uv));
        }
    }

    /// Takes a quarter and gives the row of the window that it ends.
    pub fn push(&mut self, quarter: &Quarter) -> FeatureRow {
        let good = quarter.quality == Quality::Good;
        let emg = &quarter.emg[..self.n_channels];
        let ratio = if good { self.ratio(emg) } else { 0.0 };
        if good {
            for (baseline, channel) in self.baselines.iter_mut().zip(emg) {
                baseline.add(channel.rms_uv());
            }
            if let Some(known) = self.known_rest.take() {
                self.known_rest = known.hear(emg, &mut self.baselines);
            }
        }
        if let Some(acc) = &quarter.acc {
            self.motion.add(acc);
        }
        self.context.add(quarter, self.n_channels, ratio);
        self.follow_activity(quarter.index, ratio);
        self.follow_envelope(ratio);
        self.row(quarter)
    }

    /// The highest RMS over quiet level among channels; 0 before the quiet level is known.
    fn ratio(&self, emg: &[EmgQuarter]) -> f64 {
        let ratios = self.baselines.iter().zip(emg).filter_map(|(b, c)| b.quiet_uv().map(|q| c.rms_uv() / q));
        ratios.fold(0.0, f64::max)
    }

    fn follow_activity(&mut self, index: u64, ratio: f64) {
        if ratio > ACTIVE_RATIO {
            if self.active_since.is_none() {
                self.active_since = Some(index);
                self.since_onset.fill(SinceOnset::START);
                self.before = self.look_before();
            }
            self.last_active = index;
        } else if index.saturating_sub(self.last_active) > QUIET_QUARTERS {
            self.active_since = None;
        }
    }

    /// The half minute before the newest quarter.
    fn look_before(&self) -> Before {
        let mut ratios = [0.0; KEPT];
        let mut n = 0;
        for past in self.context.valid(KEPT).skip(1).filter(|past| past.ratio > 0.0) {
            ratios[n] = past.ratio;
            n += 1;
        }
        let ratios = &mut ratios[..n];
        if n < 8 {
            return Before::default();
        }
        let twitches = mean(ratios.iter().map(|ratio| f64::from(u8::from(*ratio > GATE_RATIO))));
        let (_, median, _) = ratios.select_nth_unstable_by(n / 2, f64::total_cmp);
        Before { twitches, tension: median.max(0.1).ln() }
    }

    /// Keeps the envelope spectra of this second where something happens, and adds them to those since the onset.
    fn follow_envelope(&mut self, ratio: f64) {
        if ratio > GATE_RATIO || self.active_since.is_some() {
            let spectrum = std::array::from_fn(|c| {
                if c < self.n_channels { self.spectrum.of(self.context.newest(4), c) } else { None }
            });
            self.context.set_spectrum(spectrum);
        }
        if self.active_since.is_some()
            && let Some(newest) = self.context.newest(1).next()
        {
            self.since_onset.iter_mut().enumerate().for_each(|(c, since)| since.add(newest, c));
        }
    }

    fn row(&self, quarter: &Quarter) -> FeatureRow {
        let mut row = FeatureRow {
            quarter: quarter.index,
            valid: false,
            active: false,
            values: [0.0; N_FEATURES],
            has_motion: false,
            emg_rms_uv: 0.0,
            acc_rms_mg: 0.0,
            ratio: 0.0,
            active_since: self.active_since,
            marker: quarter.marker,
        };
        let quiet: Option<Vec4> = self.quiet_levels();
        let Some(quiet) = quiet else { return row };
        if self.context.valid(4).count() < 4 {
            return row;
        }
        row.valid = true;
        let (levels, dominant) = self.levels(&quiet);
        row.ratio = levels[dominant];
        row.emg_rms_uv = row.ratio * quiet[dominant];
        row.acc_rms_mg = 1000.0 * mean(self.context.newest(4).filter_map(|p| p.acc.map(|a| a.1)));
        row.active = row.ratio > GATE_RATIO || self.active_since.is_some();
        if row.active {
            self.emg_features(&mut row.values, &quiet, &levels, dominant, quarter.index);
            row.has_motion = self.motion_features(&mut row.values, quarter.index);
            for value in &mut row.values {
                *value = if value.is_finite() { value.clamp(-20.0, 20.0) } else { 0.0 };
            }
        }
        row
    }

    fn quiet_levels(&self) -> Option<Vec4> {
        let mut quiet = [1.0; 4];
        for (level, baseline) in quiet.iter_mut().zip(&self.baselines) {
            *level = baseline.quiet_uv()?.max(0.2);
        }
        Some(quiet)
    }

    /// RMS over quiet level of the last second, a channel each, and the channel where it is highest.
    fn levels(&self, quiet: &Vec4) -> (Vec4, usize) {
        let mut levels = [0.0; 4];
        let mut dominant = 0;
        for c in 0..self.n_channels {
            let power = mean(self.context.newest(4).map(|past| past.emg[c].power_uv2));
            levels[c] = power.sqrt() / quiet[c];
            if levels[c] > levels[dominant] {
                dominant = c;
            }
        }
        (levels, dominant)
    }

    fn emg_features(&self, out: &mut [f64; N_FEATURES], quiet: &Vec4, levels: &Vec4, c: usize, index: u64) {
        let base = quiet[c];
        out[0] = levels[c].max(0.1).ln();
        out[1] = self.sustained(c, base);
        let active = self.active_since.map_or(0, |since| index + 1 - since) as f64 / 4.0;
        out[2] = self.envelope_variation(c);
        out[3] = self.slow_modulation(c, active);
        out[4] = self.duty(40);
        out[5] = self.duty(120);
        out[6] = active.min(60.0).ln_1p();
        let before = mean(self.context.valid(20).skip(8).map(|past| past.emg[c].power_uv2)).sqrt();
        out[7] = (levels[c] * base / before.max(0.5 * base)).max(1e-3).ln();
        let (power, first, second, fourth) = self.window_sums(c);
        let mean_hz = frequency_hz(first, power, self.sample_rate_hz);
        out[8] = mean_hz.max(1.0).ln();
        out[9] = frequency_hz(second, first, self.sample_rate_hz).max(1.0).ln() - out[8];
        out[10] = (fourth / (3.0 * power * power).max(1e-12)).max(1e-3).ln();
        if self.n_channels > 1 {
            let second_head = (0..self.n_channels).filter(|k| *k != c).map(|k| levels[k]).fold(0.0, f64::max);
            out[12] = second_head.max(0.1).ln();
            out[11] = out[0] - out[12];
        } else {
            // With one channel the difference is exactly nothing, which it never is between two muscles: trees can tell, and
            // most nights they learn from have one channel.
            out[12] = out[0];
        }
        out[13] = mean(self.context.newest(4).map(|past| past.emg[c].mains_share));
        out[14] = self.before.twitches;
        out[15] = self.before.tension;
        let active_quarters = (active * 4.0) as usize;
        held_features(&self.context, self.sample_rate_hz, c, active_quarters, &mut out[FIRST_HELD..FIRST_INTERVAL]);
        let held = active_quarters.saturating_sub(1).max(4);
        interval_features(&self.context, c, held, &mut out[FIRST_INTERVAL..FIRST_SINCE]);
        let ln_rms = self.context.newest(1).next().map_or(0.0, |past| past.unsteady[c].ln_rms);
        self.since_onset[c].features(ln_rms, &mut out[FIRST_SINCE..FIRST_MOTION]);
    }

    /// ln of the second lowest quarter RMS of the last 5 s over the quiet level: what is held without a let-up.
    fn sustained(&self, c: usize, base: f64) -> f64 {
        let (mut lowest, mut second) = (f64::MAX, f64::MAX);
        for past in self.context.valid(20) {
            let rms = past.emg[c].rms_uv();
            if rms < lowest {
                (lowest, second) = (rms, lowest);
            } else {
                second = second.min(rms);
            }
        }
        (second.min(1e6) / base).max(0.1).ln()
    }

    /// Coefficient of variation of the 62 ms envelope over the last 3 s.
    fn envelope_variation(&self, c: usize) -> f64 {
        let joined = |blocks: &[f64; SUB_BLOCKS]| -> [f64; SUB_BLOCKS / 4] {
            std::array::from_fn(|b| blocks[4 * b..4 * b + 4].iter().sum::<f64>() / 4.0)
        };
        let envelope = || self.context.valid(12).flat_map(|past| joined(&past.emg[c].block_power_uv2)).map(f64::sqrt);
        let mean_uv = mean(envelope());
        let variance = mean(envelope().map(|e| (e - mean_uv) * (e - mean_uv)));
        variance.sqrt() / mean_uv.max(1e-6)
    }

    /// Standard deviation of ln RMS of the quarters of this activity in the last 6 s: wandering below 2 Hz.
    fn slow_modulation(&self, c: usize, active_s: f64) -> f64 {
        let n = ((active_s * 4.0) as usize).saturating_sub(2).min(24);
        if n < 6 {
            return 0.25;
        }
        let logs = || self.context.valid(n).map(|past| past.emg[c].rms_uv().max(0.05).ln());
        let centre = mean(logs());
        mean(logs().map(|l| (l - centre) * (l - centre))).sqrt()
    }

    fn duty(&self, n: usize) -> f64 {
        mean(self.context.valid(n).map(|past| f64::from(u8::from(past.ratio > ACTIVE_RATIO))))
    }

    /// Mean power, difference power, curvature power and fourth power of the last second.
    fn window_sums(&self, c: usize) -> (f64, f64, f64, f64) {
        let of = |pick: fn(&EmgQuarter) -> f64| mean(self.context.newest(4).map(|past| pick(&past.emg[c])));
        (of(|q| q.power_uv2), of(|q| q.difference_power_uv2), of(|q| q.curvature_power_uv2), of(|q| q.fourth_uv4))
    }

    fn motion_features(&self, out: &mut [f64; N_FEATURES], index: u64) -> bool {
        let movement = |n: usize| self.context.newest(n).filter_map(|past| past.acc.map(|acc| acc.1));
        let Some(gravity) = self.gravity() else { return false };
        let ln_mg = |g: f64| (self.motion.beyond_still_g(g) * 1000.0).max(0.5).ln();
        let active = self.active_since.map_or(0, |since| (index + 1 - since) as usize);
        out[FIRST_MOTION..].copy_from_slice(&[
            ln_mg(mean(movement(8))),
            ln_mg(movement(40).fold(0.0, f64::max)),
            self.motion.familiarity(gravity).unwrap_or(0.7),
            ln_mg(mean(movement(active.clamp(4, 120)))),
        ]);
        true
    }

    /// Mean acceleration vector over the last second.
    fn gravity(&self) -> Option<[f64; 3]> {
        let mut sum = [0.0; 3];
        let mut count = 0.0;
        for (vector, _) in self.context.newest(4).filter_map(|past| past.acc) {
            sum = std::array::from_fn(|axis| sum[axis] + vector[axis]);
            count += 1.0;
        }
        (count > 0.0).then(|| sum.map(|s| s / count))
    }
}

/// A value for each of up to four channels.
type Vec4 = [f64; 4];

/// The arithmetic mean; 0 of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    if n > 0.0 { sum / n } else { 0.0 }
}

/// Hjorth mobility as a frequency in Hz, corrected for the difference quotient so that it does not depend on the rate:
/// a sine of frequency f has |1 - e^{-jω}|² = 4 sin²(ω/2) (Hjorth 1970).
fn frequency_hz(difference_power: f64, power: f64, sample_rate_hz: f64) -> f64 {
    let half_sine = (difference_power / power.max(1e-12)).sqrt() / 2.0;
    half_sine.min(1.0).asin() * sample_rate_hz / std::f64::consts::PI
}

#[cfg(test)]
mod tests {
    use super::super::feature_names::{feature_index, feature_names};
    use super::*;
    use crate::chunk::Chunk;
    use crate::signal::Conditioner;
    use crate::units::Rate;

    fn rows(rate_hz: u32, frequency: f64, level: impl Fn(f64) -> f64, seconds: u32) -> Vec<FeatureRow> {
        let layout = StreamLayout::reference(Rate::hz(rate_hz), 1, None);
        let mut conditioner = Conditioner::new(&layout).unwrap();
        let mut extractor = FeatureExtractor::new(&layout);
        let emg = (0..rate_hz * seconds)
            .map(|i| {
                let t = f64::from(i) / f64::from(rate_hz);
                (10.0 * level(t) * (2.0 * std::f64::consts::PI * frequency * t).sin()).round() as i16
            })
            .collect();
        let mut rows = Vec::new();
        conditioner.push(&Chunk { emg, ..Chunk::default() }, |quarter| rows.push(extractor.push(&quarter)));
        rows
    }

    #[test]
    fn the_mean_frequency_does_not_depend_on_the_rate() {
        for rate in [500, 1000, 2000] {
            let row = rows(rate, 90.0, |t| if t > 70.0 { 40.0 } else { 4.0 }, 80).pop().unwrap();
            let hz = row.values[feature_index("mean_frequency").unwrap()].exp();
            assert!((hz - 90.0).abs() < 2.0, "{hz} at {rate}");
        }
    }

    #[test]
    fn activity_begins_where_the_level_doubles() {
        let rows = rows(1000, 90.0, |t| if t > 70.0 { 40.0 } else { 4.0 }, 80);
        assert_eq!(rows.last().unwrap().active_since, Some(280));
        assert!(!rows[270].active && rows[270].valid);
    }

    #[test]
    fn nothing_is_judged_before_the_quiet_level_is_known() {
        assert!(rows(1000, 90.0, |_| 4.0, 59).iter().all(|row| !row.valid));
    }

    #[test]
    fn a_missing_head_is_told_from_two_by_a_difference_of_exactly_nothing() {
        use rand::{RngExt, SeedableRng};
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
        for channels in [1, 2, 3] {
            let layout = StreamLayout::reference(Rate::hz(500), channels, None);
            let (mut conditioner, mut extractor) = (Conditioner::new(&layout).unwrap(), FeatureExtractor::new(&layout));
            // Equally loud on all channels, ten times as loud in the last ten seconds.
            let level = |sample: usize| if sample > 70 * 500 { 1000.0 } else { 100.0 };
            let noise = (0..80 * 500 * channels).map(|i| (random.random_range(-1.0..1.0) * level(i / channels)) as i16);
            let chunk = Chunk { emg: noise.collect(), ..Chunk::default() };
            let mut differences = Vec::new();
            conditioner.push(&chunk, |quarter| {
                let row = extractor.push(&quarter);
                differences.extend((row.valid && row.active).then_some(row.values[11]));
            });
            assert!(differences.len() > 30);
            assert!(
                differences.iter().all(|difference| (*difference == 0.0) == (channels == 1)),
                "{channels} channels"
            );
        }
    }

    #[test]
    fn names_and_values_are_as_many() {
        assert_eq!(feature_names().len(), N_FEATURES);
        assert_eq!(feature_index("movement_2s"), Some(FeatureRow::n_without_motion()));
    }
}

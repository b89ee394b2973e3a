//! Leg movements (LM) of one leg by the rules of the sleep laboratory, streamed: AASM (Berry et al. 2018) and WASM/IRLSSG
//! 2016 (Ferri et al. 2016), side by side in table 3 of PMC9619152. For researchers, and to tell movements from cramps.
//!
//! # Amplitude
//! Both speak of µV of the EMG trace over its resting level and leave open how the trace is smoothed. Here the amplitude is
//! the RMS of each 25 ms block of the filtered EMG (20 to 450 Hz; a laboratory records 10 to 100 Hz), and the resting level
//! must be an RMS too. Peaks of a trace are two to three times its RMS, so 8 µV of RMS ask for a stronger movement than
//! 8 µV of peak, and 2 µV end it sooner. The RMS of n samples of noise itself wanders by 1/√(2n): 14 % at 1000 Hz, 28 % at
//! 250 Hz. So the 0.5 s at rest come late with a resting level above some 7 µV at 1000 Hz or 4 µV at 250 Hz (from there on
//! half a second late in one case of ten, by simulated white noise), and from 7 µV at 250 Hz noise passes for onsets.
//!
//! # What is not seen
//! Sleep stages, breathing and the other leg. So these are movements in bed, awake or asleep, none is left out beside an
//! apnoea, and both legs are not combined. The rules are made for tibialis anterior; a calf shows less of them.

use crate::signal::{Quality, Quarter, SUB_BLOCKS};

/// Length of an amplitude block in seconds.
const BLOCK_S: f64 = 0.025;
/// A movement begins with a block this far above rest, in µV, or farther.
const ONSET_ABOVE_UV: f64 = 8.0;
/// At rest a block is at most this far above the resting level, in µV.
const REST_ABOVE_UV: f64 = 2.0;
/// WASM: for some 0.5 s of a movement the median is at least this far above rest, in µV.
const MEDIAN_ABOVE_UV: f64 = 2.0;
/// Blocks in 0.5 s: of rest that end a movement, of the shortest movement, of the median.
const HALF_SECOND: usize = 20;
/// Blocks in 10 s, the longest candidate.
const LONGEST_CANDIDATE: u64 = 400;

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LegMovementRules {
    /// American Academy of Sleep Medicine: 0.5 to 10 s; series of 4 and more, 5 to 90 s from onset to onset.
    Aasm,
    /// World Association of Sleep Medicine and IRLSSG 2016: 0.5 s and longer with a median at least 2 µV above rest for some
    /// 0.5 s, candidates up to 10 s; series of 4 and more candidates, 10 to 90 s from onset to onset.
    Wasm2016,
}

/// A movement whose onset and end were both seen, in seconds of the stream, to 25 ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LegMovement {
    /// Start of the first block at least 8 µV above rest.
    pub onset_s: f64,
    /// Start of the 0.5 s at rest.
    pub end_s: f64,
    /// It may be one of a series: at most 10 s long. By the AASM a longer one is no leg movement at all.
    pub candidate: bool,
    /// There was no data at some time since the end of the movement before it, or the stream's start.
    pub after_gap: bool,
}

/// Finds movements in blocks of amplitude. Constant memory; a movement is given 0.5 s after its end.
///
/// No data in a movement leaves it unscored: its end, or what was its end, is not known. So does an onset that was not seen
/// because a stretch of data begins with at least 8 µV.
#[derive(Debug, Clone)]
pub struct LegMovementScorer {
    rules: LegMovementRules,
    moving: Option<Moving>,
    /// The block before this one had data.
    connected: bool,
    last_end_s: f64,
    gap: bool,
    scored_blocks: u64,
    unscored_movements: u64,
}

/// A movement under way.
#[derive(Debug, Clone)]
struct Moving {
    /// `None` if it was not seen.
    onset_s: Option<f64>,
    blocks: u64,
    /// Latest blocks, all at rest, and where they begin.
    rest_blocks: u64,
    rest_from_s: f64,
    /// The last 0.5 s above rest, in µV.
    ring: [f64; HALF_SECOND],
    /// The median was high enough once.
    sustained: bool,
}

impl Moving {
    fn new(onset_s: Option<f64>) -> Self {
        Self { onset_s, blocks: 0, rest_blocks: 0, rest_from_s: 0.0, ring: [0.0; HALF_SECOND], sustained: false }
    }

    fn push(&mut self, start_s: f64, above_uv: f64) {
        let resting = above_uv <= REST_ABOVE_UV;
        if resting && self.rest_blocks == 0 {
            self.rest_from_s = start_s;
        }
        self.rest_blocks = if resting { self.rest_blocks + 1 } else { 0 };
        self.ring[(self.blocks % HALF_SECOND as u64) as usize] = above_uv;
        self.blocks += 1;
        // A half second that reaches into the rest after a movement holds no more of it than the one before that rest, so it
        // need not be told from one that reaches into a pause.
        if !self.sustained && self.blocks >= HALF_SECOND as u64 {
            self.sustained = median(self.ring) >= MEDIAN_ABOVE_UV;
        }
    }
}

fn median(mut values: [f64; HALF_SECOND]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    f64::midpoint(values[HALF_SECOND / 2 - 1], values[HALF_SECOND / 2])
}

impl LegMovementScorer {
    /// A scorer that has heard nothing.
    pub fn new(rules: LegMovementRules) -> Self {
        Self {
            rules,
            moving: None,
            connected: false,
            last_end_s: f64::NEG_INFINITY,
            gap: true,
            scored_blocks: 0,
            unscored_movements: 0,
        }
    }

    /// Takes the 25 ms block that ends at `block_end_s` and gives the movement that it completes.
    ///
    /// `amplitude_uv` is the RMS of the block, `resting_uv` that of the muscle at rest; without either, or with one that is
    /// not finite, there is no data. A hole between blocks is no data; a block not after the last one is left out.
    pub fn push(
        &mut self,
        block_end_s: f64,
        amplitude_uv: Option<f64>,
        resting_uv: Option<f64>,
        mut sink: impl FnMut(LegMovement),
    ) {
        if !block_end_s.is_finite() || block_end_s <= self.last_end_s {
            return;
        }
        if block_end_s - self.last_end_s > 1.5 * BLOCK_S {
            self.no_data();
        }
        self.last_end_s = block_end_s;
        let above_uv = amplitude_uv.zip(resting_uv).map(|(amplitude, resting)| amplitude - resting);
        let Some(above_uv) = above_uv.filter(|above| above.is_finite()) else { return self.no_data() };
        self.scored_blocks += 1;
        let start_s = block_end_s - BLOCK_S;
        let seen = std::mem::replace(&mut self.connected, true);
        if self.moving.is_none() && above_uv >= ONSET_ABOVE_UV {
            self.moving = Some(Moving::new(seen.then_some(start_s)));
        }
        let Some(moving) = &mut self.moving else { return };
        moving.push(start_s, above_uv);
        if moving.rest_blocks >= HALF_SECOND as u64
            && let Some(ended) = self.moving.take()
        {
            self.end(&ended, &mut sink);
        }
    }

    /// Takes a quarter second, cut into ten blocks of 25 ms. It is no data unless its quality is good and it has this channel; a channel
    /// that the stream does not have is always zero, so take care to name one that it has.
    pub fn push_quarter(
        &mut self,
        quarter: &Quarter,
        channel: usize,
        resting_uv: Option<f64>,
        mut sink: impl FnMut(LegMovement),
    ) {
        let start_s = quarter.index as f64 / 4.0;
        let Some(emg) = quarter.emg.get(channel).filter(|_| quarter.quality == Quality::Good) else {
            return self.push(start_s + 0.25, None, None, sink);
        };
        for (block, power_uv2) in tenths(&emg.block_power_uv2).iter().enumerate() {
            self.push(start_s + (block + 1) as f64 * BLOCK_S, Some(power_uv2.sqrt()), resting_uv, &mut sink);
        }
    }

    /// The stream is over: a movement under way has no end, so that it is not scored.
    pub fn finish(&mut self) {
        self.no_data();
    }

    /// Seconds with data.
    pub fn scored_s(&self) -> f64 {
        self.scored_blocks as f64 * BLOCK_S
    }

    /// Stretches of movement without a seen onset or end.
    pub fn unscored_movements(&self) -> u64 {
        self.unscored_movements
    }

    fn no_data(&mut self) {
        self.unscored_movements += u64::from(self.moving.take().is_some());
        self.connected = false;
        self.gap = true;
    }

    fn end(&mut self, moving: &Moving, sink: &mut impl FnMut(LegMovement)) {
        let Some(onset_s) = moving.onset_s else {
            self.unscored_movements += 1;
            return;
        };
        let length = moving.blocks - moving.rest_blocks;
        let shaped = self.rules == LegMovementRules::Aasm || moving.sustained;
        if length >= HALF_SECOND as u64 && shaped {
            let after_gap = std::mem::take(&mut self.gap);
            sink(LegMovement { onset_s, end_s: moving.rest_from_s, candidate: length <= LONGEST_CANDIDATE, after_gap });
        }
    }
}

/// Mean squares of ten equal parts of a quarter from those of its blocks, each block counted by its overlap.
fn tenths(blocks: &[f64; SUB_BLOCKS]) -> [f64; 10] {
    let width = SUB_BLOCKS as f64 / 10.0;
    std::array::from_fn(|part| {
        let (from, to) = (part as f64 * width, (part + 1) as f64 * width);
        let overlap = |block: usize| (to.min((block + 1) as f64) - from.max(block as f64)).max(0.0);
        // Only blocks that the part touches.
        let touched = from as usize..(to.ceil() as usize).min(SUB_BLOCKS);
        touched.map(|block| blocks[block] * overlap(block)).sum::<f64>() / width
    })
}

#[cfg(test)]
mod tests {
    use super::LegMovementRules::{Aasm, Wasm2016};
    use super::*;
    use crate::chunk::{Chunk, StreamLayout};
    use crate::signal::{Conditioner, EmgQuarter};
    use crate::units::Rate;
    use proptest::prelude::*;

    const REST_UV: f64 = 3.0;

    /// Stretches of (µV above rest, seconds) as blocks; `None`: no data.
    fn blocks(stretches: &[(Option<f64>, f64)]) -> Vec<Option<f64>> {
        let each = stretches.iter().map(|(above, seconds)| (above, (seconds / BLOCK_S).round() as usize));
        each.flat_map(|(above, n)| std::iter::repeat_n(above.map(|uv| uv + REST_UV), n)).collect()
    }

    fn scored(rules: LegMovementRules, blocks: &[Option<f64>]) -> (Vec<LegMovement>, LegMovementScorer) {
        let mut scorer = LegMovementScorer::new(rules);
        let mut movements = Vec::new();
        for (i, amplitude_uv) in blocks.iter().enumerate() {
            let end_s = (i + 1) as f64 * BLOCK_S;
            scorer.push(end_s, *amplitude_uv, Some(REST_UV), |movement| movements.push(movement));
        }
        scorer.finish();
        (movements, scorer)
    }

    /// The movements of stretches as (onset, end, candidate), in ms.
    fn found(rules: LegMovementRules, stretches: &[(Option<f64>, f64)]) -> Vec<(i64, i64, bool)> {
        let ms = |seconds: f64| (seconds * 1000.0).round() as i64;
        let (movements, _) = scored(rules, &blocks(stretches));
        movements.iter().map(|m| (ms(m.onset_s), ms(m.end_s), m.candidate)).collect()
    }

    const QUIET: (Option<f64>, f64) = (Some(0.0), 2.0);

    #[test]
    fn a_movement_begins_at_8_uv_and_ends_where_half_a_second_of_rest_begins() {
        for rules in [Aasm, Wasm2016] {
            assert_eq!(found(rules, &[QUIET, (Some(8.0), 1.0), QUIET]), [(2000, 3000, true)]);
            assert_eq!(found(rules, &[QUIET, (Some(7.9), 1.0), QUIET]), []);
            // It goes on at any level above 2 µV, and what is between 2 and 8 µV before it is not part of it.
            let ramp = [QUIET, (Some(5.0), 1.0), (Some(9.0), 0.5), (Some(2.1), 1.0), (Some(2.0), 0.5)];
            assert_eq!(found(rules, &ramp), [(3000, 4500, true)]);
        }
    }

    #[test]
    fn rest_of_less_than_half_a_second_is_part_of_the_movement() {
        let paused = |pause_s| [QUIET, (Some(20.0), 1.0), (Some(0.0), pause_s), (Some(20.0), 1.0), QUIET];
        assert_eq!(found(Aasm, &paused(0.475)), [(2000, 4475, true)]);
        assert_eq!(found(Aasm, &paused(0.5)), [(2000, 3000, true), (3500, 4500, true)]);
    }

    #[test]
    fn half_a_second_is_long_enough_and_a_block_less_is_not() {
        for rules in [Aasm, Wasm2016] {
            assert_eq!(found(rules, &[QUIET, (Some(20.0), 0.475), QUIET]), []);
            assert_eq!(found(rules, &[QUIET, (Some(20.0), 0.5), QUIET]), [(2000, 2500, true)]);
        }
    }

    #[test]
    fn ten_seconds_are_a_candidate_and_a_block_more_are_not() {
        for rules in [Aasm, Wasm2016] {
            assert_eq!(found(rules, &[QUIET, (Some(20.0), 10.0), QUIET]), [(2000, 12_000, true)]);
            assert_eq!(found(rules, &[QUIET, (Some(20.0), 10.025), QUIET]), [(2000, 12_025, false)]);
        }
    }

    #[test]
    fn wasm_wants_half_a_second_with_a_median_of_2_uv_and_the_aasm_does_not() {
        // Single blocks every 0.3 s are long, but mostly at rest.
        let mut spikes = vec![QUIET];
        spikes.extend([(Some(20.0), 0.025), (Some(0.5), 0.275)].repeat(10));
        spikes.push(QUIET);
        assert_eq!(found(Wasm2016, &spikes), []);
        assert_eq!(found(Aasm, &spikes), [(2000, 4725, true)]);
    }

    #[test]
    fn the_half_second_of_the_median_may_end_in_a_pause_but_not_in_the_rest_after_the_movement() {
        // 11 blocks of activity and 9 of rest have a median in the activity; only with what follows are they one movement.
        let start = [QUIET, (Some(20.0), 0.275)];
        let goes_on = [(Some(0.0), 0.475), (Some(9.0), 0.025), QUIET];
        assert_eq!(found(Wasm2016, &[&start[..], &goes_on[..]].concat()), [(2000, 2775, true)]);
        assert_eq!(found(Wasm2016, &[&start[..], &[QUIET]].concat()), []);
        // Long enough, but its last half second holds 9 blocks of activity and 11 of rest.
        let late = |activity_s| [QUIET, (Some(20.0), 0.025), (Some(0.0), 0.45), (Some(20.0), activity_s), QUIET];
        assert_eq!(found(Wasm2016, &late(0.225)), []);
        assert_eq!(found(Wasm2016, &late(0.25)), [(2000, 2725, true)]);
        assert_eq!(found(Aasm, &late(0.225)), [(2000, 2700, true)]);
    }

    #[test]
    fn no_data_leaves_a_movement_unscored_and_is_told_with_the_next() {
        let gap = (None, 0.025);
        let (movements, scorer) =
            scored(Aasm, &blocks(&[QUIET, (Some(20.0), 1.0), gap, (Some(20.0), 1.0), QUIET, (Some(20.0), 1.0), QUIET]));
        assert_eq!(movements.len(), 1, "{movements:?}");
        assert!(movements[0].after_gap && (movements[0].onset_s - 6.025).abs() < 1e-9);
        assert_eq!(scorer.unscored_movements(), 2);
        assert!((scorer.scored_s() - 9.0).abs() < 1e-9);
        // Also in what may become the rest after it.
        assert_eq!(found(Aasm, &[QUIET, (Some(20.0), 1.0), (Some(0.0), 0.475), gap, QUIET]), []);
        let (movements, _) = scored(Aasm, &blocks(&[QUIET, (Some(20.0), 1.0), QUIET, (Some(20.0), 1.0), QUIET]));
        assert_eq!(movements.iter().map(|m| m.after_gap).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn an_onset_before_the_data_and_an_end_after_them_are_not_scored() {
        assert_eq!(found(Aasm, &[(Some(20.0), 1.0), QUIET]), []);
        let (movements, scorer) = scored(Aasm, &blocks(&[QUIET, (Some(20.0), 1.0)]));
        assert_eq!((movements.len(), scorer.unscored_movements()), (0, 1));
    }

    #[test]
    fn a_hole_between_blocks_no_resting_level_and_nan_are_no_data() {
        let hears = |at_hole: &[(f64, Option<f64>, Option<f64>)]| {
            let mut scorer = LegMovementScorer::new(Aasm);
            let mut n = 0;
            let before = (1..=60).map(|i| (f64::from(i) * BLOCK_S, Some(if i > 20 { 20.0 } else { 1.0 }), Some(1.0)));
            let after = (63..=120).map(|i| (f64::from(i) * BLOCK_S, Some(1.0), Some(1.0)));
            for (end_s, amplitude_uv, resting_uv) in before.chain(at_hole.iter().copied()).chain(after) {
                scorer.push(end_s, amplitude_uv, resting_uv, |_| n += 1);
            }
            n
        };
        let block = |i: u32, amplitude_uv, resting_uv| (f64::from(i) * BLOCK_S, amplitude_uv, resting_uv);
        let good = block(61, Some(20.0), Some(1.0));
        assert_eq!(hears(&[good, block(62, Some(20.0), Some(1.0))]), 1);
        assert_eq!(hears(&[good]), 0);
        assert_eq!(hears(&[good, block(62, Some(20.0), None)]), 0);
        assert_eq!(hears(&[good, block(62, Some(f64::NAN), Some(1.0))]), 0);
        // A block that is told twice is heard once; one at no time is not heard.
        assert_eq!(hears(&[good, good, (f64::NAN, None, None), block(62, Some(20.0), Some(1.0))]), 1);
    }

    fn quarter(index: u64, block_power_uv2: [f64; SUB_BLOCKS], quality: Quality) -> Quarter {
        let mut emg = [EmgQuarter::default(); 4];
        emg[1].block_power_uv2 = block_power_uv2;
        Quarter { index, emg, acc: None, quality, marker: false }
    }

    #[test]
    fn a_quarter_that_cannot_be_believed_is_no_data_and_so_is_a_channel_that_is_not() {
        let run = |spoilt: Quality, channel: usize| {
            let mut scorer = LegMovementScorer::new(Aasm);
            let mut n = 0;
            for index in 0..40 {
                let power = if (8..16).contains(&index) { 400.0 } else { 9.0 };
                let quality = if index == 12 { spoilt } else { Quality::Good };
                scorer.push_quarter(&quarter(index, [power; SUB_BLOCKS], quality), channel, Some(REST_UV), |_| n += 1);
            }
            (n, scorer.scored_s())
        };
        assert_eq!(run(Quality::Good, 1), (1, 10.0));
        assert_eq!(run(Quality::LeadOff, 1), (0, 9.75));
        assert_eq!(run(Quality::Good, 4), (0, 0.0));
    }

    #[test]
    fn bursts_in_raw_samples_are_found_where_they_are() {
        let rate = Rate::hz(1000);
        let noise = |i: u64| ((i.wrapping_mul(6_364_136_223_846_793_005) >> 33) % 2001) as f64 / 1000.0 - 1.0;
        // 0.1 µV a digit; uniform noise of ±5 µV is 2.9 µV RMS; a second of ±60 µV every 20 s.
        let sample = |i: u64| (noise(i) * if i % 20_000 >= 19_000 { 600.0 } else { 50.0 }) as i16;
        let chunk = Chunk { emg: (0..100_000).map(sample).collect(), ..Chunk::default() };
        let mut scorer = LegMovementScorer::new(Wasm2016);
        let mut movements = Vec::new();
        let mut conditioner = Conditioner::new(&StreamLayout::reference(rate, 1, None)).unwrap();
        conditioner.push(&chunk, |quarter| scorer.push_quarter(&quarter, 0, Some(2.8), |m| movements.push(m)));
        assert_eq!(movements.len(), 4, "{movements:?}");
        for (movement, onset_s) in movements.iter().zip([19.0, 39.0, 59.0, 79.0]) {
            assert!((movement.onset_s - onset_s).abs() < 0.03 && (movement.end_s - onset_s - 1.0).abs() < 0.06);
        }
    }

    fn a_night() -> impl Strategy<Value = Vec<Option<f64>>> {
        let level = prop_oneof![4 => 0.0..2.5_f64, 2 => 2.0..9.0_f64, 3 => 7.0..40.0_f64];
        let stretch = (proptest::option::weighted(0.97, level), prop_oneof![1..25_usize, 15..500_usize]);
        proptest::collection::vec(stretch, 1..60).prop_map(|stretches| {
            let each =
                stretches.into_iter().flat_map(|(above, n)| std::iter::repeat_n(above.map(|uv| uv + REST_UV), n));
            each.collect()
        })
    }

    proptest! {
        #[test]
        fn movements_come_in_order_never_overlap_and_hold_their_rules(night in a_night()) {
            for rules in [Aasm, Wasm2016] {
                let (movements, scorer) = scored(rules, &night);
                let mut earliest_s = 0.0;
                for movement in &movements {
                    let length_s = movement.end_s - movement.onset_s;
                    prop_assert!(movement.onset_s >= earliest_s);
                    prop_assert!(length_s > 0.5 - 1e-6);
                    prop_assert_eq!(movement.candidate, length_s < 10.0 + 1e-6);
                    earliest_s = movement.end_s + 0.5 - 1e-6;
                }
                let valid = night.iter().flatten().count();
                prop_assert!((scorer.scored_s() - valid as f64 * BLOCK_S).abs() < 1e-6);
            }
            prop_assert!(scored(Wasm2016, &night).0.len() <= scored(Aasm, &night).0.len());
        }

        #[test]
        fn what_was_said_does_not_depend_on_what_comes_later(night in a_night(), share in 0.0..1.0_f64) {
            let heard = &night[..(night.len() as f64 * share) as usize];
            let (early, _) = scored(Wasm2016, heard);
            prop_assert_eq!(&early[..], &scored(Wasm2016, &night).0[..early.len()]);
        }

        #[test]
        fn quarters_give_what_their_blocks_give(powers in proptest::collection::vec((prop_oneof![0.0..30.0_f64, 100.0..900.0], 1..8_usize), 1..60)) {
            let powers: Vec<f64> = powers.iter().flat_map(|(power, n)| std::iter::repeat_n(*power, *n)).collect();
            let blocks: Vec<Option<f64>> = powers.iter().flat_map(|power| [Some(power.sqrt()); 10]).collect();
            let (by_block, _) = scored(Aasm, &blocks);
            let mut scorer = LegMovementScorer::new(Aasm);
            let mut by_quarter = Vec::new();
            for (index, power) in powers.iter().enumerate() {
                scorer.push_quarter(&quarter(index as u64, [*power; SUB_BLOCKS], Quality::Good), 1, Some(REST_UV), |m| by_quarter.push(m));
            }
            prop_assert_eq!(by_block.len(), by_quarter.len());
            for (a, b) in by_block.iter().zip(&by_quarter) {
                prop_assert!((a.onset_s - b.onset_s).abs() < 1e-9 && (a.end_s - b.end_s).abs() < 1e-9);
                prop_assert_eq!((a.candidate, a.after_gap), (b.candidate, b.after_gap));
            }
        }
    }
}

//! The times between the highest peaks of the last seconds: the largest motor unit that is heard, as far as one channel
//! shows it.
//!
//! In a weak voluntary contraction it fires every 70 to 150 ms and hardly ever twice within 50 ms; in a cramp its intervals
//! vary by nearly half, doublets among them (Minetto 2009).

use super::context::Context;
use super::quarter::SUB_BLOCKS;

/// The names of these features, in order: of the five and of the ten highest peaks a second.
pub(crate) const INTERVAL_NAMES: [&str; N_INTERVAL] = [
    "spikes_5_short_share",
    "spikes_5_interval_variation",
    "spikes_5_height",
    "spikes_10_short_share",
    "spikes_10_interval_variation",
    "spikes_10_height",
];
/// Their number.
pub(crate) const N_INTERVAL: usize = 6;

/// Most quarters looked at (10 s), and blocks in them.
const QUARTERS: usize = 40;
const BLOCKS: usize = QUARTERS * SUB_BLOCKS;
/// Peaks a second that are taken.
const PEAKS_PER_S: [usize; 2] = [5, 10];
/// Blocks (47 ms) up to which an interval is a short one.
const SHORT_BLOCKS: usize = 3;
/// Fewest peaks that make intervals.
const FEWEST: usize = 4;

/// Fills `out`, as long as [`INTERVAL_NAMES`], from the newest `quarters` of channel `c`.
pub(crate) fn interval_features(context: &Context, c: usize, quarters: usize, out: &mut [f64]) {
    let mut power = [0.0; BLOCKS];
    let mut n = 0;
    for past in context.newest(quarters.min(QUARTERS)).filter(|past| past.valid) {
        for (slot, peak) in power[n..].iter_mut().zip(past.emg[c].block_peak_uv2.iter().rev()) {
            *slot = *peak;
        }
        n += SUB_BLOCKS;
    }
    // Local maxima, highest first; the earlier (newer) of equals.
    let mut peaks = [(0.0, 0); BLOCKS];
    let mut found = 0;
    for at in 1..n.saturating_sub(1) {
        if power[at] >= power[at - 1] && power[at] > power[at + 1] {
            peaks[found] = (power[at], at);
            found += 1;
        }
    }
    let peaks = &mut peaks[..found];
    peaks.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    for (slots, per_s) in out.chunks_exact_mut(3).zip(PEAKS_PER_S) {
        let taken = (per_s * n / (4 * SUB_BLOCKS)).min(found);
        if taken < FEWEST {
            continue;
        }
        let mut at = [0; BLOCKS];
        for (slot, peak) in at.iter_mut().zip(&peaks[..taken]) {
            *slot = peak.1;
        }
        let at = &mut at[..taken];
        at.sort_unstable();
        let (short, variation) = intervals(at);
        let height = 0.5 * (peaks[taken - 1].0 / peaks[0].0.max(1e-9)).max(1e-6).ln();
        slots.copy_from_slice(&[short, variation, height]);
    }
}

/// Share of short intervals and coefficient of variation of all, between ascending places.
fn intervals(at: &[usize]) -> (f64, f64) {
    let n = (at.len() - 1) as f64;
    let lengths = || at.windows(2).map(|pair| pair[1] - pair[0]);
    let short = lengths().filter(|length| *length <= SHORT_BLOCKS).count() as f64 / n;
    let (sum, squares) = lengths().fold((0.0, 0.0), |(sum, squares), length| {
        let length = length as f64;
        (sum + length, squares + length * length)
    });
    let mean = sum / n;
    (short, (squares / n - mean * mean).max(0.0).sqrt() / mean.max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{EmgQuarter, Quality, Quarter};

    /// Features of ten seconds with spikes in these blocks and low noise between.
    fn of(is_spike: impl Fn(usize) -> bool) -> [f64; N_INTERVAL] {
        let mut context = Context::new();
        for index in 0..QUARTERS {
            let mut emg = [EmgQuarter::default(); 4];
            emg[0].block_peak_uv2 = std::array::from_fn(|b| {
                let block = index * SUB_BLOCKS + b;
                if is_spike(block) { 400.0 } else { 1.0 + (block * 7919 % 13) as f64 / 13.0 }
            });
            let quarter = Quarter { index: index as u64, emg, acc: None, quality: Quality::Good, marker: false };
            context.add(&quarter, 1, 4.0);
        }
        let mut out = [0.0; N_INTERVAL];
        interval_features(&context, 0, QUARTERS, &mut out);
        out
    }

    #[test]
    fn a_regular_unit_has_even_intervals_and_no_short_ones() {
        let regular = of(|block| block % 6 == 3);
        assert!(regular[3] < 0.01 && regular[4] < 0.05, "{regular:?}");
        let uneven = of(|block| [0, 2, 9, 17, 19].contains(&(block % 30)));
        assert!(uneven[3] > 0.3 && uneven[4] > 0.4, "{uneven:?}");
    }

    #[test]
    fn silence_has_no_intervals() {
        let mut out = [0.0; N_INTERVAL];
        interval_features(&Context::new(), 0, QUARTERS, &mut out);
        assert_eq!(out, [0.0; N_INTERVAL]);
    }
}

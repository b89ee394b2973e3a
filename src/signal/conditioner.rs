//! Samples in, quarter seconds out: scaling, filters, sums. What it gives does not depend on how chunks are cut.

use crate::chunk::{ChannelScale, Chunk, StreamLayout};

use super::SignalError;
use super::acc_sums::AccSums;
use super::emg_chain::EmgChain;
use super::filter::emg_filter;
use super::quality::Quality;
use super::quarter::Quarter;
use super::recent::Recent;

/// Quarters after a restart of the filters that are not believed: the slowest notch needs about half a second.
const WARM_UP_QUARTERS: u64 = 2;

/// Largest share of a quarter that may be bridged; with more, the quarter is incomplete.
const MOST_BRIDGED: f64 = 0.4;

/// Streaming front end of the detector for one leg. Memory is constant.
#[derive(Debug)]
pub struct Conditioner {
    layout: StreamLayout,
    chain: Chain,
    acc: AccSums,
    /// Next EMG index that is expected.
    next_emg: u64,
    /// The quarter under way and where it ends.
    quarter: u64,
    quarter_end: u64,
    /// Something of the quarter under way is missing.
    incomplete: bool,
    /// Samples of the quarter under way that were bridged.
    bridged: u64,
    recent: Recent,
    lead_off: bool,
    marker: bool,
    /// First quarter that is believed after the last restart of the filters.
    believed_from: u64,
}

/// The filters and sums for as many channels as the layout has, so that the inner loop has a fixed width.
#[derive(Debug)]
enum Chain {
    One(Box<EmgChain<1>>),
    Two(Box<EmgChain<2>>),
    Three(Box<EmgChain<3>>),
    Four(Box<EmgChain<4>>),
}

macro_rules! each_chain {
    ($self:expr, $chain:ident => $body:expr) => {
        match $self {
            Chain::One($chain) => $body,
            Chain::Two($chain) => $body,
            Chain::Three($chain) => $body,
            Chain::Four($chain) => $body,
        }
    };
}

impl Conditioner {
    /// A front end for streams of `layout`.
    ///
    /// # Errors
    /// When the rates or the number of channels are outside what the features are made for.
    pub fn new(layout: &StreamLayout) -> Result<Self, SignalError> {
        let rate_hz = layout.emg.rate.as_hz();
        if !(200.0..=4000.0).contains(&rate_hz) {
            return Err(SignalError::EmgRate { found_hz: rate_hz });
        }
        if let Some(acc) = &layout.acc
            && !(10.0..=400.0).contains(&acc.rate.as_hz())
        {
            return Err(SignalError::AccRate { found_hz: acc.rate.as_hz() });
        }
        let (band, notches) = emg_filter(rate_hz)?;
        let scales: Vec<ChannelScale> = layout.emg.channels.iter().map(|channel| channel.scale).collect();
        let channels = scales.len();
        let chain = match channels {
            1 => Chain::One(Box::new(EmgChain::new(&band, &notches, &scales))),
            2 => Chain::Two(Box::new(EmgChain::new(&band, &notches, &scales))),
            3 => Chain::Three(Box::new(EmgChain::new(&band, &notches, &scales))),
            4 => Chain::Four(Box::new(EmgChain::new(&band, &notches, &scales))),
            found => return Err(SignalError::EmgChannels { found }),
        };
        let quarter_end = layout.emg.rate.quarter_start(1);
        Ok(Self {
            layout: layout.clone(),
            chain,
            acc: AccSums::new(layout),
            next_emg: 0,
            quarter: 0,
            quarter_end,
            incomplete: false,
            bridged: 0,
            recent: Recent::new(layout.emg.rate, channels),
            lead_off: false,
            marker: false,
            believed_from: WARM_UP_QUARTERS,
        })
    }

    /// Takes a chunk and gives each quarter that it completes, in order. Quarters that a gap swallowed whole are not
    /// given: the index jumps. A gap of at most a tenth of a second is bridged. Samples before the expected position are ignored.
    pub fn push(&mut self, chunk: &Chunk, mut sink: impl FnMut(Quarter)) {
        let channels = self.layout.emg.channels.len();
        let end = chunk.emg_first + chunk.emg_len(channels);
        let at = chunk.emg_first;
        if at > self.next_emg && !self.bridge_to(at, &mut sink) {
            self.skip_to(at, &mut sink);
        }
        let from = self.next_emg.clamp(at, end);
        self.marker |= chunk.marker;
        let emg = &chunk.emg[(from - at) as usize * channels..];
        self.feed(emg, from, Some(chunk), &mut sink);
        self.recent.push(emg);
    }

    /// Runs interleaved samples that begin at index `at`, and closes the quarters that they complete. `chunk` has the
    /// acceleration; bridged samples have none.
    fn feed(&mut self, samples: &[i16], mut at: u64, chunk: Option<&Chunk>, sink: &mut impl FnMut(Quarter)) {
        let channels = self.layout.emg.channels.len();
        let mut rest = samples;
        let mut acc_position = 0;
        while rest.len() >= channels {
            let take = (self.quarter_end - at).min((rest.len() / channels) as u64);
            let (now, later) = rest.split_at(take as usize * channels);
            self.lead_off |= chunk.is_some_and(|chunk| chunk.lead_off);
            let start = self.quarter_end - self.quarter_length();
            each_chain!(&mut self.chain, chain => chain.run(now, at - start, self.quarter_end - start));
            rest = later;
            at += take;
            self.next_emg = at;
            match chunk {
                Some(chunk) => acc_position = self.take_acc(chunk, acc_position),
                None => self.bridged += take,
            }
            if at == self.quarter_end {
                self.close_quarter(sink);
            }
        }
    }

    /// Fills a gap up to `at` with what was there a tenth of a second earlier, if it is that short: five periods of 50 Hz and six of
    /// 60 Hz, so that hum goes on in step and no filter rings. Otherwise one lost frame would cost a second of warm-up.
    fn bridge_to(&mut self, at: u64, sink: &mut impl FnMut(Quarter)) -> bool {
        let missing = at - self.next_emg;
        if !self.recent.full() || missing > self.recent.frames() {
            return false;
        }
        let mut recent = std::mem::take(&mut self.recent);
        let (first, second) = recent.oldest(missing);
        for part in [first, second] {
            self.feed(part, self.next_emg, None, sink);
        }
        recent.rotate(missing);
        self.recent = recent;
        true
    }

    fn quarter_length(&self) -> u64 {
        self.quarter_end - self.layout.emg.rate.quarter_start(self.quarter)
    }

    /// Adds the chunk's acceleration that lies before the end of the quarter under way.
    fn take_acc(&mut self, chunk: &Chunk, from: usize) -> usize {
        let Some(group) = &self.layout.acc else { return 0 };
        let bound = self.layout.emg.rate.convert(self.quarter_end, group.rate);
        let take = (bound.saturating_sub(chunk.acc_first) as usize).min(chunk.acc.len() / 3);
        if take > from {
            self.acc.run(&chunk.acc[from * 3..take * 3]);
            take
        } else {
            from
        }
    }

    fn skip_to(&mut self, at: u64, sink: &mut impl FnMut(Quarter)) {
        self.incomplete = true;
        if at >= self.quarter_end {
            self.close_quarter(sink);
            let rate = self.layout.emg.rate;
            let quarter = rate.quarter_at(at);
            self.begin_quarter(quarter);
            self.incomplete = at > rate.quarter_start(quarter);
        }
        self.next_emg = at;
        // A quarter that begins exactly at the end of a gap still warms up for two quarters.
        self.believed_from = self.quarter + WARM_UP_QUARTERS;
        each_chain!(&mut self.chain, chain => chain.restart());
        self.acc.clear();
        self.recent.clear();
    }

    fn close_quarter(&mut self, sink: &mut impl FnMut(Quarter)) {
        let (emg, evidence) = each_chain!(&mut self.chain, chain => chain.take());
        let quality = if self.incomplete || self.bridged as f64 > MOST_BRIDGED * self.quarter_length() as f64 {
            Quality::Incomplete
        } else if self.quarter < self.believed_from {
            Quality::WarmUp
        } else if self.lead_off {
            Quality::LeadOff
        } else {
            evidence.judge()
        };
        sink(Quarter { index: self.quarter, emg, acc: self.acc.take(), quality, marker: self.marker });
        self.begin_quarter(self.quarter + 1);
    }

    fn begin_quarter(&mut self, quarter: u64) {
        self.quarter = quarter;
        self.quarter_end = self.layout.emg.rate.quarter_start(quarter + 1);
        self.incomplete = false;
        self.bridged = 0;
        self.lead_off = false;
        self.marker = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;
    use proptest::prelude::*;

    fn night(rate: Rate, seconds: u64) -> Chunk {
        let acc_rate = Rate::hz(100);
        let n = rate.quarter_start(seconds * 4);
        let noise = |i: u64| ((i.wrapping_mul(6_364_136_223_846_793_005) >> 33) % 400) as i16 - 200;
        Chunk {
            emg: (0..n * 2).map(noise).collect(),
            acc: (0..rate.convert(n, acc_rate) * 3).map(|i| noise(i) + 4096).collect(),
            ..Chunk::default()
        }
    }

    fn quarters(layout: &StreamLayout, chunks: &[Chunk]) -> Vec<Quarter> {
        let mut conditioner = Conditioner::new(layout).unwrap();
        let mut out = Vec::new();
        for chunk in chunks {
            conditioner.push(chunk, |quarter| out.push(quarter));
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn quarters_do_not_depend_on_how_chunks_are_cut(cuts in proptest::collection::vec(1_u64..700, 1..40), rate in prop_oneof![Just(Rate::hz(1000)), Just(Rate::hz(250)), Just(Rate::new(1024, 3).unwrap())]) {
            let layout = StreamLayout::reference(rate, 2, Some(Rate::hz(100)));
            let whole = night(rate, 6);
            let mut pieces = vec![whole.clone()];
            let mut at = 0;
            for cut in cuts {
                at += cut;
                if let Some(mut last) = pieces.pop() {
                    let tail = last.split_off(at, &layout);
                    pieces.push(last);
                    if tail.emg.is_empty() { break }
                    pieces.push(tail);
                }
            }
            prop_assert_eq!(quarters(&layout, &[whole]), quarters(&layout, &pieces));
        }
    }

    #[test]
    fn a_gap_spoils_only_what_it_touches_and_the_warm_up() {
        let layout = StreamLayout::reference(Rate::hz(1000), 2, Some(Rate::hz(100)));
        let mut first = night(Rate::hz(1000), 6);
        let mut lost = first.split_off(2100, &layout);
        let rest = lost.split_off(3000, &layout);
        let good: Vec<u64> = quarters(&layout, &[first, rest])
            .iter()
            .filter(|quarter| quarter.quality == Quality::Good)
            .map(|quarter| quarter.index)
            .collect();
        assert_eq!(good, [2, 3, 4, 5, 6, 7, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
    }

    /// Noise over hum of 50 Hz, as a loose electrode gives.
    fn humming(seconds: u64) -> Chunk {
        let mut chunk = night(Rate::hz(1000), seconds);
        for (place, value) in chunk.emg.iter_mut().enumerate() {
            let at_s = (place / 2) as f64 / 1000.0;
            *value += (300.0 * (2.0 * std::f64::consts::PI * 50.0 * at_s).sin()) as i16;
        }
        chunk
    }

    #[test]
    fn a_lost_frame_of_a_twentieth_of_a_second_is_bridged_and_no_filter_rings() {
        let layout = StreamLayout::reference(Rate::hz(1000), 2, Some(Rate::hz(100)));
        let whole = quarters(&layout, &[humming(8)]);
        let mut first = humming(8);
        let mut lost = first.split_off(5100, &layout);
        let rest = lost.split_off(5150, &layout);
        let bridged = quarters(&layout, &[first, rest]);
        assert_eq!(bridged.len(), whole.len());
        for (ours, true_one) in bridged.iter().zip(&whole).skip(12) {
            assert_eq!(ours.quality, Quality::Good, "{}", ours.index);
            let ratio = ours.emg[0].power_uv2 / true_one.emg[0].power_uv2;
            assert!((0.75..1.33).contains(&ratio), "quarter {}: {ratio}", ours.index);
        }
    }

    #[test]
    fn more_than_a_tenth_of_a_second_is_never_bridged_nor_is_what_began_just_now() {
        let layout = StreamLayout::reference(Rate::hz(1000), 2, None);
        for (from, to) in [(5100, 5201), (60, 90)] {
            let mut first = night(Rate::hz(1000), 8);
            let mut lost = first.split_off(from, &layout);
            let rest = lost.split_off(to, &layout);
            let hit = &quarters(&layout, &[first, rest])[(from / 250) as usize];
            assert_eq!(hit.quality, Quality::Incomplete, "{from}");
        }
    }

    #[test]
    fn a_quarter_that_is_mostly_bridged_is_incomplete() {
        let layout = StreamLayout::reference(Rate::hz(1000), 2, None);
        let mut first = night(Rate::hz(1000), 8);
        let mut lost = first.split_off(5010, &layout);
        let mut second = lost.split_off(5080, &layout);
        let mut lost = second.split_off(5110, &layout);
        let rest = lost.split_off(5190, &layout);
        let found = quarters(&layout, &[first, second, rest]);
        assert_eq!((found[20].quality, found[21].quality), (Quality::Incomplete, Quality::Good));
    }

    #[test]
    fn a_gap_of_years_costs_nothing() {
        let layout = StreamLayout::reference(Rate::hz(1000), 2, None);
        let mut late = night(Rate::hz(1000), 2);
        late.emg_first = 1 << 60;
        let all = quarters(&layout, &[night(Rate::hz(1000), 1), late]);
        assert!(all.len() < 16);
    }

    #[test]
    fn an_electrode_offset_makes_no_transient() {
        let layout = StreamLayout::reference(Rate::hz(1000), 1, None);
        let chunk = Chunk { emg: (0..3000).map(|i| 20_000 + (i % 7) as i16).collect(), ..Chunk::default() };
        for quarter in quarters(&layout, &[chunk]).iter().skip(2) {
            assert!(quarter.emg[0].rms_uv() < 1.0, "{quarter:?}");
        }
    }

    #[test]
    fn rates_and_channels_outside_the_range_are_refused() {
        assert!(Conditioner::new(&StreamLayout::reference(Rate::hz(100), 1, None)).is_err());
        assert!(Conditioner::new(&StreamLayout::reference(Rate::hz(1000), 0, None)).is_err());
        assert!(Conditioner::new(&StreamLayout::reference(Rate::hz(1000), 1, Some(Rate::hz(1)))).is_err());
    }
}

//! Samples in, quarter seconds out: scaling, filters, sums. What it gives does not depend on how chunks are cut.

use crate::chunk::{ChannelScale, Chunk, StreamLayout};

use super::filter::{Cascade, emg_filter};
use super::quality::{Evidence, Quality};
use super::quarter::{AccQuarter, EmgQuarter, MAX_EMG_CHANNELS, Quarter, SUB_BLOCKS};
use super::{SignalError, filter::Section};

/// Quarters after a restart of the filters that are not believed: the slowest notch needs about half a second.
const WARM_UP_QUARTERS: u64 = 2;

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
        let chain = match scales.len() {
            1 => Chain::One(Box::new(EmgChain::new(band, notches, &scales))),
            2 => Chain::Two(Box::new(EmgChain::new(band, notches, &scales))),
            3 => Chain::Three(Box::new(EmgChain::new(band, notches, &scales))),
            4 => Chain::Four(Box::new(EmgChain::new(band, notches, &scales))),
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
            lead_off: false,
            marker: false,
            believed_from: WARM_UP_QUARTERS,
        })
    }

    /// Takes a chunk and gives each quarter that it completes, in order. Quarters that a gap swallowed whole are not
    /// given: the index jumps. Samples before the expected position are ignored.
    pub fn push(&mut self, chunk: &Chunk, mut sink: impl FnMut(Quarter)) {
        let channels = self.layout.emg.channels.len();
        let n = chunk.emg_len(channels);
        let mut at = chunk.emg_first;
        let end = chunk.emg_first + n;
        if at < self.next_emg {
            at = self.next_emg.min(end);
        } else if at > self.next_emg {
            self.skip_to(at, &mut sink);
        }
        self.marker |= chunk.marker;
        let mut acc_position = 0;
        while at < end {
            let stop = end.min(self.quarter_end);
            let from = (at - chunk.emg_first) as usize * channels;
            let to = (stop - chunk.emg_first) as usize * channels;
            self.lead_off |= chunk.lead_off;
            let start = self.quarter_end - self.quarter_length();
            each_chain!(&mut self.chain, chain => chain.run(&chunk.emg[from..to], at - start, self.quarter_end - start));
            at = stop;
            self.next_emg = at;
            acc_position = self.take_acc(chunk, acc_position);
            if at == self.quarter_end {
                self.close_quarter(&mut sink);
            }
        }
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
    }

    fn close_quarter(&mut self, sink: &mut impl FnMut(Quarter)) {
        let (emg, evidence) = each_chain!(&mut self.chain, chain => chain.take());
        let quality = if self.incomplete {
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
        self.lead_off = false;
        self.marker = false;
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct EmgSums {
    band: f64,
    difference: f64,
    curvature: f64,
    fourth: f64,
    blocks: [f64; SUB_BLOCKS],
    clipped: u64,
    repeated: u64,
}

#[derive(Debug)]
struct EmgChain<const C: usize> {
    band: Cascade<C>,
    notches: Cascade<C>,
    gain: [f64; C],
    limits: [(i16, i16); C],
    /// First raw value after a restart: taken off, so that an electrode offset makes no transient.
    origin: Option<[i16; C]>,
    last_raw: [i16; C],
    last: [f64; C],
    last_difference: [f64; C],
    sums: [EmgSums; C],
    n: u64,
    block_n: [u64; SUB_BLOCKS],
}

impl<const C: usize> EmgChain<C> {
    fn new(band: Vec<Section>, notches: Vec<Section>, scales: &[ChannelScale]) -> Self {
        let mut gain = [1.0; C];
        let mut limits = [(i16::MIN, i16::MAX); C];
        for (c, scale) in scales.iter().enumerate().take(C) {
            gain[c] = scale.gain();
            limits[c] = (scale.digital_min, scale.digital_max);
        }
        Self {
            band: Cascade::new(band),
            notches: Cascade::new(notches),
            gain,
            limits,
            origin: None,
            last_raw: [0; C],
            last: [0.0; C],
            last_difference: [0.0; C],
            sums: [EmgSums::default(); C],
            n: 0,
            block_n: [0; SUB_BLOCKS],
        }
    }

    fn restart(&mut self) {
        self.band.reset();
        self.notches.reset();
        self.origin = None;
        self.last = [0.0; C];
        self.last_difference = [0.0; C];
    }

    /// Adds interleaved samples that begin `offset` samples into a quarter of `length` samples.
    fn run(&mut self, samples: &[i16], offset: u64, length: u64) {
        let mut position = offset;
        let mut rest = samples;
        while !rest.is_empty() {
            // Block b holds positions [b·length/16, (b+1)·length/16), rounded up.
            let block = ((position * SUB_BLOCKS as u64) / length.max(1)).min(SUB_BLOCKS as u64 - 1);
            let block_end = ((block + 1) * length).div_ceil(SUB_BLOCKS as u64).max(position + 1);
            let take = (((block_end - position) as usize) * C).min(rest.len());
            let (now, later) = rest.split_at(take);
            self.run_block(now, block as usize);
            position += (take / C) as u64;
            rest = later;
        }
    }

    fn run_block(&mut self, samples: &[i16], block: usize) {
        // Loaded and stored whole, so that sums are the same to the last bit however chunks are cut.
        let mut power: [f64; C] = std::array::from_fn(|c| self.sums[c].blocks[block]);
        let mut band_power: [f64; C] = std::array::from_fn(|c| self.sums[c].band);
        let mut difference_power: [f64; C] = std::array::from_fn(|c| self.sums[c].difference);
        let mut curvature_power: [f64; C] = std::array::from_fn(|c| self.sums[c].curvature);
        let mut fourth: [f64; C] = std::array::from_fn(|c| self.sums[c].fourth);
        let (mut frames, _) = samples.as_chunks::<C>();
        self.n += frames.len() as u64;
        self.block_n[block] += frames.len() as u64;
        let origin = match (self.origin, frames.split_first()) {
            (Some(origin), _) => origin,
            (None, Some((first, _))) => {
                self.origin = Some(*first);
                self.last_raw = first.map(|v| v.wrapping_add(1));
                *first
            }
            (None, None) => return,
        };
        while let Some((frame, rest)) = frames.split_first() {
            frames = rest;
            let mut x = [0.0; C];
            for c in 0..C {
                let raw = frame[c];
                let (low, high) = self.limits[c];
                self.sums[c].clipped += u64::from(raw <= low || raw >= high);
                self.sums[c].repeated += u64::from(raw == self.last_raw[c]);
                x[c] = f64::from(i32::from(raw) - i32::from(origin[c])) * self.gain[c];
            }
            self.last_raw = *frame;
            let band = self.band.step(x);
            let y = self.notches.step(band);
            for c in 0..C {
                let square = y[c] * y[c];
                let difference = y[c] - self.last[c];
                let curvature = difference - self.last_difference[c];
                band_power[c] += band[c] * band[c];
                power[c] += square;
                fourth[c] += square * square;
                difference_power[c] += difference * difference;
                curvature_power[c] += curvature * curvature;
                self.last[c] = y[c];
                self.last_difference[c] = difference;
            }
        }
        for c in 0..C {
            let sums = &mut self.sums[c];
            sums.band = band_power[c];
            sums.blocks[block] = power[c];
            sums.difference = difference_power[c];
            sums.curvature = curvature_power[c];
            sums.fourth = fourth[c];
        }
    }

    fn take(&mut self) -> ([EmgQuarter; MAX_EMG_CHANNELS], Evidence) {
        let mut out = [EmgQuarter::default(); MAX_EMG_CHANNELS];
        let mut evidence = Evidence { n_samples: self.n, ..Evidence::default() };
        let n = self.n.max(1) as f64;
        for (quarter, sums) in out.iter_mut().zip(&self.sums) {
            let power: f64 = sums.blocks.iter().sum();
            let mains_share = if sums.band > 0.0 { (1.0 - power / sums.band).clamp(0.0, 1.0) } else { 0.0 };
            *quarter = EmgQuarter {
                power_uv2: power / n,
                difference_power_uv2: sums.difference / n,
                curvature_power_uv2: sums.curvature / n,
                fourth_uv4: sums.fourth / n,
                block_power_uv2: std::array::from_fn(|b| sums.blocks[b] / self.block_n[b].max(1) as f64),
                mains_share,
            };
            evidence.n_clipped = evidence.n_clipped.max(sums.clipped);
            evidence.n_repeated = evidence.n_repeated.max(sums.repeated);
            if mains_share * sums.band / n >= evidence.mains_share * evidence.mains_power_uv2 {
                evidence.mains_share = mains_share;
                evidence.mains_power_uv2 = sums.band / n;
            }
        }
        self.sums = [EmgSums::default(); C];
        self.n = 0;
        self.block_n = [0; SUB_BLOCKS];
        (out, evidence)
    }
}

#[derive(Debug)]
struct AccSums {
    gain: [f64; 3],
    offset: [f64; 3],
    needed: u64,
    n: u64,
    sum: [f64; 3],
    square: f64,
}

impl AccSums {
    fn new(layout: &StreamLayout) -> Self {
        let mut sums = Self { gain: [0.0; 3], offset: [0.0; 3], needed: u64::MAX, n: 0, sum: [0.0; 3], square: 0.0 };
        if let Some(group) = &layout.acc {
            for (axis, channel) in group.channels.iter().enumerate().take(3) {
                sums.gain[axis] = channel.scale.gain();
                sums.offset[axis] = channel.scale.offset();
            }
            // Four fifths of a quarter second are enough for a mean.
            sums.needed = ((group.rate.as_hz() / 5.0).floor() as u64).max(1);
        }
        sums
    }

    fn clear(&mut self) {
        self.n = 0;
        self.sum = [0.0; 3];
        self.square = 0.0;
    }

    fn run(&mut self, samples: &[i16]) {
        for frame in samples.as_chunks::<3>().0 {
            for (axis, digital) in frame.iter().enumerate() {
                let g = f64::from(*digital) * self.gain[axis] + self.offset[axis];
                self.sum[axis] += g;
                self.square += g * g;
            }
            self.n += 1;
        }
    }

    fn take(&mut self) -> Option<AccQuarter> {
        let n = self.n as f64;
        let quarter = (self.n >= self.needed).then(|| {
            let mean_g = self.sum.map(|sum| sum / n);
            let mean_square: f64 = mean_g.iter().map(|m| m * m).sum();
            AccQuarter { mean_g, dynamic_rms_g: (self.square / n - mean_square).max(0.0).sqrt() }
        });
        self.clear();
        quarter
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

//! A night gives the same episodes whatever the chunk sizes and whichever path: bytes live, chunks cut anyhow, or the
//! recorded EDF+ segments.

use std::sync::Arc;

use crampwatch::chunk::{Chunk, StreamLayout};
use crampwatch::detect::{Detector, Model, Output};
use crampwatch::recording::{ChannelChoice, EdfStream, NightRecorder, SegmentEvent};
use crampwatch::sensor::{
    LinkFaults, Pace, Profile, SecondSource, SimulatedOptions, SimulatedSource, Source, TimedChunk,
};
use crampwatch::simulate::{CrampCount, Night, NightOptions, Person, Second};
use crampwatch::units::UtcMicros;
use proptest::prelude::*;

#[derive(Debug)]
struct Made(Night);

impl SecondSource for Made {
    fn next_second(&mut self, out: &mut Second) -> bool {
        self.0.next_second(out)
    }
}

/// What arrives of a simulated night through a bad link: gaps, lead-off and all.
fn live(seed: u64, seconds: u32) -> (StreamLayout, Vec<TimedChunk>) {
    let options = NightOptions {
        duration_s: seconds,
        cramps: CrampCount::Exactly(2),
        drop_out: true,
        loose_electrode: true,
        ..NightOptions::default()
    };
    let night = Night::new(&Person::random(seed), &options, seed);
    let link = SimulatedOptions {
        id: "test".to_owned(),
        start_at: UtcMicros(1_763_758_800_123_456),
        pace: Pace::AsFastAsPossible,
        faults: LinkFaults { loss: 0.002, ..LinkFaults::bedroom() },
        seed,
        battery_pct: 80,
    };
    let mut source = SimulatedSource::new(&Profile::leg_sensor().unwrap(), Box::new(Made(night)), link).unwrap();
    let layout = source.layout().clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut chunks = Vec::new();
    while let Some(item) = runtime.block_on(source.next()).unwrap() {
        chunks.extend(item.chunks);
    }
    (layout, chunks)
}

/// Everything the detector says but single hops, and the sum of all probabilities to the last bit.
fn detect<'a>(layout: &StreamLayout, chunks: impl IntoIterator<Item = &'a Chunk>) -> (Vec<Output>, f64) {
    let mut detector = Detector::new(layout, Arc::new(Model::built_in().unwrap())).unwrap();
    let (mut said, mut sum) = (Vec::new(), 0.0);
    let mut listen = |output: Output| match output {
        Output::Hop(hop) => sum += hop.probability.unwrap_or(0.0),
        other => said.push(other),
    };
    for chunk in chunks {
        detector.push(chunk, &mut listen);
    }
    detector.finish(&mut listen);
    (said, sum)
}

fn recut(layout: &StreamLayout, chunks: &[TimedChunk], sizes: &[u64]) -> Vec<Chunk> {
    let mut pieces = Vec::new();
    let mut sizes = sizes.iter().cycle();
    for timed in chunks {
        let mut rest = timed.chunk.clone();
        while !rest.emg.is_empty() {
            let at = rest.emg_first + sizes.next().unwrap();
            let tail = rest.split_off(at, layout);
            pieces.push(std::mem::replace(&mut rest, tail));
        }
    }
    pieces
}

#[test]
fn recorded_segments_give_the_episodes_of_the_live_night() {
    for seed in [11, 12] {
        let (layout, chunks) = live(seed, 2400);
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = NightRecorder::new(folder.path(), "me_left", layout.clone()).unwrap();
        let mut segments = Vec::new();
        for timed in &chunks {
            segments.extend(recorder.push(&timed.chunk, timed.start_at).unwrap());
        }
        segments.extend(recorder.finish().unwrap());
        let mut replayed = Vec::new();
        for event in segments {
            let SegmentEvent::Finished(info) = event else { continue };
            let mut stream = EdfStream::open(&info.path, &ChannelChoice::default()).unwrap();
            assert_eq!(stream.layout(), &layout);
            let mut part = Vec::new();
            while stream.next_chunks(&mut part).unwrap() {}
            for mut chunk in part {
                chunk.emg_first += info.emg_first;
                chunk.acc_first += layout.emg.rate.convert(info.emg_first, layout.acc.as_ref().unwrap().rate);
                replayed.push(chunk);
            }
        }
        let (said, sum) = detect(&layout, chunks.iter().map(|timed| &timed.chunk));
        let (again, sum_again) = detect(&layout, &replayed);
        assert!(said.iter().any(|output| matches!(output, Output::Suspected { .. })), "seed {seed}: {said:?}");
        assert_eq!(said, again, "seed {seed}");
        assert_eq!(sum.to_bits(), sum_again.to_bits());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn any_chunk_sizes_give_the_same_episodes(seed in 20_u64..24, sizes in proptest::collection::vec(1_u64..3000, 1..30)) {
        let (layout, chunks) = live(seed, 600);
        let whole = detect(&layout, chunks.iter().map(|timed| &timed.chunk));
        let pieces = detect(&layout, &recut(&layout, &chunks, &sizes));
        prop_assert_eq!(whole, pieces);
    }
}

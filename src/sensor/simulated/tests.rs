//! The simulated sensor against what was put into it.

use super::*;
use crate::sensor::source::TimedChunk;

/// A sine whose phase tells the sample, for `left` seconds; some seconds are special.
#[derive(Debug)]
struct Sine {
    at: usize,
    seconds: usize,
    link_down: std::ops::Range<usize>,
    lead_off: std::ops::Range<usize>,
    marker: usize,
}

fn sine(seconds: usize) -> Sine {
    Sine { at: 0, seconds, link_down: 0..0, lead_off: 0..0, marker: usize::MAX }
}

fn emg_uv(index: usize) -> f32 {
    (index % 5000) as f32 * 0.1
}

impl SecondSource for Sine {
    fn next_second(&mut self, out: &mut Second) -> bool {
        if self.at == self.seconds {
            return false;
        }
        out.emg_uv.clear();
        out.emg_uv.extend((self.at * 1000..(self.at + 1) * 1000).flat_map(|n| [emg_uv(n), -emg_uv(n)]));
        out.acc_g.clear();
        out.acc_g.extend((0..100).flat_map(|_| [0.0, 0.0, 1.0]));
        out.link_down = self.link_down.contains(&self.at);
        out.lead_off = self.lead_off.contains(&self.at);
        out.marker = self.marker == self.at;
        self.at += 1;
        true
    }
}

fn options(faults: LinkFaults) -> SimulatedOptions {
    SimulatedOptions {
        id: "simulated".to_owned(),
        start_at: UtcMicros(1_763_777_643_000_000),
        pace: Pace::AsFastAsPossible,
        faults,
        seed: 11,
        battery_pct: 90,
    }
}

fn source(night: Sine, options: &SimulatedOptions) -> SimulatedSource {
    SimulatedSource::new(&Profile::leg_sensor().unwrap(), Box::new(night), options.clone()).unwrap()
}

async fn play(night: Sine, options: &SimulatedOptions) -> Vec<SourceItem> {
    let mut source = source(night, options);
    let mut items = Vec::new();
    while let Some(item) = source.next().await.unwrap() {
        items.push(item);
    }
    items
}

fn chunks(items: &[SourceItem]) -> impl Iterator<Item = &TimedChunk> {
    items.iter().flat_map(|item| &item.chunks)
}

#[tokio::test]
async fn a_perfect_link_gives_every_sample_at_its_time() {
    let options = options(LinkFaults::default());
    let items = play(sine(30), &options).await;
    let mut next = 0;
    for timed in chunks(&items) {
        assert_eq!(timed.chunk.emg_first, next);
        for (at, pair) in timed.chunk.emg.chunks(2).enumerate() {
            let expected = (emg_uv(next as usize + at) * 10.0).round() as i16;
            assert_eq!(pair, [expected, -expected]);
        }
        assert_eq!(timed.chunk.acc[..3], [0, 0, 4096]);
        assert_eq!(timed.start_at, options.start_at.plus_micros(next as i64 * 1000 + 10_000));
        next += timed.chunk.emg_len(2);
    }
    assert_eq!(next, 30_000);
    let status = items.last().unwrap().status.unwrap();
    assert_eq!((status.battery_pct, status.contact, status.counters.decoded), (Some(90), true, 600));
}

#[tokio::test]
async fn a_bad_link_loses_counts_and_never_lies() {
    let faults = LinkFaults {
        loss: 0.05,
        reorder: 0.02,
        duplicate: 0.02,
        corrupt: 0.02,
        drift_ppm: 200.0,
        jitter_ms: 50.0,
        stall: 0.01,
        ..LinkFaults::default()
    };
    let options = options(faults);
    let items = play(sine(1200), &options).await;
    let mut end = 0;
    for timed in chunks(&items) {
        assert!(timed.chunk.emg_first >= end);
        for (at, pair) in timed.chunk.emg.chunks(2).enumerate() {
            let expected = (emg_uv(timed.chunk.emg_first as usize + at) * 10.0).round() as i16;
            assert_eq!(pair, [expected, -expected]);
        }
        end = timed.chunk.emg_first + timed.chunk.emg_len(2);
        if timed.chunk.emg_first > 2000 {
            let truth = options.true_utc(timed.chunk.emg_first as f64 / 1000.0).plus_micros(10_000);
            assert!(timed.start_at.seconds_since(truth).abs() < 0.05, "{timed:?}");
        }
    }
    let counters = items.last().unwrap().status.unwrap().counters;
    let given: u64 = chunks(&items).map(|timed| timed.chunk.emg_len(2)).sum();
    assert_eq!(given + counters.samples_lost, end);
    assert_eq!(counters.restarts, 0);
    assert!(counters.duplicate > 100 && counters.reordered > 100 && counters.frames_lost > 1000, "{counters:?}");
    let bad = counters.malformed;
    assert!(bad.wrong_version > 50 && bad.wrong_counter > 50 && bad.length_mismatch > 50, "{counters:?}");
    assert!(given > 1_080_000, "{given}");
}

#[tokio::test]
async fn a_drop_out_is_seen_as_time_without_samples() {
    let night = Sine { link_down: 10..70, ..sine(100) };
    let items = play(night, &options(LinkFaults::bedroom())).await;
    let silent = items.iter().filter(|item| item.chunks.is_empty()).count();
    assert!((58..=61).contains(&silent), "{silent}");
    assert!(items.windows(2).all(|pair| pair[0].now < pair[1].now));
    let starts: Vec<u64> = chunks(&items).map(|timed| timed.chunk.emg_first).collect();
    assert!(starts.contains(&70_000));
}

#[tokio::test]
async fn lead_off_and_marker_travel_in_the_frames() {
    let night = Sine { lead_off: 5..8, marker: 12, ..sine(20) };
    let items = play(night, &options(LinkFaults::default())).await;
    let off: Vec<u64> = chunks(&items).filter(|t| t.chunk.lead_off).map(|t| t.chunk.emg_first).collect();
    assert_eq!((off.first(), off.iter().all(|first| (5000..8000).contains(first))), (Some(&5000), true));
    let marked: Vec<u64> = chunks(&items).filter(|t| t.chunk.marker).map(|t| t.chunk.emg_first).collect();
    assert_eq!(marked, [12_000]);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_stream_at_any_pace() {
    let mut options = options(LinkFaults::bedroom());
    let samples = |items: &[SourceItem]| -> Vec<(u64, i16)> {
        let of = |timed: &TimedChunk| {
            let first = timed.chunk.emg_first;
            timed.chunk.emg.chunks(2).zip(first..).map(|(pair, n)| (n, pair[0])).collect::<Vec<_>>()
        };
        chunks(items).flat_map(of).collect()
    };
    let fast = samples(&play(sine(60), &options).await);
    options.pace = Pace::Realtime { speed: 300.0 };
    let began = std::time::Instant::now();
    assert_eq!(samples(&play(sine(60), &options).await), fast);
    assert!(began.elapsed().as_millis() >= 199);
}

#[tokio::test]
async fn a_second_of_another_size_is_refused_by_name() {
    #[derive(Debug)]
    struct Empty;
    impl SecondSource for Empty {
        fn next_second(&mut self, _: &mut Second) -> bool {
            true
        }
    }
    let profile = Profile::leg_sensor().unwrap();
    let mut source = SimulatedSource::new(&profile, Box::new(Empty), options(LinkFaults::default())).unwrap();
    let message = source.next().await.unwrap_err().to_string();
    assert!(message.contains("0 EMG values, expected 2000"), "{message}");
}

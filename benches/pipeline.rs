//! How fast the parts of the way of the data are: `cargo bench --bench pipeline`.
//!
//! In every benchmark an element is a second of the reference sensor's signal (2 x 1000 Hz EMG, 3 x 100 Hz acceleration),
//! so criterion's `elem/s` is "times real time", and a night of 8 h is 28,800 elements. But for the stages of the detector
//! (`stage`): there an element of the conditioner is a sample of all channels, of the others a window, so that criterion's
//! time over elements is ns a sample and µs a window.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use crampwatch::chunk::{Chunk, StreamLayout};
use crampwatch::detect::{Detector, EpisodeMachine, MachineInput, Model, Output, Packed};
use crampwatch::recording::{ChannelChoice, EdfStream, NightRecorder};
use crampwatch::sensor::{Frame, FrameHeader, encode_frame};
use crampwatch::signal::{Conditioner, FeatureExtractor, FeatureRow, Quarter};
use crampwatch::simulate::{CrampCount, Digitiser, Night, NightOptions, Person, Second};
use crampwatch::units::UtcMicros;
use criterion::{Criterion, Throughput};

/// Length of the night that is played.
const NIGHT_S: u32 = 600;
/// The simulator makes cramps and walks at known times; a minute of it is enough to be typical and quick.
const SIMULATED_S: u32 = 60;
/// Samples per EMG channel and per axis in a frame of the reference sensor.
const FRAME_SAMPLES: (usize, usize) = (50, 5);
const START: UtcMicros = UtcMicros(1_763_758_800_000_000);

fn main() -> anyhow::Result<()> {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let (layout, chunks) = night();
    detector(&mut criterion, &layout, &chunks)?;
    conditioner(&mut criterion, &layout, &chunks)?;
    stages(&mut criterion, &layout, &chunks)?;
    frames(&mut criterion, &chunks)?;
    edf(&mut criterion, &layout, &chunks)?;
    simulator(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// Ten minutes with two cramps, as the decoder would give them.
fn night() -> (StreamLayout, Vec<Chunk>) {
    let options = NightOptions { duration_s: NIGHT_S, cramps: CrampCount::Exactly(2), ..NightOptions::default() };
    let mut night = Night::new(&Person::random(1), &options, 1);
    let mut digitiser = Digitiser::new(&options);
    let mut second = Second::default();
    let mut chunks = Vec::new();
    while night.next_second(&mut second) {
        chunks.extend(digitiser.chunk(&second));
    }
    (digitiser.layout().clone(), chunks)
}

/// Chunks to episodes: filters, baseline, features, classifier, episode machine.
fn detector(criterion: &mut Criterion, layout: &StreamLayout, chunks: &[Chunk]) -> anyhow::Result<()> {
    let model = Arc::new(Model::built_in().context("the built-in model")?);
    // Once outside the measurement, so that a detector that refuses the stream is an error and not a fast benchmark.
    Detector::new(layout, model.clone()).context("a detector for the reference sensor")?;
    let mut group = criterion.benchmark_group("detector");
    group.throughput(Throughput::Elements(u64::from(NIGHT_S)));
    group.bench_function("ten_minutes", |bencher| {
        bencher.iter(|| {
            let mut hops = 0_u32;
            if let Ok(mut detector) = Detector::new(layout, model.clone()) {
                for chunk in chunks {
                    detector.push(chunk, |output| hops += u32::from(matches!(output, Output::Hop(_))));
                }
                detector.finish(|_| {});
            }
            hops
        });
    });
    group.finish();
    Ok(())
}

/// Chunks to quarter-second sums: the filters, which are most of the work.
fn conditioner(criterion: &mut Criterion, layout: &StreamLayout, chunks: &[Chunk]) -> anyhow::Result<()> {
    Conditioner::new(layout).context("a conditioner for the reference sensor")?;
    let mut group = criterion.benchmark_group("conditioner");
    group.throughput(Throughput::Elements(u64::from(NIGHT_S)));
    group.bench_function("ten_minutes", |bencher| {
        bencher.iter(|| {
            let mut power_uv2 = 0.0;
            if let Ok(mut conditioner) = Conditioner::new(layout) {
                for chunk in chunks {
                    conditioner.push(chunk, |quarter| power_uv2 += quarter.emg[0].power_uv2);
                }
            }
            power_uv2
        });
    });
    group.finish();
    Ok(())
}

/// The detector's stages one by one, each on what the one before it gave.
fn stages(criterion: &mut Criterion, layout: &StreamLayout, chunks: &[Chunk]) -> anyhow::Result<()> {
    let (mut quarters, mut rows) = (Vec::new(), Vec::new());
    let mut conditioner = Conditioner::new(layout)?;
    let mut extractor = FeatureExtractor::new(layout);
    for chunk in chunks {
        conditioner.push(chunk, |quarter| {
            rows.push(extractor.push(&quarter));
            quarters.push(quarter);
        });
    }
    let model = Model::built_in().context("the built-in model")?;
    let parts = [false, true].map(|with_motion| Packed::of(model.part(with_motion)));
    let active: Vec<&FeatureRow> = rows.iter().filter(|row| row.valid && row.active).collect();
    anyhow::ensure!(active.len() > 100, "{} windows in which something happens", active.len());
    let inputs: Vec<MachineInput> = rows
        .iter()
        .map(|row| MachineInput {
            quarter: row.quarter,
            probability: row.valid.then_some(if row.active { 0.9 } else { 0.0 }),
            active_since: row.active_since,
        })
        .collect();

    let mut group = criterion.benchmark_group("stage");
    group.throughput(Throughput::Elements(u64::from(NIGHT_S) * 1000));
    group.bench_function("conditioner, a sample", |bencher| {
        bencher.iter(|| {
            let mut power_uv2 = 0.0;
            if let Ok(mut conditioner) = Conditioner::new(layout) {
                let add = &mut |quarter: Quarter| power_uv2 += quarter.emg[0].power_uv2;
                chunks.iter().for_each(|chunk| conditioner.push(chunk, &mut *add));
            }
            power_uv2
        });
    });
    group.throughput(Throughput::Elements(quarters.len() as u64));
    group.bench_function("features, a window", |bencher| {
        bencher.iter(|| {
            let mut extractor = FeatureExtractor::new(layout);
            quarters.iter().map(|quarter| extractor.push(quarter).ratio).sum::<f64>()
        });
    });
    group.throughput(Throughput::Elements(active.len() as u64));
    group.bench_function("classifier, a window in which something happens", |bencher| {
        bencher
            .iter(|| active.iter().map(|row| parts[usize::from(row.has_motion)].probability(&row.values)).sum::<f64>());
    });
    group.throughput(Throughput::Elements(inputs.len() as u64));
    group.bench_function("episode machine, a window", |bencher| {
        bencher.iter(|| {
            let mut machine = EpisodeMachine::new(model.thresholds);
            let mut events = 0_u32;
            inputs.iter().for_each(|input| machine.step(*input, |_| events += 1));
            events
        });
    });
    group.finish();
    Ok(())
}

/// Bytes of notifications to samples.
fn frames(criterion: &mut Criterion, chunks: &[Chunk]) -> anyhow::Result<()> {
    let frames = encode(chunks)?;
    let mut group = criterion.benchmark_group("frame");
    group.throughput(Throughput::Elements(chunks.len() as u64));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let mut sum = 0_i64;
            for bytes in &frames {
                if let Ok(frame) = Frame::decode(black_box(bytes)) {
                    sum += frame.emg().chain(frame.acc()).map(i64::from).sum::<i64>();
                }
            }
            sum
        });
    });
    group.finish();
    Ok(())
}

/// The frames that carry the chunks.
fn encode(chunks: &[Chunk]) -> anyhow::Result<Vec<Vec<u8>>> {
    let (emg_samples, acc_samples) = FRAME_SAMPLES;
    let mut frames = Vec::new();
    for chunk in chunks {
        for (index, (emg, acc)) in chunk.emg.chunks(2 * emg_samples).zip(chunk.acc.chunks(3 * acc_samples)).enumerate()
        {
            let header = FrameHeader {
                sequence: frames.len() as u16,
                emg_first: (chunk.emg_first as usize + index * emg_samples) as u32,
                acc_first: (chunk.acc_first as usize + index * acc_samples) as u16,
                ..FrameHeader::default()
            };
            let mut bytes = Vec::new();
            encode_frame(&header, 2, emg, acc, &mut bytes).context("a frame of the reference sensor")?;
            frames.push(bytes);
        }
    }
    Ok(frames)
}

/// An EDF+ file to chunks, and chunks to an EDF+ file.
fn edf(criterion: &mut Criterion, layout: &StreamLayout, chunks: &[Chunk]) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let path = record(folder.path(), layout, chunks)?;
    let mut group = criterion.benchmark_group("edf");
    group.throughput(Throughput::Elements(u64::from(NIGHT_S)));
    group.bench_function("read", |bencher| bencher.iter(|| read(&path).unwrap_or(0)));
    group.bench_function("write", |bencher| {
        bencher
            .iter_with_large_drop(|| tempfile::tempdir().map(|folder| (record(folder.path(), layout, chunks), folder)));
    });
    group.finish();
    anyhow::ensure!(read(&path)? == u64::from(NIGHT_S) * 1000, "the recording does not hold the whole night");
    Ok(())
}

fn record(folder: &Path, layout: &StreamLayout, chunks: &[Chunk]) -> anyhow::Result<PathBuf> {
    let mut recorder = NightRecorder::new(folder, "bench", layout.clone())?;
    for chunk in chunks {
        recorder.push(chunk, START.plus_micros(layout.emg.rate.micros_of(chunk.emg_first) as i64))?;
    }
    let path = recorder.current().context("a segment under way")?.path;
    recorder.finish()?;
    Ok(path)
}

fn read(path: &Path) -> anyhow::Result<u64> {
    let mut stream = EdfStream::open(path, &ChannelChoice::default())?;
    let mut chunks = Vec::new();
    let mut samples = 0;
    while stream.next_chunks(&mut chunks)? {
        samples += chunks.drain(..).map(|chunk| chunk.emg_len(2)).sum::<u64>();
    }
    Ok(samples)
}

/// A minute of a simulated night.
fn simulator(criterion: &mut Criterion) {
    let options = NightOptions { duration_s: SIMULATED_S, cramps: CrampCount::Exactly(1), ..NightOptions::default() };
    let person = Person::random(1);
    let mut group = criterion.benchmark_group("simulator");
    group.throughput(Throughput::Elements(u64::from(SIMULATED_S)));
    group.bench_function("one_minute", |bencher| {
        bencher.iter(|| {
            let mut night = Night::new(&person, &options, 1);
            let mut second = Second::default();
            let mut samples = 0;
            while night.next_second(&mut second) {
                samples += second.emg_uv.len();
            }
            samples
        });
    });
    group.finish();
}

//! `crampwatch simulate`: nights with known cramps as EDF+ files, the truth in their annotations.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use indicatif::ProgressBar;

use super::{UsageError, output};
use crate::chunk::{ChannelScale, Chunk, Group, StreamLayout};
use crate::recording::edf::{
    Annotation, EdfSetup, EdfSignal, EdfWriter, GAP_TEXT, LEAD_OFF_TEXT, MARKER_TEXT, RecordDuration,
};
use crate::simulate::{CrampCount, Digitiser, EventKind, Night, NightOptions, Person, Second};
use crate::units::UtcMicros;

/// 22:00 UTC on 1 January 2025; each further night begins a day later, so that the same command gives the same bytes.
const FIRST_NIGHT: UtcMicros = UtcMicros(1_735_768_800_000_000);
const DAY_MICROS: i64 = 86_400_000_000;
/// The grid of acceleration (1/4096 g) within ends that an EDF header can write exactly.
const ACC_G: ChannelScale =
    ChannelScale { physical_min: -7.96875, physical_max: 7.96875, digital_min: -32640, digital_max: 32640 };
/// The progress bar moves once in this many simulated seconds.
const TELL_EVERY_S: u32 = 60;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch simulate --out nights --nights 3
  crampwatch simulate --out nights --people 8 --hours 2 --cramps 4
  crampwatch simulate --out emg-only --rate-hz 250 --channels 1 --no-acceleration

Night 2 of person 7 is p7_n2.edf: EDF+ with EMG in uV and acceleration in g. Annotations hold
the truth (cramp, turn, walk, stretch, ... with onset and duration) and, as in a recorded
night, Gap, Lead off and Marker. The same seed and options give the same file. `train` and
`evaluate` read such files.")]
pub(super) struct SimulateArguments {
    /// Folder for the files; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Nights of each person.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    nights: u32,
    /// Simulated people; each has the next seed.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    people: u32,
    /// Seed of the first person: a whole number.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=1_000_000_000_000))]
    seed: u64,
    /// Hours of each night, 0.02 to 96.
    #[arg(long, default_value_t = 8.0, value_parser = number_within::<20, 96_000>)]
    hours: f64,
    /// EMG rate in Hz: 250, 500, 1000 or 2000.
    #[arg(long, default_value = "1000", value_parser = ["250", "500", "1000", "2000"])]
    rate_hz: String,
    /// EMG channels: 1 (medial head) or 2 (medial and lateral head).
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=2))]
    channels: u32,
    /// A sensor without acceleration.
    #[arg(long)]
    no_acceleration: bool,
    /// Cramps in each night, as far as there is room; default: by the person's own rate.
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=50))]
    cramps: Option<u32>,
    /// Factor on the rates of everything that is no cramp, 0 to 100.
    #[arg(long, default_value_t = 1.0, value_parser = number_within::<0, 100_000>)]
    density: f64,
    /// Neither a drop-out of the link nor a loose electrode.
    #[arg(long)]
    no_faults: bool,
    /// Replace files that are there.
    #[arg(long)]
    force: bool,
}

/// A decimal number within bounds that are given in thousandths.
fn number_within<const FROM: u32, const TO: u32>(text: &str) -> Result<f64, String> {
    let (from, to) = (f64::from(FROM) / 1e3, f64::from(TO) / 1e3);
    let number = text.parse().ok().filter(|number| (from..=to).contains(number));
    number.ok_or_else(|| format!("expected a number from {from} to {to}"))
}

/// One file to make.
#[derive(Debug)]
struct Job {
    path: PathBuf,
    person_seed: u64,
    /// From 1.
    night: u32,
}

pub(super) fn run(arguments: &SimulateArguments) -> anyhow::Result<ExitCode> {
    let options = options(arguments);
    let jobs: Vec<Job> = (0..u64::from(arguments.people))
        .flat_map(|person| (1..=arguments.nights).map(move |night| (arguments.seed + person, night)))
        .map(|(person_seed, night)| {
            let path = arguments.out.join(format!("p{person_seed}_n{night}.edf"));
            Job { path, person_seed, night }
        })
        .collect();
    if let Some(job) = jobs.iter().find(|job| !arguments.force && job.path.exists()) {
        let message =
            format!("{} is there already: add --force to replace it, or choose another --out", job.path.display());
        return Err(UsageError(message).into());
    }
    fs::create_dir_all(&arguments.out)
        .with_context(|| format!("cannot make {}: choose a folder that can be written", arguments.out.display()))?;
    let bar = output::progress(2 * jobs.len() as u64 * u64::from(options.duration_s) / 60, "simulated minutes");
    let outcome = make_all(&jobs, &options, &Progress { bar: &bar, seconds: AtomicUsize::new(0) });
    bar.finish_and_clear();
    let mut text = String::new();
    for (job, n_cramps) in jobs.iter().zip(outcome?) {
        let cramps = if n_cramps == 1 { "1 cramp".to_owned() } else { format!("{n_cramps} cramps") };
        text.push_str(&format!("{}  {} s, {cramps}\n", job.path.display(), options.duration_s));
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn options(arguments: &SimulateArguments) -> NightOptions {
    let default = NightOptions::default();
    NightOptions {
        duration_s: (arguments.hours * 3600.0).round() as u32,
        // The parser lets only whole rates through.
        emg_rate_hz: arguments.rate_hz.parse().unwrap_or(default.emg_rate_hz),
        emg_channels: arguments.channels,
        acc_rate_hz: default.acc_rate_hz.filter(|_| !arguments.no_acceleration),
        cramps: arguments.cramps.map_or(CrampCount::Rate, CrampCount::Exactly),
        density: arguments.density,
        drop_out: !arguments.no_faults,
        loose_electrode: !arguments.no_faults,
    }
    .clamped()
}

#[derive(Debug)]
struct Progress<'a> {
    bar: &'a ProgressBar,
    seconds: AtomicUsize,
}

impl Progress<'_> {
    fn second_made(&self, second: u32) {
        if second.is_multiple_of(TELL_EVERY_S) {
            let seconds = self.seconds.fetch_add(TELL_EVERY_S as usize, Ordering::Relaxed) as u64;
            self.bar.set_position(seconds / 60);
        }
    }
}

/// Makes the files on all cores; the number of cramps of each, in order. The first error stops all.
fn make_all(jobs: &[Job], options: &NightOptions, progress: &Progress<'_>) -> anyhow::Result<Vec<usize>> {
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<Vec<(usize, usize)>> {
        let mut mine = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { return Ok(mine) };
            let made = make(job, options, progress);
            // The other workers see that there is nothing left to do.
            made.as_ref().inspect_err(|_| next.store(jobs.len(), Ordering::Relaxed)).ok();
            mine.push((index, made?));
        }
    };
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let parts: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut counts = vec![0; jobs.len()];
    for part in parts {
        for (index, n_cramps) in
            part.map_err(|_| anyhow::anyhow!("a worker stopped by a defect; please report it"))??
        {
            counts[index] = n_cramps;
        }
    }
    Ok(counts)
}

/// Makes one file: under another name first, so that a kill leaves no half night. Twice the same night: its cramps are
/// known only after the last second, and their annotations belong to the records in which they begin.
fn make(job: &Job, options: &NightOptions, progress: &Progress<'_>) -> anyhow::Result<usize> {
    let night = || {
        let person = Person::random(job.person_seed);
        Night::new(&person, options, job.person_seed * 1000 + u64::from(job.night) - 1)
    };
    let annotations = annotations(night(), progress);
    let part = job.path.with_extension("part");
    let written = write(&part, job, options, night(), &annotations, progress)
        .and_then(|()| fs::rename(&part, &job.path).map_err(anyhow::Error::from));
    if written.is_err() {
        // The error that stopped the writing is the one to tell.
        let _ = fs::remove_file(&part);
    }
    written.with_context(|| {
        format!("cannot write {}: choose a folder with room that can be written", job.path.display())
    })?;
    Ok(annotations.iter().filter(|note| note.text == EventKind::Cramp.name()).count())
}

/// Truth and faults of a night in the order of onset.
fn annotations(mut night: Night, progress: &Progress<'_>) -> Vec<Annotation> {
    let mut notes: Vec<Annotation> = Vec::new();
    let mut open: [Option<u32>; 2] = [None, None];
    let mut second = Second::default();
    let mut at = 0;
    let mut go_on = true;
    while go_on {
        go_on = night.next_second(&mut second);
        // A receiver that hears nothing knows nothing of electrodes.
        let states = [go_on && second.link_down, go_on && second.lead_off && !second.link_down];
        for ((begun, state), text) in open.iter_mut().zip(states).zip([GAP_TEXT, LEAD_OFF_TEXT]) {
            match (*begun, state) {
                (None, true) => *begun = Some(at),
                (Some(from), false) => {
                    notes.push(note(f64::from(from), Some(f64::from(at - from)), text));
                    *begun = None;
                }
                _ => {}
            }
        }
        if go_on && second.marker && !second.link_down {
            notes.push(note(f64::from(at), None, MARKER_TEXT));
        }
        at += 1;
        progress.second_made(at);
    }
    let truth = night.truth().iter();
    notes.extend(
        truth.map(|event| note(event.onset_s, Some((event.end_s - event.onset_s).max(0.0)), event.kind.name())),
    );
    notes.sort_by(|one, other| one.onset_s.total_cmp(&other.onset_s));
    notes
}

fn note(onset_s: f64, duration_s: Option<f64>, text: &str) -> Annotation {
    Annotation { onset_s, duration_s, text: text.to_owned() }
}

fn write(
    path: &Path,
    job: &Job,
    options: &NightOptions,
    mut night: Night,
    annotations: &[Annotation],
    progress: &Progress<'_>,
) -> anyhow::Result<()> {
    let mut digitiser = Digitiser::new(options);
    let layout = digitiser.layout().clone();
    let setup = setup(job, &layout);
    let mut record: Vec<Vec<i16>> = setup.signals.iter().map(|signal| vec![0; signal.samples_per_record]).collect();
    let mut writer = EdfWriter::new(BufWriter::with_capacity(1 << 20, File::create(path)?), setup)?;
    let mut waiting = annotations.iter().peekable();
    let mut second = Second::default();
    let mut at = 0;
    while night.next_second(&mut second) {
        let is_last = at + 1 == options.duration_s;
        while let Some(note) = waiting.next_if(|note| is_last || note.onset_s < f64::from(at + 1)) {
            writer.annotate(note)?;
        }
        fill(&mut record, &layout, digitiser.chunk(&second).as_ref());
        writer.write_record(&record)?;
        at += 1;
        progress.second_made(at);
    }
    let file = writer.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(())
}

/// One second as a record of the file. What the link lost is filled as the recorder does: EMG zero, acceleration held.
fn fill(record: &mut [Vec<i16>], layout: &StreamLayout, chunk: Option<&Chunk>) {
    let n_emg = layout.emg.channels.len();
    let (emg, acc) = record.split_at_mut(n_emg);
    for (channel, samples) in emg.iter_mut().enumerate() {
        match chunk {
            Some(chunk) => {
                let values = chunk.emg.iter().skip(channel).step_by(n_emg);
                samples.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
            }
            None => samples.fill(layout.emg.channels[channel].scale.quantise(0.0)),
        }
    }
    for (axis, samples) in acc.iter_mut().enumerate() {
        match chunk {
            Some(chunk) => {
                let values = chunk.acc.iter().skip(axis).step_by(3);
                samples
                    .iter_mut()
                    .zip(values)
                    .for_each(|(to, from)| *to = (*from).clamp(ACC_G.digital_min, ACC_G.digital_max));
            }
            None => {
                let held = samples.last().copied().unwrap_or(0);
                samples.fill(held);
            }
        }
    }
}

/// Records of one second; all rates are whole.
fn setup(job: &Job, layout: &StreamLayout) -> EdfSetup {
    let mut signals = Vec::new();
    let mut add = |group: &Group, unit: &str, scale: ChannelScale| {
        signals.extend(group.channels.iter().map(|channel| EdfSignal {
            label: channel.label.clone(),
            transducer: "simulated".to_owned(),
            unit: unit.to_owned(),
            scale,
            prefilter: String::new(),
            samples_per_record: group.rate.samples() as usize,
        }));
    };
    add(&layout.emg, "uV", ChannelScale::EMG_UV);
    if let Some(acc) = &layout.acc {
        add(acc, "g", ACC_G);
    }
    let started_at = FIRST_NIGHT.plus_micros(i64::from(job.night - 1) * DAY_MICROS);
    let mut setup = EdfSetup::new(started_at, RecordDuration::seconds(1), signals);
    setup.patient = format!("p{} X X X", job.person_seed);
    setup.recording = "X X Crampwatch_simulation UTC".to_owned();
    setup
}

//! `crampwatch score`: the episodes of recordings, streamed, several files at a time.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use indicatif::ProgressBar;

use super::score_text::{self, Recording, ScoredEpisode};
use super::{UsageError, output};
use crate::chunk::Chunk;
use crate::detect::{Detector, Model, Output};
use crate::recording::{ChannelChoice, EdfStream};

/// No model file is as large as this.
const MAX_MODEL_BYTES: u64 = 64 << 20;
/// The detector judges windows of this length.
const WINDOW_S: f64 = 1.0;
/// A progress bar appears only where one waits.
const SHOW_PROGRESS_AFTER: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch score night.edf
  crampwatch score nights/*.edf --format csv > episodes.csv
  crampwatch score trial.edf --emg 'EMG TA',Soleus --acc AccX,AccY,AccZ --format json

Times are seconds (in the table h:mm:ss) from the start of each recording. EMG from 200 to
4000 Hz in uV, mV or V; acceleration is optional, 10 to 400 Hz in g, mg or m/s2. The first
60 s of signal teach the detector what is quiet. A file that cannot be read is named on
standard error, the others are still scored, and the exit code is 1.")]
pub(super) struct ScoreArguments {
    /// EDF or EDF+ files with leg EMG.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Label of an EMG channel, one to four (repeat it or use commas); default: labels that begin with EMG.
    #[arg(long, value_name = "LABEL", value_delimiter = ',')]
    emg: Vec<String>,
    /// Labels of the acceleration channels; default: labels that begin with ACC and end with X, Y, Z.
    #[arg(long, value_name = "X,Y,Z", value_parser = three_labels)]
    acc: Option<Axes>,
    /// A model.json or the folder that holds it; none: the built-in model.
    #[arg(long, value_name = "PATH")]
    model: Option<PathBuf>,
    /// Also count leg movements and the index of periodic ones by the rules of WASM 2016 and of the AASM (table and JSON).
    #[arg(long)]
    leg_movements: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text for people.
    Table,
    /// One object with all recordings.
    Json,
    /// A line for each episode; a recording without episodes has one line with empty episode fields.
    Csv,
}

/// Labels of X, Y and Z.
#[derive(Debug, Clone)]
struct Axes([String; 3]);

/// How each file is scored.
#[derive(Debug)]
struct How {
    choice: ChannelChoice,
    model: Arc<Model>,
    leg_movements: bool,
}

fn three_labels(text: &str) -> Result<Axes, String> {
    let labels: Vec<String> = text.split(',').map(|label| label.trim().to_owned()).collect();
    let found = labels.len();
    let axes = <[String; 3]>::try_from(labels).ok().filter(|axes| axes.iter().all(|label| !label.is_empty()));
    axes.map(Axes).ok_or_else(|| format!("found {found} labels, expected three with commas, such as AccX,AccY,AccZ"))
}

pub(super) fn run(arguments: &ScoreArguments) -> anyhow::Result<ExitCode> {
    if arguments.emg.len() > 4 || arguments.emg.iter().any(|label| label.trim().is_empty()) {
        let message = format!("--emg {}: expected one to four labels", arguments.emg.join(","));
        return Err(UsageError(message).into());
    }
    let how = How {
        choice: ChannelChoice {
            emg: arguments.emg.clone(),
            acc: arguments.acc.as_ref().map(|Axes(labels)| labels.clone()),
        },
        model: Arc::new(load_model(arguments.model.as_deref())?),
        leg_movements: arguments.leg_movements,
    };
    let progress = LateProgress::new(&arguments.files);
    let results = score_all(&arguments.files, &how, &progress);
    progress.clear();

    let mut recordings = Vec::new();
    let mut code = ExitCode::SUCCESS;
    for result in results {
        match result {
            Ok(recording) => recordings.push(recording),
            Err(error) => {
                output::complain(&error);
                code = ExitCode::FAILURE;
            }
        }
    }
    if arguments.format != Format::Table {
        for (recording, note) in recordings.iter().flat_map(|r| r.notes.iter().map(move |note| (r, note))) {
            tracing::warn!("{}: {note}", recording.file);
        }
    }
    output::print(&match arguments.format {
        Format::Table => score_text::table(&recordings),
        Format::Json => score_text::json(&recordings)?,
        Format::Csv => score_text::csv(&recordings),
    })?;
    Ok(code)
}

/// A model file, or a folder with `model.json`; without a path the built-in model.
pub(super) fn load_model(path: Option<&Path>) -> anyhow::Result<Model> {
    let Some(path) = path else { return Model::built_in().context("the built-in model is damaged") };
    let path = if path.is_dir() { path.join("model.json") } else { path.to_owned() };
    let mut text = String::new();
    let file = File::open(&path).with_context(|| {
        format!(
            "cannot open the model {}: give a model.json written by `crampwatch train`, or its folder",
            path.display()
        )
    })?;
    let n_bytes = file.take(MAX_MODEL_BYTES + 1).read_to_string(&mut text);
    let n_bytes = n_bytes.with_context(|| format!("cannot read the model {}: expected JSON text", path.display()))?;
    if n_bytes as u64 > MAX_MODEL_BYTES {
        bail!("the model {} is larger than {MAX_MODEL_BYTES} bytes: no model is; check the path", path.display());
    }
    Model::from_json(&text).with_context(|| format!("cannot use the model {}", path.display()))
}

/// Results in the order of `files`, made on all cores.
fn score_all(files: &[PathBuf], how: &How, progress: &LateProgress) -> Vec<anyhow::Result<Recording>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        while let Some((index, path)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, files.get(i)?)))
        {
            mine.push((index, score_file(path, how, progress)));
        }
        mine
    };
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let mut results: Vec<Option<anyhow::Result<Recording>>> = files.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        for (index, result) in workers.into_iter().filter_map(|worker| worker.join().ok()).flatten() {
            results[index] = Some(result);
        }
    });
    let defect =
        |path: &PathBuf| anyhow::anyhow!("{}: scoring stopped by a defect; please report this file", path.display());
    let results = results.into_iter().zip(files);
    results.map(|(result, path)| result.unwrap_or_else(|| Err(defect(path)))).collect()
}

fn score_file(path: &Path, how: &How, progress: &LateProgress) -> anyhow::Result<Recording> {
    if path.is_dir() {
        bail!(
            "{}: found a folder, expected an EDF file; name its files, such as {}/*.edf",
            path.display(),
            path.display()
        );
    }
    let mut stream = EdfStream::open(path, &how.choice)?;
    let detector = Detector::new(stream.layout(), Arc::clone(&how.model));
    let mut detector = detector.with_context(|| path.display().to_string())?;
    if how.leg_movements {
        detector.score_leg_movements();
    }
    let duration_s = stream.duration_s();
    let mut found = Found::default();
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut share = Share { n_bytes: std::fs::metadata(path).map_or(0, |file| file.len()), ..Share::default() };
    while stream.next_chunks(&mut chunks)? {
        for chunk in chunks.drain(..) {
            detector.push(&chunk, |output| found.take(output));
        }
        share.go_on(detector.coverage().elapsed_s() / duration_s.max(1e-9), progress);
    }
    // A recording that ends in a gap says so only by its length.
    let last_quarter = (duration_s * 4.0).floor();
    if detector.coverage().elapsed_s() * 4.0 < last_quarter {
        found.trailing_gap = Some((detector.coverage().elapsed_s(), last_quarter / 4.0));
        detector.no_data_until(last_quarter as u64, |output| found.take(output));
    }
    detector.finish(|output| found.take(output));
    if let Some((from_s, to_s)) = found.trailing_gap {
        found.add_gap(from_s, to_s);
    }
    Ok(Recording {
        file: path.display().to_string(),
        started_at: stream.started_at(),
        is_start_utc: stream.is_start_utc(),
        duration_s,
        valid_s: detector.coverage().judged_s(),
        usable_s: detector.coverage().good_s(),
        model_id: how.model.id.clone(),
        episodes: found.episodes,
        gaps: found.gaps,
        notes: stream.notes().to_vec(),
        leg_movements: detector.leg_movements(),
    })
}

/// What the detector said about one recording.
#[derive(Debug, Default)]
struct Found {
    episodes: Vec<ScoredEpisode>,
    gaps: Vec<(f64, f64)>,
    trailing_gap: Option<(f64, f64)>,
}

impl Found {
    fn take(&mut self, output: Output) {
        match output {
            Output::Gap(gap) => {
                let (from_s, to_s) = gap.seconds();
                self.add_gap(from_s, to_s);
            }
            Output::Started { onset_quarter, at_quarter, summary } => {
                let alarm_s = (at_quarter + 1) as f64 / 4.0;
                self.episodes.push(ScoredEpisode {
                    onset_s: onset_quarter as f64 / 4.0,
                    alarm_s,
                    // Until its end is known, which `finish` gives at the latest.
                    end_s: alarm_s,
                    severity: summary.severity,
                    probability: summary.probability,
                    reasons: summary.reasons,
                });
            }
            Output::Ended { end_quarter, summary, .. } => {
                if let Some(episode) = self.episodes.last_mut() {
                    episode.end_s = end_quarter as f64 / 4.0;
                    (episode.severity, episode.probability) = (summary.severity, summary.probability);
                }
            }
            Output::Hop(_) | Output::Suspected { .. } | Output::Dropped { .. } => {}
        }
    }

    /// Gaps of different reasons that touch are one to the reader, and so are those with less than a window between
    /// them, as under a loose electrode: nothing was judged there.
    fn add_gap(&mut self, from_s: f64, to_s: f64) {
        match self.gaps.last_mut() {
            Some((_, end_s)) if from_s - *end_s < WINDOW_S => *end_s = end_s.max(to_s),
            _ => self.gaps.push((from_s, to_s)),
        }
    }
}

/// Megabytes done of all files, shown once it has taken a second.
#[derive(Debug)]
struct LateProgress {
    begun: Instant,
    total_mb: u64,
    done_mb: AtomicUsize,
    bar: OnceLock<ProgressBar>,
}

impl LateProgress {
    fn new(files: &[PathBuf]) -> Self {
        let total: u64 = files.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum();
        Self { begun: Instant::now(), total_mb: total >> 20, done_mb: AtomicUsize::new(0), bar: OnceLock::new() }
    }

    fn add_mb(&self, mb: usize) {
        let done = self.done_mb.fetch_add(mb, Ordering::Relaxed) + mb;
        if self.begun.elapsed() >= SHOW_PROGRESS_AFTER {
            self.bar.get_or_init(|| output::progress(self.total_mb, "scoring, MB")).set_position(done as u64);
        }
    }

    fn clear(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// How much of one file was reported.
#[derive(Debug, Default)]
struct Share {
    n_bytes: u64,
    told_mb: usize,
}

impl Share {
    fn go_on(&mut self, share: f64, progress: &LateProgress) {
        let mb = (share.clamp(0.0, 1.0) * self.n_bytes as f64) as usize >> 20;
        if mb > self.told_mb {
            progress.add_mb(mb - self.told_mb);
            self.told_mb = mb;
        }
    }
}

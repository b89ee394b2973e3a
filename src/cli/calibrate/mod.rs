//! `crampwatch calibrate`: three minutes of rest, flex and stretch, guided in the terminal.

mod listing;
mod screen;

use std::future::Future;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::sync::mpsc;

use self::screen::Screen;
use super::output;
use super::run::runtime;
use crate::calibrate::{BEFORE, Outcome};
use crate::config::Config;
use crate::daemon::{Bench, DaemonError, SourceKind, stop_signal};
use crate::store::{DATABASE_FILE, Store};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch calibrate
  crampwatch calibrate --config /etc/crampwatch/crampwatch.toml
  crampwatch calibrate --show
  crampwatch calibrate --yes --format json

Lie down with the sensor on; the terminal says what to do: rest for a minute, point the toes three
times, pull the foot up. It stores what rest and your strongest flex are on each EMG channel of the
leg that the configuration names. The sensor serves one listener: stop the daemon meanwhile.
Pointing the toes hard can set off a cramp; Ctrl-C, or q and Enter, ends it and stores nothing. A
simulated sensor or a recording is played at its speed and stores nothing without --store.")]
pub(super) struct CalibrateArguments {
    /// Show the stored calibrations of the leg instead.
    #[arg(long, conflicts_with_all = ["yes", "store"])]
    show: bool,
    /// Begin without waiting for Enter; so it does where nobody can type.
    #[arg(long)]
    yes: bool,
    /// Store also what a simulated sensor or a recording gave.
    #[arg(long)]
    store: bool,
    /// How to write the result; with json all else goes to standard error.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The configuration file; it names the person, the leg, the sensor and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A table.
    Text,
    /// One JSON object.
    Json,
}

pub(super) fn run(arguments: &CalibrateArguments) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref())?;
    if arguments.show {
        output::print(&runtime()?.block_on(stored(&config, arguments.format))?)?;
        return Ok(ExitCode::SUCCESS);
    }
    runtime()?.block_on(calibrate(&config, arguments))
}

async fn stored(config: &Config, format: Format) -> anyhow::Result<String> {
    let folder = &config.storage.data_dir;
    let leg = config.leg.side.leg_name(&config.person.id);
    let rows = if folder.join(DATABASE_FILE).exists() {
        let store = Store::open(folder).await?;
        let rows = store.all_calibrations(&leg).await;
        store.close().await;
        rows?
    } else {
        Vec::new()
    };
    match format {
        Format::Text => Ok(listing::stored_text(&leg, &rows, &config.person.time_zone)),
        Format::Json => listing::stored_json(&leg, &rows),
    }
}

async fn calibrate(config: &Config, arguments: &CalibrateArguments) -> anyhow::Result<ExitCode> {
    let bench = Bench::open(config).await.map_err(with_remedy)?;
    let source = bench.source_kind();
    let mut screen = Screen::new(arguments.format == Format::Json);
    screen.say(&listing::greeting(config, bench.leg(), source))?;
    if source != SourceKind::Simulated {
        screen.say(&format!("\n{BEFORE}"))?;
    }
    let mut typed = typed_lines();
    if typed.is_some() && !arguments.yes && source == SourceKind::Live {
        screen.say("\nPress Enter to begin, q and Enter to leave. ")?;
        let begins = tokio::select! {
            () = stop_signal() => false,
            line = next_line(&mut typed) => !is_quit(&line),
        };
        if !begins {
            return leave(bench, &screen).await;
        }
    }
    screen.say("\n")?;
    let stop = stopped(typed);
    let mut broken = None;
    let outcome = bench.measure(stop, |view, news, link| {
        // Told after the session: what cannot be shown must not keep the sensor.
        broken = broken.take().or_else(|| screen.show(view, news, link).err());
    });
    let outcome = outcome.await;
    screen.clear();
    if let Some(error) = broken {
        return Err(error);
    }
    let calibrated = match outcome? {
        None => return leave(bench, &screen).await,
        Some(Outcome::Failed(failure)) => {
            bench.close().await;
            return Err(anyhow::Error::new(failure).context("not calibrated, nothing was stored"));
        }
        Some(Outcome::Done(calibrated)) => calibrated,
    };
    let stores = source == SourceKind::Live || arguments.store;
    if stores {
        bench.keep(&calibrated).await?;
    }
    let leg = bench.leg().to_owned();
    bench.close().await;
    output::print(&match arguments.format {
        Format::Text => listing::result_text(&leg, &calibrated, stores),
        Format::Json => listing::result_json(&leg, &calibrated, source, stores)?,
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn leave(bench: Bench, screen: &Screen) -> anyhow::Result<ExitCode> {
    bench.close().await;
    screen.say("Stopped; nothing was stored.\n")?;
    Ok(ExitCode::FAILURE)
}

fn with_remedy(error: DaemonError) -> anyhow::Error {
    if matches!(error, DaemonError::InUse { .. }) {
        let remedy = "the daemon runs and has the sensor: stop it (`systemctl stop crampwatch`, or Ctrl-C where it runs), \
                      calibrate, and start it again";
        return anyhow::Error::new(error).context(remedy);
    }
    error.into()
}

/// Lines that somebody types; `None` where nobody can.
fn typed_lines() -> Option<mpsc::Receiver<String>> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    let (sender, receiver) = mpsc::channel(4);
    // A thread of its own: a read of a terminal cannot be given up, and must not keep the program from ending.
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    Some(receiver)
}

/// The next line; never, where nobody can type any more.
async fn next_line(typed: &mut Option<mpsc::Receiver<String>>) -> String {
    if let Some(lines) = typed
        && let Some(line) = lines.recv().await
    {
        return line;
    }
    std::future::pending().await
}

fn is_quit(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "q" | "quit")
}

/// Resolves at a signal or at `q` and Enter.
fn stopped(mut typed: Option<mpsc::Receiver<String>>) -> impl Future<Output = ()> {
    let quit = async move { while !is_quit(&next_line(&mut typed).await) {} };
    async {
        tokio::select! {
            () = stop_signal() => {}
            () = quit => {}
        }
    }
}

//! `crampwatch demo`: the whole thing without hardware, broker or database.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::run::runtime;
use super::{UsageError, output};
use crate::clock::night_of;
use crate::config::Config;
use crate::daemon::{BrokerPort, Daemon, DaemonSettings, LegView, Play, SimulatedPlay, TimeOfEvents, stop_signal};
use crate::report::{NightSummary, TrueEvent, clock_time, watched_line};
use crate::sensor::{LinkFaults, Pace};
use crate::simulate::{EventKind, NightOptions};
use crate::units::UtcMicros;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch demo                   goes on until Ctrl-C, a night in eight minutes
  crampwatch demo --once            one night as fast as it goes, then its summary
  crampwatch demo --speed 1         in real time

Everything is simulated but the rest is real: bytes of sensor frames, decoder, detector, SQLite, EDF+, MQTT.")]
pub(super) struct DemoArguments {
    /// Play one night as fast as it goes, print the morning summary and end.
    #[arg(long)]
    once: bool,
    /// Times real time.
    #[arg(long, default_value_t = 60.0, conflicts_with = "once")]
    speed: f64,
    /// Folder for store and raw night; default: a new one in the temporary folder.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Seed of the simulated person and night; the built-in model has learnt from people 1 to 48.
    #[arg(long, default_value_t = 103)]
    seed: u64,
}

pub(super) fn run(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    if !(0.1..=100_000.0).contains(&arguments.speed) {
        return Err(UsageError(format!("--speed {}: expected 0.1 to 100000", arguments.speed)).into());
    }
    runtime()?.block_on(demo(arguments))
}

async fn demo(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    let mut config = Config::default();
    config.storage.data_dir = match &arguments.data_dir {
        Some(folder) => std::path::absolute(folder)?,
        None => std::env::temp_dir().join(format!("crampwatch-demo-{}", std::process::id())),
    };
    let zone = config.person.time_zone.clone();
    let base_topic = config.mqtt.base_topic.clone();
    let data_dir = config.storage.data_dir.clone();
    let truth = Arc::default();
    let pace = if arguments.once { Pace::AsFastAsPossible } else { Pace::Realtime { speed: arguments.speed } };
    let night_s = NightOptions::demo().duration_s;
    let start_at = if arguments.speed == 1.0 && !arguments.once { None } else { Some(last_evening(&zone, night_s)?) };
    let play = Play::Simulated(SimulatedPlay {
        seed: arguments.seed,
        options: NightOptions::demo(),
        faults: LinkFaults::bedroom(),
        pace,
        start_at,
        truth: Arc::clone(&truth),
    });
    let time_of_events = if play.is_real_time() { TimeOfEvents::Stream } else { TimeOfEvents::Commit };
    let settings =
        DaemonSettings { config, play, once: arguments.once, time_of_events, broker_port: BrokerPort::PreferOrFree };
    let began = Instant::now();
    let mut daemon = Daemon::start(settings).await?;
    let mut text =
        format!("Crampwatch demo: simulated person and sensor, seed {}. Not a medical device.\n", arguments.seed);
    text.push_str(&format!("  data      {}\n", data_dir.display()));
    if let Some(broker) = daemon.broker_address() {
        text.push_str(&format!(
            "  listen    mosquitto_sub -h {} -p {} -t '{base_topic}/#' -v\n",
            broker.ip(),
            broker.port()
        ));
    }
    output::print(&text)?;
    let mut shown = Shown { bar: bar(night_s), start: None, night_s, zone: zone.clone(), last_line: Instant::now() };
    let mut view = daemon.view();
    let mut nights_told = 0;
    let stop = stop_signal();
    tokio::pin!(stop);
    let stopped = loop {
        tokio::select! {
            () = &mut stop => break true,
            _ = daemon.finished(), if arguments.once => break false,
            changed = view.changed() => if changed.is_err() { break false },
        }
        let now = view.borrow_and_update().clone();
        if now.nights_over > nights_told && !arguments.once {
            nights_told = now.nights_over;
            let summary = summary(&daemon, &zone, &truth).await?;
            shown.bar.suspend(|| output::print(&format!("\n{summary}\n")))?;
            shown.start = None;
            continue;
        }
        shown.show(&now)?;
        // A terminal cannot be read faster than this, and the source must not wait for it.
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    shown.bar.finish_and_clear();
    let summary = if stopped { None } else { Some(summary(&daemon, &zone, &truth).await?) };
    let store = daemon.store().clone();
    let delivered = flush(&store).await;
    daemon.stop().await;
    if let Some(summary) = summary {
        let took_s = began.elapsed().as_secs_f64();
        let times = f64::from(night_s) / took_s;
        output::print(&format!(
            "\n{summary}\n  Played {night_s} s of night in {took_s:.1} s ({times:.0} times real time); {delivered}.\n"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Gives the broker's client time for what is in the outbox, ten seconds at most.
async fn flush(store: &crate::store::Store) -> String {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        match store.outbox_len().await {
            Ok(0) => return "every event was delivered to the broker".to_owned(),
            Ok(left) if Instant::now() > until => return format!("{left} events wait in the outbox"),
            Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => return format!("the outbox cannot be read: {error}"),
        }
    }
}

type Truth = Arc<std::sync::Mutex<Vec<(UtcMicros, crate::simulate::TruthEvent)>>>;

/// The newest night of the store beside what truly happened.
async fn summary(daemon: &Daemon, zone: &jiff::tz::TimeZone, truth: &Truth) -> anyhow::Result<String> {
    let nights = daemon.store().nights(daemon.leg(), 3).await?;
    let night = nights.iter().find(|night| night.closed).context("no night was kept: the source gave no data")?;
    let cramps: Vec<TrueEvent> = match truth.lock() {
        Ok(truth) => truth
            .iter()
            .filter(|(_, event)| event.kind == EventKind::Cramp)
            .map(|(onset_at, event)| TrueEvent {
                kind: event.kind.name(),
                onset_at: *onset_at,
                end_at: onset_at.plus_seconds(event.end_s - event.onset_s),
            })
            .collect(),
        Err(_) => Vec::new(),
    };
    let summary = NightSummary::load(daemon.store(), "me", daemon.leg(), night.night, zone).await?;
    Ok(summary.map(|summary| summary.text(zone, Some(&cramps))).unwrap_or_default())
}

/// 22:30 of the latest evening whose night of `night_s` seconds is over by now.
fn last_evening(zone: &jiff::tz::TimeZone, night_s: u32) -> anyhow::Result<UtcMicros> {
    let now = UtcMicros::from_timestamp(jiff::Timestamp::now());
    let mut date = night_of(now, zone);
    loop {
        let evening = zone.to_ambiguous_zoned(date.at(22, 30, 0, 0)).compatible()?;
        let start = UtcMicros::from_timestamp(evening.timestamp());
        if start.plus_seconds(f64::from(night_s)) <= now {
            return Ok(start);
        }
        date = date.yesterday()?;
    }
}

fn bar(night_s: u32) -> ProgressBar {
    let bar = ProgressBar::new(u64::from(night_s));
    if let Ok(style) = ProgressStyle::with_template("  {msg} {wide_bar} {percent:>3} %") {
        bar.set_style(style);
    }
    bar
}

/// The live line: a bar in a terminal, a plain line each ten seconds elsewhere.
struct Shown {
    bar: ProgressBar,
    start: Option<UtcMicros>,
    night_s: u32,
    zone: jiff::tz::TimeZone,
    last_line: Instant,
}

impl Shown {
    fn show(&mut self, view: &LegView) -> anyhow::Result<()> {
        if view.now.0 == 0 {
            return Ok(());
        }
        let start = *self.start.get_or_insert(view.now);
        let line = format!(
            "{}  {:<11} {} {}",
            clock_time(view.now, &self.zone),
            view.state.as_str(),
            level_meter(view.ratio),
            watched_line(view.cramps, view.watched_s, view.monitored_s)
        );
        if std::io::stderr().is_terminal() {
            self.bar.set_position((view.now.seconds_since(start).max(0.0) as u64).min(u64::from(self.night_s)));
            self.bar.set_message(line);
        } else if self.last_line.elapsed() > Duration::from_secs(10) {
            self.last_line = Instant::now();
            output::print(&format!("  {line}\n"))?;
        }
        Ok(())
    }
}

/// RMS over the quiet level on a logarithmic scale of eight steps, 1 to 256 times.
fn level_meter(ratio: f64) -> String {
    let steps = ratio.max(1.0).log2().round().clamp(0.0, 8.0) as usize;
    format!("{}{}", "▮".repeat(steps), "▯".repeat(8 - steps))
}

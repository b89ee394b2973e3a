//! `crampwatch run`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use super::output;
use crate::config::Config;
use crate::daemon::{BrokerPort, Daemon, DaemonSettings, Play, TimeOfEvents, stop_signal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch run
  crampwatch run --config /etc/crampwatch/crampwatch.toml

Ctrl-C or SIGTERM ends it cleanly. Without --config it reads ./crampwatch.toml, else
~/.config/crampwatch/crampwatch.toml, else takes the defaults. All keys: crampwatch.example.toml.

If the system bus is dead for this process it ends by itself, with exit code 1, so that systemd
starts it anew (packaging/systemd).")]
pub(super) struct RunArguments {
    /// Configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &RunArguments, verbose: u8) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref())?;
    output::start_log(verbose, config.log.level);
    let play = Play::of_config(&config);
    let time_of_events = if play.is_real_time() { TimeOfEvents::Stream } else { TimeOfEvents::Commit };
    let source = match &play {
        Play::Simulated(_) => "a simulated sensor",
        Play::Replay { .. } => "a recording",
        Play::Bluetooth(_) => "a Bluetooth sensor",
    };
    let settings = DaemonSettings { config, play, once: false, time_of_events, broker_port: BrokerPort::Exact };
    runtime()?.block_on(async {
        let mut daemon = Daemon::start(settings).await?;
        let broker = daemon.broker_address().map(|at| format!(", broker at {at}")).unwrap_or_default();
        output::print(&format!("crampwatch watches {} with {source}{broker}; Ctrl-C ends it\n", daemon.leg()))?;
        let ended = tokio::select! {
            () = stop_signal() => Ok(()),
            ended = watch(&mut daemon) => ended,
        };
        daemon.stop().await;
        ended?;
        anyhow::Ok(ExitCode::SUCCESS)
    })
}

/// Says how the link to the sensor stands whenever that changes, until the daemon ends by itself.
async fn watch(daemon: &mut Daemon) -> anyhow::Result<()> {
    let (mut view, mut said) = (daemon.view(), None);
    loop {
        tokio::select! {
            ended = daemon.finished() => return Ok(ended?),
            Ok(()) = view.changed() => {
                let link = view.borrow_and_update().link.clone();
                if let Some(words) = link.as_ref().filter(|_| link != said) {
                    // A terminal that is gone ends no night.
                    let _ = output::print(&format!("{}: {words}\n", daemon.leg()));
                    said = link;
                }
            }
        }
    }
}

/// Two workers: one makes or receives samples, one works on them.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

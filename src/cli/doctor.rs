//! `crampwatch doctor`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::output;
use super::run::runtime;
use crate::doctor::{Plan, examine};
use crate::units::UtcMicros;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch doctor
  crampwatch doctor --seconds 60
  crampwatch doctor --no-sensor --json

One line each, with what to do: configuration, Bluetooth, sensor, battery, clock, disk, store,
broker, model. Nothing is changed. While the daemon runs it keeps its sensor, and what it has
written is shown instead. Exit code 0: nothing failed (there may be warnings), 1: something did.")]
pub(super) struct DoctorArguments {
    /// Configuration file.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// How long to listen to the sensor, 1 to 300.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    seconds: u16,
    /// Leave the sensor alone.
    #[arg(long)]
    no_sensor: bool,
    /// Write one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &DoctorArguments) -> anyhow::Result<ExitCode> {
    let plan = Plan { sensor: !arguments.no_sensor, listen: Duration::from_secs(arguments.seconds.into()) };
    let waiting = output::waiting("looking around");
    let say = |what: &str| waiting.set_message(what.to_owned());
    let now = UtcMicros::from_timestamp(jiff::Timestamp::now());
    let runtime = runtime()?;
    let report = runtime.block_on(examine(arguments.config.as_deref(), plan, now, &say));
    waiting.finish_and_clear();
    // A call that hangs in a library must not keep us.
    runtime.shutdown_background();
    output::print(&if arguments.json { serde_json::to_string_pretty(&report)? + "\n" } else { report.text() })?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

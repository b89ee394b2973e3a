//! `crampwatch check-config`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{UsageError, output};
use crate::config::Config;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch check-config
  crampwatch check-config /etc/crampwatch.toml

Prints every effective value in the form of the file (passwords are never shown), then `ok`.
A mistake is named with line, column and remedy, and the exit code is 2. Without PATH:
./crampwatch.toml, else ~/.config/crampwatch/crampwatch.toml, else the defaults.")]
pub(super) struct CheckConfigArguments {
    /// The configuration file.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
}

pub(super) fn run(arguments: &CheckConfigArguments) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.path.as_deref())?;
    // The defaults need no model of their own, so only a model that was asked for can be wrong here.
    if let Some(path) = &config.model.path
        && let Err(error) = super::score::load_model(Some(path))
    {
        return Err(UsageError(format!("model.path: {error:#}")).into());
    }
    output::print(&format!("{}\nok\n", config.describe()))?;
    Ok(ExitCode::SUCCESS)
}

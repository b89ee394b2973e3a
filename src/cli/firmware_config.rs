//! `crampwatch firmware-config`: profiles of sensors, checked and shown.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::{UsageError, output};
use crate::sensor::Profile;

/// A profile is a page of text.
const MOST_PROFILE_BYTES: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch firmware-config list
  crampwatch firmware-config show npg-lite-3ch
  crampwatch firmware-config check my-sensor.toml

A profile says how a sensor is found, what is said to it and how its bytes become samples; the keys stand in
firmware-config/README.md. A mistake is named with line, column and remedy, and the exit code is 2.")]
pub(super) struct FirmwareConfigArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the profile of a sensor and show what it means.
    Check {
        /// The profile, a TOML file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// List the built-in profiles.
    List,
    /// Show what a built-in profile means.
    Show {
        /// Its name, as `list` prints it.
        #[arg(value_name = "NAME")]
        name: String,
        /// Print the profile itself, to begin a new one with.
        #[arg(long)]
        toml: bool,
    },
}

pub(super) fn run(arguments: &FirmwareConfigArguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Check { file } => {
            let profile = Profile::parse(&read(file)?)?;
            output::print(&format!("{}ok\n", profile.describe()))?;
        }
        Command::List => {
            for name in Profile::names() {
                output::print(&format!("{name:<14}  {}\n", Profile::named(name)?.title))?;
            }
        }
        Command::Show { name, toml } => {
            let profile = Profile::named(name)?;
            let text = if *toml { Profile::text_of(name).unwrap_or_default().to_owned() } else { profile.describe() };
            output::print(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> anyhow::Result<String> {
    let unreadable =
        |why: String| UsageError(format!("cannot read {}: {why}; give the path of a profile", file.display()));
    let length = fs::metadata(file).map_err(|error| unreadable(error.to_string()))?.len();
    if length > MOST_PROFILE_BYTES {
        return Err(unreadable(format!("{length} bytes, expected at most {MOST_PROFILE_BYTES}")).into());
    }
    Ok(fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?)
}

//! `crampwatch check-config`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{UsageError, output};
use crate::alarm::{FalseAlarmRate, Wake, false_alarms_line};
use crate::config::{Config, SensorKind};
use crate::daemon::{leg_profiles, model_in_use};

/// A night of sleep, for the number of false alarms to expect.
const HOURS_OF_SLEEP: f64 = 8.0;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch check-config
  crampwatch check-config /etc/crampwatch.toml

Prints every effective value in the form of the file (passwords are never shown), then `ok`.
If alarm.wake is set it says how many false alarms to expect in a month. A mistake is named with
line, column and remedy, and the exit code is 2. Without PATH: ./crampwatch.toml, else
~/.config/crampwatch/crampwatch.toml, else the defaults.")]
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
    if config.sensor.kind == SensorKind::Bluetooth
        && let Err(error) = leg_profiles(&config.sensor.bluetooth)
    {
        return Err(UsageError(format!("sensor.bluetooth.profile: {error}")).into());
    }
    output::print(&format!("{}\n{}ok\n", config.describe(), waking(&config)))?;
    Ok(ExitCode::SUCCESS)
}

/// What an alarm costs in false ones, if somebody asks for alarms. Nothing about a model of one's own: nobody measured it.
fn waking(config: &Config) -> String {
    let wake = config.alarm.policy.wake;
    if wake == Wake::Never {
        return String::new();
    }
    let rate = model_in_use(config).ok().and_then(|(model, _)| FalseAlarmRate::measured(&model.id, wake));
    let line = rate.map_or_else(
        || "how many false alarms to expect is not known for this model".to_owned(),
        |rate| format!("expect {}", false_alarms_line(&rate, HOURS_OF_SLEEP)),
    );
    format!("# alarm.wake = {:?}: {line}\n", wake.as_str())
}

#[cfg(test)]
mod tests {
    use crate::alarm::{FalseAlarmRate, Wake};
    use crate::detect::Model;

    #[test]
    fn the_built_in_model_says_what_waking_costs() {
        let model = Model::built_in().unwrap();
        assert!([Wake::Cramp, Wake::Early].iter().all(|wake| FalseAlarmRate::measured(&model.id, *wake).is_some()));
    }
}

//! The command line: arguments in, text and exit codes out. It must never hold logic that a library user would miss.

mod advice;
mod calibrate;
mod check_config;
mod demo;
mod doctor;
mod evaluate;
mod firmware_config;
mod import;
mod label;
mod label_list;
mod log;
mod model_folder;
mod mqtt;
mod output;
mod person;
mod run;
mod scan;
mod score;
mod score_text;
mod simulate;
mod train;
mod train_personal;
mod trial;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{ConfigError, LogLevel};
use crate::sensor::ProfileError;

/// Detects nocturnal leg cramps from a leg sensor, keeps the night and publishes over MQTT. Not a medical device.
#[derive(Debug, Parser)]
#[command(
    name = "crampwatch",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Arguments {
    /// Say more on standard error; twice for everything (RUST_LOG overrides).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show everything at work without hardware: simulated sensor, detection, store and an embedded broker.
    Demo(demo::DemoArguments),
    /// Run the daemon, as crampwatch.toml says.
    Run(run::RunArguments),
    /// Find sensors: listen for Bluetooth devices and say which profile fits.
    Scan(scan::ScanArguments),
    /// Measure rest and your strongest flex: a guided three-minute session.
    Calibrate(calibrate::CalibrateArguments),
    /// Look at everything that a night depends on, and say what to do.
    Doctor(doctor::DoctorArguments),
    /// Find the cramps in EDF or EDF+ files with leg EMG.
    Score(score::ScoreArguments),
    /// Write simulated nights with known cramps as EDF+ files.
    Simulate(simulate::SimulateArguments),
    /// Train a model on nights with known cramps, and write it with its card.
    Train(train::TrainArguments),
    /// Print the event figures of a model on nights with known cramps.
    Evaluate(evaluate::EvaluateArguments),
    /// Log what was drunk, eaten and done.
    Log(log::LogArguments),
    /// What to try, how sure that is, and what your own nights show.
    Advice(advice::AdviceArguments),
    /// Try a habit on yourself in blocks drawn by lot.
    Trial(trial::TrialArguments),
    /// Take a diary from a CSV file: Cronometer's daily export, or our own form.
    Import(import::ImportArguments),
    /// Write the diary as a CSV file.
    Export(import::ExportArguments),
    /// Show or say what matters about you for advice: birth year, conditions, medicines…
    Person(person::PersonArguments),
    /// Say what an episode was, or tell of a cramp that was missed.
    Label(label::LabelArguments),
    /// What is said over MQTT.
    Mqtt(mqtt::MqttArguments),
    /// What sensors are known, and whether a profile of a new one is right.
    FirmwareConfig(firmware_config::FirmwareConfigArguments),
    /// Check a configuration file and show what it means.
    CheckConfig(check_config::CheckConfigArguments),
}

/// Parses the process's arguments, runs the command and gives the exit code: 0 done, 1 failed, 2 bad usage or config.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let Some(message) = output::negative_amount(&error) else { error.exit() };
            output::complain(&UsageError(message.to_owned()).into());
            return ExitCode::from(2);
        }
    };
    // `run` logs as its configuration says, so it starts its log itself.
    if !matches!(arguments.command, Command::Run(_)) {
        output::start_log(arguments.verbose, LogLevel::Warn);
    }
    let outcome = match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Run(run) => run::run(&run, arguments.verbose),
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Calibrate(arguments) => calibrate::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Log(arguments) => log::run(&arguments),
        Command::Advice(arguments) => advice::run(&arguments),
        Command::Trial(arguments) => trial::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Export(arguments) => import::export(&arguments),
        Command::Person(arguments) => person::run(&arguments),
        Command::Label(arguments) => label::run(&arguments),
        Command::Mqtt(arguments) => mqtt::run(&arguments),
        Command::FirmwareConfig(arguments) => firmware_config::run(&arguments),
        Command::CheckConfig(arguments) => check_config::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(if is_usage(&error) { 2 } else { 1 })
        }
    }
}

/// A mistake in arguments or configuration, as opposed to something that went wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

fn is_usage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<UsageError>() || cause.is::<ConfigError>() || cause.is::<ProfileError>())
}

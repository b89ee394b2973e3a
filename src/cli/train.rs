//! `crampwatch train`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use super::train_personal::{self, PersonalArguments};
use super::{UsageError, output};
use crate::train::{FitOptions, Material, SimulatedSet, TrainOptions, card, train};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch train --out models/additive-2 --id additive-2
  crampwatch train --out /tmp/mine --id mine nights/*.edf
  crampwatch train --personal             thresholds for this leg from its labelled nights
  crampwatch train --personal --promote   the same, and the daemon uses them

Without files, nights are simulated; with files, each must be an EDF+ night with `cramp` annotations, and its name
before the first `_` names the person. Folds are split by person.

--personal needs 3 labelled cramps, or 3 labelled false alarms and a cramp (crampwatch label). It
replays all stored nights with the model in use and the new one and prints both tables.")]
pub(super) struct TrainArguments {
    /// EDF+ nights with `cramp` annotations; none: simulated nights.
    files: Vec<PathBuf>,
    /// Folder for model.json and card.md; must not hold a model of another id. With --personal: models/ID in the data
    /// folder by default.
    #[arg(long, required_unless_present = "personal")]
    out: Option<PathBuf>,
    /// Id of the new model.
    #[arg(long, default_value = "additive-1")]
    id: String,
    #[command(flatten)]
    simulated: SimulatedArguments,
    /// Folds, split by person.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..=20))]
    folds: u32,
    #[command(flatten)]
    personal: PersonalArguments,
}

/// Which nights to simulate.
#[derive(Debug, clap::Args)]
pub(super) struct SimulatedArguments {
    /// Simulated people.
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    people: u32,
    /// Hours of each night.
    #[arg(long, default_value_t = 8.0)]
    hours: f64,
    /// Cramps in each night.
    #[arg(long, default_value_t = 6)]
    cramps: u32,
    /// EMG rates taken in turn, in Hz (250, 500, 1000, 2000).
    #[arg(long, value_delimiter = ',', default_value = "1000,500,2000,250")]
    rates_hz: Vec<u32>,
    /// Factor on the rates of everything that is no cramp.
    #[arg(long, default_value_t = 1.0)]
    density: f64,
    /// Seed of the first person; the next has the next seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl SimulatedArguments {
    pub(super) fn set(&self) -> anyhow::Result<SimulatedSet> {
        if !(0.05..=24.0).contains(&self.hours) {
            return Err(UsageError(format!("--hours {}: expected 0.05 to 24", self.hours)).into());
        }
        if let Some(rate) = self.rates_hz.iter().find(|rate| ![250, 500, 1000, 2000].contains(*rate)) {
            return Err(UsageError(format!("--rates-hz {rate}: expected 250, 500, 1000 or 2000")).into());
        }
        Ok(SimulatedSet {
            people: self.people as usize,
            nights_per_person: 1,
            hours: self.hours,
            cramps_per_night: self.cramps,
            rates_hz: self.rates_hz.clone(),
            density: self.density,
            seed: self.seed,
        })
    }
}

/// The nights to work on and a sentence that says what they are.
pub(super) fn material(files: &[PathBuf], simulated: &SimulatedArguments) -> anyhow::Result<(Material, String)> {
    if !files.is_empty() {
        return Ok((Material::files(files), format!("{} recorded nights", files.len())));
    }
    let set = simulated.set()?;
    let sentence = format!(
        "{} simulated nights of {} h, one of each of {} simulated people (seeds {} to {}), {} cramps each, EMG at {:?} Hz in turn, \
         one and two channels in turn, with a drop-out and a loose electrode",
        set.people,
        set.hours,
        set.people,
        set.seed,
        set.seed + set.people as u64 - 1,
        set.cramps_per_night,
        set.rates_hz
    );
    Ok((Material::simulated(&set), sentence))
}

pub(super) fn run(arguments: &TrainArguments) -> anyhow::Result<ExitCode> {
    let out = match &arguments.out {
        _ if arguments.personal.personal => return train_personal::run(&arguments.personal, arguments.out.as_deref()),
        Some(out) => out,
        // clap has asked for it already.
        None => return Err(UsageError("--out is missing: name a folder for the model".to_owned()).into()),
    };
    let model_path = out.join("model.json");
    if let Ok(text) = std::fs::read_to_string(&model_path)
        && let Ok(old) = crate::detect::Model::from_json(&text)
        && old.id != arguments.id
    {
        let message = format!(
            "{} holds model `{}`, this one would be `{}`: choose another --out or --id",
            model_path.display(),
            old.id,
            arguments.id
        );
        return Err(UsageError(message).into());
    }
    let (material, sentence) = material(&arguments.files, &arguments.simulated)?;
    let bar = output::progress(material.nights.len() as u64, "nights");
    let nights = material.collect(&|| bar.inc(1))?;
    bar.finish_and_clear();
    let options =
        TrainOptions { id: arguments.id.clone(), folds: arguments.folds as usize, fit: FitOptions::default() };
    let bar = output::progress(1, "fitting");
    let learned = train(&nights, &options)?;
    bar.finish_and_clear();
    let card = card(&learned, &sentence, &command_line());
    std::fs::create_dir_all(out)
        .with_context(|| format!("cannot make {}: choose a folder that can be written", out.display()))?;
    // The card first: a model without a card must never stand there.
    output::write_whole(&out.join("card.md"), &card)?;
    output::write_whole(&model_path, &learned.model.to_json()?)?;
    output::print(&format!("{card}\nwritten: {}\n", model_path.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// The command that makes the model again, for its card.
pub(super) fn command_line() -> String {
    let command: Vec<String> = std::env::args().skip(1).collect();
    format!("crampwatch {}", command.join(" "))
}

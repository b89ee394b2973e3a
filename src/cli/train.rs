//! `crampwatch train`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::model_folder::{Placed, may_hold, model_file, place, replace};
use super::train_personal::{self, PersonalArguments};
use super::{UsageError, output};
use crate::detect::Model;
use crate::train::{Candidate, Generator, Material, RealSet, SimulatedSet, TrainOptions, card, train};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch train --out models/trees-6 --id trees-6
  crampwatch train --out /tmp/mine --id mine nights/*.edf
  crampwatch train --out models/trees-6 --id trees-6 --real data/emg
  crampwatch train --personal             thresholds for this leg from its labelled nights
  crampwatch train --personal --promote   the same, and the daemon uses them

Without files, nights are simulated, for every second person by the second and the third simulator; with files, each must be an EDF+
night with `cramp` annotations, and its name before the first `_` names the person. Folds are split by person.

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
    #[arg(long, default_value = "trees-6")]
    id: String,
    /// Folder of real EMG without cramps (data/emg of the source) to add to simulated nights at quiet places: people whose
    /// number is odd. The others are for `evaluate --real`.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["files", "personal"])]
    real: Option<PathBuf>,
    /// Also try linfa's forest and AdaBoost.
    #[arg(long)]
    all_candidates: bool,
    #[command(flatten)]
    simulated: SimulatedArguments,
    /// Outer folds, split by person; each has two inner ones.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=20))]
    folds: u32,
    #[command(flatten)]
    personal: PersonalArguments,
}

/// Which nights to simulate; what is left out is as the command has it.
#[derive(Debug, clap::Args)]
pub(super) struct SimulatedArguments {
    /// Simulated people (train: 1000, and half as many of the second and of the third simulator; evaluate: 48).
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    people: Option<u32>,
    /// Hours of each night (train: 2.5; evaluate: 8).
    #[arg(long)]
    hours: Option<f64>,
    /// Cramps in each night (train: 5; evaluate: 4).
    #[arg(long)]
    cramps: Option<u32>,
    /// EMG rates taken in turn, in Hz (250, 500, 1000, 2000).
    #[arg(long, value_delimiter = ',', default_value = "1000,500,2000,250")]
    rates_hz: Vec<u32>,
    /// Factor on the rates of everything that is no cramp (train: 3; evaluate: 1).
    #[arg(long)]
    density: Option<f64>,
    /// Seed of the first person; the next has the next seed (train: 1; evaluate: 1000001).
    #[arg(long)]
    seed: Option<u64>,
}

impl SimulatedArguments {
    /// The asked set, `defaults` where nothing is asked.
    pub(super) fn set(&self, defaults: &SimulatedSet) -> anyhow::Result<SimulatedSet> {
        let hours = self.hours.unwrap_or(defaults.hours);
        if !(0.05..=24.0).contains(&hours) {
            return Err(UsageError(format!("--hours {hours}: expected 0.05 to 24")).into());
        }
        let density = self.density.unwrap_or(defaults.density);
        if !(0.0..=100.0).contains(&density) {
            return Err(UsageError(format!("--density {density}: expected 0 to 100")).into());
        }
        let any_rate = defaults.generator != Generator::Main;
        let is_made =
            |rate: u32| if any_rate { (250..=2000).contains(&rate) } else { [250, 500, 1000, 2000].contains(&rate) };
        if let Some(rate) = self.rates_hz.iter().find(|rate| !is_made(**rate)) {
            let expected = if any_rate { "250 to 2000" } else { "250, 500, 1000 or 2000" };
            return Err(UsageError(format!("--rates-hz {rate}: expected {expected}")).into());
        }
        Ok(SimulatedSet {
            people: self.people.map_or(defaults.people, |people| people as usize),
            hours,
            cramps_per_night: self.cramps.unwrap_or(defaults.cramps_per_night),
            rates_hz: self.rates_hz.clone(),
            density,
            seed: self.seed.unwrap_or(defaults.seed),
            ..defaults.clone()
        })
    }
}

/// The nights to work on and a sentence that says what they are.
pub(super) fn material(files: &[PathBuf], set: &SimulatedSet) -> (Material, String) {
    if !files.is_empty() {
        return (Material::files(files), format!("{} recorded nights", files.len()));
    }
    let sentence = format!(
        "{} simulated nights of {} h ({}), one of each of {} simulated people (seeds {} to {}), {} cramps each, EMG at {:?} Hz and \
         acceleration at 100, 50, 25 and 200 Hz in turn, {}, {} times as much of everything else as in a natural night",
        set.people * set.nights_per_person,
        set.hours,
        match set.generator {
            Generator::Main => "our main simulator",
            Generator::Plain => "our second simulator",
            Generator::Renewal => "our third simulator, of renewal trains",
            Generator::Judge => "our judge, a simulator on which nothing was trained",
        },
        set.people,
        set.seed,
        set.seed + set.people as u64 - 1,
        set.cramps_per_night,
        set.rates_hz,
        match set.generator {
            Generator::Main => "one channel and two in turn, a drop-out or a loose electrode in two of five nights",
            Generator::Plain | Generator::Renewal | Generator::Judge => "one channel",
        },
        set.density
    );
    (Material::simulated(set), sentence)
}

pub(super) fn run(arguments: &TrainArguments) -> anyhow::Result<ExitCode> {
    let out = match &arguments.out {
        _ if arguments.personal.personal => return train_personal::run(&arguments.personal, arguments.out.as_deref()),
        Some(out) => out,
        // clap has asked for it already.
        None => return Err(UsageError("--out is missing: name a folder for the model".to_owned()).into()),
    };
    may_hold(out, &arguments.id)?;
    let set = arguments.simulated.set(&SimulatedSet::packed())?;
    let (mut nights, mut sentence) = material(&arguments.files, &set);
    if let Some(folder) = &arguments.real {
        let added = with_real(folder, &set, arguments.folds as usize)?;
        nights = added.0;
        sentence.push_str(&added.1);
    }
    if arguments.files.is_empty() {
        for other in set.packed_others() {
            let (others, said) = material(&[], &other);
            nights = nights.and(others);
            sentence.push_str(&format!("; and {said}"));
        }
    }
    let bar = output::progress(nights.nights.len() as u64, "nights");
    let nights = nights.collect(&|| bar.inc(1))?;
    bar.finish_and_clear();
    let candidates = if arguments.all_candidates { Candidate::all() } else { Candidate::defaults() };
    let options = TrainOptions {
        id: arguments.id.clone(),
        folds: arguments.folds as usize,
        candidates,
        ..TrainOptions::default()
    };
    let bar = output::waiting("choosing among candidates");
    let learned = train(&nights, &options, &|step| bar.set_message(step.to_owned()))?;
    bar.finish_and_clear();
    let density = if arguments.files.is_empty() { set.density } else { 1.0 };
    let card = card(&learned, &sentence, &command_line(), density);
    let said = written(out, &learned.model, &card)?;
    output::print(&format!("{card}\n{said}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes model and card, and says where. Another model of the same id stays as it is, and the work of an hour is not lost.
fn written(out: &Path, model: &Model, card: &str) -> anyhow::Result<String> {
    let path = model_file(out);
    Ok(match place(out, model, card)? {
        Placed::New => format!("written: {}", path.display()),
        Placed::Same => format!("was there already, the same to the last bit: {}", path.display()),
        Placed::Other => {
            let mut beside = out.as_os_str().to_owned();
            beside.push(format!("-{}", &model.sha256[..8]));
            let beside = PathBuf::from(beside);
            replace(&beside, model, card)?;
            anyhow::bail!(
                "{} holds another model `{}` than this one, and a model never changes: written to {} instead; give it another --id",
                path.display(),
                model.id,
                beside.display()
            );
        }
    })
}

/// Simulated nights with real recordings in them, and what is to be said of these.
fn with_real(folder: &Path, set: &SimulatedSet, folds: usize) -> anyhow::Result<(Material, String)> {
    let real = RealSet::train(folder)?;
    let said = format!(
        "; {} real recordings without cramps ({} channels of {} people with odd numbers, {}) added at quiet places, each real \
         person within one fold",
        real.recordings().iter().map(|one| &one.file).collect::<std::collections::BTreeSet<_>>().len(),
        real.recordings().len(),
        real.people().len(),
        folder.display()
    );
    // Two groups for each outer fold, since each is halved within.
    Ok((Material::spliced(set, &real, 2 * folds), said))
}

/// The command that makes the model again, for its card.
pub(super) fn command_line() -> String {
    let command: Vec<String> = std::env::args().skip(1).collect();
    format!("crampwatch {}", command.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_stays_as_it_is_and_another_of_its_id_goes_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new");
        let model = Model::built_in().unwrap();
        let other = model.clone().with_suspect_probability(0.61).unwrap();
        let other = Model::from_json(&other.to_json().unwrap()).unwrap();
        assert!(written(&out, &model, "its card").unwrap().starts_with("written: "));
        let refused = written(&out, &other, "another card").unwrap_err().to_string();
        assert!(refused.contains("a model never changes: written to "), "{refused}");
        assert!(written(&out, &model, "a third card").unwrap().contains("the same to the last bit"));
        assert_eq!(std::fs::read_to_string(out.join("card.md")).unwrap(), "its card");
        let beside = folder.path().join(format!("new-{}", &other.sha256[..8]));
        assert_eq!(std::fs::read_to_string(beside.join("card.md")).unwrap(), "another card");
        assert_eq!(super::super::score::load_model(Some(&model_file(&beside))).unwrap(), other);
    }
}

//! `crampwatch train --personal`: thresholds for one leg from its labelled nights.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::model_folder::{Placed, model_file, place, replace};
use super::{UsageError, output};
use crate::config::Config;
use crate::daemon::{ModelOrigin, model_in_use, promoted_folder};
use crate::detect::Model;
use crate::store::{DATABASE_FILE, Store};
use crate::train::{
    Personal, PersonalOptions, StoredNight, comparison_table, is_personal, personal_card, personalise, stored_nights,
};

/// Name of the compiled-in model on the command line.
const BUILT_IN: &str = "built-in";

/// What only `--personal` takes.
#[derive(Debug, clap::Args)]
pub(super) struct PersonalArguments {
    /// Choose thresholds for this leg from its labelled nights, and replay all stored nights with both models.
    #[arg(long, conflicts_with_all = ["files", "id", "folds", "people", "hours", "cramps", "rates_hz", "density", "seed"])]
    pub(super) personal: bool,
    /// With --personal: let the daemon use the new model from its next start on.
    #[arg(long, requires = "personal")]
    promote: bool,
    /// With --personal: the model to start from, or `built-in`; default: model.path of the configuration, else the built-in one.
    #[arg(long, value_name = "PATH", requires = "personal")]
    model: Option<PathBuf>,
    /// With --personal: the configuration file; it names person, leg and data folder.
    #[arg(long, value_name = "PATH", requires = "personal")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &PersonalArguments, out: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref())?;
    let data_dir = &config.storage.data_dir;
    let leg = config.leg.side.leg_name(&config.person.id);
    let (in_use, origin) = model_in_use(&config)?;
    if let (true, ModelOrigin::Configured(path)) = (arguments.promote, &origin) {
        return Err(UsageError(format!(
            "model.path of the configuration names {}, which goes before a promoted model, expected none with --promote: \
             take model.path out, and name that model with --model if the new one shall start from it",
            path.display()
        ))
        .into());
    }
    let base = base(arguments.model.as_deref(), &config)?;
    let options = PersonalOptions { leg, base, in_use, suspect_probability: config.detection.enter_probability };
    let nights = stored(data_dir, &options.leg)?;
    let bar = output::progress(nights.len() as u64, "nights");
    let personal = personalise(&nights, &options, &|| bar.inc(1));
    bar.finish_and_clear();
    let personal = personal.with_context(|| format!("no personal model for {}", options.leg))?;
    let mut text = told(&personal, &options, &origin);
    let Some(model) = &personal.model else {
        text.push_str(&nothing_better(&personal, &options));
        output::print(&text)?;
        return Ok(ExitCode::SUCCESS);
    };
    let card = personal_card(model, &personal, &options, &super::train::command_line());
    let default_out = data_dir.join("models").join(&model.id);
    let folder = out.unwrap_or(&default_out);
    let fresh = write_new(folder, model, &card)?;
    let _ = writeln!(text, "{}: {}", if fresh { "written" } else { "was there already" }, folder.display());
    if arguments.promote {
        let active = promoted_folder(data_dir, &options.leg);
        replace(&active, model, &card)?;
        let _ = writeln!(
            text,
            "promoted: {} detects from the next start of crampwatch run on; to go back, remove {}",
            model.id,
            active.display()
        );
    } else {
        let again = "crampwatch train --personal --promote";
        let _ = writeln!(
            text,
            "not in use: run `{again}`, or set in the configuration\n\n  [model]\n  path = {:?}",
            std::path::absolute(folder)?.display().to_string()
        );
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The model whose thresholds are moved; never one that is personal already.
fn base(path: Option<&Path>, config: &Config) -> anyhow::Result<Model> {
    let path = match path {
        Some(path) if path == Path::new(BUILT_IN) => None,
        Some(path) => Some(path),
        None => config.model.path.as_deref(),
    };
    let model = super::score::load_model(path)?;
    if is_personal(&model) {
        return Err(UsageError(crate::train::TrainError::PersonalBase { id: model.id }.to_string()).into());
    }
    Ok(model)
}

fn stored(data_dir: &Path, leg: &str) -> anyhow::Result<Vec<StoredNight>> {
    let database = data_dir.join(DATABASE_FILE);
    let watch = "let `crampwatch run` watch some nights, then label them with `crampwatch label`";
    if !database.exists() {
        anyhow::bail!("found no database {}, expected one with labelled nights: {watch}", database.display());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let nights = runtime.block_on(async {
        let store = Store::open(data_dir).await?;
        let nights = stored_nights(&store, data_dir, leg).await;
        store.close().await;
        nights
    })?;
    if nights.is_empty() {
        anyhow::bail!("found no stored night of {leg} in {}, expected labelled ones: {watch}", database.display());
    }
    Ok(nights)
}

fn told(personal: &Personal, options: &PersonalOptions, origin: &ModelOrigin) -> String {
    let (choice, evidence) = (&personal.choice, personal.choice.evidence);
    let after = personal.model.as_ref().unwrap_or(&options.base);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "leg {}, in use: {} ({origin})", options.leg, options.in_use.id);
    let _ = writeln!(
        text,
        "labelled cramps: {}, labelled false alarms: {}, labelled nights: {}; nights without a label, not used for choosing: {}\n",
        evidence.cramps, evidence.false_alarms, evidence.nights, personal.unlabelled
    );
    for left_out in &personal.left_out {
        let _ = writeln!(text, "left out: {left_out}");
    }
    let _ = writeln!(text, "{} has: {}", options.base.id, options.base.thresholds);
    let _ = writeln!(text, "best on the labelled nights alone: {}", choice.best);
    if let Some(probability) = options.suspect_probability {
        let _ = writeln!(text, "detection.enter_probability = {probability} goes before what they suspect from");
    }
    if let Some(model) = &personal.model {
        let _ = writeln!(text, "{} has: {}", model.id, model.thresholds);
        let _ =
            writeln!(text, "  ({:.0} % of the way there: that is how far these labels carry)", 100.0 * choice.weight);
    }
    if personal.model.is_some() && personal.in_use_is_better {
        let _ = writeln!(text, "note: {} serves the labelled nights better than this one", options.in_use.id);
    }
    let _ = writeln!(text, "\n{}", comparison_table(&personal.nights, &options.in_use.id, &after.id));
    text
}

fn nothing_better(personal: &Personal, options: &PersonalOptions) -> String {
    let mut text = format!(
        "nothing written: the thresholds of {} serve the labelled nights as well as any that the labels carry to\n",
        options.base.id
    );
    if is_personal(&options.in_use) && personal.model.is_none() {
        let _ = writeln!(
            text,
            "the personal model in use rests on earlier labels; remove it to go back to {}",
            options.base.id
        );
    }
    text
}

/// Writes the model; false if it stood there already.
fn write_new(folder: &Path, model: &Model, card: &str) -> anyhow::Result<bool> {
    match place(folder, model, card)? {
        Placed::New => Ok(true),
        Placed::Same => Ok(false),
        Placed::Other => Err(UsageError(format!(
            "{} is another model than this one (`{}`), expected none: choose another --out",
            model_file(folder).display(),
            model.id
        ))
        .into()),
    }
}

//! `crampwatch evaluate`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output;
use super::train::{SimulatedArguments, material};
use crate::train::evaluate;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch evaluate --people 20 --seed 5000
  crampwatch evaluate --rates-hz 250 --no-acceleration
  crampwatch evaluate nights/*.edf --format json

The card of the built-in model names the seeds of its simulated people (1 to 48); take other seeds for figures on people it never saw.")]
pub(super) struct EvaluateArguments {
    /// EDF+ nights with `cramp` annotations; none: simulated nights.
    files: Vec<PathBuf>,
    /// A model.json; none: the built-in model.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Judge from EMG alone, even where there is acceleration.
    #[arg(long)]
    no_acceleration: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    simulated: SimulatedArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Aligned text.
    Table,
    /// One JSON object.
    Json,
}

pub(super) fn run(arguments: &EvaluateArguments) -> anyhow::Result<ExitCode> {
    let model = super::score::load_model(arguments.model.as_deref())?;
    let (material, sentence) = material(&arguments.files, &arguments.simulated)?;
    let bar = output::progress(material.nights.len() as u64, "nights");
    let (figures, _) = evaluate(&model, &material, !arguments.no_acceleration, &|| bar.inc(1))?;
    bar.finish_and_clear();
    if arguments.format == Format::Json {
        let object = serde_json::json!({
            "model_id": model.id, "model_sha256": model.sha256, "measured_on": sentence,
            "acceleration": !arguments.no_acceleration, "figures": figures,
        });
        output::print(&format!("{}\n", serde_json::to_string_pretty(&object)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("model {} ({:.12}…), measured on {sentence}\n\n", model.id, model.sha256);
    for (name, figure) in figures.rows() {
        text.push_str(&format!("  {name:<46} {figure}\n"));
    }
    text.push_str("\n(95 % intervals by bootstrap over people)\n");
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

//! `crampwatch evaluate`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::output;
use super::train::{SimulatedArguments, material};
use crate::detect::Model;
use crate::train::{
    Evaluation, Floor, Generator, RealRow, RealSet, SimulatedSet, evaluate, evaluate_real, evaluation_page,
    figures_table, number_text, szcore_table,
};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch evaluate --people 20
  crampwatch evaluate --simulator plain --html report.html
  crampwatch evaluate --simulator judge --people 60
  crampwatch evaluate nights/*.edf --format json
  crampwatch evaluate --real data/emg

The card of the built-in model names the seeds of the simulated people it was trained on; `evaluate` takes others. An alarm
is right if it comes between 30 s before the onset and the end of a cramp, a second one for the same cramp is a repeat,
every other one is false. SzCORE's rules stand beside that. Intervals: 95 %, bootstrap over people.")]
pub(super) struct EvaluateArguments {
    /// EDF+ nights with `cramp` annotations; none: simulated nights.
    files: Vec<PathBuf>,
    /// A model.json; none: the built-in model.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Who makes simulated nights: `plain`, `renewal` and `judge` are more simulators with other assumptions; no model is
    /// trained on `judge`.
    #[arg(long, value_enum, default_value_t = Simulator::Main)]
    simulator: Simulator,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Also write a page with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Fail if figures are worse than in this table, such as models/trees-6/floor-main.json.
    #[arg(long, value_name = "FILE")]
    floor: Option<PathBuf>,
    /// Judge real EMG without cramps in this folder instead (data/emg of the source): people whose number is even, whom
    /// `train --real` never sees. Each channel by itself, after two minutes of quiet noise.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["files", "html", "simulator", "people", "hours", "cramps", "density", "seed"])]
    real: Option<PathBuf>,
    #[command(flatten)]
    simulated: SimulatedArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Simulator {
    /// The one that models learn from; other people.
    Main,
    /// The second one; models learn from it too, other people.
    Plain,
    /// The third one, of renewal trains; models learn from it too, other people.
    Renewal,
    /// A simulator on which nothing was trained.
    Judge,
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
    if let Some(folder) = &arguments.real {
        return run_real(&model, folder, arguments.format);
    }
    let generator = match arguments.simulator {
        Simulator::Main => Generator::Main,
        Simulator::Plain => Generator::Plain,
        Simulator::Renewal => Generator::Renewal,
        Simulator::Judge => Generator::Judge,
    };
    // Read first: a table that is not there should not cost minutes.
    let floor = arguments.floor.as_deref().map(read_floor).transpose()?;
    let set = arguments.simulated.set(&SimulatedSet { generator, ..SimulatedSet::default() })?;
    let (material, sentence) = material(&arguments.files, &set);
    let bar = output::progress(material.nights.len() as u64, "nights");
    let nights = material.collect(&|| bar.inc(1))?;
    bar.finish_and_clear();
    let evaluation = evaluate(&model, &nights);
    if let Some(path) = &arguments.html {
        output::write_whole(path, &evaluation_page(&model, &sentence, &evaluation)?)?;
    }
    if arguments.format == Format::Json {
        let object = serde_json::json!({
            "model_id": model.id, "model_sha256": model.sha256, "measured_on": sentence, "evaluation": evaluation,
        });
        output::print(&format!("{}\n", serde_json::to_string_pretty(&object)?))?;
    } else {
        output::print(&text(&model, &sentence, &evaluation))?;
        if let Some(path) = &arguments.html {
            output::print(&format!("\nwritten: {}\n", path.display()))?;
        }
    }
    let breaches = floor.map(|floor| floor.breaches(&evaluation)).transpose()?.unwrap_or_default();
    if breaches.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let breaches: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    anyhow::bail!("worse than the table allows: {}; find out why, or change the table and say so", breaches.join("; "))
}

fn read_floor(path: &Path) -> anyhow::Result<Floor> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {}: give a table of floors, or leave --floor out", path.display()))?;
    Ok(Floor::from_json(&text)?)
}

fn run_real(model: &Model, folder: &Path, format: Format) -> anyhow::Result<ExitCode> {
    let set = RealSet::test(folder)?;
    let rows = evaluate_real(model, &set)?;
    if format == Format::Json {
        let object = serde_json::json!({
            "model_id": model.id, "model_sha256": model.sha256, "measured_on": folder, "real": rows,
        });
        output::print(&format!("{}\n", serde_json::to_string_pretty(&object)?))?;
    } else {
        output::print(&real_text(model, folder, &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The table of real recordings. Writing to a String cannot fail.
fn real_text(model: &Model, folder: &Path, rows: &[RealRow]) -> String {
    let mut text = format!(
        "model {} ({:.12}…), real EMG without cramps in {}, people with even numbers, without acceleration\n\n\
         | task | people | recordings | hours | hours of channels | judged | episodes | episodes per hour | at most (95 %) |\n\
         |---|---|---|---|---|---|---|---|---|\n",
        model.id,
        model.sha256,
        folder.display()
    );
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.3} | {:.3} | {:.2} | {} | {:.1} | {:.1} |",
            row.task,
            row.people,
            row.recordings,
            row.recorded_h,
            row.channel_h,
            row.judged,
            row.episodes,
            row.episodes_per_h,
            row.upper_per_h
        );
    }
    text.push_str(
        "\nEvery episode is false. Each channel is judged as if it were the only one; episodes per hour are over the hours of \
         channels.\nAt most: exact one-sided Poisson bound over the hours of recordings, since channels are not independent; \
         3.0 over the hours where\nthere was none (the rule of three).\n",
    );
    text
}

/// The tables as text. Writing to a String cannot fail.
fn text(model: &Model, sentence: &str, evaluation: &Evaluation) -> String {
    let mut text = format!("model {} ({:.12}…), measured on {sentence}\n\n", model.id, model.sha256);
    let columns = [("with acceleration", &evaluation.with_motion), ("EMG alone", &evaluation.without_motion)];
    figures_table(&mut text, &columns);
    if evaluation.by_rate.len() > 1 {
        text.push_str("\nby EMG rate, with acceleration\n\n");
        let names: Vec<String> = evaluation.by_rate.iter().map(|(rate, _)| format!("{rate} Hz")).collect();
        let columns: Vec<_> =
            names.iter().map(String::as_str).zip(evaluation.by_rate.iter().map(|(_, figures)| figures)).collect();
        figures_table(&mut text, &columns);
    }
    text.push_str("\nfalse alarms by what happened (one alarm counts for each event it fell on)\n\n| event | happened | false alarms |\n|---|---|---|\n");
    for row in &evaluation.by_event {
        let _ = writeln!(text, "| {} | {} | {} |", row.name, row.events, row.false_alarms);
    }
    text.push_str("\ncramps by length\n\n| seconds | cramps | found |\n|---|---|---|\n");
    for row in evaluation.by_length.iter().filter(|row| row.cramps > 0) {
        let upper = if row.to_s > 10_000.0 { "more".to_owned() } else { format!("{:.0}", row.to_s) };
        let _ = writeln!(text, "| {:.0} to {upper} | {} | {} |", row.from_s, row.cramps, row.found);
    }
    text.push_str("\nwith another start threshold\n\n| start from | sensitivity | false alarms per 8 h | started, median s | EMG alone: sensitivity | false alarms per 8 h |\n|---|---|---|---|---|---|\n");
    for (with, without) in evaluation.curve.iter().zip(&evaluation.curve_without_motion) {
        let cells = [
            number_text(with.start_probability, 3),
            number_text(with.sensitivity, 3),
            number_text(with.false_alarms_per_8h, 2),
            number_text(with.started_median_s, 1),
            number_text(without.sensitivity, 3),
            number_text(without.false_alarms_per_8h, 2),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push_str("\nSzCORE\n\n");
    szcore_table(&mut text, evaluation);
    text.push_str("\nreliability (windows in which something happens)\n\n| probability | windows | mean said | cramps found |\n|---|---|---|---|\n");
    for row in &evaluation.reliability {
        let _ = writeln!(
            text,
            "| {:.1} to {:.1} | {} | {:.3} | {:.3} |",
            row.from, row.to, row.windows, row.said, row.found
        );
    }
    text
}

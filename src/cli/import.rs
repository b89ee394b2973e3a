//! `crampwatch import` and `crampwatch export diary`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::log::{Diary, Maker, own_foods, usage, when_text};
use super::{UsageError, output};
use crate::diary::{
    CONTENT_KEY, Entry, EntryKind, GenericRow, MAX_NAME_CHARS, MAX_NOTE_CHARS, Measures, QuantityError, is_cronometer,
    parse_quantity, read_cronometer, read_generic, read_table, write_generic,
};
use crate::units::UtcMicros;

/// Larger files are no diary.
const MOST_BYTES: u64 = 64 << 20;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch import dailysummary.csv
  crampwatch import diary.csv --format generic

Cronometer: More > Account > Export data > Export Daily Nutrition. Each day becomes one entry at
noon; a day that is imported again replaces itself. The generic form has the columns date and kind
and, where there is something to say, time, name, amount, unit and note; `crampwatch export diary`
writes it. A file is taken whole or not at all, and the same file twice adds nothing. `crampwatch
log undo` takes it back.")]
pub(super) struct ImportArguments {
    /// The CSV file: UTF-8, with commas, semicolons or tabs.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its form; default: told by its columns.
    #[arg(long, value_name = "FORM")]
    format: Option<Form>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Cronometer's "Daily Nutrition".
    Cronometer,
    /// Our own: date, time, kind, name, amount, unit, note.
    Generic,
}

#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    subcommand_value_name = "WHAT",
    subcommand_help_heading = "What",
    disable_help_subcommand = true,
    after_help = "Examples:
  crampwatch export diary --out diary.csv"
)]
pub(super) struct ExportArguments {
    #[command(subcommand)]
    what: ExportWhat,
}

#[derive(Debug, clap::Subcommand)]
enum ExportWhat {
    /// The diary as CSV that `crampwatch import` reads back.
    Diary(DiaryArguments),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch export diary --out diary.csv

A row an entry, with its nutrients; an empty cell is unknown. What was taken back is left out. Only
you may read the file.")]
struct DiaryArguments {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &ImportArguments) -> anyhow::Result<ExitCode> {
    let diary = Diary::load(arguments.config.as_deref())?;
    let file = arguments.file.display();
    let readable = || format!("cannot read {file}: name a CSV file that this user can read");
    if std::fs::metadata(&arguments.file).with_context(readable)?.len() > MOST_BYTES {
        return Err(UsageError(format!("{file}: found more than 64 MB, expected the CSV of a diary")).into());
    }
    let bytes = std::fs::read(&arguments.file).with_context(readable)?;
    let named = |error: &dyn std::fmt::Display| UsageError(format!("{file}: {error}; nothing was taken"));
    let table = read_table(&bytes).map_err(|error| named(&error))?;
    let form = arguments.format.unwrap_or(if is_cronometer(&table) { Form::Cronometer } else { Form::Generic });
    let entries = match form {
        Form::Cronometer => read_cronometer(&table, &diary.now).map_err(|error| named(&error))?,
        Form::Generic => {
            let rows = read_generic(&table, &diary.now).map_err(|error| named(&error))?;
            resolve(&rows, &diary).map_err(|error| named(&error))?
        }
    };
    if entries.is_empty() {
        return Err(named(&"found no row under the column names, expected one for each entry").into());
    }
    let imported = diary.with_store(async |store| Ok(store.import_entries(diary.person(), &entries).await?))?;
    let times: Vec<UtcMicros> = entries.iter().map(|entry| entry.at).collect();
    let (first, last) = (times.iter().min(), times.iter().max());
    let ends = first.zip(last).map_or_else(String::new, |(first, last)| {
        format!(", {} to {}", when_text(*first, &diary), when_text(*last, &diary))
    });
    output::print(&format!(
        "imported for {}: {} new, {} replaced, {} there already{ends}\n",
        diary.person(),
        imported.added,
        imported.replaced,
        imported.known
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn resolve(rows: &[GenericRow], diary: &Diary) -> anyhow::Result<Vec<Entry>> {
    let own = own_foods(diary)?;
    let maker = Maker { diary, own: &own };
    let mut seen: HashMap<&str, u32> = HashMap::new();
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let within = |error: &dyn std::fmt::Display| UsageError(format!("line {}: {error}", row.line));
        let mut entry = one(row, &maker).map_err(|error| within(&error))?;
        for (text, what, most) in
            [(Some(&row.name), "name", MAX_NAME_CHARS), (row.note.as_ref(), "note", MAX_NOTE_CHARS)]
        {
            if let Some(n) = text.map(|text| text.chars().count()).filter(|n| *n > most) {
                let message = format!("found a {what} of {n} characters, expected at most {most}");
                return Err(within(&message).into());
            }
        }
        entry.note.clone_from(&row.note);
        match row.id {
            Some(id) => entry.id = id,
            None => {
                // The same row twice in one file is two glasses; the same file twice is not.
                let times = seen.entry(row.content.as_str()).or_insert(0);
                *times += 1;
                let digest = Sha256::digest(format!("{}\u{1f}{times}", row.content));
                let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
                entry.import_key = Some(format!("{CONTENT_KEY}{hex}"));
            }
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn one(row: &GenericRow, maker: &Maker<'_>) -> Result<Entry, UsageError> {
    let diary = maker.diary;
    let plain = || Entry::new(row.kind, &row.name, row.at, diary.now());
    match row.kind {
        EntryKind::Water => maker.water(&row.amount, row.at),
        EntryKind::Food | EntryKind::Drink | EntryKind::Supplement if row.name.is_empty() => {
            Err(UsageError("found no name, expected what was taken".to_owned()))
        }
        EntryKind::Food | EntryKind::Drink | EntryKind::Supplement => match row.brings {
            Some(brings) => {
                let amount = number(&row.amount, &diary.config.diary.measures)?;
                let unit = row.amount.split_once(' ').map_or("", |(_, unit)| unit);
                let unit = amount.map(|_| unit.to_owned());
                Ok(Entry { amount, unit, brings: Some(brings), ..plain() })
            }
            None => maker.taken(row.kind, &format!("{} {}", row.name, row.amount), row.at),
        },
        EntryKind::Exposure => maker.exposed(&row.name, &row.amount, row.at),
        EntryKind::Relief if row.outcome.is_none() || row.name.is_empty() => {
            Err(UsageError("found a relief without name or outcome, expected both".to_owned()))
        }
        EntryKind::Relief => Ok(Entry { outcome: row.outcome, ..plain() }),
        EntryKind::Note if row.note.is_none() => {
            Err(UsageError("found no words, expected those of the note".to_owned()))
        }
        EntryKind::Note => Ok(plain()),
    }
}

/// The number of an amount; none if there is no amount. A portion such as `slice` is no unit, and will do.
fn number(amount: &str, measures: &Measures) -> Result<Option<f64>, UsageError> {
    if amount.is_empty() {
        return Ok(None);
    }
    let not_positive = || QuantityError::NotPositive { found: amount.to_owned() };
    match parse_quantity(amount, measures) {
        Ok(given) => Ok(Some(given.value)),
        Err(QuantityError::UnknownUnit { value, .. }) if value > 0.0 && !amount.starts_with(['-', '−']) => {
            Ok(Some(value))
        }
        Err(QuantityError::UnknownUnit { .. }) => Err(usage(not_positive())),
        Err(error) => Err(usage(error)),
    }
}

pub(super) fn export(arguments: &ExportArguments) -> anyhow::Result<ExitCode> {
    let ExportWhat::Diary(arguments) = &arguments.what;
    let diary = Diary::load(arguments.config.as_deref())?;
    check_target(arguments, &diary)?;
    let (from, to) = (UtcMicros(i64::MIN), UtcMicros(i64::MAX));
    let entries: Vec<Entry> =
        diary.with_store_if_any(async |store| Ok(store.entries_between(diary.person(), from, to).await?))?;
    output::write_private(&arguments.out, &write_generic(&entries, diary.now.time_zone())?)?;
    output::print(&format!("wrote {} entries to {}\n", entries.len(), arguments.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses what an export must not replace: the database and whatever else is in its folder, the configuration, and
/// without `--force` any file.
fn check_target(arguments: &DiaryArguments, diary: &Diary) -> Result<(), UsageError> {
    let out = resolved(&arguments.out);
    let refuse = |what: &str| {
        let out = arguments.out.display();
        Err(UsageError(format!("found --out {out}, {what}; nothing was written")))
    };
    if out.starts_with(resolved(&diary.config.storage.data_dir)) {
        return refuse("which is in the data folder of crampwatch, expected a file in another folder");
    }
    if diary.config.origin.as_deref().is_some_and(|origin| resolved(origin) == out) {
        return refuse("which is the configuration file, expected another name");
    }
    if out.is_dir() {
        return refuse("which is a folder, expected a file in it, such as diary.csv");
    }
    if !arguments.force && arguments.out.symlink_metadata().is_ok() {
        return refuse("which is there already, expected a new name, or --force to replace it");
    }
    Ok(())
}

/// The path without links and dots, also of a file that is not there yet.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.canonicalize().unwrap_or_else(|_| match (absolute.parent(), absolute.file_name()) {
        (Some(folder), Some(name)) => resolved(folder).join(name),
        _ => absolute.clone(),
    })
}

//! `crampwatch log preset`.

use clap::Parser;

use super::arguments::{LogCommand, PresetArguments};
use super::{Diary, Maker, UsageError, describe, own_foods};
use crate::diary::{Entry, MAX_NAME_CHARS};
use crate::store::PresetRow;

/// Most entries of one preset.
const MOST_ENTRIES: usize = 30;

/// One entry of a preset, as it would be typed.
#[derive(Debug, Parser)]
#[command(name = "crampwatch log", disable_help_flag = true)]
struct Line {
    #[command(subcommand)]
    command: LogCommand,
}

pub(super) fn run(arguments: &PresetArguments) -> anyhow::Result<String> {
    let diary = Diary::load(arguments.config.as_deref())?;
    match (arguments.name.as_str(), arguments.entries.as_slice()) {
        ("save", [name, lines @ ..]) => save(&diary, name, lines),
        ("save", []) => {
            Err(UsageError("found no name, expected: crampwatch log preset save NAME ENTRY…".to_owned()).into())
        }
        ("list", []) => list(&diary),
        (name, []) => apply(&diary, name, arguments.at.as_deref()),
        (name, _) => Err(UsageError(format!(
            "found entries after the preset {name:?}; did you mean: crampwatch log preset save {name} …?"
        ))
        .into()),
    }
}

fn entry(maker: &Maker<'_>, line: &str) -> anyhow::Result<Entry> {
    let words = shlex::split(line)
        .ok_or_else(|| UsageError(format!("found {line:?}, in which a quote is not closed; close it")))?;
    let parsed = Line::try_parse_from(std::iter::once("log".to_owned()).chain(words));
    let parsed = parsed.map_err(|error| {
        let first = error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        UsageError(format!("in {line:?}: {first}; expected an entry as after `crampwatch log`"))
    })?;
    if parsed.command.common().is_some_and(|common| common.at.is_some() || common.config.is_some()) {
        return Err(
            UsageError(format!("found --at or --config in {line:?}, expected them behind the preset's name")).into()
        );
    }
    maker.entry(&parsed.command).map_err(|error| UsageError(format!("in {line:?}: {error}")).into())
}

fn save(diary: &Diary, name: &str, lines: &[String]) -> anyhow::Result<String> {
    let name = name.trim();
    if name.is_empty() || ["save", "list"].contains(&name) || name.chars().count() > MAX_NAME_CHARS {
        return Err(
            UsageError(format!("found the name {name:?}, expected a short one other than save and list")).into()
        );
    }
    if lines.is_empty() || lines.len() > MOST_ENTRIES {
        return Err(UsageError(format!(
            "found {} entries, expected 1 to {MOST_ENTRIES}, each quoted, such as 'water 1 glass'",
            lines.len()
        ))
        .into());
    }
    let own = own_foods(diary)?;
    let maker = Maker { diary, own: &own };
    let entries = lines.iter().map(|line| entry(&maker, line)).collect::<anyhow::Result<Vec<Entry>>>()?;
    let preset = PresetRow { name: name.to_owned(), lines: lines.to_vec() };
    diary.with_store(async |store| Ok(store.save_preset(diary.person(), &preset, diary.now()).await?))?;
    let lines: String = entries.iter().map(|entry| format!("  {}\n", describe::what(entry))).collect();
    Ok(format!("saved the preset {name}:\n{lines}log it with: crampwatch log preset {name}\n"))
}

fn presets(diary: &Diary) -> anyhow::Result<Vec<PresetRow>> {
    diary.with_store_if_any(async |store| Ok(store.presets(diary.person()).await?))
}

fn list(diary: &Diary) -> anyhow::Result<String> {
    let line = |preset: PresetRow| format!("{}: {}\n", preset.name, preset.lines.join(" + "));
    let text: String = presets(diary)?.into_iter().map(line).collect();
    Ok(if text.is_empty() {
        "no presets; make one: crampwatch log preset save NAME ENTRY…\n".to_owned()
    } else {
        text
    })
}

fn apply(diary: &Diary, name: &str, at: Option<&str>) -> anyhow::Result<String> {
    let presets = presets(diary)?;
    let Some(preset) = presets.iter().find(|preset| preset.name.eq_ignore_ascii_case(name.trim())) else {
        let names: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).collect();
        let known = if names.is_empty() { "there is none yet".to_owned() } else { names.join(", ") };
        return Err(UsageError(format!("found the preset {name:?}, expected one that was saved: {known}")).into());
    };
    let at = diary.at(at)?;
    let own = own_foods(diary)?;
    let maker = Maker { diary, own: &own };
    let entries: Vec<Entry> =
        preset.lines.iter().map(|line| Ok(Entry { at, ..entry(&maker, line)? })).collect::<anyhow::Result<_>>()?;
    diary.with_store(async |store| Ok(store.add_entries(diary.person(), &entries).await?))?;
    Ok(entries.iter().map(|entry| describe::logged(entry, diary)).collect())
}

//! `crampwatch log`: the diary, written to the store directly, also while the daemon runs.

mod arguments;
mod change;
mod check_in;
mod describe;
mod list;
mod make;
mod medicine;
mod own;
mod preset;
mod water;

use std::path::Path;
use std::process::ExitCode;

use jiff::Zoned;

pub(super) use self::arguments::LogArguments;
use self::arguments::LogCommand;
pub(super) use self::describe::when_text;
pub(super) use self::make::{Maker, own_foods};
use super::{UsageError, output};
use crate::config::Config;
use crate::diary::{EntryKind, Exposure, parse_when};
use crate::store::{DATABASE_FILE, Store};
use crate::units::UtcMicros;

/// What every command of the diary works on; the store is opened only when all that was typed is understood.
pub(super) struct Diary {
    pub(super) config: Config,
    pub(super) now: Zoned,
}

impl Diary {
    pub(super) fn load(config: Option<&Path>) -> anyhow::Result<Self> {
        let config = Config::load(config)?;
        let now = Zoned::now().with_time_zone(config.person.time_zone.clone());
        let mut diary = Self { config, now };
        // A glass that was set over MQTT is what "1 glass" means here too. Nothing is made before all that was typed is understood.
        if diary.config.storage.data_dir.join(DATABASE_FILE).is_file() {
            let glass_ml = diary.with_store(async |store| Ok(store.glass_ml(diary.person()).await?))?;
            diary.config.diary.measures.glass_ml = glass_ml.unwrap_or(diary.config.diary.measures.glass_ml);
        }
        Ok(diary)
    }

    pub(super) fn person(&self) -> &str {
        &self.config.person.id
    }

    pub(super) fn now(&self) -> UtcMicros {
        UtcMicros::from_timestamp(self.now.timestamp())
    }

    pub(super) fn at(&self, at: Option<&str>) -> anyhow::Result<UtcMicros> {
        Ok(at.map_or(Ok(self.now()), |at| parse_when(at, &self.now)).map_err(usage)?)
    }

    /// Runs `work` on the opened store and closes it whatever comes out.
    pub(super) fn with_store<T>(&self, work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = Store::open(&self.config.storage.data_dir).await?;
            let outcome = work(&store).await;
            store.close().await;
            outcome
        })
    }

    /// The same for what only reads: without a database there is nothing, and none is made.
    pub(super) fn with_store_if_any<T: Default>(
        &self,
        work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        if self.config.storage.data_dir.join(DATABASE_FILE).exists() { self.with_store(work) } else { Ok(T::default()) }
    }
}

/// A mistake of the person who typed, from the words of an error.
pub(super) fn usage(error: impl std::fmt::Display) -> UsageError {
    UsageError(error.to_string())
}

pub(super) fn run(arguments: &LogArguments) -> anyhow::Result<ExitCode> {
    let text = match &arguments.command {
        LogCommand::Water(arguments) => water::run(arguments)?,
        LogCommand::Preset(arguments) => preset::run(arguments)?,
        LogCommand::Undo(arguments) => change::undo(arguments)?,
        LogCommand::Edit(arguments) => change::edit(arguments)?,
        LogCommand::List(arguments) => list::run(arguments)?,
        LogCommand::CheckIn(arguments) => check_in::run(arguments)?,
        LogCommand::OwnFood(arguments) => own::food(arguments)?,
        LogCommand::Recipe(arguments) => own::recipe(arguments)?,
        LogCommand::Other(words) => return Err(unknown_kind(words.first().map_or("", String::as_str)).into()),
        command => {
            let diary = Diary::load(command.config())?;
            let own = own_foods(&diary)?;
            let entry = Maker { diary: &diary, own: &own }.entry(command)?;
            let done = describe::logged(&entry, &diary);
            diary.with_store(async |store| Ok(store.add_entries(diary.person(), &[entry]).await?))?;
            let hint = match command {
                LogCommand::Medicine(arguments) => medicine::hint(&arguments.words.join(" "), &diary)?,
                _ => String::new(),
            };
            format!("{done}{hint}")
        }
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// All words that may stand after `log` and make an entry.
fn kinds() -> Vec<String> {
    let taken = [EntryKind::Water, EntryKind::Food, EntryKind::Drink, EntryKind::Supplement].map(EntryKind::as_str);
    let done = Exposure::ALL.into_iter().filter(|exposure| *exposure != Exposure::HardExercise).map(Exposure::as_str);
    taken.into_iter().chain(done).chain(["relief", "note"]).map(str::to_owned).collect()
}

fn unknown_kind(found: &str) -> UsageError {
    let kinds = kinds();
    let close = crate::config::closest(found, kinds.iter().map(String::as_str));
    let hint = close.map_or_else(
        || format!("a food is logged with: crampwatch log food {found:?} 100g"),
        |close| format!("did you mean {close}?"),
    );
    UsageError(format!(
        "found {found:?}, expected {} (or preset, undo, list, edit, check-in, own-food, recipe); for example: crampwatch \
         log water 250ml; {hint}",
        kinds.join(", ")
    ))
}

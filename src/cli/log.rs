//! `crampwatch log`: the diary, written to the store directly, also while the daemon runs.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Zoned;

use super::{UsageError, output};
use crate::clock::{diary_day_bounds, diary_day_of};
use crate::config::Config;
use crate::diary::{Intake, IntakeKind, parse_amount, parse_when};
use crate::store::Store;
use crate::units::UtcMicros;

/// A note longer than this is a text of its own.
const MAX_NOTE_CHARS: usize = 1000;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log water 250ml
  crampwatch log water 250 ml --at 22:10
  crampwatch log water 1 glass --at 'yesterday 22:10' --note 'after sport'

Units: ml, cl, dl, l, glass, cup, fl oz; a number without a unit is refused. A day runs from
04:00 to 04:00. The entry goes to the database of the configuration; a running daemon sees it
within a second.")]
pub(super) struct LogArguments {
    /// What: water.
    #[arg(value_name = "WHAT")]
    kind: String,
    /// How much, with its unit.
    #[arg(required = true, num_args = 1.., value_name = "AMOUNT")]
    amount: Vec<String>,
    /// When, in local time: 07:30, 'yesterday 22:10', '2025-11-21 22:10' or with an offset; default: now.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// What else is worth keeping.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &LogArguments) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref())?;
    let now = Zoned::now().with_time_zone(config.person.time_zone.clone());
    let intake = intake(arguments, &config, &now)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let day = diary_day_of(intake.at, now.time_zone());
    let total_ml = runtime.block_on(async {
        let store = Store::open(&config.storage.data_dir).await?;
        store.add_intake(&intake.to_row()).await?;
        let (from, to) = diary_day_bounds(day, now.time_zone());
        let total_ml = store.water_ml_between(&intake.person_id, from, to).await;
        store.close().await;
        total_ml
    })?;
    let at = intake.at.timestamp().to_zoned(now.time_zone().clone());
    let today = diary_day_of(UtcMicros::from_timestamp(now.timestamp()), now.time_zone());
    let name = if day == today { "today".to_owned() } else { day.to_string() };
    output::print(&format!(
        "logged: {} {} at {} for {}\n{name}: {total_ml:.0} ml water (day from 04:00 to 04:00)\n",
        intake.amount,
        intake.kind,
        at.strftime("%Y-%m-%d %H:%M"),
        intake.person_id
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn intake(arguments: &LogArguments, config: &Config, now: &Zoned) -> anyhow::Result<Intake> {
    let usage = |error: &dyn std::fmt::Display| UsageError(error.to_string());
    let kind = IntakeKind::parse(&arguments.kind).map_err(|error| usage(&error))?;
    let amount = parse_amount(&arguments.amount.join(" "), &config.diary.measures).map_err(|error| usage(&error))?;
    let logged_at = UtcMicros::from_timestamp(now.timestamp());
    let at = arguments.at.as_deref().map_or(Ok(logged_at), |at| parse_when(at, now)).map_err(|error| usage(&error))?;
    let mut intake = Intake::new(&config.person.id, kind, amount, at, logged_at).map_err(|error| usage(&error))?;
    intake.note = arguments.note.as_deref().map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
    if let Some(n) = intake.note.as_ref().map(|note| note.chars().count()).filter(|n| *n > MAX_NOTE_CHARS) {
        let message = format!("found a note of {n} characters, expected at most {MAX_NOTE_CHARS}; shorten it");
        return Err(UsageError(message).into());
    }
    Ok(intake)
}

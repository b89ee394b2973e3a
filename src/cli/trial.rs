//! `crampwatch trial`: a randomised trial on oneself.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::advice::with_store;
use super::{UsageError, output};
use crate::advice::safety::judge;
use crate::advice::trial::{Habit, Permission, Plan, USUAL_PAIRS, WHAT_IT_CAN_SHOW};
use crate::clock::diary_day_of;
use crate::report::{Counsel, usual_supplements};
use crate::store::{Store, TrialRow};
use crate::units::UtcMicros;

/// A supplement is a habit when it was logged on this many of the last 28 days.
const USUAL_DAYS: usize = 7;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch trial start stretching
  crampwatch trial start 'magnesium citrate' --not-prescribed --pairs 6
  crampwatch trial                      what to do today; how it goes; at the end, what it showed
  crampwatch trial mark no --day 2026-11-21
  crampwatch trial stop

Two-week blocks with and without a habit come in pairs in an order that is drawn by lot, and
nothing is told of the nights before the end: that is the only honest way to learn whether a
daily habit does something. What can be tried: stretching, massage, warmth, water-by-day, or a
supplement that you already take by your own choice and log.")]
pub(super) struct TrialArguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Draw a plan and keep it.
    Start {
        /// stretching, massage, warmth, water-by-day, or the name of a supplement as you log it.
        habit: String,
        /// First day; default: tomorrow.
        #[arg(long, value_name = "DATE")]
        from: Option<Date>,
        /// Pairs of two-week blocks, 3 to 12; more pairs see smaller effects.
        #[arg(long, default_value_t = USUAL_PAIRS)]
        pairs: usize,
        /// For a supplement: no clinician prescribed or recommended it.
        #[arg(long)]
        not_prescribed: bool,
    },
    /// Say whether you kept to the habit on a day.
    Mark {
        /// yes: it was done that day; no: it was not.
        #[arg(value_enum)]
        kept: YesNo,
        /// Which day; default: the diary day of now (04:00 to 04:00).
        #[arg(long, value_name = "DATE")]
        day: Option<Date>,
    },
    /// End the trial now; a trial that was stopped shows nothing.
    Stop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum YesNo {
    Yes,
    No,
}

pub(super) fn run(arguments: &TrialArguments) -> anyhow::Result<ExitCode> {
    let said = with_store(arguments.config.as_deref(), async |store, person, now, zone| {
        let today = diary_day_of(now, zone);
        let newest = store.trials(person).await?.into_iter().next();
        let running = newest.clone().filter(|trial| trial.stopped_at.is_none() && today <= trial.plan.last());
        match &arguments.action {
            None => match newest {
                Some(trial) => status(store, person, &trial, now, zone).await,
                None => Ok("no trial yet; crampwatch trial start stretching draws one\n".to_owned()),
            },
            Some(Action::Start { habit, from, pairs, not_prescribed }) => {
                if let Some(trial) = running {
                    return Err(usage(format!(
                        "a trial of {} runs until {}; two at once tell nothing of either: crampwatch trial stop ends it",
                        trial.plan.habit(),
                        trial.plan.last()
                    )));
                }
                let start = match from {
                    Some(start) if *start < today => {
                        return Err(usage(format!(
                            "--from {start}: found a day that is over, expected {today} or later"
                        )));
                    }
                    Some(start) => *start,
                    None => today.tomorrow()?,
                };
                let counsel = Counsel::gather(store, person, now, zone).await?;
                let habit = habit_of(habit);
                let permission = permission(&habit, &counsel, *not_prescribed, zone)?;
                let id = Uuid::now_v7();
                // The lot: the random bits of a new id. The plan keeps its seed, so that anybody can draw it again.
                let seed = id.as_u64_pair().1;
                let plan =
                    Plan::draw(seed, habit, start, *pairs, &permission).map_err(|error| usage(error.to_string()))?;
                let trial = TrialRow { id, plan, drawn_at: now, stopped_at: None };
                store.add_trial(person, &trial).await?;
                Ok(format!(
                    "drawn: {} blocks of two weeks, {} to {}\n{}\n{WHAT_IT_CAN_SHOW}\n",
                    trial.plan.blocks(),
                    trial.plan.start(),
                    trial.plan.last(),
                    trial.plan.reminder(start).unwrap_or_default()
                ))
            }
            Some(Action::Mark { kept, day }) => {
                let Some(trial) = running else { bail!("no trial runs; crampwatch trial start stretching draws one") };
                let day = day.unwrap_or(today);
                if day > today || trial.plan.block_of(day).is_none() {
                    return Err(usage(format!(
                        "--day {day}: expected a day of the trial that has come, {} to {}",
                        trial.plan.start(),
                        trial.plan.last().min(today)
                    )));
                }
                store.mark_trial(trial.id, day, *kept == YesNo::Yes, now).await?;
                let done = if *kept == YesNo::Yes { "done" } else { "not done" };
                Ok(format!("marked: {} {done} on {day}\n", trial.plan.habit()))
            }
            Some(Action::Stop) => {
                let Some(trial) = running else { bail!("no trial runs, so there is none to stop") };
                store.stop_trial(trial.id, now).await?;
                Ok(format!(
                    "stopped: the trial of {}; it shows nothing, which is better than half of something\n",
                    trial.plan.habit()
                ))
            }
        }
    })?;
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

fn usage(message: String) -> anyhow::Error {
    UsageError(message).into()
}

async fn status(
    store: &Store,
    person: &str,
    trial: &TrialRow,
    now: UtcMicros,
    zone: &TimeZone,
) -> anyhow::Result<String> {
    if let Some(at) = trial.stopped_at {
        let day = diary_day_of(at, zone);
        return Ok(format!("the trial of {} was stopped on {day}; it shows nothing\n", trial.plan.habit()));
    }
    let counsel = Counsel::gather(store, person, now, zone).await?;
    let marks = store.trial_marks(trial.id).await?;
    let today = counsel.input.today;
    let summary = trial.plan.summary(today, &counsel.input.nights, &counsel.items, &marks, zone);
    let mut text = trial.plan.text(&summary);
    if let Some(reminder) = trial.plan.reminder(today) {
        text = format!("{reminder}\n{text}");
    }
    Ok(text.trim_end().to_owned() + "\n")
}

fn habit_of(text: &str) -> Habit {
    match text.trim().to_lowercase().as_str() {
        "stretching" | "stretch" => Habit::Stretching,
        "massage" => Habit::Massage,
        "warmth" | "heat" => Habit::Warmth,
        "water-by-day" | "water by day" => Habit::WaterByDay,
        _ => Habit::Supplement { name: text.trim().to_owned() },
    }
}

/// What the safety rules and the diary say of a trial of `habit`.
fn permission(habit: &Habit, counsel: &Counsel, not_prescribed: bool, zone: &TimeZone) -> anyhow::Result<Permission> {
    let forbidden = habit.forbidden(&judge(&counsel.input), &counsel.items);
    let Habit::Supplement { name } = habit else { return Ok(Permission { forbidden, ..Permission::default() }) };
    let usual = usual_supplements(&counsel.items, counsel.input.today, zone, USUAL_DAYS);
    let already_taken = usual.contains(&name.to_lowercase());
    if already_taken && forbidden.is_none() && !not_prescribed {
        return Err(usage(format!(
            "{name}: a trial leaves it out for two weeks at a time. If a clinician prescribed or recommended it, ask them instead; \
             if not, say --not-prescribed"
        )));
    }
    Ok(Permission { forbidden, already_taken, prescribed: false })
}

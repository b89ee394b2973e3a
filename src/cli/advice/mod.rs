//! `crampwatch advice`: what is known, and what this person's own nights show.

mod foods;
mod remedies;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Zoned;

use super::output;
use crate::advice::self_test::{SelfTestOptions, self_test};
use crate::config::Config;
use crate::report::Counsel;
use crate::store::Store;
use crate::units::UtcMicros;

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  crampwatch advice                     one thing to try, why, how sure, from whom
  crampwatch advice --format json
  crampwatch advice foods magnesium     foods of a nutrient, those you eat first
  crampwatch advice remedies            everything people say helps, and how well it is known
  crampwatch advice remedies bedtime_stretch
  crampwatch advice --self-test         how often it finds a true link, how often a false

Advice is made from the nights, the diary (crampwatch log) and what you said of yourself
(crampwatch person). It names no amount to take and is no diagnosis. In an emergency call one."
)]
pub(super) struct AdviceArguments {
    #[command(subcommand)]
    about: Option<About>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Simulate people with and without true links and print how often advice would be right and wrong.
    #[arg(long)]
    self_test: bool,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum About {
    /// Foods that bring a nutrient, those that you eat first.
    Foods(foods::FoodsArguments),
    /// Remedies with their evidence.
    Remedies(remedies::RemediesArguments),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text for people.
    Text,
    /// One object.
    Json,
}

pub(super) fn run(arguments: &AdviceArguments) -> anyhow::Result<ExitCode> {
    match &arguments.about {
        Some(About::Foods(about)) => return foods::run(about),
        Some(About::Remedies(about)) => return remedies::run(about),
        None => {}
    }
    if arguments.self_test {
        let bar = output::waiting("simulating people");
        let result = self_test(&SelfTestOptions::default());
        bar.finish_and_clear();
        output::print(&result.text())?;
        return Ok(if result.keeps_its_word() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let (counsel, advice) = with_store(arguments.config.as_deref(), async |store, person, now, zone| {
        let counsel = Counsel::gather(store, person, now, zone).await?;
        let advice = counsel.advise(store, person, now).await?;
        Ok((counsel, advice))
    })?;
    output::print(&match arguments.format {
        Format::Text => text::advice(&advice, &counsel),
        Format::Json => json(&counsel.wire(&advice))?,
    })?;
    Ok(ExitCode::SUCCESS)
}

fn json(value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Opens the store of the configuration, does `work` for its person, closes it.
pub(super) fn with_store<T>(
    config: Option<&Path>,
    work: impl AsyncFnOnce(&Store, &str, UtcMicros, &jiff::tz::TimeZone) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = Config::load(config)?;
    let now = UtcMicros::from_timestamp(Zoned::now().timestamp());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&config.storage.data_dir).await?;
        let done = work(&store, &config.person.id, now, &config.person.time_zone).await;
        store.close().await;
        done
    })
}

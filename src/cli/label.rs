//! `crampwatch label`: what a person says of episodes, and of cramps that were missed; also while the daemon runs.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};
use uuid::Uuid;

use super::label_list::{self, describe, short};
use super::{UsageError, output};
use crate::clock::night_of;
use crate::config::Config;
use crate::diary::parse_when;
use crate::report::clock_time;
use crate::store::{DATABASE_FILE, EpisodeRow, LabelRow, LabelSource, LabelWord, MISSED_LENGTH_S, NightRow, Store};
use crate::units::UtcMicros;

/// Fewest characters of an id that name an episode.
const MIN_ID_CHARS: usize = 4;
/// Lengths that a missed cramp may have, in seconds.
const MISSED_LENGTHS_S: std::ops::RangeInclusive<f64> = 5.0..=3600.0;
/// An alarm is right from so long before an onset on, as in the evaluation.
const EARLY_S: f64 = 30.0;

#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:
  crampwatch label --list                                what the last nights had, with ids
  crampwatch label last cramp                            the newest alarm was a cramp
  crampwatch label 3f9a1c not                            this one was none
  crampwatch label --missed 2026-11-21T03:12 --for 90s   a cramp without an alarm
  crampwatch label --list --night 2026-11-20             one night

EPISODE is an id, four or more characters from its begin or end, or `last`; the id of a mark of
a missed cramp (also one made with the sensor's button) works too: `not` takes it back. The
newest label counts. If you do not know a missed cramp's time well, give a longer --for: an
alarm anywhere in it counts. `crampwatch train --personal` learns from labels."
)]
pub(super) struct LabelArguments {
    /// Which episode or mark: id, four or more characters from its begin or end, or `last`.
    #[arg(value_name = "EPISODE", requires = "word")]
    episode: Option<String>,
    /// What it was: cramp, not (no cramp) or unsure.
    #[arg(value_name = "cramp|not|unsure")]
    word: Option<String>,
    /// A cramp that raised no alarm, by its local time: 03:12, 'yesterday 23:10', 2026-11-21T03:12.
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["episode", "list"])]
    missed: Option<String>,
    /// How long the missed cramp lasted, such as 90s or 2m; default: 60s.
    #[arg(long = "for", value_name = "LENGTH", requires = "missed")]
    length: Option<String>,
    /// Show episodes and marks of the last three nights with their labels.
    #[arg(long, conflicts_with = "episode")]
    list: bool,
    /// Show this night only; a night is named by the date on which it begins.
    #[arg(long, value_name = "DATE", requires = "list")]
    night: Option<String>,
    /// The configuration file; it names the person, the leg and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

/// What the command works on.
struct Context {
    store: Store,
    person: String,
    leg: String,
    zone: TimeZone,
    now: Zoned,
}

pub(super) fn run(arguments: &LabelArguments) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref())?;
    let zone = config.person.time_zone.clone();
    let now = Zoned::now().with_time_zone(zone.clone());
    // Everything that can be wrong without the store is told before the store is touched.
    let word = arguments.word.as_deref().map(parse_word).transpose()?;
    let missed = arguments.missed.as_deref().map(|missed| missed_stretch(missed, arguments.length.as_deref(), &now));
    let missed = missed.transpose()?;
    let night = arguments.night.as_deref().map(parse_night).transpose()?;
    let database = config.storage.data_dir.join(DATABASE_FILE);
    if !database.exists() {
        anyhow::bail!(
            "found no database {}, expected the one of a daemon that has watched a night: run `crampwatch run` first, or \
             name the right configuration with --config",
            database.display()
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let text = runtime.block_on(async {
        let leg = config.leg.side.leg_name(&config.person.id);
        let store = Store::open(&config.storage.data_dir).await?;
        let context = Context { store, person: config.person.id.clone(), leg, zone, now };
        let text = match (&arguments.episode, word, missed) {
            (Some(episode), Some(word), _) => context.label(episode, word).await,
            (_, _, Some((from, to))) => context.mark(from, to).await,
            _ if arguments.list => label_list::list(&context.store, &context.leg, night, &context.zone).await,
            _ => Err(UsageError("found nothing to do, expected EPISODE, --missed or --list".to_owned()).into()),
        };
        context.store.close().await;
        text
    })?;
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn parse_word(text: &str) -> Result<LabelWord, UsageError> {
    LabelWord::parse(text).ok_or_else(|| {
        UsageError(format!(
            "found the label {text:?}, expected cramp (it was one), not (it was none) or unsure (nobody knows)"
        ))
    })
}

fn parse_night(text: &str) -> Result<Date, UsageError> {
    text.parse().map_err(|_| {
        UsageError(format!("found the night {text:?}, expected the date on which it begins, such as 2026-11-20"))
    })
}

/// Begin and end of a missed cramp.
fn missed_stretch(when: &str, length: Option<&str>, now: &Zoned) -> anyhow::Result<(UtcMicros, UtcMicros)> {
    let from = parse_when(when, now).map_err(|error| UsageError(error.to_string()))?;
    let length_s = length.map_or(Ok(MISSED_LENGTH_S), |text| {
        let expected = "expected a length from 5s to 1h with its unit, such as 90s or 2m";
        let parsed = text.trim().parse::<SignedDuration>().map(|length| length.as_secs_f64());
        let length_s = parsed.map_err(|_| UsageError(format!("found the length {text:?}, {expected}")))?;
        let in_range = MISSED_LENGTHS_S.contains(&length_s);
        if in_range { Ok(length_s) } else { Err(UsageError(format!("found the length {text:?}, {expected}"))) }
    })?;
    Ok((from, from.plus_seconds(length_s)))
}

impl Context {
    fn now(&self) -> UtcMicros {
        UtcMicros::from_timestamp(self.now.timestamp())
    }

    async fn label(&self, text: &str, word: LabelWord) -> anyhow::Result<String> {
        match self.resolve(text).await? {
            Found::Episode(episode) => {
                self.store.label_episode(episode.id, word, LabelSource::User, self.now()).await?;
                Ok(format!("labelled {}: {}\n", word.as_str(), describe::episode(&episode, &self.zone)))
            }
            Found::Mark(mark) => {
                self.store.relabel_mark(mark.id, word, self.now()).await?;
                Ok(format!("labelled {}: {}\n", word.as_str(), describe::mark(&mark, &self.zone)))
            }
        }
    }

    /// What `text` names.
    async fn resolve(&self, text: &str) -> anyhow::Result<Found> {
        const HINT: &str = "`crampwatch label --list` shows them";
        let text = text.trim();
        if text.eq_ignore_ascii_case("last") {
            let newest = self.store.newest_alarm(&self.leg).await?;
            return newest.map(Box::new).map(Found::Episode).ok_or_else(|| {
                let message = format!("found no alarm of {} in the store, expected one to label", self.leg);
                UsageError(format!("{message}; a cramp that raised none is told with --missed")).into()
            });
        }
        let is_id = text.len() >= MIN_ID_CHARS && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if !is_id {
            return Err(UsageError(format!(
                "found the episode {text:?}, expected an id, four or more characters from its begin or end, or `last`; {HINT}"
            ))
            .into());
        }
        let episodes =
            self.store.episodes_by_part_of_id(&self.leg, text).await?.into_iter().map(Box::new).map(Found::Episode);
        let marks = self.store.marks_by_part_of_id(&self.leg, text).await?.into_iter().map(Found::Mark);
        let mut found: Vec<Found> = episodes.chain(marks).collect();
        match found.len() {
            0 => {
                let message = format!("found no episode and no mark {text:?} of {}, expected the id of one", self.leg);
                Err(UsageError(format!("{message}; {HINT}")).into())
            }
            1 => Ok(found.remove(0)),
            n => {
                let lines = found.iter().map(|found| format!("\n  {}  {}", found.id(), found.describe(&self.zone)));
                let lines: String = lines.collect();
                Err(UsageError(format!("{text:?} names {n} episodes, expected one; give more characters of:{lines}"))
                    .into())
            }
        }
    }

    async fn mark(&self, from_at: UtcMicros, to_at: UtcMicros) -> anyhow::Result<String> {
        let nights = self.store.nights(&self.leg, u32::MAX).await?;
        if !nights.iter().any(|night| night.started_at <= from_at && from_at <= night.ended_at) {
            return Err(UsageError(self.no_night(from_at, nights)).into());
        }
        let before = self.store.episodes_between(&self.leg, from_at.plus_seconds(-24.0 * 3600.0), to_at).await?;
        let is_there = |episode: &&EpisodeRow| {
            let end = episode.end_at.unwrap_or(episode.last_data_at);
            let alarm = episode.alarm_at.is_some_and(|alarm| alarm >= from_at.plus_seconds(-EARLY_S));
            alarm && episode.onset_at <= to_at && end >= from_at
        };
        if let Some(episode) = before.iter().find(is_there) {
            return Err(UsageError(format!(
                "found an alarm at that time ({}), so that no cramp was missed; say what it was: crampwatch label {} cramp",
                describe::episode(episode, &self.zone),
                short(episode.id)
            ))
            .into());
        }
        let mark = LabelRow {
            id: Uuid::now_v7(),
            person_id: self.person.clone(),
            leg: self.leg.clone(),
            night: night_of(from_at, &self.zone),
            episode_id: None,
            from_at,
            to_at: Some(to_at),
            label: LabelWord::Cramp,
            source: LabelSource::User,
            labelled_at: self.now(),
        };
        let id = self.store.mark(&mark).await?;
        let told = if id == mark.id { "marked" } else { "marked, in place of the mark that was there" };
        Ok(format!("{told}: {}\n", describe::mark(&LabelRow { id, ..mark }, &self.zone)))
    }

    fn no_night(&self, at: UtcMicros, mut nights: Vec<NightRow>) -> String {
        let local = at.timestamp().to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M");
        let found = format!("found the time {local}, which lies in no stored night of {}", self.leg);
        nights.sort_by_key(|night| (at.0 - night.started_at.0).abs().min((at.0 - night.ended_at.0).abs()));
        let near: Vec<String> = nights
            .iter()
            .take(3)
            .map(|night| {
                let (from, to) = (clock_time(night.started_at, &self.zone), clock_time(night.ended_at, &self.zone));
                format!("{} ({from} to {to})", night.night)
            })
            .collect();
        if near.is_empty() {
            return format!("{found}: there is none yet; let `crampwatch run` watch one first");
        }
        format!(
            "{found}, expected one within the nights watched, the nearest: {}; correct date or time",
            near.join(", ")
        )
    }
}

/// An episode, or a mark of what was missed.
enum Found {
    Episode(Box<EpisodeRow>),
    Mark(LabelRow),
}

impl Found {
    fn id(&self) -> Uuid {
        match self {
            Self::Episode(episode) => episode.id,
            Self::Mark(mark) => mark.id,
        }
    }

    fn describe(&self, zone: &TimeZone) -> String {
        match self {
            Self::Episode(episode) => describe::episode(episode, zone),
            Self::Mark(mark) => describe::mark(mark, zone),
        }
    }
}

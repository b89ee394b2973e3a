//! Episodes and marks as text, with the ids to label them by.

use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::UsageError;
use crate::report::{clock_time, length};
use crate::store::{EpisodeRow, LabelRow, LabelSource, NightRow, Store};

/// Nights that are listed without being asked for.
const NIGHTS: u32 = 3;

/// The last characters of an id, which are random: of the first ones, episodes of one night share many.
pub(super) fn short(id: Uuid) -> String {
    let text = id.to_string();
    text[text.len() - 6..].to_owned()
}

/// One line for each kind of thing.
pub(super) mod describe {
    use super::*;

    /// `episode 3f9a1c, 2026-11-21 03:12:00, 90 s, mild`.
    pub(in crate::cli) fn episode(episode: &EpisodeRow, zone: &TimeZone) -> String {
        let at = episode.onset_at.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
        format!("episode {}, {at}, {}, {}", short(episode.id), lasted(episode), kind(episode))
    }

    /// `missed cramp 77ab01, 2026-11-21 03:12:00, 60 s`.
    pub(in crate::cli) fn mark(mark: &LabelRow, zone: &TimeZone) -> String {
        let at = mark.from_at.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
        format!("missed cramp {}, {at}, {}", short(mark.id), mark_length(mark))
    }
}

fn lasted(episode: &EpisodeRow) -> String {
    episode.end_at.map_or_else(|| "open".to_owned(), |end| length(end.seconds_since(episode.onset_at)))
}

fn mark_length(mark: &LabelRow) -> String {
    mark.to_at.map_or_else(|| "-".to_owned(), |to| length(to.seconds_since(mark.from_at)))
}

fn kind(episode: &EpisodeRow) -> &str {
    match &episode.severity {
        Some(severity) if episode.alarm_at.is_some() => severity,
        _ => "suspicion",
    }
}

/// The newest nights, or the one asked for.
pub(super) async fn list(store: &Store, leg: &str, night: Option<Date>, zone: &TimeZone) -> anyhow::Result<String> {
    let nights = match night {
        Some(date) => store.night(leg, date).await?.into_iter().collect(),
        None => store.nights(leg, NIGHTS).await?,
    };
    if nights.is_empty() {
        let known = store.nights(leg, 1).await?;
        let newest = known.first().map_or_else(
            || "there is none yet; let `crampwatch run` watch one first".to_owned(),
            |night| format!("the newest is {}; a night is named by the date on which it begins", night.night),
        );
        let which = night.map_or_else(String::new, |night| format!(" of {night}"));
        return Err(UsageError(format!("found no stored night{which} of {leg}, {newest}")).into());
    }
    let mut text = String::new();
    for night in nights.iter().rev() {
        text.push_str(&one_night(store, night, zone).await?);
    }
    text.push_str(
        "Label one: crampwatch label ID cramp|not|unsure; one that is not here: crampwatch label --missed TIME\n",
    );
    Ok(text)
}

async fn one_night(store: &Store, night: &NightRow, zone: &TimeZone) -> anyhow::Result<String> {
    let episodes = store.episodes_of_night(&night.leg, night.night).await?;
    let labels = store.labels_between(&night.leg, night.started_at, night.ended_at.plus_seconds(1.0)).await?;
    let of_episode = |id: Uuid| labels.iter().find(|label| label.episode_id == Some(id));
    let mut lines = Vec::new();
    let mut suspicions = 0;
    for episode in &episodes {
        let label = of_episode(episode.id);
        if episode.alarm_at.is_none() && label.is_none() {
            suspicions += 1;
            continue;
        }
        let words = [short(episode.id), lasted(episode), kind(episode).to_owned(), said(label)];
        lines.push((episode.onset_at, words));
    }
    for mark in labels.iter().filter(|label| label.episode_id.is_none()) {
        lines.push((mark.from_at, [short(mark.id), mark_length(mark), "missed".to_owned(), said(Some(mark))]));
    }
    lines.sort_by_key(|(at, _)| *at);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "Night of {} · {}", night.night, night.leg);
    if lines.is_empty() {
        let _ = writeln!(text, "  no alarm");
    } else {
        let _ = writeln!(text, "  {:<6}  {:<8}  {:>7}  {:<9}  label", "id", "onset", "length", "severity");
    }
    for (at, [id, length, kind, said]) in lines {
        let _ = writeln!(text, "  {id:<6}  {:<8}  {length:>7}  {kind:<9}  {said}", clock_time(at, zone));
    }
    if suspicions > 0 {
        let _ = writeln!(text, "  and {suspicions} that looked like one for a moment");
    }
    text.push('\n');
    Ok(text)
}

fn said(label: Option<&LabelRow>) -> String {
    match label {
        None => "-".to_owned(),
        Some(label) if label.source == LabelSource::Marker => format!("{} (button)", label.label.as_str()),
        Some(label) => label.label.as_str().to_owned(),
    }
}

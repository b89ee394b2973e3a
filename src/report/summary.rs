//! One night from the store, as text for the morning.

use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{clock_time, length, watched_line};
use crate::chunk::GapReason;
use crate::clock::diary_day_bounds;
use crate::store::{EpisodeRow, GapRow, NightRow, Store, StoreError};
use crate::units::UtcMicros;

/// Something that truly happened in a simulated night.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueEvent {
    /// What, such as `cramp`.
    pub kind: &'static str,
    /// Begin.
    pub onset_at: UtcMicros,
    /// End.
    pub end_at: UtcMicros,
}

/// What a night came to.
#[derive(Debug, Clone)]
pub struct NightSummary {
    /// The account.
    pub night: NightRow,
    /// Cramps in order; mere suspicions are left out.
    pub episodes: Vec<EpisodeRow>,
    /// Suspicions that came to nothing.
    pub dropped: usize,
    /// Gaps in order.
    pub gaps: Vec<GapRow>,
    /// Water logged for the diary day of the night's date before the first worn minute, ml.
    pub water_ml: f64,
}

impl NightSummary {
    /// Reads a night; `None` if the store has none of that date.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(
        store: &Store,
        person: &str,
        leg: &str,
        date: Date,
        zone: &TimeZone,
    ) -> Result<Option<Self>, StoreError> {
        let Some(night) = store.night(leg, date).await? else { return Ok(None) };
        let (suspicions, episodes): (Vec<_>, Vec<_>) =
            store.episodes_of_night(leg, date).await?.into_iter().partition(|episode| episode.alarm_at.is_none());
        let (from, until) = diary_day_bounds(date, zone);
        let until = night.first_worn_at.map_or(until, |worn| worn.min(until));
        Ok(Some(Self {
            dropped: suspicions.len(),
            gaps: store.gaps_of_night(leg, date).await?,
            water_ml: store.water_ml_between(person, from, until).await?,
            episodes,
            night,
        }))
    }

    /// The summary as aligned text in local time. With `truth` (simulated nights only) each line shows what truly was.
    pub fn text(&self, zone: &TimeZone, truth: Option<&[TrueEvent]>) -> String {
        let mut text = String::new();
        let night = &self.night;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "Night of {} · {}", night.night, night.leg);
        let _ = writeln!(text, "  {}", watched_line(night.cramp_count, night.valid_s, night.monitored_s));
        self.write_gaps(&mut text, zone);
        let _ = writeln!(text);
        if self.episodes.is_empty() && truth.is_none_or(<[TrueEvent]>::is_empty) {
            let _ = writeln!(text, "  No cramp in what was watched.");
        } else {
            self.write_episodes(&mut text, zone, truth);
        }
        if self.dropped > 0 {
            let _ = writeln!(text, "\n  Looked like one for a moment, and was none: {}", self.dropped);
        }
        let _ = writeln!(text, "\n  Water logged before the night: {:.0} ml", self.water_ml);
        text
    }

    fn write_gaps(&self, text: &mut String, zone: &TimeZone) {
        for (reason, words) in [(GapReason::NoData, "no samples"), (GapReason::LeadOff, "electrode loose or off")] {
            let gaps: Vec<&GapRow> = self.gaps.iter().filter(|gap| gap.reason == reason).collect();
            if gaps.is_empty() {
                continue;
            }
            let total_s: f64 = gaps.iter().map(|gap| gap.to_at.seconds_since(gap.from_at)).sum();
            let longest = gaps.iter().max_by_key(|gap| gap.to_at.0 - gap.from_at.0);
            let _ = write!(text, "  Gaps, {words}: {}, {} in all", gaps.len(), length(total_s));
            if let Some(gap) = longest {
                let lasted_s = gap.to_at.seconds_since(gap.from_at);
                let _ = write!(text, ", the longest {} from {}", length(lasted_s), clock_time(gap.from_at, zone));
            }
            let _ = writeln!(text);
        }
    }

    fn write_episodes(&self, text: &mut String, zone: &TimeZone, truth: Option<&[TrueEvent]>) {
        let _ = writeln!(text, "  {:<9} {:>6}  {:>7}  {:<9} why", "onset", "alarm", "length", "severity");
        let mut unmatched: Vec<&TrueEvent> = truth.unwrap_or_default().iter().collect();
        for episode in &self.episodes {
            let alarm_s = episode.alarm_at.map_or(0.0, |at| at.seconds_since(episode.onset_at));
            let lasted =
                episode.end_at.map_or_else(|| "open".to_owned(), |end| length(end.seconds_since(episode.onset_at)));
            let _ = writeln!(
                text,
                "  {:<9} {:>6}  {:>7}  {:<9} {}",
                clock_time(episode.onset_at, zone),
                format!("+{alarm_s:.0} s"),
                lasted,
                episode.severity.as_deref().unwrap_or("-"),
                episode.reasons.join("; ")
            );
            if truth.is_some() {
                let matching = unmatched.iter().position(|event| overlaps(event, episode));
                match matching.map(|index| unmatched.remove(index)) {
                    Some(event) => {
                        let late_s = episode.alarm_at.map_or(0.0, |at| at.seconds_since(event.onset_at));
                        let _ = writeln!(
                            text,
                            "    truth: cramp at {} for {}, alarm {late_s:.1} s after its onset",
                            clock_time(event.onset_at, zone),
                            length(event.end_at.seconds_since(event.onset_at))
                        );
                    }
                    None => {
                        let _ = writeln!(text, "    truth: no cramp here, a false alarm");
                    }
                }
            }
        }
        for event in unmatched {
            let lasted = length(event.end_at.seconds_since(event.onset_at));
            let _ = writeln!(text, "  missed    truth: cramp at {} for {lasted}", clock_time(event.onset_at, zone));
        }
    }
}

/// The rule of the evaluation: the alarm lies between 30 s before the onset and the end.
fn overlaps(event: &TrueEvent, episode: &EpisodeRow) -> bool {
    episode.alarm_at.is_some_and(|at| at >= event.onset_at.plus_seconds(-30.0) && at <= event.end_at)
}

//! What follows from the detector's outputs and from the passing of time.

use tracing::debug;

use super::Leg;
use crate::alarm::AlarmInput;
use crate::daemon::DaemonError;
use crate::detect::{Hop, Output};
use crate::sensor::SourceItem;
use crate::signal::Quality;
use crate::units::UtcMicros;

/// Data that go on within this after the last known ones belong to the same episode.
const RESUME_WITHIN_S: f64 = 60.0;

impl Leg {
    pub(super) async fn follow(&mut self, output: Output) -> Result<(), DaemonError> {
        if !self.flags.armed && !matches!(output, Output::Hop(_)) {
            return Ok(());
        }
        match output {
            Output::Hop(hop) => self.follow_hop(hop).await,
            Output::Gap(gap) => self.note_gap(gap).await,
            Output::Suspected { onset_quarter, at_quarter, probability } => {
                let (onset_at, at) = (self.utc(onset_quarter), self.utc(at_quarter + 1));
                let episode = self.episodes.suspected(&self.to, onset_at, at, probability).await?;
                self.alarm(AlarmInput::CrampSuspected { episode }, at).await?;
                self.say_live(true).await;
                Ok(())
            }
            Output::Dropped { at_quarter } => {
                let at = self.utc(at_quarter + 1);
                self.drop_episode(at).await
            }
            Output::Started { onset_quarter, at_quarter, summary } => {
                let (onset_at, at) = (self.utc(onset_quarter), self.utc(at_quarter + 1));
                // One that was suspected while nobody watched is not told of.
                let Some(episode) = self.episodes.started(&self.to, onset_at, at, &summary).await? else {
                    return Ok(());
                };
                if let Some(night) = &mut self.night {
                    night.row.cramp_count += 1;
                }
                self.alarm(AlarmInput::CrampStarted { episode }, at).await?;
                self.say_live(true).await;
                self.keep().await
            }
            Output::Ended { end_quarter, at_quarter, reason, summary } => {
                let (end_at, at) = (self.utc(end_quarter), self.utc(at_quarter + 1));
                self.end_episode(end_at, at, reason.as_str(), Some(&summary)).await
            }
        }
    }

    /// A suspicion has come to nothing.
    pub(super) async fn drop_episode(&mut self, at: UtcMicros) -> Result<(), DaemonError> {
        self.episodes.dropped(&self.to, at).await?;
        self.alarm(AlarmInput::SuspicionDropped, at).await
    }

    pub(super) async fn end_episode(
        &mut self,
        end_at: UtcMicros,
        at: UtcMicros,
        reason: &str,
        summary: Option<&crate::detect::Summary>,
    ) -> Result<(), DaemonError> {
        let length_s = self.episodes.ended(&self.to, end_at, at, reason, summary).await?;
        if let (Some(night), Some(length_s)) = (&mut self.night, length_s) {
            night.cramp_total_s += length_s;
        }
        self.alarm(AlarmInput::CrampEnded, at).await?;
        self.say_live(true).await;
        self.keep().await
    }

    pub(super) async fn follow_hop(&mut self, hop: Hop) -> Result<(), DaemonError> {
        let at = self.utc(hop.quarter + 1);
        self.follow_stillness(&hop, at).await?;
        // What lies on a table is not watched, though its samples are good.
        if hop.quality == Quality::Good
            && self.flags.armed
            && !self.still
            && let Some(night) = &mut self.night
        {
            night.watched(at, hop.row.valid);
        }
        self.alarm_quality(hop.quality, at).await?;
        if hop.row.marker {
            self.presses.take(&self.to, &mut self.episodes, at, "marked on the sensor").await?;
        }
        self.episodes.touch(&self.to, at).await?;
        self.hop = Some(hop);
        Ok(())
    }

    pub(super) async fn pass_time(&mut self, now: UtcMicros) -> Result<(), DaemonError> {
        self.now = Some(now);
        if let Some(night) = &mut self.night {
            if self.flags.armed {
                night.advance(now);
            } else {
                night.pass_unwatched(now);
            }
        }
        self.alarm_time(now).await?;
        if !self.flags.available && self.place.is_some() {
            let mut outputs = Vec::new();
            let quarter = self.quarter_at(now);
            self.detector.no_data_until(quarter, |output| outputs.push(output));
            for output in outputs {
                self.follow(output).await?;
            }
        }
        Ok(())
    }

    /// An episode was open when an earlier run ended: it goes on if data go on in time, else it was interrupted.
    pub(super) async fn settle_open_episode(&mut self, item: &SourceItem) -> Result<(), DaemonError> {
        let Some(row) = self.episodes.open() else { return Ok(()) };
        let (last_data_at, announced) = (row.last_data_at, row.alarm_at.is_some());
        let first = item.chunks.first().map(|timed| timed.start_at);
        let pause_s = first.unwrap_or(item.now).seconds_since(last_data_at);
        if first.is_none() && pause_s <= RESUME_WITHIN_S {
            return Ok(());
        }
        self.resuming = false;
        if announced && pause_s.abs() <= RESUME_WITHIN_S {
            debug!("An episode that was open goes on.");
            self.detector.resume_episode();
            return Ok(());
        }
        if announced {
            let at = first.unwrap_or(item.now);
            self.end_episode(last_data_at, at, "interrupted", None).await
        } else {
            self.drop_episode(last_data_at).await
        }
    }
}

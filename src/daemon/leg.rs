//! One leg: records, detects, commits, tells. The heart of the daemon's shell; everything it decides is decided elsewhere.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::DaemonError;
use super::backbone::{Backbone, LegView};
use super::episodes::{Episodes, tell};
use super::marker::Presses;
use super::night::NightAccount;
use crate::alarm::{Liveness, LivenessChange};
use crate::chunk::{GapReason, StreamLayout};
use crate::clock::night_of;
use crate::detect::{Detector, EpisodePhase, Hop, Output, Stretch};
use crate::mqtt::Outgoing;
use crate::mqtt::payload::{EventType, LivePayload, MonitorState, OnOff, WireTime};
use crate::recording::{NightRecorder, SegmentEvent};
use crate::sensor::{SourceItem, TimedChunk};
use crate::signal::Quality;
use crate::store::{GapRow, SegmentRow};
use crate::units::UtcMicros;

/// Data that go on within this after the last known ones belong to the same episode.
const RESUME_WITHIN_S: f64 = 60.0;
/// The live state is repeated this often, and the night and the detector's state are kept as often, at most.
const EVERY: Duration = Duration::from_secs(30);
/// Gaps shorter than this are lost frames: counted in coverage, not listed.
const SHORTEST_GAP_S: f64 = 1.0;

/// Everything of one leg while one source plays.
#[derive(Debug)]
pub(super) struct Leg {
    to: Arc<Backbone>,
    layout: StreamLayout,
    detector: Detector,
    recorder: Option<NightRecorder>,
    episodes: Episodes,
    presses: Presses,
    liveness: Liveness,
    night: Option<NightAccount>,
    /// A stream index and its UTC: the newest chunk's.
    place: Option<(u64, UtcMicros)>,
    hop: Option<Hop>,
    now: Option<UtcMicros>,
    nights_over: u32,
    said: Option<(MonitorState, Instant)>,
    live_seq: u64,
    kept: Instant,
    began: Instant,
    resuming: bool,
}

impl Leg {
    /// A leg whose state of an earlier run is put back; an episode that was left open waits for the first data.
    pub(super) async fn open(to: Arc<Backbone>, layout: &StreamLayout, nights_over: u32) -> Result<Self, DaemonError> {
        let mut detector = Detector::new(layout, to.model.clone())?;
        if let Some((state, _)) = to.store.leg_state(&to.leg).await?
            && let Ok(state) = serde_json::from_value(state)
        {
            detector.restore(&state);
        }
        let calibrations = to.store.calibrations(&to.leg).await?;
        detector.set_mvc_rms_uv(calibrations.iter().filter_map(|c| c.mvc_rms_uv).reduce(f64::max));
        let folder = to.config.storage.data_dir.join("nights");
        let recorder =
            if to.config.storage.keep_raw { Some(NightRecorder::new(&folder, &to.leg, layout.clone())?) } else { None };
        let mut episodes = Episodes::default();
        let mut open = to.store.open_episodes(&to.leg).await?;
        let newest = open.pop();
        for old in open {
            let end = old.last_data_at;
            episodes.resume(old);
            episodes.ended(&to, end, end, "interrupted", None).await?;
        }
        let resuming = newest.is_some();
        newest.into_iter().for_each(|row| episodes.resume(row));
        let stale_after_s = to.config.alarm.stale_after_s;
        let now = Instant::now();
        Ok(Self {
            to,
            layout: layout.clone(),
            detector,
            recorder,
            episodes,
            presses: Presses::default(),
            liveness: Liveness::new(stale_after_s),
            night: None,
            place: None,
            hop: None,
            now: None,
            nights_over,
            said: None,
            live_seq: 0,
            kept: now,
            began: now,
            resuming,
        })
    }

    /// Takes what the source gave.
    pub(super) async fn take(&mut self, item: SourceItem) -> Result<(), DaemonError> {
        self.roll_night(item.now).await?;
        if self.resuming {
            self.settle_open_episode(&item).await?;
        }
        for timed in item.chunks {
            self.take_chunk(timed).await?;
        }
        self.pass_time(item.now).await?;
        self.say_live(false).await;
        if self.kept.elapsed() >= EVERY {
            self.keep().await?;
        }
        self.to.beats.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// The source is over, or the daemon stops. An episode of a finished source ends; one of a stopped daemon stays
    /// open for the next start.
    pub(super) async fn close(&mut self, finished: bool) -> Result<(), DaemonError> {
        if finished {
            let mut outputs = Vec::new();
            self.detector.finish(|output| outputs.push(output));
            for output in outputs {
                self.follow(output).await?;
            }
        }
        if let Some(mut recorder) = self.recorder.take() {
            let events = recorder.finish()?;
            self.note_segments(events).await?;
        }
        self.keep().await?;
        if finished && self.night.is_some() {
            self.close_night().await?;
            self.nights_over += 1;
        }
        self.say_live(true).await;
        Ok(())
    }

    async fn take_chunk(&mut self, timed: TimedChunk) -> Result<(), DaemonError> {
        let TimedChunk { chunk, start_at } = timed;
        self.place = Some((chunk.emg_first, start_at));
        if let Some(recorder) = &mut self.recorder {
            let synced = recorder.sync_if_due(self.began.elapsed().as_micros() as u64);
            match synced.and_then(|()| recorder.push(&chunk, start_at)) {
                Ok(events) => self.note_segments(events).await?,
                Err(error) => {
                    // Detection goes on: a full disk must not cost an alarm.
                    warn!(%error, "The raw night is no longer kept; detection goes on.");
                    self.recorder = None;
                }
            }
        }
        let mut outputs = Vec::new();
        self.detector.push(&chunk, |output| outputs.push(output));
        for output in outputs {
            self.follow(output).await?;
        }
        Ok(())
    }

    async fn follow(&mut self, output: Output) -> Result<(), DaemonError> {
        match output {
            Output::Hop(hop) => self.follow_hop(hop).await,
            Output::Gap(gap) => self.note_gap(gap).await,
            Output::Suspected { onset_quarter, at_quarter, probability } => {
                let (onset_at, at) = (self.utc(onset_quarter), self.utc(at_quarter + 1));
                self.episodes.suspected(&self.to, onset_at, at, probability).await?;
                self.say_live(true).await;
                Ok(())
            }
            Output::Dropped { at_quarter } => {
                let at = self.utc(at_quarter + 1);
                self.episodes.dropped(&self.to, at).await
            }
            Output::Started { onset_quarter, at_quarter, summary } => {
                let (onset_at, at) = (self.utc(onset_quarter), self.utc(at_quarter + 1));
                self.episodes.started(&self.to, onset_at, at, &summary).await?;
                if let Some(night) = &mut self.night {
                    night.row.cramp_count += 1;
                }
                self.say_live(true).await;
                self.keep().await
            }
            Output::Ended { end_quarter, at_quarter, reason, summary } => {
                let (end_at, at) = (self.utc(end_quarter), self.utc(at_quarter + 1));
                self.end_episode(end_at, at, reason.as_str(), Some(&summary)).await
            }
        }
    }

    async fn end_episode(
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
        self.say_live(true).await;
        self.keep().await
    }

    async fn follow_hop(&mut self, hop: Hop) -> Result<(), DaemonError> {
        let at = self.utc(hop.quarter + 1);
        if hop.quality == Quality::Good {
            if let Some(night) = &mut self.night {
                night.watched(at, hop.row.valid);
            }
            if let Some(LivenessChange::Restored { silent_s }) = self.liveness.data(at) {
                let reason = format!("valid samples again after {silent_s:.0} s");
                tell(&self.to, EventType::MonitoringRestored, at, vec![reason]).await?;
                self.say_availability(true).await;
            }
        }
        if hop.row.marker {
            self.presses.take(&self.to, &mut self.episodes, at).await?;
        }
        self.episodes.touch(&self.to, at).await?;
        self.hop = Some(hop);
        Ok(())
    }

    async fn pass_time(&mut self, now: UtcMicros) -> Result<(), DaemonError> {
        self.now = Some(now);
        if let Some(night) = &mut self.night {
            night.advance(now);
        }
        if let Some(LivenessChange::Fault { since }) = self.liveness.time(now) {
            let why = match self.hop.as_ref().map(|hop| hop.quality) {
                Some(Quality::LeadOff) => "electrodes off the skin",
                Some(Quality::Clipped | Quality::Flat | Quality::Mains) => "an electrode is loose",
                _ => "no samples from the sensor",
            };
            info!(leg = self.to.leg, why, "Valid samples are missing.");
            let reason = format!("{why} for {:.0} s", now.seconds_since(since));
            tell(&self.to, EventType::MonitoringFault, now, vec![reason]).await?;
            self.say_availability(false).await;
        }
        if self.liveness.is_stale() && self.place.is_some() {
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
    async fn settle_open_episode(&mut self, item: &SourceItem) -> Result<(), DaemonError> {
        let Some(row) = self.episodes.open() else { return Ok(()) };
        let (last_data_at, announced) = (row.last_data_at, row.alarm_at.is_some());
        let first = item.chunks.first().map(|timed| timed.start_at);
        let pause_s = first.unwrap_or(item.now).seconds_since(last_data_at);
        if first.is_none() && pause_s <= RESUME_WITHIN_S {
            return Ok(());
        }
        self.resuming = false;
        if announced && pause_s.abs() <= RESUME_WITHIN_S {
            info!("An episode that was open goes on.");
            self.detector.resume_episode();
            return Ok(());
        }
        if announced {
            let at = first.unwrap_or(item.now);
            self.end_episode(last_data_at, at, "interrupted", None).await
        } else {
            self.episodes.dropped(&self.to, last_data_at).await
        }
    }

    async fn roll_night(&mut self, now: UtcMicros) -> Result<(), DaemonError> {
        let zone = &self.to.config.person.time_zone;
        let date = night_of(now, zone);
        if self.night.as_ref().is_some_and(|night| night.date() != date) {
            self.close_night().await?;
        }
        if self.night.is_none() {
            let account = match self.to.store.night(&self.to.leg, date).await? {
                Some(row) => {
                    let episodes = self.to.store.episodes_of_night(&self.to.leg, date).await?;
                    let ended =
                        episodes.iter().filter(|e| e.alarm_at.is_some()).filter_map(|e| Some((e.end_at?, e.onset_at)));
                    let total_s = ended.map(|(end, onset)| end.seconds_since(onset)).sum();
                    let (account, gap) = NightAccount::resume(row, total_s, now);
                    if let Some((from_at, to_at)) = gap {
                        self.add_gap(&account, from_at, to_at, GapReason::NoData).await?;
                    }
                    account
                }
                None => NightAccount::begin(&self.to.leg, &self.to.config.person.time_zone, now),
            };
            self.night = Some(account);
            self.say_availability(!self.liveness.is_stale()).await;
        }
        Ok(())
    }

    async fn close_night(&mut self) -> Result<(), DaemonError> {
        let Some(mut night) = self.night.take() else { return Ok(()) };
        night.row.closed = true;
        self.to.store.save_night(&night.row).await?;
        let line = crate::report::watched_line(night.row.cramp_count, night.row.valid_s, night.row.monitored_s);
        tell(&self.to, EventType::NightClosed, night.row.ended_at, vec![line]).await?;
        self.to.say(Outgoing::Night { leg: self.to.leg.clone(), payload: night.payload() }).await;
        Ok(())
    }

    async fn note_gap(&mut self, gap: Stretch) -> Result<(), DaemonError> {
        let (from_at, to_at) = (self.utc(gap.from), self.utc(gap.to));
        if to_at.seconds_since(from_at) < SHORTEST_GAP_S {
            return Ok(());
        }
        if let Some(night) = &mut self.night {
            night.row.gap_count += 1;
        }
        match &self.night {
            Some(night) => self.add_gap(night, from_at, to_at, gap.reason).await,
            None => Ok(()),
        }
    }

    async fn add_gap(
        &self,
        night: &NightAccount,
        from_at: UtcMicros,
        to_at: UtcMicros,
        reason: GapReason,
    ) -> Result<(), DaemonError> {
        let gap = GapRow { leg: self.to.leg.clone(), night: night.date(), from_at, to_at, reason };
        Ok(self.to.store.add_gap(&gap).await?)
    }

    async fn note_segments(&self, events: Vec<SegmentEvent>) -> Result<(), DaemonError> {
        for event in events {
            match event {
                SegmentEvent::Started(info) => {
                    let row = SegmentRow {
                        leg: self.to.leg.clone(),
                        night: night_of(info.started_at, &self.to.config.person.time_zone),
                        path: info.path.display().to_string(),
                        started_at: info.started_at,
                        n_samples: None,
                    };
                    self.to.store.add_segment(&row).await?;
                }
                SegmentEvent::Finished(info) => {
                    let path = info.path.display().to_string();
                    self.to.store.finish_segment(&path, i64::try_from(info.n_samples).unwrap_or(i64::MAX)).await?;
                }
            }
        }
        Ok(())
    }

    /// Keeps the night and the detector's state, and tells of the night.
    async fn keep(&mut self) -> Result<(), DaemonError> {
        self.kept = Instant::now();
        if let Some(night) = &self.night {
            self.to.store.save_night(&night.row).await?;
            self.to.say(Outgoing::Night { leg: self.to.leg.clone(), payload: night.payload() }).await;
        }
        if let (Some(now), true) = (self.now, self.detector.is_calibrated()) {
            let state = serde_json::to_value(self.detector.state())?;
            self.to.store.save_leg_state(&self.to.leg, &state, now).await?;
        }
        Ok(())
    }

    async fn say_availability(&self, online: bool) {
        self.to.say(Outgoing::Availability { leg: self.to.leg.clone(), online }).await;
    }

    /// Says the live state when it has changed, or half a minute after it was said, or at once.
    async fn say_live(&mut self, at_once: bool) {
        let state = self.monitor_state();
        let now = self.now.or(self.place.map(|(_, utc)| utc)).unwrap_or(UtcMicros(0));
        self.show(state, now);
        let due = self.said.is_none_or(|(said, when)| said != state || when.elapsed() >= EVERY);
        if !(due || at_once) {
            return;
        }
        self.said = Some((state, Instant::now()));
        self.live_seq += 1;
        let payload = LivePayload {
            cramp: OnOff::from(state == MonitorState::Cramp),
            state,
            probability: self.hop.as_ref().and_then(|hop| hop.probability).map(|p| (p * 100.0).round() / 100.0),
            muted: OnOff::from(false),
            seq: self.live_seq,
            at: WireTime(now),
        };
        self.to.say(Outgoing::Live { leg: self.to.leg.clone(), payload }).await;
    }

    fn show(&self, state: MonitorState, now: UtcMicros) {
        let row = self.night.as_ref().map(|night| &night.row);
        self.to.view.send_replace(LegView {
            now,
            state,
            ratio: self.hop.as_ref().map_or(0.0, |hop| hop.row.ratio),
            cramps: row.map_or(0, |row| row.cramp_count),
            watched_s: row.map_or(0.0, |row| row.valid_s),
            monitored_s: row.map_or(0.0, |row| row.monitored_s),
            nights_over: self.nights_over,
        });
    }

    fn monitor_state(&self) -> MonitorState {
        match (self.detector.phase(), self.place) {
            (EpisodePhase::Started, _) => MonitorState::Cramp,
            (_, None) => MonitorState::Waiting,
            _ if self.liveness.is_stale() => MonitorState::NoData,
            (EpisodePhase::Suspected, _) => MonitorState::Suspected,
            _ if !self.detector.is_calibrated() => MonitorState::Calibrating,
            _ => MonitorState::Monitoring,
        }
    }

    /// UTC of the start of a quarter, seen from the newest chunk.
    fn utc(&self, quarter: u64) -> UtcMicros {
        let Some((index, utc)) = self.place else { return UtcMicros(0) };
        let rate = self.layout.emg.rate;
        let (at, place) = (rate.micros_of(rate.quarter_start(quarter)), rate.micros_of(index));
        utc.plus_micros(at as i64 - place as i64)
    }

    /// The quarter of an instant, seen from the newest chunk.
    fn quarter_at(&self, now: UtcMicros) -> u64 {
        let Some((index, utc)) = self.place else { return 0 };
        let micros = self.layout.emg.rate.micros_of(index) as i64 + (now.0 - utc.0);
        u64::try_from(micros / 250_000).unwrap_or(0)
    }
}

//! One leg: records, detects, commits, tells. The heart of the daemon's shell; everything it decides is decided elsewhere.

mod account;
mod alarms;
mod calibrated;
mod diagnostics;
mod episodes;
mod follow;
mod link;
mod live;
mod nights;
mod presses;
mod raw_night;
mod requests;
mod self_test;
mod tasks;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tracing::warn;

use self::account::NightAccount;
use self::alarms::Contact;
use self::diagnostics::SensorMinute;
use self::episodes::Episodes;
use self::presses::Presses;
use self::raw_night::RawNight;
pub(super) use self::requests::LegRequest;
pub(super) use self::tasks::run_leg;
use super::DaemonError;
use super::backbone::Backbone;
use crate::alarm::{AlarmFlags, AlarmPolicy, AlarmState};
use crate::chunk::StreamLayout;
use crate::detect::{Detector, Hop, Stillness};
use crate::mqtt::payload::MonitorState;
use crate::sensor::{LinkReport, SourceItem, TimedChunk};
use crate::units::UtcMicros;

/// The live state is repeated this often, and the night and the detector's state are kept as often, at most.
const EVERY: Duration = Duration::from_secs(30);

/// Everything of one leg while one source plays.
#[derive(Debug)]
pub(super) struct Leg {
    to: Arc<Backbone>,
    layout: StreamLayout,
    detector: Detector,
    raw: RawNight,
    episodes: Episodes,
    presses: Presses,
    policy: AlarmPolicy,
    /// What the policy remembered at the last stop, until the stream's present is known.
    kept_alarms: Option<AlarmState>,
    /// States of the policy as they were last acted on.
    flags: AlarmFlags,
    contact: Contact,
    stillness: Stillness,
    /// As it was last told to the policy.
    still: bool,
    minute: SensorMinute,
    bed: Option<bool>,
    /// End of the newest samples, good or bad.
    newest_at: Option<UtcMicros>,
    /// How the link to the sensor stands, as last heard.
    link: Option<LinkReport>,
    /// When the self-test was last looked at, what was seen of broker and disk then, and what was wrong with the link.
    tested: Option<(UtcMicros, [bool; 3], Vec<String>)>,
    failed: Option<Vec<String>>,
    /// What is wrong with the store, as it was opened.
    store_trouble: Option<String>,
    night: Option<NightAccount>,
    /// A stream index and its UTC: the newest chunk's.
    place: Option<(u64, UtcMicros)>,
    hop: Option<Hop>,
    now: Option<UtcMicros>,
    nights_over: u32,
    said: Option<(MonitorState, Instant)>,
    live_seq: u64,
    kept: Instant,
    resuming: bool,
}

impl Leg {
    /// A leg whose state of an earlier run is put back; an episode that was left open waits for the first data.
    pub(super) async fn open(to: Arc<Backbone>, layout: &StreamLayout, nights_over: u32) -> Result<Self, DaemonError> {
        let mut detector = Detector::new(layout, to.model.clone())?;
        let mut known_at = None;
        if let Some((state, at)) = to.store.leg_state(&to.leg).await?
            && let Ok(state) = serde_json::from_value(state)
        {
            detector.restore(&state);
            known_at = Some(at);
        }
        let calibrations = to.store.calibrations(&to.leg).await?;
        let efforts = to.store.efforts(&to.leg).await?;
        detector.set_mvc_rms_uv(calibrated::mvc_rms_uv(&efforts, layout));
        if let Some(rest) = calibrated::rest_rms_uv(&calibrations, layout, known_at) {
            detector.expect_rest(&rest);
        }
        let kept_alarms = kept_alarms(&to).await?;
        let policy = AlarmPolicy::new(to.config.alarm.policy.clone(), to.config.person.time_zone.clone());
        // Read once: it reads the whole database.
        let store_trouble = to.store.integrity_check().await.err().map(|error| error.to_string());
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
        Ok(Self {
            to,
            layout: layout.clone(),
            detector,
            // It begins with the first item, if the leg is watched.
            raw: RawNight::default(),
            episodes,
            presses: Presses::default(),
            flags: policy.flags(),
            policy,
            kept_alarms,
            contact: Contact::default(),
            stillness: Stillness::new(layout),
            still: false,
            minute: SensorMinute::default(),
            bed: None,
            newest_at: None,
            link: None,
            tested: None,
            failed: None,
            store_trouble,
            night: None,
            place: None,
            hop: None,
            now: None,
            nights_over,
            said: None,
            live_seq: 0,
            kept: Instant::now(),
            resuming,
        })
    }

    /// Takes what the source gave.
    pub(super) async fn take(&mut self, item: SourceItem) -> Result<(), DaemonError> {
        if self.now.is_none() {
            self.resume_alarms(item.now).await?;
        }
        self.roll_night(item.now).await?;
        if self.resuming {
            self.settle_open_episode(&item).await?;
        }
        if let Some(status) = item.status {
            self.minute.status(status);
        }
        for timed in item.chunks {
            self.take_chunk(timed).await?;
        }
        self.pass_time(item.now).await?;
        self.say_diagnostics(item.now).await?;
        self.test_self(item.now).await;
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
        self.finish_recorder().await?;
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
        self.newest_at = Some(start_at);
        self.record(&chunk, start_at).await?;
        self.stillness.chunk(&chunk);
        let mut outputs = Vec::new();
        self.detector.push(&chunk, |output| outputs.push(output));
        for output in outputs {
            self.follow(output).await?;
        }
        Ok(())
    }
}

/// What the policy remembered. What this version cannot read is forgotten, not fatal.
async fn kept_alarms(to: &Backbone) -> Result<Option<AlarmState>, DaemonError> {
    let Some((state, _)) = to.store.alarm_state(&to.leg).await? else { return Ok(None) };
    let read = serde_json::from_value(state);
    Ok(read
        .inspect_err(|error| warn!(%error, "What was muted or disarmed is forgotten: another version wrote it."))
        .ok())
}

#[cfg(test)]
pub(in crate::daemon) use self::presses::tests::leg as leg_for_test;
#[cfg(test)]
mod tests;

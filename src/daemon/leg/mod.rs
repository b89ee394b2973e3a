//! One leg: records, detects, commits, tells. The heart of the daemon's shell; everything it decides is decided elsewhere.

mod account;
mod alarms;
mod diagnostics;
mod episodes;
mod follow;
mod live;
mod nights;
mod presses;
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
pub(super) use self::requests::LegRequest;
pub(super) use self::tasks::run_leg;
use super::DaemonError;
use super::backbone::{Backbone, system_now};
use crate::alarm::{AlarmFlags, AlarmInput, AlarmPolicy};
use crate::chunk::StreamLayout;
use crate::detect::{Detector, Hop};
use crate::mqtt::payload::MonitorState;
use crate::recording::NightRecorder;
use crate::sensor::{SourceItem, TimedChunk};
use crate::units::UtcMicros;

/// The live state is repeated this often, and the night and the detector's state are kept as often, at most.
const EVERY: Duration = Duration::from_secs(30);

/// Everything of one leg while one source plays.
#[derive(Debug)]
pub(super) struct Leg {
    to: Arc<Backbone>,
    layout: StreamLayout,
    detector: Detector,
    recorder: Option<NightRecorder>,
    episodes: Episodes,
    presses: Presses,
    policy: AlarmPolicy,
    flags: AlarmFlags,
    contact: Contact,
    minute: SensorMinute,
    bed: Option<bool>,
    /// End of the newest samples, good or bad.
    newest_at: Option<UtcMicros>,
    tested: Option<UtcMicros>,
    failed: Option<Vec<String>>,
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
        let (mut policy, policy_at) = restored_policy(&to).await?;
        let flags = policy.flags();
        let recorder = if flags.armed { recorder(&to, layout)? } else { None };
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
        if !resuming {
            // The policy may remember an alarm of an episode that has been ended since; nothing is told of it now.
            let at = policy_at.unwrap_or_else(system_now);
            drop(policy.step(AlarmInput::CrampEnded, at));
        }
        let now = Instant::now();
        Ok(Self {
            to,
            layout: layout.clone(),
            detector,
            recorder,
            episodes,
            presses: Presses::default(),
            policy,
            flags,
            contact: Contact::default(),
            minute: SensorMinute::default(),
            bed: None,
            newest_at: None,
            tested: None,
            failed: None,
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
        if let Some(status) = item.status {
            self.minute.status(status);
        }
        for timed in item.chunks {
            self.take_chunk(timed).await?;
        }
        self.pass_time(item.now).await?;
        self.say_diagnostics(item.now).await?;
        self.test_self(item.now).await?;
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
        self.newest_at = Some(start_at);
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
}

/// The policy as it was when the daemon was last here, and when that was. One that this version cannot read is forgotten, not fatal.
async fn restored_policy(to: &Backbone) -> Result<(AlarmPolicy, Option<UtcMicros>), DaemonError> {
    let (settings, zone) = (to.config.alarm.policy.clone(), to.config.person.time_zone.clone());
    let Some((state, at)) = to.store.alarm_state(&to.leg).await? else {
        return Ok((AlarmPolicy::new(settings, zone), None));
    };
    match serde_json::from_value(state) {
        Ok(state) => Ok((AlarmPolicy::restored(settings, zone, state, at), Some(at))),
        Err(error) => {
            warn!(%error, "What was muted or disarmed is forgotten: another version wrote it.");
            Ok((AlarmPolicy::new(settings, zone), None))
        }
    }
}

/// Writes the raw night, if it is to be kept.
fn recorder(to: &Backbone, layout: &StreamLayout) -> Result<Option<NightRecorder>, DaemonError> {
    let folder = to.config.storage.data_dir.join("nights");
    let keep = to.config.storage.keep_raw;
    Ok(keep.then(|| NightRecorder::new(&folder, &to.leg, layout.clone())).transpose()?)
}

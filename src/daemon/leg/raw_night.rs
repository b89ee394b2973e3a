//! The raw night of a leg: recorded while the leg is watched and the disk has room. Whatever the disk refuses, detection
//! goes on, and recording begins again by itself.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::Leg;
use crate::chunk::Chunk;
use crate::clock::night_of;
use crate::daemon::{DaemonError, disk};
use crate::recording::{NightRecorder, RecordingError, SegmentEvent};
use crate::store::{SegmentRow, StoreError};
use crate::units::UtcMicros;

/// Recording that the disk refused is tried again after this.
const TRY_AGAIN: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 20 });
/// The room on the disk is looked at so often while recording.
const LOOK: Duration = Duration::from_secs(20);
/// Events of segments that wait for the store at most: eight hours of them.
const MOST_UNNOTED: usize = 64;

/// The recording of one leg.
#[derive(Debug)]
pub(super) struct RawNight {
    recorder: Option<NightRecorder>,
    /// The leg is watched and raw nights are kept.
    wanted: bool,
    pause: Option<Pause>,
    looked: Option<Instant>,
    /// What the store does not know of yet.
    unnoted: VecDeque<SegmentEvent>,
    began: Instant,
}

/// Why nothing is recorded, though it is wanted.
#[derive(Debug)]
struct Pause {
    why: String,
    since: Instant,
    tried: Instant,
}

impl Default for RawNight {
    fn default() -> Self {
        let (unnoted, began) = (VecDeque::new(), Instant::now());
        Self { recorder: None, wanted: false, pause: None, looked: None, unnoted, began }
    }
}

impl RawNight {
    /// Whether samples are being kept.
    #[cfg(test)]
    pub(super) fn is_recording(&self) -> bool {
        self.recorder.is_some()
    }

    /// Why samples are not kept, though they should be.
    pub(super) fn trouble(&self) -> Option<String> {
        self.pause.as_ref().map(|pause| pause.why.clone())
    }
}

impl Leg {
    /// The raw night is written while the leg is watched, and only then.
    pub(super) async fn switch_recorder(&mut self) -> Result<(), DaemonError> {
        self.raw.wanted = self.flags.armed && self.to.config.storage.keep_raw;
        if self.raw.wanted {
            self.begin_recording();
            return Ok(());
        }
        self.raw.pause = None;
        self.finish_recorder().await
    }

    /// Keeps a chunk, if the disk lets us.
    pub(super) async fn record(&mut self, chunk: &Chunk, start_at: UtcMicros) -> Result<(), DaemonError> {
        if self.raw.pause.as_ref().is_some_and(|pause| pause.tried.elapsed() >= TRY_AGAIN) {
            self.begin_recording();
        }
        if self.raw.recorder.is_some()
            && self.raw.looked.is_none_or(|at| at.elapsed() >= LOOK)
            && let Some(why) = self.no_room()
        {
            self.finish_recorder().await?;
            self.pause(why);
        }
        let now_micros = self.raw.began.elapsed().as_micros() as u64;
        let Some(recorder) = &mut self.raw.recorder else { return Ok(()) };
        match recorder.sync_if_due(now_micros).and_then(|()| recorder.push(chunk, start_at)) {
            Ok(events) => {
                self.raw.unnoted.extend(events);
                if let Some(pause) = self.raw.pause.take_if(|_| self.raw.recorder.as_ref().is_some_and(has_a_file)) {
                    let missing_s = pause.since.elapsed().as_secs();
                    info!(missing_s, "The raw night is kept again.");
                }
            }
            Err(error) => {
                // What was complete before is noted; the record under way is lost.
                let rest = recorder.finish().unwrap_or_default();
                self.raw.unnoted.extend(rest);
                self.raw.recorder = None;
                self.pause(in_words(&error));
            }
        }
        self.note_segments().await
    }

    /// Closes the segment under way.
    pub(super) async fn finish_recorder(&mut self) -> Result<(), DaemonError> {
        let Some(mut recorder) = self.raw.recorder.take() else { return Ok(()) };
        match recorder.finish() {
            Ok(events) => self.raw.unnoted.extend(events),
            Err(error) => {
                warn!(
                    error = in_words(&error),
                    "The end of the raw night could not be written; the next start repairs it."
                );
            }
        }
        self.note_segments().await
    }

    fn begin_recording(&mut self) {
        if self.raw.recorder.is_some() || !self.raw.wanted {
            return;
        }
        if let Some(why) = self.no_room() {
            return self.pause(why);
        }
        let folder = self.to.config.storage.data_dir.join("nights");
        match NightRecorder::new(&folder, &self.to.leg, self.layout.clone()) {
            // The pause is over when the disk has taken something.
            Ok(recorder) => {
                self.raw.recorder = Some(recorder);
                if let Some(pause) = &mut self.raw.pause {
                    pause.tried = Instant::now();
                }
            }
            Err(error) => self.pause(in_words(&error)),
        }
    }

    /// What keeps the raw night from being written, if the disk is all but full.
    fn no_room(&mut self) -> Option<String> {
        self.raw.looked = Some(Instant::now());
        let storage = &self.to.config.storage;
        let needed_mb = storage.record_above_mb();
        let free_mb = disk::free_mb(&storage.data_dir).filter(|free_mb| *free_mb < needed_mb)?;
        Some(format!("{free_mb:.0} MB are free, {needed_mb:.0} MB are left to the database"))
    }

    fn pause(&mut self, why: String) {
        let tried = Instant::now();
        match &mut self.raw.pause {
            Some(pause) => {
                pause.tried = tried;
                pause.why = why;
            }
            None => {
                // Detection goes on: a full disk must not cost an alarm.
                warn!(why, "The raw night is not kept for now; detection goes on.");
                self.raw.pause = Some(Pause { why, since: tried, tried });
                // It may be that older nights can go.
                self.to.raw_changed.notify_one();
            }
        }
    }

    async fn note_segments(&mut self) -> Result<(), DaemonError> {
        while let Some(event) = self.raw.unnoted.pop_front() {
            let written = self.note_segment(&event).await;
            if self.to.noted(written)?.is_none() {
                self.raw.unnoted.push_front(event);
                while self.raw.unnoted.len() > MOST_UNNOTED {
                    self.raw.unnoted.pop_front();
                }
                break;
            }
        }
        Ok(())
    }

    async fn note_segment(&self, event: &SegmentEvent) -> Result<(), StoreError> {
        match event {
            SegmentEvent::Started(info) => {
                let row = SegmentRow {
                    leg: self.to.leg.clone(),
                    night: night_of(info.started_at, &self.to.config.person.time_zone),
                    path: info.path.display().to_string(),
                    started_at: info.started_at,
                    n_samples: None,
                    deleted_at: None,
                };
                self.to.store.add_segment(&row).await
            }
            SegmentEvent::Finished(info) => {
                let path = info.path.display().to_string();
                self.to.store.finish_segment(&path, i64::try_from(info.n_samples).unwrap_or(i64::MAX)).await
            }
        }
    }
}

fn has_a_file(recorder: &NightRecorder) -> bool {
    recorder.current().is_some()
}

/// The whole chain: these errors do not repeat their source.
fn in_words(error: &RecordingError) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words += &format!(": {cause}");
        source = cause.source();
    }
    words
}

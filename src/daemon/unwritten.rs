//! What becomes of a write that the disk refuses: detection goes on, its events go out unwritten, and it is said.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tracing::{error, info};

use super::backbone::{Backbone, system_now};
use crate::mqtt::Outgoing;
use crate::store::{EpisodeRow, NewEvent, StoreError};

/// Episodes that wait for the disk at most; more than any night has.
const MOST_EPISODES: usize = 64;

/// On a full disk some writes still find a place: the trouble is over when all have done so for so long.
const CALM: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 15 });

/// What could not be written since when.
#[derive(Debug, Default)]
pub(super) struct Unwritten(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    /// Something was lost since the start: what refers to it may not be found.
    lost: bool,
    episodes: VecDeque<EpisodeRow>,
}

#[derive(Debug)]
struct Trouble {
    why: String,
    since: Instant,
    newest: Instant,
    writes: u64,
}

impl Unwritten {
    /// Why nothing can be written at the moment.
    pub(super) fn trouble(&self) -> Option<String> {
        self.state(|state| state.trouble.as_ref().map(|trouble| trouble.why.clone()))
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refused(&self, error: &StoreError) {
        self.state(|state| {
            state.lost = true;
            match &mut state.trouble {
                Some(trouble) => (trouble.writes, trouble.newest) = (trouble.writes + 1, Instant::now()),
                None => {
                    error!(%error, "The disk takes nothing; detection goes on, and cramps are told without being kept.");
                    let now = Instant::now();
                    state.trouble = Some(Trouble { why: error.to_string(), since: now, newest: now, writes: 1 });
                }
            }
        });
    }

    fn taken(&self) {
        if let Some(trouble) = self.state(|state| state.trouble.take_if(|trouble| trouble.newest.elapsed() >= CALM)) {
            let lost_s = trouble.since.elapsed().as_secs();
            info!(lost_s, writes = trouble.writes, "The disk takes what is written again.");
        }
    }

    fn keep_episode(&self, row: &EpisodeRow) {
        self.state(|state| {
            state.episodes.retain(|old| old.id != row.id);
            if state.episodes.len() >= MOST_EPISODES {
                state.episodes.pop_front();
            }
            state.episodes.push_back(row.clone());
        });
    }
}

impl Backbone {
    /// Passes on what became of a write, `None` if the disk refused it: that is noted, and no reason to end.
    ///
    /// # Errors
    /// Everything that is not the disk's fault.
    pub(super) fn noted<T>(&self, written: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match written {
            Ok(value) => {
                self.unwritten.taken();
                Ok(Some(value))
            }
            Err(error) if error.is_of_the_disk() => {
                self.unwritten.refused(&error);
                Ok(None)
            }
            // It refers to something that the disk refused earlier.
            Err(StoreError::NotFound { .. } | StoreError::Refused { .. }) if self.unwritten.state(|s| s.lost) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Commits an episode with its events. If the disk refuses, the events go out all the same, and the episode is written
    /// later if that becomes possible before the daemon ends.
    pub(super) async fn commit_episode(&self, row: &EpisodeRow, events: &[NewEvent]) -> Result<(), StoreError> {
        if self.noted(self.store.commit_episode(row, events).await)?.is_none() {
            self.unwritten.keep_episode(row);
            self.tell_unwritten(events).await;
            return Ok(());
        }
        // What waits of it is older.
        self.unwritten.state(|state| state.episodes.retain(|kept| kept.id != row.id));
        if !events.is_empty() {
            self.outbox_changed.notify_one();
        }
        Ok(())
    }

    /// Commits events that belong to no episode, then lets the client know; if the disk refuses, they go out all the same.
    pub(super) async fn add_events(&self, events: &[NewEvent]) -> Result<(), StoreError> {
        if self.noted(self.store.add_events(events).await)?.is_none() {
            self.tell_unwritten(events).await;
        } else {
            self.outbox_changed.notify_one();
        }
        Ok(())
    }

    /// Writes the episodes that the disk refused.
    pub(super) async fn write_again(&self) -> Result<(), StoreError> {
        while let Some(row) = self.unwritten.state(|state| state.episodes.front().cloned()) {
            if self.noted(self.store.commit_episode(&row, &[]).await)?.is_none() {
                return Ok(());
            }
            // A newer form of it may have come meanwhile.
            self.unwritten.state(|state| state.episodes.retain(|kept| *kept != row));
        }
        Ok(())
    }

    async fn tell_unwritten(&self, events: &[NewEvent]) {
        for event in events {
            let mut payload = event.payload.clone();
            if let Value::Object(object) = &mut payload {
                object.insert("sent_at".to_owned(), Value::from(system_now().to_rfc3339()));
            }
            self.say(Outgoing::Unwritten { leg: event.leg.clone(), payload }).await;
        }
    }
}

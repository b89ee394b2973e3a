//! What components share: the store, the way to the broker, the identity of model and configuration, and the view that a
//! terminal shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, Notify, mpsc, watch};

use super::leg::LegRequest;
use super::settings::TimeOfEvents;
use super::unwritten::Unwritten;
use crate::config::Config;
use crate::detect::Model;
use crate::mqtt::Outgoing;
use crate::mqtt::payload::{EventSource, MonitorState};
use crate::store::{Store, StoreError};
use crate::units::UtcMicros;

/// States that may wait for the broker's client.
pub(super) const STATE_QUEUE: usize = 64;
/// Commands that may wait for the leg.
pub(super) const REQUEST_QUEUE: usize = 16;

/// Shared by all components.
#[derive(Debug)]
pub(super) struct Backbone {
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) model: Arc<Model>,
    pub(super) config_rev: i64,
    pub(super) leg: String,
    pub(super) source: EventSource,
    pub(super) time_of_events: TimeOfEvents,
    pub(super) states: mpsc::Sender<Outgoing>,
    pub(super) outbox_changed: Arc<Notify>,
    /// States dropped because the client was too slow to take them.
    pub(super) states_dropped: AtomicU64,
    pub(super) view: watch::Sender<LegView>,
    /// Counts what the leg has worked through: the watchdog's proof of life.
    pub(super) beats: AtomicU64,
    /// What the disk refused.
    pub(super) unwritten: Unwritten,
    /// A raw night is over, or there is no room for one.
    pub(super) raw_changed: Notify,
    /// The diary was changed by this process, which the store does not show as a change.
    pub(super) diary_changed: Notify,
    /// What the leg is asked to do.
    pub(super) leg_requests: mpsc::Sender<LegRequest>,
    /// The other end; the leg's run holds the lock.
    pub(super) waiting_requests: Arc<Mutex<mpsc::Receiver<LegRequest>>>,
    /// Id of the leg's sensor in topics, if it has anything to say.
    pub(super) sensor_id: Option<String>,
    /// Key of sensor ids.
    pub(super) id_key: Vec<u8>,
    /// Whether the broker answers.
    pub(super) broker_up: watch::Receiver<bool>,
    /// Whether somebody lies in bed, as far as anybody says.
    pub(super) bed: watch::Sender<Option<bool>>,
}

/// What a terminal shows of a leg.
#[derive(Debug, Clone, PartialEq)]
pub struct LegView {
    /// The stream's present.
    pub now: UtcMicros,
    /// What the monitor does.
    pub state: MonitorState,
    /// RMS over the quiet level of the last second.
    pub ratio: f64,
    /// Cramps of this night.
    pub cramps: i64,
    /// Watched seconds of this night.
    pub watched_s: f64,
    /// Monitored seconds of this night.
    pub monitored_s: f64,
    /// Nights that came to their end and were closed since the daemon began.
    pub nights_over: u32,
    /// How the link to the sensor stands, in plain words; `None` while nothing is worth saying.
    pub link: Option<String>,
}

/// The system's UTC now.
pub(super) fn system_now() -> UtcMicros {
    UtcMicros::from_timestamp(jiff::Timestamp::now())
}

impl Backbone {
    /// A retained state waits for room, since it must not be lost; a momentary one is dropped and counted.
    pub(super) async fn say(&self, state: Outgoing) {
        let momentary = matches!(state, Outgoing::Live { .. } | Outgoing::Diagnostics { .. });
        if momentary {
            if self.states.try_send(state).is_err() {
                self.states_dropped.fetch_add(1, Ordering::Relaxed);
            }
        } else if self.states.send(state).await.is_err() {
            // Without a broker (mqtt.mode = "off") nobody takes states.
            self.states_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What the person's glass holds: as set over MQTT, else as configured.
    pub(super) async fn glass_ml(&self) -> Result<f64, StoreError> {
        Ok(self.store.glass_ml(&self.config.person.id).await?.unwrap_or(self.config.diary.measures.glass_ml))
    }

    /// What an event's age is counted from.
    pub(super) fn due_at(&self, at: UtcMicros) -> UtcMicros {
        match self.time_of_events {
            TimeOfEvents::Stream => at,
            TimeOfEvents::Commit => system_now(),
        }
    }
}

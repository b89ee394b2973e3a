//! The bounded ways from the radio to the shell. What does not fit is dropped and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use btleplug::platform::Peripheral;
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;

use crate::sensor::Role;

/// Notifications that wait at most: 25 s of the reference sensor.
const NOTES: usize = 512;
/// Events that wait at most.
const EVENTS: usize = 128;
/// Answers that wait at most while a command waits for its own.
const ANSWERS: usize = 16;

/// One value of a characteristic.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) role: Role,
    pub(super) bytes: Vec<u8>,
    /// Arrival on the monotonic clock since the source began.
    pub(super) arrival_micros: u64,
}

/// What the radio tells of itself.
#[derive(Debug)]
pub(super) enum RadioEvent {
    /// A device that fits.
    Seen {
        peripheral: Peripheral,
        address: [u8; 6],
        rssi_dbm: Option<i16>,
        connected: bool,
    },
    /// The sensor's link is down.
    Disconnected,
    AdapterOff,
    AdapterOn,
    OwnerLost,
    OwnerBack,
    BusLost,
}

/// The sending ends. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Queues {
    /// Which of the successive radios sends.
    pub(super) generation: u32,
    began: Instant,
    speed: f64,
    notes: mpsc::Sender<Note>,
    events: mpsc::Sender<(u32, RadioEvent)>,
    pub(super) answers: broadcast::Sender<(Role, Vec<u8>)>,
    dropped: Arc<AtomicU64>,
}

impl Queues {
    pub(super) fn new(began: Instant, speed: f64) -> (Self, mpsc::Receiver<Note>, mpsc::Receiver<(u32, RadioEvent)>) {
        let (notes, notes_receiver) = mpsc::channel(NOTES);
        let (events, events_receiver) = mpsc::channel(EVENTS);
        let answers = broadcast::channel(ANSWERS).0;
        (
            Self { generation: 0, began, speed, notes, events, answers, dropped: Arc::default() },
            notes_receiver,
            events_receiver,
        )
    }

    /// The same queues for the next radio.
    pub(super) fn next_generation(&self) -> Self {
        Self { generation: self.generation.wrapping_add(1), ..self.clone() }
    }

    /// Microseconds of the sensor's time since the source began.
    pub(super) fn now_micros(&self) -> u64 {
        (self.began.elapsed().as_secs_f64() * self.speed * 1e6) as u64
    }

    /// Passes a value on at once, or counts it.
    pub(super) fn note(&self, role: Role, bytes: Vec<u8>) {
        if role == Role::Control {
            // Nobody waits for most answers.
            let _ = self.answers.send((role, bytes.clone()));
        }
        if self.notes.try_send(Note { role, bytes, arrival_micros: self.now_micros() }).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Passes on what may be lost: it comes again.
    pub(super) fn sighting(&self, event: RadioEvent) {
        // A full queue means that the shell has sightings enough.
        let _ = self.events.try_send((self.generation, event));
    }

    /// Passes on what must not be lost.
    pub(super) async fn event(&self, event: RadioEvent) {
        // The shell that would want it is gone.
        let _ = self.events.send((self.generation, event)).await;
    }

    /// Passes on what must not be lost, from where nothing can wait.
    pub(super) fn event_at_once(&self, event: RadioEvent) {
        let queues = self.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { queues.event(event).await });
        }
    }

    /// Values dropped so far because the receiver was too slow.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

//! What is done with a sensor once it is connected: which characteristics matter, what is written to start and to stop it.

use std::time::Duration;

use uuid::Uuid;

/// What a characteristic is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Notifies samples; a sensor may spread them over several, numbered from 0 in the order of the profile.
    Data(u8),
    /// Takes commands, and may notify their answers.
    Control,
    /// Read once: what the sensor says of itself.
    Info,
    /// Battery in per cent: read, and notified if the sensor does.
    Battery,
}

/// One characteristic of a sensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Characteristic {
    /// What it is for.
    pub role: Role,
    /// The service that holds it.
    pub service: Uuid,
    /// Its UUID.
    pub uuid: Uuid,
    /// Whether the sensor can do without it: a missing battery is no reason not to watch the leg.
    pub optional: bool,
}

/// One write to a sensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Where to.
    pub to: Role,
    /// What.
    pub bytes: Vec<u8>,
    /// A write request, which the sensor confirms; else a write command.
    pub with_response: bool,
    /// What the answer, notified on the same characteristic, begins with; none: no answer is waited for.
    pub answer: Option<Vec<u8>>,
}

/// All that is said to a sensor, in the order of saying it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialogue {
    /// The characteristics; those that notify are subscribed to before anything is written.
    pub characteristics: Vec<Characteristic>,
    /// Written after each connection: configuration first, the start last.
    pub start: Vec<Write>,
    /// Written before an orderly disconnection.
    pub stop: Vec<Write>,
    /// Written again and again while it streams, to keep it from sleeping.
    pub keep_awake: Option<(Write, Duration)>,
}

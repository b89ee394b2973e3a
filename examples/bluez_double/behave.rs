//! What a sensor does by itself and when it is written to.

use std::fmt::Debug;

use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::gatt::Gatt;

/// One notification on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) from: Uuid,
    pub(crate) bytes: Vec<u8>,
    /// A frame of samples, which faults of the radio meet; an answer or a battery reading passes.
    pub(crate) frame: bool,
    /// The device samples it carries, from and up to; for the account of what was sent.
    pub(crate) span: Option<(u64, u64)>,
}

impl Packet {
    pub(crate) fn answer(from: Uuid, bytes: Vec<u8>) -> Self {
        Self { from, bytes, frame: false, span: None }
    }
}

/// A kind of sensor.
pub(crate) trait Behave: Debug + Send {
    fn gatt(&self) -> Gatt;

    /// When it next does something by itself; none: it waits to be written to.
    fn due(&self) -> Option<Instant>;

    /// Does what is due at `now`.
    fn tick(&mut self, now: Instant, out: &mut Vec<Packet>);

    fn read(&self, from: Uuid) -> Vec<u8>;

    /// Takes what was written; gives what it notifies in answer.
    fn write(&mut self, to: Uuid, bytes: &[u8], mtu: u16, now: Instant) -> Vec<Packet>;

    /// Somebody subscribed.
    fn subscribed(&mut self, _to: Uuid, _now: Instant) {}

    /// The link is gone.
    fn link_lost(&mut self);

    /// Sets the battery; gives what is notified of it.
    fn set_battery(&mut self, _percent: u8) -> Option<Packet> {
        None
    }

    /// The wearer presses the button.
    fn press(&mut self) {}

    /// The electrodes are off, whatever the simulated night says.
    fn set_lead_off(&mut self, _off: bool) {}

    /// It answers that it took the settings, and keeps its own.
    fn set_stubborn(&mut self, _stubborn: bool) {}

    fn streaming(&self) -> bool;

    /// Frames made since power-on while it streamed.
    fn made(&self) -> u64;

    /// What truly happens in the night it plays.
    fn truth(&self) -> Value {
        Value::Null
    }
}

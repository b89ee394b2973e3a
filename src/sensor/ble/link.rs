//! How the link stands, for whoever tells people of it.

use super::ErrorClass;
use super::supervisor::Phase;

/// State of a link and its counts since the source began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkState {
    /// Where it stands.
    pub phase: Phase,
    /// What keeps it from streaming; its text says what to do.
    pub problem: Option<ErrorClass>,
    /// Id of the sensor, once one has been connected.
    pub sensor_id: Option<String>,
    /// Signal strength of its newest advertisement, in dBm.
    pub rssi_dbm: Option<i16>,
    /// Connections that failed in a row.
    pub failures: u32,
    /// Connections that were made.
    pub connections: u64,
    /// Notifications dropped because they came faster than they were taken.
    pub notes_dropped: u64,
    /// Items dropped because the daemon did not take them.
    pub items_dropped: u64,
}

impl LinkState {
    /// A link that has not begun.
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::AdapterLost,
            problem: None,
            sensor_id: None,
            rssi_dbm: None,
            failures: 0,
            connections: 0,
            notes_dropped: 0,
            items_dropped: 0,
        }
    }
}

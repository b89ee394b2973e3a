//! What the advice needs to know of a night.

use jiff::civil::Date;

use crate::units::UtcMicros;

/// One closed night of a person; of several legs the one that was watched longest, with the cramps of all.
#[derive(Debug, Clone, PartialEq)]
pub struct NightSeen {
    /// The local date on which the night begins.
    pub night: Date,
    /// First minute in which the sensor was worn; the diary pairs with what came before it.
    pub first_worn_at: Option<UtcMicros>,
    /// Time with valid samples, in seconds.
    pub valid_s: f64,
    /// Time in which the leg was to be watched, in seconds.
    pub monitored_s: f64,
    /// Cramps that alarmed and were not labelled `not`, with those that the person added.
    pub cramps: u32,
    /// Length of the longest of them, in seconds; `None` without a cramp or when unknown.
    pub longest_cramp_s: Option<f64>,
}

impl NightSeen {
    /// Valid over monitored time, 0 to 1.
    pub fn coverage(&self) -> f64 {
        if self.monitored_s > 0.0 { (self.valid_s / self.monitored_s).clamp(0.0, 1.0) } else { 0.0 }
    }
}

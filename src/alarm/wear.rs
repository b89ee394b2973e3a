//! Whether the sensor is on the leg, and telling if it is not while somebody sleeps.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::action::AlarmAction;
use crate::units::UtcMicros;

/// What is known of wearing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Wear {
    /// Since when it is off; `None` if it is on or nothing is known.
    off_since: Option<UtcMicros>,
    on: bool,
    /// Since when it lies as still as no leg does: a guess, which only tells.
    #[serde(default)]
    still_since: Option<UtcMicros>,
    /// The night in which this stretch was told.
    told: Option<Date>,
}

impl Wear {
    pub(super) fn worn(&mut self, on: bool, at: UtcMicros) {
        self.on = on;
        if on {
            self.off_since = None;
            self.told = self.told.filter(|_| self.still_since.is_some());
        } else {
            self.off_since.get_or_insert(at);
        }
    }

    pub(super) fn still(&mut self, since: Option<UtcMicros>) {
        self.still_since = since;
        self.told = self.told.filter(|_| since.is_some() || self.off_since.is_some());
    }

    /// Told once a stretch, and once more in each further night of it: a sensor forgotten for two nights is forgotten twice.
    pub(super) fn time(
        &mut self,
        now: UtcMicros,
        watching_since: Option<UtcMicros>,
        after_s: f64,
        night: Date,
    ) -> Option<AlarmAction> {
        let guessed = self.off_since.is_none();
        let off_since = self.off_since.or(self.still_since)?.max(watching_since?);
        let off_s = now.seconds_since(off_since);
        if off_s < after_s || self.told == Some(night) {
            return None;
        }
        self.told = Some(night);
        Some(AlarmAction::NotWorn { off_s, guessed })
    }

    /// Whether it is known to be on the leg.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Whether it is known to be off the leg.
    pub(super) fn is_off(&self) -> bool {
        self.off_since.is_some()
    }

    /// Whether it is off the leg, known or guessed.
    pub(super) fn seems_off(&self) -> bool {
        self.is_off() || self.still_since.is_some()
    }

    /// Moves the beginning of the stretch: the daemon was away, or the clock was set back.
    pub(super) fn shift(&mut self, micros: i64) {
        self.off_since = self.off_since.map(|since| since.plus_micros(micros));
        self.still_since = self.still_since.map(|since| since.plus_micros(micros));
    }
}

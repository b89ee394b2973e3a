//! What an alarm policy remembers, all of it: kept in the store, it survives a restart of the daemon.

use serde::{Deserialize, Serialize};

use super::action::AlarmFlags;
use super::battery::Battery;
use super::cramp::CrampAlarm;
use super::outage::Outage;
use super::reminders::ToldReminders;
use super::settings::AlarmSettings;
use super::wear::Wear;
use crate::units::UtcMicros;

/// A clock that is behind by more than this was set back; less is jitter.
const SET_BACK_S: f64 = 10.0;
/// After being away for so long, whether somebody lies in bed is no longer known.
const BED_KNOWN_WHILE_AWAY_S: f64 = 60.0;

/// What an alarm policy remembers; opaque, to be kept and given to `AlarmPolicy::restored`. One that an older version wrote may
/// not parse: begin with a new policy then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmState {
    pub(super) now: Option<UtcMicros>,
    pub(super) settled: Option<UtcMicros>,
    pub(super) cramp: CrampAlarm,
    pub(super) muted_until: Option<UtcMicros>,
    pub(super) disarmed_until: Option<UtcMicros>,
    /// Armed by hand until then, whatever the time of day.
    pub(super) watched_until: Option<UtcMicros>,
    pub(super) watching_since: Option<UtcMicros>,
    /// Whether somebody lies in bed, and when that was said.
    pub(super) bed: Option<(bool, UtcMicros)>,
    pub(super) outage: Outage,
    pub(super) wear: Wear,
    pub(super) battery: Battery,
    pub(super) reminders: ToldReminders,
    pub(super) said: AlarmFlags,
}

impl AlarmState {
    pub(super) fn new(settings: &AlarmSettings) -> Self {
        Self {
            now: None,
            settled: None,
            cramp: CrampAlarm::default(),
            muted_until: None,
            disarmed_until: None,
            watched_until: None,
            watching_since: None,
            bed: None,
            outage: Outage::new(settings),
            wear: Wear::default(),
            battery: Battery::default(),
            reminders: ToldReminders::default(),
            said: AlarmFlags::default(),
        }
    }

    /// Something happened at `at`; gives the instant that counts, which never goes back.
    pub(super) fn not_before(&mut self, at: UtcMicros) -> UtcMicros {
        *self.now.insert(self.now.map_or(at, |now| now.max(at)))
    }

    /// The clock says `at`; gives the instant that counts, which goes back only if the clock was set back.
    pub(super) fn time_at(&mut self, at: UtcMicros) -> UtcMicros {
        if let Some(before) = self.now.filter(|before| before.seconds_since(at) > SET_BACK_S) {
            self.set_back(at.0.saturating_sub(before.0));
            self.now = None;
        }
        self.not_before(at)
    }

    /// The daemon was away until `at`: that is no silence of the sensor and nothing that the leg did.
    pub(super) fn away_until(&mut self, at: UtcMicros) {
        let Some(before) = self.now.filter(|before| at > *before) else { return };
        let micros = at.0.saturating_sub(before.0);
        self.outage.away(micros);
        self.wear.shift(micros);
        // Half an hour of stillness was seen before the pause; what lies on the table now nobody knows.
        self.wear.still(None);
        if at.seconds_since(before) >= BED_KNOWN_WHILE_AWAY_S {
            self.bed = None;
        }
    }

    /// Lengths of time that are under way keep their rest.
    fn set_back(&mut self, micros: i64) {
        let moved = |instant: Option<UtcMicros>| instant.map(|instant| instant.plus_micros(micros));
        self.settled = None;
        self.muted_until = moved(self.muted_until);
        self.disarmed_until = moved(self.disarmed_until);
        self.watched_until = moved(self.watched_until);
        self.watching_since = moved(self.watching_since);
        self.bed = self.bed.map(|(occupied, at)| (occupied, at.plus_micros(micros)));
        self.cramp.shift(micros);
        self.outage.shift(micros);
        self.wear.shift(micros);
        self.battery.forget();
    }
}

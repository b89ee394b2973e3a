//! Faults: valid samples that are missing while somebody relies on them. Each outage is told once, again while it lasts, and its
//! end if it was told.

use serde::{Deserialize, Serialize};

use super::action::AlarmAction;
use super::liveness::Liveness;
use super::settings::AlarmSettings;
use crate::units::UtcMicros;

const NO_WORDS: &str = "no samples from the sensor";

/// Both levels of stale data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Outage {
    liveness: Liveness,
    /// When valid samples were last heard, if ever.
    heard: Option<UtcMicros>,
    why: Option<String>,
    told: Option<Told>,
}

/// An outage that was told and is not over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Told {
    since: UtcMicros,
    last_at: UtcMicros,
    /// Since when valid samples arrive without a stale stretch.
    good_since: Option<UtcMicros>,
}

impl Outage {
    pub(super) fn new(settings: &AlarmSettings) -> Self {
        Self { liveness: Liveness::new(settings.stale_after_s), heard: None, why: None, told: None }
    }

    /// Takes a changed setting over.
    pub(super) fn set(&mut self, settings: &AlarmSettings) {
        self.liveness.set_stale_after_s(settings.stale_after_s);
    }

    /// Valid samples that end at `at`. An outage that was told is over when they have gone on for as long as makes data stale: a
    /// loose electrode must not tell a fault and its end every minute.
    pub(super) fn data(&mut self, at: UtcMicros, settings: &AlarmSettings) -> Option<AlarmAction> {
        self.liveness.data(at);
        self.heard = self.heard.max(Some(at));
        self.why = None;
        let told = self.told.as_mut()?;
        let good_since = *told.good_since.get_or_insert(at);
        if at.seconds_since(good_since) < settings.stale_after_s {
            return None;
        }
        let silent_s = good_since.seconds_since(told.since);
        self.told = None;
        Some(AlarmAction::MonitoringRestored { silent_s })
    }

    /// Whether valid samples were heard at `begin` or later.
    pub(super) fn heard_since(&self, begin: UtcMicros) -> bool {
        self.heard >= Some(begin)
    }

    pub(super) fn trouble(&mut self, why: String) {
        self.why = Some(why);
    }

    /// From `at` on nothing can come.
    pub(super) fn cut(&mut self, why: String, at: UtcMicros) {
        self.why = Some(why);
        self.liveness.cut(at);
    }

    /// Time has come to `now`; faults are told if somebody watches, and silence counts from `watching_since` at the earliest.
    pub(super) fn time(
        &mut self,
        now: UtcMicros,
        watching_since: Option<UtcMicros>,
        settings: &AlarmSettings,
    ) -> Option<AlarmAction> {
        self.liveness.time(now);
        let newest = self.liveness.newest().unwrap_or(now);
        if let Some(told) = self.told.as_mut().filter(|_| self.liveness.is_stale()) {
            told.good_since = None;
        }
        let silent_since = newest.max(watching_since?);
        if now.seconds_since(silent_since) <= settings.fault_after_s {
            return None;
        }
        let (since, again) = match self.told {
            Some(told) if now.seconds_since(told.last_at) < settings.fault_again_after_s => return None,
            Some(told) => (told.since, true),
            None => (silent_since, false),
        };
        self.told = Some(Told { since, last_at: now, good_since: None });
        let why = self.why.clone().unwrap_or_else(|| NO_WORDS.to_owned());
        Some(AlarmAction::MonitoringFault { since, silent_s: now.seconds_since(since), why, again })
    }

    pub(super) fn is_stale(&self) -> bool {
        self.liveness.is_stale()
    }

    /// Whether valid samples have come and are not stale.
    pub(super) fn is_fresh(&self) -> bool {
        self.heard.is_some() && !self.liveness.is_stale()
    }

    /// Whether a fault was told that is not over.
    pub(super) fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// The daemon was away for `micros`: that is no silence of the sensor.
    pub(super) fn away(&mut self, micros: i64) {
        self.liveness.shift(micros);
    }

    /// Moves every instant, because the clock was set back.
    pub(super) fn shift(&mut self, micros: i64) {
        self.liveness.shift(micros);
        if let Some(told) = &mut self.told {
            told.since = told.since.plus_micros(micros);
            told.last_at = told.last_at.plus_micros(micros);
            told.good_since = told.good_since.map(|good| good.plus_micros(micros));
        }
        self.heard = self.heard.map(|heard| heard.plus_micros(micros));
    }
}

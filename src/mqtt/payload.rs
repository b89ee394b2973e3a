//! Wire types: what stands on the broker, field for field. Home Assistant templates read these names, so they never change.
//!
//! Every key is always written (a missing key makes Home Assistant warn each time); what is not known is `null`.
//! The two exceptions are `seq` and `sent_at` of an [`Event`], which the store and the sender add.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::units::UtcMicros;

/// An instant as RFC 3339 text in UTC with milliseconds, `2026-11-22T02:14:03.120+00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WireTime(pub UtcMicros);

impl From<UtcMicros> for WireTime {
    fn from(instant: UtcMicros) -> Self {
        Self(instant)
    }
}

impl Serialize for WireTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for WireTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let timestamp: jiff::Timestamp = text.parse().map_err(|error| {
            serde::de::Error::custom(format!("{text:?} is not an RFC 3339 time with a zone: {error}"))
        })?;
        Ok(Self(UtcMicros::from_timestamp(timestamp)))
    }
}

/// `ON` or `OFF`, as Home Assistant's binary sensors and switches say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OnOff {
    /// Yes.
    On,
    /// No.
    Off,
}

impl OnOff {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "ON",
            Self::Off => "OFF",
        }
    }
}

impl From<bool> for OnOff {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// Makes a closed set of words: one list gives the enum, its wire words and `ALL`.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word of the set, in the order of docs/mqtt.md.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What can be told on `event` and `event_late`; a closed set, because Home Assistant drops a type it was not told of.
    EventType {
        /// Activity that may become a cramp.
        CrampSuspected = "cramp_suspected",
        /// A cramp is on.
        CrampStarted = "cramp_started",
        /// The alarm policy wants it heard.
        CrampAlarm = "cramp_alarm",
        /// Nobody answered the alarm.
        CrampEscalated = "cramp_escalated",
        /// The cramp is over.
        CrampEnded = "cramp_ended",
        /// Somebody has taken note of the alarm.
        CrampAcknowledged = "cramp_acknowledged",
        /// Somebody said it was no cramp.
        CrampDismissed = "cramp_dismissed",
        /// Somebody said that there is a cramp now.
        CrampReported = "cramp_reported",
        /// The leg is no longer watched although it should be.
        MonitoringFault = "monitoring_fault",
        /// The leg is watched again.
        MonitoringRestored = "monitoring_restored",
        /// The sensor is not on the leg.
        NotWorn = "not_worn",
        /// The battery will not last the night.
        BatteryShort = "battery_short",
        /// The night's figures are final.
        NightClosed = "night_closed",
        /// Something the user asked to be reminded of.
        Reminder = "reminder",
    }
}

words! {
    /// What the monitor of a leg is doing; `muted` is a flag of its own.
    MonitorState {
        /// Not armed.
        Off = "off",
        /// Armed, no sensor yet.
        Waiting = "waiting",
        /// Learning the quiet baseline.
        Calibrating = "calibrating",
        /// Watching.
        Monitoring = "monitoring",
        /// Watching, and something looks like a cramp.
        Suspected = "suspected",
        /// A cramp is on.
        Cramp = "cramp",
        /// Connected or not, no valid samples arrive.
        NoData = "no_data",
        /// The sensor is not on the leg.
        NotWorn = "not_worn",
        /// Something is broken.
        Fault = "fault",
    }
}

words! {
    /// How strong a cramp was.
    Severity {
        /// Weak or short.
        Mild = "mild",
        /// In between.
        Moderate = "moderate",
        /// Strong or long.
        Severe = "severe",
    }
}

words! {
    /// Where the samples behind an event came from.
    EventSource {
        /// A sensor on a leg.
        Live = "live",
        /// A stored night played again.
        Replay = "replay",
        /// A simulated person.
        Simulated = "simulated",
    }
}

/// Something that happened on a leg: `<base>/<leg>/event` or `event_late`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub event_type: EventType,
    /// Position in the outbox, increasing; the store adds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// The episode it belongs to, if any (uuid).
    pub episode_id: Option<String>,
    /// Person and side, `me_left`.
    pub leg: String,
    /// When it happened, whenever it is sent.
    pub at: WireTime,
    /// When the muscle began, for events of an episode.
    pub onset_at: Option<WireTime>,
    /// When `cramp_started` was emitted, for events of an episode that got so far.
    pub alarm_at: Option<WireTime>,
    /// When this copy was sent; the sender adds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<WireTime>,
    /// How strong, for events of an episode.
    pub severity: Option<Severity>,
    /// The classifier's probability of a cramp, 0 to 1.
    pub probability: Option<f64>,
    /// Why, in plain words.
    pub reasons: Vec<String>,
    /// EMG level in µV RMS.
    pub emg_rms_uv: Option<f64>,
    /// Acceleration level without gravity in mg RMS.
    pub acc_rms_mg: Option<f64>,
    /// The model that judged.
    pub model_id: Option<String>,
    /// Its file's SHA-256, hexadecimal.
    pub model_sha256: Option<String>,
    /// Revision of the configuration in force.
    pub config_rev: i64,
    /// Where the samples came from.
    pub source: EventSource,
}

/// What a leg is doing now: `<base>/<leg>/live`, never retained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LivePayload {
    /// `ON` while a cramp is on.
    pub cramp: OnOff,
    /// What the monitor is doing.
    pub state: MonitorState,
    /// The latest probability, 0 to 1; null without samples.
    pub probability: Option<f64>,
    /// `ON` while alarms are muted.
    pub muted: OnOff,
    /// Counts up with each live message since the start.
    pub seq: u64,
    /// When.
    pub at: WireTime,
}

/// The last finished episode of a leg: `<base>/<leg>/last_episode`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastEpisodePayload {
    /// uuid.
    pub episode_id: String,
    /// Person and side.
    pub leg: String,
    /// When the muscle began.
    pub onset_at: WireTime,
    /// When `cramp_started` was emitted; null for a suspicion that never got so far.
    pub alarm_at: Option<WireTime>,
    /// When it was over.
    pub end_at: WireTime,
    /// Onset to end in seconds.
    pub duration_s: f64,
    /// How strong.
    pub severity: Severity,
    /// Highest probability, 0 to 1.
    pub probability: f64,
    /// `quiet`, `interrupted`, …
    pub end_reason: String,
    /// Whether somebody took note.
    pub acknowledged: bool,
    /// What the user said it was; null if nothing.
    pub label: Option<String>,
}

/// One night of a leg so far or for good: `<base>/<leg>/night`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NightPayload {
    /// Local date on which the night begins, `2026-11-21`.
    pub night: String,
    /// When monitoring began; always a time with a zone (Home Assistant resets the counter by it).
    pub night_started_at: WireTime,
    /// Cramps so far; says nothing without `coverage_pct`.
    pub cramp_count: u32,
    /// Their length together, in seconds.
    pub cramp_total_s: f64,
    /// Hours worn.
    pub worn_h: f64,
    /// Valid worn time over monitored time, 0 to 100; null before the first minute.
    pub coverage_pct: Option<f64>,
    /// Stretches without valid samples.
    pub gap_count: u32,
    /// Whether the figures are final.
    pub closed: bool,
}

/// What runs: `<base>/bridge/info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgeInfo {
    /// Version of Crampwatch.
    pub version: String,
    /// The model in use.
    pub model_id: String,
    /// Its file's SHA-256, hexadecimal.
    pub model_sha256: String,
    /// Revision of the configuration.
    pub config_rev: i64,
    /// When the daemon started.
    pub started_at: WireTime,
}

/// Whether everything is ready for the night: `<base>/bridge/self_test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// True if nothing failed.
    pub ok: bool,
    /// What failed, in plain words.
    pub failed: Vec<String>,
    /// When it was tested.
    pub at: WireTime,
}

/// What was drunk on this diary day: `<base>/bridge/intake_today`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeToday {
    /// Water in ml.
    pub water_ml: u32,
    /// When the diary day began (04:00 local); always a time with a zone.
    pub day_started_at: WireTime,
}

/// Health of a sensor: `<base>/sensor/<id>/diagnostics`, never retained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Battery, 0 to 100.
    pub battery_pct: Option<u8>,
    /// Signal strength in dBm.
    pub rssi_dbm: Option<i16>,
    /// Share of time with good electrode contact, 0 to 100.
    pub contact_pct: Option<f64>,
    /// Share of samples lost on the air, 0 to 100.
    pub sample_loss_pct: Option<f64>,
    /// `ON` if an electrode needs care.
    pub electrode_problem: OnOff,
    /// When.
    pub at: WireTime,
}

/// The answer to a command: `<base>/bridge/result`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandResult {
    /// The command's own id; null if it had none.
    pub request_id: Option<String>,
    /// What was asked, `log_intake`.
    pub verb: String,
    /// Whether it was done.
    pub ok: bool,
    /// Why it was not done, in plain words; null if it was.
    pub error: Option<String>,
}

/// What a glass holds: `<base>/bridge/glass_size`, the bare number of millilitres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GlassSize(pub f64);

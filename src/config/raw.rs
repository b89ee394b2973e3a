//! The file as written: every key optional, with its place in the text for messages.

use serde::Deserialize;
use toml::Spanned;

/// A value with its place, if the key is there.
pub(crate) type Value<T> = Option<Spanned<T>>;

/// Every key of the file by section. A test compares this with the types below.
pub(crate) const KEYS: [(&str, &[&str]); 14] = [
    ("person", &["id", "time_zone"]),
    ("leg", &["side"]),
    ("sensor", &["kind"]),
    (
        "sensor.simulated",
        &["seed", "speed", "night_h", "cramps", "drop_outs", "loose_electrodes", "loss_pct", "drift_ppm"],
    ),
    ("sensor.replay", &["file", "speed"]),
    ("sensor.bluetooth", &["profile", "address", "name", "speed"]),
    ("sensor.bluetooth.acceleration", &["profile", "address", "name"]),
    ("storage", &["data_dir", "keep_raw", "keep_raw_days", "raw_budget_gb", "min_free_mb"]),
    (
        "mqtt",
        &[
            "mode",
            "base_topic",
            "discovery",
            "discovery_prefix",
            "host",
            "port",
            "tls",
            "ca_file",
            "client_certificate_file",
            "client_key_file",
            "username",
            "password_file",
            "embedded_address",
            "embedded_port",
            "embedded_username",
            "embedded_password_file",
        ],
    ),
    ("model", &["path"]),
    ("detection", &["enter_probability"]),
    (
        "alarm",
        &[
            "wake",
            "latch",
            "escalate_after_s",
            "escalate_times",
            "quiet_from",
            "quiet_until",
            "sleep_from",
            "sleep_until",
            "stale_after_s",
            "fault_after_s",
            "fault_again_after_s",
            "not_worn_after_s",
            "bed_presence_topic",
            "reminders",
        ],
    ),
    ("diary", &["glass_ml", "cup_ml"]),
    ("log", &["level"]),
];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawConfig {
    pub(crate) person: RawPerson,
    pub(crate) leg: RawLeg,
    pub(crate) sensor: RawSensor,
    pub(crate) storage: RawStorage,
    pub(crate) mqtt: RawMqtt,
    pub(crate) model: RawModel,
    pub(crate) detection: RawDetection,
    pub(crate) alarm: RawAlarm,
    pub(crate) diary: RawDiary,
    pub(crate) log: RawLog,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawPerson {
    pub(crate) id: Value<String>,
    pub(crate) time_zone: Value<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawLeg {
    pub(crate) side: Value<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawSensor {
    pub(crate) kind: Value<String>,
    pub(crate) simulated: RawSimulated,
    pub(crate) replay: RawReplay,
    pub(crate) bluetooth: RawBluetooth,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawSimulated {
    pub(crate) seed: Value<i64>,
    pub(crate) speed: Value<f64>,
    pub(crate) night_h: Value<f64>,
    pub(crate) cramps: Value<i64>,
    pub(crate) drop_outs: Value<i64>,
    pub(crate) loose_electrodes: Value<i64>,
    pub(crate) loss_pct: Value<f64>,
    pub(crate) drift_ppm: Value<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawReplay {
    pub(crate) file: Value<String>,
    pub(crate) speed: Value<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawBluetooth {
    pub(crate) profile: Value<String>,
    pub(crate) address: Value<String>,
    pub(crate) name: Value<String>,
    pub(crate) speed: Value<f64>,
    pub(crate) acceleration: RawAcceleration,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawAcceleration {
    pub(crate) profile: Value<String>,
    pub(crate) address: Value<String>,
    pub(crate) name: Value<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawStorage {
    pub(crate) data_dir: Value<String>,
    pub(crate) keep_raw: Value<bool>,
    pub(crate) keep_raw_days: Value<i64>,
    pub(crate) raw_budget_gb: Value<f64>,
    pub(crate) min_free_mb: Value<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawMqtt {
    pub(crate) mode: Value<String>,
    pub(crate) base_topic: Value<String>,
    pub(crate) discovery: Value<bool>,
    pub(crate) discovery_prefix: Value<String>,
    pub(crate) host: Value<String>,
    pub(crate) port: Value<i64>,
    pub(crate) tls: Value<bool>,
    pub(crate) ca_file: Value<String>,
    pub(crate) client_certificate_file: Value<String>,
    pub(crate) client_key_file: Value<String>,
    pub(crate) username: Value<String>,
    pub(crate) password_file: Value<String>,
    pub(crate) embedded_address: Value<String>,
    pub(crate) embedded_port: Value<i64>,
    pub(crate) embedded_username: Value<String>,
    pub(crate) embedded_password_file: Value<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawModel {
    pub(crate) path: Value<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawDetection {
    pub(crate) enter_probability: Value<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawAlarm {
    pub(crate) wake: Value<String>,
    pub(crate) latch: Value<bool>,
    pub(crate) escalate_after_s: Value<f64>,
    pub(crate) escalate_times: Value<i64>,
    pub(crate) quiet_from: Value<String>,
    pub(crate) quiet_until: Value<String>,
    pub(crate) sleep_from: Value<String>,
    pub(crate) sleep_until: Value<String>,
    pub(crate) stale_after_s: Value<f64>,
    pub(crate) fault_after_s: Value<f64>,
    pub(crate) fault_again_after_s: Value<f64>,
    pub(crate) not_worn_after_s: Value<f64>,
    pub(crate) bed_presence_topic: Value<String>,
    pub(crate) reminders: Value<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawDiary {
    pub(crate) glass_ml: Value<f64>,
    pub(crate) cup_ml: Value<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawLog {
    pub(crate) level: Value<String>,
}

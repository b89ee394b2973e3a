//! The effective values as text, and their hash.

use std::fmt::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::validated::Config;
use crate::sensor::ble::write_address;

/// A key and its value as TOML, if it has one.
type Entry = (&'static str, Option<String>);

impl Config {
    /// Every effective value in the form of the file, so that it can be read back; passwords are redacted, and keys
    /// without a value are comments.
    pub fn describe(&self) -> String {
        let mut text = match &self.origin {
            Some(path) => format!("# read from {}\n", path.display()),
            None => "# defaults, no file was found\n".to_owned(),
        };
        for (section, entries) in self.sections() {
            let _ = write!(text, "\n[{section}]\n");
            for (key, value) in entries {
                let _ = match value {
                    Some(value) => writeln!(text, "{key} = {value}"),
                    None => writeln!(text, "# {key} is not set"),
                };
            }
            if section == "mqtt" {
                let shown = |password: bool| if password { "[redacted]" } else { "not set" };
                let _ = writeln!(text, "# password: {}", shown(self.mqtt.password.is_some()));
                let _ = writeln!(text, "# embedded password: {}", shown(self.mqtt.embedded_password.is_some()));
            }
        }
        text
    }

    /// SHA-256 of all effective values but secrets and the file's own path, in hex: equal for equal settings.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (section, entries) in self.sections() {
            for (key, value) in entries {
                hasher.update(format!("{section}.{key}={}\n", value.unwrap_or_default()));
            }
        }
        hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// Section, key, value as TOML. A password file is not a setting of its own: its content is the secret.
    fn sections(&self) -> Vec<(&'static str, Vec<Entry>)> {
        let (simulated, replay, bluetooth) = (&self.sensor.simulated, &self.sensor.replay, &self.sensor.bluetooth);
        let (second, mqtt) = (bluetooth.acceleration.as_ref(), &self.mqtt);
        vec![
            (
                "person",
                vec![
                    ("id", quoted(&self.person.id)),
                    ("time_zone", self.person.time_zone.iana_name().and_then(quoted)),
                ],
            ),
            ("leg", vec![("side", quoted(self.leg.side.as_str()))]),
            ("sensor", vec![("kind", quoted(self.sensor.kind.as_str()))]),
            (
                "sensor.simulated",
                vec![
                    ("seed", Some(simulated.seed.to_string())),
                    ("speed", number(simulated.speed)),
                    ("night_h", number(simulated.night_h)),
                    ("cramps", Some(simulated.cramps.to_string())),
                    ("drop_outs", Some(simulated.drop_outs.to_string())),
                    ("loose_electrodes", Some(simulated.loose_electrodes.to_string())),
                    ("loss_pct", number(simulated.loss_pct)),
                    ("drift_ppm", number(simulated.drift_ppm)),
                ],
            ),
            ("sensor.replay", vec![("file", path(replay.file.as_deref())), ("speed", number(replay.speed))]),
            (
                "sensor.bluetooth",
                vec![
                    ("profile", quoted(&bluetooth.profile)),
                    ("address", bluetooth.address.and_then(|address| quoted(&write_address(address)))),
                    ("name", bluetooth.name.as_deref().and_then(quoted)),
                    ("speed", number(bluetooth.speed)),
                ],
            ),
            (
                "sensor.bluetooth.acceleration",
                vec![
                    ("profile", second.and_then(|own| quoted(&own.profile))),
                    ("address", second.and_then(|own| own.address).and_then(|address| quoted(&write_address(address)))),
                    ("name", second.and_then(|own| own.name.as_deref()).and_then(quoted)),
                ],
            ),
            (
                "storage",
                vec![
                    ("data_dir", path(Some(&self.storage.data_dir))),
                    ("keep_raw", Some(self.storage.keep_raw.to_string())),
                    ("keep_raw_days", Some(self.storage.keep_raw_days.to_string())),
                    ("raw_budget_gb", number(self.storage.raw_budget_gb)),
                    ("min_free_mb", Some(self.storage.min_free_mb.to_string())),
                ],
            ),
            (
                "mqtt",
                vec![
                    ("mode", quoted(mqtt.mode.as_str())),
                    ("base_topic", quoted(&mqtt.base_topic)),
                    ("discovery", Some(mqtt.discovery.to_string())),
                    ("discovery_prefix", quoted(&mqtt.discovery_prefix)),
                    ("host", quoted(&mqtt.host)),
                    ("port", Some(mqtt.port.to_string())),
                    ("tls", Some(mqtt.tls.to_string())),
                    ("ca_file", path(mqtt.ca_file.as_deref())),
                    ("client_certificate_file", path(mqtt.client_certificate_file.as_deref())),
                    ("client_key_file", path(mqtt.client_key_file.as_deref())),
                    ("username", mqtt.username.as_deref().and_then(quoted)),
                    ("embedded_address", quoted(&mqtt.embedded_address.to_string())),
                    ("embedded_port", Some(mqtt.embedded_port.to_string())),
                    ("embedded_username", quoted(&mqtt.embedded_username)),
                ],
            ),
            ("model", vec![("path", path(self.model.path.as_deref()))]),
            ("detection", vec![("enter_probability", self.detection.enter_probability.and_then(number))]),
            ("alarm", self.alarm_section()),
            (
                "diary",
                vec![
                    ("glass_ml", number(self.diary.measures.glass_ml)),
                    ("cup_ml", number(self.diary.measures.cup_ml)),
                ],
            ),
            ("log", vec![("level", quoted(self.log.level.as_str()))]),
        ]
    }

    fn alarm_section(&self) -> Vec<Entry> {
        let policy = &self.alarm.policy;
        let clock = |time: jiff::civil::Time| quoted(&time.strftime("%H:%M").to_string());
        let reminders: Vec<String> =
            policy.reminders.iter().map(|one| format!("{} {}", one.at.strftime("%H:%M"), one.text)).collect();
        vec![
            ("wake", quoted(policy.wake.as_str())),
            ("latch", Some(policy.latch.to_string())),
            ("escalate_after_s", number(policy.escalate_after_s)),
            ("escalate_times", Some(policy.escalate_times.to_string())),
            ("quiet_from", policy.quiet.and_then(|quiet| clock(quiet.from))),
            ("quiet_until", policy.quiet.and_then(|quiet| clock(quiet.until))),
            ("sleep_from", clock(policy.sleep.from)),
            ("sleep_until", clock(policy.sleep.until)),
            ("stale_after_s", number(policy.stale_after_s)),
            ("fault_after_s", number(policy.fault_after_s)),
            ("fault_again_after_s", number(policy.fault_again_after_s)),
            ("not_worn_after_s", number(policy.not_worn_after_s)),
            ("bed_presence_topic", self.alarm.bed_presence_topic.as_deref().and_then(quoted)),
            ("reminders", (!reminders.is_empty()).then(|| toml::Value::from(reminders).to_string())),
        ]
    }
}

fn quoted(text: &str) -> Option<String> {
    Some(toml::Value::from(text).to_string())
}

fn path(path: Option<&Path>) -> Option<String> {
    path.and_then(|path| quoted(&path.to_string_lossy()))
}

fn number(number: f64) -> Option<String> {
    Some(toml::Value::from(number).to_string())
}

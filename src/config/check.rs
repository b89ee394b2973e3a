//! From the file as written to the checked configuration.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use toml::Spanned;

use super::error::ConfigError;
use super::load::Environment;
use super::raw::{KEYS, RawBluetooth, RawConfig, RawSensor, Value};
use super::suggest;
use super::validated::{AccelerationConfig, BluetoothConfig, Config, LogLevel, SensorConfig, SensorKind};
use crate::mqtt::holds_an_address;
use crate::sensor::ble::parse_address;
use crate::store::Side;

const SPEEDS: RangeInclusive<f64> = 0.1..=100_000.0;

/// The text being checked, for messages with a place.
pub(super) struct Checker<'a> {
    path: &'a Path,
    text: &'a str,
    pub(super) environment: &'a Environment,
}

pub(super) type Checked<T = ()> = Result<T, ConfigError>;

impl Config {
    /// Reads the text of a configuration file. `path` is named in messages, and relative paths start at its folder.
    pub fn parse(text: &str, path: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let checker = Checker { path, text, environment };
        let raw: RawConfig = toml::from_str(text).map_err(|error| checker.explain(&error))?;
        let mut config = Self::defaults_in(environment);
        config.origin = Some(path.to_owned());

        checker.person_id(raw.person.id, &mut config.person.id)?;
        checker.time_zone(raw.person.time_zone, &mut config.person.time_zone)?;
        let sides = [Side::Left, Side::Right].map(|side| (side.as_str(), side));
        checker.choice(raw.leg.side, &sides, &mut config.leg.side)?;
        checker.sensor(raw.sensor, &mut config.sensor)?;
        if let Some(folder) = checker.path(raw.storage.data_dir)? {
            config.storage.data_dir = folder;
        }
        if let Some(keep_raw) = raw.storage.keep_raw {
            config.storage.keep_raw = keep_raw.into_inner();
        }
        checker.integer(raw.storage.keep_raw_days, 0..=36_500, "days", &mut config.storage.keep_raw_days)?;
        checker.number(raw.storage.raw_budget_gb, 0.0..=1e6, "GB", &mut config.storage.raw_budget_gb)?;
        checker.integer(raw.storage.min_free_mb, 0..=1_000_000, "MB", &mut config.storage.min_free_mb)?;
        checker.mqtt(raw.mqtt, &mut config.mqtt)?;
        config.model.path = checker.path(raw.model.path)?;
        if let Some(raw) = raw.detection.enter_probability {
            let mut probability = 0.0;
            checker.number(Some(raw), 0.01..=0.999, "a probability", &mut probability)?;
            config.detection.enter_probability = Some(probability);
        }
        checker.alarm(raw.alarm, &config.mqtt.base_topic, &mut config.alarm)?;
        checker.number(raw.diary.glass_ml, 20.0..=2000.0, "ml", &mut config.diary.measures.glass_ml)?;
        checker.number(raw.diary.cup_ml, 20.0..=2000.0, "ml", &mut config.diary.measures.cup_ml)?;
        let levels = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];
        checker.choice(raw.log.level, &levels.map(|level| (level.as_str(), level)), &mut config.log.level)?;
        Ok(config)
    }
}

impl Checker<'_> {
    fn sensor(&self, raw: RawSensor, sensor: &mut SensorConfig) -> Checked {
        let kind_span = raw.kind.as_ref().map_or(0..0, Spanned::span);
        let kinds =
            [SensorKind::Simulated, SensorKind::Replay, SensorKind::Bluetooth].map(|kind| (kind.as_str(), kind));
        self.choice(raw.kind, &kinds, &mut sensor.kind)?;

        let (from, to) = (raw.simulated, &mut sensor.simulated);
        self.integer(from.seed, 0..=i64::MAX, "", &mut to.seed)?;
        self.number(from.speed, SPEEDS, "times real time", &mut to.speed)?;
        self.number(from.night_h, 0.1..=24.0, "hours", &mut to.night_h)?;
        self.integer(from.cramps, 0..=50, "cramps a night", &mut to.cramps)?;
        self.integer(from.drop_outs, 0..=1, "drop-outs a night", &mut to.drop_outs)?;
        self.integer(from.loose_electrodes, 0..=1, "times a night", &mut to.loose_electrodes)?;
        self.number(from.loss_pct, 0.0..=50.0, "per cent", &mut to.loss_pct)?;
        self.number(from.drift_ppm, -500.0..=500.0, "parts per million", &mut to.drift_ppm)?;

        sensor.replay.file = self.path(raw.replay.file)?;
        self.number(raw.replay.speed, SPEEDS, "times real time", &mut sensor.replay.speed)?;
        if sensor.kind == SensorKind::Replay && sensor.replay.file.is_none() {
            let remedy = "add the section [sensor.replay] with file = \"night.edf\"";
            let (found, expected) = ("kind = \"replay\" without a file", "the recording to replay");
            return Err(ConfigError::at(self.path, self.text, &kind_span, found, expected, remedy));
        }
        self.bluetooth(raw.bluetooth, &mut sensor.bluetooth)
    }

    fn bluetooth(&self, raw: RawBluetooth, bluetooth: &mut BluetoothConfig) -> Checked {
        if let Some(profile) = raw.profile {
            bluetooth.profile = self.profile(profile)?;
        }
        bluetooth.address = self.radio_address(raw.address)?;
        bluetooth.name = self.radio_name(raw.name)?;
        let second = raw.acceleration;
        let named = second.address.as_ref().or(second.name.as_ref()).map(Spanned::span);
        match (second.profile, named) {
            (Some(profile), _) => {
                bluetooth.acceleration = Some(AccelerationConfig {
                    profile: self.profile(profile)?,
                    address: self.radio_address(second.address)?,
                    name: self.radio_name(second.name)?,
                });
            }
            (None, Some(span)) => {
                let (found, expected) = ("a second sensor without a profile", "the profile of its acceleration");
                let remedy = "add profile = \"polar-h10\", or another one of `crampwatch firmware-config list`";
                return Err(ConfigError::at(self.path, self.text, &span, found, expected, remedy));
            }
            (None, None) => {}
        }
        self.number(raw.speed, SPEEDS, "times real time", &mut bluetooth.speed)
    }

    /// A file has an ending or a folder; everything else is the name of a built-in profile.
    fn profile(&self, raw: Spanned<String>) -> Result<String, ConfigError> {
        let is_file = raw.get_ref().ends_with(".toml") || raw.get_ref().contains('/');
        if !is_file {
            return Ok(raw.into_inner());
        }
        Ok(self.path(Some(raw))?.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default())
    }

    fn radio_address(&self, raw: Value<String>) -> Result<Option<[u8; 6]>, ConfigError> {
        let Some(raw) = raw else { return Ok(None) };
        let Some(address) = parse_address(raw.get_ref()) else {
            let found = format!("the address {:?}", raw.get_ref());
            let expected = "six bytes in hexadecimal, such as \"C0:FF:EE:00:00:01\"";
            return Err(self.fail(&raw, found, expected, "crampwatch scan shows the addresses of sensors nearby"));
        };
        Ok(Some(address))
    }

    fn radio_name(&self, raw: Value<String>) -> Result<Option<String>, ConfigError> {
        let Some(raw) = raw else { return Ok(None) };
        if raw.get_ref().trim().is_empty() {
            let expected = "the whole name that the sensor advertises";
            return Err(self.fail(&raw, "an empty name".to_owned(), expected, "leave it out for any name"));
        }
        Ok(Some(raw.into_inner()))
    }

    /// What other topics begin with; the slot holds the default, which is a good example.
    pub(super) fn first_topic(&self, raw: Value<String>, slot: &mut String) -> Checked {
        let Some(raw) = raw else { return Ok(()) };
        let topic = raw.get_ref();
        let bad = topic.is_empty()
            || topic.len() > 100
            || topic.starts_with(['/', '$'])
            || topic.ends_with('/')
            || topic.contains("//")
            || topic.contains(|c: char| c == '+' || c == '#' || c.is_control() || c.is_whitespace());
        if bad {
            let expected = "1 to 100 characters without +, #, spaces, //, a leading $ or / and a trailing /";
            let remedy = format!("write a plain name, such as {slot:?}");
            return Err(self.fail(&raw, format!("the topic {topic:?}"), expected, remedy));
        }
        *slot = raw.into_inner();
        Ok(())
    }

    fn person_id(&self, raw: Value<String>, slot: &mut String) -> Checked {
        let Some(raw) = raw else { return Ok(()) };
        let id = raw.get_ref();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if id.is_empty() || id.len() > 32 || !id.chars().all(allowed) || id.starts_with('_') {
            let expected = "1 to 32 lower-case letters, digits and _, because it becomes a part of topics";
            let remedy = "write a short name, such as \"me\"; a full name need not be on the broker";
            return Err(self.fail(&raw, format!("the person id {id:?}"), expected, remedy));
        }
        if holds_an_address(id) {
            let (found, expected) =
                (format!("the person id {id:?}"), "no Bluetooth address, because it becomes a part of topics");
            return Err(self.fail(&raw, found, expected, "write a short name, such as \"me\""));
        }
        *slot = raw.into_inner();
        Ok(())
    }

    fn time_zone(&self, raw: Value<String>, slot: &mut TimeZone) -> Checked {
        let Some(raw) = raw else { return Ok(()) };
        let name = raw.get_ref();
        // A small system may have no tables of zones, and this one needs none.
        let zone = if name == "UTC" { Ok(TimeZone::UTC) } else { TimeZone::get(name) };
        *slot = zone.map_err(|_| {
            let wanted = name.replace(' ', "_").to_lowercase();
            let city = |zone: &str| zone.to_lowercase().rsplit('/').next() == Some(wanted.as_str());
            let known = jiff::tz::db().available().map(|zone| zone.to_string()).find(|zone| city(zone));
            let remedy = known.map_or_else(
                || "see timedatectl list-timezones, or leave it out for the system's zone".to_owned(),
                |zone| format!("did you mean {zone:?}?"),
            );
            self.fail(&raw, format!("the time zone {name:?}"), "an IANA name such as \"Europe/Berlin\"", remedy)
        })?;
        Ok(())
    }

    /// One of a closed set of words.
    pub(super) fn choice<T: Copy>(&self, raw: Value<String>, choices: &[(&str, T)], slot: &mut T) -> Checked {
        let Some(raw) = raw else { return Ok(()) };
        let word = raw.get_ref();
        if let Some((_, value)) = choices.iter().find(|(name, _)| name == word) {
            *slot = *value;
            return Ok(());
        }
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
        let remedy = suggest::closest(word, choices.iter().map(|(name, _)| *name))
            .map_or_else(|| format!("write {}", names[0]), |name| format!("did you mean {name:?}?"));
        Err(self.fail(&raw, format!("{word:?}"), format!("one of {}", names.join(", ")), remedy))
    }

    pub(super) fn number(&self, raw: Value<f64>, range: RangeInclusive<f64>, unit: &str, slot: &mut f64) -> Checked {
        let Some(raw) = raw else { return Ok(()) };
        if !range.contains(raw.get_ref()) {
            return Err(self.out_of_range(&raw, &range, unit));
        }
        *slot = raw.into_inner();
        Ok(())
    }

    pub(super) fn integer<T: TryFrom<i64>>(
        &self,
        raw: Value<i64>,
        range: RangeInclusive<i64>,
        unit: &str,
        slot: &mut T,
    ) -> Checked {
        let Some(raw) = raw else { return Ok(()) };
        match T::try_from(*raw.get_ref()) {
            Ok(value) if range.contains(raw.get_ref()) => *slot = value,
            _ => return Err(self.out_of_range(&raw, &range, unit)),
        }
        Ok(())
    }

    fn out_of_range<T: std::fmt::Display>(
        &self,
        raw: &Spanned<T>,
        range: &RangeInclusive<T>,
        unit: &str,
    ) -> ConfigError {
        let expected = format!("{} to {} {unit}", range.start(), range.end());
        self.fail(raw, raw.get_ref().to_string(), expected.trim_end(), "change it or leave it out for the default")
    }

    /// A path, relative to the file's folder.
    pub(super) fn path(&self, raw: Value<String>) -> Checked<Option<PathBuf>> {
        raw.map(|raw| self.resolve(&raw)).transpose()
    }

    pub(super) fn resolve(&self, raw: &Spanned<String>) -> Checked<PathBuf> {
        let text = raw.get_ref();
        if text.trim().is_empty() || text.contains('\0') {
            return Err(self.fail(raw, format!("the path {text:?}"), "a path", "write one or leave the key out"));
        }
        if let (Some(rest), Some(home)) = (text.strip_prefix("~/"), self.environment.home()) {
            return Ok(home.join(rest));
        }
        Ok(self.path.parent().unwrap_or(Path::new("")).join(text))
    }

    pub(super) fn fail<T>(
        &self,
        at: &Spanned<T>,
        found: impl Into<String>,
        expected: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ConfigError {
        self.fail_at(&at.span(), found, expected, remedy)
    }

    /// The same for a place alone.
    pub(super) fn fail_at(
        &self,
        at: &std::ops::Range<usize>,
        found: impl Into<String>,
        expected: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ConfigError {
        ConfigError::at(self.path, self.text, at, found, expected, remedy)
    }

    /// Gives an error of the TOML reader its place, and its remedy if it is one of the common slips.
    fn explain(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or(0..0);
        let at = |found: String, expected: String, remedy: String| {
            ConfigError::at(self.path, self.text, &span, found, expected, remedy)
        };
        let message = error.message().lines().next().unwrap_or_default();
        if let Some(rest) = message.strip_prefix("unknown field `") {
            let key = rest.split('`').next().unwrap_or_default();
            let expected: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
            let section = KEYS
                .iter()
                .map(|(section, _)| *section)
                .find(|section| suggest::names_in(section) == expected)
                .unwrap_or_default();
            let place = if section.is_empty() { "at the top level".to_owned() } else { format!("in [{section}]") };
            let expected = format!("{place} {}", expected.join(", "));
            return at(format!("the unknown key {key}"), expected, suggest::for_key(section, key));
        }
        if let Some((found, expected)) =
            message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
        {
            let remedy = match (found.starts_with("string"), expected) {
                (true, "f64" | "i64" | "a boolean") => "write the value without quotes",
                (false, "a string") => "write the value in double quotes",
                _ => "see crampwatch.example.toml for the form of each key",
            };
            return at(self.shown(found), plain_type(expected).to_owned(), remedy.to_owned());
        }
        at(message.to_owned(), "TOML, such as key = \"value\"".to_owned(), "see crampwatch.example.toml".to_owned())
    }

    fn shown(&self, found: &str) -> String {
        if found.len() > 80 { format!("{}…", found.chars().take(60).collect::<String>()) } else { found.to_owned() }
    }
}

fn plain_type(expected: &str) -> &str {
    match expected {
        "f64" => "a number",
        "i64" => "a whole number",
        "a boolean" => "true or false",
        other if other.starts_with("struct") => "a section",
        other => other,
    }
}

//! The configuration that the rest of the program sees, and its defaults.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::load::Environment;
use super::secret::Secret;
use crate::alarm::AlarmSettings;
use crate::diary::Measures;
use crate::recording::retention::RetentionRules;
use crate::store::Side;

/// Every setting, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The file that it was read from; none for mere defaults.
    pub origin: Option<PathBuf>,
    /// `[person]`
    pub person: PersonConfig,
    /// `[leg]`
    pub leg: LegConfig,
    /// `[sensor]`
    pub sensor: SensorConfig,
    /// `[storage]`
    pub storage: StorageConfig,
    /// `[mqtt]`
    pub mqtt: MqttConfig,
    /// `[model]`
    pub model: ModelConfig,
    /// `[detection]`
    pub detection: DetectionConfig,
    /// `[alarm]`
    pub alarm: AlarmConfig,
    /// `[diary]`
    pub diary: DiaryConfig,
    /// `[log]`
    pub log: LogConfig,
}

/// Who is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonConfig {
    /// Name in topics and tables: lower-case letters, digits and `_`, at most 32.
    pub id: String,
    /// Zone by which nights (noon to noon) and diary days are cut.
    pub time_zone: TimeZone,
}

impl PersonConfig {
    /// IANA name of the time zone, or `local` for a system zone without a name.
    pub fn time_zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("local")
    }
}

/// Which leg is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct LegConfig {
    /// Left or right.
    pub side: Side,
}

/// Where samples come from.
#[derive(Debug, Clone, PartialEq)]
pub struct SensorConfig {
    /// Which of the sources runs.
    pub kind: SensorKind,
    /// The simulated sensor.
    pub simulated: SimulatedConfig,
    /// The replay of a recording.
    pub replay: ReplayConfig,
    /// A real sensor.
    pub bluetooth: BluetoothConfig,
}

/// The kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SensorKind {
    /// A simulated person and sensor.
    Simulated,
    /// A recorded night.
    Replay,
    /// A real sensor over Bluetooth.
    Bluetooth,
}

/// A simulated night.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedConfig {
    /// The same seed gives the same night.
    pub seed: u64,
    /// Times real time, 0.1 to 100 000.
    pub speed: f64,
    /// Length of the night in hours, 0.1 to 24.
    pub night_h: f64,
    /// Cramps in the night, 0 to 50.
    pub cramps: u32,
    /// Times that the radio link drops out, 0 or 1.
    pub drop_outs: u32,
    /// Times that an electrode comes loose, 0 or 1.
    pub loose_electrodes: u32,
    /// Frames lost at random, in per cent, 0 to 50.
    pub loss_pct: f64,
    /// Drift of the sensor's clock in parts per million, -500 to 500.
    pub drift_ppm: f64,
}

/// A replay.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayConfig {
    /// The EDF or EDF+ file; always there when the sensor's kind is replay.
    pub file: Option<PathBuf>,
    /// Times real time, 0.1 to 100 000.
    pub speed: f64,
}

/// A real sensor over Bluetooth.
#[derive(Debug, Clone, PartialEq)]
pub struct BluetoothConfig {
    /// How to find, speak to and decode it: the name of a built-in profile, or the path of a file.
    pub profile: String,
    /// Exactly this device; none: the one that the profile finds.
    pub address: Option<[u8; 6]>,
    /// Exactly the device of this name.
    pub name: Option<String>,
    /// How fast its time runs: 1 for every sensor of this world, more for a test's double whose night is played faster.
    pub speed: f64,
    /// A second sensor on the same leg, whose acceleration counts instead of the first one's.
    pub acceleration: Option<AccelerationConfig>,
}

/// The second of two sensors on one leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccelerationConfig {
    /// As that of the first sensor.
    pub profile: String,
    /// Exactly this device; none: the one that the profile finds.
    pub address: Option<[u8; 6]>,
    /// Exactly the device of this name.
    pub name: Option<String>,
}

/// Where the nights are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StorageConfig {
    /// Folder of the database and of the raw nights.
    pub data_dir: PathBuf,
    /// Keep the raw nights (about 130 MB a night).
    pub keep_raw: bool,
    /// Raw nights that began more days ago are deleted, unless they are labelled; 0: age is no reason.
    pub keep_raw_days: u32,
    /// All raw nights together take no more gigabytes (of 1e9 bytes); 0: any number.
    pub raw_budget_gb: f64,
    /// So many megabytes (of 1e6 bytes) of the disk are kept free by deleting raw nights; with less than half of it none is
    /// recorded.
    pub min_free_mb: u32,
}

impl StorageConfig {
    /// The rules by which raw nights go.
    pub fn retention(&self) -> RetentionRules {
        RetentionRules {
            keep_days: (self.keep_raw_days > 0).then_some(self.keep_raw_days),
            budget_bytes: (self.raw_budget_gb > 0.0).then_some((self.raw_budget_gb * 1e9) as u64),
            min_free_bytes: u64::from(self.min_free_mb) * 1_000_000,
        }
    }

    /// With less free than this, in MB, raw nights are not recorded: the rest is for the database.
    pub fn record_above_mb(&self) -> f64 {
        f64::from(self.min_free_mb) / 2.0
    }
}

/// Where events are published.
#[derive(Debug, Clone, PartialEq)]
pub struct MqttConfig {
    /// Embedded broker, an external one, or none.
    pub mode: MqttMode,
    /// First part of every topic.
    pub base_topic: String,
    /// Whether Home Assistant is told what there is.
    pub discovery: bool,
    /// First part of Home Assistant's own topics.
    pub discovery_prefix: String,
    /// Host of an external broker.
    pub host: String,
    /// Port of an external broker; 8883 by default with TLS.
    pub port: u16,
    /// Whether an external broker is spoken to over TLS.
    pub tls: bool,
    /// Certificates of the authorities that may have signed the external broker's; none: those the system knows.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, if an external broker asks for one.
    pub client_certificate_file: Option<PathBuf>,
    /// The key of our certificate.
    pub client_key_file: Option<PathBuf>,
    /// User name at an external broker.
    pub username: Option<String>,
    /// Password at an external broker, from `password_file` or `CRAMPWATCH_MQTT_PASSWORD`.
    pub password: Option<Secret>,
    /// The file that `password` was read from.
    pub password_file: Option<PathBuf>,
    /// Address on which the embedded broker listens: loopback, unless there is an `embedded_password`.
    pub embedded_address: IpAddr,
    /// Port on which the embedded broker listens.
    pub embedded_port: u16,
    /// User name that the embedded broker asks for, if there is an `embedded_password`.
    pub embedded_username: String,
    /// Password that the embedded broker asks for, from `embedded_password_file` or `CRAMPWATCH_MQTT_EMBEDDED_PASSWORD`.
    pub embedded_password: Option<Secret>,
    /// The file that `embedded_password` was read from.
    pub embedded_password_file: Option<PathBuf>,
}

/// Which broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MqttMode {
    /// One within this program.
    Embedded,
    /// One at `host:port`.
    External,
    /// Nothing is published.
    Off,
}

/// Which model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    /// Folder of a model; none for the compiled-in one.
    pub path: Option<PathBuf>,
}

/// What a person may change about detection.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectionConfig {
    /// Probability above which a cramp is suspected, between 0 and 1; none for the model's own.
    pub enter_probability: Option<f64>,
}

/// Alarm settings.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmConfig {
    /// What sounds, and when silence of the sensor is a fault.
    pub policy: AlarmSettings,
    /// A topic that says whether somebody lies in bed.
    pub bed_presence_topic: Option<String>,
}

/// Diary settings.
#[derive(Debug, Clone, PartialEq)]
pub struct DiaryConfig {
    /// What the person's glass and cup hold.
    pub measures: Measures,
}

/// Log settings.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// Least level that is written.
    pub level: LogLevel,
}

/// Levels of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it.
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl SensorKind {
    /// The form in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Replay => "replay",
            Self::Bluetooth => "bluetooth",
        }
    }
}

impl MqttMode {
    /// The form in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::External => "external",
            Self::Off => "off",
        }
    }
}

impl LogLevel {
    /// The form in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Config {
    /// The defaults in this environment, which gives the data folder. The only place with defaults.
    pub fn defaults_in(environment: &Environment) -> Self {
        Self {
            origin: None,
            person: PersonConfig { id: "me".to_owned(), time_zone: TimeZone::try_system().unwrap_or(TimeZone::UTC) },
            leg: LegConfig { side: Side::Left },
            sensor: SensorConfig {
                kind: SensorKind::Simulated,
                simulated: SimulatedConfig {
                    seed: 1,
                    speed: 1.0,
                    night_h: 8.0,
                    cramps: 3,
                    drop_outs: 1,
                    loose_electrodes: 1,
                    loss_pct: 0.5,
                    drift_ppm: 40.0,
                },
                replay: ReplayConfig { file: None, speed: 1.0 },
                bluetooth: BluetoothConfig {
                    profile: "leg-sensor".to_owned(),
                    address: None,
                    name: None,
                    speed: 1.0,
                    acceleration: None,
                },
            },
            storage: StorageConfig {
                data_dir: environment.data_dir(),
                keep_raw: true,
                // Old nights harm nobody while there is room, and are what a model of one's own learns from: room, not age,
                // ends them.
                keep_raw_days: 0,
                // Five months of nights.
                raw_budget_gb: 20.0,
                min_free_mb: 1000,
            },
            mqtt: MqttConfig {
                mode: MqttMode::Embedded,
                base_topic: "crampwatch".to_owned(),
                discovery: true,
                discovery_prefix: "homeassistant".to_owned(),
                host: "localhost".to_owned(),
                port: 1883,
                tls: false,
                ca_file: None,
                client_certificate_file: None,
                client_key_file: None,
                username: None,
                password: None,
                password_file: None,
                // Health data stays on this machine unless its owner opens the door.
                embedded_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                embedded_port: 1883,
                embedded_username: "crampwatch".to_owned(),
                embedded_password: None,
                embedded_password_file: None,
            },
            model: ModelConfig { path: None },
            detection: DetectionConfig { enter_probability: None },
            alarm: AlarmConfig { policy: AlarmSettings::default(), bed_presence_topic: None },
            diary: DiaryConfig { measures: Measures::default() },
            log: LogConfig { level: LogLevel::Info },
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::defaults_in(&Environment::of_process())
    }
}

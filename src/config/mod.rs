//! TOML configuration: parsed, then validated into types. It must never print a secret.
//!
//! `raw` is the file as written, `validated` what the rest of the program sees. The only defaults are in
//! `impl Default for Config`; `crampwatch.example.toml` is checked against them by a test.

mod alarm;
mod check;
mod describe;
mod error;
mod load;
mod mqtt;
mod raw;
mod secret;
mod suggest;
mod validated;

pub use error::ConfigError;
pub use load::Environment;
pub use secret::Secret;
pub(crate) use suggest::closest;
pub use validated::{
    AccelerationConfig, AlarmConfig, BluetoothConfig, Config, DetectionConfig, DiaryConfig, LegConfig, LogConfig,
    LogLevel, ModelConfig, MqttConfig, MqttMode, PersonConfig, ReplayConfig, SensorConfig, SensorKind, SimulatedConfig,
    StorageConfig,
};

#[cfg(test)]
mod tests;

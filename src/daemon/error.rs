//! What can keep the daemon from running.

use std::path::PathBuf;

use crate::detect::DetectError;
use crate::mqtt::MqttError;
use crate::recording::RecordingError;
use crate::sensor::SourceError;
use crate::store::StoreError;

/// Errors of the daemon. Each says what to do, or carries one that does.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker or its settings.
    #[error(transparent)]
    Mqtt(#[from] MqttError),
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The raw night.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The model or the layout.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The model file cannot be read.
    #[error("cannot read the model {}: {source}; check model.path in the configuration, or leave it out", path.display())]
    ModelFile {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A payload could not be written as JSON.
    #[error("an event could not be encoded: {0}")]
    Encode(#[from] serde_json::Error),
    /// A component panicked.
    #[error("component `{component}` panicked; it is restarted")]
    Panicked {
        /// Which.
        component: &'static str,
    },
    /// The secret of sensor ids.
    #[error(
        "cannot use {}: {source}; sensor ids are made with it: make the folder writable for this user, or, if the file is \
         damaged, delete it (the sensor then gets a new id on the broker)",
        path.display()
    )]
    IdKey {
        /// Where.
        path: PathBuf,
        /// What the system said, or what is wrong with it.
        source: std::io::Error,
    },
    /// A daemon or a calibration uses the folder.
    #[error("{} is in use by another crampwatch daemon or calibration; stop that one, or set storage.data_dir to another folder", path.display())]
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// The lock file cannot be made.
    #[error("cannot lock {}: {source}; make the folder writable for this user", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl DaemonError {
    /// Whether only another process can get over it: it is told to whoever started this one, which is systemd.
    pub fn needs_new_process(&self) -> bool {
        matches!(self, Self::Source(SourceError::BusDead))
    }
}

//! What a Bluetooth source is told about its sensor.

use std::fmt;
use std::sync::Arc;

use super::Wanted;
use crate::sensor::{Dialogue, Profile};

/// Looks at what the sensor says of itself; `Err` tells what it said, and what was expected.
pub type InfoCheckFn = dyn Fn(&[u8]) -> Result<(), String> + Send + Sync;

/// A check of the sensor's info characteristic.
#[derive(Clone)]
pub struct InfoCheck(pub Arc<InfoCheckFn>);

impl InfoCheck {
    /// Refuses a sensor that is another one than `profile` says, or took other settings than it was told.
    pub fn of_profile(profile: &Profile) -> Self {
        let profile = profile.clone();
        Self(Arc::new(move |bytes| profile.verify_info(bytes).map(drop).map_err(|error| error.to_string())))
    }
}

impl fmt::Debug for InfoCheck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InfoCheck")
    }
}

/// How one sensor is found and spoken to.
#[derive(Debug, Clone)]
pub struct BleSettings {
    /// Which device it is.
    pub wanted: Wanted,
    /// What is said to it.
    pub dialogue: Dialogue,
    /// What it must say of itself, if the profile knows; refused otherwise.
    pub check_info: Option<InfoCheck>,
    /// Key of [`sensor_id`](super::sensor_id): a secret of this installation.
    pub id_key: Vec<u8>,
    /// How fast the sensor's time runs; 1 but for a double whose night is played faster.
    pub speed: f64,
}

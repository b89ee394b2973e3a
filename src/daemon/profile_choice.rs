//! Which profile the configuration names: a built-in one, else a file.

use crate::config::BluetoothConfig;
use crate::sensor::{Profile, SourceError};

/// The profile of the sensor that the leg is watched with.
///
/// # Errors
/// A name that is neither built in nor a file, a file that is no profile, a sensor without EMG.
pub fn sensor_profile(sensor: &BluetoothConfig) -> Result<Profile, SourceError> {
    let name = &sensor.profile;
    let unreadable = |error: std::io::Error| SourceError::ProfileFile { profile: name.clone(), source: error };
    let profile = match Profile::text_of(name) {
        Some(built_in) => Profile::parse(built_in)?,
        None => Profile::parse(&std::fs::read_to_string(name).map_err(unreadable)?)?,
    };
    if profile.has_emg() { Ok(profile) } else { Err(SourceError::NoEmg { profile: name.clone() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(profile: &str) -> Result<Profile, SourceError> {
        sensor_profile(&BluetoothConfig { profile: profile.to_owned(), address: None, name: None, speed: 1.0 })
    }

    #[test]
    fn a_built_in_profile_goes_by_its_name_and_one_without_emg_is_refused() {
        assert_eq!(named("myo").unwrap().name, "myo");
        assert!(matches!(named("polar-h10"), Err(SourceError::NoEmg { .. })));
        assert!(matches!(named("nowhere.toml"), Err(SourceError::ProfileFile { .. })));
    }
}

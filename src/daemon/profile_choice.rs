//! Which profiles the configuration names: built-in ones, else files.

use crate::config::BluetoothConfig;
use crate::sensor::{Profile, SourceError};

/// What one leg is watched with.
#[derive(Debug, Clone)]
pub struct LegProfiles {
    /// The sensor with EMG.
    pub profile: Profile,
    /// A second one whose acceleration counts, if there are two.
    pub acceleration: Option<Profile>,
}

/// The profiles of the sensors that the leg is watched with.
///
/// # Errors
/// A name that is neither built in nor a file, a file that is no profile, a sensor that has not what it is there for.
pub fn leg_profiles(sensor: &BluetoothConfig) -> Result<LegProfiles, SourceError> {
    let profile = named(&sensor.profile)?;
    if !profile.has_emg() {
        return Err(SourceError::NoLeg { found: format!("{} has no EMG", profile.name) });
    }
    let acceleration = sensor.acceleration.as_ref().map(|other| named(&other.profile)).transpose()?;
    match acceleration {
        Some(other) if other.layout().acc.is_none() => {
            Err(SourceError::NoLeg { found: format!("{} has no acceleration", other.name) })
        }
        acceleration => Ok(LegProfiles { profile, acceleration }),
    }
}

fn named(name: &str) -> Result<Profile, SourceError> {
    if let Some(built_in) = Profile::text_of(name) {
        return Ok(Profile::parse(built_in)?);
    }
    let unreadable = |error: std::io::Error| SourceError::ProfileFile { profile: name.to_owned(), source: error };
    Ok(Profile::parse(&std::fs::read_to_string(name).map_err(unreadable)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AccelerationConfig;

    fn of(profile: &str, acceleration: Option<&str>) -> Result<LegProfiles, SourceError> {
        let second = |profile: &str| AccelerationConfig { profile: profile.to_owned(), address: None, name: None };
        let acceleration = acceleration.map(second);
        leg_profiles(&BluetoothConfig {
            profile: profile.to_owned(),
            address: None,
            name: None,
            speed: 1.0,
            acceleration,
        })
    }

    #[test]
    fn a_built_in_profile_goes_by_its_name_and_a_leg_needs_emg_and_a_pair_acceleration() {
        assert_eq!(of("myo", None).unwrap().profile.name, "myo");
        assert!(of("npg-lite-3ch", Some("polar-h10")).unwrap().acceleration.is_some());
        assert!(matches!(of("polar-h10", None), Err(SourceError::NoLeg { .. })));
        assert!(matches!(of("myo", Some("npg-lite-3ch")), Err(SourceError::NoLeg { .. })));
        assert!(matches!(of("nowhere.toml", None), Err(SourceError::ProfileFile { .. })));
    }
}

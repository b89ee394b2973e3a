//! The profiles that are compiled in, so that an installed program needs no checkout.

use super::{Profile, ProfileError};

const BUILT_IN: [(&str, &str); 7] = [
    ("leg-sensor", include_str!("../../../firmware-config/leg-sensor.toml")),
    ("npg-lite-3ch", include_str!("../../../firmware-config/npg-lite-3ch.toml")),
    ("npg-lite-6ch", include_str!("../../../firmware-config/npg-lite-6ch.toml")),
    ("myo", include_str!("../../../firmware-config/myo.toml")),
    ("ganglion", include_str!("../../../firmware-config/ganglion.toml")),
    ("polar-h10", include_str!("../../../firmware-config/polar-h10.toml")),
    ("polar-verity", include_str!("../../../firmware-config/polar-verity.toml")),
];

impl Profile {
    /// The reference leg sensor, compiled in.
    ///
    /// # Errors
    /// None in a build that passes its tests; the type keeps callers free of panics.
    pub fn leg_sensor() -> Result<Self, ProfileError> {
        Self::named("leg-sensor")
    }

    /// Names of the compiled-in profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// The text of a compiled-in profile.
    pub fn text_of(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(other, _)| *other == name).map(|(_, text)| *text)
    }

    /// A compiled-in profile.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`] for another name.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        let unknown =
            || ProfileError::Unknown { found: name.to_owned(), expected: Self::names().collect::<Vec<_>>().join(", ") };
        Self::parse(Self::text_of(name).ok_or_else(unknown)?)
    }
}

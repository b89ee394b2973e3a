//! What a device says of itself before it is connected, and whether it is the sensor that is looked for.

use uuid::Uuid;

use crate::sensor::Profile;

/// What is known of a device without connecting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advertisement {
    /// Radio address, most significant byte first.
    pub address: [u8; 6],
    /// Advertised name; none while only the address is known.
    pub name: Option<String>,
    /// Advertised services.
    pub services: Vec<Uuid>,
    /// Manufacturer data by company identifier.
    pub manufacturer: Vec<(u16, Vec<u8>)>,
}

/// Which device is the sensor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Exactly this device, whatever it advertises.
    pub address: Option<[u8; 6]>,
    /// Exactly this name.
    pub name: Option<String>,
    /// Services of which it advertises at least one; none for a sensor that advertises none.
    pub services: Vec<Uuid>,
    /// Begin of its name; empty for any.
    pub name_prefix: String,
    /// The name must be known; else one that is not known yet speaks against nothing.
    pub name_required: bool,
    /// A company, and what its data begin with.
    pub manufacturer: Option<(u16, Vec<u8>)>,
}

impl Wanted {
    /// A sensor of `profile`; `address` and `name` narrow it to one of several.
    pub fn of_profile(profile: &Profile, address: Option<[u8; 6]>, name: Option<String>) -> Self {
        Self {
            address,
            name,
            services: profile.find.services.clone(),
            name_prefix: profile.find.name_prefix.clone(),
            name_required: profile.find.name_required,
            manufacturer: profile.find.manufacturer.as_ref().map(|wanted| (wanted.id, wanted.data.clone())),
        }
    }

    /// Whether a device is it. The name comes later than the rest: it stands in the scan response.
    pub fn matches(&self, seen: &Advertisement) -> bool {
        if let Some(address) = self.address {
            return seen.address == address;
        }
        if !self.services.is_empty() && !self.services.iter().any(|wanted| seen.services.contains(wanted)) {
            return false;
        }
        if let Some((company, begin)) = &self.manufacturer
            && !seen.manufacturer.iter().any(|(id, data)| id == company && data.starts_with(begin))
        {
            return false;
        }
        let nothing_else = self.services.is_empty() && self.manufacturer.is_none();
        match (&seen.name, &self.name) {
            (Some(found), Some(wanted)) => found == wanted,
            (Some(found), None) => found.starts_with(&self.name_prefix),
            (None, Some(_)) => false,
            (None, None) => !self.name_required && !nothing_else,
        }
    }
}

/// Reads `C0:FF:EE:00:00:01`.
pub fn parse_address(text: &str) -> Option<[u8; 6]> {
    let mut address = [0; 6];
    let mut parts = text.split([':', '-']);
    for byte in &mut address {
        let part = parts.next().filter(|part| part.len() == 2 && !part.starts_with('+'))?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(address)
}

/// Writes `C0:FF:EE:00:00:01`.
pub fn write_address(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02X}")).join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const OURS: [u8; 6] = [0xC0, 0xFF, 0xEE, 0, 0, 1];

    fn wanted() -> Wanted {
        Wanted::of_profile(&Profile::leg_sensor().unwrap(), None, None)
    }

    fn seen(name: Option<&str>) -> Advertisement {
        let services = wanted().services;
        Advertisement { address: OURS, name: name.map(str::to_owned), services, manufacturer: vec![] }
    }

    #[test]
    fn a_sensor_is_known_by_service_before_its_name_has_come() {
        assert!(wanted().matches(&seen(None)));
        assert!(wanted().matches(&seen(Some("CrampLeg 3F:A2"))));
        assert!(!wanted().matches(&seen(Some("Kettle"))));
        assert!(!wanted().matches(&Advertisement { services: vec![], ..seen(Some("CrampLeg 3F:A2")) }));
    }

    #[test]
    fn a_name_tells_two_sensors_apart() {
        let left = Wanted { name: Some("CrampLeg 3F:A2".to_owned()), ..wanted() };
        assert!(left.matches(&seen(Some("CrampLeg 3F:A2"))));
        assert!(!left.matches(&seen(Some("CrampLeg 11:22"))));
        assert!(!left.matches(&seen(None)));
    }

    #[test]
    fn an_address_decides_alone() {
        let pinned = Wanted { address: Some(OURS), name: Some("other".to_owned()), ..wanted() };
        assert!(pinned.matches(&Advertisement { address: OURS, ..Advertisement::default() }));
        assert!(!pinned.matches(&Advertisement { address: [0; 6], ..seen(Some("other")) }));
    }

    #[test]
    fn manufacturer_data_and_a_required_name_must_fit_where_the_profile_asks_for_them() {
        let strict = Wanted { name_required: true, manufacturer: Some((107, vec![0x72])), ..wanted() };
        let polar = Advertisement { manufacturer: vec![(107, vec![0x72, 8])], ..seen(Some("CrampLeg")) };
        assert!(strict.matches(&polar));
        assert!(!strict.matches(&Advertisement { name: None, ..polar.clone() }));
        assert!(!strict.matches(&Advertisement { manufacturer: vec![(107, vec![1])], ..polar }));
        assert!(!strict.matches(&seen(Some("CrampLeg"))));
    }

    #[test]
    fn a_device_without_name_and_service_is_never_ours() {
        let by_name = Wanted { name_prefix: "Ganglion".to_owned(), ..Wanted::default() };
        assert!(!by_name.matches(&Advertisement::default()));
        assert!(by_name.matches(&Advertisement { name: Some("Ganglion-1".to_owned()), ..Advertisement::default() }));
    }

    #[rstest]
    #[case("C0:FF:EE:00:00:01", Some(OURS))]
    #[case("c0-ff-ee-00-00-01", Some(OURS))]
    #[case("C0:FF:EE:00:00", None)]
    #[case("C0:FF:EE:00:00:01:02", None)]
    #[case("C0:FF:EE:00:00:+1", None)]
    #[case("", None)]
    fn addresses_are_read_strictly(#[case] text: &str, #[case] expected: Option<[u8; 6]>) {
        assert_eq!(parse_address(text), expected);
        if let Some(address) = expected {
            assert_eq!(parse_address(&write_address(address)), expected);
        }
    }
}

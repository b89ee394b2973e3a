//! How a sensor is told from all other devices nearby.

use serde::Deserialize;
use uuid::Uuid;

use super::error::Fault;
use super::text::hex;

/// How to find the sensor. What is given must fit; of several services one is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// Advertised services; none for a sensor that advertises none.
    pub services: Vec<Uuid>,
    /// Begin of the advertised name; empty for any.
    pub name_prefix: String,
    /// The name must be known and fit; else a name that is not known yet speaks against nothing.
    pub name_required: bool,
    /// Manufacturer data that it advertises.
    pub manufacturer: Option<Manufacturer>,
}

/// Manufacturer data: the company's number and what its data begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manufacturer {
    /// Bluetooth company identifier.
    pub id: u16,
    /// Begin of the data; empty for any.
    pub data: Vec<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindFile {
    #[serde(default)]
    services: Vec<Uuid>,
    #[serde(default)]
    name_prefix: String,
    #[serde(default)]
    name_required: bool,
    manufacturer: Option<ManufacturerFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManufacturerFile {
    id: u16,
    #[serde(default)]
    data: String,
}

impl Find {
    pub(super) fn check(file: FindFile) -> Result<Self, Fault> {
        let manufacturer = match file.manufacturer {
            Some(found) => Some(Manufacturer { id: found.id, data: hex("find.manufacturer.data", &found.data)? }),
            None => None,
        };
        if file.services.is_empty() && file.name_prefix.is_empty() && manufacturer.is_none() {
            return Err(Fault::new("find", "empty", "services, name_prefix or manufacturer"));
        }
        if file.name_required && file.name_prefix.is_empty() {
            return Err(Fault::new("find.name_required", "true", "a name_prefix beside it"));
        }
        let name_required = file.name_required || (file.services.is_empty() && manufacturer.is_none());
        Ok(Self { services: file.services, name_prefix: file.name_prefix, name_required, manufacturer })
    }

    /// Whether a device that advertises this may be the sensor. `manufacturer` gives the data of each company seen.
    pub fn fits<'a>(
        &self,
        name: Option<&str>,
        services: &[Uuid],
        manufacturer: impl IntoIterator<Item = (u16, &'a [u8])>,
    ) -> bool {
        let name_fits = name.map_or(!self.name_required, |name| name.starts_with(&self.name_prefix));
        let service_fits = self.services.is_empty() || self.services.iter().any(|wanted| services.contains(wanted));
        let company_fits = self.manufacturer.as_ref().is_none_or(|wanted| {
            manufacturer.into_iter().any(|(id, data)| id == wanted.id && data.starts_with(&wanted.data))
        });
        name_fits && service_fits && company_fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_must_fit() {
        let (ours, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let file = FindFile {
            services: vec![ours],
            name_prefix: "NPG".to_owned(),
            name_required: true,
            manufacturer: Some(ManufacturerFile { id: 7, data: "01".to_owned() }),
        };
        let find = Find::check(file).unwrap();
        let data: &[u8] = &[1, 2];
        assert!(find.fits(Some("NPG-Lite"), &[other, ours], [(7, data)]));
        assert!(!find.fits(None, &[ours], [(7, data)]));
        assert!(!find.fits(Some("Lamp"), &[ours], [(7, data)]));
        assert!(!find.fits(Some("NPG-Lite"), &[other], [(7, data)]));
        assert!(!find.fits(Some("NPG-Lite"), &[ours], [(8, data)]));
        assert!(!find.fits(Some("NPG-Lite"), &[ours], [(7, &data[1..])]));
    }

    #[test]
    fn a_name_that_is_not_known_yet_speaks_against_nothing_beside_a_service() {
        let ours = Uuid::from_u128(1);
        let find =
            Find { services: vec![ours], name_prefix: "Cr".to_owned(), name_required: false, manufacturer: None };
        assert!(find.fits(None, &[ours], []) && find.fits(Some("CrampLeg"), &[ours], []));
        assert!(!find.fits(Some("Kettle"), &[ours], []));
    }
}

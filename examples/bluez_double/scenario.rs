//! Which sensors there are: from a TOML file, or one reference sensor.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use uuid::Uuid;

use super::behave::Behave;
use super::gatt::{parse_hex, parse_uuid};
use super::leg::Leg;
use super::night::NightPlan;
use super::tape::Tape;
use super::world::{Identity, Peripheral};

/// bluetoothd offers so much and sensors of today take it.
const MTU: u16 = 517;

/// The file. Paths in it are relative to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    sensor: Vec<Sensor>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sensor {
    /// `leg` or `tape`.
    kind: Kind,
    address: Option<String>,
    #[serde(default = "random")]
    address_type: String,
    name: Option<String>,
    /// Service UUIDs in the advertisement.
    #[serde(default)]
    advertised: Vec<String>,
    manufacturer: Option<Manufacturer>,
    #[serde(default = "rssi")]
    rssi: i16,
    #[serde(default = "mtu")]
    mtu: u16,
    /// Of a tape.
    file: Option<PathBuf>,
    /// Of a leg: replaces what the command line says.
    seed: Option<u64>,
    cramps: Option<u32>,
    battery: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Leg,
    Tape,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manufacturer {
    company: u16,
    hex: String,
}

fn random() -> String {
    "random".to_owned()
}

fn rssi() -> i16 {
    -60
}

fn mtu() -> u16 {
    MTU
}

impl Scenario {
    /// One reference sensor.
    pub(crate) fn one_leg() -> Self {
        let leg = Sensor {
            kind: Kind::Leg,
            address: None,
            address_type: random(),
            name: None,
            advertised: Vec::new(),
            manufacturer: None,
            rssi: rssi(),
            mtu: MTU,
            file: None,
            seed: None,
            cramps: None,
            battery: None,
        };
        Self { sensor: vec![leg] }
    }

    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut scenario: Self = toml::from_str(&text).with_context(|| file.display().to_string())?;
        let folder = file.parent().unwrap_or(Path::new("."));
        for sensor in &mut scenario.sensor {
            sensor.file = sensor.file.take().map(|tape| folder.join(tape));
        }
        Ok(scenario)
    }

    pub(crate) fn peripherals(&self, plan: NightPlan, speed: f64) -> anyhow::Result<Vec<Peripheral>> {
        self.sensor.iter().enumerate().map(|(index, sensor)| sensor.peripheral(index, plan, speed)).collect()
    }
}

impl Sensor {
    fn peripheral(&self, index: usize, plan: NightPlan, speed: f64) -> anyhow::Result<Peripheral> {
        let address = self.address.clone().unwrap_or_else(|| format!("C0:FF:EE:00:00:{:02X}", index + 1));
        let behaviour: Box<dyn Behave> = match self.kind {
            Kind::Leg => {
                let (seed, cramps) = (self.seed.unwrap_or(plan.seed), self.cramps.unwrap_or(plan.cramps));
                Box::new(Leg::new(NightPlan { seed, cramps, ..plan }, speed, self.battery.unwrap_or(80))?)
            }
            Kind::Tape => {
                let file = self.file.as_ref().context("a tape needs a file")?;
                let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
                Box::new(Tape::parse(&text, speed).with_context(|| file.display().to_string())?)
            }
        };
        let uuid = |text: &String| parse_uuid(text).with_context(|| format!("{text:?} is no UUID"));
        let mut advertised: Vec<Uuid> = self.advertised.iter().map(uuid).collect::<Result<_, _>>()?;
        if advertised.is_empty() && self.kind == Kind::Leg {
            advertised.extend(behaviour.gatt().services.iter().map(|service| service.uuid));
        }
        let manufacturer = self.manufacturer.as_ref().map(|own| {
            let data = parse_hex(&own.hex).with_context(|| format!("{:?} is not bytes in hex", own.hex))?;
            anyhow::Ok((own.company, data))
        });
        let tail = address.get(address.len().saturating_sub(5)..).unwrap_or_default();
        let identity = Identity {
            name: self.name.clone().unwrap_or_else(|| format!("CrampLeg {tail}")),
            address_type: self.address_type.clone(),
            advertised,
            manufacturer: manufacturer.transpose()?,
            rssi: self.rssi,
            address,
        };
        Ok(Peripheral::new(identity, behaviour, self.mtu))
    }
}

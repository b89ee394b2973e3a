//! A look around for people: which devices are there, and which profile fits.

use std::collections::BTreeMap;
use std::time::Duration;

use btleplug::api::{Central as _, CentralEvent, CentralState, Manager as _, Peripheral as _, ScanFilter};
use btleplug::platform::{Adapter, Manager, Peripheral, PeripheralId};
use futures_util::StreamExt as _;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use uuid::Uuid;

use super::advertisement::{Advertisement, Wanted};
use super::failure::Failure;
use super::pumps::advertisement;
use super::{ErrorClass, write_address};

/// Battery level, when it is advertised as service data.
const BATTERY: Uuid = Uuid::from_u128(0x0000_180f_0000_1000_8000_0080_5f9b_34fb);
/// What one question to bluetoothd may take.
const ANSWER: Duration = Duration::from_secs(5);

/// A device that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDevice {
    /// Radio address, such as `C0:FF:EE:00:00:01`.
    pub address: String,
    /// Advertised name, if it has one.
    pub name: Option<String>,
    /// Strongest signal heard, in dBm; none for a device that is connected and so does not advertise.
    pub rssi_dbm: Option<i16>,
    /// Name of the profile that fits.
    pub profile: Option<String>,
    /// Battery in percent, if it is advertised.
    pub battery_pct: Option<u8>,
    /// Something on this machine is connected to it.
    pub connected: bool,
}

/// Why nothing can be scanned for. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Adapter, bluetoothd, bus or permission.
    #[error("cannot scan: {class}")]
    Bluetooth {
        /// Which.
        class: ErrorClass,
        /// What was said.
        #[source]
        source: Said,
    },
}

/// What bluetoothd or the bus said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Said(String);

impl ScanError {
    /// What it is.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Bluetooth { class, .. } => *class,
        }
    }
}

/// The adapter that is on, in the words of BlueZ. Nothing is switched on or searched for.
///
/// # Errors
/// [`ScanError`]: no bus, no bluetoothd, no adapter, an adapter that is off, no permission.
pub async fn adapter_in_use() -> Result<String, ScanError> {
    let name = asked(async { Ok(adapter().await?.adapter_info().await?) }).await?;
    Ok(name)
}

impl From<Failure> for ScanError {
    fn from(failure: Failure) -> Self {
        Self::Bluetooth { class: failure.class, source: Said(failure.text) }
    }
}

/// Scans for `seconds` and gives what was heard, fitting and near devices first. `progress` is told the number of
/// devices so far, several times a second.
///
/// # Errors
/// [`ScanError`]: no bus, no bluetoothd, no adapter, an adapter that is off, no permission.
pub async fn scan(
    seconds: Duration,
    profiles: &[(String, Wanted)],
    mut progress: impl FnMut(usize),
) -> Result<Vec<FoundDevice>, ScanError> {
    let adapter = asked(adapter()).await?;
    let mut events = asked(async { Ok(adapter.events().await?) }).await?;
    // One that is left on by somebody is begun anew with our filter.
    let _ = timeout(ANSWER, adapter.stop_scan()).await;
    asked(async { Ok(adapter.start_scan(ScanFilter::default()).await?) }).await?;
    let ends = Instant::now() + seconds;
    let mut heard: BTreeMap<PeripheralId, Option<i16>> = BTreeMap::new();
    while let Ok(Some(event)) = timeout_at(ends, events.next()).await {
        if let CentralEvent::RssiUpdate { id, rssi } = event {
            let strongest = heard.entry(id).or_default();
            *strongest = (*strongest).max(Some(rssi));
        }
        progress(heard.len());
    }
    sleep_until(ends).await;
    let all = asked(async { Ok(adapter.peripherals().await?) }).await?;
    let mut found = Vec::new();
    for peripheral in all {
        let strongest = heard.get(&peripheral.id()).copied().flatten();
        // A device that vanished meanwhile is not there.
        if let Ok(Ok(Some(device))) = timeout(ANSWER, describe(&peripheral, strongest, profiles)).await {
            found.push(device);
        }
    }
    // The list is there; a scan that cannot be stopped ends with the process.
    let _ = timeout(ANSWER, adapter.stop_scan()).await;
    found.sort_by_key(|device| (device.profile.is_none(), std::cmp::Reverse(device.rssi_dbm), device.address.clone()));
    Ok(found)
}

async fn asked<T>(question: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(ANSWER, question).await.unwrap_or_else(|_| Err(Failure::timeout()))
}

async fn adapter() -> Result<Adapter, Failure> {
    let adapters = Manager::new().await?.adapters().await?;
    let there = adapters.len();
    for adapter in adapters {
        if adapter.adapter_state().await? == CentralState::PoweredOn {
            return Ok(adapter);
        }
    }
    Err(match there {
        0 => Failure::new(ErrorClass::NoAdapter, "bluetoothd has no adapter"),
        _ => Failure::new(ErrorClass::AdapterOff, "no adapter is switched on"),
    })
}

/// What is known of a device that was heard or is connected; none of one that is only remembered.
async fn describe(
    peripheral: &Peripheral,
    heard_dbm: Option<i16>,
    profiles: &[(String, Wanted)],
) -> Result<Option<FoundDevice>, btleplug::Error> {
    let Some(properties) = peripheral.properties().await? else { return Ok(None) };
    let connected = peripheral.is_connected().await?;
    let rssi_dbm = heard_dbm.max(properties.rssi);
    if rssi_dbm.is_none() && !connected {
        return Ok(None);
    }
    let seen = advertisement(&properties);
    Ok(Some(FoundDevice {
        address: write_address(seen.address),
        profile: fitting(&seen, profiles),
        battery_pct: properties.service_data.get(&BATTERY).and_then(|data| data.first()).copied(),
        name: seen.name,
        rssi_dbm,
        connected,
    }))
}

fn fitting(seen: &Advertisement, profiles: &[(String, Wanted)]) -> Option<String> {
    profiles.iter().find(|(_, wanted)| wanted.matches(seen)).map(|(name, _)| name.clone())
}

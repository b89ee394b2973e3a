//! The two streams that are polled as long as they live: events of the adapter, notifications of the sensor.
//! A stream of btleplug that nobody polls grows without limit.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use btleplug::api::{Central as _, CentralEvent, CentralState, Peripheral as _, PeripheralProperties};
use btleplug::platform::{Adapter, Peripheral, PeripheralId};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::advertisement::Advertisement;
use super::failure::Failure;
use super::queues::RadioEvent;
use super::radio::Shared;
use crate::sensor::Role;

/// A device that did not fit is looked at again after this: its name may have come.
const DOUBT: Duration = Duration::from_secs(2);
/// The sensor is looked up so often at most, however often it advertises.
const CALM: Duration = Duration::from_millis(150);
/// Devices remembered.
const MOST_KNOWN: usize = 512;
/// What one look at a device may take.
const LOOK: Duration = Duration::from_secs(2);

/// Passes the adapter's events on until its stream ends, which it should never do.
pub(super) async fn pump_events(shared: Arc<Shared>, adapter: Adapter) -> Result<(), Failure> {
    let mut events = adapter.events().await?;
    let mut known: HashMap<PeripheralId, (bool, Instant)> = HashMap::new();
    while let Some(event) = events.next().await {
        match event {
            CentralEvent::StateUpdate(CentralState::PoweredOff) => shared.queues.event(RadioEvent::AdapterOff).await,
            CentralEvent::StateUpdate(CentralState::PoweredOn) => shared.queues.event(RadioEvent::AdapterOn).await,
            CentralEvent::DeviceDisconnected(id) => {
                let Some(sensor) = shared.sensor().filter(|sensor| sensor.id() == id) else { continue };
                // Events come late; the link may be up again.
                let is_up = timeout(LOOK, sensor.is_connected()).await;
                if !matches!(is_up, Ok(Ok(true))) {
                    shared.queues.event(RadioEvent::Disconnected).await;
                }
            }
            CentralEvent::RssiUpdate { id, rssi } => look(&shared, &adapter, id, Some(rssi), &mut known).await,
            CentralEvent::DeviceDiscovered(id)
            | CentralEvent::DeviceUpdated(id)
            | CentralEvent::ManufacturerDataAdvertisement { id, .. }
            | CentralEvent::ServiceDataAdvertisement { id, .. }
            | CentralEvent::ServicesAdvertisement { id, .. } => look(&shared, &adapter, id, None, &mut known).await,
            _ => {}
        }
    }
    shared.queues.event(RadioEvent::BusLost).await;
    Ok(())
}

/// Looks at a device that said something, and tells if it is the sensor.
async fn look(
    shared: &Shared,
    adapter: &Adapter,
    id: PeripheralId,
    heard_dbm: Option<i16>,
    known: &mut HashMap<PeripheralId, (bool, Instant)>,
) {
    if !shared.is_scanning() {
        return;
    }
    if known.get(&id).is_some_and(|(fits, at)| at.elapsed() < if *fits { CALM } else { DOUBT }) {
        return;
    }
    let look = async { consider(shared, adapter.peripheral(&id).await?, heard_dbm).await };
    // A device that is gone meanwhile does not fit.
    let fits = matches!(timeout(LOOK, look).await, Ok(Ok(true)));
    if known.len() >= MOST_KNOWN {
        known.clear();
    }
    known.insert(id, (fits, Instant::now()));
}

/// Tells of `peripheral` if it is the sensor, and heard of just now or connected. Gives whether it is the sensor.
pub(super) async fn consider(
    shared: &Shared,
    peripheral: Peripheral,
    heard_dbm: Option<i16>,
) -> Result<bool, btleplug::Error> {
    let Some(properties) = peripheral.properties().await? else { return Ok(false) };
    let seen = advertisement(&properties);
    if !shared.wanted.matches(&seen) {
        return Ok(false);
    }
    // BlueZ keeps a signal strength only while a device is heard.
    let rssi_dbm = heard_dbm.or(properties.rssi);
    let connected = peripheral.is_connected().await?;
    if connected || rssi_dbm.is_some() {
        shared.queues.sighting(RadioEvent::Seen { peripheral, address: seen.address, rssi_dbm, connected });
    }
    Ok(true)
}

/// The properties that matter. BlueZ makes up a name from the address while none is known.
pub(super) fn advertisement(properties: &PeripheralProperties) -> Advertisement {
    let address = properties.address.into_inner();
    let made_up = |name: &String| super::parse_address(name) == Some(address);
    let name = properties.advertisement_name.clone().or_else(|| properties.local_name.clone());
    let manufacturer = properties.manufacturer_data.iter().map(|(id, data)| (*id, data.clone())).collect();
    Advertisement {
        address,
        name: name.filter(|name| !made_up(name)),
        services: properties.services.clone(),
        manufacturer,
    }
}

/// Passes the sensor's notifications on, each with its arrival; those of other characteristics are left out. It is to be
/// begun once a handle: two streams of one handle give everything twice.
pub(super) async fn pump_notes(
    shared: Arc<Shared>,
    sensor: Peripheral,
    roles: Vec<(Uuid, Uuid, Role)>,
) -> Result<(), Failure> {
    let mut notes = sensor.notifications().await?;
    shared.notes_flow();
    while let Some(note) = notes.next().await {
        let role = roles.iter().find(|(service, uuid, _)| *service == note.service_uuid && *uuid == note.uuid);
        if let Some((_, _, role)) = role {
            shared.queues.note(*role, note.value);
        }
    }
    Ok(())
}

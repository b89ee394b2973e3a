//! Scanning: how device objects come and go.

use tokio::time::Instant;
use zbus::zvariant::Value;

use super::daemon::Device;
use super::objects::{Place, Properties};
use super::world::World;

impl World {
    /// One round of advertisements. Called at the advertising interval, whether anybody scans or not.
    pub(crate) fn advertise(&mut self, now: Instant) {
        for index in 0..self.peripherals.len() {
            if self.is_heard(index) {
                self.seen(index, now);
            } else if self.is_forgotten(index, now) {
                self.remove_object(index);
            }
        }
    }

    /// A client scans for what this sensor advertises. A connected sensor does not advertise.
    fn is_heard(&self, index: usize) -> bool {
        let peripheral = &self.peripherals[index];
        let on_air = peripheral.in_range && !peripheral.linked && self.adapter.present && self.adapter.powered;
        let Some(daemon) = self.daemon.as_ref().filter(|_| on_air) else { return false };
        daemon.discovering.iter().any(|client| {
            let wanted = daemon.filters.get(client).map_or(&[][..], Vec::as_slice);
            wanted.is_empty() || wanted.iter().any(|uuid| peripheral.identity.advertised.contains(uuid))
        })
    }

    fn is_forgotten(&self, index: usize, now: Instant) -> bool {
        let peripheral = &self.peripherals[index];
        let device = self.daemon.as_ref().and_then(|daemon| daemon.devices[index].as_ref());
        let old = device.is_some_and(|device| now - device.last_seen > self.timings.temporary);
        old && !peripheral.stored && !peripheral.linked
    }

    fn seen(&mut self, index: usize, now: Instant) {
        let name_after = self.timings.name_after;
        let rssi = self.peripherals[index].identity.rssi;
        let Some(daemon) = &mut self.daemon else { return };
        let Some(device) = &mut daemon.devices[index] else {
            let new = Device { rssi: Some(rssi), ..Device::new(&self.peripherals[index]) };
            daemon.devices[index] = Some(new);
            self.added(Place::Device(index));
            return;
        };
        device.last_seen = now;
        // It wobbles: a value that stays makes no signal.
        device.rssi = Some(if device.rssi == Some(rssi) { rssi - 1 } else { rssi });
        let named = !device.name_known && now - device.first_seen >= name_after;
        device.name_known |= named;
        self.changed(Place::Device(index), &["RSSI"], &[]);
        if named {
            self.changed(Place::Device(index), &["Name", "Alias"], &[]);
        }
    }

    /// The last client stopped.
    pub(crate) fn discovery_ended(&mut self) {
        self.changed_to(Place::Adapter, &Properties::from([("Discovering", Value::from(false))]), &[]);
        for index in 0..self.peripherals.len() {
            let Some(device) = self.device(index) else { continue };
            if device.rssi.take().is_some() {
                self.changed(Place::Device(index), &[], &["RSSI"]);
            }
            let unused = !self.peripherals[index].stored && !self.peripherals[index].linked;
            if self.vanish_at_stop && unused {
                self.remove_object(index);
            }
        }
    }

    /// The device object goes, and all below it.
    pub(crate) fn remove_object(&mut self, index: usize) {
        let exported = self.device(index).is_some_and(|device| device.exported);
        let below = if exported { self.places_of_services(index) } else { Vec::new() };
        let paths = below.into_iter().rev().chain([Place::Device(index)]);
        for place in paths {
            self.removed(place);
        }
        self.peripherals[index].stored = false;
        if let Some(daemon) = &mut self.daemon {
            daemon.devices[index] = None;
        }
    }
}

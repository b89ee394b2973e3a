//! Links: how they come up, how services appear, how they go, and what travels on them.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use zbus::message::Message;
use zbus::zvariant::Value;

use super::air::Arrival;
use super::behave::Packet;
use super::failure::Failure;
use super::objects::{Place, Properties};
use super::world::{ConnectMode, World};

/// How often a connection to a sensor out of range is tried.
const RETRY: Duration = Duration::from_millis(100);
/// After so long a refusal comes.
const REFUSED_AFTER: Duration = Duration::from_millis(200);

impl World {
    /// Device1.Connect; the answer comes when the link is up.
    pub(crate) fn connect(&mut self, index: usize, call: &Message) -> Result<Option<Message>, Failure> {
        let (linked, powered) = (self.peripherals[index].linked, self.adapter.powered);
        let mode = self.peripherals[index].connect_mode;
        let connect = self.timings.connect;
        let device = self.device(index).ok_or_else(Failure::does_not_exist)?;
        if device.connecting.is_some() {
            return Err(Failure::in_progress());
        }
        if linked {
            return Ok(Some(Message::method_return(&call.header())?.build(&())?));
        }
        if !powered {
            return Err(Failure::failed("Input/output error"));
        }
        let since = Instant::now();
        device.connecting = Some((call.clone(), since));
        self.peripherals[index].stored = true;
        match mode {
            ConnectMode::Hangs => {}
            ConnectMode::Fails => self.later(REFUSED_AFTER, move |world| world.connect_failed(index, since)),
            ConnectMode::Works => self.later(connect, move |world| world.connect_goes_on(index, since)),
            ConnectMode::Slow(slow) => self.later(slow, move |world| world.connect_goes_on(index, since)),
        }
        Ok(None)
    }

    fn still_connecting(&mut self, index: usize, since: Instant) -> bool {
        self.device(index).is_some_and(|device| device.connecting.as_ref().is_some_and(|(_, began)| *began == since))
    }

    fn connect_failed(&mut self, index: usize, since: Instant) {
        if self.still_connecting(index, since) {
            self.answer_connect(index, Err(Failure::failed("le-connection-abort-by-local")));
        }
    }

    fn connect_goes_on(&mut self, index: usize, since: Instant) {
        if !self.still_connecting(index, since) {
            return;
        }
        if self.peripherals[index].in_range {
            self.link_up(index);
        } else if since.elapsed() > self.timings.give_up {
            self.connect_failed(index, since);
        } else {
            self.later(RETRY, move |world| world.connect_goes_on(index, since));
        }
    }

    /// Answers the Connect that waits, if one does.
    pub(crate) fn answer_connect(&mut self, index: usize, outcome: Result<(), Failure>) {
        let waiting = self.device(index).and_then(|device| device.connecting.take());
        if let Some((call, _)) = waiting {
            self.answer(&call, outcome.and_then(|()| Ok(Some(Message::method_return(&call.header())?.build(&())?))));
        }
    }

    fn link_up(&mut self, index: usize) {
        let peripheral = &mut self.peripherals[index];
        peripheral.linked = true;
        peripheral.epoch += 1;
        peripheral.air.account.connects += 1;
        let (epoch, unresolved) = (peripheral.epoch, peripheral.unresolved);
        self.changed(Place::Device(index), &["Connected"], &[]);
        self.answer_connect(index, Ok(()));
        if !unresolved {
            self.later(self.timings.resolve, move |world| world.resolve(index, epoch));
        }
    }

    fn resolve(&mut self, index: usize, epoch: u64) {
        let late = self.peripherals[index].export_late;
        if self.peripherals[index].epoch != epoch || self.device(index).is_none() {
            return;
        }
        if late.is_zero() {
            self.export(index);
            self.say_resolved(index);
        } else {
            self.say_resolved(index);
            self.later(late, move |world| {
                if world.peripherals[index].epoch == epoch {
                    world.export(index);
                }
            });
        }
    }

    fn say_resolved(&mut self, index: usize) {
        if let Some(device) = self.device(index) {
            device.resolved = true;
        }
        self.changed(Place::Device(index), &["UUIDs", "ServicesResolved"], &[]);
    }

    /// Services become objects; notifications that clients hold sessions of are switched on again, before anybody asks.
    fn export(&mut self, index: usize) {
        let Some(device) = self.device(index) else { return };
        let new = !std::mem::replace(&mut device.exported, true);
        let wanted: Vec<bool> = device.sessions.iter().map(|sessions| !sessions.is_empty()).collect();
        if new {
            for place in self.places_of_services(index) {
                self.added(place);
            }
        }
        for (at, _) in wanted.into_iter().enumerate().filter(|(_, wanted)| *wanted) {
            self.arm(index, at);
        }
    }

    /// Switches notifications on.
    pub(crate) fn arm(&mut self, index: usize, at: usize) {
        let peripheral = &mut self.peripherals[index];
        if peripheral.linked && !std::mem::replace(&mut peripheral.armed[at], true) {
            let uuid = peripheral.gatt.characteristics[at].uuid;
            peripheral.behaviour.subscribed(uuid, Instant::now());
            peripheral.wake.notify_one();
            self.changed(Place::Characteristic(index, at), &["Notifying"], &[]);
        }
    }

    /// Device1.Disconnect: takes a pending Connect back, or drops the link after a while.
    pub(crate) fn disconnect(&mut self, index: usize, call: &Message) -> Result<Option<Message>, Failure> {
        self.answer_connect(index, Err(Failure::failed("br-connection-canceled")));
        let (linked, epoch, after) =
            (self.peripherals[index].linked, self.peripherals[index].epoch, self.timings.disconnect);
        if !linked {
            return Ok(Some(Message::method_return(&call.header())?.build(&())?));
        }
        let device = self.device(index).ok_or_else(Failure::does_not_exist)?;
        device.disconnecting.push(call.clone());
        if device.disconnecting.len() == 1 {
            self.later(after, move |world| {
                if world.peripherals[index].epoch == epoch {
                    world.link_down(index);
                }
            });
        }
        Ok(None)
    }

    /// The link is gone, whoever dropped it.
    pub(crate) fn link_down(&mut self, index: usize) {
        let peripheral = &mut self.peripherals[index];
        if !std::mem::replace(&mut peripheral.linked, false) {
            return;
        }
        peripheral.epoch += 1;
        peripheral.armed.fill(false);
        peripheral.behaviour.link_lost();
        peripheral.air.clear();
        peripheral.air.account.link_losses += 1;
        let Some(device) = self.device(index) else { return };
        device.last_seen = Instant::now();
        let resolved = std::mem::replace(&mut device.resolved, false);
        let waiting = std::mem::take(&mut device.disconnecting);
        if resolved {
            self.changed(Place::Device(index), &["ServicesResolved"], &[]);
        }
        self.changed(Place::Device(index), &["Connected"], &[]);
        for call in waiting {
            self.emit(Message::method_return(&call.header()).and_then(|reply| reply.build(&())));
        }
    }

    /// What has come through the air goes to the clients.
    pub(crate) fn deliver(&mut self, index: usize) {
        for arrival in self.peripherals[index].air.arrivals() {
            let (packet, counts) = match arrival {
                Arrival::Whole(packet) => (packet, true),
                Arrival::Copy(packet) | Arrival::Damaged(packet) => (packet, false),
            };
            let heard = self.notify(index, &packet);
            let account = &mut self.peripherals[index].air.account;
            if !heard {
                account.unheard += u64::from(packet.frame);
            } else if counts {
                account.heard(&packet);
            }
        }
    }

    /// Emits a notification; false if bluetoothd is away, has not set up the link or has no client for it.
    fn notify(&mut self, index: usize, packet: &Packet) -> bool {
        let Some(at) = self.peripherals[index].gatt.index_of(packet.from) else { return false };
        let Some(device) = self.device(index) else { return false };
        if device.sessions[at].is_empty() {
            return false;
        }
        self.value_changed(index, at, &packet.bytes);
        true
    }

    pub(crate) fn value_changed(&mut self, index: usize, at: usize, bytes: &[u8]) {
        if let Some(device) = self.device(index) {
            bytes.clone_into(&mut device.values[at]);
        }
        let properties: Properties = BTreeMap::from([("Value", Value::from(bytes.to_vec()))]);
        self.changed_to(Place::Characteristic(index, at), &properties, &[]);
    }

    /// The adapter is switched on or off.
    pub(crate) fn set_powered(&mut self, on: bool) -> Result<(), Failure> {
        if on && self.adapter.blocked {
            return Err(Failure::blocked());
        }
        if self.adapter.powered == on {
            return Ok(());
        }
        if !on {
            self.all_links_down();
            if let Some(daemon) = &mut self.daemon
                && !daemon.discovering.is_empty()
            {
                daemon.discovering.clear();
                self.discovery_ended();
            }
        }
        self.adapter.powered = on;
        self.changed(Place::Adapter, &["Powered"], &[]);
        Ok(())
    }

    pub(crate) fn all_links_down(&mut self) {
        for index in 0..self.peripherals.len() {
            self.answer_connect(index, Err(Failure::failed("br-connection-canceled")));
            self.link_down(index);
        }
    }

    /// The adapter is pulled out, or put back.
    pub(crate) fn set_present(&mut self, present: bool) {
        if self.adapter.present == present {
            return;
        }
        if present {
            self.adapter.present = true;
            self.adapter.powered = !self.adapter.blocked;
            self.added(Place::Adapter);
            for index in (0..self.peripherals.len()).filter(|&index| self.peripherals[index].stored).collect::<Vec<_>>()
            {
                let device = super::daemon::Device::new(&self.peripherals[index]);
                if let Some(daemon) = &mut self.daemon {
                    daemon.devices[index] = Some(super::daemon::Device { name_known: true, ..device });
                }
                self.added(Place::Device(index));
            }
            return;
        }
        self.all_links_down();
        for index in 0..self.peripherals.len() {
            let stored = self.peripherals[index].stored;
            if self.device(index).is_some() {
                self.remove_object(index);
            }
            self.peripherals[index].stored = stored;
        }
        if let Some(daemon) = &mut self.daemon {
            daemon.discovering.clear();
            daemon.filters.clear();
        }
        self.removed(Place::Adapter);
        self.adapter.present = false;
    }
}

//! What bluetoothd knows, and forgets when it is killed.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use uuid::Uuid;
use zbus::message::Message;

use super::world::{Peripheral, World};

/// A running bluetoothd.
#[derive(Debug)]
pub(crate) struct Daemon {
    outbox: UnboundedSender<Message>,
    /// Which run of it: an older connection's end says nothing about a newer one.
    pub(crate) run: u64,
    /// Clients that scan, by unique name.
    pub(crate) discovering: BTreeSet<String>,
    /// Service UUIDs that clients asked for.
    pub(crate) filters: BTreeMap<String, Vec<Uuid>>,
    /// Device objects, one place a sensor.
    pub(crate) devices: Vec<Option<Device>>,
}

/// A device object.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) name_known: bool,
    pub(crate) first_seen: Instant,
    pub(crate) last_seen: Instant,
    pub(crate) rssi: Option<i16>,
    /// The Connect that waits for its answer.
    pub(crate) connecting: Option<(Message, Instant)>,
    /// The Disconnects that wait for theirs.
    pub(crate) disconnecting: Vec<Message>,
    pub(crate) resolved: bool,
    /// Its services and characteristics are objects.
    pub(crate) exported: bool,
    /// Who has a notify session, by characteristic.
    pub(crate) sessions: Vec<BTreeSet<String>>,
    /// Last values read or notified, by characteristic.
    pub(crate) values: Vec<Vec<u8>>,
    pub(crate) trusted: bool,
}

impl Device {
    pub(crate) fn new(peripheral: &Peripheral) -> Self {
        let (now, count) = (Instant::now(), peripheral.gatt.characteristics.len());
        Self {
            name_known: false,
            first_seen: now,
            last_seen: now,
            rssi: None,
            connecting: None,
            disconnecting: Vec::new(),
            resolved: false,
            exported: false,
            sessions: vec![BTreeSet::new(); count],
            values: vec![Vec::new(); count],
            trusted: false,
        }
    }
}

impl Daemon {
    /// bluetoothd as it starts: it has the devices in its storage and those that the kernel has a link to.
    pub(crate) fn new(outbox: UnboundedSender<Message>, run: u64, peripherals: &[Peripheral], adapter: bool) -> Self {
        let known = |peripheral: &Peripheral| {
            let device = Device { name_known: peripheral.stored, ..Device::new(peripheral) };
            (adapter && (peripheral.stored || peripheral.linked)).then_some(device)
        };
        let devices = peripherals.iter().map(known).collect();
        Self { outbox, run, discovering: BTreeSet::new(), filters: BTreeMap::new(), devices }
    }

    pub(crate) fn post(&self, message: Message) {
        // The writer ends only with the connection; what is sent then is lost, as on a bus that died.
        let _ = self.outbox.send(message);
    }
}

impl World {
    pub(crate) fn device(&mut self, index: usize) -> Option<&mut Device> {
        self.daemon.as_mut()?.devices.get_mut(index)?.as_mut()
    }

    /// A client left the bus: its scan and its notify sessions go with it.
    pub(crate) fn client_left(&mut self, client: &str) {
        let Some(daemon) = &mut self.daemon else { return };
        daemon.filters.remove(client);
        let scanned = daemon.discovering.remove(client);
        let last = scanned && daemon.discovering.is_empty();
        let mut quiet = Vec::new();
        for (index, device) in daemon.devices.iter_mut().enumerate() {
            for (at, sessions) in device.iter_mut().flat_map(|device| device.sessions.iter_mut().enumerate()) {
                if sessions.remove(client) && sessions.is_empty() {
                    quiet.push((index, at));
                }
            }
        }
        for (index, at) in quiet {
            self.peripherals[index].armed[at] = false;
        }
        if last {
            self.discovery_ended();
        }
    }
}

//! Everything there is: the adapter, the sensors around it, and bluetoothd if it runs. All of it changes under one lock
//! and never waits in it; what takes time comes back through [`World::later`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;
use zbus::message::Message;

use super::air::Air;
use super::behave::{Behave, Packet};
use super::daemon::Daemon;
use super::gatt::Gatt;

/// The world, shared.
pub(crate) type Shared = Arc<Mutex<World>>;

/// Locks the world. A call that panicked must not take the other sensors along.
pub(crate) fn lock(shared: &Mutex<World>) -> MutexGuard<'_, World> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long things take. Real time, whatever the speed of the sensors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timings {
    pub(crate) advertising: Duration,
    /// The name is in the scan response and comes later.
    pub(crate) name_after: Duration,
    /// An object that was never connected vanishes so long after the last advertisement.
    pub(crate) temporary: Duration,
    pub(crate) connect: Duration,
    pub(crate) resolve: Duration,
    /// bluetoothd takes its time before it drops a link.
    pub(crate) disconnect: Duration,
    /// The kernel gives up a connection to a sensor that does not answer.
    pub(crate) give_up: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            advertising: Duration::from_millis(100),
            name_after: Duration::from_millis(300),
            temporary: Duration::from_secs(30),
            connect: Duration::from_millis(80),
            resolve: Duration::from_millis(100),
            disconnect: Duration::from_secs(2),
            give_up: Duration::from_secs(20),
        }
    }
}

/// The adapter.
#[derive(Debug, Clone)]
pub(crate) struct Adapter {
    pub(crate) address: String,
    /// In the machine.
    pub(crate) present: bool,
    pub(crate) powered: bool,
    /// By rfkill.
    pub(crate) blocked: bool,
}

/// What a sensor says of itself before anyone connects.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) address: String,
    pub(crate) address_type: String,
    pub(crate) name: String,
    pub(crate) advertised: Vec<Uuid>,
    pub(crate) manufacturer: Option<(u16, Vec<u8>)>,
    pub(crate) rssi: i16,
}

/// What becomes of a Connect.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum ConnectMode {
    #[default]
    Works,
    /// Never answered.
    Hangs,
    /// Refused at once, as so often.
    Fails,
    Slow(Duration),
}

/// A sensor and its link.
#[derive(Debug)]
pub(crate) struct Peripheral {
    pub(crate) identity: Identity,
    pub(crate) gatt: Gatt,
    pub(crate) behaviour: Box<dyn Behave>,
    pub(crate) air: Air,
    pub(crate) mtu: u16,
    pub(crate) in_range: bool,
    /// The kernel's link is up, whether bluetoothd knows or not.
    pub(crate) linked: bool,
    /// Grows with each change of the link: what was planned for an older one is void.
    pub(crate) epoch: u64,
    /// Characteristics whose notifications are switched on.
    pub(crate) armed: Vec<bool>,
    /// bluetoothd has it in its storage: connected to once and not removed.
    pub(crate) stored: bool,
    pub(crate) connect_mode: ConnectMode,
    pub(crate) unresolved: bool,
    /// ServicesResolved comes so much before the services.
    pub(crate) export_late: Duration,
    pub(crate) needs_encryption: bool,
    pub(crate) wake: Arc<Notify>,
}

impl Peripheral {
    pub(crate) fn new(identity: Identity, behaviour: Box<dyn Behave>, mtu: u16) -> Self {
        let gatt = behaviour.gatt();
        Self {
            identity,
            armed: vec![false; gatt.characteristics.len()],
            gatt,
            behaviour,
            air: Air::default(),
            mtu,
            in_range: true,
            linked: false,
            epoch: 0,
            stored: false,
            connect_mode: ConnectMode::default(),
            unresolved: false,
            export_late: Duration::ZERO,
            needs_encryption: false,
            wake: Arc::new(Notify::new()),
        }
    }
}

/// All of it.
#[derive(Debug)]
pub(crate) struct World {
    me: Weak<Mutex<Self>>,
    pub(crate) timings: Timings,
    pub(crate) adapter: Adapter,
    pub(crate) peripherals: Vec<Peripheral>,
    pub(crate) daemon: Option<Daemon>,
    /// Objects that were never connected vanish as soon as nobody scans, as they do with some versions.
    pub(crate) vanish_at_stop: bool,
}

impl World {
    pub(crate) fn new(address: String, timings: Timings, peripherals: Vec<Peripheral>) -> Shared {
        let adapter = Adapter { address, present: true, powered: true, blocked: false };
        Arc::new_cyclic(|me| {
            Mutex::new(Self { me: me.clone(), timings, adapter, peripherals, daemon: None, vanish_at_stop: false })
        })
    }

    /// Does something after a while.
    pub(crate) fn later(&self, after: Duration, what: impl FnOnce(&mut Self) + Send + 'static) {
        let me = self.me.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            if let Some(world) = me.upgrade() {
                what(&mut lock(&world));
            }
        });
    }

    /// Sends a message if bluetoothd runs.
    pub(crate) fn emit(&self, message: zbus::Result<Message>) {
        match (&self.daemon, message) {
            (Some(daemon), Ok(message)) => daemon.post(message),
            (None, Ok(_)) => {}
            (_, Err(error)) => tracing::error!(%error, "a message cannot be built"),
        }
    }

    /// A sensor does what is due.
    pub(crate) fn tick(&mut self, index: usize, now: Instant) {
        let mut packets = Vec::new();
        self.peripherals[index].behaviour.tick(now, &mut packets);
        self.hand_over(index, packets);
    }

    /// Packets go from a sensor into the air, and on.
    pub(crate) fn hand_over(&mut self, index: usize, packets: Vec<Packet>) {
        let peripheral = &mut self.peripherals[index];
        for packet in packets {
            let armed = peripheral.gatt.index_of(packet.from).is_some_and(|at| peripheral.armed[at]);
            if peripheral.linked && armed {
                peripheral.air.push(packet);
            } else {
                peripheral.air.account.unheard += u64::from(packet.frame);
            }
        }
        self.deliver(index);
    }
}

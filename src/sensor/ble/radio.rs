//! One connection to bluetoothd, on a runtime of its own.
//!
//! The runtime is the cage: btleplug's connection to the bus has a task that nobody can end, its streams panic a task when
//! they are dropped at a bad moment, and connecting to the bus blocks a thread. When the cage goes, all of it goes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use btleplug::api::{Central as _, CentralState, Manager as _, Peripheral as _};
use btleplug::platform::{Adapter, Manager, Peripheral};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::advertisement::Wanted;
use super::failure::Failure;
use super::owner::BusWatch;
use super::pumps::pump_events;
use super::queues::{Queues, RadioEvent};
use super::{ErrorClass, InfoCheck};
use crate::sensor::{Dialogue, Role};

/// What does not change with the connection to the bus.
#[derive(Debug, Clone)]
pub(super) struct Aim {
    pub(super) wanted: Arc<Wanted>,
    pub(super) dialogue: Arc<Dialogue>,
    pub(super) check_info: Option<InfoCheck>,
}

/// What the calls of one connection share.
#[derive(Debug)]
pub(super) struct Shared {
    manager: Manager,
    pub(super) bus: BusWatch,
    pub(super) wanted: Arc<Wanted>,
    pub(super) dialogue: Arc<Dialogue>,
    pub(super) check_info: Option<InfoCheck>,
    pub(super) queues: Queues,
    adapter: Mutex<Option<(String, Adapter, AbortHandle)>>,
    sensor: Mutex<Option<Peripheral>>,
    notes: Mutex<Option<AbortHandle>>,
    notes_flow: Notify,
    scanning: AtomicBool,
    /// Characteristics found on this connection, with their roles.
    pub(super) found: Mutex<Vec<(Role, btleplug::api::Characteristic)>>,
}

/// One connection to bluetoothd.
#[derive(Debug)]
pub(super) struct Radio {
    runtime: Option<Runtime>,
    handle: Handle,
    pub(super) shared: Arc<Shared>,
}

impl Drop for Radio {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A runtime that may be dropped anywhere.
struct Cage(Option<Runtime>);

impl Drop for Cage {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Radio {
    /// Connects to the bus.
    pub(super) async fn open(aim: Aim, queues: Queues) -> Result<Self, Failure> {
        let other = |error: &dyn std::fmt::Display| Failure::new(ErrorClass::Other, error.to_string());
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("bluetooth").enable_all().build();
        let mut cage = Cage(Some(runtime.map_err(|error| other(&error))?));
        let Some(handle) = cage.0.as_ref().map(|runtime| runtime.handle().clone()) else {
            return Err(other(&"no runtime"));
        };
        let open = handle.spawn(async move {
            let manager = Manager::new().await?;
            let bus = BusWatch::begin(&queues).await?;
            Ok::<_, Failure>(Arc::new(Shared {
                manager,
                bus,
                wanted: aim.wanted,
                dialogue: aim.dialogue,
                check_info: aim.check_info,
                queues,
                adapter: Mutex::default(),
                sensor: Mutex::default(),
                notes: Mutex::default(),
                notes_flow: Notify::new(),
                scanning: AtomicBool::new(false),
                found: Mutex::default(),
            }))
        });
        let shared = open.await.map_err(|error| other(&error))??;
        Ok(Self { runtime: cage.0.take(), handle, shared })
    }

    /// The runtime on which all calls run.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Shared {
    /// Finds an adapter that is on, keeps the one that is in use, and begins to listen to a new one.
    pub(super) async fn find_adapter(self: &Arc<Self>) -> Result<(), Failure> {
        let adapters = self.manager.adapters().await?;
        if adapters.is_empty() {
            return Err(Failure::new(ErrorClass::NoAdapter, "bluetoothd has no adapter"));
        }
        let mut on = Vec::new();
        for adapter in adapters {
            let name = adapter.adapter_info().await?;
            if adapter.adapter_state().await? == CentralState::PoweredOn {
                on.push((name, adapter));
            }
        }
        let mut in_use = lock(&self.adapter);
        if let Some((name, _, pump)) = in_use.as_ref()
            && on.iter().any(|(other, _)| other == name)
            && !pump.is_finished()
        {
            return Ok(());
        }
        let Some((name, adapter)) = on.into_iter().next() else {
            return Err(Failure::new(ErrorClass::AdapterOff, "the adapter is off"));
        };
        let pump = tokio::spawn(listen(self.clone(), adapter.clone())).abort_handle();
        if let Some((_, _, old)) = in_use.replace((name, adapter, pump)) {
            old.abort();
        }
        Ok(())
    }

    /// Whether bluetoothd answers and the adapter in use is on.
    pub(super) async fn check_adapter(&self) -> Result<(), Failure> {
        let in_use = self.adapter()?;
        let name = in_use.adapter_info().await;
        let Ok(name) = name else {
            // An adapter that was pulled out is an unknown object; without bluetoothd this fails as well.
            self.manager.adapters().await?;
            return Err(Failure::new(ErrorClass::NoAdapter, "the adapter is gone"));
        };
        match in_use.adapter_state().await? {
            CentralState::PoweredOn => Ok(()),
            _ => Err(Failure::new(ErrorClass::AdapterOff, format!("{name} is off"))),
        }
    }

    pub(super) fn adapter(&self) -> Result<Adapter, Failure> {
        let adapter = lock(&self.adapter).as_ref().map(|(_, adapter, _)| adapter.clone());
        adapter.ok_or_else(|| Failure::new(ErrorClass::NoAdapter, "no adapter is in use"))
    }

    /// The handle of the sensor in use.
    pub(super) fn sensor(&self) -> Option<Peripheral> {
        lock(&self.sensor).clone()
    }

    pub(super) fn known_sensor(&self) -> Result<Peripheral, Failure> {
        self.sensor().ok_or_else(|| Failure::new(ErrorClass::UnknownObject, "no sensor has been seen"))
    }

    /// Takes a newly seen handle, unless it is of the device in use: that one's notifications are listened to already.
    pub(super) fn take_sensor(&self, peripheral: Peripheral) {
        let mut sensor = lock(&self.sensor);
        if sensor.as_ref().is_none_or(|in_use| in_use.id() != peripheral.id()) {
            *sensor = Some(peripheral);
            self.stop_notes();
        }
    }

    /// Throws the handle away, and with it the stream of its notifications.
    pub(super) fn drop_sensor(&self) -> Option<Peripheral> {
        self.stop_notes();
        lock(&self.found).clear();
        lock(&self.sensor).take()
    }

    fn stop_notes(&self) {
        if let Some(pump) = lock(&self.notes).take() {
            pump.abort();
        }
    }

    /// Whether the pump of notifications runs; else the caller is to begin one and hand it over here.
    pub(super) fn has_notes(&self) -> bool {
        lock(&self.notes).as_ref().is_some_and(|pump| !pump.is_finished())
    }

    pub(super) fn set_notes(&self, pump: AbortHandle) {
        *lock(&self.notes) = Some(pump);
    }

    /// The pump listens: what is notified from now on is not lost.
    pub(super) fn notes_flow(&self) {
        self.notes_flow.notify_one();
    }

    pub(super) async fn wait_for_notes(&self) {
        self.notes_flow.notified().await;
    }

    pub(super) fn is_scanning(&self) -> bool {
        self.scanning.load(Ordering::Relaxed)
    }

    pub(super) fn set_scanning(&self, scanning: bool) {
        self.scanning.store(scanning, Ordering::Relaxed);
    }
}

/// Listens to the adapter; an end of that is the end of the connection.
async fn listen(shared: Arc<Shared>, adapter: Adapter) {
    let queues = shared.queues.clone();
    if let Err(failure) = pump_events(shared, adapter).await {
        tracing::warn!(error = failure.text, "The adapter cannot be listened to.");
        queues.event(RadioEvent::BusLost).await;
    }
}

/// A lock that outlives a panic: what it guards is replaced whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Watches the bus itself, over a connection of our own: who owns `org.bluez`, and whether the bus is there. btleplug
//! tells neither. The same connection asks for what btleplug cannot: to forget a device.

use std::sync::Arc;
use std::time::Duration;

use dbus::Path;
use dbus::arg::Variant;
use dbus::message::MatchRule;
use dbus::nonblock::{MsgMatch, Proxy, SyncConnection};

use super::failure::Failure;
use super::queues::{Queues, RadioEvent};

const BLUEZ: &str = "org.bluez";

/// The watch; ends when it is dropped together with its runtime.
pub(super) struct BusWatch {
    connection: Arc<SyncConnection>,
    _owner_changes: MsgMatch,
}

impl std::fmt::Debug for BusWatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BusWatch")
    }
}

impl BusWatch {
    /// Begins to watch. Connecting blocks, so this runs on the radio's own runtime only.
    pub(super) async fn begin(queues: &Queues) -> Result<Self, Failure> {
        let (resource, connection) = dbus_tokio::connection::new_system_sync()?;
        let for_loss = queues.clone();
        tokio::spawn(async move {
            let error = resource.await;
            tracing::warn!(%error, "The system bus is lost.");
            for_loss.event(RadioEvent::BusLost).await;
        });
        let rule = MatchRule::new_signal("org.freedesktop.DBus", "NameOwnerChanged");
        let queues = queues.clone();
        let changes = connection.add_match(rule).await?.cb(move |_, (name, _, new): (String, String, String)| {
            if name == BLUEZ {
                queues.event_at_once(if new.is_empty() { RadioEvent::OwnerLost } else { RadioEvent::OwnerBack });
            }
            true
        });
        Ok(Self { connection, _owner_changes: changes })
    }

    /// Asks BlueZ to forget a device and all that it has cached of it, but for one with a bond, which would be lost with it:
    /// only its owner may do that. `device` is `hci0/dev_…`.
    pub(super) async fn remove_device(&self, device: &str) -> Result<(), Failure> {
        let adapter = device.split('/').next().unwrap_or_default();
        let proxy = Proxy::new(BLUEZ, format!("/org/bluez/{adapter}"), Duration::from_secs(4), self.connection.clone());
        let device_path = format!("/org/bluez/{device}");
        let known = Proxy::new(BLUEZ, device_path, Duration::from_secs(4), self.connection.clone());
        let asked = ("org.bluez.Device1", "Paired");
        let paired: Result<(Variant<bool>,), dbus::Error> =
            known.method_call("org.freedesktop.DBus.Properties", "Get", asked).await;
        if paired.is_ok_and(|(paired,)| paired.0) {
            tracing::warn!(
                "The sensor has a bond, so BlueZ is not told to forget it: bluetoothctl remove ADDRESS, then pair it anew."
            );
            return Ok(());
        }
        let path = Path::new(format!("/org/bluez/{device}"))
            .map_err(|text| Failure::new(super::ErrorClass::UnknownObject, text))?;
        let removed: Result<(), dbus::Error> = proxy.method_call("org.bluez.Adapter1", "RemoveDevice", (path,)).await;
        Ok(removed?)
    }
}

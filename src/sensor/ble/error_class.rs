//! What went wrong, from the names and words of D-Bus, BlueZ and btleplug, in the classes that are treated differently.

use std::fmt;

/// Classes of errors. The supervisor decides by them; [`fmt::Display`] says what was found and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// No answer in time.
    Timeout,
    /// Connected, but the services were never resolved: often a link that outlived bluetoothd.
    ServicesUnresolved,
    /// BlueZ has forgotten the device.
    UnknownObject,
    /// Another attempt is still under way.
    InProgress,
    /// There is no link.
    NotConnected,
    /// The adapter is switched off or blocked.
    AdapterOff,
    /// There is no adapter.
    NoAdapter,
    /// bluetoothd does not run.
    NoBluetoothd,
    /// The system bus cannot be reached or was lost.
    BusLost,
    /// This user may not talk to bluetoothd.
    NoPermission,
    /// The sensor asks for pairing.
    NeedsPairing,
    /// The sensor lacks a characteristic of its profile.
    MissingCharacteristic,
    /// The sensor refused what was written to it, or says something else of itself than its profile.
    Refused,
    /// The sensor did not answer what was written to it.
    NoAnswer,
    /// It was connected and sent no valid frame.
    Silent,
    /// Anything else; it is tried again.
    Other,
}

/// Words that give a class away, most telling first; compared in lower case.
const WORDS: [(&str, ErrorClass); 43] = [
    ("insufficient encryption", ErrorClass::NeedsPairing),
    ("insufficient authentication", ErrorClass::NeedsPairing),
    ("insufficient authorization", ErrorClass::NeedsPairing),
    ("error.authentication", ErrorClass::NeedsPairing),
    ("org.bluez.error.notauthorized", ErrorClass::NeedsPairing),
    ("org.bluez.error.notpermitted", ErrorClass::NeedsPairing),
    ("att error: 0x05", ErrorClass::NeedsPairing),
    ("att error: 0x08", ErrorClass::NeedsPairing),
    ("att error: 0x0f", ErrorClass::NeedsPairing),
    ("service discovery timed out", ErrorClass::ServicesUnresolved),
    ("servicediscoverytimedout", ErrorClass::ServicesUnresolved),
    ("characteristic not found", ErrorClass::MissingCharacteristic),
    ("nosuchcharacteristic", ErrorClass::MissingCharacteristic),
    ("dbus.error.accessdenied", ErrorClass::NoPermission),
    ("dbus.error.authfailed", ErrorClass::NoPermission),
    ("permissiondenied", ErrorClass::NoPermission),
    ("permission denied", ErrorClass::NoPermission),
    ("failed to execute program", ErrorClass::NoBluetoothd),
    ("dbus.error.serviceunknown", ErrorClass::NoBluetoothd),
    ("dbus.error.namehasnoowner", ErrorClass::NoBluetoothd),
    ("dbus.error.spawn", ErrorClass::NoBluetoothd),
    ("recipient disconnected", ErrorClass::NoBluetoothd),
    ("dbus.error.disconnected", ErrorClass::BusLost),
    ("dbus.error.noserver", ErrorClass::BusLost),
    ("dbus.error.filenotfound", ErrorClass::BusLost),
    ("failed to connect to socket", ErrorClass::BusLost),
    ("connection is closed", ErrorClass::BusLost),
    ("read/write failed", ErrorClass::BusLost),
    ("unknownobject", ErrorClass::UnknownObject),
    ("error.unknownmethod", ErrorClass::UnknownObject),
    ("error.doesnotexist", ErrorClass::UnknownObject),
    ("devicenotfound", ErrorClass::UnknownObject),
    ("device not found", ErrorClass::UnknownObject),
    ("error.inprogress", ErrorClass::InProgress),
    ("already in progress", ErrorClass::InProgress),
    ("notready", ErrorClass::AdapterOff),
    ("not ready", ErrorClass::AdapterOff),
    ("rfkill", ErrorClass::AdapterOff),
    ("noadapteravailable", ErrorClass::NoAdapter),
    ("nobluetoothadapters", ErrorClass::NoAdapter),
    ("notconnected", ErrorClass::NotConnected),
    ("not connected", ErrorClass::NotConnected),
    ("not paired", ErrorClass::NeedsPairing),
];
/// Both libdbus and the bus say these when nobody has answered.
const SILENCE: [&str; 4] = ["dbus.error.noreply", "dbus.error.timeout", "timedout", "timed out"];

impl ErrorClass {
    /// The class of an error of btleplug. Its `Debug` form holds the name and the message of a D-Bus error, of which
    /// its `Display` form holds only the message.
    pub fn of(error: &btleplug::Error) -> Self {
        Self::of_text(&format!("{error:?}"))
    }

    /// The class of an error by its name and message.
    pub fn of_text(text: &str) -> Self {
        let text = text.to_lowercase();
        let named = WORDS.iter().find(|(words, _)| text.contains(words)).map(|(_, class)| *class);
        let silent = SILENCE.iter().any(|words| text.contains(words)).then_some(Self::Timeout);
        named.or(silent).unwrap_or(Self::Other)
    }

    /// Errors that the sensor will repeat at the next connection: to connect at once again helps nobody.
    pub fn will_be_repeated(self) -> bool {
        matches!(self, Self::NeedsPairing | Self::MissingCharacteristic | Self::Refused)
    }

    /// A short name for records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ServicesUnresolved => "services_unresolved",
            Self::UnknownObject => "unknown_object",
            Self::InProgress => "in_progress",
            Self::NotConnected => "not_connected",
            Self::AdapterOff => "adapter_off",
            Self::NoAdapter => "no_adapter",
            Self::NoBluetoothd => "no_bluetoothd",
            Self::BusLost => "bus_lost",
            Self::NoPermission => "no_permission",
            Self::NeedsPairing => "needs_pairing",
            Self::MissingCharacteristic => "missing_characteristic",
            Self::Refused => "refused",
            Self::NoAnswer => "no_answer",
            Self::Silent => "silent",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Timeout => "no answer in time; if it stays so, restart it: systemctl restart bluetooth",
            Self::ServicesUnresolved => {
                "the sensor's services were not found within 30 s; it is disconnected and tried again"
            }
            Self::UnknownObject => "BlueZ has forgotten the sensor; it is searched for anew",
            Self::InProgress => "another connection attempt is still under way; it is ended and tried again",
            Self::NotConnected => "the sensor is not connected; it is searched for again",
            Self::AdapterOff => {
                "the Bluetooth adapter is off; switch it on: bluetoothctl power on (and rfkill unblock bluetooth)"
            }
            Self::NoAdapter => {
                "found no Bluetooth adapter, expected one; plug one in and see whether bluetoothctl list shows it"
            }
            Self::NoBluetoothd => "bluetoothd does not run; start it: systemctl enable --now bluetooth",
            Self::BusLost => {
                "the system bus cannot be reached; is dbus running, and DBUS_SYSTEM_BUS_ADDRESS right if it is set?"
            }
            Self::NoPermission => {
                "this user may not talk to bluetoothd; add it to the group bluetooth and log in again: \
                 sudo usermod -aG bluetooth USER"
            }
            Self::NeedsPairing => {
                "the sensor asks for pairing (insufficient encryption); pair it once: bluetoothctl, then scan on, \
                 pair ADDRESS, trust ADDRESS"
            }
            Self::MissingCharacteristic => {
                "the sensor lacks a characteristic of its profile; is sensor.bluetooth.profile the right one, and its \
                 firmware recent?"
            }
            Self::Refused => {
                "the sensor refused its settings or says something else than its profile; compare them with \
                 docs/ble-protocol.md"
            }
            Self::NoAnswer => "the sensor did not answer a command; it is disconnected and tried again",
            Self::Silent => "the sensor is connected and sends no valid frame; it is disconnected and tried again",
            Self::Other => "the connection failed; it is tried again",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// The forms that btleplug 0.13 gives, with names and messages as BlueZ 5.66, dbus-daemon and libdbus say them.
    #[rstest]
    #[case("Other(DbusError(D-Bus error: le-connection-abort-by-local (org.bluez.Error.Failed)))", ErrorClass::Other)]
    #[case("Other(ServiceDiscoveryTimedOut)", ErrorClass::ServicesUnresolved)]
    #[case("Service discovery timed out", ErrorClass::ServicesUnresolved)]
    #[case(
        "Other(DbusError(D-Bus error: Unknown object '/org/bluez/hci0/dev_C0' (org.freedesktop.DBus.Error.UnknownObject)))",
        ErrorClass::UnknownObject
    )]
    #[case(
        "D-Bus error: Method \"Connect\" with signature \"\" on interface \"org.bluez.Device1\" doesn't exist (org.freedesktop.DBus.Error.UnknownMethod)",
        ErrorClass::UnknownObject
    )]
    #[case("DeviceNotFound", ErrorClass::UnknownObject)]
    #[case(
        "D-Bus error: The name org.bluez was not provided by any .service files (org.freedesktop.DBus.Error.ServiceUnknown)",
        ErrorClass::NoBluetoothd
    )]
    #[case(
        "D-Bus error: Failed to execute program org.bluez: No such file (org.freedesktop.DBus.Error.Spawn.ExecFailed)",
        ErrorClass::NoBluetoothd
    )]
    #[case(
        "D-Bus error: Message recipient disconnected from message bus without replying (org.freedesktop.DBus.Error.NoReply)",
        ErrorClass::NoBluetoothd
    )]
    #[case("D-Bus error: Timeout waiting for reply (org.freedesktop.DBus.Error.Timeout)", ErrorClass::Timeout)]
    #[case("D-Bus error: Did not receive a reply. (org.freedesktop.DBus.Error.NoReply)", ErrorClass::Timeout)]
    #[case("D-Bus error: Operation already in progress (org.bluez.Error.InProgress)", ErrorClass::InProgress)]
    #[case("D-Bus error: Resource Not Ready (org.bluez.Error.NotReady)", ErrorClass::AdapterOff)]
    #[case("D-Bus error: Input/output error (org.bluez.Error.Failed)", ErrorClass::Other)]
    #[case("D-Bus error: Not Connected (org.bluez.Error.NotConnected)", ErrorClass::NotConnected)]
    #[case("D-Bus error: Insufficient Encryption (org.bluez.Error.Failed)", ErrorClass::NeedsPairing)]
    #[case("D-Bus error: Read not permitted (org.bluez.Error.NotPermitted)", ErrorClass::NeedsPairing)]
    #[case("D-Bus error: Operation failed with ATT error: 0x0f (org.bluez.Error.Failed)", ErrorClass::NeedsPairing)]
    #[case(
        "D-Bus error: Rejected send message, 2 matched rules (org.freedesktop.DBus.Error.AccessDenied)",
        ErrorClass::NoPermission
    )]
    #[case(
        "D-Bus error: Failed to connect to socket /run/dbus/system_bus_socket: No such file or directory (org.freedesktop.DBus.Error.FileNotFound)",
        ErrorClass::BusLost
    )]
    #[case("D-Bus error: Connection is closed (org.freedesktop.DBus.Error.Disconnected)", ErrorClass::BusLost)]
    #[case("Other(\"something new\")", ErrorClass::Other)]
    fn an_error_is_told_by_its_name_or_message(#[case] text: &str, #[case] expected: ErrorClass) {
        assert_eq!(ErrorClass::of_text(text), expected);
    }

    #[test]
    fn the_classes_of_btleplugs_own_errors_are_known() {
        assert_eq!(ErrorClass::of(&btleplug::Error::DeviceNotFound), ErrorClass::UnknownObject);
        assert_eq!(ErrorClass::of(&btleplug::Error::NotConnected), ErrorClass::NotConnected);
        assert_eq!(ErrorClass::of(&btleplug::Error::PermissionDenied), ErrorClass::NoPermission);
        assert_eq!(ErrorClass::of(&btleplug::Error::NoAdapterAvailable), ErrorClass::NoAdapter);
    }

    #[test]
    fn a_sensor_that_asks_for_pairing_is_told_how() {
        let message = ErrorClass::of_text("Insufficient Encryption").to_string();
        assert!(message.contains("bluetoothctl") && message.contains("pair ADDRESS"), "{message}");
    }
}

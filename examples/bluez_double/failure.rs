//! D-Bus errors with the names and texts of bluetoothd 5.66 (`src/error.c`, `src/gatt-client.c`, libdbus, gdbus).

use zbus::message::Header;

/// What a call is refused with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {text}")]
pub(crate) struct Failure {
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

impl Failure {
    fn new(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, text: text.into() }
    }

    pub(crate) fn failed(text: &str) -> Self {
        Self::new("org.bluez.Error.Failed", text)
    }

    /// A Connect of which another is under way.
    pub(crate) fn in_progress() -> Self {
        Self::new("org.bluez.Error.InProgress", "In Progress")
    }

    /// A second StartDiscovery.
    pub(crate) fn busy() -> Self {
        Self::new("org.bluez.Error.InProgress", "Operation already in progress")
    }

    pub(crate) fn not_ready() -> Self {
        Self::new("org.bluez.Error.NotReady", "Resource Not Ready")
    }

    pub(crate) fn not_connected() -> Self {
        Self::new("org.bluez.Error.NotConnected", "Not Connected")
    }

    pub(crate) fn not_supported() -> Self {
        Self::new("org.bluez.Error.NotSupported", "Operation is not supported")
    }

    pub(crate) fn not_permitted(text: &str) -> Self {
        Self::new("org.bluez.Error.NotPermitted", text)
    }

    pub(crate) fn does_not_exist() -> Self {
        Self::new("org.bluez.Error.DoesNotExist", "Does Not Exist")
    }

    pub(crate) fn invalid_arguments() -> Self {
        Self::new("org.bluez.Error.InvalidArguments", "Invalid arguments in method call")
    }

    /// `Powered = true` while rfkill blocks.
    pub(crate) fn blocked() -> Self {
        Self::new("org.bluez.Error.Blocked", "Blocked through rfkill")
    }

    pub(crate) fn unknown_property(name: &str) -> Self {
        Self::new("org.freedesktop.DBus.Error.InvalidArgs", format!("No such property '{name}'"))
    }

    pub(crate) fn read_only(name: &str) -> Self {
        Self::new("org.freedesktop.DBus.Error.PropertyReadOnly", format!("Property '{name}' is not writable"))
    }

    pub(crate) fn unknown_object(call: &Header<'_>) -> Self {
        Self::new("org.freedesktop.DBus.Error.UnknownObject", does_not_exist(call))
    }

    pub(crate) fn unknown_method(call: &Header<'_>) -> Self {
        Self::new("org.freedesktop.DBus.Error.UnknownMethod", does_not_exist(call))
    }
}

impl From<zbus::Error> for Failure {
    fn from(error: zbus::Error) -> Self {
        Self { text: error.to_string(), ..Self::invalid_arguments() }
    }
}

/// libdbus's words for what no object answers.
fn does_not_exist(call: &Header<'_>) -> String {
    let member = call.member().map_or("", |member| member.as_str());
    let interface = call.interface().map_or("", |interface| interface.as_str());
    let signature = call.signature().to_string_no_parens();
    format!("Method \"{member}\" with signature \"{signature}\" on interface \"{interface}\" doesn't exist\n")
}

//! What the supervisor hears, what it orders, and where it stands.

use std::fmt;
use std::time::Duration;

use crate::sensor::ble::ErrorClass;

/// A step that takes time and can fail. At most one is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Throw away the connection to the bus and make a new one; then find an adapter that is on.
    OpenManager,
    /// Find an adapter that is on.
    FindAdapter,
    /// Search for the sensor.
    StartScan,
    /// Stop searching.
    StopScan,
    /// Connect to the sensor that was seen last.
    Connect,
    /// Disconnect it, whether it is connected or not.
    Disconnect,
    /// Find its services and make sure that its characteristics are there.
    Discover,
    /// Subscribe, write the settings and the start, wait for the answers.
    Configure,
    /// Write what keeps it from sleeping.
    KeepAwake,
    /// See whether bluetoothd answers, the adapter is on and a link is up.
    Probe,
    /// Throw away what is known of the sensor; with `true` in BlueZ's cache as well.
    Forget(bool),
}

impl Call {
    /// How long it may take.
    pub fn within(self, blind: bool) -> Duration {
        Duration::from_secs(match self {
            // BlueZ gives up after 20 to 40 s; a sensor that nobody has seen is not worth that.
            Self::Connect if blind => 10,
            Self::Connect => 35,
            Self::Probe | Self::FindAdapter | Self::KeepAwake | Self::Forget(_) => 5,
            _ => 10,
        })
    }
}

/// What the supervisor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Time goes on; at least each quarter of a second.
    Tick,
    /// The sensor advertises; or it is found connected though it should not be.
    Seen {
        /// BlueZ calls it connected: a link that outlived bluetoothd or an earlier run.
        connected: bool,
    },
    /// The call under way is over.
    Finished(Call, Result<(), ErrorClass>),
    /// A frame was valid: the only sign of life.
    ValidFrame,
    /// BlueZ says that the link is down.
    Disconnected,
    /// The adapter was switched off.
    AdapterOff,
    /// The adapter was switched on.
    AdapterOn,
    /// bluetoothd has left the bus.
    OwnerLost,
    /// bluetoothd is on the bus again.
    OwnerBack,
    /// The bus is gone, or a stream that never ends has ended.
    BusLost,
}

/// What the supervisor orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Do this; after `within` it has failed with [`ErrorClass::Timeout`].
    Begin {
        /// What.
        call: Call,
        /// Time limit.
        within: Duration,
    },
    /// Drop the call under way; it is not reported.
    Abandon,
    /// End the process, so that systemd starts it anew: the bus does not answer and a new connection did not help.
    Exit,
}

/// Where the link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// No adapter, no bluetoothd or no bus; also before the first one is found.
    AdapterLost,
    /// Looking for the sensor's advertisement.
    Searching,
    /// Connecting.
    Connecting,
    /// Looking for services and characteristics.
    Discovering,
    /// Subscribing and writing; until the first valid frame.
    Configuring,
    /// Valid frames arrive.
    Streaming,
    /// Connected, but no valid frame for too long: being disconnected.
    Silent,
    /// A connection failed; searching goes on, the next connection waits.
    BackingOff,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::AdapterLost => "adapter lost",
            Self::Searching => "searching",
            Self::Connecting => "connecting",
            Self::Discovering => "discovering",
            Self::Configuring => "configuring",
            Self::Streaming => "streaming",
            Self::Silent => "silent",
            Self::BackingOff => "backing off",
        })
    }
}

/// An instant, and a throw of the dice for what happens at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Monotonic time since any fixed point.
    pub at: Duration,
    /// A random number in 0..1.
    pub dice: f64,
}

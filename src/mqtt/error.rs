//! What can go wrong for good; a broker that is away is not an error but a reason to wait.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Why MQTT cannot start.
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// The base topic is not one.
    #[error(
        "base topic {found:?} cannot be used: expected words of visible characters joined by single slashes, \
         without + # $ or spaces, for example \"crampwatch\" or \"home/crampwatch\"; change mqtt.base_topic"
    )]
    BaseTopic {
        /// What was configured.
        found: String,
    },
    /// The id of a leg or sensor cannot stand in a topic.
    #[error(
        "{what} id {found:?} cannot stand in a topic: expected 1 to 64 of the characters a-z A-Z 0-9 _ -, and no Bluetooth \
         address; rename the {what}"
    )]
    Id {
        /// `leg`, `sensor` or `command`.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// A setting of the client is out of its range.
    #[error("mqtt.{key} is {found}, expected {expected}")]
    Setting {
        /// The key below `mqtt` in the configuration.
        key: &'static str,
        /// What was found.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// A file for TLS is not what it should be.
    #[error("mqtt.{key} {}: found {found}, expected {expected}; {remedy}", path.display())]
    TlsFile {
        /// The key below `mqtt` in the configuration.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The system knows no certificate authority.
    #[error(
        "this machine's certificate store cannot be used: {detail}; install ca-certificates, or name the authority of \
         your broker in mqtt.ca_file"
    )]
    NoAuthorities {
        /// What is known of the reason.
        detail: String,
    },
    /// TLS itself cannot be set up.
    #[error("TLS cannot be set up: {detail}; set mqtt.tls = false and report this")]
    Tls {
        /// What the library said.
        detail: String,
    },
    /// The embedded broker would be open to the network without a password.
    #[error(
        "the embedded broker will not listen on {bind}, beyond this machine, without a password: everybody in the network \
         could read your nights; set mqtt.embedded_password_file, or mqtt.embedded_address = \"127.0.0.1\""
    )]
    OpenToAll {
        /// The address that was asked for.
        bind: IpAddr,
    },
    /// A payload could not be written as JSON.
    #[error("payload for {topic} could not be written as JSON: {source}")]
    Encode {
        /// The topic it was for.
        topic: String,
        /// The reason.
        source: serde_json::Error,
    },
    /// The embedded broker's port is in use.
    #[error(
        "port {port} on {bind} is already in use, probably by another MQTT broker: let Crampwatch use that broker \
         (mqtt.host, mqtt.port) or give the embedded one another port (mqtt.embedded_port)"
    )]
    PortTaken {
        /// The address that was tried.
        bind: IpAddr,
        /// The port that was tried.
        port: u16,
    },
    /// The embedded broker's address cannot be bound for another reason.
    #[error(
        "embedded broker cannot listen on {address}: {source}; use an address of this machine such as 127.0.0.1 or \
         0.0.0.0, and a port from 1024 up (or 0 for any free one)"
    )]
    Bind {
        /// The address that was tried.
        address: SocketAddr,
        /// The reason.
        source: std::io::Error,
    },
    /// The embedded broker's thread could not be started or does not answer.
    #[error(
        "embedded broker did not start on {address} within {waited_s} s: {detail}; use an external broker (mqtt.host)"
    )]
    BrokerStart {
        /// The address that does not answer.
        address: SocketAddr,
        /// How long was waited, in seconds.
        waited_s: f64,
        /// What is known of the reason.
        detail: String,
    },
}

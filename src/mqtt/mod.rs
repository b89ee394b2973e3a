//! Topics, wire types, outbox delivery, embedded broker. It must never decide what is a cramp.
//!
//! Two ways lead out of the daemon. *States* ([`Outgoing`]) come through a bounded channel: the retained ones are kept
//! (latest only) and said again after each reconnect, the momentary ones are dropped while the broker is away. *Events*
//! are rows of the store's outbox: [`run`] sends one at a time and deletes a row only when the broker has acknowledged it.
//! One way leads in: commands and bed presence ([`Listening`]), checked in [`command`] and handed on through a bounded channel.
//! docs/mqtt.md describes every topic for users.

mod backoff;
mod client;
pub mod command;
mod discovery;
pub mod embedded;
mod error;
mod outgoing;
pub mod payload;
mod probe;
mod publisher;
mod reason;
mod session;
mod settings;
mod tls;
mod tls_reason;
mod topics;

#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod tests;

pub use client::run;
pub use command::Listening;
pub use discovery::{DiscoveryMessage, DiscoverySettings, LegDevice, discovery, removal};
pub use embedded::{EmbeddedBroker, PortChoice};
pub use error::MqttError;
pub use outgoing::{Delivery, Message, Outgoing};
pub use probe::{probe, probe_embedded};
pub use settings::{Credentials, MqttSettings};
pub use tls::{CA_FILE, CLIENT_CERTIFICATE_FILE, CLIENT_KEY_FILE, Tls, TlsFiles, readable_by_everybody};
pub use topics::Topics;
pub(crate) use topics::holds_an_address;

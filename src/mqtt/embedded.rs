//! The embedded broker, so that a first run needs nothing installed.
//!
//! It is `rumqttd`: an MQTT 3.1.1 listener for others and an MQTT 5 listener on loopback for the daemon itself, on one router.
//! Its limits: retained messages live in memory only, a subscriber gets at most 100 of them, the last will dies with the
//! process (nobody is left to publish it), there is no password and no encryption, and it cannot be stopped: its threads
//! end with the process. For a smart home use a broker of its own.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};

use super::error::MqttError;
use super::settings::MqttSettings;

const START_WITHIN: Duration = Duration::from_secs(10);
/// A commit log is kept for each filter somebody subscribed to: four of these at most, 256 KiB instead of rumqttd's 1 GiB.
const SEGMENT_BYTES: usize = 64 * 1024;
const SEGMENTS: usize = 4;
/// Never to be reached: a client that rumqttd 0.20 turns away for want of room and that tries again makes the listener panic
/// with its lock held, and nobody can connect any more.
const CONNECTIONS: usize = 1024;

/// Which port the embedded broker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// This one or none; 0 is any free one.
    Exact(u16),
    /// This one, or any free one if it is in use.
    PreferOrFree(u16),
}

/// A running embedded broker. Dropping it does not stop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddedBroker {
    /// Where others connect (MQTT 3.1.1).
    pub public_addr: SocketAddr,
    /// Where the daemon connects (MQTT 5, loopback).
    pub internal_addr: SocketAddr,
}

impl EmbeddedBroker {
    /// Starts the broker in threads of its own and waits, blocking for at most 3 s, until both listeners answer.
    ///
    /// # Errors
    /// [`MqttError::PortTaken`] if an exact port is in use, [`MqttError::Bind`] if the address cannot be bound,
    /// [`MqttError::BrokerStart`] if it does not answer.
    pub fn start(bind: IpAddr, port: PortChoice) -> Result<Self, MqttError> {
        let public_addr = choose(bind, port)?;
        let internal_addr = choose(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exact(0))?;
        let mut broker = Broker::new(config(public_addr, internal_addr));
        thread::Builder::new()
            .name("mqtt-broker".to_owned())
            .spawn(move || {
                if let Err(reason) = broker.start() {
                    tracing::error!(%reason, "the embedded MQTT broker stopped");
                }
            })
            .map_err(|source| MqttError::BrokerStart {
                address: public_addr,
                waited_s: 0.0,
                detail: format!("its thread could not be started: {source}"),
            })?;
        let started = Instant::now();
        wait_for_answer(reachable(public_addr), ProtocolLevel::V4, started)?;
        wait_for_answer(internal_addr, ProtocolLevel::V5, started)?;
        Ok(Self { public_addr, internal_addr })
    }

    /// Points the daemon's own client at this broker.
    pub fn apply_to(&self, settings: &mut MqttSettings) {
        settings.host = self.internal_addr.ip().to_string();
        settings.port = self.internal_addr.port();
        settings.credentials = None;
        // rumqttd 0.20 panics when it hands a message with MQTT 5 properties to an MQTT 3.1.1 subscriber, and its listener
        // is dead from then on. Messages without properties pass.
        settings.message_expiry = false;
    }
}

/// Finds out by binding, because rumqttd itself only logs that it could not.
fn choose(bind: IpAddr, port: PortChoice) -> Result<SocketAddr, MqttError> {
    let (PortChoice::Exact(wanted) | PortChoice::PreferOrFree(wanted)) = port;
    let address = SocketAddr::new(bind, wanted);
    let bound = match (TcpListener::bind(address), port) {
        (Err(reason), PortChoice::PreferOrFree(_)) if reason.kind() == ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(bind, 0))
        }
        (bound, _) => bound,
    };
    bound.and_then(|listener| listener.local_addr()).map_err(|source| {
        if source.kind() == ErrorKind::AddrInUse {
            MqttError::PortTaken { bind, port: wanted }
        } else {
            MqttError::Bind { address, source }
        }
    })
}

fn config(public_addr: SocketAddr, internal_addr: SocketAddr) -> Config {
    let server = |name: &str, listen| {
        HashMap::from([(
            name.to_owned(),
            ServerSettings {
                name: name.to_owned(),
                listen,
                tls: None,
                next_connection_delay_ms: 1,
                connections: ConnectionSettings {
                    connection_timeout_ms: 5000,
                    max_payload_size: 64 * 1024,
                    max_inflight_count: 100,
                    auth: None,
                    external_auth: None,
                    dynamic_filters: false,
                },
            },
        )])
    };
    Config {
        router: RouterConfig {
            max_connections: CONNECTIONS,
            max_outgoing_packet_count: 200,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: SEGMENTS,
            ..RouterConfig::default()
        },
        v4: Some(server("mqtt-public", public_addr)),
        v5: Some(server("mqtt-internal", internal_addr)),
        ..Config::default()
    }
}

/// The address under which this machine reaches a listener on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[derive(Clone, Copy)]
enum ProtocolLevel {
    V4,
    V5,
}

fn wait_for_answer(address: SocketAddr, level: ProtocolLevel, started: Instant) -> Result<(), MqttError> {
    loop {
        match greet(address, level) {
            Ok(()) => return Ok(()),
            Err(reason) if started.elapsed() >= START_WITHIN => {
                return Err(MqttError::BrokerStart {
                    address,
                    waited_s: START_WITHIN.as_secs_f64(),
                    detail: reason.to_string(),
                });
            }
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Connects as an MQTT client and leaves: only a broker answers with CONNACK (0x20), whoever else listens there.
fn greet(address: SocketAddr, level: ProtocolLevel) -> std::io::Result<()> {
    const TIMEOUT: Duration = Duration::from_secs(2);
    // A name of its own each time: rumqttd dies of a client that comes back while its last visit is being cleaned up.
    let name = format!("hello-{}", uuid::Uuid::now_v7().simple());
    let id = name.as_bytes();
    let (version, properties): (u8, &[u8]) = match level {
        ProtocolLevel::V4 => (4, &[]),
        ProtocolLevel::V5 => (5, &[0]),
    };
    // Clean session, keep alive 10 s, then the client id with its length.
    let mut body = b"\x00\x04MQTT".to_vec();
    body.extend([version, 2, 0, 10]);
    body.extend(properties);
    body.extend([0, id.len() as u8]);
    body.extend(id);
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(&[0x10, body.len() as u8])?;
    stream.write_all(&body)?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer)?;
    stream.write_all(&[0xE0, 0])?;
    if answer[0] == 0x20 && answer[3] == 0 {
        Ok(())
    } else {
        Err(std::io::Error::new(ErrorKind::InvalidData, format!("answered {answer:02x?} instead of CONNACK")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_taken_port_is_an_error_with_a_remedy_or_replaced_by_a_free_one() {
        let taken = TcpListener::bind((LOOPBACK, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = EmbeddedBroker::start(LOOPBACK, PortChoice::Exact(port)).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("mqtt.host"), "{error}");
        let broker = EmbeddedBroker::start(LOOPBACK, PortChoice::PreferOrFree(port)).unwrap();
        assert_ne!(broker.public_addr.port(), port);
        assert!(broker.internal_addr.ip().is_loopback());
    }

    #[test]
    fn the_daemon_sends_the_embedded_broker_nothing_that_it_dies_of() {
        let (public_addr, internal_addr) = ("127.0.0.1:1883".parse().unwrap(), "127.0.0.1:40000".parse().unwrap());
        let mut settings = MqttSettings::default();
        EmbeddedBroker { public_addr, internal_addr }.apply_to(&mut settings);
        assert_eq!(settings.address(), "127.0.0.1:40000");
        assert!(!settings.message_expiry);
    }

    #[test]
    fn an_address_of_another_machine_is_an_error_with_a_remedy() {
        let error = EmbeddedBroker::start("192.0.2.1".parse().unwrap(), PortChoice::Exact(0)).unwrap_err().to_string();
        assert!(error.contains("192.0.2.1") && error.contains("127.0.0.1"), "{error}");
    }
}

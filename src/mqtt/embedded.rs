//! The embedded broker, so that a first run needs nothing installed.
//!
//! It is `rumqttd`: an MQTT 3.1.1 listener for others and an MQTT 5 listener on loopback for the daemon itself, on one router.
//! The second wants a password that is made up at each start, so that other users of this machine cannot use it; the first
//! wants one if it was given one, and listens beyond this machine only then. Its limits: retained messages live in memory
//! only, a subscriber gets at most 100 of them, the last will dies with the process (nobody is left to publish it), there
//! is no encryption, a wrong password is answered by silence, and it cannot be stopped: its threads end with the process.
//! For a smart home use a broker of its own.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};

use super::error::MqttError;
use super::settings::{Credentials, MqttSettings};

const START_WITHIN: Duration = Duration::from_secs(10);
/// A commit log is kept for each filter somebody subscribed to: four of these at most, 256 KiB instead of rumqttd's 1 GiB.
const SEGMENT_BYTES: usize = 64 * 1024;
const SEGMENTS: usize = 4;
/// Never to be reached: a client that rumqttd 0.20 turns away for want of room and that tries again makes the listener panic
/// with its lock held, and nobody can connect any more.
const CONNECTIONS: usize = 1024;
/// Largest payload that is taken. Ours are below 20 KiB; whoever sends more is cut off.
const LARGEST_PAYLOAD_BYTES: usize = 64 * 1024;

/// Which port the embedded broker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// This one or none; 0 is any free one.
    Exact(u16),
    /// This one, or any free one if it is in use.
    PreferOrFree(u16),
}

/// A running embedded broker. Dropping it does not stop it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedBroker {
    /// Where others connect (MQTT 3.1.1).
    pub public_addr: SocketAddr,
    /// Where the daemon connects (MQTT 5, loopback).
    pub internal_addr: SocketAddr,
    /// What the daemon says there; made up at the start.
    internal_login: Credentials,
}

impl EmbeddedBroker {
    /// Starts the broker without a password, for this machine only: [`Self::start_with`] and no login.
    ///
    /// # Errors
    /// Those of [`Self::start_with`].
    pub fn start(bind: IpAddr, port: PortChoice) -> Result<Self, MqttError> {
        Self::start_with(bind, port, None)
    }

    /// Starts the broker in threads of its own and waits, blocking for at most 3 s, until both listeners answer. Others must
    /// give `login`, if there is one.
    ///
    /// # Errors
    /// [`MqttError::OpenToAll`] if others could reach it without a password, [`MqttError::PortTaken`] if an exact port is
    /// in use, [`MqttError::Bind`] if the address cannot be bound, [`MqttError::BrokerStart`] if it does not answer.
    pub fn start_with(bind: IpAddr, port: PortChoice, login: Option<&Credentials>) -> Result<Self, MqttError> {
        if login.is_none() && !bind.is_loopback() {
            return Err(MqttError::OpenToAll { bind });
        }
        let public_addr = choose(bind, port)?;
        let internal_addr = choose(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exact(0))?;
        let internal_login =
            Credentials { username: "crampwatch".to_owned(), password: format!("{:032x}", rand::random::<u128>()) };
        let public = server("mqtt-public", public_addr, login);
        let internal = server("mqtt-internal", internal_addr, Some(&internal_login));
        let mut broker = Broker::new(config(public, internal));
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
        wait_for_answer(reachable(public_addr), ProtocolLevel::V4, login, started)?;
        wait_for_answer(internal_addr, ProtocolLevel::V5, Some(&internal_login), started)?;
        Ok(Self { public_addr, internal_addr, internal_login })
    }

    /// Points the daemon's own client at this broker.
    pub fn apply_to(&self, settings: &mut MqttSettings) {
        settings.host = self.internal_addr.ip().to_string();
        settings.port = self.internal_addr.port();
        settings.credentials = Some(self.internal_login.clone());
        settings.tls = None;
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

type Servers = HashMap<String, ServerSettings>;

fn server(name: &str, listen: SocketAddr, login: Option<&Credentials>) -> Servers {
    let connections = ConnectionSettings {
        connection_timeout_ms: 5000,
        max_payload_size: LARGEST_PAYLOAD_BYTES,
        max_inflight_count: 100,
        auth: login.map(|login| HashMap::from([(login.username.clone(), login.password.clone())])),
        external_auth: None,
        dynamic_filters: false,
    };
    let settings =
        ServerSettings { name: name.to_owned(), listen, tls: None, next_connection_delay_ms: 1, connections };
    HashMap::from([(name.to_owned(), settings)])
}

fn config(public: Servers, internal: Servers) -> Config {
    Config {
        router: RouterConfig {
            max_connections: CONNECTIONS,
            max_outgoing_packet_count: 200,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: SEGMENTS,
            ..RouterConfig::default()
        },
        v4: Some(public),
        v5: Some(internal),
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

fn wait_for_answer(
    address: SocketAddr,
    level: ProtocolLevel,
    login: Option<&Credentials>,
    started: Instant,
) -> Result<(), MqttError> {
    loop {
        match greet(address, level, login) {
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
fn greet(address: SocketAddr, level: ProtocolLevel, login: Option<&Credentials>) -> std::io::Result<()> {
    const TIMEOUT: Duration = Duration::from_secs(2);
    // A name of its own each time: rumqttd dies of a client that comes back while its last visit is being cleaned up.
    let name = format!("hello-{}", uuid::Uuid::now_v7().simple());
    let (version, properties): (u8, &[u8]) = match level {
        ProtocolLevel::V4 => (4, &[]),
        ProtocolLevel::V5 => (5, &[0]),
    };
    // 2: clean session; 0xC0: user name and password follow.
    let flags = if login.is_some() { 0xC2 } else { 2 };
    let mut body = Vec::new();
    put_text(&mut body, "MQTT")?;
    // Keep alive 10 s.
    body.extend([version, flags, 0, 10]);
    body.extend(properties);
    put_text(&mut body, &name)?;
    if let Some(login) = login {
        put_text(&mut body, &login.username)?;
        put_text(&mut body, &login.password)?;
    }
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut packet = vec![0x10];
    put_length(&mut packet, body.len());
    packet.extend(body);
    stream.write_all(&packet)?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer)?;
    stream.write_all(&[0xE0, 0])?;
    if answer[0] == 0x20 && answer[3] == 0 {
        Ok(())
    } else {
        Err(std::io::Error::new(ErrorKind::InvalidData, format!("answered {answer:02x?} instead of CONNACK")))
    }
}

/// A text with its length before it.
fn put_text(body: &mut Vec<u8>, text: &str) -> std::io::Result<()> {
    let length = u16::try_from(text.len()).map_err(|_| {
        std::io::Error::new(ErrorKind::InvalidInput, "the user name or password is longer than 65535 bytes")
    })?;
    body.extend(length.to_be_bytes());
    body.extend(text.as_bytes());
    Ok(())
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn put_length(packet: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = (length % 128) as u8;
        length /= 128;
        packet.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            return;
        }
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
        let internal_login = Credentials { username: "me".into(), password: "made up".into() };
        let mut settings = MqttSettings::default();
        EmbeddedBroker { public_addr, internal_addr, internal_login }.apply_to(&mut settings);
        assert_eq!(settings.address(), "127.0.0.1:40000");
        assert!(!settings.message_expiry);
    }

    #[test]
    fn each_start_makes_up_another_password_and_prints_none() {
        let [first, second] = [(); 2].map(|()| EmbeddedBroker::start(LOOPBACK, PortChoice::Exact(0)).unwrap());
        assert_ne!(first.internal_login, second.internal_login);
        assert_eq!(first.internal_login.password.len(), 32);
        assert!(!format!("{first:?}").contains(&first.internal_login.password));
    }

    #[test]
    fn beyond_this_machine_it_wants_a_password() {
        for address in ["0.0.0.0", "::", "192.168.1.5", "192.0.2.1"] {
            let bind = address.parse().unwrap();
            let error = EmbeddedBroker::start(bind, PortChoice::Exact(0)).unwrap_err();
            assert!(matches!(error, MqttError::OpenToAll { .. }), "{error}");
            let error = error.to_string();
            assert!(error.contains(address) && error.contains("mqtt.embedded_password_file"), "{error}");
        }
        let login = Credentials { username: "me".into(), password: "long ".repeat(40) };
        let broker =
            EmbeddedBroker::start_with("0.0.0.0".parse().unwrap(), PortChoice::Exact(0), Some(&login)).unwrap();
        assert!(broker.internal_addr.ip().is_loopback());
        let address = reachable(broker.public_addr);
        assert!(greet(address, ProtocolLevel::V4, None).is_err());
        let wrong = Credentials { password: "guess".into(), ..login.clone() };
        assert!(greet(address, ProtocolLevel::V4, Some(&wrong)).is_err());
        greet(address, ProtocolLevel::V4, Some(&login)).unwrap();
    }

    #[test]
    fn other_users_of_this_machine_cannot_use_the_daemons_own_door() {
        let broker = EmbeddedBroker::start(LOOPBACK, PortChoice::Exact(0)).unwrap();
        assert!(greet(broker.internal_addr, ProtocolLevel::V5, None).is_err());
        greet(broker.internal_addr, ProtocolLevel::V5, Some(&broker.internal_login)).unwrap();
    }

    #[test]
    fn an_address_of_another_machine_is_an_error_with_a_remedy() {
        let login = Credentials { username: "me".into(), password: "secret".into() };
        let bind = "192.0.2.1".parse().unwrap();
        let error = EmbeddedBroker::start_with(bind, PortChoice::Exact(0), Some(&login)).unwrap_err().to_string();
        assert!(error.contains("192.0.2.1") && error.contains("127.0.0.1"), "{error}");
    }
}

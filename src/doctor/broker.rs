//! Whether the broker can be used.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::time::Duration;

use super::finding::Finding;
use crate::config::{Config, MqttConfig, MqttMode};
use crate::daemon::external_broker;
use crate::mqtt::{Credentials, MqttError, probe, probe_embedded};

const ANSWER: Duration = Duration::from_secs(6);

/// Connects to the broker as the daemon would; `runs`: a daemon does.
pub(super) async fn broker(config: &Config, runs: bool) -> Finding {
    match config.mqtt.mode {
        MqttMode::Off => Finding::ok("broker", "mqtt.mode is \"off\": nobody is told of a cramp"),
        MqttMode::Embedded if runs => {
            let (host, port, login) = embedded(&config.mqtt);
            let there = format!("the embedded one answers at {host}:{port}");
            answer(probe_embedded(&host, port, login.as_ref(), ANSWER).await, there)
        }
        MqttMode::Embedded => free_port(&config.mqtt),
        MqttMode::External => match external_broker(config, &[]) {
            Ok(settings) => {
                let tls = if settings.tls.is_some() { ", over TLS" } else { "" };
                let there = format!("{}:{} answers and lets us in{tls}", settings.host, settings.port);
                answer(probe(&settings, ANSWER).await, there)
            }
            Err(error) => Finding::refused("broker", &error.to_string()),
        },
    }
}

fn answer(probed: Result<(), String>, there: String) -> Finding {
    match probed {
        Ok(()) => Finding::ok("broker", there),
        Err(words) => match words.split_once(": ") {
            Some((found, remedy)) => Finding::failed("broker", found, remedy),
            None => Finding::failed("broker", words, "see the broker's log"),
        },
    }
}

/// The embedded broker of a daemon that runs, from this machine.
fn embedded(mqtt: &MqttConfig) -> (String, u16, Option<Credentials>) {
    let here = match mqtt.embedded_address {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    };
    let credentials = mqtt.embedded_password.as_ref().map(|password| Credentials {
        username: mqtt.embedded_username.clone(),
        password: password.expose().to_owned(),
    });
    (here.to_string(), mqtt.embedded_port, credentials)
}

/// The port that the embedded broker will want.
fn free_port(mqtt: &MqttConfig) -> Finding {
    let (bind, port) = (mqtt.embedded_address, mqtt.embedded_port);
    if !bind.is_loopback() && mqtt.embedded_password.is_none() {
        return Finding::refused("broker", &MqttError::OpenToAll { bind }.to_string());
    }
    match TcpListener::bind((bind, port)) {
        Ok(_) => Finding::ok("broker", format!("embedded; its port {port} on {bind} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let words = MqttError::PortTaken { bind, port }.to_string();
            Finding::refused("broker", &words)
        }
        Err(source) => {
            Finding::refused("broker", &MqttError::Bind { address: (bind, port).into(), source }.to_string())
        }
    }
}

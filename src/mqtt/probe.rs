//! One connection to see whether a broker can be used; nothing is published.

use std::time::Duration;

use rumqttc::Outgoing as Sent;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event};
use tokio::time::timeout;

use super::reason::plain_words;
use super::settings::{Credentials, MqttSettings};

/// Connects as `settings` say, under a name of its own, and leaves again.
///
/// # Errors
/// Why the broker cannot be used, in words that say what to do.
pub async fn probe(settings: &MqttSettings, within: Duration) -> Result<(), String> {
    // The daemon's own name would throw the daemon off the broker.
    let client_id = format!("{}-doctor-{}", settings.client_id, std::process::id());
    let settings = MqttSettings { client_id, session_expiry_s: 0, discovery: None, ..settings.clone() };
    settings.validate().map_err(|error| error.to_string())?;
    let mut options = settings.options_without_will();
    options.set_clean_start(true);
    let (client, mut eventloop) = AsyncClient::new(options, 4);
    let conversation = async {
        let mut welcomed = false;
        loop {
            match eventloop.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    welcomed = true;
                    if client.try_disconnect().is_err() {
                        return Ok(());
                    }
                }
                Ok(Event::Outgoing(Sent::Disconnect)) => return Ok(()),
                Ok(_) => {}
                Err(_) if welcomed => return Ok(()),
                Err(error) => return Err(plain_words(&error, &settings, welcomed)),
            }
        }
    };
    let silent =
        || format!("{} does not answer: is it an MQTT broker, does a firewall stand between?", settings.address());
    timeout(within, conversation).await.unwrap_or_else(|_| Err(silent()))
}

/// The same for the embedded broker, whose public port speaks MQTT 3.1.1.
///
/// # Errors
/// Why it cannot be used, in words that say what to do.
pub async fn probe_embedded(
    host: &str,
    port: u16,
    login: Option<&Credentials>,
    within: Duration,
) -> Result<(), String> {
    let mut options = rumqttc::MqttOptions::new(format!("crampwatch-doctor-{}", std::process::id()), host, port);
    if let Some(login) = login {
        options.set_credentials(login.username.clone(), login.password.clone());
    }
    let (_client, mut eventloop) = rumqttc::AsyncClient::new(options, 4);
    let welcome = async {
        loop {
            match eventloop.poll().await {
                Ok(rumqttc::Event::Incoming(rumqttc::Packet::ConnAck(_))) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    };
    let said = timeout(within, welcome).await.unwrap_or_else(|_| Err("no answer".to_owned()));
    said.map_err(|said| {
        format!(
            "{host}:{port} does not let us in ({said}): see the daemon's log; is mqtt.embedded_password the daemon's?"
        )
    })
}

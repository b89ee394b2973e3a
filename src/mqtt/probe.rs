//! One connection to see whether a broker can be used; nothing is published.

use std::time::Duration;

use rumqttc::Outgoing as Sent;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event};
use tokio::time::timeout;

use super::reason::plain_words;
use super::settings::MqttSettings;

/// Connects as `settings` say, under a name of its own, and leaves again.
///
/// # Errors
/// Why the broker cannot be used, in words that say what to do.
pub async fn probe(settings: &MqttSettings, within: Duration) -> Result<(), String> {
    // The daemon's own name would throw the daemon off the broker.
    let client_id = format!("{}-doctor-{}", settings.client_id, std::process::id());
    let settings = MqttSettings { client_id, session_expiry_s: 0, discovery: None, ..settings.clone() };
    let topics = settings.validate().map_err(|error| error.to_string())?;
    let mut options = settings.options(&topics);
    options.set_clean_start(true);
    let (client, mut eventloop) = AsyncClient::new(options, 4);
    let conversation = async {
        let mut welcomed = false;
        loop {
            match eventloop.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    welcomed = true;
                    // An orderly farewell: else the broker would say that the daemon is offline.
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

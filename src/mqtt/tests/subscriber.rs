//! Somebody else's client: MQTT 5, comes back whenever the broker does, and remembers all it heard.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use tokio::task::JoinHandle;

use super::harness::{Heard, eventually};

/// A listener to everything below `crampwatch/`, like Home Assistant without a session at the broker.
///
/// It subscribes without acknowledgements: what mosquitto has acknowledged to the client then lies in the buffer of this
/// socket, so a kill of the broker cannot take it back, and what is missing here is the client's fault.
pub(super) struct Subscriber {
    heard: Arc<Mutex<Vec<Heard>>>,
    subscribed: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Subscriber {
    /// Returns at once; the broker need not be there yet.
    pub(super) fn start(port: u16, id: &str) -> Self {
        let mut options = MqttOptions::new(id, "127.0.0.1", port);
        options.set_clean_start(true).set_keep_alive(Duration::from_secs(5)).set_max_packet_size(Some(256 * 1024));
        let (client, mut connection) = AsyncClient::new(options, 8);
        let (heard, subscribed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (sink, count) = (heard.clone(), subscribed.clone());
        let task = tokio::spawn(async move {
            loop {
                match connection.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        client.try_subscribe("crampwatch/#", QoS::AtMostOnce).unwrap();
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok(Event::Incoming(Packet::Publish(message))) => {
                        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                        let heard = Heard {
                            retained: message.retain,
                            topic: text(&message.topic),
                            payload: text(&message.payload),
                        };
                        sink.lock().unwrap().push(heard);
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        Self { heard, subscribed, task }
    }

    /// How many times the broker has taken its subscription.
    pub(super) fn subscriptions(&self) -> usize {
        self.subscribed.load(Ordering::SeqCst)
    }

    /// Waits until the broker has taken its subscription more than `before` times.
    pub(super) async fn subscribed_after(&self, before: usize) {
        eventually("the subscriber is subscribed", || self.subscriptions() > before).await;
    }

    pub(super) fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    pub(super) fn on(&self, topic: &str) -> Vec<Heard> {
        self.all().into_iter().filter(|heard| heard.topic == topic).collect()
    }

    pub(super) fn last(&self, topic: &str) -> Option<String> {
        self.on(topic).pop().map(|heard| heard.payload)
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

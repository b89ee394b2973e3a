//! The embedded broker: the daemon on its MQTT 5 side, others on its MQTT 3.1.1 side.

use std::net::{IpAddr, Ipv4Addr};

use super::harness::{Client, Listener, eventually};
use crate::mqtt::{EmbeddedBroker, Outgoing, PortChoice};

#[tokio::test(flavor = "multi_thread")]
async fn others_hear_states_and_events_from_the_embedded_broker() {
    let broker = EmbeddedBroker::start(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exact(0)).unwrap();
    let listener = Listener::new(broker.public_addr.port(), "listener").await;
    let client = Client::start(broker.internal_addr.port()).await;
    client.states.send(Outgoing::Armed { leg: "me_left".into(), armed: true }).await.unwrap();
    let seqs = client.add_events(40).await;
    client.wait_for_empty_outbox().await;
    eventually("all events heard", || listener.seqs("crampwatch/me_left/event").len() == 40).await;
    assert_eq!(listener.seqs("crampwatch/me_left/event"), seqs);
    let newcomer = Listener::new(broker.public_addr.port(), "newcomer").await;
    eventually("retained states for a newcomer", || newcomer.last("crampwatch/me_left/armed").is_some()).await;
    assert!(newcomer.on("crampwatch/bridge/status")[0].retained);
    client.stop().await;
    eventually("goodbye", || listener.last("crampwatch/bridge/status").as_deref() == Some("offline")).await;
}

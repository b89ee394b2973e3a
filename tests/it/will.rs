//! The daemon is killed: the broker says so in its place, at once and to whoever asks later.

use std::time::Duration;

use crate::harness::{Broker, Home, Subscriber, busy_config, eventually};

const STATUS: &str = "crampwatch/bridge/status";

fn last_status(subscriber: &Subscriber) -> Option<String> {
    subscriber.messages().into_iter().rfind(|message| message.topic == STATUS).map(|message| message.text)
}

#[test]
fn a_killed_daemon_is_offline_for_listeners_and_for_newcomers_until_it_is_back() {
    let mut broker = Broker::start();
    let subscriber = Subscriber::start(broker.port);
    let home = Home::new(&busy_config(broker.port, 60.0));
    for _ in 0..2 {
        let mut daemon = home.start();
        eventually("online", Duration::from_secs(30), || last_status(&subscriber).as_deref() == Some("online"));
        daemon.kill_9();
        eventually("the last will", Duration::from_secs(5), || last_status(&subscriber).as_deref() == Some("offline"));
    }
    // The broker keeps the will over its own restart, so that Home Assistant shows nothing as available.
    broker.stop();
    let heard = subscriber.messages().len();
    broker.restart();
    eventually("the will is retained", Duration::from_secs(10), || {
        subscriber.messages()[heard..].iter().any(|m| m.topic == STATUS && m.retain && m.text == "offline")
    });
}

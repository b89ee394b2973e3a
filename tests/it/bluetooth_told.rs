//! What people hear of a Bluetooth link: over MQTT, in the log, by the exit code.

use std::time::Duration;

use crampwatch::store::Store;

use crate::bluez::Bluez;
use crate::harness::{Broker, Home, eventually};

/// A sensor is found and streams within this.
const FOUND: Duration = Duration::from_secs(20);

fn config(broker: &Broker, more: &str) -> String {
    format!(
        "[person]\ntime_zone = \"UTC\"\n[storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"external\"\nport = {}\n\
         [sensor]\nkind = \"bluetooth\"\n{more}",
        broker.port
    )
}

#[test]
fn a_bus_that_stays_dead_ends_the_process_in_order_so_that_systemd_starts_it_anew() {
    let mut bluez = Bluez::start(&["--cramps", "0"]);
    let broker = Broker::start();
    let home = Home::new(&config(&broker, ""));
    let mut daemon = home.start_on_bus(&bluez.address());
    eventually("the sensor streams", FOUND, || home.log().contains("The sensor streams."));
    // Some seconds of night.
    std::thread::sleep(Duration::from_secs(5));
    bluez.kill_bus();
    assert_eq!(daemon.ends_within(Duration::from_secs(90)), Some(1), "{}", home.log());
    assert!(home.log().contains("systemctl restart dbus bluetooth"), "{}", home.log());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        store.integrity_check().await.unwrap();
        assert_eq!(store.unfinished_segments("me_left").await.unwrap(), [], "the raw night was closed");
        let night = store.nights("me_left", 1).await.unwrap().remove(0);
        let segments = store.segments_of_night("me_left", night.night).await.unwrap();
        assert!(segments.iter().any(|segment| segment.n_samples.is_some_and(|n| n > 2000)), "{segments:?}");
        store.close().await;
    });
}

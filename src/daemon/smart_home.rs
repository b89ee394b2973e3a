//! What the daemon of a configuration announces to Home Assistant.

use crate::config::{Config, SensorKind};
use crate::mqtt::{DiscoverySettings, LegDevice};
use crate::sensor::ble::sensor_id;
use crate::store::Side;

/// The id of the simulated sensor in topics; a real one's is made from its address.
const SIMULATED_SENSOR: &str = "s-51301a7e";

/// The leg of this configuration, and no retired ones: only the store knows which legs there were before. `id_key` is what
/// [`id_key`](super::id_key) gives.
pub fn announced(config: &Config, id_key: &[u8]) -> DiscoverySettings {
    let person = &config.person.id;
    let side = match config.leg.side {
        Side::Left => "Left leg",
        Side::Right => "Right leg",
    };
    let (model, sensor) = match config.sensor.kind {
        SensorKind::Simulated => ("Simulated sensor", Some(SIMULATED_SENSOR.to_owned())),
        // A recording says nothing of a battery or a radio.
        SensorKind::Replay => ("Recorded night", None),
        SensorKind::Bluetooth => ("Bluetooth sensor", Some(bluetooth_sensor(config, id_key))),
    };
    let leg = LegDevice {
        leg: config.leg.side.leg_name(person),
        // Two people in one house need two names; one alone would only read her own each time.
        name: if person == "me" { side.to_owned() } else { format!("{side} ({person})") },
        model: model.to_owned(),
        sensor,
    };
    DiscoverySettings { prefix: config.mqtt.discovery_prefix.clone(), legs: vec![leg], retired: vec![] }
}

/// The id of a real sensor in topics: a part of its leg, so it is there before the sensor was ever connected.
fn bluetooth_sensor(config: &Config, id_key: &[u8]) -> String {
    let leg = config.leg.side.leg_name(&config.person.id);
    // Without an address in the configuration two legs must still have two ids.
    let key = [id_key, leg.as_bytes()].concat();
    sensor_id(&key, config.sensor.bluetooth.address.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Environment;
    use crate::mqtt::{Topics, discovery};

    fn config(text: &str) -> Config {
        Config::parse(text, Path::new("crampwatch.toml"), &Environment::new([("HOME", "/home/me")])).unwrap()
    }

    #[test]
    fn one_person_alone_is_not_named_and_two_are_told_apart() {
        let alone = announced(&config("[leg]\nside = \"right\""), &[]);
        assert_eq!((alone.legs[0].leg.as_str(), alone.legs[0].name.as_str()), ("me_right", "Right leg"));
        let anna = announced(&config("[person]\nid = \"anna\"\n[mqtt]\ndiscovery_prefix = \"ha\""), &[]);
        let messages = discovery(&anna, &Topics::new("crampwatch").unwrap()).unwrap();
        assert_eq!(messages[1].topic, "ha/device/crampwatch_anna_left/config");
        assert!(messages[1].payload.contains("\"event.left_leg_anna_cramp\""), "{}", messages[1].payload);
    }

    #[test]
    fn a_real_sensors_id_is_that_of_its_leg_and_installation() {
        let id = |side: &str, key: &[u8]| {
            let text = format!("[leg]\nside = \"{side}\"\n[sensor]\nkind = \"bluetooth\"");
            announced(&config(&text), key).legs[0].sensor.clone().unwrap()
        };
        assert_eq!(id("left", b"key"), id("left", b"key"));
        assert_ne!(id("left", b"key"), id("right", b"key"));
        assert_ne!(id("left", b"key"), id("left", b"yek"));
    }
}

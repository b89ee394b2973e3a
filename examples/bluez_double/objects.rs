//! The objects on the bus: where they are, what they say of themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use zbus::message::Message;
use zbus::zvariant::{ObjectPath, Value};

use super::world::World;

pub(crate) const ADAPTER_PATH: &str = "/org/bluez/hci0";
pub(crate) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
pub(crate) const OBJECT_MANAGER: &str = "org.freedesktop.DBus.ObjectManager";
pub(crate) const INTROSPECTABLE: &str = "org.freedesktop.DBus.Introspectable";

/// Properties of one interface.
pub(crate) type Properties = BTreeMap<&'static str, Value<'static>>;
/// Interfaces of one object.
pub(crate) type Interfaces = BTreeMap<&'static str, Properties>;

/// An object. Numbers are those of the sensor, and of its service or characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Adapter,
    Device(usize),
    Service(usize, usize),
    Characteristic(usize, usize),
    /// The client characteristic configuration.
    Descriptor(usize, usize),
}

impl Place {
    pub(crate) fn interface(self) -> &'static str {
        match self {
            Self::Adapter => "org.bluez.Adapter1",
            Self::Device(_) => "org.bluez.Device1",
            Self::Service(..) => "org.bluez.GattService1",
            Self::Characteristic(..) => "org.bluez.GattCharacteristic1",
            Self::Descriptor(..) => "org.bluez.GattDescriptor1",
        }
    }
}

impl World {
    /// All objects, parents before their children.
    pub(crate) fn places(&self) -> Vec<Place> {
        let Some(daemon) = self.daemon.as_ref().filter(|_| self.adapter.present) else { return Vec::new() };
        let mut places = vec![Place::Adapter];
        for (index, device) in daemon.devices.iter().enumerate() {
            let Some(device) = device else { continue };
            places.push(Place::Device(index));
            if device.exported {
                places.extend(self.places_of_services(index));
            }
        }
        places
    }

    /// The objects below a device.
    pub(crate) fn places_of_services(&self, index: usize) -> Vec<Place> {
        let gatt = &self.peripherals[index].gatt;
        let mut places = Vec::new();
        for service in 0..gatt.services.len() {
            places.push(Place::Service(index, service));
            for (at, characteristic) in gatt.characteristics.iter().enumerate().filter(|(_, c)| c.service == service) {
                places.push(Place::Characteristic(index, at));
                places.extend(characteristic.configuration_handle().map(|_| Place::Descriptor(index, at)));
            }
        }
        places
    }

    pub(crate) fn path(&self, place: Place) -> String {
        match place {
            Place::Adapter => ADAPTER_PATH.to_owned(),
            Place::Device(index) => {
                format!("{ADAPTER_PATH}/dev_{}", self.peripherals[index].identity.address.replace(':', "_"))
            }
            Place::Service(index, service) => {
                let handle = self.peripherals[index].gatt.services[service].handle;
                format!("{}/service{handle:04x}", self.path(Place::Device(index)))
            }
            Place::Characteristic(index, at) => {
                let characteristic = &self.peripherals[index].gatt.characteristics[at];
                let service = self.path(Place::Service(index, characteristic.service));
                format!("{service}/char{:04x}", characteristic.handle)
            }
            Place::Descriptor(index, at) => {
                let handle = self.peripherals[index].gatt.characteristics[at].handle + 2;
                format!("{}/desc{handle:04x}", self.path(Place::Characteristic(index, at)))
            }
        }
    }

    pub(crate) fn find(&self, path: &str) -> Option<Place> {
        self.places().into_iter().find(|place| self.path(*place) == path)
    }

    fn object_value(&self, place: Place) -> Value<'static> {
        ObjectPath::try_from(self.path(place)).map_or_else(|_| Value::from(""), Value::from)
    }

    /// All properties of an object's interface; optional ones are not there when they have no value.
    pub(crate) fn properties(&self, place: Place) -> Properties {
        match place {
            Place::Adapter => self.adapter_properties(),
            Place::Device(index) => self.device_properties(index),
            Place::Service(index, service) => BTreeMap::from([
                ("UUID", Value::from(self.peripherals[index].gatt.services[service].uuid.to_string())),
                ("Device", self.object_value(Place::Device(index))),
                ("Primary", Value::from(true)),
                ("Includes", Value::from(Vec::<ObjectPath<'_>>::new())),
            ]),
            Place::Characteristic(index, at) => self.characteristic_properties(index, at),
            Place::Descriptor(index, at) => BTreeMap::from([
                ("UUID", Value::from("00002902-0000-1000-8000-00805f9b34fb")),
                ("Characteristic", self.object_value(Place::Characteristic(index, at))),
            ]),
        }
    }

    fn adapter_properties(&self) -> Properties {
        let discovering = self.daemon.as_ref().is_some_and(|daemon| !daemon.discovering.is_empty());
        BTreeMap::from([
            ("Address", Value::from(self.adapter.address.clone())),
            ("AddressType", Value::from("public")),
            ("Name", Value::from("bedroom")),
            ("Alias", Value::from("bedroom")),
            ("Class", Value::from(0x006c_0000_u32)),
            ("Powered", Value::from(self.adapter.powered)),
            ("Discoverable", Value::from(false)),
            ("DiscoverableTimeout", Value::from(180_u32)),
            ("Pairable", Value::from(false)),
            ("PairableTimeout", Value::from(0_u32)),
            ("Discovering", Value::from(discovering)),
            ("UUIDs", Value::from(vec!["00001801-0000-1000-8000-00805f9b34fb".to_owned()])),
            ("Modalias", Value::from("usb:v1D6Bp0246d0542")),
            ("Roles", Value::from(vec!["central".to_owned(), "peripheral".to_owned()])),
        ])
    }

    fn device_properties(&self, index: usize) -> Properties {
        let peripheral = &self.peripherals[index];
        let Some(device) = self.daemon.as_ref().and_then(|daemon| daemon.devices[index].as_ref()) else {
            return Properties::new();
        };
        let identity = &peripheral.identity;
        let alias = if device.name_known { identity.name.clone() } else { identity.address.replace(':', "-") };
        let advertised = identity.advertised.iter();
        let resolved = peripheral.gatt.services.iter().filter(|_| device.resolved).map(|service| &service.uuid);
        let uuids: BTreeSet<String> = advertised.chain(resolved).map(ToString::to_string).collect();
        let mut properties = BTreeMap::from([
            ("Address", Value::from(identity.address.clone())),
            ("AddressType", Value::from(identity.address_type.clone())),
            ("Alias", Value::from(alias)),
            ("Paired", Value::from(false)),
            ("Trusted", Value::from(device.trusted)),
            ("Blocked", Value::from(false)),
            ("LegacyPairing", Value::from(false)),
            ("Connected", Value::from(peripheral.linked)),
            ("UUIDs", Value::from(uuids.into_iter().collect::<Vec<_>>())),
            ("Adapter", self.object_value(Place::Adapter)),
            ("ServicesResolved", Value::from(device.resolved)),
        ]);
        if device.name_known {
            properties.insert("Name", Value::from(identity.name.clone()));
        }
        if let Some(rssi) = device.rssi {
            properties.insert("RSSI", Value::from(rssi));
        }
        if let Some((company, data)) = &identity.manufacturer {
            let data = std::collections::HashMap::from([(*company, Value::from(data.clone()))]);
            properties.insert("ManufacturerData", Value::from(data));
        }
        properties
    }

    fn characteristic_properties(&self, index: usize, at: usize) -> Properties {
        let peripheral = &self.peripherals[index];
        let characteristic = &peripheral.gatt.characteristics[at];
        let mut properties = BTreeMap::from([
            ("UUID", Value::from(characteristic.uuid.to_string())),
            ("Service", self.object_value(Place::Service(index, characteristic.service))),
            ("Flags", Value::from(characteristic.flags.clone())),
            ("Value", Value::from(self.value(index, at))),
        ]);
        if characteristic.notifies() {
            properties.insert("Notifying", Value::from(peripheral.armed[at]));
        }
        if peripheral.linked {
            properties.insert("MTU", Value::from(peripheral.mtu));
        }
        properties
    }

    fn value(&self, index: usize, at: usize) -> Vec<u8> {
        let device = self.daemon.as_ref().and_then(|daemon| daemon.devices[index].as_ref());
        device.map(|device| device.values[at].clone()).unwrap_or_default()
    }

    pub(crate) fn interfaces(&self, place: Place) -> Interfaces {
        let none = Properties::new;
        BTreeMap::from([(INTROSPECTABLE, none()), (place.interface(), self.properties(place)), (PROPERTIES, none())])
    }

    /// What Introspect says: btleplug finds services and characteristics by the nodes in it.
    pub(crate) fn introspection(&self, path: &str) -> Option<String> {
        let prefix = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        let places = self.places();
        let paths: Vec<String> =
            places.iter().map(|place| self.path(*place)).chain(["/org/bluez".to_owned()]).collect();
        let below = paths.iter().filter_map(|other| other.strip_prefix(&prefix));
        let children: BTreeSet<&str> = below.filter_map(|rest| rest.split('/').next()).collect();
        let own = self.find(path);
        if own.is_none() && children.is_empty() && path != "/org/bluez" {
            return None;
        }
        let mut xml = "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n\
            \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>"
            .to_owned();
        let manager = (path == "/").then_some(OBJECT_MANAGER);
        for interface in [INTROSPECTABLE].into_iter().chain(own.map(Place::interface)).chain(manager) {
            let _ = write!(xml, "<interface name=\"{interface}\"></interface>");
        }
        for child in children {
            let _ = write!(xml, "<node name=\"{child}\"/>");
        }
        Some(xml + "</node>")
    }

    /// Tells of changed properties, and of such that are no longer there.
    pub(crate) fn changed(&self, place: Place, names: &[&'static str], gone: &[&'static str]) {
        let mut properties = self.properties(place);
        properties.retain(|name, _| names.contains(name));
        self.changed_to(place, &properties, gone);
    }

    pub(crate) fn changed_to(&self, place: Place, properties: &Properties, gone: &[&'static str]) {
        let signal = Message::signal(self.path(place), PROPERTIES, "PropertiesChanged");
        self.emit(signal.and_then(|signal| signal.build(&(place.interface(), properties, gone))));
    }

    pub(crate) fn added(&self, place: Place) {
        let signal = Message::signal("/", OBJECT_MANAGER, "InterfacesAdded");
        self.emit(signal.and_then(|signal| signal.build(&(self.object_value_path(place)?, self.interfaces(place)))));
    }

    pub(crate) fn removed(&self, place: Place) {
        let names = [place.interface(), INTROSPECTABLE, PROPERTIES];
        let signal = Message::signal("/", OBJECT_MANAGER, "InterfacesRemoved");
        self.emit(signal.and_then(|signal| signal.build(&(self.object_value_path(place)?, &names[..]))));
    }

    fn object_value_path(&self, place: Place) -> zbus::Result<ObjectPath<'static>> {
        Ok(ObjectPath::try_from(self.path(place))?)
    }
}

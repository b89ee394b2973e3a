//! A client of BlueZ through raw D-Bus calls, which keeps every signal that bluetoothd sends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zbus::MatchRule;
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::{Message, Type};
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Value};

use crate::harness::eventually;

pub(crate) const ADAPTER: &str = "/org/bluez/hci0";
pub(crate) const DEVICE: &str = "/org/bluez/hci0/dev_C0_FF_EE_00_00_01";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

pub(crate) type Properties = HashMap<String, OwnedValue>;
pub(crate) type Objects = HashMap<OwnedObjectPath, HashMap<String, Properties>>;

/// A signal, flattened: what it is about, its path and what it brings.
#[derive(Debug)]
pub(crate) enum Signal {
    Added(String, HashMap<String, Properties>),
    Removed(String),
    Changed(String, Properties),
}

/// The client.
#[derive(Debug)]
pub(crate) struct Client {
    connection: Connection,
    signals: Arc<Mutex<Vec<Signal>>>,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let timeout = Duration::from_secs(40);
        let connection = Builder::address(address).unwrap().method_timeout(timeout).build().unwrap();
        let rule = MatchRule::builder().msg_type(Type::Signal).sender("org.bluez").unwrap().build();
        let stream = MessageIterator::for_match_rule(rule, &connection, Some(4096)).unwrap();
        let signals = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&signals);
        std::thread::spawn(move || {
            for message in stream.flatten() {
                to.lock().unwrap().extend(signal(&message));
            }
        });
        Self { connection, signals }
    }

    /// Leaves the bus.
    pub(crate) fn leave(self) {
        self.connection.close().unwrap();
    }

    /// One call; the error as `name: text`.
    pub(crate) fn call<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> Result<Message, String>
    where
        B: serde::Serialize + DynamicType,
    {
        call(&self.connection, path, interface, method, body)
    }

    /// A call that waits in a thread of its own.
    pub(crate) fn call_later(
        &self,
        path: &str,
        interface: &str,
        method: &str,
    ) -> std::thread::JoinHandle<Result<(), String>> {
        let (connection, path) = (self.connection.clone(), path.to_owned());
        let (interface, method) = (interface.to_owned(), method.to_owned());
        std::thread::spawn(move || call(&connection, &path, &interface, &method, &()).map(drop))
    }

    pub(crate) fn adapter(&self, method: &str) -> Result<(), String> {
        self.call(ADAPTER, "org.bluez.Adapter1", method, &()).map(drop)
    }

    pub(crate) fn device(&self, method: &str) -> Result<(), String> {
        self.call(DEVICE, "org.bluez.Device1", method, &()).map(drop)
    }

    pub(crate) fn set_powered(&self, on: bool) -> Result<(), String> {
        self.call(ADAPTER, PROPERTIES, "Set", &("org.bluez.Adapter1", "Powered", Value::from(on))).map(drop)
    }

    pub(crate) fn start_notify(&self, path: &str) -> Result<(), String> {
        self.call(path, "org.bluez.GattCharacteristic1", "StartNotify", &()).map(drop)
    }

    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let options = HashMap::<String, Value<'_>>::new();
        let answer = self.call(path, "org.bluez.GattCharacteristic1", "ReadValue", &options)?;
        Ok(answer.body().deserialize().unwrap())
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
        let options = HashMap::from([("type", Value::from("request"))]);
        self.call(path, "org.bluez.GattCharacteristic1", "WriteValue", &(bytes, options)).map(drop)
    }

    pub(crate) fn objects(&self) -> Objects {
        let interface = "org.freedesktop.DBus.ObjectManager";
        self.call("/", interface, "GetManagedObjects", &()).unwrap().body().deserialize().unwrap()
    }

    pub(crate) fn has_object(&self, path: &str) -> bool {
        self.objects().keys().any(|own| own.as_str() == path)
    }

    pub(crate) fn properties(&self, path: &str, interface: &str) -> Properties {
        self.call(path, PROPERTIES, "GetAll", &interface).unwrap().body().deserialize().unwrap()
    }

    /// Whether a property of the device is true.
    pub(crate) fn device_is(&self, property: &str) -> bool {
        bool::try_from(self.properties(DEVICE, "org.bluez.Device1")[property].clone()).unwrap()
    }

    /// Names of the child nodes in the introspection.
    pub(crate) fn children(&self, path: &str) -> Vec<String> {
        let answer = self.call(path, "org.freedesktop.DBus.Introspectable", "Introspect", &()).unwrap();
        let xml: String = answer.body().deserialize().unwrap();
        xml.split("<node name=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }

    /// Scans until the sensor's object is there.
    pub(crate) fn discover(&self) {
        self.discover_without_stopping();
        self.adapter("StopDiscovery").unwrap();
    }

    pub(crate) fn discover_without_stopping(&self) {
        self.adapter("StartDiscovery").unwrap();
        eventually("the sensor is seen", Duration::from_secs(5), || self.has_object(DEVICE));
    }

    /// Connects and waits for the services.
    pub(crate) fn connect(&self) {
        self.device("Connect").unwrap();
        eventually("services are resolved", Duration::from_secs(5), || self.device_is("ServicesResolved"));
    }

    /// Object of the characteristic with this UUID.
    pub(crate) fn characteristic(&self, uuid: &str) -> String {
        let holds = |interfaces: &HashMap<String, Properties>| {
            let characteristic = interfaces.get("org.bluez.GattCharacteristic1");
            characteristic.is_some_and(|own| String::try_from(own["UUID"].clone()).unwrap() == uuid)
        };
        self.objects().into_iter().find(|(_, interfaces)| holds(interfaces)).unwrap().0.to_string()
    }

    /// Looks at all signals so far, oldest first.
    pub(crate) fn signals<T>(&self, look: impl FnOnce(&[Signal]) -> T) -> T {
        look(&self.signals.lock().unwrap())
    }

    pub(crate) fn forget_signals(&self) {
        self.signals.lock().unwrap().clear();
    }

    /// Values notified by an object, oldest first.
    pub(crate) fn values(&self, path: &str) -> Vec<Vec<u8>> {
        self.signals(|signals| signals.iter().filter_map(|signal| value_of(signal, path)).collect())
    }
}

fn call<B>(connection: &Connection, path: &str, interface: &str, method: &str, body: &B) -> Result<Message, String>
where
    B: serde::Serialize + DynamicType,
{
    connection.call_method(Some("org.bluez"), path, Some(interface), method, body).map_err(|error| match error {
        zbus::Error::MethodError(name, text, _) => format!("{name}: {}", text.unwrap_or_default()),
        other => other.to_string(),
    })
}

fn value_of(signal: &Signal, of: &str) -> Option<Vec<u8>> {
    match signal {
        Signal::Changed(path, properties) if path == of => {
            properties.get("Value").map(|value| Vec::try_from(value.clone()).unwrap())
        }
        _ => None,
    }
}

fn signal(message: &Message) -> Option<Signal> {
    let header = message.header();
    let path = header.path()?.to_string();
    let body = message.body();
    match header.member()?.as_str() {
        "InterfacesAdded" => {
            let (path, interfaces): (OwnedObjectPath, HashMap<String, Properties>) = body.deserialize().unwrap();
            Some(Signal::Added(path.to_string(), interfaces))
        }
        "InterfacesRemoved" => {
            let (path, _): (OwnedObjectPath, Vec<String>) = body.deserialize().unwrap();
            Some(Signal::Removed(path.to_string()))
        }
        "PropertiesChanged" => {
            let (_, properties, _): (String, Properties, Vec<String>) = body.deserialize().unwrap();
            Some(Signal::Changed(path, properties))
        }
        _ => None,
    }
}

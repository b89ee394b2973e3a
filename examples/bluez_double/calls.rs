//! Method calls: who is meant, what is wanted, what is answered.

use std::collections::HashMap;

use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;
use zbus::message::{Flags, Header, Message, Type};
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Value};

use super::failure::Failure;
use super::objects::{INTROSPECTABLE, OBJECT_MANAGER, PROPERTIES, Place};
use super::world::World;

/// An answer for now, or `None`: it comes later.
type Answer = Result<Option<Message>, Failure>;

fn reply(call: &Message, body: &(impl Serialize + DynamicType)) -> Answer {
    Ok(Some(Message::method_return(&call.header())?.build(body)?))
}

impl World {
    /// Takes one message from the bus.
    pub(crate) fn take(&mut self, message: &Message) {
        match message.message_type() {
            Type::MethodCall => {
                let header = message.header();
                tracing::info!(
                    path = header.path().map(tracing::field::display),
                    call = header.member().map(tracing::field::display)
                );
                let outcome = self.call(message, &header);
                self.answer(message, outcome);
            }
            Type::Signal => {
                let body = message.body();
                let names: Result<(&str, &str, &str), _> = body.deserialize();
                let is_change = message.header().member().is_some_and(|member| member == "NameOwnerChanged");
                if let (true, Ok((name, _, ""))) = (is_change, names) {
                    self.client_left(name);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn answer(&self, call: &Message, outcome: Answer) {
        if call.primary_header().flags().contains(Flags::NoReplyExpected) {
            return;
        }
        match outcome {
            Ok(None) => {}
            Ok(Some(message)) => self.emit(Ok(message)),
            Err(failure) => {
                tracing::info!(%failure, "refused");
                let error = Message::error(&call.header(), failure.name);
                self.emit(error.and_then(|error| error.build(&failure.text)));
            }
        }
    }

    fn call(&mut self, call: &Message, header: &Header<'_>) -> Answer {
        let path = header.path().map_or("", |path| path.as_str());
        let member = header.member().map_or("", |member| member.as_str());
        let interface = header.interface().map_or("", |interface| interface.as_str());
        let place = self.find(path);
        match (interface, member, place) {
            ("org.freedesktop.DBus.Peer", "Ping", _) => reply(call, &()),
            (INTROSPECTABLE, "Introspect", _) => {
                reply(call, &self.introspection(path).ok_or_else(|| Failure::unknown_object(header))?)
            }
            (OBJECT_MANAGER, "GetManagedObjects", _) if path == "/" => self.managed_objects(call),
            (_, _, None) => Err(Failure::unknown_object(header)),
            (PROPERTIES, _, Some(place)) => self.property_call(call, header, member, place),
            (_, _, Some(place)) if interface != place.interface() => Err(Failure::unknown_method(header)),
            (_, _, Some(Place::Adapter)) => self.adapter_call(call, header, member),
            (_, "Connect", Some(Place::Device(index))) => self.connect(index, call),
            (_, "Disconnect", Some(Place::Device(index))) => self.disconnect(index, call),
            (_, _, Some(Place::Characteristic(index, at))) => self.characteristic_call(call, header, member, index, at),
            _ => Err(Failure::unknown_method(header)),
        }
    }

    fn managed_objects(&self, call: &Message) -> Answer {
        let object = |place: Place| Some((OwnedObjectPath::try_from(self.path(place)).ok()?, self.interfaces(place)));
        let objects: HashMap<_, _> = self.places().into_iter().filter_map(object).collect();
        reply(call, &objects)
    }

    fn property_call(&mut self, call: &Message, header: &Header<'_>, member: &str, place: Place) -> Answer {
        let body = call.body();
        match member {
            "GetAll" => {
                let interface: &str = body.deserialize()?;
                if interface == place.interface() {
                    reply(call, &self.properties(place))
                } else {
                    Err(Failure::invalid_arguments())
                }
            }
            "Get" => {
                let (interface, name): (&str, &str) = body.deserialize()?;
                let properties = self.properties(place);
                let value = properties.get(name).filter(|_| interface == place.interface());
                reply(call, value.ok_or_else(|| Failure::unknown_property(name))?)
            }
            "Set" => {
                let (_, name, value): (&str, &str, Value<'_>) = body.deserialize()?;
                match (place, name, value) {
                    (Place::Adapter, "Powered", Value::Bool(on)) => self.set_powered(on)?,
                    (Place::Device(index), "Trusted", Value::Bool(on)) => {
                        if let Some(device) = self.device(index) {
                            device.trusted = on;
                        }
                        self.changed(place, &["Trusted"], &[]);
                    }
                    _ if self.properties(place).contains_key(name) => return Err(Failure::read_only(name)),
                    _ => return Err(Failure::unknown_property(name)),
                }
                reply(call, &())
            }
            _ => Err(Failure::unknown_method(header)),
        }
    }

    fn adapter_call(&mut self, call: &Message, header: &Header<'_>, member: &str) -> Answer {
        let client = header.sender().map_or_else(String::new, ToString::to_string);
        let powered = self.adapter.powered;
        let Some(daemon) = &mut self.daemon else { return Ok(None) };
        match member {
            "SetDiscoveryFilter" => {
                let filter: HashMap<String, OwnedValue> = call.body().deserialize()?;
                let wanted = filter.get("UUIDs").and_then(|uuids| Vec::<String>::try_from(uuids.clone()).ok());
                let wanted: Vec<Uuid> =
                    wanted.unwrap_or_default().iter().filter_map(|uuid| uuid.parse().ok()).collect();
                daemon.filters.insert(client, wanted);
                reply(call, &())
            }
            "StartDiscovery" if !powered => Err(Failure::not_ready()),
            "StartDiscovery" => {
                let first = daemon.discovering.is_empty();
                if !daemon.discovering.insert(client) {
                    return Err(Failure::busy());
                }
                if first {
                    self.changed(Place::Adapter, &["Discovering"], &[]);
                }
                reply(call, &())
            }
            "StopDiscovery" if !powered => Err(Failure::not_ready()),
            "StopDiscovery" => {
                if !daemon.discovering.remove(&client) {
                    return Err(Failure::failed("No discovery started"));
                }
                // As bluetoothd does: the filter goes with the discovery.
                daemon.filters.remove(&client);
                if daemon.discovering.is_empty() {
                    self.discovery_ended();
                }
                reply(call, &())
            }
            "RemoveDevice" => {
                let path: OwnedObjectPath = call.body().deserialize()?;
                let Some(Place::Device(index)) = self.find(path.as_str()) else {
                    return Err(Failure::does_not_exist());
                };
                if !powered {
                    return Err(Failure::not_ready());
                }
                self.answer_connect(index, Err(Failure::failed("br-connection-canceled")));
                self.link_down(index);
                self.remove_object(index);
                reply(call, &())
            }
            _ => Err(Failure::unknown_method(header)),
        }
    }

    fn characteristic_call(
        &mut self,
        call: &Message,
        header: &Header<'_>,
        member: &str,
        index: usize,
        at: usize,
    ) -> Answer {
        let client = header.sender().map_or_else(String::new, ToString::to_string);
        let peripheral = &mut self.peripherals[index];
        let characteristic = peripheral.gatt.characteristics[at].clone();
        let (linked, secret) = (peripheral.linked, peripheral.needs_encryption);
        let Some(device) = self.daemon.as_mut().and_then(|daemon| daemon.devices[index].as_mut()) else {
            return Err(Failure::unknown_object(header));
        };
        let usable = linked && device.resolved;
        match member {
            "StartNotify" => {
                peripheral.air.account.start_notifies += 1;
                if !device.disconnecting.is_empty() {
                    return Err(Failure::not_connected());
                }
                if !characteristic.notifies() {
                    return Err(Failure::not_supported());
                }
                if usable && secret {
                    return Err(Failure::not_permitted("Not paired"));
                }
                device.sessions[at].insert(client);
                // Without a link this is a success too; the link will be told when it comes.
                if usable {
                    self.arm(index, at);
                }
                reply(call, &())
            }
            "StopNotify" => {
                if !device.sessions[at].remove(&client) {
                    return Err(Failure::failed("No notify session started"));
                }
                if device.sessions[at].is_empty() && std::mem::replace(&mut peripheral.armed[at], false) {
                    self.changed(Place::Characteristic(index, at), &["Notifying"], &[]);
                }
                reply(call, &())
            }
            "ReadValue" | "WriteValue" if !usable => Err(Failure::failed("Not connected")),
            "ReadValue" if !characteristic.has("read") => Err(Failure::not_permitted("Read not permitted")),
            "ReadValue" | "WriteValue" if secret => Err(Failure::not_permitted("Not paired")),
            "ReadValue" => {
                let value = peripheral.behaviour.read(characteristic.uuid);
                self.value_changed(index, at, &value);
                reply(call, &value)
            }
            "WriteValue" => {
                let (value, options): (Vec<u8>, HashMap<String, OwnedValue>) = call.body().deserialize()?;
                let kind = options.get("type").and_then(|kind| String::try_from(kind.clone()).ok());
                let has_request = characteristic.has("write");
                let has_command = characteristic.has("write-without-response");
                match kind.as_deref() {
                    Some("request") if !has_request => return Err(Failure::not_permitted("Write not permitted")),
                    None if !has_request && !has_command => return Err(Failure::not_supported()),
                    _ => {}
                }
                let (mtu, now) = (peripheral.mtu, Instant::now());
                peripheral.air.account.writes += 1;
                let answers = peripheral.behaviour.write(characteristic.uuid, &value, mtu, now);
                peripheral.wake.notify_one();
                // The write is confirmed before its answer is notified.
                self.answer(call, reply(call, &()));
                self.hand_over(index, answers);
                Ok(None)
            }
            _ => Err(Failure::unknown_method(header)),
        }
    }
}

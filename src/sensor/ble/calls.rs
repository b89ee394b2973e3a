//! What the supervisor orders, done with btleplug. Each runs on the radio's runtime and is given its time limit by the shell.

use std::sync::Arc;
use std::time::Duration;

use btleplug::api::{Central as _, CharPropFlags, Characteristic, Peripheral as _, ScanFilter, WriteType};
use tokio::time::{sleep, timeout};

use super::ErrorClass;
use super::failure::Failure;
use super::pumps::{consider, pump_notes};
use super::radio::{Shared, lock};
use super::supervisor::Call;
use crate::sensor::{Role, Write};

/// BlueZ says that services are resolved before all of them are there.
const LOOKS: u32 = 4;
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// The reference sensor answers within 1 s.
const ANSWER: Duration = Duration::from_millis(2000);

impl Shared {
    /// Does `call`.
    pub(super) async fn perform(self: Arc<Self>, call: Call) -> Result<(), Failure> {
        match call {
            Call::OpenManager | Call::FindAdapter => self.find_adapter().await,
            Call::StartScan => self.start_scan().await,
            Call::StopScan => self.stop_scan().await,
            Call::Connect => Ok(self.known_sensor()?.connect().await?),
            Call::Disconnect => self.disconnect().await,
            Call::Discover => self.discover().await,
            Call::Configure => self.configure().await,
            Call::KeepAwake => self.keep_awake().await,
            Call::Probe => self.probe().await,
            Call::Forget(in_cache) => self.forget(in_cache).await,
        }
    }

    async fn start_scan(&self) -> Result<(), Failure> {
        let adapter = self.adapter()?;
        // A scan that was left on answers InProgress; one that is not on answers an error here, which is right.
        let _ = adapter.stop_scan().await;
        let services = if self.wanted.address.is_some() { Vec::new() } else { self.wanted.services.clone() };
        let begun = adapter.start_scan(ScanFilter { services }).await.map_err(Failure::from);
        // The object that is unknown is the adapter's.
        let gone = |failure: Failure| match failure.class {
            ErrorClass::UnknownObject => Failure::new(ErrorClass::NoAdapter, failure.text),
            _ => failure,
        };
        begun.map_err(gone)?;
        self.set_scanning(true);
        self.survey().await
    }

    async fn stop_scan(&self) -> Result<(), Failure> {
        self.set_scanning(false);
        Ok(self.adapter()?.stop_scan().await?)
    }

    /// Looks through all devices that BlueZ knows: for one that is connected and so does not advertise, and because events
    /// are known to stop.
    async fn survey(&self) -> Result<(), Failure> {
        for peripheral in self.adapter()?.peripherals().await? {
            // One that vanished meanwhile is not ours.
            let _ = consider(self, peripheral, None).await;
        }
        Ok(())
    }

    async fn disconnect(&self) -> Result<(), Failure> {
        let sensor = self.known_sensor()?;
        if !sensor.is_connected().await? {
            // BlueZ may still be trying to connect: this ends the attempt.
            let _ = sensor.disconnect().await;
            return Err(Failure::new(ErrorClass::NotConnected, "it was not connected"));
        }
        Ok(sensor.disconnect().await?)
    }

    async fn discover(&self) -> Result<(), Failure> {
        let sensor = self.known_sensor()?;
        let mut missing = String::new();
        for look in 0..LOOKS {
            if look > 0 {
                sleep(LOOK_AGAIN).await;
            }
            sensor.discover_services().await?;
            let there = sensor.characteristics();
            let mut found = Vec::new();
            missing.clear();
            for wanted in &self.dialogue.characteristics {
                match there.iter().find(|c| c.uuid == wanted.uuid && c.service_uuid == wanted.service) {
                    Some(characteristic) => found.push((wanted.role, characteristic.clone())),
                    None if wanted.optional => {}
                    None => missing = format!("{:?} ({})", wanted.role, wanted.uuid),
                }
            }
            *lock(&self.found) = found;
            if missing.is_empty() {
                return Ok(());
            }
        }
        let text = format!("found no characteristic for {missing}, expected it by the profile");
        Err(Failure::new(ErrorClass::MissingCharacteristic, text))
    }

    async fn configure(self: &Arc<Self>) -> Result<(), Failure> {
        let sensor = self.known_sensor()?;
        let found = lock(&self.found).clone();
        if !self.has_notes() {
            let roles = found.iter().map(|(role, c)| (c.service_uuid, c.uuid, *role)).collect();
            let pump = pump_notes(self.clone(), sensor.clone(), roles);
            let pump = tokio::spawn(async move {
                if let Err(failure) = pump.await {
                    tracing::warn!(error = failure.text, "The sensor cannot be listened to.");
                }
            });
            self.set_notes(pump.abort_handle());
            self.wait_for_notes().await;
        }
        let is_optional = |role| self.dialogue.characteristics.iter().any(|c| c.role == role && c.optional);
        for (role, characteristic) in &found {
            if characteristic.properties.intersects(CharPropFlags::NOTIFY | CharPropFlags::INDICATE) {
                if is_optional(*role) {
                    // Whatever became of it.
                    let _ = timeout(ANSWER, sensor.subscribe(characteristic)).await;
                } else {
                    sensor.subscribe(characteristic).await?;
                }
            }
        }
        // The last write starts the stream; what the sensor says of itself counts once it was configured.
        let (start, settings) = match self.dialogue.start.split_last() {
            Some((start, settings)) => (Some(start), settings),
            None => (None, &[][..]),
        };
        for write in settings {
            self.write(write).await?;
        }
        for (role, characteristic) in &found {
            if matches!(role, Role::Info | Role::Battery) && characteristic.properties.contains(CharPropFlags::READ) {
                match timeout(ANSWER, sensor.read(characteristic)).await {
                    Ok(Ok(value)) => self.was_read(*role, value)?,
                    _ if is_optional(*role) => {}
                    Ok(Err(error)) => return Err(error.into()),
                    Err(_) => return Err(Failure::timeout()),
                }
            }
        }
        match start {
            Some(start) => self.write(start).await,
            None => Ok(()),
        }
    }

    fn was_read(&self, role: Role, value: Vec<u8>) -> Result<(), Failure> {
        if let (Role::Info, Some(check)) = (role, &self.check_info) {
            check.0(&value).map_err(|text| Failure::new(ErrorClass::Refused, text))?;
        }
        self.queues.note(role, value);
        Ok(())
    }

    /// Writes, and waits for the answer if one is expected.
    pub(super) async fn write(&self, write: &Write) -> Result<(), Failure> {
        let missing = || Failure::new(ErrorClass::MissingCharacteristic, format!("nothing to write {:?} to", write.to));
        let characteristic: Characteristic =
            lock(&self.found).iter().find(|(role, _)| *role == write.to).map(|(_, c)| c.clone()).ok_or_else(missing)?;
        let mut answers = self.queues.answers.subscribe();
        let kind = if write.with_response { WriteType::WithResponse } else { WriteType::WithoutResponse };
        self.known_sensor()?.write(&characteristic, &write.bytes, kind).await?;
        let Some(expected) = &write.answer else { return Ok(()) };
        let answered = timeout(ANSWER, async {
            loop {
                match answers.recv().await {
                    Ok((role, answer)) if role == write.to => {
                        if answer.starts_with(expected) {
                            return Ok(());
                        }
                        let asked = expected.split_last().is_some_and(|(_, command)| answer.starts_with(command));
                        if asked && expected.len() > 1 {
                            let text =
                                format!("it answered {answer:02X?} to {:02X?}, expected {expected:02X?}", write.bytes);
                            return Err(Failure::new(ErrorClass::Refused, text));
                        }
                    }
                    Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(error) => return Err(Failure::new(ErrorClass::Other, error.to_string())),
                }
            }
        });
        let none = || Failure::new(ErrorClass::NoAnswer, format!("no answer to {:02X?} within 2 s", write.bytes));
        answered.await.map_err(|_| none())?
    }

    async fn keep_awake(&self) -> Result<(), Failure> {
        match &self.dialogue.keep_awake {
            Some((write, _)) => self.write(write).await,
            None => Ok(()),
        }
    }

    async fn probe(&self) -> Result<(), Failure> {
        self.check_adapter().await?;
        if self.is_scanning() {
            return self.survey().await;
        }
        match self.sensor() {
            Some(sensor) if !sensor.is_connected().await? => {
                Err(Failure::new(ErrorClass::NotConnected, "BlueZ says that it is not connected"))
            }
            _ => Ok(()),
        }
    }

    async fn forget(&self, in_cache: bool) -> Result<(), Failure> {
        let dropped = self.drop_sensor();
        match dropped {
            Some(sensor) if in_cache => self.bus.remove_device(&sensor.id().to_string()).await,
            _ => Ok(()),
        }
    }

    /// Leaves the sensor as it was found: stopped and disconnected.
    pub(super) async fn take_leave(self: Arc<Self>) {
        if let Some(sensor) = self.sensor() {
            for write in &self.dialogue.stop {
                // It stops streaming by itself when the link goes.
                let _ = timeout(Duration::from_secs(1), self.write(write)).await;
            }
            let _ = timeout(Duration::from_secs(3), sensor.disconnect()).await;
        }
        if self.is_scanning() {
            let _ = timeout(Duration::from_secs(1), self.stop_scan()).await;
        }
    }
}

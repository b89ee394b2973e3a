//! Services and characteristics with the handles by which bluetoothd names their objects.

use uuid::Uuid;

/// The first service's handle: what stands before it (generic access, generic attribute) bluetoothd does not export.
const FIRST_HANDLE: u16 = 0x0010;
const BASE: u128 = 0x0000_0000_0000_1000_8000_0080_5f9b_34fb;

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) uuid: Uuid,
    pub(crate) handle: u16,
}

/// A characteristic; those of one service follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Characteristic {
    pub(crate) uuid: Uuid,
    /// Index into the services.
    pub(crate) service: usize,
    pub(crate) handle: u16,
    /// As `GattCharacteristic1.Flags` names them: `read`, `write`, `notify` …
    pub(crate) flags: Vec<String>,
}

impl Characteristic {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    pub(crate) fn notifies(&self) -> bool {
        self.has("notify") || self.has("indicate")
    }

    /// Handle of the client characteristic configuration, behind declaration and value.
    pub(crate) fn configuration_handle(&self) -> Option<u16> {
        self.notifies().then_some(self.handle + 2)
    }
}

/// All that a sensor offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Gatt {
    pub(crate) services: Vec<Service>,
    pub(crate) characteristics: Vec<Characteristic>,
}

impl Gatt {
    fn next_handle(&self) -> u16 {
        let after = |c: &Characteristic| c.configuration_handle().unwrap_or(c.handle + 1) + 1;
        let characteristic = self.characteristics.last().map(after);
        let service = self.services.last().map(|service| service.handle + 1);
        characteristic.max(service).unwrap_or(FIRST_HANDLE)
    }

    pub(crate) fn add_service(&mut self, uuid: Uuid) {
        let handle = self.next_handle();
        self.services.push(Service { uuid, handle });
    }

    /// Adds to the service added last.
    pub(crate) fn add(&mut self, uuid: Uuid, flags: &[&str]) {
        let handle = self.next_handle();
        let flags = flags.iter().map(|&flag| flag.to_owned()).collect();
        let service = self.services.len().saturating_sub(1);
        self.characteristics.push(Characteristic { uuid, service, handle, flags });
    }

    pub(crate) fn index_of(&self, uuid: Uuid) -> Option<usize> {
        self.characteristics.iter().position(|characteristic| characteristic.uuid == uuid)
    }
}

/// A UUID as written, or `180f` for one of the Bluetooth base.
pub(crate) fn parse_uuid(text: &str) -> Option<Uuid> {
    let short = (text.len() == 4).then(|| u16::from_str_radix(text, 16).ok()).flatten();
    short.map(|short| Uuid::from_u128(BASE | u128::from(short) << 96)).or_else(|| text.parse().ok())
}

/// `00ff10` as bytes; blanks between bytes are allowed.
pub(crate) fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    if digits.len().is_multiple_of(2) { digits.chunks(2).map(pair).collect() } else { None }
}

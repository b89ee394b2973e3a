//! A sensor's name in topics and records: tells sensors apart without giving the radio address away.

use sha2::{Digest as _, Sha256};

/// `s-` and 8 hexadecimal digits of a keyed hash of the radio address. The same key and address give the same id;
/// without the key, which belongs to one installation, the address cannot be found by trying.
pub fn sensor_id(key: &[u8], address: [u8; 6]) -> String {
    // Both lengths are fixed by what stands before them, so that no two inputs run together.
    let mut hasher = Sha256::new();
    hasher.update(b"crampwatch sensor id 1\0");
    hasher.update((key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(address);
    let digest = hasher.finalize();
    format!("s-{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_stable_and_depends_on_key_and_address() {
        let address = [0xC0, 0xFF, 0xEE, 0, 0, 1];
        let id = sensor_id(b"key", address);
        assert_eq!(id, sensor_id(b"key", address));
        assert_eq!((id.len(), &id[..2]), (10, "s-"));
        assert_ne!(id, sensor_id(b"other", address));
        assert_ne!(id, sensor_id(b"key", [0xC0, 0xFF, 0xEE, 0, 0, 2]));
    }
}

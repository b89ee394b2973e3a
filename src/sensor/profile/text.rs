//! Bytes as people write them.

use super::error::Fault;

/// Reads `01 03 ff`; spaces are free.
pub(super) fn hex(key: &str, text: &str) -> Result<Vec<u8>, Fault> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect();
    bytes.filter(|bytes| rest.is_empty() && bytes.len() <= 244).ok_or_else(|| {
        Fault::new(key, format!("{text:?}"), "bytes of two hexadecimal digits each, such as \"01 c8\", at most 244")
    })
}

/// Writes `01 03 FF`.
pub(super) fn write_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_with_or_without_spaces() {
        assert_eq!(hex("k", "01 0aFF").unwrap(), [1, 10, 255]);
        assert_eq!(hex("k", "").unwrap(), [0_u8; 0]);
        assert!(hex("k", "0").is_err() && hex("k", "0x01").is_err() && hex("k", "ä0").is_err());
        assert_eq!(write_hex(&[1, 10, 255]), "01 0A FF");
    }
}

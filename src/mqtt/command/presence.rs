//! Whether somebody lies in bed, as many kinds of sensors say it.

use serde_json::Value;

/// Longest payload that is looked at, in bytes.
const LIMIT_BYTES: usize = 1024;

/// True if somebody lies there, false if nobody does; none if the payload says neither.
///
/// Understood are, in upper or lower case, `ON`, `true`, `1`, `home`, `occupied` and their opposites `OFF`, `false`, `0`,
/// `not_home`, `clear`, and JSON such as `{"occupied":true}`, in which the value may be any of these words too.
pub(crate) fn presence(payload: &[u8]) -> Option<bool> {
    if payload.len() > LIMIT_BYTES {
        return None;
    }
    let text = str::from_utf8(payload).ok()?.trim();
    if !text.starts_with('{') {
        return word(text);
    }
    match serde_json::from_str::<Value>(text).ok()?.get("occupied")? {
        Value::Bool(occupied) => Some(*occupied),
        Value::String(text) => word(text.trim()),
        Value::Number(number) => word(&number.to_string()),
        _ => None,
    }
}

fn word(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "1" | "home" | "occupied" => Some(true),
        "off" | "false" | "0" | "not_home" | "clear" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ON", Some(true))]
    #[case(" on\n", Some(true))]
    #[case("home", Some(true))]
    #[case("not_home", Some(false))]
    #[case("0", Some(false))]
    #[case("clear", Some(false))]
    #[case("{\"occupied\":true,\"battery\":91}", Some(true))]
    #[case("{\"occupied\":\"OFF\"}", Some(false))]
    #[case("{\"occupied\":1}", Some(true))]
    #[case("{\"occupied\":null}", None)]
    #[case("{\"contact\":true}", None)]
    #[case("unavailable", None)]
    #[case("", None)]
    fn the_words_of_many_sensors_are_understood(#[case] payload: &str, #[case] occupied: Option<bool>) {
        assert_eq!(presence(payload.as_bytes()), occupied);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_none(payload: Vec<u8>) {
            let _ = presence(&payload);
        }
    }
}

#![no_main]

use crampwatch::sensor::Profile;
use libfuzzer_sys::fuzz_target;

// Most text is no TOML. So half of the inputs are a compiled-in profile in which a few bytes are exchanged, and the rest
// of the input reaches the decoder of whatever that became.
fuzz_target!(|data: &[u8]| {
    let Some((&[choice, edits], mut rest)) = data.split_first_chunk::<2>() else { return };
    if choice & 1 == 0 {
        if let Ok(text) = std::str::from_utf8(rest) {
            crampwatch_fuzz::profile(text, &[]);
        }
        return;
    }
    let names: Vec<_> = Profile::names().collect();
    let name = names[usize::from(choice >> 1) % names.len()];
    let mut text = Profile::text_of(name).unwrap_or_default().as_bytes().to_vec();
    for _ in 0..edits % 8 {
        let Some((&[low, high, byte], others)) = rest.split_first_chunk::<3>() else { break };
        let place = usize::from(u16::from_le_bytes([low, high])) % text.len();
        text[place] = byte;
        rest = others;
    }
    if let Ok(text) = std::str::from_utf8(&text) {
        crampwatch_fuzz::profile(text, rest);
    }
});

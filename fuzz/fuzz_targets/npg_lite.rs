#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    crampwatch_fuzz::drive(crampwatch_fuzz::decoder("npg-lite-3ch").as_mut(), 70, data);
});

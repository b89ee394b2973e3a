//! Simulated people and nights with known cramps; pure and seeded. It must never do IO or read a clock.

mod second;

pub use second::Second;

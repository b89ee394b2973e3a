//! Crampwatch detects nocturnal leg cramps from a Bluetooth EMG sensor, keeps the night and says so over MQTT.
//!
//! # Layout
//! One direction: [`sensor`] → [`clock`] → [`chunk`]s → [`recording`] and [`signal`] → [`detect`] → [`store`] →
//! [`alarm`] → [`mqtt`]; [`diary`] → [`store`]; [`simulate`] → [`train`] → `models/`.
//! `signal`, `detect`, `alarm`, `advice`, `calibrate` and `simulate` are pure: time and randomness come in as values.
//! ARCHITECTURE.md holds the invariants.

pub mod advice;
pub mod alarm;
pub mod calibrate;
pub mod chunk;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod detect;
pub mod diary;
pub mod doctor;
pub mod mqtt;
pub mod recording;
pub mod report;
pub mod sensor;
pub mod signal;
pub mod simulate;
pub mod store;
pub mod train;
pub mod units;

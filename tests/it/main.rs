//! The integration tests: one binary, a file a topic.

// Helpers beside the test functions may panic as they do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod advice;
mod bad_input;
mod bluetooth;
mod bluetooth_legs;
mod bluetooth_night;
mod bluetooth_profiles;
mod bluetooth_told;
mod bluez;
mod bluez_client;
mod bluez_double;
mod bluez_double_outages;
mod calibrate;
mod calibrated_rest;
mod cli_help;
mod commands;
mod daemon;
mod diary;
mod doctor;
mod evaluate;
mod front_door;
mod full_disk;
mod golden;
mod harness;
mod invariants;
mod label;
mod live_is_replay;
mod lossy_link;
mod odd_sensors;
mod score;
mod soak;
mod train;
mod will;
mod year;

//! Tests of the room as a whole: wire types against the documents, delivery against a real broker.

mod certificates;
mod commands;
mod delivery;
mod doors;
mod embedded;
mod harness;
mod home_assistant;
mod long_night;
mod packaging;
mod payloads;
mod proxy;
mod start_orders;
mod storm;
mod subscriber;
mod tls;
mod will;

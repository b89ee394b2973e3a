//! Tests of the room as a whole: wire types against the documents, delivery against a real broker.

mod delivery;
mod embedded;
mod harness;
mod home_assistant;
mod long_night;
mod payloads;
mod proxy;
mod start_orders;
mod storm;
mod subscriber;
mod will;

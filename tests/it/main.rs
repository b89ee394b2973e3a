//! The integration tests: one binary, a file a topic.

mod bad_input;
mod cli_help;
mod daemon;
mod front_door;
mod harness;
mod invariants;
mod live_is_replay;
mod score;

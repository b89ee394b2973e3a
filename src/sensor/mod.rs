//! Where samples come from: frames, profiles, sources. It must never interpret a signal.
//!
//! Bytes of notifications go through [`Frame::decode`], [`Assembler`] and the [`clock`](crate::clock), which
//! [`Receiver`] ties together; [`SimulatedSource`] makes such bytes, [`ReplaySource`] plays a recording.

mod assemble;
mod counters;
mod frame;
mod frame_error;
mod link_faults;
mod numbering;
mod pace;
mod profile;
mod receive;
mod replay;
mod requantise;
mod simulated;
mod source;

pub use assemble::{Assembler, Placement};
pub use counters::LinkCounters;
pub use frame::{FRAME_VERSION, Frame, FrameHeader, HEADER_BYTES, MOST_EMG_CHANNELS, MOST_FRAME_BYTES, encode_frame};
pub use frame_error::{FrameError, MalformedFrames};
pub use link_faults::LinkFaults;
pub use pace::Pace;
pub use profile::{Find, Gatt, Profile, ProfileError};
pub use receive::Receiver;
pub use replay::{ChunkReader, ReplaySource};
pub use simulated::{SecondSource, SimulatedOptions, SimulatedSource};
pub use source::{NextItem, SensorStatus, Source, SourceError, SourceItem, TimedChunk};

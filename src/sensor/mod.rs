//! Where samples come from: frames, profiles, sources. It must never interpret a signal.
//!
//! Bytes of notifications go through [`Frame::decode`], [`Assembler`] and the [`clock`](crate::clock), which
//! [`Receiver`] ties together; [`SimulatedSource`] makes such bytes, [`ReplaySource`] plays a recording.

mod assemble;
pub mod ble;
mod counters;
pub mod decode;
mod decoder;
mod frame;
mod frame_error;
mod link_faults;
mod link_report;
mod numbering;
mod pace;
pub mod profile;
mod receive;
mod replay;
mod requantise;
mod session;
mod simulated;
mod source;

pub use assemble::{Assembler, Placement};
pub use counters::LinkCounters;
pub use decode::{Pair, PairPart};
pub use decoder::Decoder;
pub use frame::{FRAME_VERSION, Frame, FrameHeader, HEADER_BYTES, MOST_EMG_CHANNELS, MOST_FRAME_BYTES, encode_frame};
pub use frame_error::{FrameError, MalformedFrames};
pub use link_faults::LinkFaults;
pub use link_report::{LinkReport, LinkTrouble, TroubleKind};
pub use pace::Pace;
pub use profile::{Find, Profile, ProfileError, Settings};
pub use receive::Receiver;
pub use replay::{ChunkReader, ReplaySource};
pub use session::{Characteristic, Dialogue, Role, Write};
pub use simulated::{SecondSource, SimulatedOptions, SimulatedSource};
pub use source::{Leaving, NextItem, SensorStatus, Source, SourceError, SourceItem, TimedChunk};

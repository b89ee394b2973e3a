//! Where samples come from: frames, profiles, sources. It must never interpret a signal.

mod assemble;
mod counters;
mod frame;
mod frame_error;
mod numbering;
mod profile;
mod requantise;

pub use assemble::{Assembler, Placement};
pub use counters::LinkCounters;
pub use frame::{FRAME_VERSION, Frame, FrameHeader, HEADER_BYTES, MOST_EMG_CHANNELS, MOST_FRAME_BYTES, encode_frame};
pub use frame_error::{FrameError, MalformedFrames};
pub use profile::{Find, Gatt, Profile, ProfileError};

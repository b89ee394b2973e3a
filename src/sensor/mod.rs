//! Where samples come from: frames, profiles, sources. It must never interpret a signal.

mod frame;
mod frame_error;
mod profile;

pub use frame::{FRAME_VERSION, Frame, FrameHeader, HEADER_BYTES, MOST_EMG_CHANNELS, MOST_FRAME_BYTES, encode_frame};
pub use frame_error::{FrameError, MalformedFrames};
pub use profile::{Find, Gatt, Profile, ProfileError};

//! The raw night as EDF+ segments, and the streaming EDF reader. It must never look at what the samples mean.

mod channels;
pub mod edf;
mod error;
mod night;
mod plan;
mod repair;
pub mod retention;
mod segment;
mod spans;
mod stream;
#[cfg(test)]
mod tests;

pub use channels::ChannelChoice;
pub use error::RecordingError;
pub use night::{NightRecorder, SegmentEvent};
pub use repair::{FolderRepair, RepairedSegment, repair_folder};
pub use segment::SegmentInfo;
pub use stream::EdfStream;

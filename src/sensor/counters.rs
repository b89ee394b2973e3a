//! What happened on a sensor's link, as counts since the stream began.

use crate::sensor::frame_error::MalformedFrames;

/// Counts of one link. Frames: `received` = `decoded` + malformed by their bytes; what was decoded is passed on unless it
/// was `duplicate`, `late` or malformed by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkCounters {
    /// Notifications that arrived.
    pub received: u64,
    /// Frames whose bytes were in order.
    pub decoded: u64,
    /// Frames refused, by kind of error.
    pub malformed: MalformedFrames,
    /// Frames that had arrived before.
    pub duplicate: u64,
    /// Frames that came after a later one and were put back in order.
    pub reordered: u64,
    /// Frames that came when their place had been given up, or that overlap what was passed on.
    pub late: u64,
    /// Places where the stream goes on behind missing samples.
    pub gaps: u64,
    /// EMG samples per channel missing in those gaps; after a restart as estimated from arrival times.
    pub samples_lost: u64,
    /// Frames that the sensor made and that never arrived, by their sequence.
    pub frames_lost: u64,
    /// Times the device counter began anew.
    pub restarts: u64,
    /// Acceleration samples repeated because a frame's block was one or two off.
    pub acc_filled: u64,
    /// Presses of the marker.
    pub markers: u64,
}

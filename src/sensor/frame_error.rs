//! Why a frame was refused, and how often.

use crate::sensor::frame::{FRAME_VERSION, HEADER_BYTES, MOST_EMG_CHANNELS, MOST_FRAME_BYTES};

/// A frame that breaks a rule of the format or does not fit its sensor's profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Less than a header.
    #[error(
        "frame of {found} bytes, expected at least {HEADER_BYTES}; check that the MTU is 247 and that the data characteristic is subscribed"
    )]
    TooShort {
        /// Bytes in the frame.
        found: usize,
    },
    /// More than one notification holds.
    #[error("frame of {found} bytes, expected at most {MOST_FRAME_BYTES}; send fewer samples in a frame")]
    TooLong {
        /// Bytes in the frame.
        found: usize,
    },
    /// Another format version.
    #[error("frame format version {found}, expected {FRAME_VERSION}; update the sensor's firmware or Crampwatch")]
    WrongVersion {
        /// Byte 0.
        found: u8,
    },
    /// A flag that version 1 does not know.
    #[error("frame flags {found:#04x}, expected only bits 0 and 1; set the reserved bits to zero")]
    UnknownFlags {
        /// Byte 1.
        found: u8,
    },
    /// A battery that is no percentage.
    #[error("battery {found}, expected 0 to 100 percent or 255 for unknown")]
    WrongBattery {
        /// Byte 10.
        found: u8,
    },
    /// No channel, or more than the format has.
    #[error("{found} EMG channels, expected 1 to {MOST_EMG_CHANNELS}")]
    WrongChannels {
        /// Channels in the frame.
        found: usize,
    },
    /// A frame without EMG.
    #[error("frame without EMG samples, expected at least one; a sensor without data sends no frame")]
    NoSamples,
    /// The counts in the header and the length do not agree.
    #[error(
        "frame of {found} bytes, expected {expected} from its sample counts; it was cut off or joined with another"
    )]
    LengthMismatch {
        /// Bytes in the frame.
        found: usize,
        /// Bytes that the header announces.
        expected: usize,
    },
    /// A valid frame with another number of channels than the sensor's profile.
    #[error("{found} EMG channels, expected {expected}; name the channels of this sensor in its profile")]
    OtherChannels {
        /// Channels in the frame.
        found: usize,
        /// Channels in the profile.
        expected: usize,
    },
    /// The acceleration samples are not those that belong to the frame's EMG stretch.
    #[error(
        "{found} acceleration samples from {offset} beside the expected place, expected {expected}; see the counter rules in docs/ble-protocol.md"
    )]
    OtherAcceleration {
        /// Samples per axis in the frame.
        found: usize,
        /// Samples per axis that belong to its EMG.
        expected: usize,
        /// First index found minus first index expected.
        offset: i64,
    },
    /// The device counter jumped in a way that neither loss nor a restart explains.
    #[error("device counter {found}, expected about {expected}; no second frame went on from it")]
    WrongCounter {
        /// Counter in the frame.
        found: u32,
        /// Counter that continues the stream.
        expected: u32,
    },
    /// A byte that the sensor's profile fixes, or a frame type, is another.
    #[error("byte {at} of a frame is {found:#04x}, expected {expected}; does the sensor's profile fit its firmware?")]
    OtherByte {
        /// Place in the frame.
        at: usize,
        /// What stands there.
        found: u8,
        /// What may stand there.
        expected: &'static str,
    },
}

/// How many frames were refused, by the kind of [`FrameError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MalformedFrames {
    /// [`FrameError::TooShort`].
    pub too_short: u64,
    /// [`FrameError::TooLong`].
    pub too_long: u64,
    /// [`FrameError::WrongVersion`] and [`FrameError::OtherByte`].
    pub wrong_version: u64,
    /// [`FrameError::UnknownFlags`].
    pub unknown_flags: u64,
    /// [`FrameError::WrongBattery`].
    pub wrong_battery: u64,
    /// [`FrameError::WrongChannels`] and [`FrameError::OtherChannels`].
    pub wrong_channels: u64,
    /// [`FrameError::NoSamples`].
    pub no_samples: u64,
    /// [`FrameError::LengthMismatch`].
    pub length_mismatch: u64,
    /// [`FrameError::OtherAcceleration`].
    pub other_acceleration: u64,
    /// [`FrameError::WrongCounter`].
    pub wrong_counter: u64,
}

impl MalformedFrames {
    /// Counts one refused frame.
    pub fn count(&mut self, error: &FrameError) {
        *match error {
            FrameError::TooShort { .. } => &mut self.too_short,
            FrameError::TooLong { .. } => &mut self.too_long,
            FrameError::WrongVersion { .. } | FrameError::OtherByte { .. } => &mut self.wrong_version,
            FrameError::UnknownFlags { .. } => &mut self.unknown_flags,
            FrameError::WrongBattery { .. } => &mut self.wrong_battery,
            FrameError::WrongChannels { .. } | FrameError::OtherChannels { .. } => &mut self.wrong_channels,
            FrameError::NoSamples => &mut self.no_samples,
            FrameError::LengthMismatch { .. } => &mut self.length_mismatch,
            FrameError::OtherAcceleration { .. } => &mut self.other_acceleration,
            FrameError::WrongCounter { .. } => &mut self.wrong_counter,
        } += 1;
    }

    /// All refused frames.
    pub fn total(&self) -> u64 {
        self.too_short
            + self.too_long
            + self.wrong_version
            + self.unknown_flags
            + self.wrong_battery
            + self.wrong_channels
            + self.no_samples
            + self.length_mismatch
            + self.other_acceleration
            + self.wrong_counter
    }
}

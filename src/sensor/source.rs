//! What every source of samples gives: timed chunks, the link's state and the stream's present.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::chunk::{Chunk, StreamLayout};
use crate::sensor::counters::LinkCounters;
use crate::sensor::frame_error::FrameError;
use crate::sensor::link_report::LinkReport;
use crate::sensor::profile::ProfileError;
use crate::units::{Rate, UtcMicros};

/// A chunk with the time of its first EMG sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedChunk {
    /// The samples.
    pub chunk: Chunk,
    /// UTC of the first EMG sample.
    pub start_at: UtcMicros,
}

/// How a sensor and its link are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SensorStatus {
    /// Battery in percent, if the sensor knows it.
    pub battery_pct: Option<u8>,
    /// Received signal strength in dBm, if there is a radio.
    pub rssi_dbm: Option<i16>,
    /// The electrodes were on the skin in the newest samples.
    pub contact: bool,
    /// Counts since the stream began.
    pub counters: LinkCounters,
}

/// What a source gives at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceItem {
    /// New samples in order; empty while nothing arrives.
    pub chunks: Vec<TimedChunk>,
    /// State of sensor and link.
    pub status: Option<SensorStatus>,
    /// The stream's present: time has come this far, whether samples arrived or not. It never goes back, and it goes on
    /// through a drop-out, so that data age can be told without a clock.
    pub now: UtcMicros,
}

/// The future of [`Source::next`].
pub type NextItem<'a> = Pin<Box<dyn Future<Output = Result<Option<SourceItem>, SourceError>> + Send + 'a>>;

/// What a source still had when it was left, in time.
pub type Leaving = Pin<Box<dyn Future<Output = Vec<SourceItem>> + Send>>;

/// Where samples come from: simulated, replayed, or a radio.
///
/// A radio pushes each notification into a [`Decoder`](super::Decoder) with its arrival time, and gives an item at least
/// each second while nothing arrives.
pub trait Source: Send + fmt::Debug {
    /// What the chunks carry.
    fn layout(&self) -> &StreamLayout;
    /// Name of the source in logs and records.
    fn id(&self) -> &str;
    /// The next item; `None` at the end of a finite source. Dropping the future loses nothing: the next call goes on.
    ///
    /// # Errors
    /// A [`SourceError`] ends the source; a bad frame does not, it is counted.
    fn next(&mut self) -> NextItem<'_>;
    /// Ends it in order, which may take seconds: a real sensor is stopped and disconnected. Gives what it still had.
    fn leave(self: Box<Self>) -> Leaving {
        Box::pin(async { Vec::new() })
    }
    /// How its link stands now; `None` for a source without one.
    fn link_report(&self) -> Option<LinkReport> {
        None
    }
}

/// Why a source cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The sensor's profile.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Samples that make no frame.
    #[error("samples of {id} make no frame: {source}; check frame.emg_samples_per_channel of its profile")]
    Frame {
        /// The source.
        id: String,
        /// What the encoder refused.
        source: FrameError,
    },
    /// Simulation goes by whole seconds.
    #[error("{id} cannot simulate {rate}, expected a whole number of samples each second; simulate another profile")]
    RateNotWhole {
        /// The source.
        id: String,
        /// Rate in the profile.
        rate: Rate,
    },
    /// A simulated second of another size than the profile says.
    #[error(
        "a second of {id} has {found} {what} values, expected {expected}; simulate with the rates and channels of the profile"
    )]
    WrongSecond {
        /// The source.
        id: String,
        /// `EMG` or `acceleration`.
        what: &'static str,
        /// Values in the second.
        found: usize,
        /// Rate times channels.
        expected: usize,
    },
    /// A profile that is neither built in nor a file.
    #[error(
        "cannot read the sensor profile {profile:?}: {source}; set sensor.bluetooth.profile to a built-in one \
         (\"leg-sensor\") or to the path of a file"
    )]
    ProfileFile {
        /// Name or path in the configuration.
        profile: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A profile that brings no EMG, or a pair that brings no acceleration.
    #[error(
        "{found}; sensor.bluetooth.profile must be a sensor with EMG, and [sensor.bluetooth.acceleration] one with \
         acceleration: `crampwatch firmware-config list` says which is which"
    )]
    NoLeg {
        /// What is missing.
        found: String,
    },
    /// Bluetooth over a bus that is dead for this process.
    #[error(
        "the system bus does not answer, and new connections to it did not help; the daemon ends so that systemd starts \
         it again: if it stays so, systemctl restart dbus bluetooth"
    )]
    BusDead,
    /// The task of the link is gone.
    #[error(
        "the Bluetooth link ended by itself, which it never should; it is begun anew (please report what the log says above)"
    )]
    LinkEnded,
    /// The clock was set, or the machine slept: times counted since the source began are wrong from here on.
    #[error(
        "the clock has moved by {by_s:.0} s against the time that went by (it was set, or the machine slept); the sensor's times are begun anew"
    )]
    ClockStepped {
        /// How far, in seconds; negative: back.
        by_s: f64,
    },
    /// A recording cannot be read on.
    #[error("{id} cannot be read: {source}")]
    Read {
        /// The source.
        id: String,
        /// What the reader said.
        source: Box<dyn Error + Send + Sync>,
    },
}

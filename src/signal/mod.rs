//! Filters, baseline, quality, windows and features; pure. It must never do IO, read a clock or spawn.
//!
//! [`Conditioner`] turns samples into quarter-second [`Quarter`]s; [`Baseline`] follows the quiet level;
//! [`FeatureExtractor`] looks back over quarters and gives one [`FeatureRow`] a hop.

mod acc_sums;
mod baseline;
mod cascade;
mod conditioner;
mod context;
mod emg_chain;
mod envelope_spectrum;
mod feature_names;
mod features;
mod features_held;
mod filter;
mod known_rest;
mod motion;
mod quality;
mod quarter;
mod recent;
mod since_onset;
mod spike_intervals;
mod unsteady;

pub use baseline::{Baseline, BaselineState};
pub use cascade::{BandPass, Notches};
pub use conditioner::Conditioner;
pub use feature_names::{FEATURE_SET, N_FEATURES, feature_index, feature_names};
pub use features::{FeatureExtractor, FeatureRow};
pub use filter::{Section, bandpass, emg_filter, notch};
pub use motion::MotionState;
pub use quality::Quality;
pub use quarter::{AccQuarter, EmgQuarter, MAX_EMG_CHANNELS, Quarter, SUB_BLOCKS};

/// Errors of the signal room.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SignalError {
    /// The EMG rate is outside what the filters and features are made for.
    #[error("EMG at {found_hz} Hz; expected 200 to 4000 Hz: record at such a rate or resample")]
    EmgRate {
        /// Rate found.
        found_hz: f64,
    },
    /// The acceleration rate is outside what the motion features are made for.
    #[error("acceleration at {found_hz} Hz; expected 10 to 400 Hz: leave it out or resample")]
    AccRate {
        /// Rate found.
        found_hz: f64,
    },
    /// Too few or too many EMG channels.
    #[error("{found} EMG channels; expected 1 to 4: choose them by label")]
    EmgChannels {
        /// Channels found.
        found: usize,
    },
    /// The band-pass could not be designed.
    #[error("no band-pass from {low_hz} to {high_hz} Hz at {sample_rate_hz} Hz: the band must lie below half the rate")]
    Band {
        /// Lower edge.
        low_hz: f64,
        /// Upper edge.
        high_hz: f64,
        /// Sample rate.
        sample_rate_hz: f64,
    },
}

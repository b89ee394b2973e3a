//! How well the electrodes hold, second by second: gain of the muscle, mains and noise.

use super::course::smooth_step;
use super::slow::Drift;
use crate::simulate::dice::Dice;

/// What changes the contact.
#[derive(Debug)]
pub(super) enum Change {
    /// Sweat: the gain falls to this value for good, the baseline wanders more.
    Sweat(f64),
    /// More mains, µV.
    Mains(f64),
    /// So many times as much mains.
    MainsFactor(f64),
    /// A factor on the noise.
    Noise(f64),
    /// Mains of this level and noise, both flickering.
    Loose { mains_uv: f64, mains: Drift, noise: Drift },
    /// No muscle at all, this much mains and a factor on the noise.
    Off { mains_uv: f64, noise: f64 },
}

/// A change over a span of the night.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) start_s: f64,
    pub(super) end_s: f64,
    pub(super) change: Change,
}

/// The contact at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contact {
    /// Factor on muscle, 0 to 1.
    pub(super) gain: f64,
    /// Amplitude of mains, µV.
    pub(super) mains_uv: f64,
    /// Factor on the noise.
    pub(super) noise: f64,
    /// Factor on the baseline's wander.
    pub(super) wander: f64,
}

/// What sweat leaves of the gain at a time.
pub(super) fn sweat_gain(start_s: f64, end_s: f64, least: f64, at_s: f64) -> f64 {
    1.0 - (1.0 - least) * smooth_step((at_s - start_s) / (end_s - start_s).max(1.0))
}

/// The contact at a whole second, to be asked in turn.
pub(super) fn contact_at(spans: &mut [Span], at_s: f64, mains_uv: f64, dice: &mut Dice) -> Contact {
    let mut contact = Contact { gain: 1.0, mains_uv, noise: 1.0, wander: 1.0 };
    for span in spans {
        if let Change::Sweat(least) = span.change {
            contact.gain *= sweat_gain(span.start_s, span.end_s, least, at_s);
            contact.wander += 4.0 * smooth_step((at_s - span.start_s) / (span.end_s - span.start_s).max(1.0));
        }
        if !(span.start_s.floor()..span.end_s.floor()).contains(&at_s) {
            continue;
        }
        match &mut span.change {
            Change::Sweat(_) => {}
            Change::Mains(more_uv) => contact.mains_uv += *more_uv,
            Change::MainsFactor(factor) => contact.mains_uv *= *factor,
            Change::Noise(factor) => contact.noise *= *factor,
            Change::Loose { mains_uv, mains, noise } => {
                contact.mains_uv += *mains_uv * mains.next(dice).abs();
                contact.noise *= 1.0 + 0.5 * noise.next(dice).abs();
            }
            Change::Off { mains_uv, noise } => {
                contact.gain = 0.0;
                contact.mains_uv = *mains_uv;
                contact.noise *= *noise;
            }
        }
    }
    contact
}

//! Whether a quarter second of EMG can be believed.

/// The verdict on a quarter second. Everything but [`Quality::Good`] is "no data" to the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quality {
    /// Usable.
    Good,
    /// Samples are missing.
    Incomplete,
    /// Samples are there, but the filters have just been restarted.
    WarmUp,
    /// The sensor says that the electrodes are off.
    LeadOff,
    /// The amplifier is at its limit.
    Clipped,
    /// The same value again and again: nothing is connected.
    Flat,
    /// Nearly all is mains: an electrode is loose.
    Mains,
}

/// What quality is judged from, over one quarter second and all its EMG channels.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Evidence {
    /// Samples per channel.
    pub(crate) n_samples: u64,
    /// Most samples at a digital limit, of any channel.
    pub(crate) n_clipped: u64,
    /// Most samples equal to their predecessor, of any channel.
    pub(crate) n_repeated: u64,
    /// Band-passed mean square before the notches, µV², of the worst channel.
    pub(crate) mains_power_uv2: f64,
    /// Share of it that was mains, 0 to 1.
    pub(crate) mains_share: f64,
}

/// More than this share of samples at the limit is clipped.
const CLIPPED_SHARE: f64 = 0.02;
/// More than this share of repeated samples is flat. Quiet 12-bit sensors repeat often, so it is high.
const REPEATED_SHARE: f64 = 0.95;
/// From this share on, mains dominates ...
const MAINS_SHARE: f64 = 0.9;
/// ... if it is also strong (µV RMS): a quiet muscle beside a weak hum is still a quiet muscle.
const MAINS_RMS_UV: f64 = 25.0;

impl Evidence {
    /// The verdict for complete quarters with the electrodes on.
    pub(crate) fn judge(&self) -> Quality {
        let n = self.n_samples.max(1) as f64;
        if self.n_clipped as f64 > CLIPPED_SHARE * n {
            Quality::Clipped
        } else if self.n_repeated as f64 > REPEATED_SHARE * n {
            Quality::Flat
        } else if self.mains_share > MAINS_SHARE && self.mains_power_uv2 > MAINS_RMS_UV * MAINS_RMS_UV {
            Quality::Mains
        } else {
            Quality::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_name() {
        let good = Evidence { n_samples: 250, ..Evidence::default() };
        assert_eq!(good.judge(), Quality::Good);
        assert_eq!(Evidence { n_clipped: 10, ..good }.judge(), Quality::Clipped);
        assert_eq!(Evidence { n_repeated: 249, ..good }.judge(), Quality::Flat);
        assert_eq!(Evidence { mains_share: 0.97, mains_power_uv2: 4000.0, ..good }.judge(), Quality::Mains);
        assert_eq!(Evidence { mains_share: 0.97, mains_power_uv2: 100.0, ..good }.judge(), Quality::Good);
    }
}

//! A quiet level from a calibration: believed only once it is heard.
//!
//! The electrodes may sit elsewhere than they did then. A level that is too low would make a quiet leg look busy, so it is
//! taken only after a second at about that level; after a minute without one the leg's own learning has the better word.

use super::Baseline;
use super::quarter::EmgQuarter;

/// Good quarters at about the known level, one after the other, that confirm it: 1 s.
const CONFIRMING_QUARTERS: u32 = 4;
/// Good quarters (60 s) after which it is dropped.
const PATIENCE_QUARTERS: u32 = 240;
/// RMS over the known level that confirms it: quiet stays below one and a half times its level, where rows begin to be judged.
const CONFIRMING_RATIOS: std::ops::Range<f64> = 0.6..1.5;

/// Quiet levels that are yet to be confirmed, one a channel.
#[derive(Debug, Clone)]
pub(crate) struct KnownRest {
    quiet_uv: Vec<f64>,
    confirming: u32,
    heard: u32,
}

impl KnownRest {
    pub(crate) fn new(quiet_uv: &[f64]) -> Self {
        Self { quiet_uv: quiet_uv.to_vec(), confirming: 0, heard: 0 }
    }

    /// Takes a good quarter; puts the levels into `baselines` when they are confirmed. `None` when it is done with.
    pub(crate) fn hear(mut self, emg: &[EmgQuarter], baselines: &mut [Baseline]) -> Option<Self> {
        let is_quiet = |(known, channel): (&f64, &EmgQuarter)| CONFIRMING_RATIOS.contains(&(channel.rms_uv() / known));
        self.confirming = if self.quiet_uv.iter().zip(emg).all(is_quiet) { self.confirming + 1 } else { 0 };
        self.heard += 1;
        if self.confirming >= CONFIRMING_QUARTERS {
            for (baseline, known) in baselines.iter_mut().zip(&self.quiet_uv) {
                *baseline = Baseline::known(*known);
            }
            return None;
        }
        (self.heard < PATIENCE_QUARTERS).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rms_uv: f64) -> [EmgQuarter; 2] {
        [EmgQuarter { power_uv2: rms_uv * rms_uv, ..EmgQuarter::default() }; 2]
    }

    /// The quiet level after these quarters, learnt as the extractor does.
    fn after(levels_uv: &[f64]) -> Option<f64> {
        let mut baselines = [Baseline::default(), Baseline::default()];
        let mut known = Some(KnownRest::new(&[4.0, 4.0]));
        for level_uv in levels_uv {
            baselines.iter_mut().for_each(|baseline| baseline.add(*level_uv));
            known = known.and_then(|known| known.hear(&at(*level_uv), &mut baselines));
        }
        baselines[1].quiet_uv()
    }

    #[test]
    fn a_second_of_the_known_quiet_confirms_it() {
        assert_eq!(after(&[4.2; 3]), None);
        assert!((after(&[4.2; 4]).unwrap() / 4.0 - 1.0).abs() < 0.05);
        assert_eq!(after(&[4.2, 4.2, 9.0, 4.2, 4.2]), None);
    }

    #[test]
    fn a_leg_that_sounds_otherwise_learns_its_own_level() {
        assert_eq!(after(&[12.0; 239]), None);
        assert!((after(&[12.0; 240]).unwrap() / 12.0 - 1.0).abs() < 0.1);
        // Later quiet does not bring the old level back.
        let later: Vec<f64> = [[12.0; 400].as_slice(), &[4.0; 8]].concat();
        assert!(after(&later).unwrap() > 10.0);
    }
}

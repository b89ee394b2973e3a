//! When a motor unit fires: a clock that runs faster with the drive, with intervals as irregular as asked.

use crate::simulate::dice::Dice;

/// Rates are constant for this long, s.
pub(super) const FRAME_S: f64 = 0.005;
/// Frames in a second.
pub(super) const FRAMES: u32 = 200;

/// The family of the interval distribution; the true one of a cramp is unknown, so it varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    Gamma,
    LogNormal,
    Normal,
}

impl Law {
    /// Any law for a contraction; the normal one cannot be as irregular as a cramp.
    pub(super) fn random(dice: &mut Dice, irregular: bool) -> Self {
        match dice.index(if irregular { 2 } else { 3 }) {
            0 => Self::Gamma,
            1 => Self::LogNormal,
            _ => Self::Normal,
        }
    }

    /// An interval of mean 1.
    fn draw(self, variation: f64, dice: &mut Dice) -> f64 {
        match self {
            Self::Gamma => dice.gamma(1.0, variation),
            Self::LogNormal => {
                let spread = (1.0 + variation * variation).ln();
                dice.log_normal((-0.5 * spread).exp(), spread.sqrt())
            }
            Self::Normal => (1.0 + variation * dice.normal().clamp(-3.0, 3.0)).max(0.15),
        }
    }
}

/// The clock of one unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    law: Law,
    variation: f64,
    /// What is left of the running interval, in mean intervals.
    left: f64,
}

impl Clock {
    /// Intervals with this coefficient of variation at a constant rate.
    pub(super) fn new(law: Law, variation: f64, dice: &mut Dice) -> Self {
        Self { law, variation, left: dice.unit() }
    }

    /// One frame at `rate_hz`: where in the frame (0 to 1) the unit fires, if it does.
    #[inline]
    pub(super) fn tick(&mut self, rate_hz: f64, dice: &mut Dice) -> Option<f64> {
        let step = rate_hz * FRAME_S;
        self.left -= step;
        if self.left > 0.0 {
            return None;
        }
        let at = (1.0 + self.left / step).clamp(0.0, 1.0);
        self.left += self.law.draw(self.variation, dice);
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_keeps_the_asked_rate_and_variation() {
        for (law, variation) in [(Law::Gamma, 0.45), (Law::LogNormal, 0.45), (Law::Normal, 0.15), (Law::Gamma, 0.15)] {
            let mut dice = Dice::new(5, 0);
            let mut clock = Clock::new(law, variation, &mut dice);
            let fire = |frame: u32| clock.tick(15.0, &mut dice).map(|at| (f64::from(frame) + at) * FRAME_S);
            let times: Vec<f64> = (0..400_000).filter_map(fire).collect();
            let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
            assert!((mean * 15.0 - 1.0).abs() < 0.02, "{law:?} {mean}");
            assert!((variance.sqrt() / mean - variation).abs() < 0.02, "{law:?} {variance}");
        }
    }
}

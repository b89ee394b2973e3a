//! Discharges as renewals: gamma intervals in time that the unit's own rate stretches.

use super::course::STEP_S;
use crate::simulate::dice::Dice;

/// Least time between two discharges, seconds.
const REFRACTORY_S: f64 = 0.004;

/// Tells each discharge, in seconds from the start, of a unit with these rates (one a step, in Hz; 0: silent), this
/// coefficient of variation of its intervals and this share of doublets.
pub(super) fn discharges(
    rates_hz: impl Iterator<Item = f64>,
    variation: f64,
    doublets: f64,
    dice: &mut Dice,
    mut emit: impl FnMut(f64),
) {
    let mut phase = 0.0;
    let mut planned = 0.0;
    let mut is_on = false;
    let mut last_s = -1.0;
    for (step, rate_hz) in rates_hz.enumerate() {
        if rate_hz <= 0.0 {
            is_on = false;
            continue;
        }
        if !is_on {
            is_on = true;
            phase = 0.0;
            planned = dice.gamma(1.0, variation) * dice.unit();
        }
        phase += rate_hz * STEP_S;
        while phase >= planned {
            let at_s = (step + 1) as f64 * STEP_S - (phase - planned) / rate_hz;
            phase -= planned;
            // Never nothing, or this would not end.
            planned = dice.gamma(1.0, variation).max(1e-3);
            if at_s - last_s > REFRACTORY_S {
                emit(at_s);
                last_s = at_s;
                if doublets > 0.0 && dice.chance(doublets) {
                    last_s = at_s + 0.006 + 0.009 * dice.unit();
                    emit(last_s);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_drive_gives_the_asked_rate_and_variation() {
        let mut dice = Dice::new(1, 0);
        let mut times = Vec::new();
        discharges(std::iter::repeat_n(12.0, 100_000), 0.2, 0.0, &mut dice, |at_s| times.push(at_s));
        let intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
        let deviation =
            (intervals.iter().map(|interval| (interval - mean).powi(2)).sum::<f64>() / intervals.len() as f64).sqrt();
        assert!((mean * 12.0 - 1.0).abs() < 0.01 && (deviation / mean - 0.2).abs() < 0.01, "{mean} {deviation}");
    }

    #[test]
    fn a_silent_unit_stays_silent() {
        discharges(std::iter::repeat_n(0.0, 1000), 0.2, 0.5, &mut Dice::new(1, 0), |at_s| panic!("{at_s}"));
    }
}

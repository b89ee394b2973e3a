//! What a single cramp will be like: drawn when the night is planned.

use super::dice::Dice;

/// How a cramp ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ending {
    /// Units drop out one by one over this many seconds, patchily.
    Taper(f64),
    /// A stretch ends it at once.
    Stretch,
}

/// The course of a cramp (evidence 1.1, 1.2 and 4.3).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CrampCourse {
    /// 0 medial, 1 lateral.
    pub(crate) head: usize,
    /// Plateau on the head's own channel in µV RMS.
    pub(crate) level_uv: f64,
    /// Start of the first discharges, seconds of the night.
    pub(crate) start_s: f64,
    /// Time from the start until units only turn over, or are stretched away.
    pub(crate) length_s: f64,
    /// Units join during this time, 0.7–10 s.
    pub(crate) ramp_s: f64,
    /// How it ends.
    pub(crate) ending: Ending,
    /// Mean and standard deviation over units of the rate in pulses per second (20 ± 6).
    pub(crate) rate_pps: (f64, f64),
    /// Coefficient of variation of the intervals of a unit, common drift included (0.45 ± 0.10).
    pub(crate) interval_variation: f64,
    /// Share of intervals that are doublets of 6–15 ms (0.04).
    pub(crate) doublets: f64,
    /// Common drift of the rates: low-pass in Hz (1.4 ± 0.4), relative standard deviation, share of units that follow.
    pub(crate) drift: (f64, f64, f64),
    /// Share of the units in the territory that are active at a time, 0.25–0.85.
    pub(crate) active_share: f64,
    /// Mean time for which a unit stays active, 10–50 s.
    pub(crate) active_s: f64,
    /// Radius of the territory in mm, 6–18.
    pub(crate) radius_mm: f64,
    /// Speed of its centre in mm/s, 0.05–0.5.
    pub(crate) speed_mm_s: f64,
    /// Factor on the time scale of the potentials: below 1 they are shorter than in voluntary contraction.
    pub(crate) potential_factor: f64,
}

impl CrampCourse {
    /// A spinal cramp that starts at `start_s` and, left alone, lasts `length_s`.
    pub(crate) fn random(dice: &mut Dice, head: usize, level_uv: f64, start_s: f64, length_s: f64) -> Self {
        Self {
            head,
            level_uv,
            start_s,
            length_s,
            ramp_s: dice.log_uniform(0.7, 10.0).min(0.6 * length_s),
            ending: Ending::Taper(dice.log_uniform(2.0, 30.0)),
            rate_pps: (dice.uniform(14.0, 26.0), dice.uniform(3.0, 7.0)),
            interval_variation: (0.45 + 0.09 * dice.normal()).clamp(0.28, 0.70),
            doublets: dice.uniform(0.0, 0.08),
            drift: ((1.4 + 0.4 * dice.normal()).clamp(0.5, 2.6), dice.uniform(0.08, 0.42), dice.uniform(0.15, 1.0)),
            active_share: dice.uniform(0.25, 0.85),
            active_s: dice.log_uniform(10.0, 50.0),
            radius_mm: dice.log_uniform(6.0, 18.0),
            speed_mm_s: dice.uniform(0.05, 0.5),
            potential_factor: dice.log_normal(0.95, 0.12).clamp(0.65, 1.2),
        }
    }

    /// A short cramp as under a nerve block: 2–5 s, higher rates, units that stay on for about a second.
    pub(crate) fn peripheral(dice: &mut Dice, head: usize, level_uv: f64, start_s: f64) -> Self {
        let length_s = dice.uniform(1.5, 4.0);
        Self {
            ramp_s: dice.uniform(0.2, 0.8),
            ending: Ending::Taper(dice.uniform(0.5, 1.5)),
            rate_pps: (25.0, 8.0),
            active_s: dice.uniform(0.7, 2.0),
            ..Self::random(dice, head, level_uv, start_s, length_s)
        }
    }

    /// When nothing of the cramp is left.
    pub(crate) fn end_s(&self) -> f64 {
        let rest_s = match self.ending {
            Ending::Taper(taper_s) => 3.0 * taper_s,
            Ending::Stretch => 1.0,
        };
        self.start_s + self.length_s + rest_s
    }
}

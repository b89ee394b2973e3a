//! Units that fire by themselves: fasciculations, fragmentary myoclonus, the twitches of REM sleep.

use super::part::{Mix, Part};
use super::potential::{Potential, Territory};
use crate::simulate::dice::Dice;

/// What one twitch looks like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pattern {
    /// One discharge, at times followed by an F-wave-like second one after 10 to 110 ms.
    Single,
    /// A few units at random times within a burst of this many seconds, shortest and longest.
    Burst(f64, f64),
}

/// Twitches at random times with a mean rate.
#[derive(Debug)]
pub(super) struct Twitches {
    pub(super) end_s: f64,
    pub(super) per_s: f64,
    pub(super) pattern: Pattern,
    /// Median height of a twitch's largest unit, µV.
    pub(super) peak_uv: f64,
    /// The leg's answer to a twitch, g.
    pub(super) shake_g: f64,
    pub(super) dice: Dice,
    pub(super) units: Vec<Potential>,
    pub(super) next_s: f64,
}

impl Twitches {
    /// Twitches from `start_s` to `end_s`.
    pub(super) fn new(
        span_s: (f64, f64),
        per_s: f64,
        pattern: Pattern,
        peak_uv: f64,
        shake_g: f64,
        dice: &mut Dice,
    ) -> Self {
        let mut dice = Dice::new(dice.seed(), 0x7716);
        let next_s = span_s.0 + dice.exponential(1.0 / per_s);
        Self { end_s: span_s.1, per_s, pattern, peak_uv, shake_g, dice, units: Vec::new(), next_s }
    }

    fn begin(&mut self, mix: &Mix) {
        let count = match self.pattern {
            Pattern::Single => 1 + self.dice.index(3),
            Pattern::Burst(..) => 3 + self.dice.index(6),
        };
        let territory = Territory { lateral_mm: self.dice.uniform(-15.0, 15.0), radius_mm: 8.0 };
        let unit = |_| Potential::random(&mix.tissue, &mix.grid, territory, 1.0, &mut self.dice);
        self.units = (0..count).map(unit).collect();
    }

    /// One twitch at `at_s` into the second; what would fall far into the next second is moved to this one's end.
    fn twitch(&mut self, at_s: f64, mix: &mut Mix) {
        let dice = &mut self.dice;
        let rate = mix.rate_hz as f64;
        let height = self.peak_uv * dice.log_normal(1.0, 0.4);
        let mut discharge = |unit: &Potential, at_s: f64, height: f64| {
            unit.add(at_s.min(0.999) * rate, (height / unit.peak.max(1e-12)) as f32, &mut mix.muscle);
        };
        match self.pattern {
            Pattern::Single => {
                let unit = &self.units[dice.index(self.units.len())];
                discharge(unit, at_s, height);
                if dice.chance(0.12) {
                    discharge(unit, at_s + dice.uniform(0.01, 0.11), height);
                }
            }
            Pattern::Burst(shortest_s, longest_s) => {
                let burst_s = dice.log_uniform(shortest_s, longest_s);
                let discharges = (self.units.len() as f64 * (1.0 + 18.0 * burst_s) * dice.uniform(0.5, 1.0)) as usize;
                for _ in 0..discharges.max(2) {
                    let unit = &self.units[dice.index(self.units.len())];
                    discharge(unit, at_s + burst_s * dice.unit(), height * dice.uniform(0.2, 1.0));
                }
            }
        }
        let from = (at_s * mix.acc_rate_hz as f64) as usize;
        let direction = dice.direction();
        for (index, sample) in mix.shake.iter_mut().enumerate().skip(from) {
            let since_s = (index - from) as f64 / mix.acc_rate_hz as f64;
            let swing = self.shake_g * (-since_s / 0.06).exp() * (50.0 * since_s).cos();
            sample.iter_mut().zip(direction).for_each(|(value, part)| *value += (swing * part) as f32);
        }
    }
}

impl Part for Twitches {
    fn second(&mut self, mix: &mut Mix) -> bool {
        if self.units.is_empty() {
            self.begin(mix);
        }
        let now_s = f64::from(mix.second);
        while self.next_s < now_s + 1.0 && self.next_s < self.end_s {
            let at_s = (self.next_s - now_s).max(0.0);
            self.twitch(at_s, mix);
            self.next_s += self.dice.exponential(1.0 / self.per_s);
        }
        mix.before(self.end_s)
    }
}

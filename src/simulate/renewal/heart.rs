//! The heart.

use super::person::Person;
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// Shorter pauses between beats are not drawn, seconds.
const LEAST_INTERVAL_S: f64 = 0.25;

/// The heart as the calf's electrodes hear it.
#[derive(Debug)]
pub(super) struct Heart {
    beat: Vec<f32>,
    interval_s: f64,
    breath: f64,
    next_s: f64,
    /// Beats that go on: their first samples (they may lie in an earlier second) and heights.
    going: Vec<(i64, f32)>,
    dice: Dice,
}

impl Heart {
    pub(super) fn new(person: &Person, rate_hz: usize, dice: &mut Dice) -> Self {
        let height = if dice.chance(0.5) { person.heart_uv } else { -person.heart_uv };
        let wave = |at_s: f64, middle_s: f64, width_s: f64| (-0.5 * ((at_s - middle_s) / width_s).powi(2)).exp();
        let beat = |index: usize| {
            let at_s = index as f64 / rate_hz as f64;
            let sum = wave(at_s, 0.06, 0.009) - 0.3 * wave(at_s, 0.035, 0.008) - 0.35 * wave(at_s, 0.085, 0.01)
                + 0.18 * wave(at_s, 0.32, 0.05);
            (height * sum) as f32
        };
        let interval_s = 60.0 / person.heart_per_min;
        Self {
            beat: if person.heart_uv > 0.0 { (0..rate_hz / 2).map(beat).collect() } else { Vec::new() },
            interval_s,
            breath: 0.0,
            next_s: interval_s,
            going: Vec::new(),
            dice: Dice::new(dice.seed(), 0x3175),
        }
    }

    pub(super) fn add(&mut self, second: u32, rate_hz: usize, out: &mut [f32]) {
        if self.beat.is_empty() {
            return;
        }
        let begin = i64::from(second) * rate_hz as i64;
        while self.next_s < f64::from(second + 1) {
            let height = 1.0 + 0.1 * self.dice.normal_f32();
            self.going.push(((self.next_s * rate_hz as f64) as i64, height));
            self.breath += TAU * 0.25 * self.interval_s;
            let wavers = 1.0 + 0.03 * self.breath.sin() + 0.03 * self.dice.normal();
            self.next_s += (self.interval_s * wavers).max(LEAST_INTERVAL_S);
        }
        for (first, height) in &self.going {
            let (skipped, at) = ((begin - first).max(0) as usize, (first - begin).max(0) as usize);
            let rest = self.beat.iter().skip(skipped);
            out.iter_mut().skip(at).zip(rest).for_each(|(sample, value)| *sample += height * value);
        }
        let length = self.beat.len() as i64;
        self.going.retain(|(first, _)| first + length > begin + rate_hz as i64);
    }
}

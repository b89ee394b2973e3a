//! Tension held while lying: bracing and long holds, as loud and as long as cramps.

use super::contraction::Way;
use super::course::{Band, STEP_S, steps};
use super::movement::step_at;
use super::stage::Stage;
use crate::simulate::dice::Dice;

/// Tension of this level in µV RMS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tonic {
    pub(super) duration_s: f64,
    pub(super) level_uv: f64,
    /// Tension that nobody meant; it wanders more.
    pub(super) is_bracing: bool,
}

impl Stage {
    pub(super) fn tense(&mut self, at_s: f64, tonic: Tonic, dice: &mut Dice) {
        let Tonic { duration_s, level_uv, is_bracing } = tonic;
        let count = steps(duration_s, 8);
        let rise_s = dice.log_uniform(0.3, 10.0).min(0.4 * duration_s);
        let fall_s = dice.log_uniform(0.15, 12.0).min(0.4 * duration_s);
        // The common drive wanders below 2 Hz (De Luca 1982).
        let wander = if is_bracing { dice.uniform(0.04, 0.20) } else { dice.uniform(0.02, 0.12) };
        let mut band = Band::new(0.05, dice.uniform(0.5, 2.0), 1.0 / STEP_S, duration_s, dice);
        let mut course: Vec<f64> = (0..count).map(|_| (wander * band.next()).exp()).collect();
        if dice.chance(0.3) {
            for _ in 0..=dice.poisson(duration_s / 20.0) {
                let (from, width) = (dice.index(count), steps(dice.uniform(0.3, 3.0), 4));
                let change = 0.25 * dice.normal();
                for (index, value) in course.iter_mut().enumerate().skip(from) {
                    *value *= (change * step_at(index, from, width)).exp();
                }
            }
        }
        if dice.chance(0.4) {
            let slope = 0.3 * dice.normal();
            for (index, value) in course.iter_mut().enumerate() {
                *value *= (slope * index as f64 / count as f64).exp();
            }
        }
        let (rise, fall) = (steps(rise_s, 4), steps(fall_s, 4));
        let (rise_power, fall_power) = (dice.uniform(0.7, 2.0), dice.uniform(0.7, 2.0));
        for (index, value) in course.iter_mut().enumerate() {
            let begin = (index as f64 / rise as f64).min(1.0).powf(rise_power);
            let end = ((count - index) as f64 / fall as f64).min(1.0).powf(fall_power);
            *value = (level_uv * *value).min(self.person.mvc_uv) * begin * end;
        }
        let tremor = if dice.chance(0.4) { dice.uniform(0.0, 0.08) } else { 0.0 };
        let way = Way { gain: dice.log_uniform(0.3, 1.0), tremor, least_units: 4 + dice.index(8), ..Way::default() };
        self.contract(at_s, &course, way, dice);
        self.tension_shows(at_s, duration_s, level_uv, dice);
    }
}

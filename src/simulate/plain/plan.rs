//! The list of everything that will happen in a night.

use super::body::Body;
use super::cramp::CrampPlan;
use super::drive::Course;
use super::effort::Effort;
use super::motion::{Move, Reposition, Shake};
use super::part::Part;
use super::wires::Rustle;
use super::{plan_bed, plan_cramps, plan_twitches, plan_up, plan_wires};
use crate::simulate::dice::Dice;
use crate::simulate::{EventKind, OneChannelOptions, TruthEvent};

/// Parts and cramps with their start times, and what is known of them beforehand.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) parts: Vec<(f64, Box<dyn Part>)>,
    pub(super) cramps: Vec<CrampPlan>,
    pub(super) truth: Vec<TruthEvent>,
    pub(super) body: Body,
    pub(super) duration_s: f64,
    pub(super) density: f64,
    /// Times out of bed, and those of relief, when nobody turns over in sleep.
    pub(super) up: Vec<(f64, f64)>,
}

impl Plan {
    /// Draws a whole night. Each group has its own dice, so that more of one moves nothing of another.
    pub(super) fn draw(body: &Body, seed: u64, options: &OneChannelOptions) -> Self {
        let mut plan = Self {
            parts: Vec::new(),
            cramps: Vec::new(),
            truth: Vec::new(),
            body: *body,
            duration_s: f64::from(options.duration_s),
            density: options.density,
            up: Vec::new(),
        };
        plan_cramps::add(&mut plan, options.cramps, &mut Dice::new(seed, 1));
        plan_up::add(&mut plan, &mut Dice::new(seed, 2));
        plan_bed::add(&mut plan, &mut Dice::new(seed, 3));
        plan_twitches::add(&mut plan, &mut Dice::new(seed, 4));
        plan_wires::add(&mut plan, &mut Dice::new(seed, 5));
        plan.parts.sort_by(|one, other| one.0.total_cmp(&other.0));
        plan.cramps.sort_by(|one, other| one.start_s.total_cmp(&other.start_s));
        plan.truth.retain(|event| event.onset_s < plan.duration_s);
        plan.truth.iter_mut().for_each(|event| event.end_s = event.end_s.min(plan.duration_s));
        plan.truth.sort_by(|one, other| one.onset_s.total_cmp(&other.onset_s));
        plan
    }

    /// How many of something that happens `per_h` times an hour.
    pub(super) fn count(&self, per_h: f64, dice: &mut Dice) -> usize {
        dice.poisson(per_h * self.density * self.duration_s / 3600.0)
    }

    /// A time for something of `length_s` in bed; `None` where the night is too full of walks or too short.
    pub(super) fn time_in_bed(&self, length_s: f64, dice: &mut Dice) -> Option<f64> {
        let latest = self.duration_s - length_s - 2.0;
        let free = |start: f64| self.up.iter().all(|up| start + length_s < up.0 || start > up.1);
        (0..8).map(|_| dice.uniform(2.0, latest)).find(|start| latest > 2.0 && free(*start))
    }

    pub(super) fn tell(&mut self, kind: EventKind, start_s: f64, length_s: f64, level_uv: f64, note: &'static str) {
        self.truth.push(TruthEvent { kind, onset_s: start_s, end_s: start_s + length_s, level_uv, note });
    }

    pub(super) fn part(&mut self, start_s: f64, part: impl Part + 'static) {
        // A part that began before the night is heard from its first second on.
        self.parts.push((start_s.max(0.0), Box::new(part)));
    }

    /// A contraction of `level_uv` whose drive wanders by `wander`.
    pub(super) fn effort(&mut self, start_s: f64, course: Course, level_uv: f64, wander: f64, dice: &mut Dice) {
        let share = level_uv / self.body.mvc_uv;
        self.part(start_s, Effort::new(start_s, course, level_uv, share, wander, dice));
    }

    pub(super) fn pose(&mut self, start_s: f64, duration_s: f64, target: Move) {
        self.part(start_s, Reposition { start_s, duration_s, target });
    }

    /// Electrode noise while the leg moves; not every movement reaches the electrodes.
    pub(super) fn rustle(&mut self, start_s: f64, duration_s: f64, strength: f64, dice: &mut Dice) {
        let level_uv = dice.log_normal(25.0, 0.9) * strength;
        let corner_hz = dice.log_uniform(2.0, 14.0);
        let steps_per_s = dice.log_uniform(0.05, 1.5);
        self.part(start_s, Rustle { steps_per_s, ..Rustle::new(start_s, duration_s, level_uv, corner_hz, dice) });
    }

    /// A still leg under tension, the same for cramps and look-alikes: a small turn of the ankle and a fine tremor.
    pub(super) fn tension(&mut self, start_s: f64, duration_s: f64, share: f64, dice: &mut Dice) {
        if dice.chance(0.6) {
            let angle = dice.exponential(0.05).min(0.25);
            self.pose(start_s, dice.uniform(0.5, 8.0), Move::By(dice.direction(), angle));
        }
        if dice.chance(0.6) {
            let height_g = 0.012 * share * dice.log_normal(1.0, 0.6);
            let hz = dice.uniform(5.0, 14.0);
            let edge_s = dice.uniform(0.5, 4.0);
            self.part(
                start_s,
                Shake { edge_s, irregularity: 0.4, ..Shake::new(start_s, duration_s, height_g, hz, dice) },
            );
        }
    }
}

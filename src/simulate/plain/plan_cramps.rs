//! Cramps with what comes before and after, and what the wearer does against them.

use super::cramp::CrampPlan;
use super::drive::Course;
use super::motion::{self, Move, Shake};
use super::plan::Plan;
use super::plan_up;
use super::twitches::{Pattern, Twitches};
use super::wires::Rustle;
use crate::simulate::EventKind;
use crate::simulate::dice::Dice;

pub(super) fn add(plan: &mut Plan, count: u32, dice: &mut Dice) {
    let longest_s = 0.35 * plan.duration_s / f64::from(count.max(1));
    let mut placed: Vec<(f64, f64)> = Vec::new();
    for _ in 0..count {
        // Median 60 to 90 s, 5 to 95 % about 15 s to 5 min.
        let duration_s = dice.log_normal(78.0, 0.75).clamp(15.0, 300.0).min(longest_s);
        if let Some(start_s) = place(&placed, duration_s, plan.duration_s, dice) {
            placed.push((start_s, start_s + duration_s));
            one(plan, start_s, duration_s, dice);
        }
    }
}

/// Anywhere, or within the hour after another cramp; never two at once.
fn place(placed: &[(f64, f64)], duration_s: f64, night_s: f64, dice: &mut Dice) -> Option<f64> {
    let (earliest, latest) = ((0.05 * night_s).min(300.0), night_s - duration_s - (0.02 * night_s).min(60.0));
    let apart = (0.03 * night_s).min(90.0);
    (0..300).find_map(|_| {
        let start = match placed.get(dice.index(placed.len())) {
            Some(other) if dice.chance(0.35) => other.1 + dice.uniform(120.0, 3300.0),
            _ => dice.uniform(earliest, latest),
        };
        let free = placed.iter().all(|other| start + duration_s + apart < other.0 || start > other.1 + apart);
        (free && (earliest..latest).contains(&start)).then_some(start)
    })
}

fn one(plan: &mut Plan, start_s: f64, planned_s: f64, dice: &mut Dice) {
    let (quiet_uv, mvc_uv) = (plan.body.quiet_uv, plan.body.mvc_uv);
    let level_uv = dice.log_uniform(2.5 * quiet_uv, 0.9 * mvc_uv);
    let relief_s = dice.uniform(15.0, 90.0);
    let acts = dice.chance(plan.body.habits.relief);
    let stretched = acts && dice.chance(0.6) && relief_s < planned_s;
    let duration_s = if stretched { (relief_s + dice.uniform(2.0, 20.0)).min(planned_s) } else { planned_s };
    let ramp_s = dice.log_uniform(1.0, 10.0).min(0.4 * duration_s);
    let decay_s = if stretched { dice.uniform(0.2, 1.0) } else { dice.uniform(0.1, 0.5) * duration_s.min(80.0) };
    let variation = (0.45 + 0.08 * dice.normal()).clamp(0.3, 0.6);
    let cramp = CrampPlan {
        start_s,
        ramp_s,
        duration_s,
        decay_s,
        stretched,
        level_uv,
        share: level_uv / mvc_uv,
        variation,
        drift: dice.uniform(0.12, 0.35).min(0.7 * variation),
        waning: if dice.chance(0.6) { dice.uniform(0.0, 0.5) } else { 0.0 },
        seed: dice.seed(),
    };
    plan.cramps.push(cramp);
    plan.tension(start_s, duration_s, cramp.share, dice);
    around(plan, &cramp, dice);
    if acts {
        relief(plan, start_s + relief_s, start_s + duration_s, stretched, dice);
    }
}

/// Fasciculations and low tension before and after, at times a stretch that set it off.
fn around(plan: &mut Plan, cramp: &CrampPlan, dice: &mut Dice) {
    let (start_s, end_s) = (cramp.start_s, cramp.start_s + cramp.duration_s);
    let quiet_uv = plan.body.quiet_uv;
    for (probability, from_s, to_s) in
        [(0.5, start_s - dice.uniform(20.0, 240.0), start_s), (0.6, end_s, end_s + dice.uniform(20.0, 300.0))]
    {
        if dice.chance(probability) {
            let from_s = from_s.max(1.0);
            let peak_uv = quiet_uv * dice.log_uniform(3.0, 25.0);
            let per_s = dice.log_uniform(0.05, 1.0);
            plan.part(from_s, Twitches::new((from_s, to_s), per_s, Pattern::Single, peak_uv, 0.0, dice));
            plan.tell(EventKind::Fasciculation, from_s, to_s - from_s, 0.0, "around a cramp");
        }
    }
    if dice.chance(0.3) {
        let lasts_s = dice.uniform(8.0, 45.0);
        let from_s = (start_s - lasts_s).max(1.0);
        low_tension(plan, from_s, lasts_s, "before a cramp", dice);
    }
    if dice.chance(0.4) {
        low_tension(plan, end_s - 1.0, dice.log_uniform(20.0, 300.0), "after a cramp", dice);
    }
    if dice.chance(0.15) {
        let course = Course::hold(dice.uniform(0.5, 2.0), dice.uniform(1.0, 5.0), dice.uniform(0.4, 1.5), 0.0);
        let lasts_s = course.duration_s();
        let from_s = (start_s - lasts_s - dice.uniform(-1.0, 1.5)).max(1.0);
        let level_uv = plan.body.mvc_uv * dice.uniform(0.2, 0.7);
        plan.effort(from_s, course, level_uv, plan.body.habits.unsteadiness, dice);
        plan.tell(EventKind::Stretch, from_s, lasts_s, level_uv, "trigger");
    }
}

fn low_tension(plan: &mut Plan, from_s: f64, lasts_s: f64, note: &'static str, dice: &mut Dice) {
    let level_uv = plan.body.quiet_uv * dice.uniform(0.6, 1.7);
    let course = Course::hold(0.3 * lasts_s, 0.4 * lasts_s, 0.3 * lasts_s, dice.uniform(-0.3, 0.2));
    plan.effort(from_s, course, level_uv, plan.body.habits.unsteadiness, dice);
    plan.tell(EventKind::Bracing, from_s, lasts_s, level_uv, note);
}

/// Sitting up, rubbing, dorsiflexion, standing, walking: one to four of them, then back to bed.
fn relief(plan: &mut Plan, at_s: f64, cramp_end_s: f64, stretched: bool, dice: &mut Dice) {
    let mut now_s = at_s;
    if dice.chance(0.8) {
        let lasts_s = dice.uniform(2.0, 7.0);
        let sitting = motion::lying(dice.uniform(0.0, 6.2), dice.uniform(0.3, 1.3));
        plan.pose(now_s, dice.uniform(0.8, 2.5), Move::To(sitting));
        let level_uv = plan.body.mvc_uv * dice.log_uniform(0.04, 0.5);
        let course = Course::bursts(lasts_s, dice);
        plan.effort(now_s, course, level_uv, 0.2, dice);
        plan.rustle(now_s, lasts_s, 1.0, dice);
        plan.tell(EventKind::LargeMovement, now_s, lasts_s, level_uv, "relief");
        now_s += lasts_s;
    }
    if dice.chance(0.6) {
        now_s += rub(plan, now_s, "relief", dice);
    }
    if stretched {
        // The hand or the floor bends the foot: the whole calf answers, then the cramp breaks.
        let from_s = cramp_end_s - dice.uniform(1.0, 2.5);
        let course = Course::hold(0.3, dice.uniform(0.3, 1.5), 0.5, 0.0);
        let level_uv = plan.body.mvc_uv * dice.log_uniform(0.05, 0.4);
        let lasts_s = course.duration_s();
        plan.effort(from_s, course, level_uv, 0.15, dice);
        plan.pose(from_s, 0.8, Move::By(dice.direction(), dice.uniform(0.05, 0.4)));
        plan.rustle(from_s, lasts_s, 0.6, dice);
        plan.tell(EventKind::Stretch, from_s, lasts_s, level_uv, "relief");
        now_s = now_s.max(cramp_end_s);
    }
    if dice.chance(0.5) {
        let stand_s = dice.uniform(10.0, 60.0);
        plan_up::stand(plan, now_s, stand_s, "relief", dice);
        now_s += stand_s;
        if dice.chance(0.6) {
            let walk_s = dice.uniform(8.0, 60.0);
            plan_up::walk(plan, now_s, walk_s, dice.uniform(0.5, 0.9), "relief", dice);
            now_s += walk_s;
        }
    }
    plan.pose(now_s, dice.uniform(1.0, 3.0), Move::To(motion::any_lying(dice)));
    plan.rustle(now_s, 3.0, 0.7, dice);
    plan.up.push((at_s - 5.0, now_s + 5.0));
}

/// A hand rubs the calf: motion, artefact, hardly any muscle. Gives its length in seconds.
pub(super) fn rub(plan: &mut Plan, start_s: f64, note: &'static str, dice: &mut Dice) -> f64 {
    let (lasts_s, hz) = (dice.uniform(5.0, 30.0), dice.uniform(1.0, 3.0));
    let swing_g = dice.log_uniform(0.03, 0.3);
    plan.part(start_s, Shake { irregularity: 0.3, ..Shake::new(start_s, lasts_s, swing_g, hz, dice) });
    let (level_uv, corner_hz) = (dice.log_normal(45.0, 0.8), dice.log_uniform(3.0, 30.0));
    let rustle = Rustle::new(start_s, lasts_s, level_uv, corner_hz, dice);
    plan.part(start_s, Rustle { rhythm_hz: hz, steps_per_s: dice.log_uniform(0.1, 3.0), ..rustle });
    plan.tell(EventKind::Rub, start_s, lasts_s, 0.0, note);
    lasts_s
}

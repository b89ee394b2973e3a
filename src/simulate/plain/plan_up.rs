//! Out of bed: to the bathroom and back, and standing still with weight on the leg.

use super::drive::Course;
use super::motion::{self, Move, Shake};
use super::plan::Plan;
use crate::simulate::EventKind;
use crate::simulate::dice::Dice;

pub(super) fn add(plan: &mut Plan, dice: &mut Dice) {
    let walks = plan.count(plan.body.habits.walks_per_night / 8.0, dice);
    for _ in 0..walks {
        if let Some(start_s) = free_time(plan, 400.0, dice) {
            bathroom(plan, start_s, dice);
        }
    }
    // Standing beside the bed, on its own.
    for _ in 0..plan.count(0.12, dice) {
        let lasts_s = dice.uniform(15.0, 120.0);
        if let Some(start_s) = free_time(plan, lasts_s + 20.0, dice) {
            let end_s = rise(plan, start_s, dice);
            stand(plan, end_s, lasts_s, "", dice);
            lie_down(plan, end_s + lasts_s, dice);
            plan.up.push((start_s - 3.0, end_s + lasts_s + 6.0));
        }
    }
}

/// Nobody walks to the bathroom in the middle of a cramp.
fn free_time(plan: &Plan, length_s: f64, dice: &mut Dice) -> Option<f64> {
    let start_s = plan.time_in_bed(length_s, dice)?;
    let cramps = &plan.cramps;
    let clear = |start: f64, end: f64| start_s + length_s < start - 60.0 || start_s > end + 60.0;
    cramps.iter().all(|cramp| clear(cramp.start_s, cramp.start_s + cramp.duration_s)).then_some(start_s)
}

fn bathroom(plan: &mut Plan, start_s: f64, dice: &mut Dice) {
    let mut now_s = rise(plan, start_s, dice);
    let way_s = dice.uniform(8.0, 35.0);
    let stride_hz = dice.uniform(0.7, 1.1);
    walk(plan, now_s, way_s, stride_hz, "", dice);
    now_s += way_s;
    let stay_s = dice.uniform(20.0, 150.0);
    if dice.chance(0.5) {
        let standing_s = stay_s.min(dice.uniform(15.0, 120.0));
        stand(plan, now_s, standing_s, "", dice);
    } else {
        plan.pose(now_s, 1.5, Move::To(motion::lying(dice.uniform(0.0, 6.2), dice.uniform(1.1, 1.5))));
    }
    now_s += stay_s;
    walk(plan, now_s, way_s, stride_hz * dice.uniform(0.9, 1.1), "", dice);
    lie_down(plan, now_s + way_s, dice);
    plan.up.push((start_s - 3.0, now_s + way_s + 6.0));
}

/// Sits up at the edge of the bed and stands; gives the time when upright.
fn rise(plan: &mut Plan, start_s: f64, dice: &mut Dice) -> f64 {
    let lasts_s = dice.uniform(3.0, 9.0);
    plan.pose(start_s, dice.uniform(1.0, 2.5), Move::To(motion::lying(dice.uniform(0.0, 6.2), dice.uniform(0.8, 1.4))));
    bustle(plan, start_s, lasts_s, dice);
    start_s + lasts_s
}

fn lie_down(plan: &mut Plan, start_s: f64, dice: &mut Dice) {
    plan.pose(start_s, dice.uniform(1.5, 4.0), Move::To(motion::any_lying(dice)));
    bustle(plan, start_s, dice.uniform(3.0, 6.0), dice);
}

fn bustle(plan: &mut Plan, start_s: f64, lasts_s: f64, dice: &mut Dice) {
    let level_uv = plan.body.mvc_uv * dice.log_uniform(0.05, 0.4);
    let course = Course::bursts(lasts_s, dice);
    plan.effort(start_s, course, level_uv, 0.2, dice);
    plan.rustle(start_s, lasts_s, 1.0, dice);
    let (swing_g, hz) = (dice.log_uniform(0.03, 0.25), dice.uniform(0.5, 2.0));
    let shake = Shake::new(start_s, lasts_s, swing_g, hz, dice);
    plan.part(start_s, Shake { knocks_per_s: 0.7, knock_g: 0.2, irregularity: 0.4, ..shake });
    plan.tell(EventKind::LargeMovement, start_s, lasts_s, level_uv, "");
}

/// Walks `lasts_s` seconds: the calf pushes off once per stride.
pub(super) fn walk(plan: &mut Plan, start_s: f64, lasts_s: f64, stride_hz: f64, note: &'static str, dice: &mut Dice) {
    plan.pose(start_s, 1.0, Move::To(motion::upright(dice)));
    let level_uv = plan.body.mvc_uv * dice.log_uniform(0.15, 0.6);
    let duty = dice.uniform(0.30, 0.50);
    let course = Course::rhythm(lasts_s, 1.0 / stride_hz, duty, 0.05, dice);
    plan.effort(start_s, course, level_uv, 0.1, dice);
    let swing_g = dice.log_uniform(0.15, 0.5);
    let swing = Shake::new(start_s, lasts_s, swing_g, stride_hz, dice);
    let knock_g = dice.log_uniform(0.3, 1.5);
    plan.part(start_s, Shake { knock_each_swing: true, knock_g, irregularity: 0.08, ..swing });
    plan.rustle(start_s, lasts_s, 0.8, dice);
    plan.tell(EventKind::Walk, start_s, lasts_s, level_uv, note);
}

/// Stands still: tonic 5 to 15 % of the maximum, swaying.
pub(super) fn stand(plan: &mut Plan, start_s: f64, lasts_s: f64, note: &'static str, dice: &mut Dice) {
    plan.pose(start_s, dice.uniform(0.8, 2.0), Move::To(motion::upright(dice)));
    let level_uv = (plan.body.mvc_uv * dice.log_uniform(0.05, 0.15)).max(1.5 * plan.body.quiet_uv);
    let course = Course::hold(dice.uniform(0.3, 2.0), lasts_s - 3.0, 1.0, dice.uniform(-0.3, 0.3));
    plan.effort(start_s, course, level_uv, dice.uniform(0.1, 0.35), dice);
    let (swing_g, hz) = (dice.log_uniform(0.002, 0.02), dice.uniform(0.3, 1.0));
    plan.part(start_s, Shake { irregularity: 0.5, edge_s: 1.0, ..Shake::new(start_s, lasts_s, swing_g, hz, dice) });
    plan.tell(EventKind::Standing, start_s, lasts_s, level_uv, note);
}

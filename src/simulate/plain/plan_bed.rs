//! In bed: turning over, moving, stretching, holding, bracing, periodic leg movements.

use super::drive::Course;
use super::motion::{self, Move, Shake};
use super::plan::Plan;
use crate::simulate::EventKind;
use crate::simulate::dice::Dice;

/// Draws one event of a kind into the plan.
type Draw = fn(&mut Plan, &mut Dice);

pub(super) fn add(plan: &mut Plan, dice: &mut Dice) {
    let habits = plan.body.habits;
    let groups: [(f64, Draw); 5] = [
        (habits.turns_per_h, turn),
        (habits.movements_per_h, movement),
        (habits.stretches_per_h, stretch),
        (habits.holds_per_h, hold),
        (habits.bracings_per_h, brace),
    ];
    for (per_h, one) in groups {
        for _ in 0..plan.count(per_h, dice) {
            one(plan, dice);
        }
    }
    periodic(plan, dice);
}

fn turn(plan: &mut Plan, dice: &mut Dice) {
    let lasts_s = dice.log_uniform(1.5, 12.0);
    let Some(start_s) = plan.time_in_bed(lasts_s, dice) else { return };
    let level_uv = plan.body.mvc_uv * dice.log_uniform(0.03, 0.6);
    let course = Course::bursts(lasts_s, dice);
    plan.effort(start_s, course, level_uv, 0.2, dice);
    plan.pose(start_s + 0.2 * lasts_s, dice.uniform(0.3, 0.7) * lasts_s, Move::To(motion::any_lying(dice)));
    plan.rustle(start_s, lasts_s, 1.0, dice);
    shove(plan, start_s, lasts_s, 0.15, dice);
    plan.tell(EventKind::Turn, start_s, lasts_s, level_uv, "");
}

fn movement(plan: &mut Plan, dice: &mut Dice) {
    let lasts_s = dice.log_normal(11.0, 0.5).clamp(3.0, 45.0);
    let Some(start_s) = plan.time_in_bed(lasts_s, dice) else { return };
    let level_uv = plan.body.mvc_uv * dice.log_uniform(0.02, 0.5);
    let course = Course::bursts(lasts_s, dice);
    plan.effort(start_s, course, level_uv, 0.2, dice);
    for _ in 0..1 + dice.index(3) {
        let at_s = start_s + dice.uniform(0.0, 0.8) * lasts_s;
        plan.pose(at_s, dice.uniform(0.4, 2.0), Move::By(dice.direction(), dice.log_uniform(0.02, 0.4)));
    }
    plan.rustle(start_s, lasts_s, 0.7, dice);
    shove(plan, start_s, lasts_s, 0.08, dice);
    plan.tell(EventKind::LargeMovement, start_s, lasts_s, level_uv, "");
}

/// The irregular acceleration of a movement.
fn shove(plan: &mut Plan, start_s: f64, lasts_s: f64, strength: f64, dice: &mut Dice) {
    let (swing_g, hz) = (strength * dice.log_normal(0.6, 0.7), dice.uniform(0.4, 2.5));
    let shake = Shake::new(start_s, lasts_s, swing_g, hz, dice);
    let knock_g = strength * dice.log_normal(1.0, 0.7);
    plan.part(start_s, Shake { irregularity: 0.5, knocks_per_s: dice.uniform(0.2, 1.5), knock_g, ..shake });
}

/// Pandiculation: a smooth ramp to 30 to 80 % and a clean end.
fn stretch(plan: &mut Plan, dice: &mut Dice) {
    let lasts_s = dice.uniform(2.0, 10.0);
    let Some(start_s) = plan.time_in_bed(lasts_s, dice) else { return };
    let level_uv = plan.body.mvc_uv * dice.uniform(0.3, 0.8);
    let (rise, fall) = (dice.uniform(0.2, 0.5), dice.uniform(0.08, 0.25));
    let course = Course::hold(rise * lasts_s, (1.0 - rise - fall) * lasts_s, fall * lasts_s, dice.uniform(-0.1, 0.2));
    plan.effort(start_s, course, level_uv, plan.body.habits.unsteadiness, dice);
    let (direction, angle) = (dice.direction(), dice.uniform(0.03, 0.3));
    plan.pose(start_s, rise * lasts_s, Move::By(direction, angle));
    plan.pose(start_s + (1.0 - fall) * lasts_s, fall * lasts_s, Move::By(direction, -angle));
    plan.tension(start_s, lasts_s, 0.5, dice);
    plan.tell(EventKind::Stretch, start_s, lasts_s, level_uv, "");
}

fn hold(plan: &mut Plan, dice: &mut Dice) {
    let lasts_s = dice.uniform(10.0, 60.0);
    let level_uv = dice.log_uniform(2.5 * plan.body.quiet_uv, 0.7 * plan.body.mvc_uv);
    tonic(plan, EventKind::LongHold, lasts_s, level_uv, dice);
}

/// Tension while lying still: as strong, as long and as still as many a cramp.
fn brace(plan: &mut Plan, dice: &mut Dice) {
    let lasts_s = dice.log_normal(40.0, 0.7).clamp(5.0, 300.0);
    let strongest_uv = (40.0 * plan.body.quiet_uv).min(0.9 * plan.body.mvc_uv);
    let level_uv = dice.log_uniform(2.5 * plan.body.quiet_uv, strongest_uv);
    tonic(plan, EventKind::Bracing, lasts_s, level_uv, dice);
}

fn tonic(plan: &mut Plan, kind: EventKind, lasts_s: f64, level_uv: f64, dice: &mut Dice) {
    let Some(start_s) = plan.time_in_bed(lasts_s, dice) else { return };
    let rise_s = dice.log_uniform(0.4, 10.0).min(0.4 * lasts_s);
    let fall_s = dice.log_uniform(0.3, 15.0).min(0.4 * lasts_s);
    let course = Course::hold(rise_s, lasts_s - rise_s - fall_s, fall_s, dice.uniform(-0.35, 0.25));
    let wander = (plan.body.habits.unsteadiness * dice.uniform(0.7, 1.3)).clamp(0.04, 0.20);
    plan.effort(start_s, course, level_uv, wander, dice);
    plan.tension(start_s, lasts_s, level_uv / plan.body.mvc_uv, dice);
    plan.tell(kind, start_s, lasts_s, level_uv, "");
}

/// Series of at least four movements of 0.5 to 10 s, 10 to 90 s apart; 39 % without visible motion.
fn periodic(plan: &mut Plan, dice: &mut Dice) {
    let target = plan.count(plan.body.habits.plms_per_h, dice);
    let (typical_s, typical_gap_s) = (dice.log_uniform(1.0, 3.5), dice.log_uniform(17.0, 40.0));
    let height_uv = plan.body.quiet_uv * dice.log_uniform(4.0, 25.0);
    let mut made = 0;
    while made < target {
        let wanted = (4 + dice.index(60)).min((target - made).max(4));
        made += wanted;
        let Some(start_s) = plan.time_in_bed(wanted as f64 * typical_gap_s, dice) else { continue };
        let mut at_s = start_s;
        let mut end_s = start_s;
        for _ in 0..wanted {
            let lasts_s = dice.log_normal(typical_s, 0.4).clamp(0.5, 10.0);
            leg_movement(plan, at_s, lasts_s, height_uv * dice.log_normal(1.0, 0.4), dice);
            end_s = at_s + lasts_s;
            at_s += dice.log_normal(typical_gap_s, 0.25).clamp(10.0 + lasts_s, 90.0);
        }
        plan.tell(EventKind::PlmsSeries, start_s, end_s - start_s, height_uv, "");
    }
}

fn leg_movement(plan: &mut Plan, start_s: f64, lasts_s: f64, level_uv: f64, dice: &mut Dice) {
    let (rise, fall) = (dice.uniform(0.08, 0.3), dice.uniform(0.15, 0.5));
    let course = Course::hold(rise * lasts_s, (1.0 - rise - fall) * lasts_s, fall * lasts_s, dice.uniform(-0.5, 0.1));
    plan.effort(start_s, course, level_uv, 0.15, dice);
    if dice.chance(0.61) {
        let (direction, angle) = (dice.direction(), dice.log_uniform(0.02, 0.2));
        plan.pose(start_s, 0.3, Move::By(direction, angle));
        plan.pose(start_s + 0.7 * lasts_s, 0.3 * lasts_s, Move::By(direction, -angle));
        shove(plan, start_s, lasts_s.max(0.7), 0.03, dice);
    }
    plan.tell(EventKind::LegMovement, start_s, lasts_s, level_uv, "");
}

//! Twitches: falling asleep, fragmentary myoclonus, REM sleep, fasciculations.

use super::drive::Course;
use super::motion::Shake;
use super::plan::Plan;
use super::twitches::{Pattern, Twitches};
use crate::simulate::EventKind;
use crate::simulate::dice::Dice;

pub(super) fn add(plan: &mut Plan, dice: &mut Dice) {
    let habits = plan.body.habits;
    let falling_asleep_s = plan.duration_s.min(2400.0);
    if habits.jerks && plan.density > 0.0 {
        for _ in 0..dice.index(4) {
            jerk(plan, falling_asleep_s * dice.uniform(0.05, 0.95), dice);
        }
    }
    if habits.tremor {
        for _ in 0..plan.count(0.4, dice) {
            // Mostly while falling asleep, at times after an arousal later.
            let latest = if dice.chance(0.7) { falling_asleep_s } else { plan.duration_s };
            tremor(plan, latest * dice.uniform(0.05, 0.95), dice);
        }
    }
    if habits.myoclonus {
        for _ in 0..plan.count(0.25, dice).max(usize::from(plan.density > 0.0)) {
            let lasts_s = dice.uniform(20.0, 45.0) * 60.0;
            let start_s = dice.uniform(0.0, (plan.duration_s - lasts_s).max(1.0));
            // 50 to 200 µV over the tibialis; a calf electrode sees a part of it.
            let peak_uv = dice.log_uniform(15.0, 150.0);
            scattered(plan, start_s, lasts_s, dice.log_uniform(5.0, 20.0) / 60.0, (0.04, 0.15), peak_uv, dice);
        }
    }
    if plan.density > 0.0 {
        rapid_eye_movements(plan, dice);
    }
    for _ in 0..plan.count(habits.fasciculation_bouts_per_h, dice) {
        let lasts_s = dice.log_uniform(0.5, 20.0) * 60.0;
        let start_s = dice.uniform(0.0, (plan.duration_s - lasts_s).max(1.0));
        let peak_uv = plan.body.quiet_uv * dice.log_uniform(3.0, 40.0);
        let per_s = dice.log_uniform(0.01, 1.0);
        let span_s = (start_s, start_s + lasts_s);
        plan.part(start_s, Twitches::new(span_s, per_s, Pattern::Single, peak_uv, 0.0005, dice));
        plan.tell(EventKind::Fasciculation, start_s, lasts_s, 0.0, "");
    }
}

/// REM periods every 90 min, longer towards the morning, with clusters of phasic twitches.
fn rapid_eye_movements(plan: &mut Plan, dice: &mut Dice) {
    let mut at_s = dice.uniform(70.0, 110.0) * 60.0;
    let mut lasts_s = dice.uniform(5.0, 12.0) * 60.0;
    let busy = dice.log_uniform(0.3, 3.0);
    while at_s < plan.duration_s {
        let clusters = dice.poisson(busy * plan.density * lasts_s / 60.0);
        for _ in 0..clusters {
            let start_s = at_s + dice.unit() * lasts_s;
            let cluster_s = dice.log_uniform(2.0, 25.0);
            let peak_uv = plan.body.quiet_uv * dice.log_uniform(8.0, 40.0);
            scattered(plan, start_s, cluster_s, dice.log_uniform(0.2, 1.5), (0.08, 1.0), peak_uv, dice);
        }
        at_s += dice.uniform(80.0, 110.0) * 60.0;
        lasts_s *= dice.uniform(1.0, 1.6);
    }
}

fn scattered(
    plan: &mut Plan,
    start_s: f64,
    lasts_s: f64,
    per_s: f64,
    burst_s: (f64, f64),
    peak_uv: f64,
    dice: &mut Dice,
) {
    let pattern = Pattern::Burst(burst_s.0, burst_s.1);
    let shake_g = if dice.chance(0.3) { dice.log_uniform(0.001, 0.02) } else { 0.0 };
    plan.part(start_s, Twitches::new((start_s, start_s + lasts_s), per_s, pattern, peak_uv, shake_g, dice));
    plan.tell(EventKind::FragmentaryMyoclonus, start_s, lasts_s, 0.0, "");
}

/// One burst of 75 to 250 ms with an impulse.
fn jerk(plan: &mut Plan, start_s: f64, dice: &mut Dice) {
    let lasts_s = dice.uniform(0.075, 0.25);
    let level_uv = plan.body.mvc_uv * dice.uniform(0.4, 1.1);
    let course = Course::hold(0.25 * lasts_s, 0.5 * lasts_s, 0.25 * lasts_s, 0.0);
    plan.effort(start_s, course, level_uv, 0.05, dice);
    let knock_g = dice.log_uniform(0.05, 0.6);
    let shake = Shake::new(start_s, 0.5, 0.0, 0.0, dice);
    plan.part(start_s, Shake { knocks_per_s: 12.0, knock_g, edge_s: 0.02, ..shake });
    plan.rustle(start_s, 0.7, 0.6, dice);
    plan.tell(EventKind::HypnicJerk, start_s, lasts_s, level_uv, "");
}

/// Hypnagogic foot tremor: bursts of 250 to 1000 ms at 0.5 to 3 Hz for 10 to 15 s.
fn tremor(plan: &mut Plan, start_s: f64, dice: &mut Dice) {
    let (lasts_s, hz) = (dice.uniform(8.0, 18.0), dice.uniform(0.6, 2.5));
    let level_uv = plan.body.quiet_uv * dice.log_uniform(3.0, 30.0);
    let duty = (dice.uniform(0.3, 0.7) * hz).clamp(0.25, 0.8);
    let course = Course::rhythm(lasts_s, 1.0 / hz, duty, 0.1, dice);
    plan.effort(start_s, course, level_uv, 0.15, dice);
    let swing_g = dice.log_uniform(0.005, 0.08);
    plan.part(start_s, Shake::new(start_s, lasts_s, swing_g, hz, dice));
    plan.tell(EventKind::Tremor, start_s, lasts_s, level_uv, "");
}

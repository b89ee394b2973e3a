//! What happens to the sensor and around the bed.

use super::motion::Shake;
use super::plan::Plan;
use super::plan_cramps::rub;
use super::wires::{Hum, Sweat};
use crate::simulate::EventKind;
use crate::simulate::dice::Dice;

pub(super) fn add(plan: &mut Plan, dice: &mut Dice) {
    for _ in 0..plan.count(0.25, dice) {
        // A lamp, a charger, a heating blanket.
        let level_uv = plan.body.quiet_uv * dice.log_uniform(1.0, 12.0);
        hum(plan, EventKind::MainsJump, (20.0, 1800.0), level_uv, 0.0, 1.0, dice);
    }
    for _ in 0..plan.count(0.08, dice) {
        let level_uv = plan.body.quiet_uv * dice.log_uniform(3.0, 40.0);
        let noise_uv = plan.body.quiet_uv * dice.log_uniform(0.3, 6.0);
        hum(plan, EventKind::LooseElectrode, (10.0, 600.0), level_uv, noise_uv, dice.uniform(0.4, 0.95), dice);
    }
    for _ in 0..plan.count(0.5, dice) {
        // The blanket, or a scratching hand.
        if let Some(start_s) = plan.time_in_bed(30.0, dice) {
            rub(plan, start_s, "", dice);
        }
    }
    for _ in 0..plan.count(0.06, dice) {
        let lasts_s = dice.uniform(10.0, 60.0) * 60.0;
        let start_s = dice.uniform(0.0, plan.duration_s);
        let gain = dice.uniform(0.5, 0.95);
        plan.part(start_s, Sweat { start_s, duration_s: lasts_s, gain });
        plan.tell(EventKind::SweatDrift, start_s, lasts_s, 0.0, "");
    }
    for _ in 0..plan.count(1.5, dice) {
        let lasts_s = dice.log_uniform(1.0, 40.0);
        let start_s = dice.uniform(1.0, plan.duration_s);
        let (swing_g, hz) = (dice.log_uniform(0.002, 0.08), dice.log_uniform(1.0, 12.0));
        let shake = Shake::new(start_s, lasts_s, swing_g, hz, dice);
        let knocks_per_s = dice.uniform(0.0, 0.8);
        plan.part(start_s, Shake { irregularity: 0.4, knocks_per_s, knock_g: 2.0 * swing_g, ..shake });
        plan.tell(EventKind::BedVibration, start_s, lasts_s, 0.0, "");
    }
}

fn hum(
    plan: &mut Plan,
    kind: EventKind,
    lasts_s: (f64, f64),
    level_uv: f64,
    noise_uv: f64,
    gain: f64,
    dice: &mut Dice,
) {
    let duration_s = dice.log_uniform(lasts_s.0, lasts_s.1);
    let start_s = dice.uniform(1.0, plan.duration_s);
    let mains_hz = plan.body.mains_hz;
    let part = Hum {
        start_s,
        duration_s,
        mains_hz,
        level_uv,
        harmonics: std::array::from_fn(|_| dice.log_uniform(0.02, 0.5)),
        noise_uv,
        edge_s: dice.log_uniform(0.005, 3.0),
        gain,
        dice: Dice::new(dice.seed(), 0x4a3),
    };
    plan.part(start_s, part);
    plan.tell(kind, start_s, duration_s, level_uv, "");
    if kind == EventKind::LooseElectrode {
        plan.rustle(start_s, duration_s.min(40.0), 1.0, dice);
    }
}

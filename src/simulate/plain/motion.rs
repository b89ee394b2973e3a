//! How the shank lies and moves: gravity in its frame, and shaking.

use super::part::{Mix, Part, envelope};
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// The direction of "up" in the frame of the shank: z runs from heel to knee, y out of the calf.
#[derive(Debug, Clone)]
pub(super) struct Pose {
    from: [f64; 3],
    to: [f64; 3],
    start_s: f64,
    duration_s: f64,
    /// Moves that begin later in this second.
    coming: Vec<(f64, f64, [f64; 3])>,
}

impl Pose {
    pub(super) fn new(up: [f64; 3]) -> Self {
        Self { from: up, to: up, start_s: 0.0, duration_s: 1.0, coming: Vec::with_capacity(8) }
    }

    fn current(&self, at_s: f64) -> [f64; 3] {
        let share = ((at_s - self.start_s) / self.duration_s).clamp(0.0, 1.0);
        let share = share * share * (3.0 - 2.0 * share);
        unit(std::array::from_fn(|axis| self.from[axis] + (self.to[axis] - self.from[axis]) * share))
    }

    /// Up at a time; times must not go back.
    pub(super) fn at(&mut self, at_s: f64) -> [f64; 3] {
        while let Some(first) = self.coming.first().copied().filter(|first| first.0 <= at_s) {
            self.from = self.current(first.0);
            (self.start_s, self.duration_s, self.to) = first;
            self.coming.remove(0);
        }
        self.current(at_s)
    }
}

fn unit(vector: [f64; 3]) -> [f64; 3] {
    let length = vector.iter().map(|part| part * part).sum::<f64>().sqrt();
    // Halfway between opposite directions there is none: any will do.
    if length < 1e-3 { [0.6, 0.8, 0.0] } else { vector.map(|part| part / length) }
}

/// Lying: rolled about the shank's axis, the knee raised by an angle.
pub(super) fn lying(roll: f64, raised: f64) -> [f64; 3] {
    [raised.cos() * roll.cos(), raised.cos() * roll.sin(), raised.sin()]
}

/// Any way of lying: on the back, on a side or prone, at times with a bent knee.
pub(super) fn any_lying(dice: &mut Dice) -> [f64; 3] {
    let roll = TAU * (dice.index(4) as f64 / 4.0) + 0.35 * dice.normal();
    let raised = if dice.chance(0.15) { dice.uniform(0.4, 1.2) } else { 0.12 * dice.normal() };
    lying(roll, raised)
}

/// Upright, leaning a little.
pub(super) fn upright(dice: &mut Dice) -> [f64; 3] {
    unit([0.09 * dice.normal(), 0.12 * dice.normal(), 1.0])
}

/// A small turn from wherever the leg lies: `angle` is its size in radians.
#[derive(Debug)]
pub(super) enum Move {
    To([f64; 3]),
    By([f64; 3], f64),
}

/// The leg goes to another pose.
#[derive(Debug)]
pub(super) struct Reposition {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    pub(super) target: Move,
}

impl Part for Reposition {
    fn second(&mut self, mix: &mut Mix) -> bool {
        let to = match self.target {
            Move::To(up) => up,
            Move::By(direction, angle) => {
                let now = mix.pose.current(self.start_s);
                unit(std::array::from_fn(|axis| now[axis] + angle * direction[axis]))
            }
        };
        let at = mix.pose.coming.partition_point(|other| other.0 <= self.start_s);
        mix.pose.coming.insert(at, (self.start_s, self.duration_s.max(0.05), to));
        false
    }
}

/// The leg shakes, swings or jerks.
#[derive(Debug)]
pub(super) struct Shake {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    /// Height of the regular part, g, and its frequency, Hz.
    pub(super) swing_g: f64,
    pub(super) swing_hz: f64,
    /// Relative wander of the frequency.
    pub(super) irregularity: f64,
    /// Knocks per second (0 with `knock_each_swing`), and their height, g.
    pub(super) knocks_per_s: f64,
    pub(super) knock_g: f64,
    /// A knock at each swing, as the heel's in walking.
    pub(super) knock_each_swing: bool,
    pub(super) edge_s: f64,
    pub(super) axes: [[f64; 3]; 2],
    pub(super) dice: Dice,
    pub(super) state: ShakeState,
}

/// Where a shake is.
#[derive(Debug, Default)]
pub(super) struct ShakeState {
    phase: f64,
    speed: f64,
    knock: f64,
    knock_age_s: f64,
}

impl Shake {
    /// A regular swing; knocks are added by setting the fields.
    pub(super) fn new(start_s: f64, duration_s: f64, swing_g: f64, swing_hz: f64, dice: &mut Dice) -> Self {
        let axes = [dice.direction(), dice.direction()];
        let state = ShakeState { phase: dice.unit(), ..ShakeState::default() };
        let dice = Dice::new(dice.seed(), 0x5a4e);
        Self {
            start_s,
            duration_s,
            swing_g,
            swing_hz,
            irregularity: 0.15,
            knocks_per_s: 0.0,
            knock_g: 0.0,
            knock_each_swing: false,
            edge_s: 0.3,
            axes,
            dice,
            state,
        }
    }
}

impl Part for Shake {
    fn second(&mut self, mix: &mut Mix) -> bool {
        let end_s = self.start_s + self.duration_s;
        let step_s = 1.0 / mix.acc_rate_hz.max(1) as f64;
        let state = &mut self.state;
        for index in mix.span(mix.acc_rate_hz, self.start_s, end_s) {
            let at_s = f64::from(mix.second) + index as f64 * step_s - self.start_s;
            state.speed += 3.0 * step_s * -state.speed + (6.0 * step_s).sqrt() * self.dice.normal();
            state.phase += self.swing_hz * step_s * (1.0 + self.irregularity * state.speed).clamp(0.3, 1.8);
            let wrapped = state.phase >= 1.0;
            state.phase = state.phase.fract();
            state.knock_age_s += step_s;
            let knocks = if self.knock_each_swing { wrapped } else { self.dice.chance(self.knocks_per_s * step_s) };
            if knocks {
                (state.knock, state.knock_age_s) = (self.knock_g * self.dice.uniform(0.4, 1.4), 0.0);
            }
            let loud = envelope(at_s, self.duration_s, self.edge_s);
            let turn = TAU * state.phase;
            let swing = loud * self.swing_g * (turn.sin() + 0.35 * (2.0 * turn + 0.7).sin());
            let knock = loud * state.knock * (-state.knock_age_s / 0.05).exp() * (70.0 * state.knock_age_s).cos();
            for (axis, value) in mix.shake[index].iter_mut().enumerate() {
                *value += (swing * self.axes[0][axis] + knock * self.axes[1][axis]) as f32;
            }
        }
        mix.before(end_s)
    }
}

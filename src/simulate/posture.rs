//! What the accelerometer sees: where up is in the shank, breathing, movement, sensor noise.

use super::dice::{Dice, Wander};
use super::frame::Frame;
use super::person::{Mounting, Person};

/// How the shank lies or stands: the direction up in the axes of the shank (x forward, y outward, z along the shank).
pub(crate) type Up = [f64; 3];

/// Lying in some position, the knee more or less bent.
pub(crate) fn lying(dice: &mut Dice) -> Up {
    // Back, belly, one side, the other side.
    let sides = [0.0, std::f64::consts::PI, 1.57, -1.57];
    let roll = sides[dice.index(4)] + 0.4 * dice.normal();
    let bend = if dice.chance(0.3) { dice.uniform(-0.9, 0.9) } else { 0.15 * dice.normal() };
    let flat = (1.0 - bend * bend).max(0.05).sqrt();
    [flat * roll.cos(), flat * roll.sin(), bend]
}

/// Standing: up is along the shank.
pub(crate) fn standing(dice: &mut Dice) -> Up {
    unit([0.12 + 0.08 * dice.normal(), 0.06 * dice.normal(), 1.0])
}

/// Sitting on the edge of the bed.
pub(crate) fn sitting(dice: &mut Dice) -> Up {
    unit([dice.uniform(-0.4, 0.6), 0.15 * dice.normal(), 1.0])
}

/// A new posture.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pose {
    /// To this direction.
    To(Up),
    /// By this much from where the leg is.
    Nudge([f64; 3]),
}

/// The leg's posture as it moves.
#[derive(Debug, Clone)]
pub(crate) struct Posture {
    mounting: Mounting,
    dice: Dice,
    up: Up,
    target: Up,
    /// Time constant of the way to the target in seconds.
    settle_s: f64,
    pending: Vec<(f64, Pose, f64)>,
    drift: [Wander; 3],
    breath_phase: f64,
    breath_direction: Up,
}

impl Posture {
    /// The person lies down in the night of this seed.
    pub(crate) fn new(person: &Person, seed: u64) -> Self {
        let mut dice = Dice::new(seed, 30);
        let up = unit(lying(&mut dice));
        // One value a second: the mattress gives way over minutes.
        let drift = [0, 1, 2].map(|_| Wander::new(0.004, 1.0));
        let breath_direction = dice.direction();
        let mounting = person.mounting.clone();
        let breath_phase = dice.unit();
        Self {
            mounting,
            up,
            target: up,
            settle_s: 1.0,
            pending: Vec::new(),
            drift,
            breath_phase,
            breath_direction,
            dice,
        }
    }

    /// Moves to another posture from `at_s` on, with the time constant `settle_s`.
    pub(crate) fn change(&mut self, at_s: f64, pose: Pose, settle_s: f64) {
        self.pending.push((at_s, pose, settle_s.max(0.05)));
    }

    /// Appends this second's acceleration in g, interleaved X, Y, Z of the sensor.
    pub(crate) fn render(&mut self, frame: &Frame, output: &mut Vec<f32>) {
        let rate = frame.shake_g.len() as f64;
        let breath_step = std::f64::consts::TAU * self.mounting.breathing_hz / rate;
        let drift = [0, 1, 2].map(|axis| 0.004 * self.drift[axis].next(&mut self.dice));
        for (index, shake) in frame.shake_g.iter().enumerate() {
            self.apply_pending(frame.start_s + index as f64 / rate);
            let share = 1.0 / (self.settle_s * rate).max(1.0);
            self.up = unit([0, 1, 2].map(|axis| self.up[axis] + share * (self.target[axis] - self.up[axis])));
            self.breath_phase += breath_step;
            let breath = self.mounting.breathing_g * self.breath_phase.sin();
            let shank = [0, 1, 2].map(|axis| {
                self.up[axis] + drift[axis] + breath * self.breath_direction[axis] + f64::from(shake[axis])
            });
            for (row, offset) in self.mounting.rotation.iter().zip(self.mounting.offset_g) {
                let clean = row[0] * shank[0] + row[1] * shank[1] + row[2] * shank[2] + offset;
                output.push((clean + self.mounting.noise_g * f64::from(self.dice.normal_f32())) as f32);
            }
        }
        self.breath_phase %= std::f64::consts::TAU;
        // Breathing is never quite even.
        self.breath_phase += 0.05 * self.dice.normal();
    }

    fn apply_pending(&mut self, now_s: f64) {
        while let Some(due) = self.pending.iter().position(|(at_s, ..)| *at_s <= now_s) {
            let (_, pose, settle_s) = self.pending.remove(due);
            self.settle_s = settle_s;
            self.target = match pose {
                Pose::To(up) => unit(up),
                Pose::Nudge(by) => unit([0, 1, 2].map(|axis| self.target[axis] + by[axis])),
            };
        }
    }
}

fn unit(vector: [f64; 3]) -> [f64; 3] {
    let length = (vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]).sqrt();
    if length > 1e-6 { vector.map(|value| value / length) } else { [0.0, 0.0, 1.0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standing_up_turns_gravity_whatever_the_mounting() {
        let person = Person::random(8);
        let mut posture = Posture::new(&person, 1);
        let mut frame = Frame::new(100);
        let mut means = Vec::new();
        for second in 0..20 {
            frame.begin(f64::from(second));
            if second == 5 {
                let up = standing(&mut Dice::new(2, 2));
                posture.change(5.0, Pose::To(up), 0.5);
            }
            let mut output = Vec::new();
            posture.render(&frame, &mut output);
            assert_eq!(output.len(), 300);
            means.push([0, 1, 2].map(|axis| output.iter().skip(axis).step_by(3).sum::<f32>() / 100.0));
        }
        let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        assert!(dot(means[0], means[3]) > 0.9, "still while lying");
        assert!(dot(means[0], means[19]) < 0.85, "turned by standing up: {}", dot(means[0], means[19]));
    }
}

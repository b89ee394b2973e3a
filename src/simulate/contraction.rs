//! Voluntary contractions: how strongly each head is driven at each instant.

use super::dice::{Dice, Wander};
use super::frame::{Frame, STEP_S, STEPS};
use super::gait::Cadence;

/// The course of a contraction.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    /// Rises over `rise_s`, holds with a linear drift by the share `drift`, falls over `fall_s`.
    Hold { rise_s: f64, fall_s: f64, drift: f64 },
    /// Bursts of random strength with pauses; ranges in seconds.
    Bursts { burst_s: (f64, f64), pause_s: (f64, f64) },
    /// One burst a cycle for the share `duty` of it, beginning at `phase` of the cycle.
    Rhythm { cadence: Cadence, phase: f64, duty: f64 },
}

/// A voluntary contraction of both heads.
#[derive(Debug, Clone)]
pub(crate) struct Contraction {
    /// Plateau of each head as a fraction of its strongest contraction.
    level: [f64; 2],
    pattern: Pattern,
    /// Common drive: noise below 2 Hz with this standard deviation, relative to the level.
    unsteadiness: f64,
    wander: Wander,
    /// Tension that swells with each breath: Hz and depth.
    breath: (f64, f64),
    burst: Burst,
}

#[derive(Debug, Clone, Copy, Default)]
struct Burst {
    start_s: f64,
    end_s: f64,
    strength: f64,
}

impl Contraction {
    /// A contraction with the plateau `level` of each head whose drive wanders by the share `unsteadiness` below
    /// `wander_hz`.
    pub(crate) fn new(level: [f64; 2], pattern: Pattern, unsteadiness: f64, wander_hz: f64) -> Self {
        let wander = Wander::new(wander_hz, STEPS as f64);
        Self { level, pattern, unsteadiness, wander, breath: (0.0, 0.0), burst: Burst::default() }
    }

    /// The same with tension that swells by the share `depth` with each breath, `breaths_hz` times a second.
    pub(crate) fn breathing(self, breaths_hz: f64, depth: f64) -> Self {
        Self { breath: (breaths_hz, depth), ..self }
    }

    /// Adds the drive of this second; the contraction lasts from `start_s` to `end_s`.
    pub(crate) fn step(&mut self, start_s: f64, end_s: f64, frame: &mut Frame, dice: &mut Dice) {
        for step in 0..STEPS {
            let now_s = frame.start_s + (step as f64 + 0.5) * STEP_S;
            if now_s < start_s || now_s >= end_s {
                continue;
            }
            let shape = self.shape(now_s, start_s, end_s, dice);
            let breath = self.breath.1 * (std::f64::consts::TAU * self.breath.0 * now_s).sin();
            let common = (1.0 + breath + self.unsteadiness * self.wander.next(dice)).max(0.1);
            for (power, level) in frame.drive_power.iter_mut().zip(self.level) {
                power[step] += (shape * common * level).powi(2) as f32;
            }
        }
    }

    /// The course at `now_s`, 0–1 or a little above.
    fn shape(&mut self, now_s: f64, start_s: f64, end_s: f64, dice: &mut Dice) -> f64 {
        match &self.pattern {
            Pattern::Hold { rise_s, fall_s, drift } => {
                let rise = smooth((now_s - start_s) / rise_s.max(STEP_S));
                let fall = smooth((end_s - now_s) / fall_s.max(STEP_S));
                rise * fall * (1.0 + drift * ((now_s - start_s) / (end_s - start_s) - 0.5))
            }
            Pattern::Bursts { burst_s, pause_s } => {
                if now_s >= self.burst.end_s {
                    let pause = if self.burst.end_s < start_s { 0.0 } else { dice.uniform(pause_s.0, pause_s.1) };
                    let from = now_s + pause;
                    let length = dice.uniform(burst_s.0, burst_s.1);
                    self.burst = Burst { start_s: from, end_s: from + length, strength: dice.uniform(0.3, 1.0) };
                }
                if now_s < self.burst.start_s {
                    return 0.0;
                }
                let through = (now_s - self.burst.start_s) / (self.burst.end_s - self.burst.start_s);
                self.burst.strength * (std::f64::consts::PI * through).sin().max(0.0).sqrt()
            }
            Pattern::Rhythm { cadence, phase, duty } => {
                let through = (cadence.cycles(now_s) - phase).rem_euclid(1.0) / duty;
                if through < 1.0 { (std::f64::consts::PI * through).sin() } else { 0.0 }
            }
        }
    }
}

/// 0 below 0, 1 above 1, smooth between.
pub(crate) fn smooth(through: f64) -> f64 {
    let through = through.clamp(0.0, 1.0);
    through * through * (3.0 - 2.0 * through)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_rises_holds_and_ends() {
        let mut frame = Frame::new(100);
        let mut dice = Dice::new(1, 1);
        let hold = Pattern::Hold { rise_s: 0.5, fall_s: 0.5, drift: 0.0 };
        let mut contraction = Contraction::new([0.3, 0.1], hold, 0.0, 1.0);
        let mut peaks = Vec::new();
        for second in 0..6 {
            frame.begin(f64::from(second));
            contraction.step(1.0, 4.0, &mut frame, &mut dice);
            peaks.push(frame.drive_power[0].iter().fold(0.0_f32, |a, &b| a.max(b)).sqrt());
        }
        assert_eq!((peaks[0], peaks[4], peaks[5]), (0.0, 0.0, 0.0));
        assert!(peaks[1..4].iter().all(|peak| (peak - 0.3).abs() < 0.01), "{peaks:?}");
    }
}

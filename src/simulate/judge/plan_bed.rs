//! Getting up, holding tense, stretching, turning and moving.

use super::contact::{Change, Span};
use super::course::Envelope;
use super::deed::{Moving, What};
use super::effort::{Effort, Swing, Texture};
use super::person::Person;
use super::plan::Plan;
use super::slow::CommonDrive;
use crate::simulate::EventKind;
use std::f64::consts::TAU;

impl Plan {
    pub(super) fn walk(&mut self, at_s: f64, duration_s: f64, note: &'static str) {
        self.add(at_s, What::Walk { duration_s });
        self.note(EventKind::Walk, at_s, at_s + duration_s, 0.0, note);
    }

    /// To the bathroom up to three times a night, and standing beside the bed.
    pub(super) fn draw_upright(&mut self) {
        let choice = self.dice.unit();
        let visits = [0.35, 0.70, 0.90].iter().filter(|limit| choice >= **limit).count();
        for _ in 0..self.times(visits) {
            let duration_s = self.dice.uniform(120.0, 360.0);
            let Some(at_s) = self.place(duration_s, 1500.0, 20.0) else { continue };
            self.add(at_s, What::Upright { duration_s });
            let (there_s, back_s) = (self.dice.uniform(15.0, 40.0), self.dice.uniform(15.0, 40.0));
            self.walk(at_s + 8.0, there_s, "");
            self.walk(at_s + duration_s - 10.0 - back_s, back_s, "");
            self.note(EventKind::Standing, at_s + 4.0 + there_s, at_s + duration_s - 10.0 - back_s, 0.0, "");
            if self.dice.chance(0.5) {
                let change = Change::MainsFactor(self.dice.log_uniform(1.0, 6.0));
                self.spans.push(Span { start_s: at_s, end_s: at_s + duration_s, change });
            }
        }
        for _ in 0..self.poisson(0.6) {
            let duration_s = self.dice.uniform(25.0, 240.0);
            let Some(at_s) = self.place(duration_s + 10.0, 900.0, 20.0) else { continue };
            self.add(at_s, What::Upright { duration_s: duration_s + 8.0 });
            self.note(EventKind::Standing, at_s + 3.0, at_s + duration_s + 5.0, 0.0, "");
        }
    }

    pub(super) fn draw_holds(&mut self, person: &Person) {
        let count = 1 + self.dice.index(4);
        for _ in 0..self.times(count) {
            let duration_s = self.dice.log_normal(50.0, 0.9).clamp(5.0, 280.0);
            let Some(at_s) = self.place(duration_s, 400.0, 20.0) else { continue };
            self.brace(at_s, duration_s, person);
        }
        let count = 1 + self.dice.index(3);
        for _ in 0..self.times(count) {
            let duration_s = self.dice.log_normal(28.0, 0.6).clamp(11.0, 120.0);
            let Some(at_s) = self.place(duration_s, 400.0, 20.0) else { continue };
            let dice = &mut self.dice;
            let level_uv = dice.log_uniform(2.5 * person.quiet_uv, 0.9 * person.mvc_uv);
            let envelope = Envelope::Hold { rise_s: dice.uniform(0.3, 4.0), fall_s: dice.uniform(0.2, 3.0) };
            let mut effort = Effort::new(at_s, duration_s, level_uv, envelope, dice);
            let common = CommonDrive::new(dice.uniform(0.04, 0.16), dice.uniform(0.5, 2.0), dice);
            effort.texture = Texture::common(common, 0.1, 2.0);
            if dice.chance(0.3) {
                effort.texture.slope = dice.uniform(0.5, 1.5);
            }
            effort.fatigue = dice.uniform(0.3, 2.0);
            self.hold(EventKind::LongHold, effort, "");
            self.rest(at_s, duration_s);
            if self.dice.chance(0.4) {
                let pitch_deg = self.dice.uniform(3.0, 9.0);
                self.tilt(at_s, duration_s, pitch_deg, 3.0);
            }
        }
        self.draw_stretches(person);
        self.draw_idle(person);
    }

    /// Adds a contraction and its truth.
    fn hold(&mut self, kind: EventKind, effort: Effort, note: &'static str) {
        let at_s = effort.start_s;
        self.note(kind, at_s, at_s + effort.duration_s, effort.level_uv, note);
        self.add(at_s, What::Contraction(Box::new(effort)));
    }

    /// Tense while lying: the level creeps, and follows the common drive, the breath and a tremor.
    fn brace(&mut self, at_s: f64, duration_s: f64, person: &Person) {
        let dice = &mut self.dice;
        let longest_s = (0.4 * duration_s).min(10.0);
        let rise_s = dice.uniform(0.5, longest_s);
        let fall_s = dice.log_uniform(0.2, longest_s);
        let envelope =
            if dice.chance(0.5) { Envelope::Hold { rise_s, fall_s } } else { Envelope::Gradual { rise_s, fall_s } };
        let level_uv = dice.log_uniform(2.5 * person.quiet_uv, 0.45 * person.mvc_uv);
        let mut effort = Effort::new(at_s, duration_s, level_uv, envelope, dice);
        let common = CommonDrive::new(dice.uniform(0.04, 0.20), dice.uniform(0.6, 2.0), dice);
        effort.texture = Texture::common(common, 0.05, 2.0);
        effort.texture.creep = std::array::from_fn(|_| dice.uniform(0.65, 1.25));
        for (chance, low_hz, high_hz) in [(0.5, 0.18, 0.32), (0.4, 7.0, 11.0)] {
            if dice.chance(chance) {
                let (depth, hz) = (dice.uniform(0.0, 0.12), dice.uniform(low_hz, high_hz));
                effort.texture.swings.push(Swing { depth, hz, phase: 0.0 });
            }
        }
        effort.fatigue = dice.uniform(0.0, 1.2);
        self.hold(EventKind::Bracing, effort, "");
        self.rest(at_s, duration_s);
    }

    fn draw_stretches(&mut self, person: &Person) {
        for _ in 0..self.times(2) + self.poisson(4.0) {
            let duration_s = self.dice.uniform(2.0, 10.0);
            let Some(at_s) = self.place(duration_s, 320.0, 5.0) else { continue };
            let rise_s = duration_s * self.dice.uniform(0.15, 0.5);
            let fall_s = duration_s * self.dice.uniform(0.08, 0.3);
            let level_uv = self.dice.log_uniform(0.08, 0.85) * person.mvc_uv;
            let envelope = Envelope::Hold { rise_s, fall_s };
            let effort = Effort::new(at_s, duration_s, level_uv, envelope, &mut self.dice);
            self.hold(EventKind::Stretch, effort, "");
            let pitch_deg = self.dice.uniform(-8.0, 8.0);
            self.tilt(at_s, duration_s, pitch_deg, 4.0);
            if self.dice.chance(0.4) {
                let moving = Moving { muscle: 0.1, tilt_deg: 2.0, ..Moving::new(duration_s, 0.03) };
                self.add(at_s, What::Moving(moving));
            }
        }
    }

    /// One or a few units go on while the person lies awake.
    fn draw_idle(&mut self, person: &Person) {
        let count = if person.idles { 1 + self.dice.index(3) } else { 0 };
        for _ in 0..self.times(count) {
            let duration_s = self.dice.uniform(60.0, 900.0);
            let Some(at_s) = self.place(duration_s, 320.0, 20.0) else { continue };
            let level_uv = self.dice.uniform(0.8, 2.2) * person.quiet_uv;
            let envelope = Envelope::Hold { rise_s: 2.0, fall_s: 2.0 };
            let mut effort = Effort::new(at_s, duration_s, level_uv, envelope, &mut self.dice);
            effort.texture = Texture::common(CommonDrive::new(0.06, 1.0, &mut self.dice), 0.3, 2.0);
            self.hold(EventKind::Bracing, effort, "idle tone");
        }
    }

    pub(super) fn draw_movements(&mut self, person: &Person) {
        if self.dice.chance(0.15) {
            let count = 1 + self.dice.index(3);
            for _ in 0..self.times(count) {
                let duration_s = self.dice.uniform(60.0, 300.0);
                let Some(at_s) = self.place_before(duration_s, 400.0, 9000.0, 20.0) else { continue };
                let strength_g = self.dice.log_uniform(0.02, 0.15);
                let per_s = Some(self.dice.uniform(0.25, 1.0));
                let moving = Moving { muscle: 0.8, tilt_deg: 4.0, per_s, ..Moving::new(duration_s, strength_g) };
                self.add(at_s, What::Moving(moving));
                self.note(EventKind::LargeMovement, at_s, at_s + duration_s, 0.0, "restless");
            }
        }
        for _ in 0..self.poisson(12.8 * person.mover.powf(0.6)) {
            let duration_s = self.dice.log_normal(9.0, 0.5).clamp(3.0, 30.0);
            let Some(at_s) = self.place(duration_s, 150.0, 0.0) else { continue };
            self.add(at_s, What::Turn { duration_s });
            self.note(EventKind::Turn, at_s, at_s + duration_s, 0.0, "");
        }
        for _ in 0..self.poisson(43.2 * person.mover) {
            let duration_s = self.dice.log_normal(11.0, 0.5).clamp(3.0, 45.0);
            // Some fall on cramps and holds.
            let at_s = if self.dice.chance(0.12) {
                self.anywhere(300.0, duration_s, 60.0)
            } else {
                self.place(duration_s, 240.0, 0.0)
            };
            let Some(at_s) = at_s else { continue };
            let strength_g = self.dice.log_uniform(0.03, 0.3);
            let tilt_deg = self.dice.log_uniform(1.0, 10.0);
            self.add(at_s, What::Moving(Moving { tilt_deg, ..Moving::new(duration_s, strength_g) }));
            self.note(EventKind::LargeMovement, at_s, at_s + duration_s, 0.0, "");
        }
        for _ in 0..self.poisson(6.0 * person.twitcher) {
            let duration_s = self.dice.uniform(1.0, 4.0);
            let Some(at_s) = self.anywhere(300.0, duration_s, 30.0) else { continue };
            self.add(at_s, What::Moving(Moving { muscle: 0.1, tilt_deg: 1.0, ..Moving::new(duration_s, 0.03) }));
            self.note(EventKind::LargeMovement, at_s, at_s + duration_s, 0.0, "small shift");
        }
        if person.plms {
            self.draw_leg_movements(person);
        }
    }

    /// Periodic leg movements in series.
    fn draw_leg_movements(&mut self, person: &Person) {
        let count = 120 + self.dice.index(300);
        let mut left = self.times(count);
        let level_uv = self.dice.log_uniform(2.2 * person.quiet_uv, 0.12 * person.mvc_uv);
        let typical_s = self.dice.uniform(1.2, 4.0);
        while left > 0 {
            let Some(mut at_s) = self.anywhere(900.0, 0.0, 1800.0) else { return };
            let pause_s = self.dice.uniform(18.0, 36.0);
            for _ in 0..5 + self.dice.index(55) {
                let duration_s = self.dice.log_normal(typical_s, 0.35).clamp(0.5, 9.5);
                left = left.saturating_sub(1);
                if at_s > self.length_s - 60.0_f64.min(0.1 * self.length_s) {
                    break;
                }
                let dice = &mut self.dice;
                let envelope = Envelope::Hold { rise_s: dice.uniform(0.1, 0.4), fall_s: dice.uniform(0.2, 0.6) };
                let own_uv = dice.log_normal(level_uv, 0.5);
                let mut effort = Effort::new(at_s, duration_s, own_uv, envelope, dice);
                effort.region = Some(0.1);
                effort.texture.creep = [1.0 + 0.3 * dice.unit(); 5];
                if dice.chance(0.35) {
                    effort.texture.creep = effort.texture.creep.map(|level| 0.55 * level);
                    let hz = dice.uniform(1.5, 4.0);
                    effort.texture.swings.push(Swing { depth: 0.45 / 0.55, hz, phase: 0.25 * TAU });
                }
                self.hold(EventKind::LegMovement, effort, "");
                if self.dice.chance(0.6) {
                    let strength_g = self.dice.log_uniform(0.02, 0.3);
                    let width_s = (0.5 * duration_s).min(0.6);
                    let (tilt_deg, artefact) = (6.0, true);
                    self.add(at_s, What::Submove { width_s, strength_g, tilt_deg, level_uv: None, artefact });
                }
                at_s += (pause_s * self.dice.log_normal(1.0, 0.25)).clamp(10.0, 88.0);
            }
        }
    }
}

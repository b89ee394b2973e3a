//! Getting up, tension while lying, stretching, rubbing, turning and moving.

use super::deed::What;
use super::movement::Moving;
use super::person::pick;
use super::plan::Planner;
use super::tonic::Tonic;
use crate::simulate::EventKind;

impl Planner<'_> {
    /// To the bathroom, and standing beside the bed.
    pub(super) fn draw_upright(&mut self) {
        let visits = pick(&[0, 1, 2, 3], &[0.3, 0.35, 0.25, 0.1], &mut self.dice);
        for _ in 0..self.times(visits) {
            self.bathroom();
        }
        let stands = pick(&[0, 1, 2], &[0.45, 0.35, 0.2], &mut self.dice);
        for _ in 0..self.times(stands) {
            let duration_s = self.dice.log_uniform(12.0, 240.0);
            let Some(at_s) = self.place(duration_s + 15.0, 30.0, 900.0) else { continue };
            let stands_s = at_s + self.rises(at_s, true, "");
            self.stands(stands_s, duration_s, "");
            let down_s = stands_s + duration_s;
            let end_s = down_s + self.rises(down_s, false, "");
            self.reserve(at_s, end_s);
        }
    }

    fn bathroom(&mut self) {
        let dice = &mut self.dice;
        let (there_s, back_s) = (dice.uniform(12.0, 60.0), dice.uniform(12.0, 60.0));
        let stays_s = dice.uniform(25.0, 200.0);
        let Some(at_s) = self.place(there_s + back_s + stays_s + 20.0, 60.0, 1800.0) else { return };
        let mut now_s = at_s + self.rises(at_s, true, "");
        if self.dice.chance(0.4) {
            let waits_s = self.dice.uniform(5.0, 40.0);
            self.stands(now_s, waits_s, "");
            now_s += waits_s;
        }
        self.walks(now_s, there_s, false, "");
        now_s += there_s;
        // Others sit.
        if self.dice.chance(0.6) {
            self.stands(now_s, stays_s, "");
        }
        now_s += stays_s;
        self.walks(now_s, back_s, false, "");
        now_s += back_s;
        now_s += self.rises(now_s, false, "");
        self.reserve(at_s, now_s);
    }

    /// Bracing, long holds, stretches and rubs.
    pub(super) fn draw_tension(&mut self) {
        let bracings = 1 + self.dice.index(4);
        for _ in 0..self.times(bracings) {
            let duration_s = self.dice.log_normal(50.0, 0.9).clamp(5.0, 300.0);
            self.tense(duration_s, true);
        }
        let holds = pick(&[0, 1, 2, 3], &[0.15, 0.4, 0.3, 0.15], &mut self.dice);
        for _ in 0..self.times(holds) {
            let duration_s = self.dice.log_normal(35.0, 0.8).clamp(10.0, 240.0);
            self.tense(duration_s, false);
        }
        for _ in 0..self.poisson(3.5) {
            let Some(at_s) = self.place(10.0, 15.0, 300.0) else { continue };
            let duration_s = self.dice.uniform(2.0, 10.0);
            self.add(at_s, What::Stretch { duration_s });
            self.note(EventKind::Stretch, at_s, at_s + duration_s, 0.0, "");
            self.reserve(at_s, at_s + duration_s);
        }
        for _ in 0..self.poisson(1.3) {
            let duration_s = self.dice.log_uniform(5.0, 40.0);
            let Some(at_s) = self.place(duration_s, 20.0, 300.0) else { continue };
            self.rubs(at_s, duration_s, "");
            self.reserve(at_s, at_s + duration_s);
        }
    }

    fn tense(&mut self, duration_s: f64, is_bracing: bool) {
        let Some(at_s) = self.place(duration_s, 45.0, 300.0) else { return };
        let level_uv = self.level_uv();
        self.add(at_s, What::Tense(Tonic { duration_s, level_uv, is_bracing }));
        let kind = if is_bracing { EventKind::Bracing } else { EventKind::LongHold };
        self.note(kind, at_s, at_s + duration_s, level_uv, "");
        self.reserve(at_s, at_s + duration_s);
        if self.dice.chance(0.3) {
            let (moves_s, long_s) = (at_s + duration_s * self.dice.uniform(0.1, 0.9), self.dice.log_uniform(1.5, 8.0));
            self.moves(moves_s, long_s, false, "");
        }
        if self.dice.chance(0.3) {
            let after_s = at_s + duration_s * self.dice.uniform(0.7, 1.05);
            self.acts_as_after_a_cramp(after_s);
        }
    }

    fn acts_as_after_a_cramp(&mut self, at_s: f64) {
        let choice = self.dice.unit();
        if choice < 0.4 {
            let duration_s = self.dice.uniform(4.0, 20.0);
            self.rubs(at_s, duration_s, "");
        } else if choice < 0.7 {
            let duration_s = self.dice.log_uniform(3.0, 12.0);
            self.moves(at_s, duration_s, true, "");
        } else {
            let stands_s = at_s + self.rises(at_s, true, "");
            let duration_s = self.dice.uniform(8.0, 60.0);
            self.stands(stands_s, duration_s, "");
            self.rises(stands_s + duration_s, false, "");
        }
    }

    /// Turns and large movements, some more of them soon after going to bed.
    pub(super) fn draw_movements(&mut self) {
        for _ in 0..self.poisson(13.0 * self.person.moves) {
            let (at_s, duration_s) = (self.restless(), self.dice.log_uniform(4.0, 20.0));
            if self.is_free(at_s, duration_s) {
                self.moves(at_s, duration_s, true, "");
            }
        }
        for _ in 0..self.poisson(46.0 * self.person.moves) {
            let (at_s, duration_s) = (self.restless(), self.dice.log_normal(9.0, 0.55).clamp(3.0, 45.0));
            if self.is_free(at_s, duration_s) {
                self.moves(at_s, duration_s, false, "");
            }
        }
        if self.dice.chance((0.3 * self.share).min(1.0)) {
            let (at_s, duration_s) =
                (self.dice.uniform(self.near(30.0), self.near(290.0)), self.dice.uniform(3.0, 8.0));
            self.add(at_s, What::Move(Moving { duration_s, turns: false, shifts: true, muscle: 0.5 }));
            self.note(EventKind::LargeMovement, at_s, at_s + duration_s, 0.0, "");
        }
    }

    fn restless(&mut self) -> f64 {
        if self.dice.chance(0.12) {
            self.dice.uniform(self.near(300.0), self.near(1800.0))
        } else {
            self.anywhere(300.0, 60.0)
        }
    }

    /// In bed, and mostly away from what keeps others away.
    fn is_free(&mut self, at_s: f64, duration_s: f64) -> bool {
        let meets = |&(from_s, to_s): &(f64, f64)| at_s + duration_s >= from_s && at_s <= to_s;
        !self.is_up(at_s, duration_s) && (!self.busy.iter().any(meets) || self.dice.chance(0.15))
    }
}

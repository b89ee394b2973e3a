//! Cramps, and what people do about them.

use super::contact::{Change, Span, sweat_gain};
use super::course::Envelope;
use super::cramp::CrampPlan;
use super::deed::{Moving, What};
use super::effort::Effort;
use super::person::Person;
use super::plan::Plan;
use super::pose::{Tilt, TiltCourse};
use crate::simulate::EventKind;

impl Plan {
    /// In three of ten nights sweat lowers the gain for good.
    pub(super) fn sweat(&mut self) {
        if self.dice.chance((0.3 * self.density).min(1.0)) {
            let scale = (self.length_s / 28_800.0).min(1.0);
            let start_s = scale * self.dice.uniform(1800.0, 18_000.0);
            let end_s = start_s + scale * self.dice.uniform(1800.0, 7200.0);
            let least = self.dice.uniform(0.5, 0.9);
            self.spans.push(Span { start_s, end_s, change: Change::Sweat(least) });
            self.note(EventKind::SweatDrift, start_s, end_s, 0.0, "");
        }
    }

    pub(super) fn draw_cramps(&mut self, person: &Person, count: u32) {
        let (first_s, last_s) = (self.early(1260.0), self.length_s - self.early(420.0));
        let mut spans: Vec<(f64, f64)> = Vec::new();
        for _ in 0..2000 {
            if spans.len() == count as usize {
                break;
            }
            let length_s = self.dice.log_normal(60.0, 0.75).clamp(10.0, 300.0);
            let at_s = self.dice.uniform(first_s, last_s.max(first_s));
            let is_apart = |&(from_s, to_s): &(f64, f64)| at_s > to_s + 330.0 || at_s + length_s < from_s - 330.0;
            if at_s + length_s + 5.0 < self.length_s && spans.iter().all(is_apart) {
                spans.push((at_s, at_s + length_s));
            }
        }
        spans.sort_by(|one, other| one.0.total_cmp(&other.0));
        self.taken.extend(spans.iter().map(|(from_s, to_s)| (from_s - 30.0, to_s + 45.0)));
        for (from_s, to_s) in spans {
            self.cramp(person, from_s, to_s - from_s);
        }
    }

    fn cramp(&mut self, person: &Person, start_s: f64, length_s: f64) {
        let gain = |span: &Span| match span.change {
            Change::Sweat(least) => sweat_gain(span.start_s, span.end_s, least, start_s + length_s + 2.0),
            _ => 1.0,
        };
        let gain: f64 = self.spans.iter().map(gain).product();
        let level_uv = self.dice.log_uniform(2.5 * person.quiet_uv, 0.85 * person.mvc_uv);
        // Sweat does not push it under what counts as a cramp.
        let level_uv = level_uv.max(2.5 * person.quiet_uv / gain);
        let ramp_s = self.dice.uniform(1.0, 10.0).min(0.45 * length_s);
        let kind = self.dice.unit();
        let (still, after) = (kind < 0.35, kind >= 0.8);
        if after {
            self.before(person, start_s);
        }
        let mut abrupt_at_s = None;
        if !still && (!after || self.dice.chance(0.4)) {
            abrupt_at_s = self.relief(person, start_s, length_s, level_uv);
        } else if still && self.dice.chance(0.2) {
            abrupt_at_s = Some(length_s);
        }
        let abrupt_at_s = abrupt_at_s.map(|at_s: f64| at_s.clamp(10.0, 300.0));
        let length_s = abrupt_at_s.map_or(length_s, |at_s| at_s + 1.5);
        let seed = self.dice.seed();
        let plan = CrampPlan { start_s, length_s, abrupt_at_s, ramp_s, level_uv, seed };
        self.cramps.push(plan);
        self.rest(start_s + 0.4, length_s - 1.0);
        for (chance, sign, least, most) in [(0.4, -1.0, 0.1, 1.2), (0.35, 1.0, 0.05, 0.7)] {
            if self.dice.chance(chance) {
                let duration_s = self.dice.uniform(10.0, if sign < 0.0 { 90.0 } else { 120.0 });
                let count = ((duration_s * self.dice.log_uniform(least, most)) as usize).max(2);
                let at_s = if sign < 0.0 { start_s - duration_s - 0.3 } else { start_s + length_s + 2.0 };
                self.add(at_s, What::Fasciculation { duration_s, count, of: Some(plan) });
                self.note(EventKind::Fasciculation, at_s, at_s + duration_s, 0.0, "around a cramp");
            }
        }
    }

    /// The leg may move a little and quiver while a muscle is tense.
    pub(super) fn rest(&mut self, start_s: f64, duration_s: f64) {
        if self.dice.chance(0.6) {
            let pitch_deg = self.dice.uniform(-3.0, 3.0);
            self.tilt(start_s, duration_s, pitch_deg, 1.5);
        }
        if self.dice.chance(0.5) {
            let (strength_g, hz) = (self.dice.log_uniform(0.0005, 0.006), self.dice.uniform(5.5, 13.5));
            self.add(start_s, What::Quiver { duration_s, strength_g, hz });
        }
    }

    /// There and back: pitch in degrees, deviation of the roll in degrees.
    pub(super) fn tilt(&mut self, start_s: f64, duration_s: f64, pitch_deg: f64, roll_deg: f64) {
        let edge_s = self.dice.uniform(0.4, 1.5).min(0.45 * duration_s);
        let (pitch, roll) = (pitch_deg.to_radians(), (roll_deg * self.dice.normal()).to_radians());
        self.add(start_s, What::Tilt(Tilt { start_s, duration_s, pitch, roll, course: TiltCourse::Back(edge_s) }));
    }

    /// The movement that a cramp comes out of.
    fn before(&mut self, person: &Person, start_s: f64) {
        let duration_s = self.dice.uniform(3.0, 10.0);
        let at_s = (start_s - duration_s + self.dice.uniform(-4.0, 3.0)).max(0.0);
        let kind = match self.dice.index(3) {
            0 => {
                self.add(at_s, What::Turn { duration_s });
                EventKind::Turn
            }
            1 => {
                let level_uv = self.dice.log_uniform(0.1, 0.85) * person.mvc_uv;
                let envelope = Envelope::Hold { rise_s: 0.3 * duration_s, fall_s: 0.25 * duration_s };
                let effort = Effort::new(at_s, duration_s, level_uv, envelope, &mut self.dice);
                self.add(at_s, What::Contraction(Box::new(effort)));
                let pitch_deg = self.dice.uniform(-6.0, 6.0);
                self.tilt(at_s, duration_s, pitch_deg, 3.0);
                EventKind::Stretch
            }
            _ => {
                let strength_g = self.dice.log_uniform(0.05, 0.3);
                self.add(at_s, What::Moving(Moving::new(duration_s, strength_g)));
                EventKind::LargeMovement
            }
        };
        self.note(kind, at_s, at_s + duration_s, 0.0, "before a cramp");
    }

    /// What the person does about it, and when that ends it, from the cramp's start.
    fn relief(&mut self, person: &Person, start_s: f64, length_s: f64, level_uv: f64) -> Option<f64> {
        let after_s = self.dice.log_normal(25.0, 0.7).max(4.0).min(0.9 * length_s);
        let at_s = start_s + after_s;
        let choice = self.dice.unit();
        let (kind, duration_s, ends_s) = if choice < 0.3 {
            let duration_s = self.dice.uniform(5.0, 40.0);
            self.add(at_s, What::Rub { duration_s });
            (EventKind::Rub, duration_s, None)
        } else if choice < 0.5 {
            let duration_s = self.dice.uniform(20.0, 75.0);
            self.add(at_s, What::Upright { duration_s });
            if self.dice.chance(0.5) {
                self.walk(at_s + 0.4 * duration_s, 0.4 * duration_s, "relief");
            }
            let ends = self.dice.chance(0.6).then(|| (after_s + self.dice.uniform(5.0, 20.0)).min(length_s));
            (EventKind::Standing, duration_s, ends)
        } else if choice < 0.8 {
            let duration_s = self.dice.uniform(2.0, 7.0);
            self.add(at_s - 1.5, What::Moving(Moving { muscle: 0.3, ..Moving::new(2.0, 0.1) }));
            let stretch_uv = (level_uv * self.dice.uniform(1.0, 2.0)).min(0.95 * person.mvc_uv);
            let envelope = Envelope::Hold { rise_s: 0.5, fall_s: 0.5 };
            let effort = Effort::new(at_s, duration_s, stretch_uv, envelope, &mut self.dice);
            self.add(at_s, What::Contraction(Box::new(effort)));
            let pitch_deg = self.dice.uniform(4.0, 15.0);
            self.tilt(at_s, duration_s + 1.0, pitch_deg, 4.0);
            let ends = self.dice.chance(0.75).then(|| after_s + duration_s * self.dice.uniform(0.4, 1.0));
            (EventKind::Stretch, duration_s, ends)
        } else {
            let (duration_s, strength_g) = (self.dice.uniform(3.0, 25.0), self.dice.log_uniform(0.05, 0.3));
            self.add(at_s, What::Moving(Moving::new(duration_s, strength_g)));
            (EventKind::LargeMovement, duration_s, None)
        };
        self.note(kind, at_s, at_s + duration_s, 0.0, "relief");
        ends_s
    }
}

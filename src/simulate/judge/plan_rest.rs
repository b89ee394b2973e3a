//! Twitches of sleep, and what is no muscle at all.

use super::contact::{Change, Span};
use super::course::Envelope;
use super::deed::{Moving, What};
use super::effort::Effort;
use super::person::Person;
use super::plan::Plan;
use super::slow::Drift;
use crate::simulate::EventKind;

impl Plan {
    pub(super) fn draw_twitches(&mut self, person: &Person) {
        let tremors = if self.dice.chance(0.08) { self.dice.poisson(4.0) } else { usize::from(self.dice.chance(0.15)) };
        for _ in 0..self.times(tremors) {
            let duration_s = self.dice.uniform(8.0, 18.0);
            let Some(at_s) = self.place(duration_s, 360.0, 3.0) else { continue };
            self.add(at_s, What::FootTremor { duration_s });
            self.note(EventKind::Tremor, at_s, at_s + duration_s, 0.0, "");
        }
        let jerks = if self.dice.chance(0.7) { 1 + self.dice.index(3) } else { 0 };
        for _ in 0..self.times(jerks) {
            let at_s = self.dice.uniform(self.early(300.0), self.early(3600.0));
            let duration_s = self.dice.uniform(0.08, 0.25);
            let level_uv = self.dice.log_uniform(0.15, 0.9) * person.mvc_uv;
            let mut effort = Effort::new(at_s, duration_s + 0.025, level_uv, Envelope::Bell, &mut self.dice);
            effort.region = None;
            self.add(at_s, What::Contraction(Box::new(effort)));
            let strength_g = self.dice.log_uniform(0.1, 0.8);
            let (width_s, tilt_deg) = (0.2, 5.0);
            self.add(at_s, What::Submove { width_s, strength_g, tilt_deg, level_uv: None, artefact: true });
            self.note(EventKind::HypnicJerk, at_s, at_s + duration_s, level_uv, "");
        }
        for cycle in 0..(self.length_s / 5400.0) as usize {
            let start_s = cycle as f64 * 5400.0 + self.dice.uniform(4000.0, 4700.0);
            let end_s = (start_s + self.dice.uniform(400.0, 1800.0)).min(self.length_s - 20.0);
            if start_s < end_s {
                let change = Change::Noise(self.dice.uniform(0.93, 1.0));
                self.spans.push(Span { start_s, end_s, change });
                let pause_s = 90.0 / person.twitcher / self.density;
                self.add(start_s, What::Rem { duration_s: end_s - start_s, pause_s });
                self.note(EventKind::FragmentaryMyoclonus, start_s, end_s, 0.0, "REM");
            }
        }
        self.draw_myoclonus(person);
        for _ in 0..self.poisson(3.0 * person.twitcher) {
            let duration_s = self.dice.log_uniform(5.0, 300.0);
            let Some(at_s) = self.anywhere(320.0, duration_s, 400.0) else { continue };
            let count = (duration_s * self.dice.log_uniform(0.05, 1.5)) as usize + 1;
            self.add(at_s, What::Fasciculation { duration_s, count, of: None });
            self.note(EventKind::Fasciculation, at_s, at_s + duration_s, 0.0, "");
        }
    }

    fn draw_myoclonus(&mut self, person: &Person) {
        let count = if person.myoclonus { 2 + self.dice.index(3) } else { self.dice.index(3) };
        for _ in 0..self.times(count) {
            let dice = &mut self.dice;
            let (duration_s, per_min) = if person.myoclonus {
                (dice.uniform(1200.0, 3600.0), dice.uniform(5.0, 14.0))
            } else {
                (dice.uniform(60.0, 600.0), dice.uniform(0.3, 3.0))
            };
            let Some(at_s) = self.anywhere(900.0, duration_s, 900.0) else { continue };
            self.add(at_s, What::Myoclonus { duration_s, per_min });
            self.note(EventKind::FragmentaryMyoclonus, at_s, at_s + duration_s, 0.0, "");
        }
    }

    pub(super) fn draw_wires(&mut self, person: &Person) {
        for _ in 0..self.poisson(2.0) {
            let moves = self.dice.chance(0.6);
            let duration_s = if moves { self.dice.uniform(3.0, 25.0) } else { self.dice.uniform(30.0, 400.0) };
            let Some(at_s) = self.anywhere(300.0, duration_s, 60.0) else { continue };
            if moves {
                let strength_g = self.dice.log_uniform(0.01, 0.1);
                let moving =
                    Moving { muscle: 0.0, tilt_deg: 0.6, artefact: false, ..Moving::new(duration_s, strength_g) };
                self.add(at_s, What::Moving(moving));
            } else {
                let (strength_g, hz) = (self.dice.log_uniform(0.003, 0.05), self.dice.uniform(4.0, 30.0));
                self.add(at_s, What::Quiver { duration_s, strength_g, hz });
            }
            self.note(EventKind::BedVibration, at_s, at_s + duration_s, 0.0, "");
        }
        for _ in 0..self.poisson(0.8) {
            let duration_s = self.dice.uniform(6.0, 60.0);
            let Some(at_s) = self.place(duration_s, 400.0, 20.0) else { continue };
            self.add(at_s, What::Rub { duration_s });
            self.note(EventKind::Rub, at_s, at_s + duration_s, 0.0, "");
        }
        for _ in 0..self.poisson(1.2) {
            let duration_s = self.dice.log_uniform(4.0, 1200.0);
            let Some(at_s) = self.anywhere(400.0, duration_s, 10.0) else { continue };
            let change = Change::Mains(self.dice.log_uniform(0.5, 25.0).max(person.mains_uv));
            self.spans.push(Span { start_s: at_s, end_s: at_s + duration_s, change });
            self.note(EventKind::MainsJump, at_s, at_s + duration_s, 0.0, "");
        }
        if self.dice.chance((0.18 * self.share).min(1.0)) {
            self.loosen();
        }
    }

    /// An electrode comes loose: it flickers, slides and pops, and may come off for a while.
    fn loosen(&mut self) {
        let Some(start_s) = self.anywhere(3000.0, 0.0, 3000.0) else { return };
        let end_s = (start_s + self.dice.log_uniform(600.0, 9000.0)).min(self.length_s - self.early(30.0));
        self.note(EventKind::LooseElectrode, start_s, end_s, 0.0, "");
        let change = Change::Loose {
            mains_uv: self.dice.log_uniform(0.5, 15.0),
            mains: Drift::new(0.98, 1.0, &mut self.dice),
            noise: Drift::new(0.99, 1.0, &mut self.dice),
        };
        self.spans.push(Span { start_s, end_s, change });
        let mut at_s = start_s;
        while at_s < end_s - 10.0 {
            let level_uv = self.dice.log_uniform(2.0, 120.0);
            self.add(at_s, What::Pop { level_uv });
            let pause_s = self.dice.log_uniform(15.0, 90.0);
            at_s += self.dice.exponential(pause_s);
        }
        if self.dice.chance(0.6) {
            for _ in 0..1 + self.dice.index(3) {
                let duration_s = self.dice.log_uniform(5.0, 400.0);
                let from_s = start_s / (self.length_s / 7200.0).min(1.0);
                let Some(at_s) = self.place_before(duration_s, from_s, end_s.max(start_s + duration_s + 5.0), 20.0)
                else {
                    continue;
                };
                let mains_uv = if self.dice.chance(0.7) { self.dice.log_uniform(0.2, 300.0) } else { 0.0 };
                let noise = [0.2, 1.0, 4.0][self.dice.index(3)];
                self.spans.push(Span {
                    start_s: at_s,
                    end_s: at_s + duration_s + 1.0,
                    change: Change::Off { mains_uv, noise },
                });
                self.note(EventKind::LooseElectrode, at_s, at_s + duration_s, 0.0, "off");
            }
        }
    }
}

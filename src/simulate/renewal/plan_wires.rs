//! What is no muscle: bad contact, mains, a bed that shakes.

use super::contact::Span;
use super::deed::What;
use super::plan::Planner;
use crate::simulate::EventKind;

impl Planner<'_> {
    /// In every fifth night or so an electrode holds badly for a while.
    pub(super) fn draw_contact(&mut self) {
        let spans = if self.dice.chance(0.22) { 1 + self.dice.index(3) } else { 0 };
        for _ in 0..self.times(spans) {
            let duration_s = self.dice.log_uniform(20.0, 2400.0);
            let Some(from_s) = self.place(duration_s, 60.0, 1500.0) else { continue };
            let to_s = from_s + duration_s;
            let dice = &mut self.dice;
            let span = if dice.chance(0.25) {
                Span { from_s, to_s, muscle: 0.0, mains: dice.uniform(0.0, 0.1), noise: -0.9, is_off: true }
            } else {
                let (muscle, mains) = (dice.uniform(0.02, 0.5), dice.log_uniform(20.0, 300.0));
                Span { from_s, to_s, muscle, mains, noise: dice.log_uniform(1.0, 30.0), is_off: false }
            };
            self.plan.spans.push(span);
            if !span.is_off {
                for _ in 0..=self.dice.poisson(duration_s / 20.0) {
                    let (at_s, duration_s) = (self.dice.uniform(from_s, to_s), self.dice.uniform(0.3, 4.0));
                    let level_uv = self.person.artefact_uv * self.dice.log_uniform(1.0, 8.0);
                    self.add(at_s, What::Crackle { duration_s, level_uv });
                }
            }
            self.note(EventKind::LooseElectrode, from_s, to_s, 0.0, if span.is_off { "off" } else { "" });
            self.reserve(from_s, to_s);
        }
    }

    pub(super) fn draw_surroundings(&mut self) {
        for _ in 0..self.poisson(2.0) {
            let from_s = self.anywhere(300.0, 400.0);
            let to_s = from_s + self.dice.log_uniform(3.0, 400.0);
            let mains = self.dice.log_uniform(3.0, 40.0);
            self.plan.spans.push(Span { from_s, to_s, muscle: 1.0, mains, noise: 0.0, is_off: false });
            self.note(EventKind::MainsJump, from_s, to_s, 0.0, "");
        }
        for _ in 0..self.poisson(3.0) {
            let (at_s, duration_s) = (self.anywhere(300.0, 100.0), self.dice.log_uniform(1.0, 60.0));
            self.add(at_s, What::Vibrate { duration_s });
            self.note(EventKind::BedVibration, at_s, at_s + duration_s, 0.0, "");
        }
    }
}

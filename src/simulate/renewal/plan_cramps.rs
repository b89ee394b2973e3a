//! Cramps, what goes before them and what people do about them.

use super::cramp::{Cramp, CrampPlan};
use super::deed::What;
use super::plan::Planner;
use crate::simulate::{EventKind, TruthEvent};

/// Lengths of cramps in seconds that are let stand.
const LENGTHS_S: std::ops::RangeInclusive<f64> = 10.0..=300.0;

impl Planner<'_> {
    pub(super) fn draw_cramps(&mut self, count: u32) {
        let room = (self.length_s / 340.0) as u32 + 1;
        // Fewer where so many find no room.
        let Some(spans) = (1..=count.min(room)).rev().find_map(|count| self.cramp_spans(count)) else { return };
        for (at_s, duration_s) in spans {
            self.cramp(at_s, duration_s);
        }
    }

    /// Starts and lengths in seconds; a third of the cramps follow others within an hour.
    fn cramp_spans(&mut self, count: u32) -> Option<Vec<(f64, f64)>> {
        let (first_s, last_s) = (self.near(1230.0), self.length_s - self.near(720.0));
        for _ in 0..300 {
            let mut starts: Vec<f64> = Vec::new();
            for _ in 0..count {
                let start_s = if !starts.is_empty() && self.dice.chance(0.3) {
                    starts[self.dice.index(starts.len())] + self.dice.uniform(420.0, 3600.0)
                } else {
                    self.dice.uniform(first_s, last_s)
                };
                starts.push(start_s);
            }
            starts.sort_by(f64::total_cmp);
            let length = |start_s: f64| (start_s, self.dice.log_normal(60.0, 0.8).clamp(10.5, 290.0));
            let spans: Vec<(f64, f64)> = starts.into_iter().map(length).collect();
            let is_late =
                spans.last().is_some_and(|(at_s, long_s)| *at_s > last_s || at_s + long_s > self.length_s - 2.0);
            let are_apart = spans.windows(2).all(|pair| pair[1].0 - pair[0].0 - pair[0].1 > 330.0);
            if are_apart && !is_late {
                return Some(spans);
            }
        }
        None
    }

    fn cramp(&mut self, start_s: f64, duration_s: f64) {
        let level_uv = self.level_uv();
        let by_stretch = self.dice.chance(0.42);
        let is_abrupt = by_stretch || self.dice.chance(0.12);
        let mut plan = CrampPlan { duration_s, level_uv, is_abrupt, seed: 0 };
        let mut made = None;
        for _ in 0..12 {
            plan.seed = self.dice.seed();
            made = Cramp::make(&plan, self.pool, self.person, self.rate_hz).map(|cramp| (plan, cramp));
            if made.as_ref().is_some_and(|(_, cramp)| LENGTHS_S.contains(&(cramp.end_s - cramp.onset_s))) {
                break;
            }
            let most_s = (self.length_s - start_s - 2.0).min(285.0);
            plan.duration_s = (1.25 * plan.duration_s + 1.0).min(most_s);
            plan.level_uv *= 1.1;
        }
        let Some((plan, cramp)) = made else { return };
        self.plan.truth.push(TruthEvent {
            kind: EventKind::Cramp,
            onset_s: start_s + cramp.onset_s,
            end_s: (start_s + cramp.end_s).min(self.length_s),
            level_uv: cramp.highest_uv,
            note: if is_abrupt { "ends at once" } else { "" },
        });
        self.add(start_s, What::Cramp(plan));
        self.add(start_s, What::CrampShows(plan));
        let from_s = self.before(start_s);
        let end_s = start_s + plan.duration_s;
        if self.dice.chance(0.35) {
            let lead_s = self.dice.uniform(30.0, 240.0);
            let per_s = self.dice.log_uniform(0.05, 0.8);
            self.fasciculates(start_s - lead_s, start_s, per_s);
            self.note(EventKind::Fasciculation, start_s - lead_s, start_s, 0.0, "around a cramp");
        }
        if self.dice.chance(0.5) {
            let (after_s, per_s) = (self.dice.uniform(15.0, 90.0), self.dice.log_uniform(0.05, 0.6));
            self.fasciculates(end_s, end_s + after_s, per_s);
        }
        let relieved_s = self.relief(start_s, plan.duration_s, by_stretch);
        self.reserve(from_s - 20.0, relieved_s.max(end_s) + 40.0);
    }

    /// What some cramps come out of; gives its start.
    fn before(&mut self, start_s: f64) -> f64 {
        let choice = self.dice.unit();
        if choice < 0.13 {
            let duration_s = self.dice.uniform(2.0, 6.0);
            let at_s = start_s - duration_s - self.dice.uniform(0.0, 6.0);
            self.add(at_s, What::Stretch { duration_s });
            self.note(EventKind::Stretch, at_s, at_s + duration_s, 0.0, "before a cramp");
            at_s
        } else if choice < 0.25 {
            let duration_s = self.dice.log_uniform(3.0, 14.0);
            let at_s = start_s - duration_s * self.dice.uniform(0.1, 1.0) - self.dice.uniform(0.0, 8.0);
            let turns = self.dice.chance(0.5);
            self.moves(at_s, duration_s, turns, "before a cramp");
            at_s
        } else {
            start_s
        }
    }

    /// What the person does about a cramp; gives its end.
    fn relief(&mut self, start_s: f64, duration_s: f64, by_stretch: bool) -> f64 {
        let end_s = start_s + duration_s;
        let at_s = if by_stretch {
            end_s - self.dice.uniform(0.5, 7.0)
        } else if self.dice.chance(0.5) {
            start_s + (duration_s * self.dice.uniform(0.15, 0.9)).min(self.dice.log_uniform(8.0, 120.0))
        } else {
            return end_s;
        };
        let at_s = at_s.max(start_s + 1.0);
        let choice = self.dice.unit();
        if choice < 0.3 {
            let duration_s = self.dice.uniform(4.0, 35.0);
            self.rubs(at_s, duration_s, "relief");
            if by_stretch {
                let stretch_s = self.dice.uniform(0.6, 2.2);
                self.forced_stretch(end_s - 0.4, stretch_s);
            }
            at_s + 20.0
        } else if choice < 0.55 {
            let duration_s = self.dice.log_uniform(3.0, 12.0);
            self.moves(at_s, duration_s, false, "relief");
            if by_stretch {
                let stretch_s = self.dice.uniform(0.6, 2.2);
                self.forced_stretch(end_s - 0.6, stretch_s);
            }
            at_s + 12.0
        } else if choice < 0.85 {
            let mut now_s = at_s + self.rises(at_s, true, "relief");
            let stands_s = self.dice.uniform(10.0, 90.0);
            self.stands(now_s, stands_s, "relief");
            now_s += stands_s;
            if self.dice.chance(0.5) {
                let walks_s = self.dice.uniform(8.0, 40.0);
                self.walks(now_s, walks_s, true, "relief");
                now_s += walks_s;
            }
            self.rises(now_s, false, "relief");
            now_s + 7.0
        } else {
            let stretch_s = self.dice.uniform(1.0, 5.0);
            self.forced_stretch(if by_stretch { end_s - 0.6 } else { at_s }, stretch_s);
            at_s + 6.0
        }
    }

    fn forced_stretch(&mut self, at_s: f64, duration_s: f64) {
        self.add(at_s, What::ForcedStretch { duration_s });
        self.note(EventKind::Stretch, at_s, at_s + duration_s, 0.0, "relief");
    }

    /// Single discharges, `per_s` a second.
    pub(super) fn fasciculates(&mut self, from_s: f64, to_s: f64, per_s: f64) {
        for _ in 0..self.dice.poisson((to_s - from_s) * per_s) {
            let at_s = self.dice.uniform(from_s, to_s);
            self.add(at_s, What::Fasciculate);
        }
    }
}

//! What happens in a night, drawn before it begins.

use super::contact::Span;
use super::cramp::CrampPlan;
use super::deed::{Deed, What};
use super::person::Person;
use crate::simulate::dice::Dice;
use crate::simulate::{EventKind, OneChannelOptions, TruthEvent};

/// The plan of a night.
#[derive(Debug)]
pub(super) struct Plan {
    /// By time, last first.
    pub(super) deeds: Vec<Deed>,
    pub(super) spans: Vec<Span>,
    /// By time, last first.
    pub(super) cramps: Vec<CrampPlan>,
    pub(super) truth: Vec<TruthEvent>,
    /// Taken by something that nothing else may meet.
    pub(super) taken: Vec<(f64, f64)>,
    pub(super) length_s: f64,
    /// Factor on counts per natural night of 8 h.
    pub(super) share: f64,
    pub(super) density: f64,
    pub(super) dice: Dice,
}

impl Plan {
    /// The plan for `options` (clamped).
    pub(super) fn draw(person: &Person, seed: u64, options: &OneChannelOptions) -> Self {
        let length_s = f64::from(options.duration_s);
        let mut plan = Self {
            deeds: Vec::new(),
            spans: Vec::new(),
            cramps: Vec::new(),
            truth: Vec::new(),
            taken: Vec::new(),
            length_s,
            share: options.density * length_s / 28_800.0,
            density: options.density,
            dice: Dice::new(seed, 0x91a2),
        };
        plan.sweat();
        plan.draw_cramps(person, options.cramps);
        if options.density > 0.0 {
            plan.draw_upright();
            plan.draw_holds(person);
            plan.draw_movements(person);
            plan.draw_twitches(person);
            plan.draw_wires(person);
        }
        plan.deeds.sort_by(|one, other| other.at_s.total_cmp(&one.at_s));
        plan.cramps.sort_by(|one, other| other.start_s.total_cmp(&one.start_s));
        plan.truth.sort_by(|one, other| one.onset_s.total_cmp(&other.onset_s));
        plan
    }

    /// How often something happens that happens `mean` times a night: Poisson.
    pub(super) fn poisson(&mut self, mean: f64) -> usize {
        self.dice.poisson(mean * self.share)
    }

    /// A count per night brought to this night's length and density.
    pub(super) fn times(&mut self, per_night: usize) -> usize {
        let count = per_night as f64 * self.share;
        count as usize + usize::from(self.dice.chance(count.fract()))
    }

    pub(super) fn add(&mut self, at_s: f64, what: What) {
        let seed = self.dice.seed();
        self.deeds.push(Deed { at_s, seed, what });
    }

    /// Notes what happens; what lies behind the night's end does not.
    pub(super) fn note(&mut self, kind: EventKind, onset_s: f64, end_s: f64, level_uv: f64, note: &'static str) {
        if onset_s < self.length_s && onset_s >= 0.0 {
            self.truth.push(TruthEvent { kind, onset_s, end_s: end_s.min(self.length_s), level_uv, note });
        }
    }

    /// A time of an 8 h night in this one: short nights have short beginnings.
    pub(super) fn early(&self, at_s: f64) -> f64 {
        at_s * (self.length_s / 7200.0).min(1.0)
    }

    /// Any time from `from_s` (of a long night) on at which something of this length fits before the end.
    pub(super) fn anywhere(&mut self, from_s: f64, duration_s: f64, before_end_s: f64) -> Option<f64> {
        let (low, high) = (self.early(from_s), self.length_s - self.early(before_end_s).max(duration_s + 2.0));
        (high > low).then(|| self.dice.uniform(low, high))
    }

    /// A free place after `from_s`, with `margin_s` around it; taken from now on.
    pub(super) fn place(&mut self, duration_s: f64, from_s: f64, margin_s: f64) -> Option<f64> {
        self.place_before(duration_s, from_s, self.length_s, margin_s)
    }

    /// The same, not after `until_s`.
    pub(super) fn place_before(&mut self, duration_s: f64, from_s: f64, until_s: f64, margin_s: f64) -> Option<f64> {
        let low = self.early(from_s);
        let high = until_s.min(self.length_s - self.early(60.0)) - duration_s;
        if high <= low {
            return None;
        }
        for _ in 0..200 {
            let at_s = self.dice.uniform(low, high);
            let is_free =
                |&(from_s, to_s): &(f64, f64)| at_s + duration_s + margin_s < from_s || at_s - margin_s > to_s;
            if self.taken.iter().all(is_free) {
                self.taken.push((at_s, at_s + duration_s));
                return Some(at_s);
            }
        }
        None
    }
}

//! What happens when: the whole night is planned before its first second.

use super::course::CrampCourse;
use super::dice::Dice;
use super::options::NightOptions;
use super::part::{Part, Scheduled};
use super::person::Person;
use super::truth::{EventKind, TruthEvent};

/// A planned night.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The parts in the order of their start.
    pub(crate) parts: Vec<Scheduled>,
    /// The events in the order of their onset; cramps still with their planned times.
    pub(crate) truth: Vec<TruthEvent>,
}

/// A night while it is being planned.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    pub(crate) person: &'a Person,
    pub(crate) options: &'a NightOptions,
    pub(crate) duration_s: f64,
    pub(crate) dice: Dice,
    parts: Vec<Scheduled>,
    truth: Vec<TruthEvent>,
    /// Times out of bed.
    pub(crate) out_of_bed: Vec<(f64, f64)>,
    /// Cramps with what is done against them.
    pub(crate) cramp_times: Vec<(f64, f64)>,
}

impl Plan {
    /// Plans the night of this seed.
    pub(crate) fn new(person: &Person, options: &NightOptions, seed: u64) -> Self {
        let duration_s = f64::from(options.duration_s);
        let mut planner = Planner {
            person,
            options,
            duration_s,
            dice: Dice::new(seed, 40),
            parts: Vec::new(),
            truth: Vec::new(),
            out_of_bed: Vec::new(),
            cramp_times: Vec::new(),
        };
        planner.plan_cramps();
        planner.plan_troubles();
        planner.plan_walks();
        planner.plan_in_bed();
        planner.finish()
    }
}

impl Planner<'_> {
    /// Adds a part.
    pub(crate) fn schedule(&mut self, start_s: f64, end_s: f64, part: Part) {
        let dice = Dice::new(self.dice.seed(), 41);
        self.parts.push(Scheduled { start_s: start_s.max(0.0), end_s: end_s.min(self.duration_s), part, dice });
    }

    /// Adds an event to the truth, cut at the ends of the night; returns its place.
    pub(crate) fn note(
        &mut self,
        kind: EventKind,
        start_s: f64,
        end_s: f64,
        level_uv: f64,
        note: &'static str,
    ) -> usize {
        let (onset_s, end_s) = (start_s.clamp(0.0, self.duration_s), end_s.clamp(0.0, self.duration_s));
        self.truth.push(TruthEvent { kind, onset_s, end_s, level_uv, note });
        self.truth.len() - 1
    }

    /// Adds a cramp and its truth.
    pub(crate) fn add_cramp(&mut self, kind: EventKind, course: CrampCourse, note: &'static str) {
        let truth = self.note(kind, course.start_s, course.start_s + course.length_s, course.level_uv, note);
        self.schedule(course.start_s, course.end_s(), Part::Cramp(Box::new(course), truth));
    }

    /// Calls `make` at random times, `per_h` times an hour on average (times density), not out of bed when `in_bed`.
    pub(crate) fn scatter(&mut self, per_h: f64, in_bed: bool, make: fn(&mut Self, f64)) {
        for _ in 0..self.dice.poisson(per_h * self.options.density * self.duration_s / 3600.0) {
            let at_s = self.dice.uniform(2.0, (self.duration_s - 5.0).max(2.0));
            if at_s < self.duration_s && !(in_bed && self.is_out_of_bed(at_s)) {
                make(self, at_s);
            }
        }
    }

    /// Whether the person is out of bed at this time or within 60 s after.
    pub(crate) fn is_out_of_bed(&self, at_s: f64) -> bool {
        self.out_of_bed.iter().any(|&(from_s, to_s)| at_s > from_s - 60.0 && at_s < to_s)
    }

    /// A time for something of `length_s` without a cramp near it; `None` if there is none.
    pub(crate) fn free_of_cramps(&mut self, length_s: f64) -> Option<f64> {
        for _ in 0..500 {
            let at_s = self.dice.uniform(5.0, (self.duration_s - length_s).max(5.0));
            let end_s = at_s + length_s;
            let clear = self.cramp_times.iter().all(|&(from_s, to_s)| end_s < from_s - 120.0 || at_s > to_s + 60.0);
            if clear && end_s <= self.duration_s {
                return Some(at_s);
            }
        }
        None
    }

    /// A level in µV RMS on the medial channel for anything that holds: cramps, bracing and holds share it, so that
    /// level alone tells nothing. From barely above the quiet RMS to near the strongest contraction.
    pub(crate) fn tension_uv(&mut self) -> f64 {
        let (floor, mvc) = (self.person.noise.floor_uv[0], self.person.anatomy.mvc_uv[0]);
        let draw = self.dice.unit();
        if draw < 0.40 {
            (floor * self.dice.log_uniform(2.4, 9.0)).min(0.9 * mvc)
        } else if draw < 0.95 {
            (mvc * self.dice.log_uniform(0.08, 0.6)).max(2.4 * floor)
        } else {
            mvc * self.dice.uniform(0.6, 0.95)
        }
    }

    /// The share of each head's strongest contraction that gives `level_uv` in the leading head; the other follows
    /// more or less.
    pub(crate) fn heads(&mut self, level_uv: f64) -> [f64; 2] {
        let follower = self.dice.log_uniform(0.15, 1.0);
        let shares = if self.dice.chance(0.6) { [1.0, follower] } else { [follower, 1.0] };
        let mvc = self.person.anatomy.mvc_uv;
        [0, 1].map(|head| (level_uv * shares[head] / mvc[head]).min(1.0))
    }

    fn finish(mut self) -> Plan {
        self.parts.retain(|part| part.end_s > part.start_s);
        self.parts.sort_by(|one, other| one.start_s.total_cmp(&other.start_s));
        let mut order: Vec<usize> = (0..self.truth.len()).collect();
        order.sort_by(|&one, &other| self.truth[one].onset_s.total_cmp(&self.truth[other].onset_s));
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        for scheduled in &mut self.parts {
            if let Part::Cramp(_, truth) = &mut scheduled.part {
                *truth = place[*truth];
            }
        }
        let truth = order.iter().map(|&old| self.truth[old].clone()).collect();
        Plan { parts: self.parts, truth }
    }
}

#[cfg(test)]
mod tests {
    use super::super::options::CrampCount;
    use super::*;

    #[test]
    fn rates_of_movement_are_those_of_published_nights() {
        let options = NightOptions::default();
        let count = |kind: EventKind| -> f64 {
            let nights = (0..60).map(|seed| Plan::new(&Person::random(seed), &options, seed));
            nights.map(|plan| plan.truth.iter().filter(|event| event.kind == kind).count() as f64).sum::<f64>() / 480.0
        };
        let (turns, movements) = (count(EventKind::Turn), count(EventKind::LargeMovement));
        assert!((0.9..2.6).contains(&turns), "{turns} turns an hour");
        assert!((4.5..10.8).contains(&(turns + movements)), "{} movements an hour", turns + movements);
    }

    #[test]
    fn the_asked_number_of_cramps_is_planned() {
        for wanted in [0, 1, 4, 10] {
            let options = NightOptions { cramps: CrampCount::Exactly(wanted), ..NightOptions::default() };
            let plan = Plan::new(&Person::random(1), &options, 3);
            let cramps = plan.truth.iter().filter(|event| event.kind == EventKind::Cramp).count();
            assert_eq!(cramps, wanted as usize);
        }
    }
}

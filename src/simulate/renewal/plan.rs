//! What happens in a night, drawn before it begins.

use super::contact::Span;
use super::deed::{Deed, What};
use super::movement::Moving;
use super::person::Person;
use super::pool::Pool;
use crate::simulate::dice::Dice;
use crate::simulate::{EventKind, OneChannelOptions, TruthEvent};

/// Seconds of a natural night, which rates are given for.
pub(super) const SECONDS_OF_A_NIGHT: f64 = 28_800.0;

/// A planned night.
#[derive(Debug)]
pub(super) struct Plan {
    /// By time, last first.
    pub(super) deeds: Vec<Deed>,
    pub(super) spans: Vec<Span>,
    pub(super) truth: Vec<TruthEvent>,
}

/// A night being planned.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    pub(super) person: &'a Person,
    pub(super) pool: &'a Pool,
    pub(super) rate_hz: usize,
    pub(super) plan: Plan,
    /// Spans that others keep away from.
    pub(super) busy: Vec<(f64, f64)>,
    /// Times out of bed, in which nothing of sleep happens.
    awake: Vec<(f64, f64)>,
    up_since_s: Option<f64>,
    pub(super) length_s: f64,
    /// Factor on counts of a natural night.
    pub(super) share: f64,
    pub(super) dice: Dice,
}

impl Plan {
    /// The plan for `options` (clamped).
    pub(super) fn draw(person: &Person, pool: &Pool, seed: u64, options: &OneChannelOptions) -> Self {
        let length_s = f64::from(options.duration_s);
        let mut planner = Planner {
            person,
            pool,
            rate_hz: options.emg_rate_hz as usize,
            plan: Self { deeds: Vec::new(), spans: Vec::new(), truth: Vec::new() },
            busy: Vec::new(),
            awake: Vec::new(),
            up_since_s: None,
            length_s,
            share: options.density * length_s / SECONDS_OF_A_NIGHT,
            dice: Dice::new(seed, 0x91a5),
        };
        planner.draw_cramps(options.cramps);
        if options.density > 0.0 {
            planner.draw_upright();
            planner.draw_contact();
            planner.draw_tension();
            planner.draw_legs();
            planner.draw_movements();
            planner.draw_twitches();
            planner.draw_surroundings();
        }
        let mut plan = planner.plan;
        plan.deeds.sort_by(|one, other| other.at_s.total_cmp(&one.at_s));
        plan.truth.sort_by(|one, other| one.onset_s.total_cmp(&other.onset_s));
        plan
    }
}

impl Planner<'_> {
    pub(super) fn add(&mut self, at_s: f64, what: What) {
        let seed = self.dice.seed();
        self.plan.deeds.push(Deed { at_s: at_s.max(0.0), seed, what });
    }

    /// Notes what happens before the end of the night.
    pub(super) fn note(&mut self, kind: EventKind, from_s: f64, to_s: f64, level_uv: f64, note: &'static str) {
        let (onset_s, end_s) = (from_s.max(0.0), to_s.min(self.length_s));
        if onset_s < end_s {
            self.plan.truth.push(TruthEvent { kind, onset_s, end_s, level_uv, note });
        }
    }

    /// How often something happens in this night that happens on average `mean` times in a natural one.
    pub(super) fn poisson(&mut self, mean: f64) -> usize {
        self.dice.poisson(mean * self.share)
    }

    /// The same for what happens `count` times in a natural night.
    pub(super) fn times(&mut self, count: usize) -> usize {
        let mean = count as f64 * self.share;
        mean as usize + usize::from(self.dice.chance(mean.fract()))
    }

    /// A time near the beginning or the end of a night: nearer in a short one.
    pub(super) fn near(&self, at_s: f64) -> f64 {
        at_s * (self.length_s / 7200.0).min(1.0)
    }

    /// Any time from `from_s` to `before_end_s` before the end of the night.
    pub(super) fn anywhere(&mut self, from_s: f64, before_end_s: f64) -> f64 {
        let (low, high) = (self.near(from_s), self.length_s - self.near(before_end_s));
        self.dice.uniform(low, high.max(low))
    }

    /// A place for something `duration_s` long, `margin_s` away from all that keeps others away; None without room.
    pub(super) fn place(&mut self, duration_s: f64, margin_s: f64, from_s: f64) -> Option<f64> {
        let (low, high) = (self.near(from_s), self.length_s - self.near(60.0) - duration_s);
        if high <= low {
            return None;
        }
        (0..300).find_map(|_| {
            let at_s = self.dice.uniform(low, high);
            let is_apart =
                |&(from_s, to_s): &(f64, f64)| at_s + duration_s + margin_s < from_s || at_s - margin_s > to_s;
            self.busy.iter().all(is_apart).then_some(at_s)
        })
    }

    pub(super) fn reserve(&mut self, from_s: f64, to_s: f64) {
        self.busy.push((from_s, to_s));
    }

    /// True when the person is out of bed, or nearly.
    pub(super) fn is_up(&self, at_s: f64, duration_s: f64) -> bool {
        self.awake.iter().any(|(from_s, to_s)| at_s + duration_s > from_s - 10.0 && at_s < to_s + 10.0)
    }

    /// A movement of the leg; gives its length.
    pub(super) fn moves(&mut self, at_s: f64, duration_s: f64, turns: bool, note: &'static str) -> f64 {
        self.add(at_s, What::Move(Moving { duration_s, turns, shifts: !turns, muscle: 1.0 }));
        let kind = if turns { EventKind::Turn } else { EventKind::LargeMovement };
        self.note(kind, at_s, at_s + duration_s, 0.0, note);
        duration_s
    }

    /// Gets up, or lies down; gives the time it takes.
    pub(super) fn rises(&mut self, at_s: f64, up: bool, note: &'static str) -> f64 {
        let duration_s = self.dice.uniform(3.0, 7.0);
        if up {
            self.up_since_s = Some(at_s);
        } else if let Some(from_s) = self.up_since_s.take() {
            self.awake.push((from_s, at_s + duration_s));
        }
        self.add(at_s, What::Rise { duration_s, up });
        self.note(EventKind::LargeMovement, at_s, at_s + duration_s, 0.0, note);
        duration_s
    }

    pub(super) fn stands(&mut self, at_s: f64, duration_s: f64, note: &'static str) {
        self.add(at_s, What::Stand { duration_s });
        self.note(EventKind::Standing, at_s, at_s + duration_s, 0.0, note);
    }

    pub(super) fn walks(&mut self, at_s: f64, duration_s: f64, limps: bool, note: &'static str) {
        self.add(at_s, What::Walk { duration_s, limps });
        self.note(EventKind::Walk, at_s, at_s + duration_s, 0.0, note);
    }

    pub(super) fn rubs(&mut self, at_s: f64, duration_s: f64, note: &'static str) {
        self.add(at_s, What::Rub { duration_s });
        self.note(EventKind::Rub, at_s, at_s + duration_s, 0.0, note);
    }

    /// The level of cramps, bracing and holds alike, µV RMS.
    pub(super) fn level_uv(&mut self) -> f64 {
        self.dice.log_uniform(2.5 * self.person.quiet_uv, 0.85 * self.person.mvc_uv)
    }
}

//! A cramp: part of the muscle discharges fast and irregularly, units come and go in no order of size.
//!
//! After Minetto 2009 and 2011 (rates, interval variation, doublets, a shared drift near 1.4 Hz, patchy ends), Roeleveld
//! 2000 (a moving part of the muscle) and Ross & Thomas 1995.

use super::cramp_clock::CrampClock;
use super::cramp_units::{Excitability, Territory};
use super::person::CrampHabit;
use super::pool::Pool;
use super::potential::{VERSIONS, reach};
use super::slow::{Drift, FRAME_S, FRAMES, Resonance};
use crate::simulate::dice::Dice;
use crate::simulate::{EventKind, TruthEvent};

/// What was drawn for one cramp.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CrampPlan {
    pub(super) start_s: f64,
    pub(super) length_s: f64,
    /// A stretch, standing up or nothing at all ends it at once here, from its start.
    pub(super) abrupt_at_s: Option<f64>,
    pub(super) ramp_s: f64,
    /// RMS of the plateau, µV.
    pub(super) level_uv: f64,
    pub(super) seed: u64,
}

/// The share of units that is active over time, and when its plateau is.
#[derive(Debug, Clone, Copy)]
struct Course {
    rise_power: f64,
    fall_power: f64,
    /// Length of a patchy end, s.
    decay_s: f64,
    share: f64,
    waxing: f64,
    doublets: f64,
    fatigue: f64,
}

#[derive(Debug, Clone)]
struct CrampUnit {
    index: usize,
    rate_hz: f64,
    excitability: Excitability,
    nearness: f64,
    own: Drift,
    /// How much of its drift it shares, and with which group.
    shared: f64,
    group: usize,
    clock: CrampClock,
}

/// A running cramp with its own samples, because the truth is measured on them.
#[derive(Debug, Clone)]
pub(super) struct Cramp {
    plan: CrampPlan,
    course: Course,
    territory: Territory,
    units: Vec<CrampUnit>,
    groups: Vec<Resonance>,
    drift: f64,
    waxing: Drift,
    dice: Dice,
    gain: f64,
    rate_hz: usize,
    samples: Vec<f32>,
    first_loud_s: Option<f64>,
    last_loud_s: f64,
    loudest_uv: f64,
}

impl Cramp {
    pub(super) fn new(plan: CrampPlan, pool: &Pool, habit: &CrampHabit, rate_hz: usize) -> Self {
        let territory = Territory::draw(&plan, pool, habit);
        let mut dice = Dice::new(plan.seed, 0xc4a3);
        let patchy_s = dice.uniform(0.12, 0.4) * plan.length_s;
        let course = Course {
            rise_power: dice.uniform(0.7, 2.0),
            fall_power: dice.uniform(0.6, 1.6),
            decay_s: if plan.abrupt_at_s.is_some() { 0.4 } else { patchy_s.min(25.0) },
            share: dice.uniform(0.45, 0.85),
            waxing: dice.uniform(0.08, 0.35),
            doublets: dice.uniform(0.01, 0.08),
            fatigue: dice.uniform(0.0, 1.2) / plan.length_s.max(60.0),
        };
        let (centre_hz, width_hz) = ((1.4 + 0.3 * dice.normal()).max(0.7), dice.uniform(0.3, 0.8));
        let groups: Vec<Resonance> =
            (0..1 + usize::from(dice.chance(0.5))).map(|_| Resonance::new(centre_hz, width_hz, &mut dice)).collect();
        let turn_s = dice.uniform(9.0, 28.0);
        let mut unit = |&(index, rate_hz): &(usize, f64)| {
            let variation = (habit.variation + 0.05 * dice.normal()).clamp(0.16, 0.55);
            CrampUnit {
                index,
                rate_hz,
                excitability: Excitability::new(habit.jumps, turn_s, &mut dice),
                nearness: 0.0,
                own: Drift::new((-std::f64::consts::TAU * 0.8 * FRAME_S).exp(), 1.0, &mut dice),
                shared: if dice.chance(0.55) { dice.uniform(0.6, 1.0) } else { dice.uniform(0.0, 0.25) },
                group: dice.index(groups.len()),
                clock: CrampClock::new(habit.law, variation, course.doublets, &mut dice),
            }
        };
        let units = territory.units.iter().map(&mut unit).collect();
        let waxing_s = dice.uniform(3.0, 12.0);
        let mut cramp = Self {
            plan,
            course,
            territory,
            units,
            groups,
            drift: habit.drift,
            waxing: Drift::lasting(waxing_s, &mut dice),
            dice,
            gain: 1.0,
            rate_hz,
            samples: vec![0.0; rate_hz + reach(rate_hz)],
            first_loud_s: None,
            last_loud_s: 0.0,
            loudest_uv: 0.0,
        };
        // The same cramp once without anybody watching: the whole of it decides how far from the electrodes it is.
        cramp.gain = plan.level_uv / cramp.clone().rehearse(pool).max(1e-6);
        cramp
    }

    /// Runs to the end and returns the RMS of the plateau.
    fn rehearse(mut self, pool: &Pool) -> f64 {
        let plan = self.plan;
        let from_s = plan.ramp_s.min(0.4 * plan.length_s);
        let to_s = plan.abrupt_at_s.unwrap_or(plan.length_s - self.course.decay_s).max(from_s + 1.0);
        let (mut power, mut count) = (0.0, 0_u32);
        for second in plan.start_s as u32..=(plan.start_s + to_s) as u32 {
            self.make(second, pool);
            for (index, sample) in self.samples[..self.rate_hz].iter().enumerate() {
                let at_s = f64::from(second) + index as f64 / self.rate_hz as f64 - plan.start_s;
                if (from_s..to_s).contains(&at_s) {
                    power += f64::from(*sample).powi(2);
                    count += 1;
                }
            }
        }
        (power / f64::from(count.max(1))).sqrt()
    }

    /// Makes this second, measures it against the quiet RMS and adds it to `out`; `gain` is what the skin lets through
    /// at the second's beginning and end. False when nothing more will come.
    pub(super) fn second(
        &mut self,
        second: u32,
        pool: &Pool,
        gain: (f64, f64),
        quiet_uv: f64,
        out: &mut [f32],
    ) -> bool {
        self.make(second, pool);
        let step = (gain.1 - gain.0) / self.rate_hz as f64;
        for quarter in 0..4 {
            let span = quarter * self.rate_hz / 4..(quarter + 1) * self.rate_hz / 4;
            let count = span.len() as f64;
            let mut power = 0.0;
            for index in span {
                let through = (gain.0 + step * index as f64) * self.gain * f64::from(self.samples[index]);
                out[index] += through as f32;
                power += through * through;
            }
            let rms_uv = (power / count).sqrt();
            self.loudest_uv = self.loudest_uv.max(rms_uv);
            if rms_uv > 2.0 * quiet_uv {
                let from_s = f64::from(second) + quarter as f64 * 0.25;
                self.first_loud_s.get_or_insert(from_s);
                self.last_loud_s = from_s + 0.25;
            }
        }
        f64::from(second + 1) < self.plan.start_s + self.plan.length_s + 2.1
    }

    /// What is to be found of this cramp; `None` for one that never rose above twice the quiet RMS.
    pub(super) fn truth(&self) -> Option<TruthEvent> {
        self.first_loud_s.map(|onset_s| TruthEvent {
            kind: EventKind::Cramp,
            onset_s,
            end_s: self.last_loud_s,
            level_uv: self.loudest_uv,
            note: if self.plan.abrupt_at_s.is_some() { "ends at once" } else { "" },
        })
    }

    /// The samples of a second before any gain.
    fn make(&mut self, second: u32, pool: &Pool) {
        self.samples.copy_within(self.rate_hz.., 0);
        let tail = self.samples.len() - self.rate_hz;
        self.samples[tail..].fill(0.0);
        let begin_s = f64::from(second) - self.plan.start_s;
        for unit in &mut self.units {
            unit.nearness = self.territory.nearness(pool, unit.index, begin_s.max(0.0));
        }
        for frame in 0..FRAMES {
            let within_s = frame as f64 * FRAME_S;
            let at_s = begin_s + within_s;
            // Units that lie in the middle outlast the rest by up to two seconds.
            if (0.0..self.plan.length_s + 2.0).contains(&at_s) {
                self.frame(at_s, within_s, pool);
            }
        }
    }

    /// The share of the units that is active.
    fn active(&mut self, at_s: f64) -> f64 {
        let (plan, course) = (&self.plan, &self.course);
        let rise = (at_s / plan.ramp_s).min(1.0).powf(course.rise_power);
        let fall = match plan.abrupt_at_s {
            Some(abrupt_s) if at_s < abrupt_s => 1.0,
            Some(abrupt_s) => (-(at_s - abrupt_s) / 0.12).exp(),
            None => ((plan.length_s - at_s) / course.decay_s).clamp(0.0, 1.0).powf(course.fall_power),
        };
        let waxing = (course.waxing * self.waxing.next(&mut self.dice)).exp();
        (course.share * waxing * rise * fall).clamp(0.0, 0.97)
    }

    fn frame(&mut self, at_s: f64, within_s: f64, pool: &Pool) {
        let active = self.active(at_s);
        let mut shared = [0.0; 2];
        for (value, group) in shared.iter_mut().zip(&mut self.groups) {
            *value = group.next(&mut self.dice);
        }
        let dice = &mut self.dice;
        let version = self.territory.version as f64 + self.course.fatigue * at_s + dice.unit();
        let version = (version as usize).min(VERSIONS - 1);
        let common = (1.0 - 0.12 * at_s / 60.0) * (0.72 + 0.28 * (active / 0.4).min(1.0));
        for unit in &mut self.units {
            let own = unit.own.next(dice);
            if unit.excitability.at(at_s, dice) - unit.nearness >= active {
                unit.clock.rest(dice);
                continue;
            }
            let drift = unit.shared * shared[unit.group] + (1.0 - unit.shared * unit.shared).sqrt() * own;
            let rate_hz = (unit.rate_hz * (1.0 + self.drift * drift) * common).clamp(6.0, 34.0);
            if let Some(into) = unit.clock.tick(rate_hz, dice) {
                let at = (within_s + into * FRAME_S) * self.rate_hz as f64;
                let strength = 1.0 + 0.06 * dice.normal_f32();
                pool.units[unit.index].potential.add(at, version, strength, &mut self.samples);
            }
        }
    }
}

//! A cramp: units fire fast and irregularly, in no order of size, and take turns.
//!
//! After Minetto 2009 and 2011 (20±6 pulses/s, interval variation about 0.45, doublets, a shared drift near 1.4 Hz,
//! units active for some 25 s), Roeleveld 2000 (a slowly moving part of the muscle) and Ross & Thomas 1995 (a stretch
//! raises the activity, then ends it).

use super::body::Tissue;
use super::drive::Sway;
use super::effort::unit_count;
use super::firing::{Clock, FRAME_S, FRAMES, Law};
use super::part::{Mix, carry};
use super::potential::{Grid, Potential, Territory};
use crate::simulate::dice::Dice;
use crate::simulate::{EventKind, TruthEvent};

/// What was drawn for one cramp.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrampPlan {
    pub(super) start_s: f64,
    pub(super) ramp_s: f64,
    /// From the first unit to the last.
    pub(super) duration_s: f64,
    /// Patchy decay at the end; short when a stretch breaks it.
    pub(super) decay_s: f64,
    /// A stretch ends it: the rates rise before.
    pub(super) stretched: bool,
    /// RMS with all units active, µV.
    pub(super) level_uv: f64,
    /// That level as a share of the maximum.
    pub(super) share: f64,
    /// Interval variation of a unit, with drift and doublets.
    pub(super) variation: f64,
    /// Standard deviation of the shared drift.
    pub(super) drift: f64,
    /// How deep the activity wanes at times, 0 to 1.
    pub(super) waning: f64,
    pub(super) seed: u64,
}

impl CrampPlan {
    /// How much of the muscle's part is active at a time from its start, 0 to 1.
    fn activity(&self, at_s: f64, slow: &Sway) -> f64 {
        let wane = 1.0 - self.waning * (0.5 + 0.5 * slow.at(at_s)).clamp(0.0, 1.0);
        let rise = (at_s / self.ramp_s).clamp(0.0, 1.0);
        let fall = ((self.duration_s - at_s) / self.decay_s).clamp(0.0, 1.0);
        rise * fall * wane
    }
}

/// One place for a unit; when a unit tires, another takes its place.
#[derive(Debug)]
struct Place {
    /// Counts the units of the cramp.
    number: usize,
    potential: Potential,
    clock: Clock,
    /// Fires while the activity is above; unrelated to the unit's size.
    rank: f64,
    rate_hz: f64,
    drifts: bool,
    active_until_s: f64,
    rests_until_s: f64,
}

/// A running cramp with its own samples, because the truth is measured on them.
#[derive(Debug)]
pub(super) struct Cramp {
    plan: CrampPlan,
    dice: Dice,
    places: Vec<Place>,
    units: usize,
    law: Law,
    territory: Territory,
    drift: Sway,
    slow: Sway,
    gain: f32,
    /// No later unit has more energy, so that one close to the electrodes does not outshout the planned level.
    strongest: f64,
    samples: Vec<f32>,
    first_loud_s: Option<f64>,
    last_loud_s: f64,
    loudest_uv: f64,
}

impl Cramp {
    pub(super) fn new(plan: CrampPlan, tissue: &Tissue, grid: &Grid, rate_hz: usize) -> Self {
        let mut dice = Dice::new(plan.seed, 0xc7a3);
        let count = unit_count(plan.share, 6.0, &mut dice);
        let common_hz = (1.4 + 0.4 * dice.normal()).clamp(0.7, 2.4);
        let mut cramp = Self {
            places: Vec::with_capacity(count),
            units: 0,
            law: Law::random(&mut dice, true),
            territory: Territory { lateral_mm: dice.uniform(-12.0, 12.0), radius_mm: dice.uniform(6.0, 14.0) },
            drift: Sway::new(0.7 * common_hz, 1.3 * common_hz, &mut dice),
            slow: Sway::new(0.02, 0.2, &mut dice),
            gain: 1.0,
            strongest: f64::INFINITY,
            samples: vec![0.0; rate_hz + grid.reach()],
            first_loud_s: None,
            last_loud_s: 0.0,
            loudest_uv: 0.0,
            plan,
            dice,
        };
        for index in 0..count {
            let mut place = cramp.unit(0.0, tissue, grid);
            // Spread evenly so that the ramp is neither a step nor empty.
            place.rank = (index as f64 + cramp.dice.unit()) / count as f64;
            cramp.places.push(place);
        }
        let power: f64 = cramp.places.iter().map(|place| place.rate_hz * place.potential.energy).sum();
        cramp.gain = (plan.level_uv / power.sqrt().max(1e-12)) as f32;
        cramp.strongest = 3.0 * cramp.places.iter().map(|place| place.potential.energy).sum::<f64>() / count as f64;
        cramp
    }

    /// A fresh unit that begins at `at_s` from the cramp's start.
    fn unit(&mut self, at_s: f64, tissue: &Tissue, grid: &Grid) -> Place {
        let dice = &mut self.dice;
        let size = dice.log_uniform(1.0, 8.0);
        // Doublets alone vary the intervals by some 0.17, the drift by its own deviation.
        let own = (self.plan.variation.powi(2) - self.plan.drift.powi(2) - 0.03).max(0.03).sqrt();
        let mut potential = Potential::random(tissue, grid, self.territory, size, dice);
        potential.limit(self.strongest);
        self.units += 1;
        Place {
            number: self.units,
            potential,
            clock: Clock::new(self.law, own, dice),
            rank: dice.unit(),
            rate_hz: (20.0 + 6.0 * dice.normal()).clamp(6.0, 34.0),
            drifts: dice.chance(0.7),
            active_until_s: at_s + dice.log_normal(20.0, 0.7),
            rests_until_s: at_s,
        }
    }

    /// Discharges of this second, as unit and seconds into the second (a doublet may lie a little beyond).
    fn fire(
        &mut self,
        second: u32,
        tissue: &Tissue,
        grid: &Grid,
        mut emit: impl FnMut(&Potential, usize, f64, &mut [f32]),
    ) {
        for frame in 0..FRAMES {
            let within_s = f64::from(frame) * FRAME_S;
            let at_s = f64::from(second) + within_s - self.plan.start_s;
            if at_s < 0.0 || at_s > self.plan.duration_s {
                continue;
            }
            let activity = self.plan.activity(at_s, &self.slow);
            let drift = self.plan.drift * self.drift.at(at_s);
            let stretched = self.plan.stretched && at_s > self.plan.duration_s - self.plan.decay_s - 1.5;
            let common = (0.65 + 0.35 * activity.min(1.0)) * if stretched { 1.4 } else { 1.0 };
            for index in 0..self.places.len() {
                if at_s > self.places[index].active_until_s {
                    let rest_s = self.dice.exponential(1.5);
                    let next = self.unit(at_s + rest_s, tissue, grid);
                    self.places[index] = Place { rests_until_s: at_s + rest_s, ..next };
                    // The cramp creeps through the muscle at 0.1 to 0.5 mm/s.
                    self.territory.lateral_mm =
                        (self.territory.lateral_mm + 0.7 * self.dice.normal()).clamp(-18.0, 18.0);
                }
                let place = &mut self.places[index];
                if at_s < place.rests_until_s || activity <= place.rank {
                    continue;
                }
                let rate_hz = place.rate_hz * common * if place.drifts { (1.0 + drift).clamp(0.3, 1.8) } else { 1.0 };
                if let Some(part) = place.clock.tick(rate_hz, &mut self.dice) {
                    let discharge_s = within_s + part * FRAME_S;
                    emit(&place.potential, place.number, discharge_s, &mut self.samples);
                    if self.dice.chance(0.04) {
                        let again_s = discharge_s + self.dice.uniform(0.006, 0.015);
                        emit(&place.potential, place.number, again_s, &mut self.samples);
                    }
                }
            }
        }
    }

    /// Makes this second in the cramp's own samples, measures it against the quiet RMS and gives it to the mix.
    /// `gain` is what the skin lets through. False when it is over.
    pub(super) fn second(&mut self, mix: &mut Mix, gain: (f64, f64), quiet_uv: f64) -> bool {
        carry(&mut self.samples, mix.rate_hz);
        let (rate, own) = (mix.rate_hz as f64, self.gain);
        self.fire(mix.second, &mix.tissue, &mix.grid, |potential, _, at_s, samples| {
            potential.add(at_s * rate, own, samples);
        });
        for quarter in 0..4 {
            let span = quarter * mix.rate_hz / 4..(quarter + 1) * mix.rate_hz / 4;
            let count = span.len() as f64;
            let mut power = 0.0;
            for index in span {
                let through = gain.0 + (gain.1 - gain.0) * index as f64 / rate;
                power += (through * f64::from(self.samples[index])).powi(2);
            }
            let rms_uv = (power / count).sqrt();
            self.loudest_uv = self.loudest_uv.max(rms_uv);
            if rms_uv > 2.0 * quiet_uv {
                let from_s = f64::from(mix.second) + quarter as f64 * 0.25;
                self.first_loud_s.get_or_insert(from_s);
                self.last_loud_s = from_s + 0.25;
            }
        }
        // Tails stay behind; the mix scales muscle and cramp alike afterwards.
        for (sum, sample) in mix.muscle.iter_mut().zip(&self.samples[..mix.rate_hz]) {
            *sum += sample;
        }
        mix.before(self.plan.start_s + self.plan.duration_s + 0.1)
    }

    /// What is to be found of this cramp; `None` for one that never rose above twice the quiet RMS.
    pub(super) fn truth(&self) -> Option<TruthEvent> {
        self.first_loud_s.map(|onset_s| TruthEvent {
            kind: EventKind::Cramp,
            onset_s,
            end_s: self.last_loud_s,
            level_uv: self.loudest_uv,
            note: if self.plan.stretched { "broken by a stretch" } else { "" },
        })
    }

    #[cfg(test)]
    /// Discharge times of each unit between the ramp and the decay.
    pub(super) fn trains(&mut self, tissue: &Tissue, grid: &Grid) -> Vec<Vec<f64>> {
        let mut trains: Vec<Vec<f64>> = Vec::new();
        let (from, to) = (self.plan.ramp_s + 1.0, self.plan.duration_s - self.plan.decay_s - 2.0);
        for second in (self.plan.start_s as u32)..=(self.plan.start_s + self.plan.duration_s) as u32 {
            let start_s = self.plan.start_s;
            self.fire(second, tissue, grid, |_, number, at_s, _| {
                let at_s = f64::from(second) + at_s - start_s;
                if (from..to).contains(&at_s) {
                    trains.resize_with(trains.len().max(number + 1), Vec::new);
                    trains[number].push(at_s);
                }
            });
        }
        trains
    }
}

//! A voluntary (or bracing, or reflex) contraction: units join in order of size as the drive grows.

use super::body::Tissue;
use super::drive::{Course, Sway};
use super::firing::{Clock, FRAME_S, FRAMES, Law};
use super::part::{Mix, Part};
use super::potential::{Grid, Potential, Territory};
use crate::simulate::dice::Dice;

/// How many units carry an event of `share` of the maximum: between `fewest` and about 40, more with effort. A contraction
/// has more units than a cramp, which is local but fires faster: so the two are equally spiky.
pub(super) fn unit_count(share: f64, fewest: f64, dice: &mut Dice) -> usize {
    let count = fewest * dice.uniform(0.8, 2.0) + 26.0 * share.clamp(0.0, 1.0).sqrt() * dice.uniform(0.4, 1.2);
    (count.round() as usize).clamp(6, 40)
}

/// One contraction.
#[derive(Debug)]
pub(super) struct Effort {
    pub(super) start_s: f64,
    pub(super) course: Course,
    /// RMS at a drive of 1, µV.
    pub(super) level_uv: f64,
    /// That level as a share of the maximum.
    pub(super) share: f64,
    /// Standard deviation of the common drive, a share of the drive.
    pub(super) wander: f64,
    pub(super) seed: u64,
    pub(super) running: Option<Running>,
}

/// The units, made when the contraction begins.
#[derive(Debug)]
pub(super) struct Running {
    dice: Dice,
    units: Vec<Unit>,
    sway: Sway,
    gain: f32,
    cursor: usize,
}

#[derive(Debug)]
struct Unit {
    potential: Potential,
    clock: Clock,
    /// Drive from which it fires.
    threshold: f64,
    slowest_hz: f64,
    fastest_hz: f64,
    on: bool,
}

impl Unit {
    fn rate_hz(&self, drive: f64) -> f64 {
        let over = (drive - self.threshold) / (1.0 - 0.5 * self.threshold);
        (self.slowest_hz + (self.fastest_hz - self.slowest_hz) * over).clamp(self.slowest_hz, 1.15 * self.fastest_hz)
    }
}

impl Effort {
    /// A contraction that begins at `start_s` and follows `course`.
    pub(super) fn new(start_s: f64, course: Course, level_uv: f64, share: f64, wander: f64, dice: &mut Dice) -> Self {
        Self { start_s, course, level_uv, share, wander, seed: dice.seed(), running: None }
    }

    fn begin(&self, tissue: &Tissue, grid: &Grid) -> Running {
        let mut dice = Dice::new(self.seed, 0xeff0);
        let count = unit_count(self.share, 13.0, &mut dice);
        let (law, variation) = (Law::random(&mut dice, false), dice.uniform(0.10, 0.25));
        let territory = Territory { lateral_mm: dice.uniform(-12.0, 12.0), radius_mm: dice.uniform(6.0, 18.0) };
        // Narrow: with so few units a wide range would be spikier (kurtosis) than any surface EMG.
        let size_range = dice.log_uniform(1.5, 8.0);
        let highest_threshold = dice.uniform(0.5, 0.85);
        let top_hz = 8.5 + 9.0 * self.share.clamp(0.0, 1.0).sqrt();
        let units: Vec<Unit> = (0..count)
            .map(|index| {
                let order = (index as f64 + 0.5) / count as f64;
                Unit {
                    potential: Potential::random(tissue, grid, territory, size_range.powf(order), &mut dice),
                    clock: Clock::new(law, variation * dice.uniform(0.85, 1.15), &mut dice),
                    threshold: highest_threshold * order.powf(1.3),
                    slowest_hz: dice.uniform(6.0, 8.0),
                    fastest_hz: (top_hz + 1.8 * dice.normal()).clamp(8.0, 20.0),
                    on: false,
                }
            })
            .collect();
        let power: f64 = units.iter().map(|unit| unit.rate_hz(1.0) * unit.potential.energy).sum();
        let sway = Sway::new(0.06, 2.0, &mut dice);
        Running { units, sway, gain: (self.level_uv / power.sqrt().max(1e-12)) as f32, cursor: 0, dice }
    }

    /// Discharges of this second, as unit index and seconds into the second.
    fn fire(&mut self, second: u32, mut emit: impl FnMut(&Potential, f32, usize, f64)) {
        let Some(running) = &mut self.running else { return };
        let Running { dice, units, sway, gain, cursor } = running;
        for frame in 0..FRAMES {
            let at_s = f64::from(second) + f64::from(frame) * FRAME_S - self.start_s;
            if at_s < 0.0 {
                continue;
            }
            let planned = self.course.at(at_s, cursor);
            if planned <= 0.0 && units.iter().all(|unit| !unit.on) {
                continue;
            }
            let drive = planned * (1.0 + self.wander * sway.at(at_s)).clamp(0.2, 1.9);
            for (index, unit) in units.iter_mut().enumerate() {
                // A unit that fires falls silent a little below where it began, so it does not stutter.
                unit.on = drive > unit.threshold * if unit.on { 0.92 } else { 1.0 } && drive > 0.005;
                if unit.on
                    && let Some(within) = unit.clock.tick(unit.rate_hz(drive), dice)
                {
                    emit(&unit.potential, *gain, index, (f64::from(frame) + within) * FRAME_S);
                }
            }
        }
    }

    #[cfg(test)]
    /// Discharge times of each unit over the whole contraction.
    pub(super) fn trains(&mut self, tissue: &Tissue, grid: &Grid) -> Vec<Vec<f64>> {
        self.running = Some(self.begin(tissue, grid));
        let mut trains = vec![Vec::new(); 40];
        let seconds = (self.start_s + self.course.duration_s()) as u32 + 1;
        for second in 0..seconds {
            self.fire(second, |_, _, index, at_s| trains[index].push(f64::from(second) + at_s));
        }
        trains
    }
}

impl Part for Effort {
    fn second(&mut self, mix: &mut Mix) -> bool {
        if self.running.is_none() {
            self.running = Some(self.begin(&mix.tissue, &mix.grid));
        }
        let rate_hz = mix.rate_hz as f64;
        self.fire(mix.second, |potential, gain, _, at_s| potential.add(at_s * rate_hz, gain, &mut mix.muscle));
        mix.before(self.start_s + self.course.duration_s())
    }
}
